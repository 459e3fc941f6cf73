#' t-SNE with the arguments of package Rtsne
#'
#' A script written for package Rtsne runs with this package in its place:
#' arguments, their defaults, checks, what is said and the returned list are the
#' same.
#'
#' @param X a matrix, data frame or [dist] object; one row a point. A sparse
#'   matrix of package Matrix is reduced to `initial_dims` columns by
#'   [tsne_reduce()], which does not centre; with `pca = FALSE` it is made
#'   dense. A DelayedMatrix is read in blocks, as in [tsne_fit()], and its PCA is
#'   that of `partial_pca = TRUE`.
#' @param dims columns of the map: 1, 2 or 3.
#' @param initial_dims columns kept by the PCA.
#' @param perplexity effective number of neighbours, at most (n - 1) / 3.
#' @param theta 0: all pairs; else the fastest approximation for this size,
#'   which is Barnes-Hut with this angle or an interpolation grid.
#' @param check_duplicates whether duplicated rows are an error.
#' @param pca whether a PCA comes first.
#' @param partial_pca whether the PCA is [tsne_reduce()]'s, which is faster for
#'   many columns, instead of [prcomp()]'s.
#' @param max_iter iterations.
#' @param verbose whether it is printed how far it is.
#' @param is_distance whether `X` is a matrix of distances.
#' @param Y_init n x dims matrix to start from; `NULL`: random, from R's
#'   generator.
#' @param pca_center,pca_scale whether columns are centred and scaled to unit
#'   variance before the PCA.
#' @param normalize whether columns are centred, and all divided by the largest
#'   absolute value, by [normalize_input()].
#' @param stop_lying_iter iterations with exaggeration.
#' @param mom_switch_iter iterations with the first momentum.
#' @param momentum,final_momentum of the two phases.
#' @param eta learning rate.
#' @param exaggeration_factor of the first phase.
#' @param num_threads 0: all processors. The map is the same on any number.
#' @param index,distance n x k matrices of each point's nearest neighbours
#'   (1 for the first row) and their distances.
#' @param ... not used.
#' @return a list of class `"Rtsne"`: `N`, `origD`, `Y`, `costs` (of each point
#'   after the last iteration), `itercosts` (the KL divergence after every 50
#'   iterations, which here is without exaggeration in the first phase too),
#'   and the arguments `perplexity`, `theta`, `max_iter`, `stop_lying_iter`,
#'   `mom_switch_iter`, `momentum`, `final_momentum`, `eta` and
#'   `exaggeration_factor`.
#' @seealso [tsne_fit()], whose defaults are better for more than a few
#'   thousand points.
#' @examples
#' unique_iris <- unique(iris)
#' set.seed(42)
#' out <- Rtsne(as.matrix(unique_iris[, 1:4]))
#' plot(out$Y, col = unique_iris$Species, asp = 1)
#' @export
Rtsne <- function(X, ...) UseMethod("Rtsne")

