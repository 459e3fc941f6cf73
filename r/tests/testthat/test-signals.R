test_that("R's own profiler may run", {
  skip_on_os("windows")
  out <- tempfile()
  path <- tempfile(fileext = ".npz")
  on.exit(Rprof(NULL))
  told <- 0
  for (round in 1:3) {
    Rprof(out, interval = 0.002)
    fit <- tsne_fit(flowers, perplexity = 20, seed = 1, threads = 3, progress = function(p) {
      told <<- told + 1
      # As an interactive session does, in the middle of a call.
      Rprof(NULL)
      Rprof(out, interval = 0.002)
      FALSE
    })
    predict(fit, flowers[1:20, ], iterations = 20)
    save_model(fit, path)
    again <- load_model(path)
    tsne_continue(again, 50)
    Rprof(NULL)
  }
  expect_gt(told, 0)
  expect_gt(length(readLines(out)), 0)
  expect_identical(unname(again$Y), unname(fit$Y))
})
