odd <- seq(1, nrow(flowers), 2)
half <- tsne_fit(flowers[odd, ], perplexity = 20, seed = 1)
rest <- flowers[-odd, ]

test_that("a new point is at the median of its nearest", {
  y <- predict(half, rest, k = 5)
  d <- as.matrix(dist(flowers))[-odd, odd]
  by_hand <- t(apply(d, 1, function(r) apply(half$Y[order(r)[1:5], ], 2, median)))
  # Ties of the fifth nearest leave the choice open.
  clear <- apply(d, 1, function(r) diff(sort(r)[5:6]) > 1e-5)
  expect_gt(sum(clear), 50)
  expect_equal(y[clear, ], by_hand[clear, ], tolerance = 1e-5)
  expect_equal(rownames(y), rownames(rest))
  expect_identical(transform(half, rest, k = 5), y)
  expect_identical(predict(half), half$Y)
  expect_equal(nrow(predict(half, rest[0, ])), 0)
})

test_that("columns are matched by name", {
  y <- predict(half, rest)
  expect_identical(predict(half, rest[, c(3, 1, 4, 2)]), y)
  expect_identical(predict(half, as.data.frame(rest)[, 4:1]), y)
  expect_identical(predict(half, cbind(rest, extra = 1)), y)
  expect_identical(unname(predict(half, unname(rest))), unname(y))
  expect_error(predict(half, rest[, -2]), "newdata: column 'Sepal.Width' of the map's data is not there")
  some <- predict(half, rest[, c(4, 1)], columns = "shared")
  expect_identical(predict(half, unname(rest[, c(1, 4)]), columns = c(1, 4)), unname_rows(some))
  expect_false(identical(some, y))
  expect_error(predict(half, rest, columns = 1:9), "columns: entry 5 is 5, want 1 to 4")
  expect_error(predict(half, rest, columns = 1:3), "columns: has 3 entries, want 4")
  expect_error(predict(half, rest, columns = "all"), "^columns: ")
  expect_error(predict(half, unname(rest), columns = "shared"), "columns: newdata has no column names")
  expect_error(predict(half, rest[, c(1, 1, 2, 3)]), "'Sepal.Length' is there twice")
  other <- rest
  colnames(other) <- letters[1:4]
  expect_error(predict(half, other, columns = "shared"), "newdata: no column name is one of the map's data")
  expect_error(predict(half, unname(rest[, 1:3])), "newdata: has 3 columns, want 4", class = "tsne_shape")
  expect_error(align(half, unname(rest[, 1:3])), "X: has 3 columns, want 4", class = "tsne_shape")
  expect_identical(predict(half, Matrix::Matrix(rest, sparse = TRUE)), y)
  bad <- rest
  bad[2, 1] <- NA
  expect_error(predict(half, bad), "newdata: row 2 \\('flower4'\\), column 1 \\('Sepal.Length'\\) is NA")
})

test_that("refinement moves, in batches or at once", {
  at <- predict(half, rest)
  refined <- predict(half, rest, iterations = 100, seed = 1)
  expect_false(identical(at, refined))
  expect_identical(rbind(predict(half, rest[1:30, ], iterations = 100, seed = 1),
                         predict(half, rest[-(1:30), ], iterations = 100, seed = 1)), refined)
  expect_equal(predict(half, rest, placement = at), at)
  expect_error(predict(half, rest, placement = at[-1, ]), "placement: is 73 x 2, want 74 x 2")
  expect_error(predict(half, rest, k = -1), "^k: ")
  bare <- tsne_fit(flowers, keep_data = FALSE, iterations = 10)
  expect_error(predict(bare, rest), class = "tsne_no_data")
})

