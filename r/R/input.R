# What comes in is checked here, and named as the caller knows it.

# The value of a call of the library, or an R error or interrupt in the name
# of the function that called this one.
finish <- function(result, call = sys.call(sys.parent())) {
  if (result$interrupted) {
    .Call(C_interrupt)
    fail("interrupted", call = call, class = "tsne_cancelled")
  }
  for (line in result$warnings) warning(simpleWarning(in_r(line), call))
  if (nzchar(result$status) && !(result$status == "TSNE_E_CANCELLED" && is.list(result$value))) {
    class <- tolower(sub("^TSNE_E_", "tsne_", result$status))
    fail(in_r(result$text), call = call, class = class)
  }
  if (nzchar(result$status)) result$value$stopped <- TRUE
  result$value
}

# Arguments of this package by the names of the library's options that differ.
arguments <- c(n_columns = "columns", n_perplexities = "perplexity", perplexities = "perplexity", init_y = "init")

# The library's text in R's words.
in_r <- function(text) {
  text <- one_based(text)
  name <- sub(":.*", "", text)
  if (name %in% names(arguments)) text <- paste0(arguments[[name]], substring(text, nchar(name) + 1L))
  sub("tsne_model_set_data gives it some", "a fit of data with keep_data = TRUE has some", text, fixed = TRUE)
}

# Refuses options in ... that the function does not read.
only <- function(..., names, call = sys.call(sys.parent())) {
  given <- names(list(...))
  bad <- given[nzchar(given) & is.na(pmatch(given, names, duplicates.ok = TRUE))]
  if (length(bad)) {
    fail(bad[1L], ": is not read here, want ", if (length(names)) paste(names, collapse = ", ") else "no options", call = call)
  }
}

# Refuses options in ... beside options, which would be all there are.
either <- function(..., given, call = sys.call(sys.parent())) {
  if (given && ...length()) fail("options: are given, and so is ", c(names(list(...)), "...")[1L], " beside them", call = call)
}

# Refuses a metric where the distances are there.
own_distances <- function(o, call = sys.call(sys.parent())) {
  if (!o$metric %in% choices$metric[c("default", "euclidean")]) {
    fail("metric: got \"", names(choices$metric)[choices$metric == o$metric], "\", and X has the distances", call = call)
  }
}

# The library counts rows and columns from 0.
one_based <- function(text) {
  at <- gregexpr("(?<=\\brows )[0-9]+(, [0-9]+)+", text, perl = TRUE)
  regmatches(text, at) <- lapply(regmatches(text, at), function(s) {
    vapply(strsplit(s, ", "), function(v) paste(sprintf("%.0f", as.numeric(v) + 1), collapse = ", "), "")
  })
  at <- gregexpr("\\b(row|column) [0-9]+", text)
  regmatches(text, at) <- lapply(regmatches(text, at), function(s) {
    paste(sub(" .*", "", s), sprintf("%.0f", as.numeric(sub(".* ", "", s)) + 1))
  })
  text
}

# class is the status that the library would give, in small letters.
fail <- function(..., call = sys.call(sys.parent()), class = "tsne_option") {
  stop(structure(class = c(class, "tsne_error", "error", "condition"),
                 list(message = paste0(...), call = call)))
}

# "row 3 ('cell3')"
place <- function(what, i, names) {
  if (is.null(names)) paste(what, i) else sprintf("%s %d ('%s')", what, i, names[i])
}

# A matrix of finite doubles from a matrix, a vector of numbers, a data frame.
as_numbers <- function(x, name, call = sys.call(sys.parent())) {
  if (is.data.frame(x)) {
    for (j in seq_along(x)) {
      if (!is.numeric(x[[j]]) && !is.logical(x[[j]])) {
        fail(name, ": ", place("column", j, names(x)), " is of class ",
             class(x[[j]])[1L], ", want numbers", call = call)
      }
    }
    names <- if (is.character(attr(x, "row.names"))) row.names(x)
    x <- as.matrix(x)
    rownames(x) <- names
  }
  if (is(x, "Matrix")) x <- as.matrix(x)
  if (!is.matrix(x) || !(is.numeric(x) || is.logical(x))) {
    fail(name, ": got an object of class ", class(x)[1L],
         if (is.matrix(x)) paste(" of", typeof(x)), ", want a matrix or data frame of numbers",
         call = call)
  }
  storage.mode(x) <- "double"
  bad <- .Call(C_bad, x)
  if (bad > 0) {
    i <- (bad - 1) %% nrow(x) + 1
    j <- (bad - 1) %/% nrow(x) + 1
    fail(name, ": ", place("row", i, rownames(x)), ", ", place("column", j, colnames(x)), " is ",
         format(x[i, j]), not_finite(x[i, j]), call = call, class = "tsne_not_finite")
  }
  x
}

not_finite <- function(value) paste0(if (is.finite(value)) ", beyond single precision", ", want a finite value")

# A dgCMatrix of finite values from any matrix of package Matrix or of R.
as_sparse <- function(x, name, call = sys.call(sys.parent())) {
  if (!is(x, "sparseMatrix")) x <- as_numbers(x, name, call)
  if (!is(x, "dgCMatrix")) {
    if (!is.matrix(x)) x <- methods::as(x, "dMatrix")
    x <- methods::as(methods::as(x, "CsparseMatrix"), "generalMatrix")
  }
  valid <- methods::validObject(x, test = TRUE)
  if (!isTRUE(valid)) fail(name, ": is no valid sparse matrix: ", valid[1L], call = call, class = "tsne_graph")
  bad <- .Call(C_bad, x@x)
  if (bad > 0) {
    fail(name, ": ", place("row", x@i[bad] + 1L, rownames(x)), ", ",
         place("column", findInterval(bad - 1, x@p), colnames(x)), " is ", format(x@x[bad]), not_finite(x@x[bad]),
         call = call, class = "tsne_not_finite")
  }
  x
}

