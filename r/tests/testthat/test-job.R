test_that("a fit is that of its affinities, whatever is asked for", {
  x <- rbind(noise(80, 6), noise(70, 6, 2) + 4)
  short <- list(perplexity = 12, early_iterations = 25, iterations = 30, init = "random", seed = 3)
  stops <- list(auto_stop = 300, early_iterations = 90, iterations = 90)
  cases <- list(
    list(), list(perplexity = c(5, 30)), list(perplexity = c(5, 30), affinity = "multiscale"),
    list(affinity = "uniform", k = 9), list(affinity = "uniform_max", k = 9),
    list(affinity = "fixed_sigma", k = 20, sigma = 2),
    list(metric = "cosine"), list(metric = "correlation"), list(metric = "manhattan"), list(metric = "chebyshev"),
    list(metric = "hamming"), list(neighbors = "approx"), list(dims = 1), list(dims = 3),
    list(repulsion = "exact"), list(repulsion = "barnes_hut", theta = 0.8), list(repulsion = "fft"),
    list(init = "spectral"), list(init = 1e-4 * x[, 1:2]),
    list(init = tsne_initialize(x, init = "pca", seed = 3)),
    list(init = tsne_initialize(x, init = "sample", sample_size = 100, seed = 3)),
    list(anneal_iterations = 12), stops, c(stops, anneal_iterations = 20),
    list(density_lambda = 0.5), list(density_lambda = 0.5, density_fraction = 0.9, density_shift = 0.3),
    c(stops, density_lambda = 0.5, anneal_iterations = 10), list(density_lambda = 0.5, affinity = "uniform", k = 9),
    list(dof = 0.5), list(early_momentum = 0, momentum = 0.6),
    list(early_exaggeration = 5, exaggeration = 2.5, learning_rate = 30),
    list(max_grad_norm = 0.01, max_step_norm = 0), list(early_iterations = 0), list(early_iterations = 0, iterations = 0)
  )
  for (one in cases) {
    args <- utils::modifyList(short, one)
    whole <- do.call(tsne_fit, c(list(x), args))
    of_p <- c("perplexity", "affinity", "k", "sigma", "metric", "neighbors", "seed")
    made <- do.call(affinities, c(list(x), args[names(args) %in% of_p]))
    given <- do.call(tsne_fit, c(list(made), args))
    what <- substr(deparse(one)[1L], 1, 80)
    expect_identical(given$Y, whole$Y, info = what)
    expect_identical(given$kl, whole$kl, info = what)
    expect_identical(given$iterations, whole$iterations, info = what)
    expect_identical(tsne_continue(given, 20, exaggeration = 1.5)$Y, tsne_continue(whole, 20, exaggeration = 1.5)$Y,
                     info = what)
  }
})

test_that("affinities of neighbours and of distances preserve densities", {
  x <- noise(120, 4)
  opts <- tsne_options(perplexity = 10, density_lambda = 0.5, init = "random", seed = 1, iterations = 60)
  want <- tsne_fit(dist(x), options = opts)$Y
  expect_identical(tsne_fit(affinities(dist(x), perplexity = 10), options = opts)$Y, want)
  expect_identical(tsne_fit(neighbors(dist(x), 30), options = opts)$Y, want)
  expect_false(identical(tsne_fit(dist(x), perplexity = 10, init = "random", seed = 1, iterations = 60)$Y, want))
  p <- affinities_of(affinities_matrix(affinities(x, perplexity = 10)))
  expect_error(tsne_fit(p, options = opts), "^density_lambda: these affinities have no local radii", class = "tsne_option")
})

test_that("a fit of affinities stops where it is told to", {
  x <- noise(120, 4)
  p <- affinities(x, perplexity = 10, seed = 1)
  map <- function(of) {
    tsne_fit(of, perplexity = 10, init = "random", seed = 1, progress_every = 10,
             progress = function(p) p$stage == "optimize" && p$iteration >= 40)
  }
  expect_identical(map(p)$Y, map(x)$Y)
  expect_true(map(p)$stopped)
})
