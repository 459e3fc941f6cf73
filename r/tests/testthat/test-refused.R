test_that("values that are no finite numbers are refused by row and column", {
  x <- flowers
  for (value in c(NA, NaN, Inf, -Inf)) {
    x[3, 2] <- value
    said <- sprintf("^X: row 3 \\('flower3'\\), column 2 \\('Sepal.Width'\\) is %s, want a finite value$", value)
    expect_error(tsne_fit(x), said, class = "tsne_not_finite")
    expect_error(tsne_fit(unname(x)), sprintf("^X: row 3, column 2 is %s", value))
  }
  x[3, 2] <- 1e300
  expect_error(tsne_fit(x), "is 1e\\+300, beyond the 3.403e\\+38 that float32 reaches")
  y <- matrix(1:20, 5)
  y[4, 1] <- NA
  expect_error(tsne_fit(y), "X: row 4, column 1 is NA")
  expect_error(tsne_fit(iris), "X: column 5 \\('Species'\\) is of class factor, want numbers")
  expect_error(tsne_fit("a"), "X: got an object of class character")
  expect_error(tsne_fit(matrix("a", 5, 5)), "X: got an object of class matrix of character")
  expect_error(tsne_fit(NULL), "X: got an object of class NULL")
  expect_error(tsne_fit(matrix(0, 2, 2)), class = "tsne_shape")
  expect_error(tsne_fit(matrix(0, 0, 3)), class = "tsne_error")
  expect_error(tsne_fit(matrix(0, 9, 0)), class = "tsne_error")
})

test_that("a condition has argument, row and column", {
  at <- function(expr) unclass(tryCatch(expr, tsne_error = identity))[c("argument", "row", "column")]
  is_at <- function(expr, argument, row = NA_real_, column = NA_real_) {
    expect_equal(at(expr), list(argument = argument, row = row, column = column))
  }
  x <- flowers
  x[9, 1] <- x[3, 2] <- NaN
  is_at(tsne_fit(x), "X", 3, 2)
  is_at(neighbors(flowers, 5, query = x), "query", 3, 2)
  is_at(Rtsne(x, check_duplicates = FALSE), "X", 3, 2)
  is_at(tsne_fit(flowers, k = 149), "k")
  is_at(tsne_fit(flowers, perplexity = c(5, -1)), "perplexity")
  is_at(tsne_options(theta = 3), "theta") # what R finds
  is_at(tsne_fit(flowers, init = "nowhere"), "init")
  is_at(Rtsne(flowers, check_duplicates = FALSE, eta = 0), "eta")
  near <- neighbors(flowers, 5)
  near$index[4, 2] <- 4
  is_at(tsne_fit(near), "X$index", 4, 2)
  is_at(tsne_fit(flowers[1:3, ]), "X")
  is_at(tsne_fit(flowers, init = matrix(c(1, NA), 149, 2)), "init", 1, 2)
  is_at(affinities_of(-diag(5)), "X", 1, 1)
  fit <- tsne_fit(flowers, iterations = 10)
  is_at(predict(fit, x), "newdata", 3, 2)
  is_at(predict(fit, x[, 4:1]), "newdata", 3, 3) # as the caller has them
  expect_error(predict(fit, x[, 4:1]), "row 3 \\('flower3'\\), column 3 \\('Sepal.Width'\\) is NaN")
  is_at(predict(fit, flowers, placement = matrix(c(1, 1e300), 149, 2)), "placement", 1, 2)
  expect_error(predict(fit, flowers, placement = matrix(c(1, 1e300), 149, 2)), "is 1e\\+300, beyond single precision")
  is_at(procrustes(fit, replace(fit$Y, 160, Inf)), "source", 11, 2)
  is_at(procrustes_maps(list(fit, replace(fit$Y, 1, NaN))), "maps[[2]]", 1, 1)
  bare <- tsne_fit(flowers, iterations = 10, keep_data = FALSE)
  expect_error(predict(bare, flowers), "no data .*; a fit of data with keep_data = TRUE gives it some", class = "tsne_no_data")
})