#' @rdname Rtsne
#' @export
Rtsne.default <- function(X, dims = 2, initial_dims = 50, perplexity = 30, theta = 0.5, check_duplicates = TRUE,
                          pca = TRUE, partial_pca = FALSE, max_iter = 1000,
                          verbose = getOption("verbose", FALSE), is_distance = FALSE, Y_init = NULL,
                          pca_center = TRUE, pca_scale = FALSE, normalize = TRUE,
                          stop_lying_iter = ifelse(is.null(Y_init), 250L, 0L),
                          mom_switch_iter = ifelse(is.null(Y_init), 250L, 0L), momentum = 0.5,
                          final_momentum = 0.8, eta = 200, exaggeration_factor = 12, num_threads = 1, ...) {
  call <- sys.call(-1L)
  rtsne_want(is.logical(is_distance), "is_distance", "is_distance should be a logical variable", is_distance, call)
  X <- read_sparse(X)
  sparse <- is(X, "sparseMatrix") && pca && !is_distance
  if ((is(X, "Matrix") && !sparse) || (is_delayed(X) && is_distance)) X <- as.matrix(X)
  if (!sparse && !is.matrix(X) && !is_delayed(X)) {
    refuse(paste("Input X is not a matrix, got an object of class", class(X)[1L]), call, "tsne_option", "X")
  }
  if (is_distance && nrow(X) != ncol(X)) {
    refuse(paste0("Input is not an accepted distance matrix: X is ", nrow(X), " x ", ncol(X)), call, "tsne_shape", "X")
  }
  for (name in c("pca_center", "pca_scale")) {
    rtsne_want(is.logical(get(name)), name, "pca_center and pca_scale should be TRUE or FALSE", get(name), call, name)
  }
  for (name in c("check_duplicates", "pca", "partial_pca", "is_distance", "pca_center", "pca_scale", "normalize")) {
    one_flag(get(name), name, call)
  }
  rtsne_want(whole(initial_dims) && initial_dims > 0, "initial_dims", "Incorrect initial dimensionality.", initial_dims, call,
             "initial_dims")
  args <- rtsne_args(nrow(X), dims, perplexity, theta, max_iter, Y_init, stop_lying_iter, mom_switch_iter,
                     momentum, final_momentum, eta, exaggeration_factor, num_threads, call)
  X <- if (sparse) as_sparse(X, "X", call) else as_data(X, "X", call)
  if (is.matrix(X)) X <- complete(X, call)
  verbose <- isTRUE(as.logical(verbose))
  o <- rtsne_options(args, nrow(X))
  n <- nrow(X)
  origD <- NULL
  if (is_distance) {
    input <- list(inputs[["distances"]], X, NULL)
  } else {
    if (pca) {
      if (verbose) cat("Performing PCA\n")
      X <- rtsne_pca(X, min(initial_dims, dim(X)), partial_pca, pca_center, pca_scale, o, call)
    }
    twice <- if (check_duplicates) row_twice(X, "X", call) else 0L
    if (twice) {
      refuse(paste0("Remove duplicates before running TSNE. X: ", place("row", twice, rownames(X)),
                    " is there before, want check_duplicates = FALSE or other rows"), call, "tsne_option", "X", row = twice)
    }
    if (normalize) X <- normalize_input(X)
    if (is_delayed(X)) X <- rows_of(X, "X", call, look = complete_block(call))
    origD <- ncol(X)
    input <- list(inputs[["data"]], X, NULL)
  }
  rtsne_run(input, n, origD, args, o, verbose, call)
}

#' @rdname Rtsne
#' @export
Rtsne.dist <- function(X, ..., is_distance = TRUE) {
  Rtsne.default(as.matrix(X), ..., is_distance = is_distance)
}

#' @rdname Rtsne
#' @export
Rtsne.data.frame <- function(X, ...) {
  Rtsne.default(stats::model.matrix(~ . - 1, complete(X, sys.call(-1L))), ...)
}

#' @rdname Rtsne
#' @export
Rtsne.Matrix <- function(X, ...) Rtsne.default(X, ...)

#' @export
Rtsne.DelayedMatrix <- Rtsne.Matrix

#' @rdname Rtsne
#' @export
Rtsne_neighbors <- function(index, distance, dims = 2, perplexity = 30, theta = 0.5, max_iter = 1000,
                            verbose = getOption("verbose", FALSE), Y_init = NULL,
                            stop_lying_iter = ifelse(is.null(Y_init), 250L, 0L),
                            mom_switch_iter = ifelse(is.null(Y_init), 250L, 0L), momentum = 0.5,
                            final_momentum = 0.8, eta = 200, exaggeration_factor = 12, num_threads = 1, ...) {
  call <- sys.call()
  if (!is.matrix(index)) {
    refuse(paste("Input index is not a matrix, got an object of class", class(index)[1L]), call, "tsne_option", "index")
  }
  if (!identical(dim(index), dim(distance))) {
    size <- function(x) if (is.null(dim(x))) paste("of class", class(x)[1L]) else paste(dim(x), collapse = " x ")
    refuse(paste0("index and distance matrices should have the same dimensions: index is ", size(index), ", distance is ",
                  size(distance)), call, "tsne_shape", "distance")
  }
  bad <- first_at(is.na(index) | index < 1 | index > nrow(index))
  if (!is.null(bad)) {
    refuse(paste0("invalid indices. index: row ", bad[1L], ", column ", bad[2L], " is ", index[bad[1L], bad[2L]], ", want 1 to ",
                  nrow(index)), call, "tsne_graph", "index", bad[1L], bad[2L])
  }
  g <- as_graph(list(index = index, distance = distance), "Rtsne_neighbors", call)
  args <- rtsne_args(nrow(index), dims, perplexity, theta, max_iter, Y_init, stop_lying_iter, mom_switch_iter,
                     momentum, final_momentum, eta, exaggeration_factor, num_threads, call)
  o <- rtsne_options(args, nrow(index))
  o$k <- 0
  rtsne_run(list(inputs[["neighbors"]], g$distance, g$index), nrow(index), NULL, args, o, verbose, call)
}

