#' Superpose maps
#'
#' `procrustes` finds the rotation, translation and, if wanted, scaling that
#' bring `source` nearest to `target`; `procrustes_maps` does so for several
#' maps of the same points, onto their consensus or the first.
#'
#' @param target,source maps: objects of [tsne_fit()], or matrices whose row i
#'   is the same point.
#' @param scale whether one factor for all axes is allowed.
#' @param reflection whether mirroring is allowed.
#' @param target_labels,source_labels classes of the points of maps that do not
#'   share points: the means of the classes that both have are superposed.
#'   `NA` is no class.
#' @param maps a list of maps.
#' @param to_first whether onto the first map.
#' @param object what `procrustes` returned.
#' @param newdata a map to be moved like `source`.
#' @param ... not used.
#' @return `procrustes`: an object of class `"tsne_superposition"`, with `Y`
#'   (`source`, moved), `rotation`, `scale`, `from`, `to`, `disparity` (the sum
#'   of squares left, as a share of the target's) and `reflected`.
#'   `procrustes_maps`: a list of `maps`, `consensus` and `disparity`.
#' @examples
#' a <- tsne_fit(iris[, 1:4], seed = 1)
#' b <- tsne_fit(iris[, 1:4], seed = 2, init = "random")
#' s <- procrustes(a, b, scale = TRUE)
#' s$disparity
#' @export
procrustes <- function(target, source, scale = FALSE, reflection = TRUE,
                       target_labels = NULL, source_labels = NULL) {
  target <- as_map(target, "target")
  source <- as_map(source, "source")
  if (ncol(source) != ncol(target)) {
    fail("source", "has ", ncol(source), " columns, target has ", ncol(target), class = "tsne_shape")
  }
  if (is.null(target_labels) != is.null(source_labels)) {
    fail(if (is.null(target_labels)) "target_labels" else "source_labels", "is missing, and the other is not")
  }
  if (is.null(target_labels)) {
    if (nrow(source) != nrow(target)) {
      fail("source", "has ", nrow(source), " rows, target has ", nrow(target), class = "tsne_shape")
    }
    codes <- list(NULL, NULL)
  } else {
    if (length(target_labels) != nrow(target)) {
      fail("target_labels", "has ", length(target_labels), " entries, want ", nrow(target), class = "tsne_shape")
    }
    all <- as_labels(c(as.character(target_labels), as.character(source_labels)), nrow(target) + nrow(source),
                     "source_labels")
    codes <- list(all[seq_len(nrow(target))], all[-seq_len(nrow(target))])
  }
  value <- finish(.Call(C_procrustes, target, source, codes[[1L]], codes[[2L]], flags(scale, reflection)),
                  target = shown("target", target), source = shown("source", source))
  class(value) <- "tsne_superposition"
  value$Y <- predict(value, source)
  value
}

flags <- function(scale, reflection, to_first = FALSE) isTRUE(scale) + 2L * (!isTRUE(reflection)) + 4L * isTRUE(to_first)

#' @rdname procrustes
#' @export
predict.tsne_superposition <- function(object, newdata, ...) {
  if (missing(newdata)) return(object$Y)
  y <- finite(as_map(newdata, "newdata"), "newdata")
  if (ncol(y) != length(object$from)) {
    fail("newdata", "has ", ncol(y), " columns, want ", length(object$from), class = "tsne_shape")
  }
  moved <- object$scale * sweep(y, 2L, object$from) %*% t(object$rotation)
  moved <- sweep(moved, 2L, object$to, "+")
  dimnames(moved) <- dimnames(y)
  moved
}

