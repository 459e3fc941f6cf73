# What comes in is checked here, and named as the caller knows it.

# The value of a call of the library, or an R error or interrupt in the name
# of the function that called this one. In ... is what was given, by the
# library's names of its arguments: see shown().
finish <- function(result, call = sys.call(sys.parent()), ...) {
  if (result$interrupted) {
    .Call(C_interrupt)
    refuse("interrupted", call, "tsne_cancelled")
  }
  given <- list(...)
  for (said in result$warnings) warning(simpleWarning(in_words(said, given), call))
  if (nzchar(result$status) && !(result$status == "TSNE_E_CANCELLED" && is.list(result$value))) {
    said <- result$said
    refuse(in_words(said, given), call, tolower(sub("^TSNE_E_", "tsne_", result$status)),
           if (nzchar(said$argument)) in_r(said$argument, given) else NA_character_, said$row,
           own_column(said$column, given[[said$argument]]))
  }
  if (nzchar(result$status)) result$value$stopped <- TRUE
  result$value
}

# An argument as the caller knows it: its name, what it is, and which of its
# columns the library has, if it has them in another order.
shown <- function(name, x, order = NULL) list(name = name, x = x, order = order)

own_column <- function(column, it) if (is.null(it$order)) column else it$order[column]

# Arguments of this package by the library's names where these differ, as those
# in fields do.
arguments <- c(x = "X", y = "Y", q = "query", distances = "X", path = "file",
               tsne_model_set_data = "a fit of data with keep_data = TRUE")

in_r <- function(name, given) {
  if (!is.null(given[[name]])) return(given[[name]]$name)
  own <- c(fields, arguments)[name]
  if (is.na(own)) name else own[[1L]]
}

# A line of the library's: the kinds of its parts are enum tsne_part_kind.
in_words <- function(said, given) {
  it <- given[[said$argument]]
  j <- own_column(said$column, it)
  labels <- if (inherits(it$x, "dist")) rep(list(attr(it$x, "Labels")), 2L) else dimnames(it$x)
  index <- function(i, first, label) {
    paste0(format(i, scientific = FALSE), if (identical(i, first) && !is.null(label)) sprintf(" ('%s')", label[i]))
  }
  part <- function(kind, i, text) {
    switch(kind + 1L, text, in_r(text, given), index(i, said$row, labels[[1L]]),
           index(own_column(i, it), j, labels[[2L]]), value_in_r(text, it$x, said$row, j))
  }
  paste(unlist(Map(part, said$kind, said$index, said$text)), collapse = "")
}

# The value itself, which the library has in single precision, and without NA.
value_in_r <- function(text, x, i, j) {
  if (is.null(x) || is.na(i) || is.na(j)) return(text)
  v <- if (inherits(x, "dist")) as.matrix(x)[i, j] else x[i, j]
  beyond <- is.finite(v) && !is.finite(suppressWarnings(as.numeric(text)))
  paste0(format(v), if (beyond) ", beyond single precision")
}

# Refuses options in ... that the function does not read.
only <- function(..., names, call = sys.call(sys.parent())) {
  given <- names(list(...))
  bad <- given[nzchar(given) & is.na(pmatch(given, names, duplicates.ok = TRUE))]
  if (length(bad)) {
    fail(bad[1L], "is not read here, want ", if (length(names)) paste(names, collapse = ", ") else "no options", call = call)
  }
}

# Refuses options in ... that the function's own options are not, and any beside options, which would
# be all there are.
either <- function(..., given, call = sys.call(sys.parent())) {
  maker <- formals(sys.function(sys.parent()))$options[[1L]]
  are_options(as.character(names(list(...))), names(formals(match.fun(as.character(maker)))), call)
  if (given && ...length()) fail("options", "are given, and so is ", c(names(list(...)), "...")[1L], " beside them", call = call)
}

