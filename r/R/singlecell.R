#' t-SNE of SingleCellExperiment and Seurat objects
#'
#' `runTSNE` writes the map to `reducedDim(x, name)`, with the arguments of
#' `scater::runTSNE()`. `RunTSNE` adds it as a reduction, with the arguments of
#' `Seurat::RunTSNE()`; it needs package SeuratObject alone. Neither needs
#' scater or Seurat.
#'
#' @details
#' While this package is attached, these are the functions that `RunTSNE()` and
#' `runTSNE()` come to, in whichever order packages were attached: the methods
#' of this package are Seurat's and scater's too, until it is detached. Seurat's
#' own are to be had by `tsne.method = "Rtsne"` or `"FIt-SNE"`.
#'
#' `...` may have the names of this package's options, and those of Rtsne's,
#' which Seurat and scater hand on: `max_iter` is of both phases, of which
#' `stop_lying_iter`, by default 250, are the first; `num_threads`, `eta`,
#' `exaggeration_factor`, `Y_init` and `final_momentum` are `threads`,
#' `learning_rate`, `early_exaggeration`, `init` and `momentum`, and `momentum`
#' beside `final_momentum` is `early_momentum`. `theta = 0` is exact. `verbose`
#' is `progress`. `check_duplicates = TRUE` refuses equal rows, which otherwise
#' are no harm. `normalize` changes nothing, since maps do not depend on the unit
#' of the data. What has no meaning here is ignored with a warning.
#'
#' @rdname singlecell
#' @param x a SingleCellExperiment; a SummarizedExperiment, which becomes one;
#'   or a matrix, dense, of package Matrix or a DelayedMatrix, with a column for
#'   each cell. Delayed data, in an experiment too, are read in blocks of cells,
#'   as in [tsne_fit()], and reduced as with `partial_pca = TRUE`.
#' @param ncomponents columns of the map.
#' @param altexp name of an alternative experiment whose data are embedded; the
#'   map goes to `x` itself.
#' @param dimred name of the reduced dimensions to start from; `NULL`: the
#'   `assay.type` of the `ntop` most variable features. The default is `"PCA"`
#'   where it is there.
#' @param n_dimred how many columns of `dimred`, or which; `NULL`: all.
#' @param assay.type,exprs_values name of the assay; the second is the older
#'   name of this argument.
#' @param ntop how many features.
#' @param subset_row features instead of the `ntop` most variable.
#' @param scale whether features are scaled to unit variance.
#' @param transposed whether a matrix has a row for each cell, and is taken with
#'   all its columns.
#' @param pca whether features are reduced by [prcomp()] to `initial_dims`
#'   columns, by default 50; `partial_pca`, `pca_center` and `pca_scale` are as
#'   in [Rtsne()]. By default if they are neither `dimred` nor `transposed`.
#' @param external_neighbors,BNPARAM whether neighbours are found by package
#'   BiocNeighbors, as its parameter says. Without `BNPARAM` this package finds
#'   them itself, exactly up to 100,000 cells.
#' @param BPPARAM a parameter of package BiocParallel: its workers are the
#'   threads, unless `num_threads` is given.
#' @param use_fitsne whether repulsion is summed on a grid:
#'   `repulsion = "fft"`.
#' @param name of the result.
#' @param ... options by name, see [tsne_options()] and below.
#' @param progress as in [tsne_fit()].
#' @return `x` or `object`, with the map; of a matrix `runTSNE` returns the map
#'   itself, and `RunTSNE` of a matrix, [dist] object or reduction a reduction.
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

#' @export
runTSNE.default <- function(x, ...) {
  if (isNamespaceLoaded("scater")) return(getExportedValue("scater", "runTSNE")(x, ...))
  fail("x", "got an object of class ", class(x)[1L], ", want a SingleCellExperiment or a matrix", call = sys.call(-1L))
}

