# Every argument of every exported function changes what it gives or is refused.
# Threads give the same map, and are seen here where they are refused.

quick <- function(X = flowers, ..., early_iterations = 15, iterations = 15, seed = 1) {
  tsne_fit(X, ..., early_iterations = early_iterations, iterations = iterations, seed = seed)
}
old <- flowers[1:100, ]
new <- flowers[101:149, ] + 0.1
fit <- quick(old)
other <- quick(old, iterations = 30)
p <- affinities(old, seed = 1)
start <- noise(100, 2) * 1e-4

# What a call gives, as a value to compare; its errors and warnings too, and
# whether it prints.
outcome <- function(f, args) {
  said <- character()
  printed <- utils::capture.output(value <- tryCatch(
    withCallingHandlers(do.call(f, args),
      warning = function(w) {
        said <<- c(said, conditionMessage(w))
        invokeRestart("muffleWarning")
      },
      message = function(m) {
        said <<- c(said, "message")
        invokeRestart("muffleMessage")
      }),
    error = function(e) conditionMessage(e)))
  if (length(printed)) said <- c(said, "printed")
  if (inherits(value, "tsne_affinities")) value <- affinities_matrix(value)
  if (inherits(value, "tsne_partial")) value <- list(value, affinities_matrix(value))
  drop <- function(v) {
    if (inherits(v, "externalptr") || is.environment(v)) return(NULL)
    if (isS4(v)) return(as.matrix(v))
    if (!is.list(v)) return(v)
    v <- unclass(v)
    lapply(v[!seq_along(v) %in% match(c("call", "options", "model", "points", "handle"), names(v))], drop)
  }
  list(drop(value), said)
}

# case("name", f, base, a = new value of a, b = I(list(what b needs beside, new value)))
case <- function(.name, .f, .base, ..., nothing = character()) {
  changes <- list(...)
  arguments <- setdiff(names(formals(args(.f))), c("...", nothing))
  missed <- setdiff(arguments, names(changes))
  expect_identical(missed, character(), info = .name)
  for (argument in names(changes)) {
    value <- changes[[argument]]
    needs <- list()
    if (inherits(value, "AsIs")) {
      needs <- value[[1L]]
      value <- value[[2L]]
    }
    before <- utils::modifyList(.base, needs, keep.null = TRUE)
    after <- before
    after[argument] <- list(value)
    first <- outcome(.f, before)
    expect_false(is.character(first[[1L]]), info = paste(.name, argument, first[[1L]]))
    expect_false(identical(first, outcome(.f, after)), info = paste(.name, argument))
  }
}

test_that("every argument of a fit does something", {
  approx <- noise(3100, 3)
  few <- list(early_iterations = 0, iterations = 1, perplexity = 4)
  changes <- c(tries, list(
    dims = 1, perplexity = 5, init = "random", metric = "manhattan", affinity = "uniform", repulsion = "barnes_hut",
    neighbors = I(list(c(few, list(X = approx)), "approx")),
    neighbors_effort = I(list(c(few, list(X = approx, neighbors = "approx")), 0.01)), max_memory = 1, threads = -1,
    pull_y = I(list(list(pull = 0.5), noise(nrow(flowers), 2))),
    pull_weights = I(list(list(pull = 0.5), rep(0:1, length.out = nrow(flowers)))),
    seed = I(list(list(init = "random"), 2)), progress_every = -1,
    checkpoint = 5, checkpoint_every = -1, scratch = "no such folder", preset = "atlas",
    progress = I(list(list(progress_every = 5), TRUE)),
    options = I(list(list(), tsne_options(dims = 1)))))
  do.call(case, c(list("tsne_options", quick, list(X = flowers), nothing = "X"), changes))
  expect_setequal(c("keep_data", setdiff(names(changes), c("progress", "options"))), names(formals(tsne_options)))
  kept <- function(keep_data) tryCatch(predict(quick(keep_data = keep_data), new), error = conditionMessage)
  expect_match(kept(FALSE), "no data.*keep_data = TRUE")
  expect_type(kept(TRUE), "double")
})

