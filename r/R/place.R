#' Place new points on a map
#'
#' Each new point is placed by its nearest neighbours among the map's points
#' and, if there are iterations, refined against the map, which stays as it
#' is. New points do not see each other. The defaults are the paper's: the
#' median of the 10 nearest, without refinement.
#'
#' @param object,_data a map of [tsne_fit()] that has its data.
#' @param newdata matrix or data frame, one row a new point. If both it and the
#'   map's data have column names, columns are matched by name.
#' @param columns `NULL`: all columns of the map's data must be there.
#'   `"shared"`: those that both have. Whole numbers: column j of `newdata` is
#'   column `columns[j]` of the map's data.
#' @param ... options by name, see [transform_options()].
#' @param options all of them at once.
#' @param progress as in [tsne_fit()]; where it stops the refinement, the places
#'   so far are returned.
#' @return a matrix, one row a new point.
#' @seealso [tsne_partial()], from which the refinement can go on.
#' @examples
#' odd <- seq(1, 149, 2)
#' fit <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' head(predict(fit, iris[-odd, 1:4]))
#'
#' wide <- transform_options(iterations = 100, perplexity = c(3, 15), affinity = "multiscale")
#' head(predict(fit, iris[-odd, 1:4], options = wide))
#' @export
predict.tsne <- function(object, newdata, columns = NULL, ..., options = transform_options(...),
                         progress = FALSE) {
  if (missing(newdata)) return(object$Y)
  either(..., given = !missing(options))
  place_points(object, newdata, columns, options, progress, sys.call())$Y
}

#' @rdname predict.tsne
#' @export
transform.tsne <- function(`_data`, newdata, columns = NULL, ..., options = transform_options(...),
                           progress = FALSE) {
  either(..., given = !missing(options))
  place_points(`_data`, newdata, columns, options, progress, sys.call())$Y
}

place_points <- function(object, newdata, columns, options, progress, call) {
  model <- as_model(object, "object", call)
  tell <- teller(progress, call)
  x <- with_columns(object, newdata, columns, "newdata", call)
  o <- ready(options, nrow(x$data), ncol(object$Y), "placement", call)
  o$columns <- x$columns
  new_partial(finish(.Call(C_partial, model, x$data, o, tell), call, x = x$shown, init_y = shown("placement", o$init_y)),
              rownames(x$data), nrow(object$Y), call)
}

new_partial <- function(value, rows, n, call) {
  structure(list(Y = named(value$Y, rows), kl = value$kl, iterations = value$iterations, points = value$points, n = n,
                 call = call, stopped = isTRUE(value$stopped)), class = "tsne_partial")
}

#' New points on a map, to go on from
#'
#' As [predict.tsne()], but what is returned can be refined further by
#' [tsne_continue()]; and new points may be given by their affinities to the
#' map's, for which the map needs no data.
#'
#' @inheritParams predict.tsne
#' @param object a map of [tsne_fit()].
#' @param affinities instead of `newdata`: an m x n matrix, best a sparse one of
#'   package Matrix, of what draws each of m new points to the n of the map, 0
#'   or more. Rows are scaled to sum to 1; none may be all 0. The `placement`
#'   is then by the `k` largest of each row.
#' @param x what `tsne_partial` returned.
#' @return an object of class `"tsne_partial"`, a list of
#'   \item{Y}{the places, one row a new point}
#'   \item{kl}{the mean over the points of the divergence of each; `NaN` before
#'     the first iteration}
#'   \item{iterations}{how many were done}
#'   \item{points}{handle of the library's; it lives as long as this R session}
#'   \item{n, call}{how many points the map has, and what was asked for}
#'   \item{stopped}{`TRUE` if `progress` stopped it}
#'
#'   [affinities_matrix()] gives what draws the points.
#' @seealso [affinities_of_new()]
#' @examples
#' odd <- seq(1, 149, 2)
#' fit <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' new <- tsne_partial(fit, iris[-odd, 1:4], iterations = 50)
#' tsne_continue(new, 50)
#' p <- affinities_matrix(new)
#' tsne_partial(fit, affinities = p, iterations = 100)
#' @export
tsne_partial <- function(object, newdata, affinities = NULL, columns = NULL, ...,
                         options = transform_options(...), progress = FALSE) {
  call <- sys.call()
  either(..., given = !missing(options))
  if (missing(newdata) == is.null(affinities)) fail("newdata", "want either it or affinities")
  if (!is.null(affinities) && !is.null(columns)) fail("columns", "are those of newdata, and affinities are given")
  if (is.null(affinities)) return(place_points(object, newdata, columns, options, progress, call))
  model <- as_model(object, "object")
  tell <- teller(progress)
  p <- as_sparse(affinities, "affinities")
  if (ncol(p) != nrow(object$Y)) {
    fail("affinities", "has ", ncol(p), " columns, want ", nrow(object$Y), ", the map's points", class = "tsne_shape")
  }
  o <- ready(options, nrow(p), ncol(object$Y), "placement")
  start <- shown("placement", o$init_y)
  if (is.null(o$init_y)) {
    o$init_y <- strongest(p, object$Y, o$k, o$placement == choices$placement[["weighted"]])
    o$placement <- choices$placement[["given"]]
  }
  new_partial(finish(.Call(C_partial, model, slots(p), o, tell), affinities = shown("affinities", p), y0 = start),
              rownames(p), nrow(object$Y), call)
}

