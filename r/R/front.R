#' Nearest neighbours
#'
#' @param X matrix, data frame or [dist] object.
#' @param k how many of each row, itself excluded.
#' @param ... options by name, see [tsne_options()]: `metric`, `neighbors`,
#'   `neighbors_effort`, `threads`, `seed`.
#' @param progress as in [tsne_fit()].
#' @return a list of class `"tsne_neighbors"` with `index` (1 for the first
#'   row) and `distance`, both n x k, nearest first: what [tsne_fit()],
#'   [affinities()] and [Rtsne_neighbors()] take.
#' @examples
#' nn <- neighbors(iris[, 1:4], 60)
#' fit <- tsne_fit(nn, perplexity = 20, seed = 1)
#' @export
neighbors <- function(X, k = 90, ..., progress = FALSE) {
  tell <- teller(progress)
  distances <- inherits(X, "dist")
  x <- as_numbers(if (distances) as.matrix(X) else X, "X")
  k <- one_int(k, "k")
  if (distances && k >= 1 && k < nrow(x)) {
    return(structure(nearest_of(x, k), class = "tsne_neighbors"))
  }
  o <- ready(tsne_options(...), nrow(x))
  value <- finish(.Call(C_neighbors, x, k, distances, o, tell))
  rownames(value$index) <- rownames(value$distance) <- rownames(x)
  structure(value, class = "tsne_neighbors")
}

#' Affinities
#'
#' The symmetric matrix P of which [tsne_fit()] makes a map.
#'
#' @param X as in [tsne_fit()], or a map of it, whose affinities are given.
#'   `affinities_of` takes the matrix P itself: symmetric, a matrix or sparse
#'   matrix of package Matrix, which is scaled to the sum 1.
#' @param ... options by name, see [tsne_options()]: `perplexity`, `affinity`,
#'   `k`, `sigma`, `metric`, `neighbors`, `threads`, `seed`.
#' @param progress as in [tsne_fit()].
#' @param p,x what `affinities` returned.
#' @return an object of class `"tsne_affinities"`; `affinities_matrix` gives it
#'   as a `dgCMatrix`. Like a model it does not outlive the session.
#' @examples
#' p <- affinities(iris[, 1:4], perplexity = c(10, 30))
#' p
#' fit <- tsne_fit(p, seed = 1)
#' @export
affinities <- function(X, ..., progress = FALSE) {
  if (inherits(X, "tsne")) return(new_affinities(.Call(C_model_affinities, as_model(X, "X"))))
  o <- unclass(tsne_options(...))
  if (is.null(o$seed)) o$seed <- draw_seed()
  make_affinities(X, o, teller(progress), sys.call())
}

#' @rdname affinities
#' @export
affinities_of <- function(X) {
  if (is(X, "sparseMatrix")) {
    X <- methods::as(methods::as(X, "CsparseMatrix"), "generalMatrix")
    p <- list(X@p, X@i, as.double(X@x))
    n <- dim(X)
  } else {
    X <- as_numbers(X, "X")
    n <- dim(X)
    at <- which(X != 0, arr.ind = TRUE)
    p <- list(c(0L, cumsum(tabulate(at[, 2L], n[2L]))), as.integer(at[, 1L]) - 1L, X[at])
  }
  if (n[1L] != n[2L]) fail("X: is ", n[1L], " x ", n[2L], ", want a square matrix", class = "tsne_shape")
  bad <- which(!is.finite(p[[3L]]) | p[[3L]] < 0)
  if (length(bad)) fail("X: has the value ", p[[3L]][bad[1L]], ", want 0 or more", class = "tsne_graph")
  o <- ready(tsne_options(seed = 0), n[1L])
  new_affinities(finish(.Call(C_affinities, 3L, p[[1L]], p[[2L]], p[[3L]], o, NULL)))
}

# The k nearest of each row of a matrix of distances, ties by index.
nearest_of <- function(D, k) {
  n <- nrow(D)
  index <- matrix(0L, n, k, dimnames = list(rownames(D), NULL))
  for (i in seq_len(n)) index[i, ] <- setdiff(order(D[i, ])[seq_len(k + 1L)], i)[seq_len(k)]
  distance <- D[cbind(c(row(index)), c(index))]
  list(index = index, distance = array(distance, dim(index), dimnames(index)))
}

graph_width <- function(o, n) {
  if (o$k > 0) return(min(o$k, n - 1))
  max(1, min(n - 1, floor(3 * max(o$perplexity, o$perplexities))))
}

# Options without their class: they need not be of use for a fit.
make_affinities <- function(X, o, tell, call) {
  o$init <- inits[["random"]]
  o$init_y <- NULL
  if (is_graph(X)) {
    g <- as_graph(X, "X", call)
    args <- list(1L, g$distance, g$index)
  } else if (inherits(X, "dist")) {
    D <- as_numbers(as.matrix(X), "X", call)
    g <- nearest_of(D, graph_width(o, nrow(D)))
    args <- list(1L, g$distance, g$index)
  } else {
    args <- list(0L, as_numbers(X, "X", call), NULL)
  }
  new_affinities(finish(.Call(C_affinities, args[[1L]], args[[2L]], args[[3L]], NULL, o, tell), call))
}

