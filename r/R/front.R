#' Nearest neighbours
#'
#' Package igraph has a function of the name `neighbors` as well. This one gives
#' that what is a graph; under the name `tsne_neighbors` it is found whatever was
#' attached last.
#'
#' @name neighbors
#' @param X matrix, data frame or [dist] object.
#' @param k how many of each row, itself excluded.
#' @param query `NULL`, or a matrix or data frame of new rows, with the columns
#'   of `X`: the neighbours of these among the rows of `X` are wanted.
#' @param ... options by name, see [tsne_options()]: `metric`, `neighbors`,
#'   `neighbors_effort`, `threads`, `seed`.
#' @param progress as in [tsne_fit()].
#' @return a list of class `"tsne_neighbors"` with `index` (1 for the first
#'   row of `X`) and `distance`, one row for each of `X`, k columns, nearest
#'   first: what [tsne_fit()], [affinities()] and [Rtsne_neighbors()] take.
#'   With `query` one row for each of it, of class `"tsne_query"`, and with
#'   `n`, the number of rows of `X`: what [affinities_of_new()] takes. There a
#'   row of `X` that equals the new one counts.
#' @examples
#' nn <- neighbors(iris[, 1:4], 60)
#' fit <- tsne_fit(nn, perplexity = 20, seed = 1)
#'
#' odd <- seq(1, 149, 2)
#' neighbors(iris[odd, 1:4], 3, query = iris[-odd, 1:4][1:2, ])
#' @export
tsne_neighbors <- function(X, k = 90, query = NULL, ..., progress = FALSE) {
  if (missing(X) || inherits(X, "igraph")) {
    call <- sys.call()
    call[[1L]] <- quote(igraph::neighbors)
    return(eval(call, parent.frame()))
  }
  tell <- teller(progress)
  distances <- inherits(X, "dist")
  x <- if (distances) as_distances(X, "X") else as_data(X, "X")
  n <- if (distances) attr(x, "Size") else nrow(x)
  k <- one_int(k, "k")
  rows <- if (distances) attr(x, "Labels") else rownames(x)
  if (!is.null(query)) {
    if (distances) fail("query", "X is a dist object, in which there are no new rows")
    query <- as_numbers(query, "query")
    if (ncol(query) != ncol(x)) {
      fail("query", "has ", ncol(query), " columns, X has ", ncol(x), class = "tsne_shape")
    }
    rows <- rownames(query)
  }
  only(..., names = c("metric", "neighbors", "neighbors_effort", "threads", "seed", "max_memory", "progress_every"))
  o <- ready(tsne_options(...), n)
  if (distances) own_distances(o)
  value <- finish(.Call(C_neighbors, rows_of(x, "X"), query, k, distances, o, tell), x = shown("X", x),
                  distances = shown("X", x), q = shown("query", query))
  rownames(value$index) <- rownames(value$distance) <- rows
  if (is.null(query)) return(structure(value, class = "tsne_neighbors"))
  structure(c(value, n = n), class = "tsne_query")
}

#' @rdname neighbors
#' @export
neighbors <- tsne_neighbors

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
#' @param p,x what `affinities` returned; `affinities_matrix` also takes what
#'   [tsne_partial()] returned.
#' @return an object of class `"tsne_affinities"`; `affinities_matrix` gives it
#'   as a `dgCMatrix`: n x n, or m x n for new points. Like a model it does not
#'   outlive the session.
#' @examples
#' p <- affinities(iris[, 1:4], perplexity = c(10, 30))
#' p
#' fit <- tsne_fit(p, seed = 1)
#' @export
affinities <- function(X, ..., progress = FALSE) {
  only(..., names = if (!inherits(X, "tsne")) {
    c("perplexity", "affinity", "k", "sigma", "metric", "neighbors", "neighbors_effort", "threads", "seed",
      "density_lambda", "max_memory", "progress_every")
  })
  if (inherits(X, "tsne")) return(new_affinities(.Call(C_model_affinities, as_model(X, "X"))))
  o <- unclass(tsne_options(...))
  if (is.null(o$seed)) o$seed <- draw_seed()
  make_affinities(X, o, teller(progress), sys.call())
}

#' @rdname affinities
#' @export
affinities_of <- function(X) {
  X <- as_sparse(X, "X")
  if (nrow(X) != ncol(X)) {
    fail("X", "is ", nrow(X), " x ", ncol(X), ", want a square matrix", class = "tsne_shape")
  }
  o <- ready(tsne_options(seed = 0), nrow(X))
  new_affinities(finish(.Call(C_affinities, inputs[["sparse"]], slots(X), nrow(X), o, NULL), affinities = shown("X", X)))
}

