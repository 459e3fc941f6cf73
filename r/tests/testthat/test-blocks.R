# Blocks of a few rows, that the ends of chunks, blocks and matrix all differ.
in_file <- function(x, chunk = c(7L, ncol(x)), env = parent.frame()) {
  skip_if_not_installed("HDF5Array")
  size <- DelayedArray::getAutoBlockSize()
  suppressMessages(DelayedArray::setAutoBlockSize(8 * ncol(x) * 16))
  do.call(on.exit, list(bquote(suppressMessages(DelayedArray::setAutoBlockSize(.(size)))), add = TRUE), envir = env)
  HDF5Array::writeHDF5Array(x, tempfile(fileext = ".h5"), "x", chunkdim = pmin(chunk, dim(x)), with.dimnames = TRUE)
}

few <- function(x, ...) tsne_fit(x, ..., perplexity = 9, seed = 1, iterations = 5, early_iterations = 5)

same_map <- function(one, two) {
  expect_identical(one$Y, two$Y)
  expect_identical(one$kl, two$kl)
  expect_identical(one$columns, two$columns)
  expect_identical(predict(one, flowers[1:9, ]), predict(two, flowers[1:9, ]))
}

test_that("rows are read as many at a time as a block has, and their map is that of the matrix", {
  for (chunk in list(c(7L, 4L), c(20L, 1L), c(149L, 2L), c(1L, 4L))) {
    h <- in_file(flowers, chunk)
    same_map(few(h), few(flowers))
  }
  expect_identical(few(t(in_file(t(flowers), c(2L, 30L))))$Y, few(flowers)$Y)
  twice <- in_file(flowers) * 2 + 1
  expect_identical(few(twice)$Y, few(flowers * 2 + 1)$Y)
  counts <- round(flowers * 10)
  storage.mode(counts) <- "integer"
  expect_identical(few(in_file(counts))$Y, few(counts)$Y)
  expect_identical(few(in_file(unname(flowers)))$Y, few(unname(flowers))$Y)
  for (metric in c("cosine", "correlation")) {
    expect_identical(few(in_file(flowers), metric = metric)$Y, few(flowers, metric = metric)$Y)
  }
})

test_that("a block is all that there is of the doubles", {
  x <- in_file(flowers)
  sizes <- integer()
  b <- libtsne:::in_blocks(x, "X", NULL)
  at <- 1
  for (end in b$ends) {
    block <- b$take(at, end)
    sizes <- c(sizes, nrow(block))
    expect_identical(block, flowers[at:end, ])
    at <- end + 1
  }
  expect_identical(sizes, c(rep(14L, 10L), 9L))
})

test_that("columns far from zero are counted from where those of a matrix are", {
  far <- sweep(flowers, 2L, c(1e6, 0, -3e7, 1) + pi)
  h <- in_file(far)
  expect_identical(few(h)$Y, few(far)$Y)
  expect_identical(few(h, metric = "correlation")$Y, few(far, metric = "correlation")$Y)
  fit <- few(far)
  expect_identical(predict(fit, h[20:90, ]), predict(fit, far[20:90, ]))
  expect_identical(predict(fit, h[3:3, , drop = FALSE] - 1e6), predict(fit, far[3, , drop = FALSE] - 1e6))
})

test_that("all that takes data takes them in blocks", {
  h <- in_file(flowers)
  fit <- few(flowers)
  new <- flowers[c(30:1, 60:80), c(2, 4, 1, 3)]
  g <- in_file(new)
  expect_identical(predict(fit, g), predict(fit, new))
  expect_identical(predict(fit, g[, 1:3], columns = "shared"), predict(fit, new[, 1:3], columns = "shared"))
  expect_identical(predict(fit, g, columns = c(2, 4, 1, 3)), predict(fit, new, columns = c(2, 4, 1, 3)))
  part <- function(x) tsne_partial(fit, x, iterations = 5, seed = 1)[c("Y", "kl")]
  expect_identical(part(g), part(new))
  expect_identical(tsne_bootstrap(fit, g, 5, seed = 1), tsne_bootstrap(fit, new, 5, seed = 1))
  expect_identical(tsne_diagnose(fit, g), tsne_diagnose(fit, new))
  expect_identical(tsne_update(fit, g)$Y, tsne_update(fit, new)$Y)
  expect_identical(align(fit, g, perplexity = 9, seed = 1)$Y, align(fit, new, perplexity = 9, seed = 1)$Y)
  expect_identical(neighbors(h, 5), neighbors(flowers, 5))
  expect_identical(neighbors(h, 5, query = flowers[1:3, ] + 1), neighbors(flowers, 5, query = flowers[1:3, ] + 1))
  expect_identical(neighbors(h, 5, query = h[1:3, ]), neighbors(flowers, 5, query = flowers[1:3, ]))
  expect_identical(affinities_matrix(affinities(h, seed = 1)), affinities_matrix(affinities(flowers, seed = 1)))
  expect_identical(tsne_initialize(h, seed = 1), tsne_initialize(flowers, seed = 1))
  expect_identical(tsne_reduce(h, 3), tsne_reduce(flowers, 3))
  expect_identical(quality(h, fit, species, seed = 1), quality(flowers, fit, species, seed = 1))
  both <- function(x) lapply(tsne_fit_together(list(x, new), perplexity = 9, seed = 1, iterations = 5), `[[`, "Y")
  expect_identical(both(h), both(flowers))
})

