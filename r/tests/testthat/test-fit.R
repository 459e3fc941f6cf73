test_that("a fit is a map", {
  fit <- tsne_fit(flowers, seed = 1)
  expect_s3_class(fit, "tsne")
  expect_equal(dimnames(fit$Y), list(rownames(flowers), c("tSNE1", "tSNE2")))
  expect_equal(fit$iterations, 750)
  expect_false(fit$stopped)
  expect_equal(tsne_cost(affinities(fit), fit)$kl, fit$kl, tolerance = 1e-3)
  expect_equal(ncol(tsne_fit(flowers, dims = 1, iterations = 50)$Y), 1)
  expect_equal(ncol(tsne_fit(flowers, dims = 3, iterations = 50)$Y), 3)
})

test_that("set.seed() decides, and only if there is no seed", {
  map <- function(...) tsne_fit(flowers, init = "random", iterations = 50, ...)$Y
  set.seed(7)
  a <- map()
  b <- map()
  set.seed(7)
  expect_identical(map(), a)
  expect_false(identical(a, b))
  set.seed(7)
  one <- runif(1)
  set.seed(7)
  expect_identical(map(seed = 3), map(seed = 3))
  expect_identical(runif(1), one)
})

test_that("the map is the same on any number of threads", {
  x <- noise(3000, 20)
  expect_identical(tsne_fit(x, seed = 1, iterations = 100, threads = 1)$Y,
                   tsne_fit(x, seed = 1, iterations = 100, threads = 3)$Y)
})

test_that("matrices, integers and data frames are the same data", {
  a <- tsne_fit(flowers, seed = 1, iterations = 50)$Y
  expect_identical(tsne_fit(as.data.frame(flowers), seed = 1, iterations = 50)$Y, a)
  whole <- round(flowers * 10)
  b <- whole
  storage.mode(b) <- "integer"
  expect_identical(tsne_fit(b, seed = 1, iterations = 50)$Y, tsne_fit(whole, seed = 1, iterations = 50)$Y)
  expect_null(rownames(tsne_fit(unname(flowers), seed = 1, iterations = 50)$Y))
  expect_null(dimnames(neighbors(unname(flowers), 3)$index))
  expect_null(rownames(tsne_fit(data.frame(noise(20, 3)), perplexity = 5, iterations = 5)$Y))
  logical <- whole > 15
  expect_identical(tsne_initialize(logical, seed = 1), tsne_initialize(logical + 0, seed = 1))
  expect_equal(tsne_initialize(Matrix::Matrix(flowers), seed = 1), tsne_initialize(flowers, seed = 1))
})

test_that("rows are rows: neighbours are those that R finds", {
  nn <- neighbors(flowers, 5, neighbors = "exact")
  d <- as.matrix(dist(flowers))
  diag(d) <- Inf
  expect_equal(unname(nn$distance), unname(t(apply(d, 1, function(r) sort(r)[1:5]))), tolerance = 1e-5)
  expect_equal(d[cbind(c(row(nn$index)), c(nn$index))], c(nn$distance), tolerance = 1e-5)
})

test_that("the cost is that of the definition", {
  p <- affinities(flowers, perplexity = 20)
  y <- noise(nrow(flowers), 2)
  cost <- tsne_cost(p, y)
  P <- as.matrix(affinities_matrix(p))
  expect_equal(sum(P), 1, tolerance = 1e-5)
  w <- 1 / (1 + as.matrix(dist(y))^2)
  diag(w) <- 0
  each <- ifelse(P > 0, P * log(P / (w / sum(w))), 0)
  expect_equal(cost$kl, sum(each), tolerance = 1e-4)
  expect_equal(cost$points, unname(rowSums(each)), tolerance = 1e-3)
  moved <- y
  moved[5, 2] <- moved[5, 2] + 1e-2
  back <- y
  back[5, 2] <- back[5, 2] - 1e-2
  slope <- (tsne_cost(p, moved)$kl - tsne_cost(p, back)$kl) / 2e-2
  expect_equal(cost$gradient[5, 2], slope, tolerance = 1e-2)
  w <- (1 + as.matrix(dist(y))^2 / 3)^-3
  diag(w) <- 0
  each <- ifelse(P > 0, P * log(P / (w / sum(w))), 0)
  expect_equal(tsne_cost(p, y, dof = 3)$points, unname(rowSums(each)), tolerance = 1e-3)
})

