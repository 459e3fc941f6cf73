quick <- list(iterations = 40, early_iterations = 30, seed = 3)
of <- function(f, ...) do.call(f, c(list(...), quick))

test_that("a sweep is as many fits over one graph, and its figures are theirs", {
  s <- of(tsne_sweep, flowers, list(8, c(6, 20)), c(1, 3), species)
  expect_identical(s$table$perplexity, c("8", "8", "6+20", "6+20"))
  expect_identical(s$table$exaggeration, c(1, 3, 1, 3))
  near <- neighbors(flowers, 60, seed = 3)
  start <- tsne_initialize(flowers, seed = 3)
  for (i in 1:4) {
    p <- affinities(near, perplexity = list(8, c(6, 20))[[(i + 1) %/% 2]], k = c(24, 60)[(i + 1) %/% 2], seed = 3)
    fit <- of(tsne_fit, p, init = start, exaggeration = s$table$exaggeration[i])
    expect_identical(unname_rows(s$positions[[i]]), unname_rows(fit$Y))
    expect_identical(s$table$kl[i], fit$kl)
    expect_identical(unlist(s$table[i, c("knn", "knc", "cpd")]), unlist(quality(flowers, fit, species, seed = 3)))
    expect_equal(as.matrix(dist(s$maps[[i]])), as.matrix(dist(s$positions[[i]])), tolerance = 1e-4)
  }
  expect_match(s$why, paste0("^perplexity ", gsub("+", "\\+", s$table$perplexity[s$suggested], fixed = TRUE), ", exaggeration"))
  expect_match(s$why, sprintf("%.3f", s$table$knn[s$suggested]), fixed = TRUE)
  expect_output(print(s), s$table$perplexity[3], fixed = TRUE)
  grDevices::pdf(NULL)
  before <- graphics::par("mfrow")
  expect_identical(plot(s), s)
  expect_identical(graphics::par("mfrow"), before)
  grDevices::dev.off()
  expect_named(of(tsne_sweep, flowers, 8)$table, c("perplexity", "exaggeration", "kl", "knn", "cpd"))
})

test_that("a sweep says what it cannot do, before any work", {
  expect_error(tsne_sweep(flowers, numeric()), "^perplexity: ")
  expect_error(tsne_sweep(flowers, 8, numeric()), "^exaggeration: ")
  expect_error(tsne_sweep(flowers, c(8, -1)), "^perplexity: ")
  expect_error(tsne_sweep(flowers, 8, labels = 1:3), "^labels: ")
  expect_error(tsne_sweep(flowers, 8, k = 3), "^k: is not read here")
  expect_error(tsne_sweep(matrix(0, 2e5, 2), 60000), "^memory: 200000 x 2 data need about [0-9]+ MiB", class = "tsne_memory")
})

test_that("a report's code gives the map again, and its hash is of its positions", {
  X <- flowers
  fit <- tsne_fit(X, perplexity = c(10, 30), metric = "cosine", exaggeration = 1.5, iterations = 60, neighbors = "exact",
                  repulsion = "exact")
  r <- tsne_report(fit, species)
  expect_identical(eval(parse(text = r$code))$Y, fit$Y)
  q <- quality(fit, labels = species, metric = "cosine")
  expect_match(r$text, sprintf("%.1f%% of the 10", 100 * q[["knn"]]), fixed = TRUE)
  expect_match(r$text, "149 points of 4 columns")
  expect_length(r$references, 2L)
  expect_length(tsne_report(tsne_fit(X, dof = 0.8, pull = 0.01, iterations = 20))$references, 4L)
  expect_output(print(r), r$code, fixed = TRUE)
  expect_null(tsne_report(tsne_continue(fit, 5))$code)
  expect_null(tsne_report(tsne_fit(X, init = tsne_initialize(X), iterations = 20))$code)
  quick <- tsne_options(iterations = 20, early_iterations = 20, perplexity = 8)
  more <- list(
    tsne_update = tsne_update(fit, X[1:9, ] + 0.01, options = quick),
    tsne_zoom = do.call("tsne_zoom", list(fit, 1:50, options = quick)),
    align = align(fit, X[1:60, ] + 0.01, options = quick),
    tsne_fit_together = libtsne::tsne_fit_together(list(X, X), options = quick)[[2]]
  )
  for (name in names(more)) {
    told <- tsne_report(more[[name]])
    expect_match(told$text, paste0("map of ", name, ", whose fit these settings are of: these data alone do not give it again.$"))
    expect_null(told$code)
  }
  expect_false(grepl("alone", r$text))
  file <- tempfile(fileext = ".npz")
  save_model(fit, file)
  again <- tsne_report(load_model(file))
  expect_null(again$code)
  expect_identical(again$sha256, r$sha256)
  skip_if_not(is.character(r$sha256) && !is.na(r$sha256), "no SHA-256 in this R")
  raw <- tempfile()
  writeBin(c(t(fit$Y)), raw, size = 4L, endian = "little")
  skip_if(Sys.which("sha256sum") == "", "no sha256sum")
  expect_identical(r$sha256, substr(system2("sha256sum", raw, stdout = TRUE), 1L, 64L))
})

test_that("objections have figures, and maps are looked at", {
  expect_identical(tsne_check(tsne_options(), 10000), character())
  expect_match(tsne_check(tsne_options(learning_rate = 1000), 100), "^learning_rate: 1000 is high for 100 .*57 %")
  expect_match(tsne_check(tsne_options(learning_rate = 200), 1e5), "^learning_rate: 200 is low .*22 %")
  expect_match(tsne_check(tsne_options(init = "random"), 5000), "^init: .*0\\.41")
  expect_match(tsne_check(tsne_options(perplexity = c(30, 40000)), 929685), "^perplexity: 40000 .*GiB.*sample")
  expect_match(tsne_check(tsne_options(iterations = 50), 5000), "^iterations: 50 ")
  fit <- tsne_fit(flowers, seed = 1)
  expect_identical(tsne_check(fit), character())
  expect_match(tsne_check(tsne_fit(flowers, seed = 1, iterations = 30)), "still falls: 50 more", all = FALSE)
  fit$Y[1:2, ] <- fit$Y[3:4, ]
  expect_match(tsne_check(fit), "^Y: 4 of 149 points", all = FALSE)
  fit$Y <- fit$Y * 1000
  expect_match(tsne_check(fit), "^Y: the map is [0-9]+ wide", all = FALSE)
  expect_error(tsne_check(3, 10), "^object: ")
  expect_error(tsne_check(tsne_options()), "^n: ")
})
