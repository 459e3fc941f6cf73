# How far to trust a map.

fit <- tsne_fit(flowers, perplexity = 15, seed = 1)

test_that("a diagnosis is a data frame of one row a cell", {
  d <- tsne_diagnose(fit, maps = list(fit, fit$Y[, 2:1] * 3 + 1))
  expect_identical(rownames(d), rownames(flowers))
  expect_named(d, c("recall", "trustworthiness", "continuity", "stretch", "perturbation", "singularity",
                    "reliability", "dubious", "spread"))
  expect_type(d$dubious, "logical")
  expect_lt(max(d$spread), 1e-3)
  expect_identical(tsne_diagnose(fit, threads = 1), tsne_diagnose(fit, threads = 3))
  expect_identical(tsne_diagnose(fit, scores = c("stretch", "recall")), d[c("stretch", "recall")])
})

test_that("what is counted is by the definition", {
  k <- 12
  d <- tsne_diagnose(fit, k = k)
  n <- nrow(flowers)
  ranks <- function(x) t(apply(as.matrix(dist(x)), 1L, rank, ties.method = "min")) - 1
  x <- ranks(flowers)
  y <- ranks(fit$Y)
  near <- x > 0 & x <= k
  near_y <- y > 0 & y <= k
  scale <- 2 / (k * (2 * n - 3 * k - 1))
  expect_lt(mean(abs(d$recall - rowSums(near & near_y) / k)), 0.02) # ties
  expect_lt(mean(abs(d$trustworthiness - (1 - scale * rowSums((x - k) * (near_y & !near))))), 1e-3)
  expect_lt(mean(abs(d$continuity - (1 - scale * rowSums((y - k) * (near & !near_y))))), 1e-3)
})

test_that("new points without a partner lie out of the map", {
  two <- tsne_fit(flowers[species != "setosa", ], perplexity = 15, seed = 1)
  d <- tsne_diagnose(two, flowers)
  expect_true(all(d$out_of_map[species == "setosa"]))
  expect_lt(mean(d$out_of_map[species != "setosa"]), 0.1)
  own <- as.matrix(dist(flowers))
  setosa <- which(species == "setosa")
  kth <- apply(own[setosa, species != "setosa"], 1L, function(v) sort(v)[15])
  expect_equal(d$distance[setosa], unname(kth), tolerance = 1e-5)
})

test_that("bad input is one line", {
  bad <- fit$Y
  bad[3, 2] <- NaN
  refused <- function(says, ...) {
    e <- tryCatch(tsne_diagnose(...), tsne_error = identity)
    expect_s3_class(e, "tsne_error")
    expect_match(conditionMessage(e), says)
    expect_false(grepl("\n", conditionMessage(e)))
  }
  refused("k: got 0, want 1 or more", fit, k = 0)
  refused("k: got 100, want 1 to", fit, k = 100)
  refused("length: got -1, want above 0", fit, length = -1)
  refused("maps\\[\\[2\\]\\]: is 9 x 2, want", fit, maps = list(fit, fit$Y[1:9, ]))
  refused("maps\\[\\[1\\]\\]", fit, maps = list(bad))
  refused('scores: got "trust"', fit, scores = "trust")
  refused("maps: is missing", fit, scores = "spread")
  refused("columns: is of new points", fit, columns = 1:4)
  refused("maps: is of a map", fit, flowers, maps = list(fit))
  refused("newdata", fit, flowers[, 1:3])
  refused("object: got an object of class matrix", fit$Y)
})