test_that("affinities of both kinds of uniform", {
  k <- 10
  nn <- neighbors(flowers, k, neighbors = "exact")$index
  one_way <- matrix(0, nrow(flowers), nrow(flowers))
  one_way[cbind(c(row(nn)), c(nn))] <- 1
  p <- function(kind) as.matrix(affinities_matrix(affinities(flowers, affinity = kind, k = k, neighbors = "exact")))
  mean <- one_way + t(one_way)
  expect_equal(p("uniform"), mean / sum(mean), tolerance = 1e-5)
  expect_equal(p("uniform_max"), (mean > 0) / sum(mean > 0), tolerance = 1e-5)
  fit <- tsne_fit(flowers, affinity = "uniform_max", k = k, seed = 1, iterations = 50)
  expect_output(print(summary(fit)), "affinity: uniform_max")
})

test_that("graphs and affinities give the map of their data", {
  start <- tsne_initialize(flowers, init = "random", seed = 2)
  opts <- function(...) tsne_options(perplexity = 20, init = start, seed = 1, iterations = 100, neighbors = "exact", ...)
  want <- tsne_fit(flowers, options = opts())
  p <- affinities(flowers, perplexity = 20, neighbors = "exact")
  expect_identical(tsne_fit(p, options = opts())$Y, unname_rows(want$Y))
  nn <- neighbors(flowers, 60, neighbors = "exact")
  near <- function(fit) expect_equal(fit$kl, want$kl, tolerance = 0.1)
  near(tsne_fit(nn, options = opts()))
  near(tsne_fit(unclass(nn), options = opts()))
  near(tsne_fit(affinities_of(affinities_matrix(p)), options = opts()))
  near(tsne_fit(affinities_of(as.matrix(affinities_matrix(p))), options = opts()))
})

test_that("distances give the map of their data", {
  start <- tsne_initialize(flowers, init = "random", seed = 2)
  opts <- tsne_options(perplexity = 20, init = start, seed = 1, iterations = 100, neighbors = "exact")
  want <- tsne_fit(flowers, options = opts)
  fit <- tsne_fit(dist(flowers), options = opts)
  expect_equal(fit$kl, want$kl, tolerance = 0.1)
  expect_equal(rownames(fit$Y), rownames(flowers))
  expect_equal(neighbors(dist(flowers), 5)$distance, neighbors(flowers, 5)$distance, tolerance = 1e-5)
  expect_identical(dimnames(neighbors(dist(flowers), 5)$index), list(rownames(flowers), NULL))
  expect_equal(dim(tsne_fit(eurodist, perplexity = 5)$Y), c(21L, 2L))
})

test_that("starts", {
  p <- affinities(flowers, perplexity = 20)
  y <- tsne_initialize(p, init = "spectral", seed = 1)
  expect_identical(tsne_initialize(p, init = "spectral", seed = 1), y)
  expect_equal(dimnames(y), list(NULL, c("tSNE1", "tSNE2")))
  bare <- unname(tsne_initialize(p))
  P <- as.matrix(affinities_matrix(p))
  r <- 1 / sqrt(rowSums(P))
  second <- eigen(P * r * rep(r, each = nrow(P)), symmetric = TRUE)$vectors[, 2] * r
  expect_equal(abs(cor(bare[, 1], second)), 1, tolerance = 1e-3)
  start <- tsne_initialize(flowers, init = "random", seed = 2)
  expect_equal(rownames(start), rownames(flowers))
  expect_error(tsne_cost(p, start[-1, ]), "Y: has 148 rows, want 149", class = "tsne_shape")
  expect_error(tsne_options(threads = 1e10), "threads: got 1e\\+10, want at most 2147483647")
})

