#' t-SNE of SingleCellExperiment and Seurat objects
#'
#' `runTSNE` writes the map to `reducedDim(x, name)`, with the arguments of
#' `scater::runTSNE()` that choose the data and name the result. `RunTSNE` adds
#' it as a reduction, with the arguments of `Seurat::RunTSNE()` but for
#' `tsne.method`; it needs package SeuratObject alone.
#'
#' @rdname singlecell
#' @param x a SingleCellExperiment of package SingleCellExperiment.
#' @param ncomponents columns of the map.
#' @param altexp name of an alternative experiment whose data are embedded; the
#'   map goes to `x` itself.
#' @param dimred name of the reduced dimensions to start from; `NULL`: the
#'   `assay.type` of the `ntop` most variable features, reduced by
#'   [prcomp()] to 50 columns. The default is `"PCA"` where it is there.
#' @param n_dimred how many columns of `dimred`, or which; `NULL`: all.
#' @param assay.type,exprs_values name of the assay; the second is the older
#'   name of this argument.
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
runTSNE.SingleCellExperiment <- function(x, ncomponents = 2, altexp = NULL, dimred = NULL, n_dimred = NULL,
                                         assay.type = "logcounts", exprs_values = assay.type, ntop = 500,
                                         subset_row = NULL, scale = FALSE, name = "TSNE", ..., progress = FALSE) {
  call <- sys.call(-1L)
  options <- tsne_options(dims = ncomponents, ...)
  to <- x
  if (!is.null(altexp)) {
    one_name(altexp, "altexp", SingleCellExperiment::altExpNames(x), call)
    x <- SingleCellExperiment::altExp(x, altexp)
  }
  known <- SingleCellExperiment::reducedDimNames(x)
  if (is.null(dimred) && missing(dimred) && is.null(subset_row) && "PCA" %in% known) dimred <- "PCA"
  if (is.null(dimred)) {
    X <- expressions(x, exprs_values, ntop, subset_row, scale, call)
  } else {
    one_name(dimred, "dimred", known, call)
    X <- as.matrix(SingleCellExperiment::reducedDim(x, dimred))
    if (length(n_dimred) == 1L) n_dimred <- seq_len(n_dimred)
    if (!is.null(n_dimred)) {
      X <- X[, among(n_dimred, "n_dimred", ncol(X), call), drop = FALSE]
    }
  }
  fit <- tsne_fit(X, options = options, progress = progress)
  y <- fit$Y
  dimnames(y) <- list(colnames(to), paste0("TSNE", seq_len(ncol(y))))
  SingleCellExperiment::reducedDim(to, name) <- y
  to
}

one_name <- function(value, name, known, call) {
  if (!is.character(value) || length(value) != 1L || !value %in% known) {
    fail(name, paste0("'", value, "'", collapse = ", "), " is not there, want ",
         if (length(known)) paste0("one of ", paste0("'", known, "'", collapse = ", ")) else "none, for there are none",
         call = call)
  }
}

among <- function(value, name, most, call) {
  if (!is.numeric(value) || anyNA(value) || any(value < 1 | value > most | value != round(value))) {
    fail(name, "want whole numbers from 1 to at most ", most, call = call)
  }
  value
}

expressions <- function(x, exprs_values, ntop, subset_row, scale, call) {
  one_name(exprs_values, "assay.type", SummarizedExperiment::assayNames(x), call)
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
#' @param cells names of the cells; `NULL`: all. Fewer take version 5 of package
#'   SeuratObject.
#' @param dims which columns of the reduction.
#' @param features use these features' data instead of a reduction.
#' @param seed.use seed; `NULL`: R's generator.
#' @param dim.embed columns of the map.
#' @param distance.matrix use these distances of the cells, a square matrix or
#'   [dist] object, instead of a reduction.
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
                           dim.embed = 2, distance.matrix = NULL, reduction.name = "tsne",
                           reduction.key = "tSNE_", ..., progress = FALSE) {
  call <- sys.call(-1L)
  assay <- SeuratObject::DefaultAssay(object)
  if (!is.null(cells)) {
    bad <- setdiff(cells, colnames(object))
    if (length(bad)) fail("cells", "'", bad[1L], "' is not there", call = call)
    if (length(cells) < ncol(object) && utils::packageVersion("SeuratObject") < "5.0.0") {
      fail("cells", "before version 5 of package SeuratObject a reduction is of all cells", call = call)
    }
  }
  if (!is.null(distance.matrix)) {
    X <- as.matrix(distance.matrix)
    if (!identical(dim(X), rep(ncol(object), 2L))) {
      fail("distance.matrix", "is ", nrow(X), " x ", ncol(X), ", want ", ncol(object), " x ", ncol(object), ", the cells",
           call = call, class = "tsne_shape")
    }
    dimnames(X) <- list(colnames(object), colnames(object))
    X <- stats::as.dist(if (is.null(cells)) X else X[cells, cells])
  } else {
    if (is.null(features)) {
      one_name(reduction, "reduction", SeuratObject::Reductions(object), call)
      X <- SeuratObject::Embeddings(object, reduction)
      X <- X[, among(dims, "dims", ncol(X), call), drop = FALSE]
      assay <- SeuratObject::DefaultAssay(object[[reduction]])
    } else {
      X <- SeuratObject::GetAssayData(object)
      bad <- features[!features %in% rownames(X)]
      if (length(bad)) fail("features", "'", bad[1L], "' is not there", call = call)
      X <- t(as.matrix(X[features, , drop = FALSE]))
    }
    if (!is.null(cells)) X <- X[cells, , drop = FALSE]
  }
  fit <- tsne_fit(X, options = tsne_options(dims = dim.embed, seed = seed.use, ...), progress = progress)
  y <- fit$Y
  colnames(y) <- paste0(reduction.key, seq_len(ncol(y)))
  object[[reduction.name]] <- SeuratObject::CreateDimReducObject(
    embeddings = y, key = reduction.key, assay = assay, global = TRUE)
  object
}