#' @rdname procrustes
#' @export
procrustes_maps <- function(maps, scale = FALSE, reflection = TRUE, to_first = FALSE) {
  if (!is.list(maps) || !length(maps) || inherits(maps, "tsne")) fail("maps", "want a list of maps")
  call <- sys.call()
  y <- lapply(seq_along(maps), function(i) as_map(maps[[i]], paste0("maps[[", i, "]]"), call))
  for (i in seq_along(y)) {
    if (!identical(dim(y[[i]]), dim(y[[1L]]))) {
      fail(paste0("maps[[", i, "]]"), "is ", paste(dim(y[[i]]), collapse = " x "), ", want ",
           paste(dim(y[[1L]]), collapse = " x "), " as the first", class = "tsne_shape")
    }
  }
  each <- lapply(seq_along(y), function(i) shown(paste0("maps[[", i, "]]"), y[[i]]))
  names(each) <- sprintf("maps[%d]", seq_along(y) - 1L)
  result <- .Call(C_procrustes_many, do.call(rbind, y), length(y), flags(scale, reflection, to_first))
  value <- do.call(finish, c(list(result, call), each), quote = TRUE)
  n <- nrow(y[[1L]])
  value$maps <- lapply(seq_along(y), function(i) {
    map <- value$maps[(i - 1L) * n + seq_len(n), , drop = FALSE]
    dimnames(map) <- dimnames(y[[i]])
    map
  })
  names(value$maps) <- names(maps)
  value
}

#' How well a map shows its data
#'
#' The three figures of Kobak and Berens (2019).
#'
#' @param X the data, matrix or data frame, or a map of [tsne_fit()] that has
#'   its data, whose `Y` is then the default.
#' @param Y a map: object of [tsne_fit()] or matrix.
#' @param labels classes of the points; `NA` is none.
#' @param seed,threads as in [tsne_options()].
#' @param metric distance in `X`, as in [tsne_options()]; in `Y` it is Euclidean.
#' @return `knn`: mean share of the 10 nearest in `X` that are among the 10
#'   nearest in `Y`. `knc`: the same of the 4 nearest class means, `NaN`
#'   without labels, by `"hamming"`, and where a mean has no direction by
#'   `"cosine"` or `"correlation"`. `cpd`: Spearman correlation of the distances
#'   among 1000 random points.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], seed = 1)
#' quality(fit, labels = iris$Species)
#' @export
quality <- function(X, Y = NULL, labels = NULL, seed = NULL, threads = 0, metric = "euclidean") {
  if (inherits(X, "tsne")) {
    if (is.null(Y)) Y <- X$Y
    X <- finish(.Call(C_data, as_model(X, "X")))
  }
  x <- as_data(X, "X")
  y <- as_map(Y, "Y")
  if (nrow(x) != nrow(y)) fail("Y", "has ", nrow(y), " rows, X has ", nrow(x), class = "tsne_shape")
  labels <- as_labels(labels, nrow(x), "labels")
  o <- ready(tsne_options(seed = seed, threads = threads, metric = metric), nrow(x))
  figures <- finish(.Call(C_quality, rows_of(x, "X"), y, labels, o), x = shown("X", x), y = shown("Y", y))
  stats::setNames(figures, c("knn", "knc", "cpd"))
}

#' Share of neighbours that two maps have in common
#'
#' @param a,b maps of the same points.
#' @param k how many neighbours.
#' @param threads as in [tsne_options()].
#' @return the mean share of a point's `k` nearest in `a` that are among its
#'   `k` nearest in `b`.
#' @examples
#' a <- tsne_fit(iris[, 1:4], seed = 1)
#' b <- tsne_fit(iris[, 1:4], seed = 2, init = "random")
#' shared_neighbors(a, b)
#' @export
shared_neighbors <- function(a, b, k = 10, threads = 0) {
  a <- as_map(a, "a")
  b <- as_map(b, "b")
  if (!identical(dim(a), dim(b))) {
    fail("b", "is ", paste(dim(b), collapse = " x "), ", a is ", paste(dim(a), collapse = " x "), class = "tsne_shape")
  }
  finish(.Call(C_shared, a, b, one_int(k, "k"), ready(tsne_options(threads = threads, seed = 0), nrow(a))),
         a = shown("a", a), b = shown("b", b))
}
