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
  expect_message(map(x, verbose = TRUE), "Iteration 50: error is [0-9.]+")
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

test_that("bad arguments", {
  expect_error(Rtsne(iris[, 1:4]), "duplicates")
  expect_s3_class(Rtsne(iris[, 1:4], check_duplicates = FALSE, max_iter = 10), "Rtsne")
  expect_error(Rtsne(flowers, perplexity = 60), "perplexity: is 60, too large for 149 points")
  expect_error(Rtsne(flowers, dims = 5), "^dims: ")
  expect_error(Rtsne(flowers, theta = 2), "^theta: ")
  expect_error(Rtsne(flowers, eta = 0), "^eta: ")
  expect_error(Rtsne(flowers, max_iter = 0), "^max_iter: ")
  expect_error(Rtsne(flowers, Y_init = matrix(0, 3, 2)), "^Y_init: ")
  expect_error(Rtsne(flowers, pca = NA), "^pca: want TRUE or FALSE")
  expect_error(Rtsne(letters), "X: want a matrix")
  expect_error(Rtsne(flowers, initial_dims = 0), "^initial_dims: ")
  expect_error(Rtsne_neighbors(1:5, diag(5)), "index: want a matrix")
  expect_error(Rtsne(flowers, is_distance = TRUE), "X: is 149 x 4, want a square matrix")
  bad <- flowers
  bad[1, 1] <- NA
  expect_error(Rtsne(bad), "X: row 1")
  expect_error(Rtsne_neighbors(matrix(0L, 5, 2), matrix(0, 5, 2)), "want 1 to 5")
})