#' Affinities of new rows
#'
#' The probabilities that draw new points to those of a map, each row for
#' itself, from their distances. [tsne_partial()] takes them.
#'
#' @param X what [neighbors()] returned for a `query`; a list of such `index`,
#'   `distance` and `n`, as `c(BiocNeighbors::queryKNN(X, query, k), n = nrow(X))`;
#'   or an m x n matrix of distances of the m new rows to each of the map's n.
#' @param perplexity effective number of neighbours; several at once are
#'   combined as `affinity` says. Above the number of distances in a row it is
#'   lowered to that, with a warning.
#' @param affinity,sigma,threads as in [tsne_options()]. Both kinds of
#'   `"uniform"` are the same here.
#' @return an m x n `dgCMatrix` of package Matrix, each row of which sums to 1.
#' @seealso [affinities()], which are of the rows of one data set among each
#'   other, and symmetric.
#' @examples
#' odd <- seq(1, 149, 2)
#' near <- neighbors(iris[odd, 1:4], 15, query = iris[-odd, 1:4])
#' p <- affinities_of_new(near, perplexity = c(3, 10), affinity = "multiscale")
#' fit <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' tsne_partial(fit, affinities = p, iterations = 50)
#' @export
affinities_of_new <- function(X, perplexity = 5, affinity = "perplexity", sigma = 0, threads = 0) {
  if (is_graph(X, new = TRUE)) {
    if (!whole(X$n)) fail("X", "want n among its entries, the number of the map's points: c(X, n = ...)", class = "tsne_shape")
    n <- X$n
    g <- as_graph(X, "X", n = n)
  } else {
    distance <- as_numbers(X, "X")
    n <- ncol(distance)
    g <- list(index = col(distance), distance = distance)
  }
  o <- ready(tsne_options(perplexity = perplexity, affinity = affinity, sigma = sigma, threads = threads, seed = 0),
             nrow(g$distance))
  name <- if (is_graph(X, new = TRUE)) "X$distance" else "X"
  p <- finish(.Call(C_conditional, g$distance, o), distances = shown(name, g$distance))
  sparseMatrix(row(p), g$index, x = c(p), dims = c(nrow(p), n), dimnames = list(rownames(g$distance), NULL))
}

# What affinities are made of, as C knows it.
inputs <- c(data = 0L, neighbors = 1L, distances = 2L, sparse = 3L)

# Options without their class: they need not be of use for a fit.
make_affinities <- function(X, o, tell, call) {
  o$init <- choices$init[["random"]]
  o$init_y <- NULL
  if (is_graph(X) || inherits(X, "dist")) own_distances(o, call)
  if (is_graph(X)) {
    g <- as_graph(X, "X", call)
    args <- list(inputs[["neighbors"]], g$distance, g$index)
  } else if (inherits(X, "dist")) {
    args <- list(inputs[["distances"]], as_distances(X, "X", call), NULL)
  } else {
    args <- list(inputs[["data"]], as_data(X, "X", call), NULL)
  }
  new_affinities(finish(.Call(C_affinities, args[[1L]], rows_of(args[[2L]], "X", call), args[[3L]], o, tell), call,
                        x = shown("X", args[[2L]]), distances = shown("X", args[[2L]]),
                        neighbours = shown("X$distance", args[[2L]])))
}

new_affinities <- function(handle) {
  size <- .Call(C_affinities_size, handle)
  structure(list(handle = handle, n = size[1L], values = size[2L]), class = "tsne_affinities")
}

check_affinities <- function(p, name, call = sys.call(sys.parent())) {
  if (!inherits(p, "tsne_affinities")) fail(name, "want what affinities() returns", call = call)
  if (!.Call(C_alive, p$handle)) {
    fail(name, "its values have not come along: saveRDS() does not keep affinities, affinities_matrix() is a ",
         "matrix that it keeps", call = call, class = "tsne_handle")
  }
  p
}

#' @rdname affinities
#' @export
affinities_matrix <- function(p) {
  if (inherits(p, "tsne_partial")) {
    v <- finish(.Call(C_partial_affinities, as_points(p, "p")))
    return(sparseMatrix(j = v$j + 1L, p = v$p, x = v$x, dims = c(nrow(p$Y), p$n),
                                dimnames = list(rownames(p$Y), NULL)))
  }
  check_affinities(p, "p")
  v <- finish(.Call(C_affinities_copy, p$handle))
  # P is symmetric: its rows are the columns of a dgCMatrix.
  methods::new("dgCMatrix", p = v$p, i = v$j, x = v$x, Dim = rep(as.integer(p$n), 2L))
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
  if (nrow(y) != p$n) fail("Y", "has ", nrow(y), " rows, want ", p$n, class = "tsne_shape")
  o <- ready(tsne_options(dims = ncol(y), repulsion = repulsion, dof = dof, theta = theta, threads = threads,
                          seed = 0), p$n)
  finish(.Call(C_cost, p$handle, y, o), y = shown("Y", y))
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
  X <- as_data(X, "X")
  o <- ready(options, nrow(X))
  named(finish(.Call(C_initialize, rows_of(X, "X"), o), x = shown("X", X)), rownames(X))
}

#' Reduce to a few columns
#'
#' Scores of the first principal components or, of a sparse matrix, which is
#' not centred, of the first singular vectors.
#'
#' @param X matrix, data frame, sparse matrix of package Matrix or DelayedMatrix.
#' @param k how many: 1 to the smaller of rows and columns.
#' @param seed without effect: no random numbers are drawn.
#' @param threads as in [tsne_options()].
#' @return an n x k matrix.
#' @examples
#' head(tsne_reduce(iris[, 1:4], 2, seed = 1))
#' @export
tsne_reduce <- function(X, k = min(50, dim(X)), seed = NULL, threads = 0) {
  k <- one_int(k, "k")
  options <- tsne_options(seed = seed, threads = threads)
  X <- read_sparse(X)
  if (is(X, "sparseMatrix")) {
    X <- as_sparse(X, "X")
    value <- finish(.Call(C_reduce_sparse, slots(X), nrow(X), k, ready(options, nrow(X))), x = shown("X", X))
  } else {
    X <- as_data(X, "X")
    value <- finish(.Call(C_reduce, rows_of(X, "X"), k, ready(options, nrow(X))), x = shown("X", X))
  }
  dimnames(value) <- list(rownames(X), paste0("PC", seq_len(ncol(value))))
  value
}
