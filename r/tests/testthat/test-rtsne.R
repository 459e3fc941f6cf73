test_that("arguments and the returned list are Rtsne's", {
  set.seed(1)
  out <- Rtsne(flowers)
  expect_s3_class(out, "Rtsne")
  expect_named(out, c("N", "Y", "costs", "itercosts", "origD", "perplexity", "theta", "max_iter", "stop_lying_iter",
                      "mom_switch_iter", "momentum", "final_momentum", "eta", "exaggeration_factor"))
  expect_equal(length(out$itercosts), 20)
  expect_equal(sum(out$costs), out$itercosts[20], tolerance = 1e-2)
  expect_equal(out$N, 149)
  expect_equal(out$origD, 4)
  set.seed(1)
  expect_identical(Rtsne(flowers, num_threads = 2)$Y, out$Y)
  expect_equal(length(Rtsne(flowers, max_iter = 120)$itercosts), 3)
})

test_that("Rtsne has the same arguments and results", {
  skip_if_not_installed("Rtsne")
  for (name in c("Rtsne.default", "Rtsne_neighbors", "normalize_input")) {
    expect_identical(names(formals(getFromNamespace(name, "libtsne"))), names(formals(getFromNamespace(name, "Rtsne"))))
  }
  expect_equal(normalize_input(flowers), Rtsne::normalize_input(flowers), ignore_attr = TRUE)
  # Theirs by its method: the generic would find ours, in whose namespace tests run.
  theirs <- getFromNamespace("Rtsne.default", "Rtsne")
  start <- noise(149, 2) * 1e-2
  args <- list(flowers, pca = FALSE, theta = 0, Y_init = start, max_iter = 1, stop_lying_iter = 0, mom_switch_iter = 0, eta = 10)
  want <- do.call(theirs, args)
  got <- do.call(Rtsne, args)
  expect_identical(sort(names(got)), sort(names(want)))
  expect_equal(got$Y - start, want$Y - start, tolerance = 1e-4)
  expect_equal(got$costs, want$costs, tolerance = 1e-4)
  expect_equal(got$itercosts, want$itercosts, tolerance = 1e-4)
  args <- list(flowers, pca = FALSE, Y_init = start, max_iter = 500, stop_lying_iter = 100, mom_switch_iter = 100)
  for (theta in c(0, 0.5)) {
    args$theta <- theta
    expect_equal(do.call(Rtsne, args)$itercosts[10], do.call(theirs, args)$itercosts[10], tolerance = 0.1)
  }
})

test_that("the PCA is that of prcomp, in part or whole", {
  start <- noise(149, 2) * 1e-2
  map <- function(x, ...) Rtsne(x, Y_init = start, max_iter = 50, normalize = FALSE, check_duplicates = FALSE, ...)$itercosts
  x <- noise(149, 30)
  want <- map(prcomp(x, scale. = TRUE)$x[, 1:5], pca = FALSE)
  expect_equal(map(x, initial_dims = 5, pca_scale = TRUE), want, tolerance = 1e-3)
  expect_equal(map(x, initial_dims = 5, pca_scale = TRUE, partial_pca = TRUE), want, tolerance = 1e-2)
})

test_that("data frames and neighbours", {
  start <- noise(149, 2) * 1e-2
  a <- Rtsne(as.data.frame(flowers), pca = FALSE, normalize = FALSE, Y_init = start, max_iter = 100, theta = 0.2)
  nn <- neighbors(flowers, 90)
  b <- Rtsne_neighbors(nn$index, nn$distance, Y_init = start, max_iter = 100, theta = 0.2)
  expect_equal(b$itercosts[2], a$itercosts[2], tolerance = 0.1)
  expect_equal(Rtsne(iris[kept, ], max_iter = 50)$origD, 7)
})

test_that("distances", {
  start <- noise(149, 2) * 1e-2
  for (theta in c(0, 0.5)) {
    a <- Rtsne(flowers, pca = FALSE, normalize = FALSE, Y_init = start, max_iter = 100, theta = theta)
    b <- Rtsne(dist(flowers), Y_init = start, max_iter = 100, theta = theta)
    expect_equal(b$itercosts[2], a$itercosts[2], tolerance = 0.1)
    expect_identical(Rtsne(as.matrix(dist(flowers)), is_distance = TRUE, Y_init = start, max_iter = 100, theta = theta)$Y, b$Y)
  }
})

test_that("verbose prints how far it is, as Rtsne does", {
  out <- capture.output(invisible(Rtsne(flowers, verbose = TRUE, max_iter = 120)))
  plain <- gsub("[0-9.]+ seconds", "0 seconds", gsub("(error is|sparsity =) [0-9.]+", "\\1 0", out))
  expect_equal(plain, c(
    "Performing PCA", "Read the 149 x 4 data matrix successfully!",
    "Using no_dims = 2, perplexity = 30.000000, and theta = 0.500000", "Computing input similarities...",
    "Done in 0 seconds (sparsity = 0)!", "Learning embedding...",
    "Iteration 50: error is 0 (50 iterations in 0 seconds)", "Iteration 100: error is 0 (50 iterations in 0 seconds)",
    "Iteration 120: error is 0 (20 iterations in 0 seconds)", "Fitting performed in 0 seconds."))
  expect_silent(Rtsne(flowers, max_iter = 20))
})

