test_that("a SingleCellExperiment gets a map", {
  skip_if_not_installed("SingleCellExperiment")
  set.seed(1)
  counts <- matrix(rpois(200 * 90, rep(c(2, 8), each = 9000)), 200, dimnames = list(paste0("g", 1:200), paste0("c", 1:90)))
  x <- SingleCellExperiment::SingleCellExperiment(list(counts = counts, logcounts = log1p(counts)))
  x <- runTSNE(x, perplexity = 10, seed = 1)
  y <- SingleCellExperiment::reducedDim(x, "TSNE")
  expect_equal(dimnames(y), list(colnames(x), c("TSNE1", "TSNE2")))
  SingleCellExperiment::reducedDim(x, "PCA") <- prcomp(t(log1p(counts)), rank. = 10)$x
  z <- runTSNE(x, n_dimred = 5, perplexity = 10, seed = 1, name = "five", ncomponents = 3)
  expect_equal(SingleCellExperiment::reducedDim(z, "five"),
               tsne_fit(SingleCellExperiment::reducedDim(x, "PCA")[, 1:5], dims = 3, perplexity = 10, seed = 1)$Y,
               ignore_attr = TRUE)
  if (requireNamespace("Matrix", quietly = TRUE)) {
    sparse <- SingleCellExperiment::SingleCellExperiment(list(logcounts = methods::as(log1p(counts), "CsparseMatrix")))
    expect_equal(SingleCellExperiment::reducedDim(runTSNE(sparse, perplexity = 10, seed = 1), "TSNE"), y, tolerance = 1e-4)
  }
  SingleCellExperiment::altExp(x, "few") <- x[1:20, ]
  few <- runTSNE(x, altexp = "few", perplexity = 10, seed = 1, name = "few")
  expect_equal(dim(SingleCellExperiment::reducedDim(few, "few")), c(90L, 2L))
  expect_false(identical(SingleCellExperiment::reducedDim(few, "few"), y))
  counted <- runTSNE(x, dimred = NULL, assay.type = "counts", perplexity = 10, seed = 1)
  expect_identical(counted, runTSNE(x, dimred = NULL, exprs_values = "counts", perplexity = 10, seed = 1))
  even <- x
  SummarizedExperiment::assay(even, "logcounts")[3, ] <- 1
  scaled <- runTSNE(even, dimred = NULL, scale = TRUE, ntop = 200, perplexity = 10, seed = 1)
  parts <- prcomp(t(log1p(counts))[, -3], scale. = TRUE, rank. = 50)$x
  expect_equal(abs(cor(tsne_fit(parts, perplexity = 10, seed = 1)$Y, SingleCellExperiment::reducedDim(scaled, "TSNE")))[c(1, 4)],
               c(1, 1), tolerance = 0.05)
  expect_error(runTSNE(x, altexp = "many"), "altexp: 'many' is not there, want one of 'few'")
  expect_error(runTSNE(x, dimred = "UMAP"), "dimred: 'UMAP' is not there, want one of 'TSNE', 'PCA'")
  expect_error(runTSNE(x, dimred = NULL, exprs_values = "tpm"), "assay.type: 'tpm' is not there")
  expect_error(runTSNE(x, n_dimred = 99), "n_dimred: want whole numbers from 1 to at most 10")
  expect_error(runTSNE(x, perplexity = -1), "^perplexity: ")
})

test_that("a Seurat object gets a map", {
  skip_if_not_installed("SeuratObject")
  x <- RunTSNE(SeuratObject::pbmc_small, dims = 1:5, perplexity = 10)
  y <- SeuratObject::Embeddings(x, "tsne")
  expect_equal(dimnames(y), list(colnames(x), c("tSNE_1", "tSNE_2")))
  pcs <- SeuratObject::Embeddings(x, "pca")
  expect_equal(y, tsne_fit(pcs[, 1:5], perplexity = 10, seed = 1)$Y, ignore_attr = TRUE)
  d <- dist(pcs[, 1:5])
  by_distance <- RunTSNE(x, distance.matrix = as.matrix(d), perplexity = 10)
  expect_identical(SeuratObject::Embeddings(by_distance, "tsne"),
                   SeuratObject::Embeddings(RunTSNE(x, distance.matrix = d, perplexity = 10), "tsne"))
  expect_equal(SeuratObject::Embeddings(by_distance, "tsne"), tsne_fit(d, perplexity = 10, seed = 1)$Y, ignore_attr = TRUE)
  expect_error(RunTSNE(x, distance.matrix = diag(3)), "distance.matrix: is 3 x 3, want 80 x 80")
  few <- function() RunTSNE(x, cells = colnames(x)[1:60], dims = 1:5, perplexity = 10, reduction.name = "few")
  if (packageVersion("SeuratObject") < "5.0.0") {
    expect_error(few(), "cells: before version 5")
  } else {
    expect_equal(rownames(SeuratObject::Embeddings(few(), "few")), colnames(x)[1:60])
  }
  turned <- RunTSNE(x, cells = rev(colnames(x)), dims = 1:5, perplexity = 10, reduction.name = "turned",
                    reduction.key = "turned_")
  expect_setequal(rownames(SeuratObject::Embeddings(turned, "turned")), colnames(x))
  expect_error(RunTSNE(x, cells = "nobody"), "cells: 'nobody' is not there")
  some <- rownames(x)[1:20]
  expect_equal(dim(SeuratObject::Embeddings(RunTSNE(x, features = some, perplexity = 10), "tsne")), c(80L, 2L))
  expect_error(RunTSNE(x, features = "nothing"), "features: 'nothing' is not there")
  expect_error(RunTSNE(x, reduction = "none"), "reduction: 'none' is not there")
  expect_error(RunTSNE(x, dims = 1:99), "dims: want whole numbers from 1 to at most 19")
})

