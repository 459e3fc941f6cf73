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
