# What users of Rtsne, Seurat and scater write, as this package has it.

# Arguments of Rtsne's, which the others hand on to it, by their names here.
renamed <- c(num_threads = "threads", nthreads = "threads", eta = "learning_rate", exaggeration_factor = "early_exaggeration",
             Y_init = "init", final_momentum = "momentum")

# Arguments without a meaning here, and why.
ignored <- c(mom_switch_iter = "momentum changes with the exaggeration",
             fast_tsne_path = "no program is called", data_path = "no file is written", result_path = "no file is written",
             rand_seed = "seed.use is the seed")

# The options in given, some of which have Rtsne's names, as those of
# tsne_options(), and what is not of the fit: verbose, check_duplicates.
as_options <- function(given, call) {
  for (name in intersect(names(given), names(ignored))) {
    warning(simpleWarning(paste0(name, ": is ignored, ", ignored[[name]]), call))
  }
  given <- given[setdiff(names(given), names(ignored))]
  for (name in intersect(names(given), names(renamed))) {
    if (renamed[[name]] %in% setdiff(names(given), "momentum")) {
      fail(name, "is given, and so is ", renamed[[name]], ", which it stands for", call = call)
    }
  }
  # Alone it is this package's, of the second phase; beside final_momentum Rtsne's.
  if (all(c("momentum", "final_momentum") %in% names(given))) names(given)[names(given) == "momentum"] <- "early_momentum"
  some <- names(given) %in% names(renamed)
  names(given)[some] <- renamed[names(given)[some]]
  given <- in_phases(given, call)
  if (identical(as.numeric(given$theta), 0)) {
    given$theta <- NULL
    given$repulsion <- "exact"
  }
  given
}

# max_iter counts the iterations of both phases, stop_lying_iter those of the first.
in_phases <- function(given, call) {
  own <- list(stop_lying_iter = "early_iterations", max_iter = "iterations")
  for (name in names(own)) {
    value <- given[[name]]
    if (is.null(value)) next
    if (!whole(value) || value < 0) fail(name, "got ", paste(deparse(value), collapse = ""), ", want 0 or more", call = call)
    if (!is.null(given[[own[[name]]]])) fail(name, "is given, and so is ", own[[name]], call = call)
  }
  if (!is.null(given$stop_lying_iter)) given$early_iterations <- given$stop_lying_iter
  if (!is.null(given$max_iter)) {
    if (is.null(given$early_iterations)) given$early_iterations <- 250
    given$early_iterations <- min(given$early_iterations, given$max_iter)
    given$iterations <- given$max_iter - given$early_iterations
  }
  given[setdiff(names(given), names(own))]
}

# The map of rows, distances or neighbours, by arguments of any of these
# packages.
their_map <- function(X, given, progress, call) {
  given <- as_options(given, call)
  if (isTRUE(given$check_duplicates) && (is.matrix(X) || is_delayed(X))) {
    twice <- row_twice(X, "X", call)
    if (twice) {
      fail("X", place("row", twice, rownames(X)), " is there before, want check_duplicates = FALSE or other rows", call = call)
    }
  }
  progress <- if (isTRUE(given$verbose)) TRUE else progress
  # Maps do not depend on the unit of the data, and so not on normalize.
  options <- given[setdiff(names(given), c("verbose", "check_duplicates", "normalize"))]
  are_options(names(options), names(formals(tsne_options)), call)
  tsne_fit(X, options = do.call(tsne_options, options), progress = progress)$Y
}

# Methods of Seurat's and scater's that those of this package stand in for.
theirs <- new.env(parent = emptyenv())

# While this package is attached its maps are what RunTSNE() and runTSNE() make,
# whichever generic is found first: its methods are Seurat's and scater's too.
stand_in <- function() {
  if (isNamespaceLoaded("Seurat")) {
    for (class in c("Seurat", "DimReduc", "matrix", "dist")) {
      own <- utils::getS3method("RunTSNE", class, optional = TRUE, envir = asNamespace("Seurat"))
      ours <- get(paste0("RunTSNE.", class))
      if (is.null(own) || identical(own, ours)) next
      theirs[[class]] <- own
      registerS3method("RunTSNE", class, ours, envir = asNamespace("Seurat"))
    }
  }
  if (isNamespaceLoaded("scater") && methods::isGeneric("calculateTSNE", asNamespace("scater"))) {
    for (class in names(calculators)) {
      if (!is.null(theirs$scater[[class]])) next
      own <- methods::selectMethod("calculateTSNE", class, optional = TRUE, fdef = scater_generic())
      if (is.null(own)) next
      theirs$scater[[class]] <- own
      scater_method(class, calculators[[class]])
    }
  }
}

step_back <- function() {
  for (class in setdiff(names(theirs), "scater")) {
    registerS3method("RunTSNE", class, theirs[[class]], envir = asNamespace("Seurat"))
  }
  for (class in names(theirs$scater)) scater_method(class, theirs$scater[[class]])
  rm(list = names(theirs), envir = theirs)
}

scater_generic <- function() methods::getGeneric("calculateTSNE", where = asNamespace("scater"))

# Methods are kept in an environment of their own, since scater's is locked.
scater_method <- function(class, method) {
  where <- new.env(parent = asNamespace("scater"))
  where$.packageName <- "libtsne"
  suppressMessages(methods::setMethod(scater_generic(), class, method, where = where))
}

# What Seurat's method makes, in a list, for a call of ours that asked for it by
# tsne.method; else NULL.
hand_over <- function(class, method, object, call, frame) {
  if (identical(method, "libtsne")) return(NULL)
  own <- theirs[[class]]
  if (is.null(own)) {
    said <- paste0("tsne.method: \"", method, "\" is Seurat's, which is not in use, and the map is libtsne's")
    warning(simpleWarning(said, call))
    return(NULL)
  }
  env <- new.env(parent = frame)
  env$object <- object
  env$RunTSNE <- own
  call[[1L]] <- quote(RunTSNE)
  call$object <- quote(object)
  call$progress <- NULL
  list(eval(call, env))
}
