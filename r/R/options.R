inits <- c(pca = 0, random = 1, given = 2, spectral = 3, sample = 4)
metrics <- c(default = 0, euclidean = 1, cosine = 2, correlation = 3, manhattan = 4, chebyshev = 5, hamming = 6)
affinity_kinds <- c(perplexity = 0, multiscale = 1, uniform = 2, fixed_sigma = 3, uniform_max = 4)
neighbor_methods <- c(auto = 0, exact = 1, approx = 2)
repulsions <- c(auto = 0, exact = 1, barnes_hut = 2, fft = 3)
placements <- c(median = 0, weighted = 1, given = 2)

#' Options of a fit
#'
#' The defaults are the recipe of Kobak and Berens (2019). Ranges are checked
#' by the library when the options are used; its errors name the option.
#'
#' @param dims columns of the map: 1, 2 or 3.
#' @param perplexity effective number of neighbours; several at once are
#'   combined as `affinity` says. Above (n - 1) / 3 it is lowered to that, with
#'   a warning.
#' @param init the start: `"pca"`, `"random"`, `"spectral"` (eigenvectors of
#'   the affinities' graph), `"sample"` (a map of `sample_size` rows on which
#'   the others are placed), or an n x dims matrix, taken as it is. Without
#'   data, as for distances, the default is `"spectral"`.
#' @param metric `"euclidean"`, `"cosine"`, `"correlation"`, `"manhattan"`,
#'   `"chebyshev"` or `"hamming"`.
#' @param affinity `"perplexity"` (of several, the mean of their
#'   probabilities), `"multiscale"` (of several, one of averaged Gaussians),
#'   `"uniform"` (the same for each of `k` neighbours, and the mean of both
#'   directions), `"uniform_max"` (the same for each pair of which either is a
#'   neighbour of the other) or `"fixed_sigma"` (Gaussians of bandwidth
#'   `sigma`).
#' @param sigma bandwidth of `"fixed_sigma"`, in the unit of the distances.
#' @param k neighbours of each point; 0: 3 * perplexity.
#' @param early_iterations,iterations of the first phase, and after it.
#' @param early_exaggeration,exaggeration factor of the attraction in the first
#'   phase, and after it.
#' @param learning_rate 0 or `"auto"`: n / exaggeration of the phase.
#' @param early_momentum,momentum of the two phases: 0 to below 1.
#' @param anneal_iterations of the second phase, over which the exaggeration
#'   goes from early to late.
#' @param max_step_norm longest step of a point; 0: no limit.
#' @param max_grad_norm longest gradient of a point; 0: no limit.
#' @param auto_stop 0: off; else a phase ends once the KL divergence falls by
#'   less than its `auto_stop`-th part an iteration (opt-SNE: 5000).
#' @param dof degrees of freedom of the map's kernel; below 1 heavier tails.
#' @param density_lambda,density_fraction,density_shift weight of density
#'   preservation (den-SNE: 0.1; 0: off), the last share of the iterations
#'   with it, and what is added to the variance of the log radii.
#' @param repulsion `"auto"`, `"exact"`, `"barnes_hut"` or `"fft"`.
#' @param theta angle of Barnes-Hut.
#' @param neighbors `"auto"`, `"exact"` or `"approx"`.
#' @param neighbors_effort of the approximate search; more is better and slower.
#' @param sample_size rows of `init = "sample"`.
#' @param keep_data whether the model keeps the data, without which it can not
#'   place new points.
#' @param max_memory bytes; 0: what the machine, its control group (cgroup) and
#'   the limits of the process (ulimit) leave.
#' @param threads 0: all processors. The map is the same on any number.
#' @param seed a whole number; `NULL`: drawn from R's generator, so that
#'   [set.seed()] decides.
#' @param progress_every iterations between calls of a progress function.
#' @return a list of class `"tsne_options"`.
#' @references Kobak, D. and Berens, P. (2019). The art of using t-SNE for
#'   single-cell transcriptomics. Nature Communications 10:5416.
#' @examples
#' tsne_options(perplexity = c(10, 40), exaggeration = 4)
#' @export
tsne_options <- function(dims = 2, perplexity = 30, init = "pca", metric = "euclidean",
                         affinity = "perplexity", sigma = 0, k = 0,
                         early_iterations = 250, iterations = 500,
                         early_exaggeration = 12, exaggeration = 1, learning_rate = 0,
                         early_momentum = 0.5, momentum = 0.8, anneal_iterations = 0,
                         max_step_norm = 5, max_grad_norm = 0, auto_stop = 0, dof = 1,
                         density_lambda = 0, density_fraction = 0.3, density_shift = 0.1,
                         repulsion = "auto", theta = 0.5, neighbors = "auto", neighbors_effort = 1,
                         sample_size = 25000, keep_data = TRUE, max_memory = 0, threads = 0,
                         seed = NULL, progress_every = 50) {
  o <- list(
    dims = one_int(dims, "dims"),
    early_iterations = one_number(early_iterations, "early_iterations", TRUE),
    iterations = one_number(iterations, "iterations", TRUE),
    early_exaggeration = one_number(early_exaggeration, "early_exaggeration"),
    exaggeration = one_number(exaggeration, "exaggeration"),
    learning_rate = if (identical(learning_rate, "auto")) 0 else one_number(learning_rate, "learning_rate"),
    early_momentum = one_number(early_momentum, "early_momentum"),
    momentum = one_number(momentum, "momentum"),
    anneal_iterations = one_number(anneal_iterations, "anneal_iterations", TRUE),
    max_step_norm = one_number(max_step_norm, "max_step_norm"),
    max_grad_norm = one_number(max_grad_norm, "max_grad_norm"),
    auto_stop = one_number(auto_stop, "auto_stop"),
    dof = one_number(dof, "dof"),
    density_lambda = one_number(density_lambda, "density_lambda"),
    density_fraction = one_number(density_fraction, "density_fraction"),
    density_shift = one_number(density_shift, "density_shift"),
    metric = one_of(metric, "metric", metrics),
    affinity = one_of(affinity, "affinity", affinity_kinds),
    sigma = one_number(sigma, "sigma"),
    k = one_number(k, "k", TRUE),
    repulsion = one_of(repulsion, "repulsion", repulsions),
    theta = one_number(theta, "theta"),
    neighbors = one_of(neighbors, "neighbors", neighbor_methods),
    neighbors_effort = one_number(neighbors_effort, "neighbors_effort"),
    sample_size = one_number(sample_size, "sample_size", TRUE),
    keep_data = one_flag(keep_data, "keep_data"),
    max_memory = one_number(max_memory, "max_memory", TRUE),
    threads = one_int(threads, "threads"),
    progress_every = one_number(progress_every, "progress_every", TRUE)
  )
  o <- with_perplexity(o, perplexity)
  if (is.character(init)) {
    o$init <- one_of(init, "init", inits[names(inits) != "given"])
  } else {
    o$init <- inits[["given"]]
    o$init_y <- as_map(init, "init")
  }
  if (!is.null(seed)) o$seed <- check_seed(seed)
  structure(o, class = "tsne_options", default_init = missing(init))
}