#' Centre columns and divide by the largest absolute value
#'
#' As `Rtsne::normalize_input()`.
#'
#' @param X a matrix.
#' @return a matrix.
#' @examples
#' range(normalize_input(as.matrix(iris[, 1:4])))
#' @export
normalize_input <- function(X) {
  if (is_delayed(X)) {
    call <- sys.call()
    X <- t(t(X) - block_means(X, "X", call, look = complete_block(call)))
    largest <- over_blocks(X, "X", call, function(v) max(abs(v), 0), max)
    return(if (largest > 0) X / largest else X)
  }
  X <- finite(as_numbers(X, "X"), "X")
  X <- sweep(X, 2L, colMeans(X))
  largest <- max(abs(X), 0)
  if (largest > 0) X / largest else X
}

# Refuses a value in Rtsne's words.
rtsne_want <- function(ok, argument, words, value, call, name = NULL) {
  if (!isTRUE(ok)) {
    got <- paste0("got ", paste(deparse(value, nlines = 1L), collapse = ""))
    refuse(paste0(words, if (is.null(name)) ", " else paste0(if (endsWith(words, ".")) " " else ": ", name, ": "), got), call,
           "tsne_option", argument)
  }
}

rtsne_args <- function(n, dims, perplexity, theta, max_iter, Y_init, stop_lying_iter, mom_switch_iter, momentum,
                       final_momentum, eta, exaggeration_factor, num_threads, call) {
  number <- function(v, low, high = Inf) is.numeric(v) && length(v) == 1L && is.finite(v) && v >= low && v <= high
  above <- function(v) number(v, 0) && v > 0
  want <- function(ok, argument, words, ...) rtsne_want(ok, argument, words, get(argument), call, ...)
  want(whole(num_threads) && num_threads >= 0, "num_threads", "Incorrect number of threads.", "num_threads")
  want(whole(dims) && dims >= 1 && dims <= 3, "dims", "dims should be either 1, 2 or 3")
  want(whole(max_iter) && max_iter > 0, "max_iter", "number of iterations should be a positive integer", "max_iter")
  if (!is.null(Y_init)) {
    if (!identical(dim(Y_init), as.integer(c(n, dims)))) {
      refuse(paste0("incorrect format for Y_init: is ",
                    if (is.null(dim(Y_init))) paste("of class", class(Y_init)[1L]) else paste(dim(Y_init), collapse = " x "),
                    ", want ", n, " x ", dims), call, "tsne_shape", "Y_init")
    }
    Y_init <- as_map(Y_init, "Y_init", call)
  }
  want(above(perplexity), "perplexity", "perplexity should be a positive number")
  want(number(theta, 0, 1), "theta", "theta should lie in [0, 1]")
  want(whole(stop_lying_iter) && stop_lying_iter >= 0, "stop_lying_iter", "stop_lying_iter should be a positive integer")
  want(whole(mom_switch_iter) && mom_switch_iter >= 0, "mom_switch_iter", "mom_switch_iter should be a positive integer")
  want(number(momentum, 0), "momentum", "momentum should be a positive number")
  want(number(final_momentum, 0), "final_momentum", "final momentum should be a positive number", "final_momentum")
  want(above(eta), "eta", "eta should be a positive number")
  want(above(exaggeration_factor), "exaggeration_factor", "exaggeration_factor should be a positive number")
  if (n - 1 < 3 * perplexity) {
    refuse(paste0("perplexity is too large for the number of samples: ", perplexity, " for ", n, ", want at most ",
                  format((n - 1) / 3)), call, "tsne_option", "perplexity")
  }
  list(dims = dims, Y_init = Y_init, num_threads = num_threads, kept = list(
    perplexity = perplexity, theta = theta, max_iter = max_iter, stop_lying_iter = stop_lying_iter,
    mom_switch_iter = mom_switch_iter, momentum = momentum, final_momentum = final_momentum, eta = eta,
    exaggeration_factor = exaggeration_factor))
}

rtsne_options <- function(args, n) {
  a <- args$kept
  start <- args$Y_init
  if (is.null(start)) start <- matrix(stats::rnorm(as.double(n) * args$dims, sd = 1e-4), n)
  unclass(tsne_options(
    dims = args$dims, perplexity = a$perplexity, init = start, seed = draw_seed(), threads = args$num_threads,
    max_step_norm = 0, theta = if (a$theta == 0) 0.5 else a$theta, repulsion = if (a$theta == 0) "exact" else "auto",
    k = if (a$theta == 0) n - 1 else 0))
}

