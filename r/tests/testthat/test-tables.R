test_that("principal components are embedded by their scores", {
  few <- function(x) tsne_fit(x, seed = 1, iterations = 20, early_iterations = 20)
  parts <- prcomp(flowers)
  expect_identical(few(parts)$Y, few(parts$x)$Y)
  parts <- princomp(flowers)
  expect_identical(few(parts)$Y, few(parts$scores)$Y)
  expect_error(few(prcomp(flowers, retx = FALSE)), "X: are principal components without scores")
  fit <- few(prcomp(flowers))
  new <- predict(fit, predict(prcomp(flowers), flowers[3:1, ]), k = 1)
  expect_equal(new, fit$Y[3:1, ])
})

test_that("names of rows and columns are kept", {
  few <- function(x) tsne_fit(x, perplexity = 9, seed = 1, iterations = 5, early_iterations = 5)
  some <- iris[c(90:60, 1:30), 1:4]
  fit <- few(some)
  expect_identical(rownames(fit$Y), as.character(c(90:60, 1:30)))
  expect_identical(rownames(predict(fit, some[5:1, ])), row.names(some)[5:1])
  expect_null(rownames(few(data.frame(flowers, row.names = NULL))$Y))
  expect_identical(rownames(few(mtcars)$Y), row.names(mtcars))
  expect_identical(fit$columns, names(some))
  file <- tempfile(fileext = ".npz")
  save_model(fit, file)
  expect_identical(load_model(file)$columns, names(some))
  bad <- some
  bad[3, 2] <- NA
  expect_error(few(bad), "X: row 3 ('88'), column 2 ('Sepal.Width') is NA", fixed = TRUE)
})

test_that("maps are data frames", {
  fit <- tsne_fit(flowers, seed = 1, iterations = 5, early_iterations = 5)
  y <- as.data.frame(fit)
  expect_identical(dimnames(y), list(rownames(flowers), c("tSNE1", "tSNE2")))
  expect_identical(as.matrix(y), fit$Y)
  new <- tsne_partial(fit, flowers[1:5, ])
  expect_identical(as.matrix(as.data.frame(new)), new$Y)
})

test_that("ggplot2 takes a map", {
  skip_if_not_installed("ggplot2")
  library(ggplot2)
  fit <- tsne_fit(flowers, seed = 1, iterations = 5, early_iterations = 5)
  both <- fortify(fit, iris[kept, ])
  expect_identical(names(both), c("tSNE1", "tSNE2", names(iris)))
  expect_identical(row.names(both), rownames(flowers))
  drawn <- function(p) ggplot_build(p)$data[[1L]]
  expect_equal(drawn(ggplot(fit, aes(tSNE1, tSNE2)) + geom_point())$x, unname(fit$Y[, 1]))
  by_name <- drawn(autoplot(fit, iris[kept, ], colour = "Species"))
  expect_equal(cbind(by_name$x, by_name$y), unname(fit$Y))
  expect_equal(length(unique(by_name$colour)), 3L)
  expect_identical(drawn(autoplot(fit, colour = species))$colour, by_name$colour)
  expect_identical(drawn(autoplot(fit, colour = as.character(species)))$colour, by_name$colour)
  expect_gt(length(unique(drawn(autoplot(fit, colour = flowers[, 1]))$colour)), 10L)
  expect_equal(length(unique(drawn(autoplot(fit))$colour)), 1L)
  line <- tsne_fit(flowers, dims = 1, seed = 1, iterations = 5, early_iterations = 5)
  expect_equal(drawn(autoplot(line))$x, unname(line$Y[, 1]))
  expect_error(autoplot(fit, colour = "Species"), "colour: 'Species' is not there")
  expect_error(autoplot(fit, colour = 1:3), "colour: has 3 entries, want 149")
  expect_error(fortify(fit, iris), "data: has 150 rows, want 149")
  expect_error(autoplot(tsne_fit(flowers, dims = 3, iterations = 5)), "object: has 3 columns")
})

test_that("what is to be cited is the paper, and the package", {
  said <- citation("libtsne")
  expect_match(format(said[1], style = "text"), "art of using t-SNE")
  expect_match(format(said[2], style = "text"), as.character(packageVersion("libtsne")), fixed = TRUE)
})