test_that("sparse rows are read as sparse", {
  skip_if_not_installed("DelayedArray")
  set.seed(1)
  x <- as(Matrix::rsparsematrix(120, 80, 0.1), "dgCMatrix")
  h <- DelayedArray::DelayedArray(Matrix::t(x))
  expect_identical(few(t(h))$Y, few(x)$Y)
  expect_identical(tsne_reduce(t(h) * 2, 4), tsne_reduce(x * 2, 4))
  expect_identical(few(t(h) + 1)$Y, few(as.matrix(x) + 1)$Y)
})

test_that("Rtsne() takes blocks", {
  h <- in_file(flowers)
  short <- function(x, ...) {
    set.seed(7)
    Rtsne(x, ..., perplexity = 9, max_iter = 20, stop_lying_iter = 10, mom_switch_iter = 10)
  }
  expect_identical(short(h), short(flowers, partial_pca = TRUE))
  expect_identical(short(h, pca_scale = TRUE), short(flowers, partial_pca = TRUE, pca_scale = TRUE))
  for (normalize in c(TRUE, FALSE)) {
    expect_identical(short(h, pca = FALSE, normalize = normalize), short(flowers, pca = FALSE, normalize = normalize))
  }
  expect_identical(as.matrix(normalize_input(h)), normalize_input(flowers))
  d <- as.matrix(dist(flowers))
  expect_identical(short(in_file(d), is_distance = TRUE), short(d, is_distance = TRUE))
  two <- flowers[c(1:40, 7, 3), ]
  expect_error(short(in_file(two), pca = FALSE), "X: row 41 ('flower7') is there before", fixed = TRUE)
  expect_identical(short(in_file(two), pca = FALSE, check_duplicates = FALSE)$Y,
                   short(two, pca = FALSE, check_duplicates = FALSE)$Y)
  bad <- flowers
  bad[100, 2] <- NA
  for (pca in c(TRUE, FALSE)) {
    expect_error(short(in_file(bad), pca = pca),
                 "missing values in object. X: row 100 ('flower100'), column 2 ('Sepal.Width') is NA", fixed = TRUE)
  }
  expect_error(short(h, pca_center = FALSE), "pca_center: got FALSE, want TRUE for a DelayedMatrix")
  same <- flowers
  same[, 3] <- 2
  expect_error(short(in_file(same), pca_scale = TRUE), "X: column 3 ('Petal.Length') is constant", fixed = TRUE)
})

test_that("runTSNE() takes blocks of cells", {
  skip_if_not_installed("SingleCellExperiment")
  set.seed(2)
  x <- matrix(rpois(60 * 90, 4 + 3 * rep(c(0, 1), each = 30)), 60, 90,
              dimnames = list(paste0("gene", 1:60), paste0("cell", 1:90)))
  x[5, ] <- 3
  x <- log1p(x)
  h <- in_file(x, c(60L, 10L))
  short <- function(x, ...) runTSNE(x, ..., perplexity = 9, max_iter = 20, seed = 1)
  # With partial_pca a matrix is reduced as blocks are.
  expect_identical(short(h, ntop = 30), short(x, ntop = 30, partial_pca = TRUE))
  expect_identical(short(h, ntop = 30, pca = FALSE), short(x, ntop = 30, pca = FALSE))
  expect_identical(short(h, pca = FALSE, scale = TRUE), short(x, pca = FALSE, scale = TRUE))
  expect_identical(short(h, subset_row = 3:20, scale = TRUE), short(x, subset_row = 3:20, scale = TRUE, partial_pca = TRUE))
  expect_identical(short(t(h), transposed = TRUE), short(t(x), transposed = TRUE))
  sparse <- Matrix::Matrix(x * (x > 2), sparse = TRUE)
  expect_identical(short(DelayedArray::DelayedArray(sparse), pca = FALSE), short(sparse, pca = FALSE))
  of <- function(x, ...) {
    sce <- SingleCellExperiment::SingleCellExperiment(list(logcounts = x), reducedDims = list(PCA = t(x)[, 1:20]))
    SingleCellExperiment::reducedDim(short(sce, ...), "TSNE")
  }
  expect_identical(of(h), of(x))
  expect_identical(of(h, n_dimred = 7), of(x, n_dimred = 7))
  expect_identical(of(h, dimred = NULL, pca = FALSE), of(x, dimred = NULL, pca = FALSE))
  expect_error(short(in_file(cbind(x, x[, 4])), check_duplicates = TRUE, pca = FALSE), "X: row 91 .* is there before")
})

test_that("what is wrong in a block is named by its row", {
  bad <- flowers
  bad[97, 3] <- NaN
  h <- in_file(bad)
  name <- rownames(flowers)[97]
  error <- expect_error(few(h), sprintf("X: row 97 ('%s'), column 3 ('Petal.Length') is NaN", name), fixed = TRUE)
  expect_s3_class(error, "tsne_not_finite")
  expect_identical(c(error$row, error$column), c(97, 3))
  expect_error(predict(few(flowers), h[90:99, ]), "newdata: row 8 .* is NaN")
  bad[97, 3] <- 1e300
  expect_error(few(in_file(bad)), "row 97 .* is 1e[+]300, beyond the 3.403e[+]38 that float32 reaches")
  words <- in_file(matrix("a", 9, 2))
  expect_error(few(words), "X: got an object of class matrix of character, want a matrix or data frame of numbers")
  gone <- in_file(flowers)
  b <- libtsne:::in_blocks(gone, "X", quote(f()))
  unlink(DelayedArray::path(gone))
  error <- expect_error(few(gone), "X: can not be read: ")
  expect_error(b$take(1, 14), "X: rows 1 to 14 can not be read: ")
  expect_s3_class(error, "tsne_io")
  expect_false(grepl("\n", conditionMessage(error), fixed = TRUE))
})
