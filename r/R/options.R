# The arguments of a function as the library's fields; how says how each is read.
read_arguments <- function(given, how, call = sys.call(sys.parent())) {
  o <- list()
  for (name in names(how)) {
    value <- get(name, envir = given, inherits = FALSE)
    o <- switch(how[[name]]$kind,
      perplexity = with_perplexity(o, value, call),
      seed = with_seed(o, value, call),
      start = with_start(o, value, name, call),
      positions = with_given(o, name, if (!is.null(value)) as_map(value, name, call)),
      weights = with_given(o, name, if (!is.null(value)) as_weights(value, name, call)),
      path = with_given(o, name, if (!is.null(value)) as_path(value, call, name)),
      c(o, structure(list(read_argument(value, name, how[[name]], call)), names = name))
    )
  }
  o
}

# Puts what a preset sets in the place of arguments that were not given.
take_preset <- function(preset, given, arguments, call = sys.call(sys.parent())) {
  if (is.null(preset)) return(invisible())
  if (!is.character(preset) || length(preset) != 1L || !preset %in% names(presets)) {
    known <- paste0('"', names(presets), '"', collapse = ", ")
    fail("preset", "got ", deparse(preset, nlines = 1L), ", want ", known, call = call)
  }
  set <- presets[[preset]]
  list2env(set[setdiff(names(set), given)], arguments)
  invisible()
}

read_argument <- function(value, name, how, call) {
  value <- switch(how$kind,
    choice = one_of(value, name, choices[[name]], call),
    flag = one_flag(value, name, call),
    int = one_int(value, name, call),
    whole = one_number(value, name, TRUE, call),
    rate = if (identical(value, "auto")) 0 else one_number(value, name, FALSE, call),
    real = one_number(value, name, FALSE, call),
    auto_real = if (identical(value, "auto")) return(-1) else one_number(value, name, FALSE, call),
    auto_whole = if (identical(value, "auto")) return(-1) else one_number(value, name, TRUE, call)
  )
  if (!is.null(how$want) && !(isTRUE(how$zero) && value == 0)) {
    low <- if ("low" %in% how$open) value > how$low else value >= how$low
    high <- if ("high" %in% how$open) value < how$high else value <= how$high
    if (!low || !high) fail(name, "got ", format(value, digits = 10), ", want ", how$want, call = call)
  }
  value
}

# Options with what a fit of n points takes where nothing is said of its phases.
settled <- function(o, n) {
  phases <- c("early_iterations", "iterations", "early_momentum", "momentum", "momentum_iterations")
  o[phases] <- as.list(.Call(C_settle, ready(structure(o, class = "tsne_options"), n), n))
  o
}

# A start by its name, or positions.
with_start <- function(o, value, name, call) {
  known <- choices[[name]]
  if (is.character(value)) {
    o[[name]] <- one_of(value, name, known[names(known) != "given"], call)
  } else {
    o[[name]] <- known[["given"]]
    o$init_y <- as_map(value, name, call)
  }
  o
}

# What may be left out.
with_given <- function(o, name, value) {
  o[[name]] <- value
  o
}

as_weights <- function(value, name, call) {
  wrong <- if (is.numeric(value)) which(is.na(value) | value < 0) else 1L
  if (length(wrong)) {
    fail(name, "got ", deparse(value[[wrong[1L]]]), " in row ", wrong[1L], ", want 0 or more; Inf pins", call = call)
  }
  as.double(value)
}

with_seed <- function(o, value, call) {
  if (!is.null(value)) o$seed <- check_seed(value, call)
  o
}

# One perplexity or several, which are fields of their own.
with_perplexity <- function(o, perplexity, call = sys.call(sys.parent())) {
  if (!is.numeric(perplexity) || length(perplexity) < 1L || anyNA(perplexity)) {
    fail("perplexity", "got ", deparse(perplexity, nlines = 1L), ", want one number or several", call = call)
  }
  o[[if (length(perplexity) == 1L) "perplexity" else "perplexities"]] <- as.double(perplexity)
  o
}

check_seed <- function(seed, call = sys.call(sys.parent())) {
  seed <- one_number(seed, "seed", TRUE, call)
  if (seed < 0) fail("seed", "got ", format(seed), ", want 0 or more", call = call)
  seed
}

# The options ready for C: with a seed, and with the start's shape checked,
# whose end the library can not know.
ready <- function(options, n, dims = options$dims, what = "init", call = sys.call(sys.parent())) {
  if (!inherits(options, c("tsne_options", "transform_options"))) {
    fail("options", "got an object of class ", class(options)[1L], ", want tsne_options()", call = call)
  }
  if (!is.null(options$init_y) && !identical(dim(options$init_y), c(as.integer(n), as.integer(dims)))) {
    fail(what, "is ", paste(dim(options$init_y), collapse = " x "), ", want ", n, " x ", dims, call = call,
         class = "tsne_shape")
  }
  if (!is.null(options$pull_y) && !identical(dim(options$pull_y), c(as.integer(n), as.integer(dims)))) {
    fail("pull_y", "is ", paste(dim(options$pull_y), collapse = " x "), ", want ", n, " x ", dims, call = call,
         class = "tsne_shape")
  }
  if (!is.null(options$pull_weights) && length(options$pull_weights) != n) {
    fail("pull_weights", "has ", length(options$pull_weights), " entries, want ", n, call = call, class = "tsne_shape")
  }
  if (is.null(options$seed)) options$seed <- draw_seed()
  unclass(options)
}
