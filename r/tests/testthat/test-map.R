odd <- seq(1, nrow(flowers), 2)
half <- tsne_fit(flowers[odd, ], perplexity = 20, seed = 1)
rest <- flowers[-odd, ]

test_that("a new point is at the median of its nearest", {
  y <- predict(half, rest, k = 5)
  d <- as.matrix(dist(flowers))[-odd, odd]
  by_hand <- t(apply(d, 1, function(r) apply(half$Y[order(r)[1:5], ], 2, median)))
  # Ties of the fifth nearest leave the choice open.
  clear <- apply(d, 1, function(r) diff(sort(r)[5:6]) > 1e-5)
  expect_gt(sum(clear), 50)
  expect_equal(y[clear, ], by_hand[clear, ], tolerance = 1e-5)
  expect_equal(rownames(y), rownames(rest))
  expect_identical(transform(half, rest, k = 5), y)
  expect_identical(predict(half), half$Y)
  expect_equal(nrow(predict(half, rest[0, ])), 0)
})

test_that("columns are matched by name", {
  y <- predict(half, rest)
  expect_identical(predict(half, rest[, c(3, 1, 4, 2)]), y)
  expect_identical(predict(half, as.data.frame(rest)[, 4:1]), y)
  expect_identical(predict(half, cbind(rest, extra = 1)), y)
  expect_identical(unname(predict(half, unname(rest))), unname(y))
  expect_error(predict(half, rest[, -2]), "newdata: column 'Sepal.Width' of the map's data is not there")
  some <- predict(half, rest[, c(4, 1)], columns = "shared")
  expect_identical(predict(half, unname(rest[, c(1, 4)]), columns = c(1, 4)), unname_rows(some))
  expect_false(identical(some, y))
  expect_error(predict(half, rest, columns = 1:9), "columns: entry 5 is 5, want 1 to 4")
  expect_error(predict(half, rest, columns = 1:3), "columns: has 3 entries, want 4")
  expect_error(predict(half, rest, columns = "all"), "^columns: ")
  expect_error(predict(half, unname(rest[, 1:3])), class = "tsne_shape")
  bad <- rest
  bad[2, 1] <- NA
  expect_error(predict(half, bad), "newdata: row 2 \\('flower4'\\), column 1 \\('Sepal.Length'\\) is NA")
})

test_that("refinement moves, in batches or at once", {
  at <- predict(half, rest)
  refined <- predict(half, rest, iterations = 100, seed = 1)
  expect_false(identical(at, refined))
  expect_identical(rbind(predict(half, rest[1:30, ], iterations = 100, seed = 1),
                         predict(half, rest[-(1:30), ], iterations = 100, seed = 1)), refined)
  expect_equal(predict(half, rest, placement = at), at)
  expect_error(predict(half, rest, placement = at[-1, ]), "placement: is 73 x 2, want 74 x 2")
  expect_error(predict(half, rest, k = 0), "^k: ")
  bare <- tsne_fit(flowers, keep_data = FALSE, iterations = 10)
  expect_error(predict(bare, rest), class = "tsne_no_data")
})

test_that("the bootstrap samples around the placement", {
  b <- tsne_bootstrap(half, rest, 30, seed = 1)
  expect_equal(dim(b$samples), c(nrow(rest), 2, 30))
  expect_identical(b$Y, predict(half, rest, seed = 1))
  away <- sqrt(apply((b$samples - c(b$Y))^2, c(1, 3), sum))
  inside <- rowMeans(away <= b$radius * (1 + 1e-5))
  expect_true(all(inside >= 0.9))
  expect_error(tsne_bootstrap(half, rest, 0), "^b: ")
})

test_that("an aligned map agrees with its reference", {
  other <- align(half, rest, perplexity = 20, seed = 1)
  expect_s3_class(other, "tsne")
  expect_true(other$disparity < 0.5 && other$overlap > 0.3)
  centre <- function(y, s) apply(y, 2, tapply, s, mean)
  a <- centre(half$Y, species[odd])
  b <- centre(other$Y, species[-odd])
  nearest <- apply(b, 1, function(p) which.min(colSums((t(a) - p)^2)))
  expect_equal(unname(nearest["setosa"]), 1)
  expect_equal(dim(predict(other, flowers[odd, ])), c(75L, 2L))
  expect_error(align(half, rest, perplexity = 20, dims = 3), "^dims: ")
})