test_that("what draws new points are the conditional affinities of their neighbours", {
  near <- neighbors(flowers[odd, ], 30, query = rest)
  expect_s3_class(near, "tsne_query")
  expect_equal(rownames(near$index), rownames(rest))
  d <- as.matrix(dist(flowers))[-odd, odd]
  expect_equal(unname(near$distance), unname(t(apply(d, 1, function(r) sort(r)[1:30]))), tolerance = 1e-5)
  expect_equal(d[cbind(c(row(near$index)), c(near$index))], c(near$distance), tolerance = 1e-5)
  expect_equal(unname(neighbors(flowers, 1, query = flowers)$distance), matrix(0, nrow(flowers), 1))
  expect_equal(dim(neighbors(flowers[odd, ], 3, query = rest[0, ])$index), c(0L, 3L))
  expect_equal(ncol(neighbors(flowers[1:10, ], 10, query = rest)$index), 10)

  p <- affinities_of_new(near, perplexity = 10)
  expect_equal(dim(p), c(nrow(rest), length(odd)))
  expect_equal(unname(Matrix::rowSums(p)), rep(1, nrow(rest)), tolerance = 1e-6)
  entropy <- apply(as.matrix(p), 1, function(r) -sum(r[r > 0] * log(r[r > 0])))
  expect_equal(unname(exp(entropy)), rep(10, nrow(rest)), tolerance = 1e-3)
  expect_equal(p, affinities_matrix(tsne_partial(half, rest, perplexity = 10)), tolerance = 1e-4)
  mixed <- affinities_of_new(near, perplexity = c(2, 10), affinity = "multiscale")
  expect_equal(mixed, affinities_matrix(tsne_partial(half, rest, perplexity = c(2, 10), affinity = "multiscale")),
               tolerance = 1e-4)
  expect_equal(affinities_of_new(near, perplexity = c(2, 10)),
               (affinities_of_new(near, perplexity = 2) + p) / 2, tolerance = 1e-5)
  even <- affinities_of_new(near, affinity = "uniform")
  expect_equal(even@x, rep(1 / 30, length(even@x)), tolerance = 1e-6)
  expect_equal(even, affinities_matrix(tsne_partial(half, rest, affinity = "uniform_max", affinity_k = 30)), tolerance = 1e-6)
  fixed <- affinities_of_new(near, affinity = "fixed_sigma", sigma = 0.5)
  want <- exp(-near$distance^2 / (2 * 0.5^2))
  expect_equal(fixed[cbind(c(row(want)), c(near$index))], c(want / rowSums(want)), tolerance = 1e-5)
  expect_equal(affinities_of_new(d, affinity = "fixed_sigma", sigma = 0.1)[, near$index[1, 1]],
               (function(w) w[, near$index[1, 1]] / rowSums(w))(exp(-d^2 / 0.02)), tolerance = 1e-4)

  expect_error(tsne_fit(near), "X: got an object of class tsne_query")
  expect_error(neighbors(dist(flowers), 3, query = rest), "^query: ")
  expect_error(neighbors(flowers, 3, query = rest[, -1]), "query: has 3 columns, X has 4", class = "tsne_shape")
  expect_error(neighbors(flowers, 150, query = rest), "^k: ", class = "tsne_option")
  expect_error(affinities_of_new(near, affinity = "fixed_sigma"), "^sigma: ", class = "tsne_option")
  expect_warning(affinities_of_new(near, perplexity = 40), "^perplexity: ")
  expect_error(affinities_of_new(unclass(near)[c("index", "distance")]), "X: want n among its entries", class = "tsne_shape")
  expect_identical(affinities_of_new(unclass(near)), affinities_of_new(near))
  near$index[2, 3] <- 76L
  expect_error(affinities_of_new(near), "X\\$index: row 2, column 3 is 76, want 1 to 75", class = "tsne_graph")
  near$index[2, 3] <- 2L
  near$distance[2, 3] <- -1
  expect_error(affinities_of_new(near), class = "tsne_graph")
})