# Refuses names that are none of those, nor the beginning of one, with the nearest.
are_options <- function(given, names, call) {
  bad <- given[nzchar(given) & is.na(pmatch(given, names, duplicates.ok = TRUE))]
  if (length(bad)) {
    near <- names[which.min(utils::adist(bad[1L], names, ignore.case = TRUE))]
    fail(bad[1L], "is no argument here, the nearest is ", near, call = call)
  }
}

# Refuses a metric where the distances are there.
own_distances <- function(o, call = sys.call(sys.parent())) {
  if (!o$metric %in% choices$metric[c("default", "euclidean")]) {
    fail("metric", "got \"", names(choices$metric)[choices$metric == o$metric], "\", and X has the distances", call = call)
  }
}

# Says what is wrong with an argument. class is the status that the library
# would give, in small letters.
fail <- function(argument, ..., call = sys.call(sys.parent()), class = "tsne_option", row = NA_real_, column = NA_real_) {
  refuse(paste0(argument, ": ", ...), call, class, argument, row, column)
}

refuse <- function(message, call, class, argument = NA_character_, row = NA_real_, column = NA_real_) {
  stop(structure(class = c(class, "tsne_error", "error", "condition"),
                 list(message = message, call = call, argument = argument, row = row, column = column)))
}

# "row 3 ('cell3')", of a block with so many rows before it
place <- function(what, i, names, before = 0L) {
  at <- format(i + before, scientific = FALSE)
  if (is.null(names)) paste(what, at) else sprintf("%s %s ('%s')", what, at, names[i])
}

# A matrix of doubles from a matrix, a vector of numbers, a data frame.
as_numbers <- function(x, name, call = sys.call(sys.parent())) {
  if (is.data.frame(x)) {
    for (j in seq_along(x)) {
      if (!is.numeric(x[[j]]) && !is.logical(x[[j]])) {
        fail(name, place("column", j, names(x)), " is of class ",
             class(x[[j]])[1L], ", want numbers", call = call)
      }
    }
    names <- row_names(x)
    x <- as.matrix(x)
    rownames(x) <- names
  }
  if (inherits(x, c("prcomp", "princomp"))) {
    x <- if (inherits(x, "prcomp")) x$x else x$scores
    if (is.null(x)) fail(name, "are principal components without scores, want retx = TRUE or scores = TRUE", call = call)
  }
  if (is(x, "Matrix") || is_delayed(x)) x <- as.matrix(x)
  if (!is.matrix(x) || !(is.numeric(x) || is.logical(x))) {
    fail(name, "got an object of class ", class(x)[1L],
         if (is.matrix(x)) paste(" of", typeof(x)), ", want a matrix or data frame of numbers",
         call = call)
  }
  storage.mode(x) <- "double"
  x
}

# Names of rows that somebody gave: those of a data frame may be mere numbers.
row_names <- function(x) {
  if (!is.data.frame(x)) rownames(x) else if (.row_names_info(x) > 0L) row.names(x)
}

# Row and column of the first TRUE by rows, or NULL.
first_at <- function(wrong) {
  at <- which(wrong, arr.ind = TRUE)
  if (nrow(at)) unname(at[order(at[, 1L], at[, 2L])[1L], ])
}

# Refuses what is not finite, by its first row, where R itself is to compute:
# the library looks at what it is given.
finite <- function(x, name, call = sys.call(sys.parent()), before = 0L) {
  at <- first_at(!is.finite(x))
  if (!is.null(at)) {
    fail(name, place("row", at[1L], rownames(x), before), ", ", place("column", at[2L], colnames(x)), " is ",
         format(x[at[1L], at[2L]]), ", want a finite value", call = call, class = "tsne_not_finite",
         row = at[1L] + before, column = at[2L])
  }
  x
}

