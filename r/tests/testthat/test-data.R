near <- function(X, k = 10) neighbors(X, k, threads = 2)$index
recall <- function(a, b) mean(vapply(seq_len(nrow(a)), function(i) mean(a[i, ] %in% b[i, ]), 0))
blobs <- local({
  set.seed(1)
  centres <- matrix(rnorm(5 * 6, sd = 6), 5)
  matrix(rnorm(300 * 6), 300) + centres[rep_len(1:5, 300), ]
})

test_that("where zero is does not matter", {
  truth <- near(blobs)
  for (off in c(1e8, -1e9)) {
    expect_gt(recall(truth, near(blobs + off)), 0.99)
    found <- neighbors(blobs + off, 10, query = blobs[1:20, ] + off)$index
    expect_identical(found[, 1], 1:20)
  }
  # A clock in milliseconds beside other columns.
  clock <- blobs
  clock[, 2] <- clock[, 2] + 1.7e12
  expect_gt(recall(truth, near(clock)), 0.99)
  fit <- tsne_fit(blobs + 1e9, seed = 1, iterations = 150, early_iterations = 100)
  expect_gt(quality(fit)[["knn"]], 0.9 * quality(tsne_fit(blobs, seed = 1, iterations = 150, early_iterations = 100))[["knn"]])
  placed <- predict(fit, blobs[1:20, ] + 1e9, k = 1)
  expect_equal(unname(placed), unname(fit$Y[1:20, ]))
  file <- tempfile(fileext = ".npz")
  save_model(fit, file)
  again <- load_model(file)
  expect_identical(predict(again, blobs[1:20, ] + 1e9, k = 1), placed)
  expect_lt(max(abs(.Call(libtsne:::C_data, again$model)$value - (blobs + 1e9))), 1e-5)
})

test_that("names of columns come back with a model", {
  X <- blobs
  colnames(X) <- c("a", "b", "\u00e4\u00f6", "d", "e", "f g")
  fit <- tsne_fit(X, seed = 1, iterations = 50, early_iterations = 20)
  file <- tempfile(fileext = ".npz")
  save_model(fit, file)
  again <- load_model(file)
  expect_identical(again$columns, colnames(X))
  want <- predict(fit, X[1:9, ])
  expect_identical(predict(again, X[1:9, 6:1]), want)
  expect_error(predict(again, X[1:9, -3]), "column '\u00e4\u00f6' of the map's data is not there")
  expect_identical(tsne_continue(again, 1)$columns, colnames(X))
  moved <- align(again, X[, 6:1], seed = 1, iterations = 5, early_iterations = 5)
  save_model(moved, file)
  expect_identical(load_model(file)$columns, colnames(X))
  save_model(tsne_fit(unname(X), seed = 1, iterations = 5, early_iterations = 5), file)
  expect_null(load_model(file)$columns)
})