test_that("what users of Rtsne, Seurat and scater write is read as they mean it", {
  read <- function(...) libtsne:::as_options(list(...), quote(f()))
  expect_equal(read(max_iter = 900, stop_lying_iter = 100, num_threads = 3, eta = 50, exaggeration_factor = 5, theta = 0,
                    momentum = 0.4, final_momentum = 0.7, Y_init = 7)[c("early_iterations", "iterations", "threads",
                      "learning_rate", "early_exaggeration", "repulsion", "early_momentum", "momentum", "init")],
               list(early_iterations = 100, iterations = 800, threads = 3, learning_rate = 50, early_exaggeration = 5,
                    repulsion = "exact", early_momentum = 0.4, momentum = 0.7, init = 7))
  expect_equal(read(max_iter = 100), list(early_iterations = 100, iterations = 0))
  expect_equal(read(max_iter = 300, early_iterations = 10), list(early_iterations = 10, iterations = 290))
  expect_equal(read(momentum = 0.6, theta = 0.3), list(momentum = 0.6, theta = 0.3))
  expect_warning(expect_equal(read(fast_tsne_path = "a", k = 7), list(k = 7)), "fast_tsne_path: is ignored, no program is called")
  expect_warning(read(mom_switch_iter = 3), "^mom_switch_iter: is ignored")
  expect_error(read(max_iter = 5, iterations = 7), "max_iter: is given, and so is iterations")
  expect_error(read(eta = 5, learning_rate = 7), "eta: is given, and so is learning_rate")
  expect_error(read(max_iter = 1.5), "max_iter: got 1.5, want 0 or more")
})

test_that("a matrix, distances and a reduction get a reduction of Seurat's", {
  skip_if_not_installed("SeuratObject")
  pcs <- SeuratObject::Embeddings(SeuratObject::pbmc_small, "pca")[, 1:5]
  want <- tsne_fit(pcs, perplexity = 10, seed = 1, iterations = 50)$Y
  ask <- function(x, ...) RunTSNE(x, perplexity = 10, max_iter = 300, num_threads = 2, check_duplicates = FALSE, ...)
  same <- function(x) expect_equal(unname(SeuratObject::Embeddings(x)), unname(want))
  same(ask(pcs, assay = "RNA"))
  same(ask(SeuratObject::pbmc_small[["pca"]], dims = 1:5))
  whole <- ask(SeuratObject::pbmc_small, dims = 1:5)
  same(whole[["tsne"]])
  expect_true(any(grepl("RunTSNE", SeuratObject::Command(whole))))
  expect_equal(ask(dist(pcs), assay = "RNA"), ask(as.matrix(dist(pcs)), assay = "RNA", is_distance = TRUE))
  expect_warning(same(ask(pcs, assay = "RNA", tsne.method = "Rtsne")), "tsne.method: \"Rtsne\" is Seurat's, which is not in use")
  expect_error(RunTSNE(pcs, check_duplicates = TRUE), "X: row 5 ('AGTCAGACTGCACA') is there before", fixed = TRUE)
  expect_error(ask(unname(pcs)), "object: has no names of cells")
  expect_error(RunTSNE("a"), "object: got an object of class character")
  said <- capture.output(ask(pcs, assay = "RNA", verbose = TRUE), type = "message")
  expect_match(said, "iteration 300 of 300", all = FALSE)
})

test_that("matrices and SummarizedExperiments get maps by scater's arguments", {
  skip_if_not_installed("SingleCellExperiment")
  set.seed(2)
  logs <- log1p(matrix(rpois(200 * 90, rep(c(2, 8), each = 9000)), 200, dimnames = list(NULL, paste0("c", 1:90))))
  map <- function(x, ...) unname(runTSNE(x, perplexity = 10, seed = 1, ...))
  want <- map(logs)
  expect_equal(want, unname(tsne_fit(prcomp(t(logs), rank. = 50), perplexity = 10, seed = 1)$Y))
  expect_equal(rownames(runTSNE(logs, perplexity = 10, max_iter = 20)), colnames(logs))
  expect_equal(map(methods::as(logs, "CsparseMatrix")), want)
  expect_identical(map(logs, external_neighbors = TRUE, normalize = TRUE, max_iter = 750, num_threads = 1), want)
  expect_equal(map(t(logs), transposed = TRUE), map(logs, pca = FALSE, ntop = 200, subset_row = 1:200))
  expect_equal(map(logs, initial_dims = 5), unname(tsne_fit(prcomp(t(logs), rank. = 5), perplexity = 10, seed = 1)$Y))
  expect_equal(map(logs, use_fitsne = TRUE), map(logs, repulsion = "fft"))
  plain <- SummarizedExperiment::SummarizedExperiment(list(logcounts = logs))
  made <- runTSNE(plain, perplexity = 10, seed = 1)
  expect_s4_class(made, "SingleCellExperiment")
  expect_identical(unname(SingleCellExperiment::reducedDim(made, "TSNE")), want)
  expect_error(runTSNE("a"), "x: got an object of class character")
  logs[3, 4] <- NA
  expect_error(map(logs, ntop = 200, subset_row = 1:200), "row 4 ('c4'), column 3 is NA", fixed = TRUE)
})
