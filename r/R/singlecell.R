#' t-SNE of SingleCellExperiment and Seurat objects
#'
#' `runTSNE` writes the map to `reducedDim(x, name)`, as `scater::runTSNE()`
#' does, whose arguments it has. `RunTSNE` adds it as a reduction, as
#' `Seurat::RunTSNE()` does, whose arguments it has; it needs package
#' SeuratObject alone.
#'
#' @rdname singlecell
#' @param x a SingleCellExperiment of package SingleCellExperiment.
#' @param ncomponents columns of the map.
#' @param dimred name of the reduced dimensions to start from; `NULL`: the
#'   `exprs_values` of the `ntop` most variable features, reduced by
#'   [prcomp()] to 50 columns. The default is `"PCA"` where it is there.
#' @param n_dimred how many columns of `dimred`, or which; `NULL`: all.
#' @param exprs_values name of the assay.
#' @param ntop how many features.
#' @param subset_row features instead of the `ntop` most variable.
#' @param scale whether features are scaled to unit variance.
#' @param name of the result.
#' @param ... options by name, see [tsne_options()].
#' @param progress as in [tsne_fit()].
#' @return `x` or `object`, with the map.
#' @examples
#' if (requireNamespace("SingleCellExperiment", quietly = TRUE)) {
#'   counts <- matrix(rpois(100 * 60, 5), 100, dimnames = list(NULL, paste0("cell", 1:60)))
#'   x <- SingleCellExperiment::SingleCellExperiment(list(logcounts = log1p(counts)))
#'   set.seed(1)
#'   x <- runTSNE(x, perplexity = 10)
#'   head(SingleCellExperiment::reducedDim(x, "TSNE"))
#' }
#' @export
runTSNE <- function(x, ...) UseMethod("runTSNE")

#' @rdname singlecell
#' @export
runTSNE.SingleCellExperiment <- function(x, ncomponents = 2, dimred = NULL, n_dimred = NULL,
                                         exprs_values = "logcounts", ntop = 500, subset_row = NULL,
                                         scale = FALSE, name = "TSNE", ..., progress = FALSE) {
  call <- sys.call(-1L)
  options <- tsne_options(dims = ncomponents, ...)
  known <- SingleCellExperiment::reducedDimNames(x)
  if (is.null(dimred) && missing(dimred) && is.null(subset_row) && "PCA" %in% known) dimred <- "PCA"
  if (is.null(dimred)) {
    X <- expressions(x, exprs_values, ntop, subset_row, scale, call)
  } else {
    if (!dimred %in% known) {
      fail("dimred: '", dimred, "' is not there, want one of ", paste0("'", known, "'", collapse = ", "), call = call)
    }
    X <- as.matrix(SingleCellExperiment::reducedDim(x, dimred))
    if (length(n_dimred) == 1L) n_dimred <- seq_len(n_dimred)
    if (!is.null(n_dimred)) {
      if (max(n_dimred) > ncol(X)) fail("n_dimred: want at most ", ncol(X), call = call)
      X <- X[, n_dimred, drop = FALSE]
    }
  }
  fit <- tsne_fit(X, options = options, progress = progress)
  y <- fit$Y
  dimnames(y) <- list(colnames(x), paste0("TSNE", seq_len(ncol(y))))
  SingleCellExperiment::reducedDim(x, name) <- y
  x
}

expressions <- function(x, exprs_values, ntop, subset_row, scale, call) {
  known <- SummarizedExperiment::assayNames(x)
  if (!exprs_values %in% known) {
    fail("exprs_values: '", exprs_values, "' is not there, want one of ", paste0("'", known, "'", collapse = ", "), call = call)
  }
  X <- SummarizedExperiment::assay(x, exprs_values)
  if (is.null(subset_row)) {
    n <- ncol(X)
    centre <- Matrix::rowMeans(X)
    variance <- pmax(Matrix::rowSums(X * X) / n - centre^2, 0)
    subset_row <- utils::head(order(variance, decreasing = TRUE), ntop)
  }
  X <- t(as.matrix(X[subset_row, , drop = FALSE]))
  if (scale) {
    X <- X[, apply(X, 2L, stats::sd) > 0, drop = FALSE]
    X <- base::scale(X)
  }
  stats::prcomp(X, rank. = min(50, dim(X)))$x
}

#' @rdname singlecell
#' @param object a Seurat object.
#' @param reduction to start from.
#' @param cells which cells; `NULL`: all.
#' @param dims which columns of the reduction.
#' @param features use these features' data instead of a reduction.
#' @param seed.use seed; `NULL`: R's generator.
#' @param dim.embed columns of the map.
#' @param reduction.name,reduction.key name and key of the result.
#' @examples
#' if (requireNamespace("SeuratObject", quietly = TRUE)) {
#'   x <- RunTSNE(SeuratObject::pbmc_small, dims = 1:5, perplexity = 10)
#'   head(SeuratObject::Embeddings(x, "tsne"))
#' }
#' @export
RunTSNE <- function(object, ...) UseMethod("RunTSNE")

#' @rdname singlecell
#' @export
RunTSNE.Seurat <- function(object, reduction = "pca", cells = NULL, dims = 1:5, features = NULL, seed.use = 1,
                           dim.embed = 2, reduction.name = "tsne", reduction.key = "tSNE_", ...,
                           progress = FALSE) {
  call <- sys.call(-1L)
  if (is.null(features)) {
    known <- SeuratObject::Reductions(object)
    if (!reduction %in% known) {
      fail("reduction: '", reduction, "' is not there, want one of ", paste0("'", known, "'", collapse = ", "), call = call)
    }
    X <- SeuratObject::Embeddings(object, reduction)
    if (max(dims) > ncol(X)) fail("dims: want at most ", ncol(X), call = call)
    X <- X[, dims, drop = FALSE]
    assay <- SeuratObject::DefaultAssay(object[[reduction]])
  } else {
    assay <- SeuratObject::DefaultAssay(object)
    X <- t(as.matrix(SeuratObject::GetAssayData(object)[features, , drop = FALSE]))
  }
  if (!is.null(cells)) X <- X[cells, , drop = FALSE]
  fit <- tsne_fit(X, options = tsne_options(dims = dim.embed, seed = seed.use, ...), progress = progress)
  y <- fit$Y
  colnames(y) <- paste0(reduction.key, seq_len(ncol(y)))
  object[[reduction.name]] <- SeuratObject::CreateDimReducObject(embeddings = y, key = reduction.key, assay = assay, global = TRUE)
  object
}