test_that("a superposition is the best rotation", {
  y <- noise(50, 2)
  angle <- 0.7
  turn <- matrix(c(cos(angle), sin(angle), -sin(angle), cos(angle)), 2)
  target <- 3 * y %*% turn + 5
  s <- procrustes(target, y, scale = TRUE)
  expect_equal(s$disparity, 0, tolerance = 1e-6)
  expect_equal(s$scale, 3, tolerance = 1e-5)
  expect_equal(s$Y, target, tolerance = 1e-5)
  expect_equal(predict(s, y[1:3, ]), target[1:3, ], tolerance = 1e-5)
  mirrored <- procrustes(y, cbind(-y[, 1], y[, 2]))
  expect_true(mirrored$reflected)
  expect_equal(mirrored$disparity, 0, tolerance = 1e-6)
  expect_gt(procrustes(y, cbind(-y[, 1], y[, 2]), reflection = FALSE)$disparity, 0.1)
  z <- y + noise(50, 2, seed = 2)
  a <- sweep(y, 2, colMeans(y))
  b <- sweep(z, 2, colMeans(z))
  expect_equal(procrustes(y, z, scale = TRUE)$disparity, 1 - (sum(svd(crossprod(a, b))$d)^2) / (sum(a^2) * sum(b^2)),
               tolerance = 1e-4)
  l <- rep(c("a", "b", "c", NA, "d"), 10)
  expect_equal(procrustes(target[1:20, ], y[1:20, ], TRUE, target_labels = l[1:20], source_labels = l[1:20])$Y,
               target[1:20, ], tolerance = 1e-4)
  expect_error(procrustes(y, z[-1, ]), "source: has 49 rows, target has 50")
  expect_error(procrustes(y, z, target_labels = l), "source_labels: is missing")
  all <- procrustes_maps(list(first = target, second = y), scale = TRUE, to_first = TRUE)
  expect_equal(all$maps$second, target, tolerance = 1e-4)
  expect_equal(length(all$disparity), 2)
  expect_error(procrustes_maps(list(y, z[-1, ])), "maps\\[\\[2\\]\\]: is 49 x 2, want 50 x 2")
})

test_that("quality is the paper's", {
  fit <- tsne_fit(flowers, seed = 1)
  q <- quality(flowers, fit, species, seed = 1)
  nearest <- function(x) t(apply(as.matrix(dist(x)) + diag(Inf, nrow(x)), 1, function(r) order(r)[1:10]))
  a <- nearest(flowers)
  b <- nearest(fit$Y)
  knn <- mean(vapply(seq_len(nrow(a)), function(i) length(intersect(a[i, ], b[i, ])), 0)) / 10
  expect_equal(q[["knn"]], knn, tolerance = 0.02)
  expect_equal(q[["cpd"]], cor(c(dist(flowers)), c(dist(fit$Y)), method = "spearman"), tolerance = 0.01)
  expect_true(q[["knc"]] >= 0 && q[["knc"]] <= 1)
  expect_identical(quality(fit, labels = species, seed = 1), q)
  expect_true(is.nan(quality(fit)[["knc"]]))
  expect_error(quality(flowers, fit, species[-1]), "labels: has 148 entries, want 149")
  expect_equal(shared_neighbors(fit, fit), 1)
})

test_that("a saved model goes on with the same bits", {
  file <- tempfile("m\u00fcller", fileext = ".npz")
  on.exit(unlink(file))
  expect_invisible(save_model(half, file))
  again <- load_model(file)
  expect_identical(unname(again$Y), unname(half$Y))
  expect_equal(again$kl, half$kl)
  expect_equal(again$iterations, 750)
  expect_identical(predict(again, rest, iterations = 20, seed = 1), predict(half, rest, iterations = 20, seed = 1))
  expect_identical(unname(tsne_continue(again, 20)$Y), unname(tsne_continue(half, 20)$Y))
})