test_that("options are refused by name", {
  refuses <- function(...) {
    name <- names(list(...))[1L]
    expect_error(tsne_fit(flowers, ...), paste0("^", name, ": "), class = "tsne_error")
  }
  refuses(dims = 4)
  refuses(dims = "2")
  refuses(dims = c(1, 2))
  refuses(dims = 1e300)
  refuses(perplexity = -1)
  refuses(perplexity = NA_real_)
  refuses(perplexity = numeric())
  refuses(init = "none")
  refuses(init = matrix(0, 3, 2))
  refuses(init = matrix(NA_real_, nrow(flowers), 2))
  refuses(metric = "euclid")
  refuses(affinity = NULL)
  refuses(iterations = 1.5)
  refuses(iterations = -1)
  refuses(early_iterations = NA)
  refuses(exaggeration = 0)
  refuses(learning_rate = "fast")
  refuses(momentum = 1)
  refuses(theta = 9)
  refuses(repulsion = "fast")
  refuses(dof = -1)
  refuses(k = -5)
  refuses(keep_data = NA)
  refuses(threads = -1)
  refuses(seed = 1.5)
  refuses(seed = -1)
  refuses(progress = "yes")
  refuses(progress_every = 0)
  expect_error(tsne_fit(flowers, perplexty = 3), "perplexty")
  expect_error(tsne_fit(flowers, options = list()), "options: got an object of class list")
})

test_that("warnings of the library are R's", {
  expect_warning(fit <- tsne_fit(flowers, perplexity = 100, iterations = 10), "perplexity: 100 is too large for 149 points")
  expect_s3_class(fit, "tsne")
  old <- options(warn = 2)
  on.exit(options(old))
  expect_error(tsne_fit(flowers, perplexity = 100, iterations = 10), "perplexity")
})

test_that("graphs are refused by row", {
  nn <- neighbors(flowers, 30)
  bad <- nn
  bad$index[4, 2] <- 0L
  expect_error(tsne_fit(bad), "X\\$index: row 4, column 2 is 0, want 1 to 149", class = "tsne_graph")
  bad$index[4, 2] <- 4L
  expect_error(tsne_fit(bad), "X\\$index: row 4, column 2 is the point itself")
  bad <- nn
  bad$distance[1, 1] <- NA
  expect_error(tsne_fit(bad), "X\\$distance: row 1 \\('flower1'\\), column 1: distance NA")
  bad$distance <- nn$distance[, -1]
  expect_error(affinities(bad), "X: index is 149 x 30, distance is 149 x 29")
  expect_error(tsne_fit(nn, init = "pca"), 'init: "pca" needs data')
  expect_error(affinities_of(diag(3)[, 1:2]), "X: is 3 x 2")
  expect_error(affinities_of(-diag(5)), "^X: row 1, column 1 is -1, want 0 or more")
  expect_error(affinities_of(matrix(1:25, 5)), class = "tsne_graph")
  lopsided <- 1 - diag(4)
  lopsided[1, 3] <- 2
  expect_error(affinities_of(lopsided), "not symmetric: row 1, column 3 is 2 and row 3, column 1", class = "tsne_graph")
  constant <- flowers
  constant[7, ] <- 2
  expect_error(tsne_fit(constant, metric = "correlation"), "row 7 of X is constant")
  expect_error(neighbors(flowers, 149), "^k: ")
  expect_error(neighbors(flowers, 0), "^k: ")
  far <- dist(flowers)
  far[149 + 3] <- NA
  expect_error(tsne_fit(far), "^X: row 2 \\('flower2'\\), column 6 \\('flower6'\\) is NA", class = "tsne_not_finite")
  far[149 + 3] <- -1
  expect_error(neighbors(far, 5), "row 2 \\('flower2'\\), column 6 \\('flower6'\\) is -1", class = "tsne_graph")
  attr(far, "Size") <- 9L
  expect_error(tsne_fit(far), "X: is no whole dist object", class = "tsne_shape")
})

