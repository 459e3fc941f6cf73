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

test_that("a progress function may save the map that its call works on, under other names too", {
  fit <- tsne_fit(flowers, seed = 1, iterations = 20, early_iterations = 20)
  rownames(fit$Y) <- paste0("flower", seq_len(nrow(fit$Y)))
  file <- tempfile(fileext = ".npz")
  save <- function(p) {
    save_model(fit, file)
    FALSE
  }
  predict(fit, flowers[1:5, ], iterations = 2, progress = save, progress_every = 1)
  expect_identical(rownames(load_model(file)$Y), rownames(fit$Y))
})

test_that("a progress function may use the map that its call works on", {
  fit <- tsne_fit(flowers, seed = 1, iterations = 20, early_iterations = 20)
  new <- tsne_partial(fit, flowers[1:20, ])
  file <- tempfile(fileext = ".npz")
  looks <- 0L
  look <- function(p) {
    looks <<- looks + 1L
    if (looks > 6L) return(FALSE)
    print(fit)
    as.matrix(fit)
    save_model(fit, file)
    affinities(fit)
    predict(fit, flowers[1:5, ], iterations = 2)
    tsne_continue(fit, 2)
    tsne_continue(new, 2)
    align(fit, flowers, iterations = 2, early_iterations = 2)
    FALSE
  }
  calls <- list(
    function() predict(fit, flowers[1:20, ], metric = "manhattan", iterations = 20, progress = look, progress_every = 5),
    function() tsne_continue(fit, 20, progress = look, progress_every = 5),
    function() tsne_continue(new, 20, progress = look, progress_every = 5),
    function() align(fit, flowers, iterations = 20, early_iterations = 0, progress = look, progress_every = 5))
  for (one in calls) {
    looks <- 0L
    capture.output(one())
    expect_gt(looks, 0L)
  }
})

test_that("more threads than anybody has", {
  quick <- function(threads) tsne_fit(flowers, seed = 1, iterations = 5, early_iterations = 5, threads = threads)$Y
  expect_identical(quick(1e6), quick(1))
})

test_that("Ctrl-C stops whatever is under way", {
  skip_on_os("windows")
  invisible(gc())
  before <- tsne_library()$handles
  x <- noise(20000, 100)
  fit <- tsne_fit(flowers, iterations = 10)
  wide <- tsne_fit(noise(2000, 300), iterations = 1, early_iterations = 1)
  file <- tempfile(fileext = ".npz")
  save_model(fit, file)
  kept <- tools::md5sum(file)
  # Called again and again, for the signal to find it under way on any machine.
  interrupted <- function(call) {
    tryCatch({
      system(sprintf("(sleep 0.3; kill -INT %d) &", Sys.getpid()))
      repeat call()
    }, interrupt = function(e) "interrupted")
  }
  stop_itself <- function(p) {
    tools::pskill(Sys.getpid(), tools::SIGINT)
    FALSE
  }
  calls <- list(
    function() tsne_fit(x, neighbors = "exact"),
    function() tsne_fit(flowers, iterations = 1e9),
    function() predict(fit, flowers, iterations = 1e9),
    function() neighbors(x, query = x, neighbors = "exact"),
    function() align(fit, flowers, iterations = 1e9),
    function() tsne_reduce(x, 50),
    function() save_model(wide, paste0(file, 2)),
    function() load_model(file))
  for (call in calls) expect_identical(interrupted(call), "interrupted")
  ended <- tryCatch(tsne_fit(flowers, progress = stop_itself), interrupt = function(e) "interrupted")
  expect_identical(ended, "interrupted")
  expect_s3_class(tsne_fit(flowers, iterations = 10), "tsne")
  expect_identical(tools::md5sum(file), kept)
  expect_length(list.files(dirname(file), "[.]tmp$", all.files = TRUE), 0L)
  rm(fit, wide)
  invisible(gc())
  expect_lte(tsne_library()$handles, before)
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