test_that("every argument of new points does something", {
  place <- function(newdata = new, ..., iterations = 9, early_iterations = 9, seed = 1) {
    tsne_partial(fit, newdata, ..., iterations = iterations, early_iterations = early_iterations, seed = seed)
  }
  do.call(case, c(list("transform_options", place, list(), nothing = c("newdata", "seed")), list(
    k = 5, placement = "weighted", metric = "manhattan", perplexity = 9, affinity = "uniform",
    sigma = I(list(list(affinity = "fixed_sigma", sigma = 1), 2)), affinity_k = 9, early_iterations = 5, iterations = 5,
    early_exaggeration = 9, exaggeration = 9, learning_rate = 5, early_momentum = 0.2, momentum = 0.2, max_grad_norm = 1e-4,
    max_step_norm = 1e-4, repulsion = "barnes_hut", theta = I(list(list(repulsion = "barnes_hut"), 1.9)),
    neighbors = "none", neighbors_effort = -1, max_memory = 1, threads = -1, seed = -1, progress_every = -1,
    progress = I(list(list(progress_every = 5), TRUE)), columns = 4:1, options = transform_options(k = 3))))
  case("tsne_partial", tsne_partial, list(object = fit, newdata = new), object = other, newdata = new + 1, columns = 4:1,
       affinities = diag(100), options = transform_options(k = 3), progress = "x")
  case("predict", predict, list(object = fit, newdata = new), object = other)
  case("transform", transform, list(`_data` = fit, newdata = new), `_data` = other)
  case("predict.tsne", libtsne:::predict.tsne, list(object = fit, newdata = new), object = other, newdata = new + 1,
       columns = 4:1, options = transform_options(k = 3), progress = "x")
  case("tsne_bootstrap", tsne_bootstrap, list(object = fit, newdata = new, b = 3, seed = 1), object = other, newdata = new + 1,
       b = 2, columns = 4:1, options = transform_options(k = 3), seed = 2, iterations = 9)
  case("align", align, list(reference = fit, X = new, perplexity = 9, iterations = 9, seed = 1), reference = other, X = new + 1,
       columns = 4:1, options = tsne_options(dims = 1), placement = transform_options(k = 3), progress = TRUE, perplexity = 5)
  points <- tsne_partial(fit, new)
  case("tsne_continue.tsne", libtsne:::tsne_continue.tsne, list(object = fit, iterations = 20), object = other, iterations = 9,
       exaggeration = 5, learning_rate = 5, momentum = 0.2, progress = TRUE, perplexity = 5, dims = 1, k = 3,
       repulsion = "barnes_hut", max_step_norm = 1e-4)
  case("tsne_continue.tsne_partial", libtsne:::tsne_continue.tsne_partial, list(object = points, iterations = 20), object = fit,
       iterations = 9, exaggeration = 5, learning_rate = 5, momentum = 0.2, progress = I(list(list(progress_every = 5), TRUE)),
       perplexity = 5, k = 3)
})

test_that("every argument of the parts does something", {
  near <- neighbors(old, 40)
  query <- neighbors(old, 15, query = new)
  case("neighbors", neighbors, list(X = old, k = 5), X = old + noise(100, 4), k = 6, query = new, progress = "x",
       metric = "manhattan", iterations = 9, threads = -1)
  case("affinities", affinities, list(X = old, perplexity = 9), X = near, progress = "x", perplexity = 5, iterations = 9,
       affinity = "uniform")
  case("affinities of a map", affinities, list(X = fit), X = quick(new), perplexity = 9, progress = I(list(list(X = old), "x")))
  case("affinities_of", affinities_of, list(X = 1 - diag(9)), X = 1 - diag(8))
  case("affinities_of_new", affinities_of_new, list(X = query), X = neighbors(old, 14, query = new), perplexity = 3,
       affinity = "uniform", sigma = I(list(list(affinity = "fixed_sigma", sigma = 1), 2)), threads = -1)
  case("affinities_matrix", affinities_matrix, list(p = p), p = affinities(new))
  case("tsne_cost", tsne_cost, list(p = p, Y = fit), p = affinities(old, perplexity = 9), Y = other, dof = 0.5,
       repulsion = "barnes_hut", theta = I(list(list(repulsion = "barnes_hut"), 1.9)), threads = -1)
  case("tsne_initialize", tsne_initialize, list(X = old, seed = 1), X = new, dims = 1, init = "random", seed = 2)
  case("tsne_reduce", tsne_reduce, list(X = old, k = 2), X = new, k = 3, threads = -1, nothing = "seed") # none is drawn
  case("quality", quality, list(X = old, Y = fit, labels = seq_len(100) %% 7, seed = 1), X = old[100:1, ], Y = start,
       labels = NULL, metric = "manhattan", seed = -1, threads = -1)
  case("shared_neighbors", shared_neighbors, list(a = fit, b = start), a = start, b = other, k = 5, threads = -1)
  case("procrustes", procrustes, list(target = old[, 1:2], source = old[, 1:2] %*% diag(c(2, -1))),
       target = start, source = start, scale = TRUE, reflection = FALSE,
       target_labels = I(list(list(target_labels = 1:100, source_labels = 1:100), 100:1)),
       source_labels = I(list(list(target_labels = 1:100, source_labels = 1:100), 100:1)))
  case("procrustes_maps", procrustes_maps, list(maps = list(old[, 1:2], old[, 1:2] %*% diag(c(2, -1)), start)),
       maps = list(start, fit), scale = TRUE, reflection = FALSE, to_first = TRUE)
  case("normalize_input", normalize_input, list(X = old), X = new)
  file <- tempfile(fileext = ".npz")
  save_model(fit, file)
  on.exit(unlink(file))
  case("load_model", load_model, list(file = file), file = "absent", threads = -1)
  case("save_model", save_model, list(object = fit, file = file), object = 3, file = 3)
})