# A dgCMatrix from any matrix of package Matrix or of R.
as_sparse <- function(x, name, call = sys.call(sys.parent())) {
  if (!is(x, "sparseMatrix")) x <- as_numbers(x, name, call)
  if (!is(x, "dgCMatrix")) {
    if (!is.matrix(x)) x <- methods::as(x, "dMatrix")
    x <- methods::as(methods::as(x, "CsparseMatrix"), "generalMatrix")
  }
  valid <- methods::validObject(x, test = TRUE)
  if (!isTRUE(valid)) fail(name, "is no valid sparse matrix: ", valid[1L], call = call, class = "tsne_graph")
  x
}

slots <- function(x) list(x@p, x@i, x@x, nrow(x))

# A dist object as its doubles.
as_distances <- function(x, name, call = sys.call(sys.parent())) {
  n <- attr(x, "Size")
  if (!is.numeric(x) || !whole(n) || length(x) != as.double(n) * (n - 1) / 2) {
    fail(name, "is no whole dist object", call = call, class = "tsne_shape")
  }
  storage.mode(x) <- "double"
  x
}

whole <- function(v) is.numeric(v) && length(v) == 1L && is.finite(v) && v == round(v)

# A map: the Y of an object of this package, or a matrix.
as_map <- function(y, name, call = sys.call(sys.parent())) {
  if (inherits(y, c("tsne", "Rtsne"))) y <- y$Y
  as_numbers(y, name, call)
}

# A list of the indices and distances of neighbours, as neighbors() and
# BiocNeighbors::findKNN() give it, with one row a point and 1 for the first; of
# new rows, with n, the number of those that are their neighbours.
is_graph <- function(x, new = FALSE) {
  is.list(x) && !is.data.frame(x) && all(c("index", "distance") %in% names(x)) && (new || !inherits(x, "tsne_query"))
}

as_graph <- function(x, name, call = sys.call(sys.parent()), n = NULL) {
  own <- is.null(n)
  distance <- as_numbers(x$distance, paste0(name, "$distance"), call)
  index <- as_numbers(x$index, paste0(name, "$index"), call)
  if (!identical(dim(index), dim(distance))) {
    fail(name, "index is ", paste(dim(index), collapse = " x "), ", distance is ",
         paste(dim(distance), collapse = " x "), ", want the same", call = call, class = "tsne_shape")
  }
  if (own) n <- nrow(index)
  bad <- which(is.na(index) | index < 1 | index > n | index != round(index), arr.ind = TRUE)
  if (nrow(bad)) {
    fail(paste0(name, "$index"), "row ", bad[1L, 1L], ", column ", bad[1L, 2L], " is ", index[bad[1L, , drop = FALSE]],
         ", want 1 to ", n, call = call, class = "tsne_graph", row = bad[1L, 1L], column = bad[1L, 2L])
  }
  bad <- which(own & index == row(index), arr.ind = TRUE)
  if (nrow(bad)) {
    fail(paste0(name, "$index"), "row ", bad[1L, 1L], ", column ", bad[1L, 2L],
         " is the point itself, want another one", call = call, class = "tsne_graph", row = bad[1L, 1L], column = bad[1L, 2L])
  }
  storage.mode(index) <- "integer"
  list(index = index, distance = distance)
}

as_model <- function(object, name, call = sys.call(sys.parent())) {
  if (!inherits(object, "tsne")) {
    fail(name, "got an object of class ", class(object)[1L], ", want a map of tsne_fit()", call = call)
  }
  if (!.Call(C_alive, object$model)) {
    fail(name, "its model has not come along: saveRDS() and saved workspaces keep the map Y alone. ",
         "Use save_model() and load_model()", call = call, class = "tsne_handle")
  }
  object$model
}

as_points <- function(object, name, call = sys.call(sys.parent())) {
  if (!.Call(C_alive, object$points)) {
    fail(name, "its state has not come along: saveRDS() and saved workspaces keep the places Y alone", call = call,
         class = "tsne_handle")
  }
  object$points
}

