#' Fit a t-SNE map
#'
#' @param X what is to be embedded, one row a point:
#'   * a matrix or data frame of numbers. `NA`, `NaN` and infinite values are
#'     refused. The library works in single precision: from a column far from
#'     zero, such as dates in seconds, the median is taken off before;
#'   * a sparse matrix of package Matrix, which is reduced to 50 columns by
#'     [tsne_reduce()] first;
#'   * a DelayedMatrix of package DelayedArray, as HDF5Array makes of a file: see
#'     below;
#'   * principal components by [prcomp()] or [princomp()], the scores of which
#'     are taken;
#'   * a [dist] object;
#'   * neighbours: what [neighbors()] or `BiocNeighbors::findKNN()` returns;
#'   * affinities: what [affinities()] returns.
#' @param ... options by name, see [tsne_options()].
#' @param options all options at once, instead of `...`.
#' @param progress `TRUE`: messages of how far it is. A function is called with
#'   a list of `stage`, `iteration`, `iterations`, `done`, `kl`,
#'   `exaggeration` and `Y`, every `progress_every` iterations; the fit stops,
#'   and the map so far is returned, when it returns `TRUE`. It may use the map
#'   that its call works on.
#' @return An object of class `"tsne"`, a list of
#'   \item{Y}{the map, n x dims}
#'   \item{kl}{the Kullback-Leibler divergence, without exaggeration}
#'   \item{iterations}{how many were done}
#'   \item{model}{handle of the library's model. It lives as long as this R
#'     session: `saveRDS()` does not keep it, [save_model()] does}
#'   \item{columns}{column names of `X`}
#'   \item{options, call}{what was asked for}
#'   \item{stopped}{`TRUE` if `progress` stopped it}
#' @details
#' Ctrl-C (or what stops a computation in your R) ends a call within 0.1 s. A
#' process forked by `parallel::mclapply()` and the like can not use the
#' library: it gets an error. Use `parallel::makeCluster()`.
#'
#' The same data, options and seed give the same map on any number of threads
#' and in each language that the library is used from.
#'
#' A DelayedMatrix is read a block of rows at a time, of the size that
#' `DelayedArray::getAutoBlockSize()` says, as single precision, 4 bytes a value;
#' as doubles and whole only where a column may be far from zero. A sparse one
#' becomes a `dgCMatrix`. The map is that of `as.matrix()` of it, to the bit. So it
#' is with [predict.tsne()] and its fellows, [align()], [tsne_update()],
#' [quality()], [neighbors()], [affinities()], [tsne_initialize()] and
#' [tsne_reduce()]; what [tsne_fit_together()] takes becomes doubles.
#' @seealso [predict.tsne()] places new points, [align()] fits a map that
#'   agrees with another, [tsne_continue()] goes on, [quality()] measures,
#'   [save_model()] keeps a model.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], perplexity = 20, seed = 1)
#' fit
#' plot(fit, labels = iris$Species)
#' @export
tsne_fit <- function(X, ..., options = tsne_options(...), progress = FALSE) {
  call <- sys.call()
  either(..., given = !missing(options))
  force(options)
  tell <- teller(progress)
  if (is_graph(X) || inherits(X, c("dist", "tsne_affinities"))) {
    return(fit_without_data(X, options, tell, call))
  }
  columns <- NULL
  X <- read_sparse(X)
  reduced <- is(X, "sparseMatrix")
  if (reduced) {
    rows <- rownames(X)
    o <- ready(options, nrow(X))
    X <- tsne_reduce(X, min(50, dim(X)), seed = o$seed, threads = o$threads)
  } else {
    X <- as_data(X, "X")
    rows <- rownames(X)
    columns <- colnames(X)
    o <- ready(options, nrow(X))
  }
  value <- finish(.Call(C_fit, rows_of(X, "X"), o, tell), x = shown("X", X), init_y = shown("init", o$init_y))
  new_tsne(value, rows, columns, o, call, reduced)
}

fit_without_data <- function(X, options, tell, call) {
  rows <- NULL
  if (inherits(X, "dist")) rows <- attr(X, "Labels")
  if (is_graph(X)) rows <- rownames(X$index)
  o <- unclass(options)
  if (!inherits(X, "tsne_affinities")) own_distances(o, call)
  if (o$init == choices$init[["pca"]] && isTRUE(attr(options, "default_init"))) o$init <- choices$init[["spectral"]]
  start <- names(choices$init)[choices$init == o$init]
  if (start %in% starts_of_data) {
    others <- setdiff(names(choices$init), c(starts_of_data, "given"))
    fail("init", '"', start, '" needs data, want ', paste0('"', others, '"', collapse = ", "), " or a matrix", call = call)
  }
  if (is.null(o$seed)) o$seed <- draw_seed()
  p <- if (inherits(X, "tsne_affinities")) X else make_affinities(X, o, tell, call)
  check_affinities(p, "X", call)
  o <- ready(structure(o, class = "tsne_options"), p$n, call = call)
  value <- finish(.Call(C_fit_affinities, p$handle, o, tell), call, init_y = shown("init", o$init_y))
  new_tsne(value, rows, NULL, o, call)
}

new_tsne <- function(value, rows, columns, options, call, reduced = FALSE) {
  if (!is.null(columns)) .Call(C_set_names, value$model, columns)
  if (!is.null(rows)) .Call(C_set_row_names, value$model, rows)
  structure(
    list(Y = named(value$Y, rows), kl = value$kl, iterations = value$iterations, model = value$model,
         columns = columns, options = options, call = call, reduced = reduced,
         stopped = isTRUE(value$stopped)),
    class = "tsne")
}