test_that("new points are drawn by affinities that are given", {
  at <- predict(half, rest)
  points <- tsne_partial(half, rest, iterations = 60, perplexity = c(3, 12), affinity = "multiscale", seed = 1)
  p <- affinities_matrix(points)
  given <- tsne_partial(half, affinities = p, placement = at, iterations = 60)
  # P goes through double and back; what remains is the order of a row's sum.
  expect_equal(given$Y, points$Y, tolerance = 1e-4)
  expect_equal(rownames(given$Y), rownames(rest))
  expect_equal(given$kl, points$kl, tolerance = 1e-4)
  expect_equal(affinities_matrix(given), p)
  expect_identical(tsne_partial(half, affinities = as.matrix(3 * p), placement = at, iterations = 60)$iterations, 60)
  expect_equal(tsne_partial(half, affinities = 3 * p, placement = at, iterations = 60)$Y, given$Y, tolerance = 1e-3)
  bare <- tsne_fit(flowers[odd, ], perplexity = 20, seed = 1, keep_data = FALSE)
  expect_identical(tsne_partial(bare, affinities = p, placement = at, iterations = 60)$Y, given$Y)

  for (k in c(1, 4, 5, 1e6)) {
    by_hand <- t(apply(as.matrix(p), 1, function(r) {
      near <- utils::head(order(-r), min(k, sum(r > 0)))
      apply(half$Y[near, , drop = FALSE], 2, median)
    }))
    expect_equal(tsne_partial(half, affinities = p, k = k)$Y, by_hand, tolerance = 1e-6)
  }
  expect_equal(tsne_partial(half, affinities = p[4, , drop = FALSE], k = 3)$Y,
               tsne_partial(half, affinities = p, k = 3)$Y[4, , drop = FALSE])
  y <- tsne_partial(half, affinities = p, k = 1e6, placement = "weighted")$Y
  expect_equal(unname(y), unname(as.matrix(p %*% half$Y)), tolerance = 1e-5)
  expect_equal(dim(tsne_partial(half, affinities = p[0, ])$Y), c(0L, 2L))

  expect_error(tsne_partial(half, rest, affinities = p), "^newdata: want either")
  expect_error(tsne_partial(half), "^newdata: want either")
  expect_error(tsne_partial(half, affinities = p, columns = 1:4), "^columns: ")
  expect_error(tsne_partial(half, affinities = p[, -1]), "affinities: has 74 columns, want 75", class = "tsne_shape")
  bad <- p
  bad[3, ] <- 0
  expect_error(tsne_partial(half, affinities = bad), "row 3", class = "tsne_graph")
  expect_error(tsne_partial(half, affinities = bad, placement = at), "row 3", class = "tsne_graph")
  expect_error(tsne_partial(half, affinities = -p, placement = at), "row 1", class = "tsne_graph")
  bad <- p
  bad@x[1] <- NaN
  expect_error(tsne_partial(half, affinities = bad), "^affinities: row [0-9]+ .* is NaN", class = "tsne_not_finite")
  bad@x[1] <- 1
  bad@i[1] <- 900L
  expect_error(tsne_partial(half, affinities = bad), "^affinities: is no valid sparse matrix", class = "tsne_graph")
  expect_error(tsne_partial(half, affinities = p, k = -1), "^k: ")
})