#' @rdname singlecell
#' @export
runTSNE.SingleCellExperiment <- function(x, ncomponents = 2, altexp = NULL, dimred = NULL, n_dimred = NULL,
                                         assay.type = "logcounts", exprs_values = assay.type, ntop = 500,
                                         subset_row = NULL, scale = FALSE, name = "TSNE", ..., progress = FALSE) {
  call <- sys.call(-1L)
  from <- x
  if (!is.null(altexp)) {
    one_name(altexp, "altexp", SingleCellExperiment::altExpNames(x), call)
    from <- SingleCellExperiment::altExp(x, altexp)
  }
  given <- list(ncomponents = ncomponents, n_dimred = n_dimred, exprs_values = exprs_values, ntop = ntop,
                subset_row = subset_row, scale = scale, ..., progress = progress, call = call)
  if (!missing(dimred)) given["dimred"] <- list(dimred)
  SingleCellExperiment::reducedDim(x, name) <- do.call(map_of_cells, c(list(from), given), quote = TRUE)
  x
}

#' @rdname singlecell
#' @export
runTSNE.SummarizedExperiment <- function(x, ..., name = "TSNE") {
  runTSNE.SingleCellExperiment(methods::as(x, "SingleCellExperiment"), ..., name = name)
}

#' @rdname singlecell
#' @export
runTSNE.matrix <- function(x, ncomponents = 2, ntop = 500, subset_row = NULL, scale = FALSE, transposed = FALSE,
                           pca = !transposed, external_neighbors = FALSE, BNPARAM = NULL, BPPARAM = NULL,
                           use_fitsne = FALSE, ..., progress = FALSE) {
  map_of_matrix(x, ncomponents, ntop, subset_row, scale, transposed, pca, external_neighbors, BNPARAM, BPPARAM, use_fitsne, ...,
                progress = progress, call = sys.call(-1L))
}

#' @export
runTSNE.Matrix <- runTSNE.matrix

#' @export
runTSNE.DelayedMatrix <- runTSNE.matrix

# The map of the cells of an experiment.
map_of_cells <- function(x, dimred = NULL, n_dimred = NULL, assay.type = "logcounts", exprs_values = assay.type,
                         subset_row = NULL, ..., call = sys.call(-1L)) {
  known <- if (is(x, "SingleCellExperiment")) SingleCellExperiment::reducedDimNames(x)
  if (missing(dimred) && is.null(subset_row) && "PCA" %in% known) dimred <- "PCA"
  if (is.null(dimred)) {
    one_name(exprs_values, "assay.type", SummarizedExperiment::assayNames(x), call)
    X <- SummarizedExperiment::assay(x, exprs_values)
    return(map_of_matrix(X, subset_row = subset_row, ..., call = call))
  }
  one_name(dimred, "dimred", known, call)
  X <- SingleCellExperiment::reducedDim(x, dimred)
  if (!is_delayed(X)) X <- as.matrix(X)
  if (length(n_dimred) == 1L) n_dimred <- seq_len(n_dimred)
  if (!is.null(n_dimred)) X <- X[, among(n_dimred, "n_dimred", ncol(X), call), drop = FALSE]
  y <- map_of_matrix(X, transposed = TRUE, ..., call = call)
  rownames(y) <- colnames(x)
  y
}