#' More iterations
#'
#' Goes on from where a map or the new points on one stand, with the momentum
#' and gains that they have. The object given is not changed.
#'
#' @param object a map of [tsne_fit()], or new points of [tsne_partial()].
#' @param iterations,exaggeration,momentum of this phase.
#' @param learning_rate of this phase; of a map, 0 or `"auto"` is n /
#'   exaggeration.
#' @param ... further options. Of a map, see [tsne_options()]: `theta`,
#'   `repulsion`, `max_step_norm`, `max_grad_norm`, `density_lambda` and its
#'   fellows, `auto_stop`, `anneal_iterations`, `threads`, `progress_every`,
#'   and `pull` and `pull_frame`: a map that is pulled goes on so unless they
#'   are given, `pull = 0` frees it. Of
#'   new points, see [transform_options()]: `theta`, `repulsion`,
#'   `max_step_norm`, `max_grad_norm`, `threads`, `progress_every`.
#' @param progress as in [tsne_fit()].
#' @return an object of the class of `object`.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], seed = 1)
#' denser <- tsne_continue(fit, 100, exaggeration = 4)
#' @export
tsne_continue <- function(object, iterations = 250, ...) UseMethod("tsne_continue")

#' @export
tsne_continue.default <- function(object, iterations = 250, ...) as_model(object, "object", sys.call(-1L))

#' @rdname tsne_continue
#' @export
tsne_continue.tsne <- function(object, iterations = 250, exaggeration = 1, learning_rate = 0,
                               momentum = 0.8, ..., progress = FALSE) {
  call <- sys.call(-1L)
  model <- as_model(object, "object", call)
  tell <- teller(progress, call)
  if (identical(learning_rate, "auto")) learning_rate <- 0
  steps <- one_phase(iterations, exaggeration, learning_rate, momentum, call)
  only(..., names = onwards$tsne, call = call)
  o <- ready(tsne_options(..., seed = 0), nrow(object$Y), call = call)
  held <- !c("pull", "pull_frame") %in% names(list(...))
  gone_on(object, finish(.Call(C_optimize, model, c(steps, held), o, tell), call), "model")
}

#' @rdname tsne_continue
#' @export
tsne_continue.tsne_partial <- function(object, iterations = 250, exaggeration = 1.5, learning_rate = 0.1,
                                       momentum = 0.8, ..., progress = FALSE) {
  call <- sys.call(-1L)
  points <- as_points(object, "object", call)
  tell <- teller(progress, call)
  steps <- one_phase(iterations, exaggeration, learning_rate, momentum, call)
  only(..., names = onwards$tsne_partial, call = call)
  o <- ready(transform_options(..., seed = 0), nrow(object$Y), call = call)
  gone_on(object, finish(.Call(C_partial_optimize, points, steps, o, tell), call), "points")
}

one_phase <- function(iterations, exaggeration, learning_rate, momentum, call) {
  c(one_number(iterations, "iterations", TRUE, call), one_number(exaggeration, "exaggeration", call = call),
    one_number(learning_rate, "learning_rate", call = call), one_number(momentum, "momentum", call = call))
}

gone_on <- function(object, value, handle) {
  object$Y <- named(value$Y, rownames(object$Y))
  object[c("kl", "iterations", handle)] <- value[c("kl", "iterations", handle)]
  object$stopped <- isTRUE(value$stopped)
  object$continued <- TRUE
  object
}

#' Save and load models
#'
#' A model is written as one `.npz` file, which the Python, Go and C hosts of
#' the library read as well, and write. It has the names of the data's columns,
#' by which [predict.tsne()] finds those of new data, whichever host wrote it, and
#' the row names of the map. A file with row names is read from version 0.4 on.
#'
#' @param object a map of [tsne_fit()].
#' @param file path. A file that is there is replaced only by a whole new one.
#' @param threads of later calls with the model; 0: all processors.
#' @return `save_model` returns `object`, invisibly; `load_model` a map of
#'   class `"tsne"` that goes on with the same bits.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], seed = 1)
#' file <- tempfile(fileext = ".npz")
#' save_model(fit, file)
#' again <- load_model(file)
#' identical(again$Y, fit$Y)
#' @export
save_model <- function(object, file) {
  model <- as_model(object, "object")
  names <- rownames(object$Y)
  renamed <- if (!identical(names, .Call(C_row_names, model))) list(names)
  finish(.Call(C_save, model, as_path(file), renamed))
  invisible(object)
}

#' @rdname save_model
#' @export
load_model <- function(file, threads = 0) {
  handle <- finish(.Call(C_load, as_path(file), ready(tsne_options(threads = threads, seed = 0), 0L)))
  at <- .Call(C_info, handle)
  value <- list(Y = at$Y, kl = at$kl, iterations = at$iterations, model = handle)
  fit <- new_tsne(value, .Call(C_row_names, handle), NULL, NULL, sys.call())
  fit["columns"] <- list(.Call(C_names, handle))
  fit
}

as_path <- function(file, call = sys.call(sys.parent()), name = "file") {
  if (!is.character(file) || length(file) != 1L || is.na(file) || !nzchar(file)) {
    fail(name, "want one path", call = call)
  }
  if (Encoding(file) == "bytes") Encoding(file) <- "unknown"
  path.expand(file)
}