# What the library would find under another name, or after the first phase.
in_range <- function(ok, name, value, want, call = sys.call(sys.parent())) {
  if (!ok) fail(name, ": got ", format(value), ", want ", want, call = call)
}

# One perplexity or several, which are fields of their own.
with_perplexity <- function(o, perplexity, call = sys.call(sys.parent())) {
  if (!is.numeric(perplexity) || length(perplexity) < 1L || anyNA(perplexity)) {
    fail("perplexity: got ", deparse(perplexity, nlines = 1L), ", want one number or several", call = call)
  }
  o[[if (length(perplexity) == 1L) "perplexity" else "perplexities"]] <- as.double(perplexity)
  o
}

check_seed <- function(seed, call = sys.call(sys.parent())) {
  seed <- one_number(seed, "seed", TRUE, call)
  if (seed < 0) fail("seed: got ", format(seed), ", want 0 or more", call = call)
  seed
}

#' Options of placing new points on a map
#'
#' The defaults give the placement of Kobak and Berens (2019): each point at
#' the median of its 10 nearest, without refinement. What refines has the
#' defaults of openTSNE's `transform`.
#'
#' @param k nearest points of the map's data that place one.
#' @param placement `"median"`, `"weighted"` (their mean, weighted by the
#'   affinities) or an m x dims matrix of starts.
#' @param metric `"default"`: the model's.
#' @param perplexity of the new points' affinities, which refine; several at
#'   once are combined as `affinity` says.
#' @param affinity as in [tsne_options()], whichever the map's own are. Both
#'   kinds of `"uniform"` are the same here.
#' @param affinity_k nearest points of the map's data that draw one; 0: 3 *
#'   perplexity.
#' @param early_iterations,iterations of refinement, in two phases.
#' @param early_exaggeration,exaggeration,early_momentum,momentum of the two
#'   phases.
#' @param learning_rate of the refinement.
#' @param max_grad_norm,max_step_norm longest gradient and longest step of a
#'   point; 0: no limit.
#' @inheritParams tsne_options
#' @return a list of class `"transform_options"`.
#' @examples
#' transform_options(k = 5, iterations = 100)
#' @export
transform_options <- function(k = 10, placement = "median", metric = "default", perplexity = 5,
                              affinity = "perplexity", sigma = 0, affinity_k = 0,
                              early_iterations = 0, iterations = 0, early_exaggeration = 4,
                              exaggeration = 1.5, learning_rate = 0.1, early_momentum = 0.8,
                              momentum = 0.8, max_grad_norm = 0.25, max_step_norm = 0,
                              repulsion = "auto", theta = 0.5, neighbors = "auto",
                              neighbors_effort = 1, max_memory = 0, threads = 0, seed = NULL,
                              progress_every = 50) {
  o <- list(
    k = one_number(k, "k", TRUE),
    metric = one_of(metric, "metric", metrics),
    affinity = one_of(affinity, "affinity", affinity_kinds),
    sigma = one_number(sigma, "sigma"),
    affinity_k = one_number(affinity_k, "affinity_k", TRUE),
    early_iterations = one_number(early_iterations, "early_iterations", TRUE),
    iterations = one_number(iterations, "iterations", TRUE),
    early_exaggeration = one_number(early_exaggeration, "early_exaggeration"),
    exaggeration = one_number(exaggeration, "exaggeration"),
    learning_rate = one_number(learning_rate, "learning_rate"),
    early_momentum = one_number(early_momentum, "early_momentum"),
    momentum = one_number(momentum, "momentum"),
    max_grad_norm = one_number(max_grad_norm, "max_grad_norm"),
    max_step_norm = one_number(max_step_norm, "max_step_norm"),
    repulsion = one_of(repulsion, "repulsion", repulsions),
    theta = one_number(theta, "theta"),
    neighbors = one_of(neighbors, "neighbors", neighbor_methods),
    neighbors_effort = one_number(neighbors_effort, "neighbors_effort"),
    max_memory = one_number(max_memory, "max_memory", TRUE),
    threads = one_int(threads, "threads"),
    progress_every = one_number(progress_every, "progress_every", TRUE)
  )
  in_range(o$early_iterations >= 0, "early_iterations", early_iterations, "0 or more")
  in_range(o$iterations >= 0, "iterations", iterations, "0 or more")
  in_range(o$early_exaggeration > 0, "early_exaggeration", early_exaggeration, "above 0")
  in_range(o$early_momentum >= 0 && o$early_momentum < 1, "early_momentum", early_momentum, "0 to below 1")
  o <- with_perplexity(o, perplexity)
  if (is.character(placement)) {
    o$placement <- one_of(placement, "placement", placements[c("median", "weighted")])
  } else {
    o$placement <- placements[["given"]]
    o$init_y <- as_map(placement, "placement")
  }
  if (!is.null(seed)) o$seed <- check_seed(seed)
  structure(o, class = "transform_options")
}

# The options ready for C: with a seed, and with the start's shape checked,
# whose end the library can not know.
ready <- function(options, n, dims = options$dims, what = "init", call = sys.call(sys.parent())) {
  if (!inherits(options, c("tsne_options", "transform_options"))) {
    fail("options: got an object of class ", class(options)[1L], ", want tsne_options()", call = call)
  }
  if (!is.null(options$init_y) && !identical(dim(options$init_y), c(as.integer(n), as.integer(dims)))) {
    fail(what, ": is ", paste(dim(options$init_y), collapse = " x "), ", want ", n, " x ", dims, call = call,
         class = "tsne_shape")
  }
  if (is.null(options$seed)) options$seed <- draw_seed()
  unclass(options)
}