rtsne_pca <- function(X, k, partial, center, scale, o, call) {
  if (is_delayed(X)) {
    if (!center) fail("pca_center", "got FALSE, want TRUE for a DelayedMatrix", call = call)
    X <- rows_of(if (scale) scaled(X, "X", call) else X, "X", call, look = complete_block(call))
    return(finish(.Call(C_reduce, X, k, ready(tsne_options(seed = o$seed, threads = o$threads), nrow(X))), call))
  }
  if (is(X, "Matrix")) {
    if (scale) fail("pca_scale", "got TRUE, want FALSE for a sparse matrix", call = call)
    return(tsne_reduce(X, k, seed = o$seed, threads = o$threads))
  }
  if (length(X) > .Machine$integer.max && !partial) {
    fail("partial_pca", "got FALSE, want TRUE for 2^31 values or more, which prcomp() does not take", call = call)
  }
  if (!partial || !center) return(stats::prcomp(X, center = center, scale. = scale, rank. = k)$x)
  tsne_reduce(if (scale) base::scale(X) else X, k, seed = o$seed, threads = o$threads)
}

# Rows and columns of missing values, for Rtsne's sentence.
complete <- function(X, call, before = 0L) {
  at <- first_at(is.na(X))
  if (is.null(at)) return(if (is.data.frame(X)) X else finite(X, "X", call, before))
  refuse(paste0("missing values in object. X: ", place("row", at[1L], row_names(X), before), ", ",
                place("column", at[2L], colnames(X)), " is ", format(X[[at[1L], at[2L]]]), ", want a finite value"),
         call, "tsne_not_finite", "X", at[1L] + before, at[2L])
}

complete_block <- function(call) function(block, before) complete(block, call, before)

# Cuts the iterations where exaggeration or momentum changes and where the cost
# is to be known.
rtsne_run <- function(input, n, origD, args, o, verbose, call) {
  a <- args$kept
  say <- function(...) if (verbose) cat(sprintf(...))
  seconds <- function() proc.time()[["elapsed"]]
  began <- last <- seconds()
  if (is.null(origD)) {
    say("Read the NN results for %d points successfully!\n", n)
  } else {
    say("Read the %d x %d data matrix successfully!\n", n, origD)
  }
  say("Using no_dims = %d, perplexity = %f, and theta = %f\n", as.integer(args$dims), a$perplexity, a$theta)
  say("Computing input similarities...\n")
  p <- new_affinities(finish(.Call(C_affinities, input[[1L]], input[[2L]], input[[3L]], o, NULL), call,
                             neighbours = shown("distance", input[[2L]])))
  say("Done in %4.2f seconds (sparsity = %f)!\nLearning embedding...\n", seconds() - began, p$values / n^2)
  began <- last <- seconds()
  model <- finish(.Call(C_model, p$handle, o), call, y0 = shown("Y_init", o$init_y))
  ends <- unique(sort(c(seq(0, a$max_iter, 50), a$stop_lying_iter, a$mom_switch_iter, a$max_iter)))
  ends <- ends[ends <= a$max_iter]
  itercosts <- numeric()
  for (i in seq_along(ends)[-1L]) {
    from <- ends[i - 1L]
    steps <- c(ends[i] - from, if (from < a$stop_lying_iter) a$exaggeration_factor else 1, a$eta,
               if (from < a$mom_switch_iter) a$momentum else a$final_momentum)
    value <- finish(.Call(C_optimize, model, c(steps, FALSE, FALSE), o, NULL), call)
    model <- value$model
    if (ends[i] %% 50 == 0 || ends[i] == a$max_iter) {
      since <- 50 * length(itercosts)
      itercosts <- c(itercosts, value$kl)
      say("Iteration %d: error is %f (%d iterations in %4.2f seconds)\n", as.integer(ends[i]), value$kl,
          as.integer(ends[i] - since), seconds() - last)
      last <- seconds()
    }
  }
  say("Fitting performed in %4.2f seconds.\n", seconds() - began)
  y <- value$Y
  cost <- finish(.Call(C_cost, p$handle, y, o[setdiff(names(o), c("init", "init_y"))]), call)
  out <- c(list(N = n, Y = y, costs = cost$points, itercosts = itercosts), if (!is.null(origD)) list(origD = origD), a)
  structure(out, class = c("Rtsne", "list"))
}