# The map of the columns of a matrix, or of its rows if transposed.
map_of_matrix <- function(x, ncomponents = 2, ntop = 500, subset_row = NULL, scale = FALSE, transposed = FALSE, pca = !transposed,
                          external_neighbors = FALSE, BNPARAM = NULL, BPPARAM = NULL, use_fitsne = FALSE, ...,
                          perplexity = NULL, initial_dims = 50, partial_pca = FALSE, pca_center = TRUE, pca_scale = FALSE,
                          num_threads = NULL, progress = FALSE, call = sys.call(-1L)) {
  given <- list(dims = ncomponents, ...)
  given$perplexity <- perplexity
  if (is.null(num_threads) && !is.null(BPPARAM)) num_threads <- BiocParallel::bpnworkers(BPPARAM)
  given$num_threads <- num_threads
  if (isTRUE(use_fitsne)) given$repulsion <- "fft"
  X <- if (transposed) x else features(x, ntop, subset_row, scale, call)
  # What is sparse and is not reduced becomes dense here, as every matrix does.
  if (!is_delayed(X) || (!pca && DelayedArray::is_sparse(X))) X <- as.matrix(X)
  cells <- rownames(X)
  if (pca) {
    o <- list(seed = 0, threads = 0)
    if (!is_delayed(X)) X <- finite(as_numbers(X, "x", call), "x", call)
    X <- rtsne_pca(X, min(initial_dims, dim(X)), partial_pca, pca_center, pca_scale, o, call)
  }
  if (isTRUE(external_neighbors) && !is.null(BNPARAM) && !identical(given$theta, 0)) {
    k <- floor(3 * if (is.null(perplexity)) formals(tsne_options)$perplexity else max(perplexity))
    near <- BiocNeighbors::findKNN(as.matrix(X), k = min(k, nrow(X) - 1), BNPARAM = BNPARAM,
                                   BPPARAM = if (is.null(BPPARAM)) BiocParallel::SerialParam() else BPPARAM)
    # The start of a fit of the cells themselves, which neighbours alone have none of.
    if (is.null(given$seed)) given$seed <- draw_seed()
    if (is.null(given$init) && is.null(given$Y_init)) given$init <- tsne_initialize(X, dims = ncomponents, seed = given$seed)
    y <- their_map(near, given, progress, call)
  } else {
    y <- their_map(X, given, progress, call)
  }
  dimnames(y) <- list(cells, paste0("TSNE", seq_len(ncol(y))))
  y
}

# Rows of cells and columns of features, those that vary most or that are wanted.
features <- function(x, ntop, subset_row, scale, call) {
  if (is_delayed(x)) return(delayed_features(x, ntop, subset_row, scale, call))
  if (is.null(subset_row)) {
    centre <- Matrix::rowMeans(x)
    variance <- pmax(Matrix::rowSums(x * x) / ncol(x) - centre^2, 0)
    subset_row <- utils::head(order(variance, decreasing = TRUE), ntop)
  }
  X <- t(as.matrix(x[subset_row, , drop = FALSE]))
  if (scale) {
    X <- X[, apply(X, 2L, stats::sd) > 0, drop = FALSE]
    X <- base::scale(X)
  }
  X
}

# features() of what is read in blocks, of cells.
delayed_features <- function(x, ntop, subset_row, scale, call) {
  X <- t(x)
  if (is.null(subset_row)) {
    variance <- pmax(block_means(X * X, "x", call, 1) / nrow(X) - block_means(X, "x", call)^2, 0)
    subset_row <- utils::head(order(variance, decreasing = TRUE), ntop)
  }
  X <- X[, subset_row, drop = FALSE]
  if (scale) scaled(X, "x", call, omit = TRUE) else X
}

# What scater's calculateTSNE() comes to.
calculators <- list(
  ANY = function(x, ...) map_of_matrix(x, ...),
  SummarizedExperiment = function(x, ...) map_of_cells(x, ...),
  SingleCellExperiment = function(x, ...) map_of_cells(x, ...))

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

#' @rdname singlecell
#' @param object a Seurat object; or, for a reduction, a matrix with a row for
#'   each cell, a [dist] object or a reduction.
#' @param reduction to start from.
#' @param cells names of the cells; `NULL`: all. Fewer take version 5 of package
#'   SeuratObject.
#' @param dims which columns of the reduction.
#' @param features use these features' data instead of a reduction.
#' @param seed.use seed; `NULL`: R's generator.
#' @param tsne.method `"libtsne"`, or `"Rtsne"` or `"FIt-SNE"` for the method of
#'   Seurat where it is loaded; where it is not, these are ignored with a warning.
#' @param dim.embed columns of the map.
#' @param distance.matrix use these distances of the cells, a square matrix or
#'   [dist] object, instead of a reduction.
#' @param reduction.name,reduction.key name and key of the result.
#' @param assay name of the assay that the result belongs to.
#' @param is_distance whether the matrix has distances.
#' @examples
#' if (requireNamespace("SeuratObject", quietly = TRUE)) {
#'   x <- RunTSNE(SeuratObject::pbmc_small, dims = 1:5, perplexity = 10)
#'   head(SeuratObject::Embeddings(x, "tsne"))
#' }
#' @export
RunTSNE <- function(object, ...) UseMethod("RunTSNE")

