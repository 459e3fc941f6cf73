test_that("a progress function is told, and may stop the fit", {
  seen <- list()
  fit <- tsne_fit(flowers, progress = function(p) seen[[length(seen) + 1L]] <<- p, progress_every = 100)
  stages <- vapply(seen, `[[`, "", "stage")
  expect_true("optimize" %in% stages)
  last <- seen[[length(seen)]]
  expect_equal(last$iterations, 750)
  expect_equal(dim(last$Y), dim(fit$Y))
  stopped <- tsne_fit(flowers, progress = function(p) p$iteration >= 100, progress_every = 10)
  expect_true(stopped$stopped)
  expect_lt(stopped$iterations, 200)
  expect_equal(tsne_continue(stopped, 10)$iterations, stopped$iterations + 10)
  said <- testthat::capture_messages(tsne_fit(flowers, progress = TRUE))
  expect_match(said, "iteration 50 of 750, KL divergence", all = FALSE)
})

test_that("an error in a progress function is the caller's", {
  expect_error(tsne_fit(flowers, progress = function(p) stop("of mine")), "of mine")
  expect_s3_class(tsne_fit(flowers, iterations = 10), "tsne")
})

test_that("a progress function may fit", {
  inner <- NULL
  tsne_fit(flowers, iterations = 50, progress = function(p) {
    if (is.null(inner)) inner <<- tsne_fit(flowers, seed = 1, iterations = 10)
    FALSE
  })
  expect_identical(inner$Y, tsne_fit(flowers, seed = 1, iterations = 10)$Y)
})

test_that("Ctrl-C stops a fit while neighbours are searched, and while it is optimised", {
  skip_on_os("windows")
  x <- noise(40000, 100)
  signal <- function() system(sprintf("(sleep 0.3; kill -INT %d) &", Sys.getpid()))
  signal()
  ended <- tryCatch(tsne_fit(x, neighbors = "exact"), interrupt = function(e) "interrupted")
  expect_identical(ended, "interrupted")
  signal()
  ended <- tryCatch(tsne_fit(flowers, iterations = 1e9), interrupt = function(e) "interrupted")
  expect_identical(ended, "interrupted")
  ended <- tryCatch(tsne_fit(flowers, progress = function(p) {
    tools::pskill(Sys.getpid(), tools::SIGINT)
    FALSE
  }), interrupt = function(e) "interrupted")
  expect_identical(ended, "interrupted")
  fit <- tsne_fit(flowers, iterations = 10)
  expect_s3_class(fit, "tsne")
  signal()
  ended <- tryCatch(predict(fit, flowers, iterations = 1e9), interrupt = function(e) "interrupted")
  expect_identical(ended, "interrupted")
  signal()
  ended <- tryCatch(neighbors(x, query = x, neighbors = "exact"), interrupt = function(e) "interrupted")
  expect_identical(ended, "interrupted")
})

test_that("handles are freed", {
  invisible(gc())
  before <- tsne_library()$handles
  for (i in 1:100) {
    fit <- tsne_fit(flowers, iterations = 1, early_iterations = 0)
    p <- affinities(fit)
    try(tsne_fit(flowers, perplexity = -1), silent = TRUE)
    expect_lt(tsne_library()$handles, before + 40)
  }
  rm(fit, p)
  invisible(gc())
  expect_lte(tsne_library()$handles, before)
})
