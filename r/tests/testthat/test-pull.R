# Points held, pinned and free.

at <- noise(149, 2) * 20 + 50
quick_pull <- function(...) tsne_fit(flowers, early_iterations = 30, iterations = 60, seed = 1, ...)

test_that("pinned points stay where they are", {
  w <- rep_len(c(Inf, 0, 1), 149)
  fit <- quick_pull(pull = 0.1, pull_y = at, pull_weights = w, pull_frame = "fixed")
  single <- function(y) readBin(writeBin(as.double(y), raw(), size = 4), "double", length(y), size = 4)
  expect_identical(c(fit$Y[is.infinite(w), ]), single(at[is.infinite(w), ]))
  expect_false(any(c(fit$Y[!is.infinite(w), ]) == single(at[!is.infinite(w), ])))
})

test_that("no weight is no pull, and what cannot be pulled is named", {
  free <- quick_pull()
  expect_identical(quick_pull(pull_y = at)$Y, free$Y)
  expect_identical(quick_pull(pull = 1, pull_weights = rep(0, 149))$Y, free$Y)
  expect_false(identical(quick_pull(pull = 1)$Y, free$Y))
  expect_error(quick_pull(pull = 1, pull_y = at[-1, ]), "pull_y: is 148 x 2, want 149 x 2")
  expect_error(quick_pull(pull = 1, pull_weights = 1:3), "pull_weights: has 3 entries, want 149")
  expect_error(quick_pull(pull = 1, pull_weights = c(-1, rep(1, 148))), "pull_weights.*-1 in row 1, want 0 or more")
  expect_error(quick_pull(pull = 1, pull_weights = c(Inf, rep(1, 148))), "pull_frame")
})