test_that("every argument of Rtsne does something", {
  args <- list(X = old, perplexity = 9, max_iter = 300, Y_init = start, stop_lying_iter = 20, mom_switch_iter = 20)
  case("Rtsne", libtsne:::Rtsne.default, args, X = new + noise(49, 4), dims = 1, initial_dims = 2, perplexity = 5, theta = 0,
       check_duplicates = I(list(list(X = old[c(1:99, 1), ], check_duplicates = FALSE), TRUE)), pca = FALSE, partial_pca = "x",
       max_iter = 100, verbose = TRUE, is_distance = TRUE, Y_init = start[100:1, ],
       pca_center = FALSE, pca_scale = TRUE, normalize = FALSE,
       stop_lying_iter = 10, mom_switch_iter = 10, momentum = 0.2, final_momentum = 0.2, eta = 50, exaggeration_factor = 5,
       num_threads = -1)
})

test_that("an error names the argument as R has it", {
  bad <- list(
    dims = 5, perplexity = -1, init = "none", metric = "none", affinity = "none", k = -1, early_iterations = -1,
    iterations = 2^60, early_exaggeration = -1, exaggeration = -1, learning_rate = -1, early_momentum = 1, momentum = 1,
    anneal_iterations = -1, momentum_iterations = -1, max_step_norm = -1, max_grad_norm = -1, auto_stop = -1, dof = -1,
    density_lambda = -1, density_fraction = 2, density_shift = -1, repulsion = "none", theta = 5, neighbors = "none",
    neighbors_effort = -1, sample_size = 1, keep_data = NA, threads = 2^40, seed = 2^60, progress_every = 0, max_memory = NA)
  for (name in names(bad)) expect_error(do.call(quick, bad[name]), paste0("^", name, ": "), class = "tsne_error", info = name)
  expect_error(quick(affinity = "fixed_sigma"), "^sigma: ")
  expect_error(quick(perplexity = rep(3, 2000)), "^perplexity: ")
  bad <- bad[setdiff(names(bad), c("dims", "init", "anneal_iterations", "momentum_iterations", "auto_stop", "dof",
                                   "density_lambda", "density_fraction", "density_shift", "sample_size", "keep_data"))]
  bad$k <- 2^60
  bad$affinity_k <- -1
  bad$placement <- "none"
  for (name in names(bad)) {
    expect_error(do.call(tsne_partial, c(list(fit, new), bad[name])), paste0("^", name, ": "), class = "tsne_error", info = name)
  }
  expect_error(quick(dist(old), metric = "manhattan"), "^metric: got \"manhattan\", and X has the distances")
  expect_error(quick(old, options = tsne_options(), perplexity = 3), "^options: are given, and so is ")
  constant <- rbind(old, 1, 2)
  expect_error(quick(constant, metric = "correlation"), "^metric: correlation: 2 rows of X are constant .*: rows 101, 102$")
})

test_that("files of any name are written and read", {
  dir <- tempfile()
  dir.create(dir)
  home <- setwd(dir)
  on.exit({
    setwd(home)
    unlink(dir, recursive = TRUE)
  })
  odd <- "na\xefve.npz"
  Encoding(odd) <- "latin1"
  raw <- "raw\xff.npz"
  Encoding(raw) <- "bytes"
  for (name in c("plain.npz", "d\u00e9j\u00e0 vu.npz", odd, raw)) {
    save_model(fit, name)
    expect_identical(unname(load_model(name)$Y), unname(fit$Y))
  }
  skip_if_not(l10n_info()$`UTF-8`)
  expect_true(all(file.exists("plain.npz", "d\u00e9j\u00e0 vu.npz", odd)))
  expect_length(dir(), 4L)
})
