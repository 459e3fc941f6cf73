X <- as.matrix(unique(iris[, 1:4]))

test_that("a fit is a map", {
  fit <- tsne_fit(X, seed = 1)
  expect_equal(dim(fit$Y), c(149L, 2L))
  expect_equal(rownames(fit$Y), rownames(X))
  expect_equal(fit$iterations, 750)
  expect_true(fit$kl > 0 && fit$kl < 0.5)
})
