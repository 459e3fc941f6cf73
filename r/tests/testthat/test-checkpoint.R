test_that("a fit that was stopped goes on from its checkpoint", {
  file <- tempfile(fileext = ".npz")
  fit <- function(...) tsne_fit(flowers, early_iterations = 30, iterations = 60, seed = 1, checkpoint_every = 10, ...)
  stopped <- fit(checkpoint = file, progress_every = 5, progress = function(at) at$iteration == 45)
  expect_lt(stopped$iterations, 90)
  expect_true(file.exists(file))
  expect_error(tsne_fit(flowers[149:1, ], early_iterations = 30, iterations = 60, seed = 1, checkpoint = file),
               "checkpoint: .* is of another X", class = "tsne_option")
  again <- fit(checkpoint = file, threads = 2)
  expect_identical(again$Y, fit()$Y)
  expect_false(file.exists(file))
  expect_error(fit(checkpoint = 5), "checkpoint: want one path")
})
