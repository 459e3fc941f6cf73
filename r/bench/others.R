# Objects and lists of other packages, and what those packages make of ours:
#   Rscript r/bench/others.R
# wants Seurat, scater, scuttle and BiocNeighbors (Debian: r-cran-seurat
# r-bioc-scater r-bioc-biocneighbors). It stops where something does not fit.
suppressPackageStartupMessages({
  library(Seurat)
  library(scater)
  library(BiocNeighbors)
  library(libtsne)
})
pdf(NULL)

x <- SeuratObject::pbmc_small
ours <- libtsne::RunTSNE(x, dims = 1:5, perplexity = 10)
theirs <- Seurat::RunTSNE(x, dims = 1:5, perplexity = 10, check_duplicates = FALSE)
stopifnot(
  identical(dimnames(Embeddings(ours, "tsne")), dimnames(Embeddings(theirs, "tsne"))),
  identical(Key(ours[["tsne"]]), Key(theirs[["tsne"]])),
  identical(DefaultAssay(ours[["tsne"]]), DefaultAssay(theirs[["tsne"]])),
  inherits(DimPlot(ours, reduction = "tsne"), "ggplot"),
  identical(setdiff(names(formals(getFromNamespace("RunTSNE.Seurat", "Seurat"))),
                    names(formals(getFromNamespace("RunTSNE.Seurat", "libtsne")))), "tsne.method"))
cat("Seurat", format(packageVersion("Seurat")), "ok\n")

set.seed(1)
cells <- scuttle::logNormCounts(scuttle::mockSCE(ncells = 120))
ours <- reducedDim(libtsne::runTSNE(cells, perplexity = 10), "TSNE")
theirs <- reducedDim(scater::runTSNE(cells, perplexity = 10), "TSNE")
stopifnot(
  identical(dim(ours), dim(theirs)), identical(rownames(ours), rownames(theirs)),
  inherits(plotTSNE(libtsne::runTSNE(cells, perplexity = 10)), "ggplot"))
cat("scater", format(packageVersion("scater")), "ok\n")

rows <- matrix(rnorm(5000), 1000)
new <- rows[1:20, ] + 0.01
near <- findKNN(rows, k = 45)
found <- queryKNN(rows, new, k = 15)
mine <- neighbors(rows, 15, query = new)
fit <- tsne_fit(near, perplexity = 15, seed = 1)
stopifnot(
  identical(near$index, neighbors(rows, 45)$index),
  identical(found$index, mine$index), all.equal(found$distance, mine$distance, tolerance = 1e-5),
  all.equal(affinities_of_new(c(found, n = 1000)), affinities_of_new(mine), tolerance = 1e-4),
  identical(dim(tsne_partial(fit, affinities = affinities_of_new(mine), iterations = 50)$Y), c(20L, 2L)))
cat("BiocNeighbors", format(packageVersion("BiocNeighbors")), "ok\n")