test_that("new points go on, and stop where they are told to", {
  two <- tsne_partial(half, rest, early_iterations = 20, early_exaggeration = 3, iterations = 40)
  expect_identical(tsne_continue(tsne_partial(half, rest, early_iterations = 20, early_exaggeration = 3), 40)$Y, two$Y)
  whole <- tsne_partial(half, rest, iterations = 60)
  expect_false(identical(whole$Y, two$Y))
  part <- tsne_partial(half, rest, iterations = 40)
  kept <- part$Y
  further <- tsne_continue(part, 20)
  expect_s3_class(further, "tsne_partial")
  expect_identical(further$Y, whole$Y)
  expect_equal(further$iterations, 60)
  expect_identical(part$Y, kept)
  expect_identical(as.matrix(whole), predict(half, rest, iterations = 60))
  expect_output(print(whole), "74 new points on a t-SNE map of 75 in 2 dimensions\nmean divergence [0-9.]+ after 60")
  stopped <- tsne_partial(half, rest, iterations = 1e6, progress = function(p) p$iteration >= 100, progress_every = 50)
  expect_true(stopped$stopped)
  expect_lt(stopped$iterations, 200)
  expect_identical(stopped$Y, predict(half, rest, iterations = stopped$iterations))
  expect_error(tsne_continue(part, -1), "^iterations: ")
  expect_error(tsne_continue(rest), "object: got an object of class matrix")
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(part, file)
  expect_output(print(readRDS(file)), "only the places are here")
  expect_error(tsne_continue(readRDS(file), 5), "object: its state has not come along", class = "tsne_handle")
  expect_error(predict(half, rest, perplexity = "5"), "^perplexity: ")
  expect_error(predict(half, rest, perplexity = c(3, -1), iterations = 1), "^perplexit", class = "tsne_option")
  expect_error(predict(half, rest, affinity = "gauss"), "^affinity: ")
  expect_error(predict(half, rest, affinity = "fixed_sigma", iterations = 1), "^sigma: ")
  expect_error(predict(half, rest, affinity_k = 76), "^affinity_k: ")
})

test_that("the bootstrap samples around the placement", {
  b <- tsne_bootstrap(half, rest, 30, seed = 1)
  expect_equal(dim(b$samples), c(nrow(rest), 2, 30))
  expect_identical(b$Y, predict(half, rest, seed = 1))
  away <- sqrt(apply((b$samples - c(b$Y))^2, c(1, 3), sum))
  inside <- rowMeans(away <= b$radius * (1 + 1e-5))
  expect_true(all(inside >= 0.9))
  expect_error(tsne_bootstrap(half, rest, 0), "^b: ")
})

test_that("an aligned map agrees with its reference", {
  other <- align(half, rest, perplexity = 20, seed = 1)
  expect_s3_class(other, "tsne")
  expect_true(other$disparity < 0.5 && other$overlap > 0.3)
  centre <- function(y, s) apply(y, 2, tapply, s, mean)
  a <- centre(half$Y, species[odd])
  b <- centre(other$Y, species[-odd])
  nearest <- apply(b, 1, function(p) which.min(colSums((t(a) - p)^2)))
  expect_equal(unname(nearest["setosa"]), 1)
  expect_equal(dim(predict(other, flowers[odd, ])), c(75L, 2L))
  expect_error(align(half, rest, perplexity = 20, dims = 3), "^dims: ")
})

test_that("the default k is no more than a reference has, and one that is given is refused", {
  few <- tsne_fit(flowers[odd[1:6], ], perplexity = 1.5, seed = 1, iterations = 20, early_iterations = 5)
  expect_identical(predict(few, rest), predict(few, rest, k = 6))
  other <- align(few, rest, perplexity = 10, seed = 1, iterations = 20, early_iterations = 5)
  expect_equal(dim(other$Y), dim(rest[, 1:2]))
  expect_error(align(few, rest, placement = transform_options(k = 10)), "^k: ")
})

