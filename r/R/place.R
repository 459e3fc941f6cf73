#' Place new points on a map
#'
#' Each new point is placed by its nearest neighbours among the map's points
#' and, if there are iterations, refined against the map, which stays as it
#' is. New points do not see each other.
#'
#' @param object,_data a map of [tsne_fit()] that has its data.
#' @param newdata matrix or data frame, one row a new point. If both it and the
#'   map's data have column names, columns are matched by name.
#' @param columns `NULL`: all columns of the map's data must be there.
#'   `"shared"`: those that both have. Whole numbers: column j of `newdata` is
#'   column `columns[j]` of the map's data.
#' @param ... options by name, see [transform_options()].
#' @param options all of them at once.
#' @param progress as in [tsne_fit()].
#' @return a matrix, one row a new point.
#' @examples
#' odd <- seq(1, 149, 2)
#' fit <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' head(predict(fit, iris[-odd, 1:4]))
#' @export
predict.tsne <- function(object, newdata, columns = NULL, ..., options = transform_options(...),
                         progress = FALSE) {
  if (missing(newdata)) return(object$Y)
  place_points(object, newdata, columns, options, progress, sys.call())
}

#' @rdname predict.tsne
#' @export
transform.tsne <- function(`_data`, newdata, columns = NULL, ..., options = transform_options(...),
                           progress = FALSE) {
  place_points(`_data`, newdata, columns, options, progress, sys.call())
}

place_points <- function(object, newdata, columns, options, progress, call) {
  model <- as_model(object, "object", call)
  tell <- teller(progress, call)
  x <- with_columns(object, newdata, columns, "newdata", call)
  o <- ready(options, nrow(x$data), ncol(object$Y), "placement", call)
  o$columns <- x$columns
  named(finish(.Call(C_transform, model, x$data, o, tell), call), rownames(x$data))
}

# newdata and which of the map's columns its own are, from 0, or NULL.
with_columns <- function(object, newdata, columns, name, call) {
  if (isTRUE(object$reduced)) {
    fail("object: its data are a reduction of a sparse matrix, on which new points can not be placed. ",
         "Fit on the columns of one reduction of both, or on a dense matrix", call = call)
  }
  x <- as_numbers(newdata, name, call)
  known <- object$columns
  if (is.numeric(columns)) {
    d <- .Call(C_info, object$model)$d
    bad <- which(!(columns >= 1 & columns <= d & columns == round(columns)))
    if (length(bad)) {
      fail("columns: entry ", bad[1L], " is ", columns[bad[1L]], ", want 1 to ", d, call = call)
    }
    if (length(columns) != ncol(x)) {
      fail("columns: has ", length(columns), " entries, want ", ncol(x), ", one for each column of ", name, call = call)
    }
    return(list(data = x, columns = as.integer(columns) - 1L))
  }
  shared <- identical(columns, "shared")
  if (!is.null(columns) && !shared) fail('columns: want NULL, "shared" or whole numbers', call = call)
  if (is.null(known) || is.null(colnames(x))) {
    if (shared) fail("columns: ", if (is.null(known)) "the map's data" else name, " has no column names", call = call)
    return(list(data = x, columns = NULL))
  }
  if (identical(known, colnames(x))) return(list(data = x, columns = NULL))
  for (names in list(known, colnames(x))) {
    if (anyDuplicated(names)) {
      fail(name, ": columns are matched by name, and '", names[anyDuplicated(names)], "' is there twice", call = call)
    }
  }
  at <- match(known, colnames(x))
  if (shared) {
    if (all(is.na(at))) fail(name, ": no column name is one of the map's data", call = call)
    return(list(data = x[, at[!is.na(at)], drop = FALSE], columns = which(!is.na(at)) - 1L))
  }
  if (anyNA(at)) {
    fail(name, ": column '", known[is.na(at)][1L], "' of the map's data is not there; ",
         'columns = "shared" uses those that both have', call = call)
  }
  list(data = x[, at, drop = FALSE], columns = NULL)
}

#' How sure the places of new points are
#'
#' Places new points `b` times more, each time by columns drawn with
#' replacement.
#'
#' @inheritParams predict.tsne
#' @param object a map of [tsne_fit()] that has its data.
#' @param b how many times.
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
  b <- one_int(b, "b")
  x <- with_columns(object, newdata, columns, "newdata", call)
  o <- ready(options, nrow(x$data), ncol(object$Y), "placement")
  o$columns <- x$columns
  value <- finish(.Call(C_bootstrap, model, x$data, b, o))
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
#' the size of a start, and the fit begins there (Kobak and Berens 2019).
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
  x <- with_columns(reference, X, columns, "X", call)
  o <- ready(options, nrow(x$data))
  p <- ready(placement, nrow(x$data), ncol(reference$Y), "placement")
  p$columns <- x$columns
  value <- finish(.Call(C_align, model, x$data, p, o, tell))
  names <- if (is.null(x$columns)) reference$columns else colnames(x$data)
  fit <- new_tsne(value, rownames(x$data), names, o, call)
  fit$disparity <- value$disparity
  fit$overlap <- value$overlap
  fit
}