# The median, or mean weighted by p, of the map's points with the k largest
# affinities of each row; of equal ones those of the lower columns.
strongest <- function(p, y, k, weighted, call = sys.call(sys.parent())) {
  if (k == 0) k <- 10
  some <- which(p@x > 0)
  row <- p@i[some] + 1L
  many <- tabulate(row, nrow(p))
  none <- which(many == 0L)[1L]
  if (!is.na(none)) fail("affinities", "row ", none, " is all 0", call = call, class = "tsne_graph", row = none)
  near <- order(row, -p@x[some])[sequence(many) <= k]
  row <- row[near]
  weight <- p@x[some][near]
  point <- rep.int(seq_len(ncol(p)), diff(p@p))[some][near]
  many <- pmin(many, k)
  before <- cumsum(many) - many
  centre <- function(v) {
    if (weighted) return(rowsum(v * weight, row) / rowsum(weight, row))
    v <- v[order(row, v)]
    (v[before + (many + 1) %/% 2] + v[before + many %/% 2 + 1]) / 2
  }
  matrix(vapply(seq_len(ncol(y)), function(a) centre(y[point, a]), numeric(nrow(p))), nrow(p))
}

#' @rdname tsne_partial
#' @export
print.tsne_partial <- function(x, ...) {
  cat(sprintf("%d new points on a t-SNE map of %d in %d dimension%s\n", nrow(x$Y), x$n, ncol(x$Y),
              if (ncol(x$Y) == 1L) "" else "s"))
  cat(sprintf("mean divergence %.4f after %.0f iterations%s\n", x$kl, x$iterations,
              if (x$stopped) ", where they were stopped" else ""))
  if (!.Call(C_alive, x$points)) cat("their state has not come along: only the places are here\n")
  invisible(x)
}

#' @export
as.matrix.tsne_partial <- function(x, ...) x$Y

# newdata, which of the map's columns its own are, from 0, or NULL, and how they
# are to be shown.
with_columns <- function(object, newdata, columns, name, call) {
  if (isTRUE(object$reduced)) {
    fail("object", "its data are a reduction of a sparse matrix, on which new points can not be placed. ",
         "Fit on the columns of one reduction of both, or on a dense matrix", call = call)
  }
  x <- as_data(newdata, name, call)
  read <- function(x) rows_of(x, name, call, object$model)
  known <- object$columns
  d <- .Call(C_width, object$model)
  if (is.numeric(columns)) {
    bad <- which(!(columns >= 1 & columns <= d & columns == round(columns)))
    if (length(bad)) {
      fail("columns", "entry ", bad[1L], " is ", columns[bad[1L]], ", want 1 to ", d, call = call)
    }
    if (length(columns) != ncol(x)) {
      fail("columns", "has ", length(columns), " entries, want ", ncol(x), ", one for each column of ", name, call = call,
           class = "tsne_shape")
    }
    return(list(data = read(x), columns = as.integer(columns) - 1L, shown = shown(name, x)))
  }
  shared <- identical(columns, "shared")
  if (!is.null(columns) && !shared) fail("columns", 'want NULL, "shared" or whole numbers', call = call)
  if (is.null(known) || is.null(colnames(x))) {
    if (shared) fail("columns", if (is.null(known)) "the map's data" else name, " has no column names", call = call)
    if (d > 0 && ncol(x) != d) {
      fail(name, "has ", ncol(x), " columns, want ", d, ", those of the map's data", call = call, class = "tsne_shape")
    }
    return(list(data = read(x), columns = NULL, shown = shown(name, x)))
  }
  if (identical(known, colnames(x))) return(list(data = read(x), columns = NULL, shown = shown(name, x)))
  for (names in list(known, colnames(x))) {
    if (anyDuplicated(names)) {
      fail(name, "columns are matched by name, and '", names[anyDuplicated(names)], "' is there twice", call = call)
    }
  }
  at <- match(known, colnames(x))
  if (shared) {
    if (all(is.na(at))) fail(name, "no column name is one of the map's data", call = call)
    order <- at[!is.na(at)]
    return(list(data = read(x[, order, drop = FALSE]), columns = which(!is.na(at)) - 1L, shown = shown(name, x, order)))
  }
  if (anyNA(at)) {
    fail(name, "column '", known[is.na(at)][1L], "' of the map's data is not there; ",
         'columns = "shared" uses those that both have', call = call)
  }
  list(data = read(x[, at, drop = FALSE]), columns = NULL, shown = shown(name, x, at))
}