slots <- function(x) list(x@p, x@i, x@x, nrow(x))

# A dist object as its finite doubles.
as_distances <- function(x, name, call = sys.call(sys.parent())) {
  n <- attr(x, "Size")
  if (!is.numeric(x) || !whole(n) || length(x) != as.double(n) * (n - 1) / 2) {
    fail(name, ": is no whole dist object", call = call, class = "tsne_shape")
  }
  storage.mode(x) <- "double"
  bad <- .Call(C_bad, x)
  if (bad > 0) {
    before <- c(0, cumsum(n - seq_len(n - 1)))
    j <- findInterval(bad - 1, before)
    fail(name, ": the distance of rows ", j, " and ", j + bad - before[j], " is ", format(x[bad]), not_finite(x[bad]),
         call = call, class = "tsne_not_finite")
  }
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
    fail(name, ": index is ", paste(dim(index), collapse = " x "), ", distance is ",
         paste(dim(distance), collapse = " x "), ", want the same", call = call, class = "tsne_shape")
  }
  if (own) n <- nrow(index)
  bad <- which(index < 1 | index > n | index != round(index), arr.ind = TRUE)
  if (nrow(bad)) {
    fail(name, "$index: row ", bad[1L, 1L], ", column ", bad[1L, 2L], " is ", index[bad[1L, , drop = FALSE]],
         ", want 1 to ", n, call = call, class = "tsne_graph")
  }
  bad <- which(own & index == row(index), arr.ind = TRUE)
  if (nrow(bad)) {
    fail(name, "$index: row ", bad[1L, 1L], ", column ", bad[1L, 2L],
         " is the point itself, want another one", call = call, class = "tsne_graph")
  }
  storage.mode(index) <- "integer"
  list(index = index, distance = distance)
}

as_model <- function(object, name, call = sys.call(sys.parent())) {
  if (!inherits(object, "tsne")) {
    fail(name, ": got an object of class ", class(object)[1L], ", want a map of tsne_fit()", call = call)
  }
  if (!.Call(C_alive, object$model)) {
    fail(name, ": its model has not come along: saveRDS() and saved workspaces keep the map Y alone. ",
         "Use save_model() and load_model()", call = call, class = "tsne_handle")
  }
  object$model
}

as_points <- function(object, name, call = sys.call(sys.parent())) {
  if (!.Call(C_alive, object$points)) {
    fail(name, ": its state has not come along: saveRDS() and saved workspaces keep the places Y alone", call = call,
         class = "tsne_handle")
  }
  object$points
}

as_labels <- function(labels, n, name, call = sys.call(sys.parent())) {
  if (is.null(labels)) return(NULL)
  if (length(labels) != n) {
    fail(name, ": has ", length(labels), " entries, want ", n, call = call, class = "tsne_shape")
  }
  codes <- as.integer(factor(labels)) - 1L
  codes[is.na(codes)] <- -1L
  codes
}

one_number <- function(value, name, whole = FALSE, call = sys.call(sys.parent())) {
  if (!is.numeric(value) && !is.logical(value) || length(value) != 1L || is.na(value)) {
    fail(name, ": got ", paste(deparse(value, nlines = 1L), collapse = ""), ", want one number", call = call)
  }
  if (whole && (!is.finite(value) || value != round(value) || abs(value) > 2^53)) {
    fail(name, ": got ", format(value), ", want a whole number", call = call)
  }
  as.double(value)
}

one_flag <- function(value, name, call = sys.call(sys.parent())) {
  if (!is.logical(value) || length(value) != 1L || is.na(value)) fail(name, ": want TRUE or FALSE", call = call)
  as.double(value)
}

# Fits what an int32 holds.
one_int <- function(value, name, call = sys.call(sys.parent())) {
  value <- one_number(value, name, TRUE, call)
  if (abs(value) > .Machine$integer.max) {
    fail(name, ": got ", format(value), ", want at most ", .Machine$integer.max, call = call)
  }
  value
}

one_of <- function(value, name, choices, call = sys.call(sys.parent())) {
  if (is.character(value) && length(value) > 1L && identical(value, names(choices))) value <- value[1L]
  if (!is.character(value) || length(value) != 1L || is.na(value) || !value %in% names(choices)) {
    fail(name, ": got ", paste(deparse(value, nlines = 1L), collapse = ""), ", want one of ",
         paste0('"', names(choices), '"', collapse = ", "), call = call)
  }
  as.double(choices[[value]])
}

# From R's own generator, so that set.seed() decides.
draw_seed <- function() as.double(sample.int(.Machine$integer.max, 1L))

# The R function that C calls with a list of where the call stands.
teller <- function(progress, call = sys.call(sys.parent())) {
  if (is.null(progress) || identical(progress, FALSE)) return(NULL)
  tell <- if (isTRUE(progress)) announce else progress
  if (!is.function(tell)) {
    fail("progress: got ", paste(deparse(progress, nlines = 1L), collapse = ""), ", want TRUE, FALSE or a function", call = call)
  }
  function(p) isTRUE(tell(p))
}

announce <- function(p) {
  if (p$stage == "optimize") {
    message(sprintf("iteration %d of %d, KL divergence %.4f", as.integer(p$iteration), as.integer(p$iterations), p$kl))
  } else if (p$done >= 1) {
    message(p$stage, " done")
  }
  FALSE
}

# A map with names for its rows, if there are, and its columns.
named <- function(y, rows) {
  dimnames(y) <- list(rows, paste0("tSNE", seq_len(ncol(y))))
  y
}