test_that("sparse data are reduced", {
  skip_if_not_installed("Matrix")
  set.seed(1)
  x <- Matrix::rsparsematrix(300, 80, 0.1)
  reduced <- tsne_reduce(x, 5, seed = 1)
  s <- svd(as.matrix(x), 5, 5)
  expect_equal(abs(unname(reduced)), abs(s$u %*% diag(s$d[1:5])), tolerance = 1e-2)
  fit <- tsne_fit(x, seed = 1, iterations = 50)
  expect_equal(dim(fit$Y), c(300L, 2L))
  expect_error(predict(fit, x), "object: its data are a reduction of a sparse matrix")
  for (class in c("TsparseMatrix", "RsparseMatrix")) {
    expect_identical(tsne_reduce(methods::as(x, class), 5, seed = 1), reduced)
  }
  pattern <- methods::as(x, "nMatrix")
  expect_identical(tsne_reduce(pattern, 5, seed = 1), tsne_reduce(methods::as(pattern, "dMatrix"), 5, seed = 1))
  x@x[5] <- NA
  expect_error(tsne_reduce(x), "X: row [0-9]+, column 1 is NA")
})

test_that("principal components are prcomp's", {
  x <- noise(200, 30)
  expect_equal(abs(unname(tsne_reduce(x, 4, seed = 1))), abs(unname(prcomp(x, rank. = 4)$x)), tolerance = 1e-3)
})

test_that("a map goes on, and the one before stays", {
  start <- tsne_initialize(flowers)
  whole <- tsne_fit(flowers, init = start, iterations = 150, seed = 1)
  half <- tsne_fit(flowers, init = start, iterations = 100, seed = 1)
  kept <- half$Y
  further <- tsne_continue(half, 50)
  expect_identical(further$Y, whole$Y)
  expect_equal(further$iterations, 400)
  expect_identical(half$Y, kept)
  expect_identical(tsne_continue(half, 50)$Y, whole$Y)
})

test_that("print, summary and plot", {
  fit <- tsne_fit(flowers, seed = 1, metric = "cosine", perplexity = 20)
  expect_output(print(fit), "t-SNE map of 149 points in 2 dimensions\nKL divergence 0\\.[0-9]+ after 750")
  expect_output(print(summary(fit)), "metric: cosine")
  expect_output(print(summary(fit)), "perplexity: 20")
  expect_output(print(affinities(fit)), "affinities of 149 points")
  pdf(NULL)
  on.exit(dev.off())
  expect_invisible(plot(fit, labels = species))
  expect_error(plot(fit, labels = species[-1]), "labels: has 148 entries, want 149")
  expect_invisible(plot(tsne_fit(flowers, dims = 3, iterations = 10)))
  expect_invisible(plot(tsne_fit(flowers, dims = 1, iterations = 10), labels = species))
  expect_identical(as.matrix(fit), fit$Y)
})

test_that("distances that are all the same give a map", {
  for (dims in 1:3) {
    fit <- tsne_fit(as.dist(1 - diag(100)), dims = dims, seed = 1, iterations = 200)
    expect_true(all(is.finite(fit$Y)) && max(abs(fit$Y)) < 100)
  }
})

test_that("a map that would diverge stays as it is", {
  fit <- tsne_fit(flowers, seed = 1, iterations = 50)
  before <- fit$Y
  expect_error(tsne_continue(fit, 30, learning_rate = 1e38, max_step_norm = 0), "diverged", class = "tsne_option")
  expect_identical(fit$Y, before)
  file <- tempfile(fileext = ".npz")
  on.exit(unlink(file))
  save_model(fit, file)
  expect_identical(unname(load_model(file)$Y), unname(before))
})