as_labels <- function(labels, n, name, call = sys.call(sys.parent())) {
  if (is.null(labels)) return(NULL)
  if (length(labels) != n) {
    fail(name, "has ", length(labels), " entries, want ", n, call = call, class = "tsne_shape")
  }
  codes <- as.integer(factor(labels)) - 1L
  codes[is.na(codes)] <- -1L
  codes
}

one_number <- function(value, name, whole = FALSE, call = sys.call(sys.parent())) {
  if (!is.numeric(value) && !is.logical(value) || length(value) != 1L || is.na(value)) {
    fail(name, "got ", paste(deparse(value, nlines = 1L), collapse = ""), ", want one number", call = call)
  }
  if (whole && (!is.finite(value) || value != round(value) || abs(value) > 2^53)) {
    fail(name, "got ", format(value), ", want a whole number", call = call)
  }
  as.double(value)
}

one_flag <- function(value, name, call = sys.call(sys.parent())) {
  if (!is.logical(value) || length(value) != 1L || is.na(value)) fail(name, "want TRUE or FALSE", call = call)
  as.double(value)
}

# Fits what an int32 holds.
one_int <- function(value, name, call = sys.call(sys.parent())) {
  value <- one_number(value, name, TRUE, call)
  if (abs(value) > .Machine$integer.max) {
    fail(name, "got ", format(value), ", want at most ", .Machine$integer.max, call = call)
  }
  value
}

one_of <- function(value, name, choices, call = sys.call(sys.parent())) {
  if (is.character(value) && length(value) > 1L && identical(value, names(choices))) value <- value[1L]
  if (!is.character(value) || length(value) != 1L || is.na(value) || !value %in% names(choices)) {
    fail(name, "got ", paste(deparse(value, nlines = 1L), collapse = ""), ", want one of ",
         paste0('"', names(choices), '"', collapse = ", "), call = call)
  }
  as.double(choices[[value]])
}

# From R's own generator, so that set.seed() decides.
draw_seed <- function() as.double(sample.int(.Machine$integer.max, 1L))

# The R function that C calls with a list of where the call stands.
teller <- function(progress, call = sys.call(sys.parent())) {
  if (is.null(progress) || identical(progress, FALSE)) return(NULL)
  tell <- if (isTRUE(progress)) announcer() else progress
  if (!is.function(tell)) {
    fail("progress", "got ", paste(deparse(progress, nlines = 1L), collapse = ""), ", want TRUE, FALSE or a function",
         call = call)
  }
  function(p) isTRUE(tell(p))
}

# Messages of how far a call is. How much of a long stage is left is said after 3
# seconds and then each half a minute, by its pace since the last word.
announcer <- function() {
  stage <- ""
  done <- when <- wait <- 0
  function(p) {
    now <- proc.time()[["elapsed"]]
    if (p$stage == "optimize") {
      message(sprintf("iteration %d of %d, KL divergence %.4f", as.integer(p$iteration), as.integer(p$iterations), p$kl))
    } else if (p$done >= 1) {
      message(p$stage, " done")
    } else if (p$stage != stage) {
      stage <<- p$stage
      done <<- p$done
      when <<- now
      wait <<- 3
    } else if (now - when >= wait && p$done > done) {
      rest <- (1 - p$done) * (now - when) / (p$done - done)
      message(sprintf("%s %.0f %% done, %s", stage, 100 * p$done, time_left(rest)))
      done <<- p$done
      when <<- now
      wait <<- 30
    }
    FALSE
  }
}

time_left <- function(seconds) {
  minutes <- round(seconds / 60)
  if (seconds < 60) return("less than a minute left")
  if (minutes >= 120) return(sprintf("about %.1f hours left", seconds / 3600))
  sprintf("about %d minute%s left", as.integer(minutes), if (minutes > 1) "s" else "")
}

# A map with names for its rows, if there are, and its columns.
named <- function(y, rows) {
  dimnames(y) <- list(rows, paste0("tSNE", seq_len(ncol(y))))
  y
}