test_that("an error is in the name of what was called, and of the status' class", {
  called <- function(expr) deparse(conditionCall(tryCatch(expr, tsne_error = identity))[[1L]])
  fit <- tsne_fit(flowers, iterations = 10)
  expect_equal(called(tsne_fit("a")), "tsne_fit")
  expect_equal(called(tsne_fit(flowers, perplexity = -1)), "tsne_fit")
  expect_equal(called(tsne_fit(flowers, k = "a")), "tsne_options")
  expect_equal(called(predict(fit, flowers, k = 1e6)), "predict.tsne")
  expect_equal(called(tsne_partial(fit)), "tsne_partial")
  expect_equal(called(tsne_continue(fit, exaggeration = -1)), "tsne_continue")
  expect_equal(called(tsne_continue(3)), "tsne_continue")
  expect_equal(called(load_model(3)), "load_model")
  expect_equal(called(save_model(fit, 3)), "save_model")
  expect_equal(called(save_model(3, "a")), "save_model")
  expect_equal(called(neighbors(flowers, 0)), "neighbors")
  expect_equal(called(affinities(flowers, perplexity = -1)), "affinities")
  expect_equal(called(affinities_of("a")), "affinities_of")
  expect_equal(called(affinities_of_new(-flowers, perplexity = 2)), "affinities_of_new")
  expect_equal(called(tsne_initialize("a")), "tsne_initialize")
  expect_equal(called(tsne_reduce(flowers, 9)), "tsne_reduce")
  expect_equal(called(quality(flowers, fit, 1:3)), "quality")
  expect_equal(called(shared_neighbors(fit, fit, 0)), "shared_neighbors")
  expect_equal(called(align(fit, "a")), "align")
  expect_equal(called(procrustes(fit, "a")), "procrustes")
  expect_equal(called(plot(fit, labels = 1)), "plot.tsne")
  expect_equal(called(tsne_cost(3, flowers)), "tsne_cost")
})

test_that("a model that has not come along says so", {
  fit <- tsne_fit(flowers, iterations = 10)
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(fit, file)
  again <- readRDS(file)
  expect_identical(again$Y, fit$Y)
  expect_error(predict(again, flowers), "object: its model has not come along", class = "tsne_handle")
  expect_error(save_model(again, file), "object: its model has not come along")
  expect_output(print(again), "has not come along")
  p <- affinities(flowers)
  saveRDS(p, file)
  expect_error(tsne_fit(readRDS(file)), "X: its values have not come along")
})

test_that("a forked child gets an error", {
  skip_on_os("windows")
  tsne_fit(flowers, iterations = 10)
  said <- parallel::mclapply(1:2, function(i) tryCatch(tsne_fit(flowers), error = conditionMessage), mc.cores = 2)
  expect_match(said[[1]], "fork")
  expect_match(said[[2]], "fork")
  expect_s3_class(tsne_fit(flowers, iterations = 10), "tsne")
})

test_that("files are refused by name", {
  file <- tempfile(fileext = ".npz")
  on.exit(unlink(file))
  expect_error(load_model(file), class = "tsne_io")
  writeLines("no model", file)
  expect_error(load_model(file), class = "tsne_file")
  expect_error(load_model(3), "file: want one path")
  expect_error(save_model(tsne_fit(flowers, iterations = 10), file.path(file, "x")), class = "tsne_io")
})

test_that("an unknown argument is told with the nearest", {
  error <- expect_error(tsne_fit(flowers, itertions = 5), "itertions: is no argument here, the nearest is iterations",
                        fixed = TRUE)
  expect_s3_class(error, "tsne_option")
  expect_identical(deparse(conditionCall(error)), "tsne_fit(flowers, itertions = 5)")
  fit <- tsne_fit(flowers, iter = 5, seed = 1, early_iter = 5)
  expect_equal(fit$iterations, 10)
  expect_error(predict(fit, flowers, placemen = "median", kk = 3), "kk: is no argument here, the nearest is k", fixed = TRUE)
  error <- expect_error(runTSNE(t(flowers), perplexitty = 5), "perplexitty: is no argument here, the nearest is perplexity",
                        fixed = TRUE)
  expect_identical(deparse(conditionCall(error)), "runTSNE(t(flowers), perplexitty = 5)")
  error <- expect_error(Rtsne(iris), "Remove duplicates")
  expect_identical(deparse(conditionCall(error)), "Rtsne.data.frame(iris)")
})