#' How sure the places of new points are
#'
#' Places new points `b` times more, each time by columns drawn with
#' replacement.
#'
#' @inheritParams predict.tsne
#' @param object a map of [tsne_fit()] that has its data.
#' @param b how many times.
#' @param ... options by name, see [transform_options()]: those that place.
#' @return a list of `Y` (by all columns), `samples` (m x dims x b) and
#'   `radius` (95 percent of a point's samples are within it of `Y`).
#' @examples
#' odd <- seq(1, 149, 2)
#' fit <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' summary(tsne_bootstrap(fit, iris[-odd, 1:4], 20)$radius)
#' @export
tsne_bootstrap <- function(object, newdata, b = 100, columns = NULL, ..., options = transform_options(...)) {
  call <- sys.call()
  model <- as_model(object, "object")
  either(..., given = !missing(options))
  only(..., names = c("k", "placement", "metric", "neighbors", "neighbors_effort", "affinity", "perplexity", "sigma",
                      "affinity_k", "seed", "threads", "max_memory", "progress_every"))
  b <- one_int(b, "b")
  x <- with_columns(object, newdata, columns, "newdata", call)
  o <- ready(options, nrow(x$data), ncol(object$Y), "placement")
  o$columns <- x$columns
  value <- finish(.Call(C_bootstrap, model, x$data, b, o), x = x$shown)
  dims <- ncol(value$Y)
  m <- nrow(value$Y)
  value$samples <- aperm(array(value$samples, c(m, b, dims)), c(1L, 3L, 2L))
  value$Y <- named(value$Y, rownames(x$data))
  value$radius <- drop(value$radius)
  value
}

#' Fit a map that agrees with another
#'
#' The rows of `X` are placed on the reference, the places are scaled down to
#' the size of a start, and the fit begins there (Kobak and Berens 2019), while
#' neighbourhoods are pulled to their places, by 0.002 unless `pull` says
#' otherwise, until the last fifth of the iterations. The map is in the
#' reference's frame; `pull_y` and `pull_frame` are not read.
#'
#' @param reference a map of [tsne_fit()] that has its data.
#' @param X matrix or data frame; columns as in [predict.tsne()].
#' @param columns as in [predict.tsne()].
#' @param ... options of the fit by name, see [tsne_options()].
#' @param options all of them at once; `dims` must be the reference's.
#' @param placement how `X` is placed, see [transform_options()].
#' @param progress as in [tsne_fit()].
#' @return a map of class `"tsne"`, with `disparity` (of the map against where
#'   the reference placed its points, after the best superposition) and
#'   `overlap` (the share of the 10 nearest that both have).
#' @examples
#' odd <- seq(1, 149, 2)
#' first <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' second <- align(first, iris[-odd, 1:4], perplexity = 20, seed = 1)
#' second$overlap
#' @export
align <- function(reference, X, columns = NULL, ..., options = tsne_options(...),
                  placement = transform_options(), progress = FALSE) {
  call <- sys.call()
  model <- as_model(reference, "reference")
  tell <- teller(progress)
  either(..., given = !missing(options))
  x <- with_columns(reference, X, columns, "X", call)
  o <- ready(options, nrow(x$data))
  p <- ready(placement, nrow(x$data), ncol(reference$Y), "placement")
  p$columns <- x$columns
  value <- finish(.Call(C_align, model, x$data, p, o, tell), x = x$shown, init_y = shown("placement", p$init_y))
  names <- if (is.null(x$columns)) reference$columns else colnames(x$data)
  o$pull <- 0 # what goes on from here is held no more
  fit <- new_tsne(value, rownames(x$data), names, o, call)
  fit$disparity <- value$disparity
  fit$overlap <- value$overlap
  fit
}