new_affinities <- function(handle) {
  size <- .Call(C_affinities_size, handle)
  structure(list(handle = handle, n = size[1L], values = size[2L]), class = "tsne_affinities")
}

check_affinities <- function(p, name, call = sys.call(-1L)) {
  if (!inherits(p, "tsne_affinities")) fail(name, ": want what affinities() returns", call = call)
  if (!.Call(C_alive, p$handle)) {
    fail(name, ": its values have not come along: saveRDS() does not keep affinities, affinities_matrix() is a ",
         "matrix that it keeps", call = call, class = "tsne_handle")
  }
  p
}

#' @rdname affinities
#' @export
affinities_matrix <- function(p) {
  check_affinities(p, "p")
  if (!requireNamespace("Matrix", quietly = TRUE)) fail("affinities_matrix() needs the package Matrix")
  v <- finish(.Call(C_affinities_copy, p$handle))
  methods::new("dgCMatrix", p = v$p, i = v$i, x = v$x, Dim = rep(as.integer(p$n), 2L))
}

#' @rdname affinities
#' @export
print.tsne_affinities <- function(x, ...) {
  cat(sprintf("t-SNE affinities of %.0f points: %.0f values, %.1f a point\n", x$n, x$values, x$values / x$n))
  invisible(x)
}

#' Cost of a map
#'
#' @param p what [affinities()] returned.
#' @param Y a map: object of [tsne_fit()] or matrix.
#' @param repulsion `"exact"`: all pairs; else as in [tsne_options()].
#' @param dof,theta,threads as in [tsne_options()].
#' @return a list of `kl`, the Kullback-Leibler divergence, `gradient`, n x
#'   dims, with the factor 4 of van der Maaten and Hinton (2008), and `points`,
#'   what each point adds to `kl`.
#' @examples
#' p <- affinities(iris[, 1:4])
#' tsne_cost(p, tsne_fit(p, seed = 1))$kl
#' @export
tsne_cost <- function(p, Y, repulsion = "exact", dof = 1, theta = 0.5, threads = 0) {
  check_affinities(p, "p")
  y <- as_map(Y, "Y")
  if (nrow(y) != p$n) fail("Y: has ", nrow(y), " rows, want ", p$n, class = "tsne_shape")
  o <- ready(tsne_options(dims = ncol(y), repulsion = repulsion, dof = dof, theta = theta, threads = threads,
                          seed = 0), p$n)
  finish(.Call(C_cost, p$handle, y, TRUE, o))
}

#' The start of a map
#'
#' @param X matrix or data frame or, for the spectral start, [affinities()].
#' @param ... options by name, see [tsne_options()].
#' @return an n x dims matrix, to be used as `init`.
#' @examples
#' head(tsne_initialize(iris[, 1:4], init = "pca"))
#' @export
tsne_initialize <- function(X, ...) {
  options <- tsne_options(...)
  if (inherits(X, "tsne_affinities")) {
    check_affinities(X, "X")
    o <- ready(options, X$n)
    return(named(finish(.Call(C_initialize, X$handle, o)), NULL))
  }
  X <- as_numbers(X, "X")
  o <- ready(options, nrow(X))
  named(finish(.Call(C_initialize, X, o)), rownames(X))
}

#' Reduce to a few columns
#'
#' Scores of the first principal components or, of a sparse matrix, which is
#' not centred, of the first singular vectors.
#'
#' @param X matrix, data frame or `dgCMatrix`.
#' @param k how many: 1 to the smaller of rows and columns.
#' @param seed,threads as in [tsne_options()].
#' @return an n x k matrix.
#' @examples
#' head(tsne_reduce(iris[, 1:4], 2, seed = 1))
#' @export
tsne_reduce <- function(X, k = min(50, dim(X)), seed = NULL, threads = 0) {
  k <- one_int(k, "k")
  options <- tsne_options(seed = seed, threads = threads)
  if (is(X, "sparseMatrix")) {
    if (!is(X, "dgCMatrix")) X <- methods::as(methods::as(methods::as(X, "dMatrix"), "generalMatrix"), "CsparseMatrix")
    bad <- which(!is.finite(X@x))
    if (length(bad)) {
      i <- X@i[bad[1L]] + 1L
      j <- findInterval(bad[1L] - 1L, X@p)
      fail("X: ", place("row", i, rownames(X)), ", ", place("column", j, colnames(X)), " is ", X@x[bad[1L]],
           ", want a finite value", class = "tsne_not_finite")
    }
    value <- finish(.Call(C_reduce_sparse, X@p, X@i, X@x, nrow(X), k, ready(options, nrow(X)), NULL))
  } else {
    X <- as_numbers(X, "X")
    value <- finish(.Call(C_reduce, X, k, ready(options, nrow(X)), NULL))
  }
  dimnames(value) <- list(rownames(X), paste0("PC", seq_len(ncol(value))))
  value
}