test_that("a sparse matrix is reduced without being made dense", {
  x <- matrix(rpois(120 * 80, 0.4), 120)
  sparse <- methods::as(x, "CsparseMatrix")
  start <- noise(120, 2) * 1e-2
  map <- function(...) Rtsne(..., Y_init = start, max_iter = 50)
  expect_identical(map(sparse, initial_dims = 20), map(tsne_reduce(sparse, 20), pca = FALSE))
  expect_identical(map(sparse, pca = FALSE), map(x, pca = FALSE))
  expect_identical(map(methods::as(sparse, "TsparseMatrix"))$Y, map(sparse)$Y)
  expect_error(map(sparse, pca_scale = TRUE), "pca_scale: got TRUE, want FALSE for a sparse matrix")
  sparse[3, 4] <- NA
  expect_error(map(sparse), "row 3, column 4 is NA")
})

# What scripts look for is Rtsne's sentence; what is wrong follows it.
test_that("bad arguments are refused in Rtsne's words", {
  says <- function(..., class = "tsne_option") expect_error(..., fixed = TRUE, class = class)
  says(Rtsne(iris[, 1:4]), "Remove duplicates before running TSNE. X: row 143 ('143') is there before")
  expect_s3_class(Rtsne(iris[, 1:4], check_duplicates = FALSE, max_iter = 10), "Rtsne")
  says(Rtsne(flowers, perplexity = 60), "perplexity is too large for the number of samples: 60 for 149, want at most 49.3")
  says(Rtsne(flowers, dims = 5), "dims should be either 1, 2 or 3, got 5")
  says(Rtsne(flowers, theta = 2), "theta should lie in [0, 1], got 2")
  says(Rtsne(flowers, eta = 0), "eta should be a positive number, got 0")
  says(Rtsne(flowers, max_iter = 1.5), "number of iterations should be a positive integer: max_iter: got 1.5")
  says(Rtsne(flowers, Y_init = matrix(0, 3, 2)), "incorrect format for Y_init: is 3 x 2, want 149 x 2", class = "tsne_shape")
  says(Rtsne(flowers, Y_init = 1), "incorrect format for Y_init: is of class numeric", class = "tsne_shape")
  says(Rtsne(flowers, pca_scale = 2), "pca_center and pca_scale should be TRUE or FALSE: pca_scale: got 2")
  says(Rtsne(flowers, pca = NA), "pca: want TRUE or FALSE")
  says(Rtsne(letters), "Input X is not a matrix, got an object of class character")
  says(Rtsne(flowers, initial_dims = 0), "Incorrect initial dimensionality. initial_dims: got 0")
  says(Rtsne(flowers, num_threads = -1), "Incorrect number of threads. num_threads: got -1")
  says(Rtsne_neighbors(1:5, diag(5)), "Input index is not a matrix, got an object of class integer")
  says(Rtsne_neighbors(diag(5), 1:5), class = "tsne_shape",
       "index and distance matrices should have the same dimensions: index is 5 x 5, distance is of class integer")
  says(Rtsne_neighbors(matrix(9L, 5, 2), matrix(0, 5, 2)), class = "tsne_graph",
       "invalid indices. index: row 1, column 1 is 9, want 1 to 5")
  says(Rtsne(flowers, is_distance = TRUE), "Input is not an accepted distance matrix: X is 149 x 4", class = "tsne_shape")
  says(Rtsne(flowers, is_distance = 3), "is_distance should be a logical variable, got 3")
  bad <- iris[kept, ]
  bad[7, 5] <- NA
  said <- "missing values in object. X: row 7 ('7'), column 5 ('Species') is NA"
  says(Rtsne(bad), said, class = "tsne_not_finite")
  bad[3, 2] <- NaN
  said <- "missing values in object. X: row 3 ('3'), column 2 ('Sepal.Width') is NaN"
  says(Rtsne(as.matrix(bad[, 1:4])), said, class = "tsne_not_finite")
  bad[3, 2] <- Inf
  says(Rtsne(as.matrix(bad[, 1:4])), "X: row 3 ('3'), column 2 ('Sepal.Width') is Inf", class = "tsne_not_finite")
  at <- tryCatch(Rtsne(bad), error = identity)
  expect_identical(list(at$argument, at$row, at$column), list("X", 7L, 5L))
})

test_that("2^31 values are refused where R's own PCA does not take them", {
  x <- seq_len(2^31 + 2^16) # which R does not lay out in memory
  dim(x) <- c(2^16, 2^15 + 1)
  expect_error(libtsne:::rtsne_pca(x, 50, FALSE, TRUE, FALSE, NULL, NULL),
               "partial_pca: got FALSE, want TRUE for 2^31 values or more", fixed = TRUE)
})