#' @export
RunTSNE.default <- function(object, ...) {
  if (isNamespaceLoaded("Seurat")) return(getExportedValue("Seurat", "RunTSNE")(object, ...))
  fail("object", "got an object of class ", class(object)[1L], ", want a Seurat object, a reduction, a matrix or a dist object",
       call = sys.call(-1L))
}

#' @rdname singlecell
#' @export
RunTSNE.Seurat <- function(object, reduction = "pca", cells = NULL, dims = 1:5, features = NULL, seed.use = 1,
                           tsne.method = "libtsne", dim.embed = 2, distance.matrix = NULL, reduction.name = "tsne",
                           reduction.key = "tSNE_", ..., progress = FALSE) {
  call <- sys.call(-1L)
  done <- hand_over("Seurat", tsne.method, object, match.call(), parent.frame())
  if (!is.null(done)) return(done[[1L]])
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
  object[[reduction.name]] <- as_reduction(X, assay, seed.use, dim.embed, reduction.key, list(...), progress, call)
  SeuratObject::LogSeuratCommand(object)
}

#' @rdname singlecell
#' @export
RunTSNE.DimReduc <- function(object, cells = NULL, dims = 1:5, seed.use = 1, tsne.method = "libtsne", dim.embed = 2,
                             reduction.key = "tSNE_", ..., progress = FALSE) {
  call <- sys.call(-1L)
  done <- hand_over("DimReduc", tsne.method, object, match.call(), parent.frame())
  if (!is.null(done)) return(done[[1L]])
  X <- SeuratObject::Embeddings(object)
  X <- X[, among(dims, "dims", ncol(X), call), drop = FALSE]
  if (!is.null(cells)) X <- X[cells, , drop = FALSE]
  as_reduction(X, SeuratObject::DefaultAssay(object), seed.use, dim.embed, reduction.key, list(...), progress, call)
}

#' @rdname singlecell
#' @export
RunTSNE.matrix <- function(object, assay = NULL, seed.use = 1, tsne.method = "libtsne", dim.embed = 2, reduction.key = "tSNE_",
                           is_distance = FALSE, ..., progress = FALSE) {
  call <- sys.call(-1L)
  done <- hand_over("matrix", tsne.method, object, match.call(), parent.frame())
  if (!is.null(done)) return(done[[1L]])
  if (is_distance) object <- stats::as.dist(object)
  as_reduction(object, assay, seed.use, dim.embed, reduction.key, list(...), progress, call)
}

#' @rdname singlecell
#' @export
RunTSNE.dist <- function(object, assay = NULL, seed.use = 1, tsne.method = "libtsne", dim.embed = 2, reduction.key = "tSNE_", ...,
                         progress = FALSE) {
  call <- sys.call(-1L)
  done <- hand_over("dist", tsne.method, object, match.call(), parent.frame())
  if (!is.null(done)) return(done[[1L]])
  as_reduction(object, assay, seed.use, dim.embed, reduction.key, list(...), progress, call)
}

as_reduction <- function(X, assay, seed, dims, key, given, progress, call) {
  given$dims <- dims
  given$seed <- seed
  y <- their_map(X, given, progress, call)
  if (is.null(rownames(y))) fail("object", "has no names of cells, which a reduction must have", call = call)
  colnames(y) <- paste0(key, seq_len(ncol(y)))
  SeuratObject::CreateDimReducObject(embeddings = y, key = key, assay = assay, global = TRUE)
}
