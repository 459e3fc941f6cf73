# What comes in is checked here, and named as the caller knows it.

# The value of a call of the library, or an R error or interrupt in the name
# of the function that called this one.
finish <- function(result, call = sys.call(-1L)) {
  if (result$interrupted) {
    .Call(C_interrupt)
    fail("interrupted", call = call)
  }
  for (line in result$warnings) warning(simpleWarning(line, call))
  if (nzchar(result$status) && !(result$status == "TSNE_E_CANCELLED" && is.list(result$value))) {
    class <- tolower(sub("^TSNE_E_", "tsne_", result$status))
    fail(result$text, call = call, class = class)
  }
  if (nzchar(result$status)) result$value$stopped <- TRUE
  result$value
}

fail <- function(..., call = sys.call(-1L), class = NULL) {
  stop(structure(class = c(class, "tsne_error", "error", "condition"),
                 list(message = paste0(...), call = call)))
}

# "row 3 ('cell3')"
place <- function(what, i, names) {
  if (is.null(names)) paste(what, i) else sprintf("%s %d ('%s')", what, i, names[i])
}

# A matrix of finite doubles from a matrix, a vector of numbers, a data frame.
as_numbers <- function(x, name, call = sys.call(-1L)) {
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
  if (is(x, "sparseMatrix") || is(x, "denseMatrix")) x <- as.matrix(x)
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
    value <- x[i, j]
    fail(name, ": ", place("row", i, rownames(x)), ", ", place("column", j, colnames(x)), " is ",
         format(value), if (is.finite(value)) ", beyond single precision", ", want a finite value",
         call = call, class = "tsne_not_finite")
  }
  x
}

# A map: the Y of an object of this package, or a matrix.
as_map <- function(y, name, call = sys.call(-1L)) {
  if (inherits(y, c("tsne", "Rtsne"))) y <- y$Y
  as_numbers(y, name, call)
}

# A list of the indices and distances of neighbours, as neighbors() and
# BiocNeighbors::findKNN() give it, with one row a point and 1 for the first.
is_graph <- function(x) is.list(x) && !is.data.frame(x) && all(c("index", "distance") %in% names(x))

as_graph <- function(x, name, call = sys.call(-1L)) {
  distance <- as_numbers(x$distance, paste0(name, "$distance"), call)
  index <- as_numbers(x$index, paste0(name, "$index"), call)
  if (!identical(dim(index), dim(distance))) {
    fail(name, ": index is ", paste(dim(index), collapse = " x "), ", distance is ",
         paste(dim(distance), collapse = " x "), ", want the same", call = call)
  }
  bad <- which(index < 1 | index > nrow(index) | index != round(index), arr.ind = TRUE)
  if (nrow(bad)) {
    fail(name, "$index: row ", bad[1L, 1L], ", column ", bad[1L, 2L], " is ", index[bad[1L, , drop = FALSE]],
         ", want 1 to ", nrow(index), call = call, class = "tsne_graph")
  }
  bad <- which(index == row(index), arr.ind = TRUE)
  if (nrow(bad)) {
    fail(name, "$index: row ", bad[1L, 1L], ", column ", bad[1L, 2L],
         " is the point itself, want another one", call = call, class = "tsne_graph")
  }
  storage.mode(index) <- "integer"
  list(index = index, distance = distance)
}

as_model <- function(object, name, call = sys.call(-1L)) {
  if (!inherits(object, "tsne")) {
    fail(name, ": got an object of class ", class(object)[1L], ", want a map of tsne_fit()", call = call)
  }
  if (!.Call(C_alive, object$model)) {
    fail(name, ": its model has not come along: saveRDS() and saved workspaces keep the map Y alone. ",
         "Use save_model() and load_model()", call = call, class = "tsne_handle")
  }
  object$model
}

as_labels <- function(labels, n, name, call = sys.call(-1L)) {
  if (is.null(labels)) return(NULL)
  if (length(labels) != n) {
    fail(name, ": has ", length(labels), " entries, want ", n, call = call)
  }
  codes <- as.integer(factor(labels)) - 1L
  codes[is.na(codes)] <- -1L
  codes
}

one_number <- function(value, name, whole = FALSE, call = sys.call(-1L)) {
  if (!is.numeric(value) && !is.logical(value) || length(value) != 1L || is.na(value)) {
    fail(name, ": got ", paste(deparse(value, nlines = 1L), collapse = ""), ", want one number", call = call,
         class = "tsne_option")
  }
  if (whole && (!is.finite(value) || value != round(value) || abs(value) > 2^53)) {
    fail(name, ": got ", format(value), ", want a whole number", call = call, class = "tsne_option")
  }
  as.double(value)
}

# Fits what an int32 holds.
one_int <- function(value, name, call = sys.call(-1L)) {
  value <- one_number(value, name, TRUE, call)
  if (abs(value) > .Machine$integer.max) {
    fail(name, ": got ", format(value), ", want at most ", .Machine$integer.max, call = call, class = "tsne_option")
  }
  value
}

one_of <- function(value, name, choices, call = sys.call(-1L)) {
  if (is.character(value) && length(value) > 1L && identical(value, names(choices))) value <- value[1L]
  if (!is.character(value) || length(value) != 1L || is.na(value) || !value %in% names(choices)) {
    fail(name, ": got ", paste(deparse(value, nlines = 1L), collapse = ""), ", want one of ",
         paste0('"', names(choices), '"', collapse = ", "), call = call, class = "tsne_option")
  }
  as.double(choices[[value]])
}

# From R's own generator, so that set.seed() decides.
draw_seed <- function() as.double(sample.int(.Machine$integer.max, 1L))

# The R function that C calls with a list of where the call stands.
teller <- function(progress, call = sys.call(-1L)) {
  if (is.null(progress) || identical(progress, FALSE)) return(NULL)
  tell <- if (is.function(progress)) progress else if (isTRUE(progress)) announce else {
    fail("progress: got ", paste(deparse(progress, nlines = 1L), collapse = ""), ", want TRUE, FALSE or a function",
         call = call, class = "tsne_option")
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

named <- function(y, rows) {
  dimnames(y) <- list(rows, paste0("tSNE", seq_len(ncol(y))))
  y
}