test_that("a superposition is the best rotation", {
  y <- noise(50, 2)
  angle <- 0.7
  turn <- matrix(c(cos(angle), sin(angle), -sin(angle), cos(angle)), 2)
  target <- 3 * y %*% turn + 5
  s <- procrustes(target, y, scale = TRUE)
  expect_equal(s$disparity, 0, tolerance = 1e-6)
  expect_equal(s$scale, 3, tolerance = 1e-5)
  expect_equal(s$Y, target, tolerance = 1e-5)
  expect_equal(predict(s, y[1:3, ]), target[1:3, ], tolerance = 1e-5)
  mirrored <- procrustes(y, cbind(-y[, 1], y[, 2]))
  expect_true(mirrored$reflected)
  expect_equal(mirrored$disparity, 0, tolerance = 1e-6)
  expect_gt(procrustes(y, cbind(-y[, 1], y[, 2]), reflection = FALSE)$disparity, 0.1)
  z <- y + noise(50, 2, seed = 2)
  a <- sweep(y, 2, colMeans(y))
  b <- sweep(z, 2, colMeans(z))
  expect_equal(procrustes(y, z, scale = TRUE)$disparity, 1 - (sum(svd(crossprod(a, b))$d)^2) / (sum(a^2) * sum(b^2)),
               tolerance = 1e-4)
  l <- rep(c("a", "b", "c", NA, "d"), 10)
  expect_equal(procrustes(target[1:20, ], y[1:20, ], TRUE, target_labels = l[1:20], source_labels = l[1:20])$Y,
               target[1:20, ], tolerance = 1e-4)
  expect_error(procrustes(y, z[-1, ]), "source: has 49 rows, target has 50")
  expect_error(procrustes(y, z, target_labels = l), "source_labels: is missing")
  all <- procrustes_maps(list(first = target, second = y), scale = TRUE, to_first = TRUE)
  expect_equal(all$maps$second, target, tolerance = 1e-4)
  expect_equal(length(all$disparity), 2)
  expect_error(procrustes(y, z[, 1, drop = FALSE]), "source: has 1 columns, target has 2", class = "tsne_shape")
  expect_error(procrustes(y, z, target_labels = l[-1], source_labels = l), "target_labels: has 49 entries", class = "tsne_shape")
  expect_identical(predict(s), s$Y)
  expect_error(predict(s, y[, 1, drop = FALSE]), "newdata: has 1 columns, want 2", class = "tsne_shape")
  expect_error(procrustes_maps(y), "^maps: want a list")
  expect_error(procrustes_maps(list(y, z[-1, ])), "maps\\[\\[2\\]\\]: is 49 x 2, want 50 x 2")
})

test_that("quality is the paper's", {
  fit <- tsne_fit(flowers, seed = 1)
  q <- quality(flowers, fit, species, seed = 1)
  nearest <- function(x) t(apply(as.matrix(dist(x)) + diag(Inf, nrow(x)), 1, function(r) order(r)[1:10]))
  a <- nearest(flowers)
  b <- nearest(fit$Y)
  knn <- mean(vapply(seq_len(nrow(a)), function(i) length(intersect(a[i, ], b[i, ])), 0)) / 10
  expect_equal(q[["knn"]], knn, tolerance = 0.02)
  expect_equal(q[["cpd"]], cor(c(dist(flowers)), c(dist(fit$Y)), method = "spearman"), tolerance = 0.01)
  expect_true(q[["knc"]] >= 0 && q[["knc"]] <= 1)
  expect_identical(quality(fit, labels = species, seed = 1), q)
  expect_true(is.nan(quality(fit)[["knc"]]))
  expect_error(quality(flowers, fit, species[-1]), "labels: has 148 entries, want 149")
  expect_equal(shared_neighbors(fit, fit), 1)
  expect_error(quality(flowers[-1, ], fit), "Y: has 149 rows, X has 148", class = "tsne_shape")
  expect_error(shared_neighbors(fit, fit$Y[-1, ]), "b: is 148 x 2, a is 149 x 2", class = "tsne_shape")
})

test_that("a saved model goes on with the same bits", {
  file <- tempfile("m\u00fcller", fileext = ".npz")
  on.exit(unlink(file))
  expect_invisible(save_model(half, file))
  again <- load_model(file)
  expect_identical(unname(again$Y), unname(half$Y))
  expect_equal(again$kl, half$kl)
  expect_equal(again$iterations, 750)
  expect_identical(predict(again, rest, iterations = 20, seed = 1), predict(half, rest, iterations = 20, seed = 1))
  expect_identical(unname(tsne_continue(again, 20)$Y), unname(tsne_continue(half, 20)$Y))
})
