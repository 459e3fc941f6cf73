#' A map that takes new points in
#'
#' The map of a finished map's points and of new ones. Unlike those of
#' [predict.tsne()], new points see each other and are part of the map. They
#' begin where they would be placed, at the median of their 10 nearest.
#'
#' @param object a map of [tsne_fit()] that has its data.
#' @param newdata matrix or data frame, at least one row; columns as in
#'   [predict.tsne()].
#' @param hold of the points that are there: `"pinned"`, to the bit; `"held"`,
#'   pulled to where they are; `"free"`. A number is the weight of that pull,
#'   `"held"` being 1.
#' @param ... options of the fit by name, see [tsne_options()]; without any, those
#'   that the map was fitted with (of a map that was loaded the defaults). There
#'   is no early phase, and `init`, `pull_y`, `pull_weights` and `pull_frame` are
#'   not read. `pull` 0: 0.0005. A `checkpoint` is of the fit.
#' @param options all of them at once.
#' @param progress as in [tsne_fit()].
#' @return a map of class `"tsne"`, the rows of `object` first. [tsne_continue()]
#'   goes on holding them; with `pull = 0` they are free.
#' @seealso [tsne_zoom()], [tsne_fit_together()]
#' @examples
#' odd <- seq(1, 149, 2)
#' old <- tsne_fit(iris[odd, 1:4], perplexity = 20, seed = 1)
#' both <- tsne_update(old, iris[-odd, 1:4])
#' identical(both$Y[1:75, ], old$Y)
#' @export
tsne_update <- function(object, newdata, hold = "pinned", ..., options = tsne_options(...), progress = FALSE) {
  call <- sys.call()
  model <- as_model(object, "object")
  tell <- teller(progress)
  either(..., given = !missing(options))
  own <- missing(options) && ...length() == 0L
  hold <- if (is.numeric(hold)) one_number(hold, "hold") else one_of(hold, "hold", c(pinned = Inf, held = 1, free = 0))
  x <- with_columns(object, newdata, NULL, "newdata", call)
  o <- ready(without_start(own_options(object, options, own)), nrow(x$data))
  value <- finish(.Call(C_update, model, x$data, hold, o, tell), x = x$shown)
  if (hold > 0) o$pull_frame <- choices$pull_frame[["fixed"]]
  o$pull <- value$pull
  old <- rownames(object$Y)
  new <- rownames(x$data)
  rows <- if (!is.null(old) && !is.null(new)) c(old, new)
  new_tsne(value, rows, object$columns, o, call)
}

#' Part of a map fitted anew, in its place
#'
#' `tsne_zoom` fits some of a map's points by affinities among themselves alone,
#' from where they lie, scaled down, and lays the map over where they lay: moved,
#' turned, mirrored and scaled, so that half of them are as near to their mean as
#' they were. `put_back` gives the whole map with it.
#'
#' @param object a map of [tsne_fit()]; `tsne_zoom` needs its data.
#' @param rows which of its points: numbers, row names or a logical vector.
#' @param ... options of the fit by name, see [tsne_options()]; without any, those
#'   that the map was fitted with (of a map that was loaded the defaults). `init`
#'   and `pull` are not read. A `checkpoint` is of the fit.
#' @param options all of them at once.
#' @param progress as in [tsne_fit()].
#' @param part what `tsne_zoom` made, or positions, of the same rows.
#' @return `tsne_zoom`: a map of class `"tsne"`, in the order of `rows`; its `kl`
#'   is that of before it was laid. `put_back`: a matrix, the whole map.
#' @seealso [tsne_update()]
#' @examples
#' fit <- tsne_fit(iris[, 1:4], seed = 1)
#' part <- tsne_zoom(fit, iris$Species == "setosa", perplexity = 10)
#' whole <- put_back(fit, iris$Species == "setosa", part)
#' @export
tsne_zoom <- function(object, rows, ..., options = tsne_options(...), progress = FALSE) {
  call <- sys.call()
  model <- as_model(object, "object")
  tell <- teller(progress)
  either(..., given = !missing(options))
  own <- missing(options) && ...length() == 0L
  rows <- row_numbers(rows, object$Y)
  o <- ready(without_start(own_options(object, options, own)), length(rows))
  value <- finish(.Call(C_zoom, model, matrix(rows), o, tell))
  o$pull <- 0
  new_tsne(value, rownames(object$Y)[rows], object$columns, o, call, isTRUE(object$reduced))
}

#' @rdname tsne_zoom
#' @export
put_back <- function(object, rows, part) {
  y <- as_map(object, "object")
  rows <- row_numbers(rows, y)
  part <- finite(as_map(part, "part"), "part")
  if (!identical(dim(part), c(length(rows), ncol(y)))) {
    fail("part", "is ", paste(dim(part), collapse = " x "), ", want ", length(rows), " x ", ncol(y), class = "tsne_shape")
  }
  y[rows, ] <- part
  y
}

#' Maps of several data sets, each near those beside it
#'
#' The first is fitted; each other begins where its rows lie on the map before,
#' scaled down, those that are not there among their nearest that are, and is
#' pulled to there. Then, `rounds` times, all maps go on for 50 iterations, each
#' pulled to the mean of those beside it. At last each map is laid on the one before:
#' moved, turned and scaled.
#'
#' @param X list of matrices or data frames, two or more, in order: time points,
#'   donors, versions.
#' @param keys list of a key for each row of each set, such as the names of cells:
#'   rows of one key are one cell or subject, `NA` is none. Each set must share a
#'   key with the one before; sets may have other columns. `TRUE`: the row names.
#' @param relations instead of `keys`, a list of two-column matrices: row numbers
#'   of each set and of the next that are one. Without either sets share columns,
#'   and a row is where the median of its 10 nearest of the other set lies.
#' @param window sets before and after one that its map is pulled to, nearer ones
#'   more: by one over how many sets away they are.
#' @param rounds of more, maps come a little nearer to each other.
#' @param ... options of the fits by name, see [tsne_options()]; positions as `init`
#'   are of the first set, `pull` says how near the maps are kept (0: 0.0005),
#'   `pull_y`, `pull_weights` and `pull_frame` are not read, and a `checkpoint` is
#'   refused: its file is of one map.
#' @param options all of them at once.
#' @param progress as in [tsne_fit()]; where it stops a fit there are no maps.
#' @return a list of maps of class `"tsne"` in one frame, with the names of `X`; the
#'   `kl` of each is that of before it was laid.
#' @seealso [align()], [tsne_update()]
#' @examples
#' early <- iris[1:100, 1:4]
#' late <- iris[51:150, 1:4]
#' maps <- tsne_fit_together(list(early, late), keys = list(1:100, 51:150), seed = 1)
#' mean(sqrt(rowSums((maps[[1]]$Y[51:100, ] - maps[[2]]$Y[1:50, ])^2)))
#' @export
tsne_fit_together <- function(X, keys = NULL, relations = NULL, window = 1, rounds = 5, ...,
                              options = tsne_options(...), progress = FALSE) {
  call <- sys.call()
  tell <- teller(progress)
  either(..., given = !missing(options))
  if (!is.list(X) || is.data.frame(X) || length(X) < 2L) fail("X", "want a list of two data sets or more")
  each <- paste0("X[[", seq_along(X), "]]")
  if (!is.null(keys) && !is.null(relations)) fail("relations", "want either it or keys")
  x <- Map(function(one, name) as_numbers(one, name, call), unname(X), each)
  if (is.null(keys) && is.null(relations)) {
    known <- colnames(x[[1L]])
    for (i in seq_along(x)) x[[i]] <- in_order(x[[i]], known, each[i], call)
  }
  if (isTRUE(keys)) keys <- lapply(seq_along(x), function(i) {
    if (is.null(rownames(x[[i]]))) fail("keys", each[i], " has no row names", call = call)
    rownames(x[[i]])
  })
  if (!is.null(keys)) keys <- numbered(keys, x, each, call)
  if (!is.null(relations)) keys <- of_relations(relations, x, each, call)
  window <- one_int(window, "window")
  rounds <- one_int(rounds, "rounds")
  o <- ready(without_pull(options), nrow(x[[1L]]))
  given <- c(Map(shown, each, x), lapply(paste0("keys[[", seq_along(x), "]]"), shown, NULL))
  names(given) <- c(sprintf("x[%d]", seq_along(x) - 1L), sprintf("keys[%d]", seq_along(x) - 1L))
  value <- do.call(finish, c(list(.Call(C_fit_together, x, keys, window, rounds, o, tell), call), given), quote = TRUE)
  o$pull <- 0
  maps <- Map(function(made, x) new_tsne(made, rownames(x), colnames(x), o, call), value, x)
  names(maps) <- names(X)
  maps
}

own_options <- function(object, options, own) {
  if (!own || is.null(object$options)) return(options)
  o <- object$options
  o$checkpoint <- NULL # was of that fit
  structure(o, class = "tsne_options")
}

# Fits that begin where a map is, and say themselves what they pull to.
without_start <- function(o) {
  o$init <- choices$init[["pca"]]
  o$init_y <- NULL
  without_pull(o)
}

without_pull <- function(o) {
  o$pull_y <- o$pull_weights <- NULL
  o
}

row_numbers <- function(rows, y, call = sys.call(sys.parent())) {
  n <- nrow(y)
  if (is.logical(rows) && length(rows) == n && !anyNA(rows)) return(which(rows))
  if (is.character(rows)) {
    if (is.null(rownames(y))) fail("rows", "are names, and the map has none", call = call)
    at <- match(rows, rownames(y))
    if (anyNA(at)) fail("rows", "the map has no row '", rows[is.na(at)][1L], "'", call = call)
    rows <- at
  }
  if (!is.numeric(rows)) fail("rows", "want numbers, names or ", n, " of TRUE and FALSE", call = call)
  bad <- which(is.na(rows) | !(rows >= 1 & rows <= n & rows == round(rows)))
  if (length(bad)) fail("rows", "entry ", bad[1L], " is ", rows[bad[1L]], ", want 1 to ", n, call = call)
  if (anyDuplicated(rows)) fail("rows", "has ", rows[anyDuplicated(rows)], " twice", call = call)
  as.integer(rows)
}

# x with its columns in the order of known names, if both have some.
in_order <- function(x, known, name, call) {
  own <- colnames(x)
  if (is.null(known) || is.null(own) || identical(own, known)) return(x)
  at <- match(known, own)
  if (anyNA(at)) fail(name, "column '", known[is.na(at)][1L], "' of X[[1]] is not there", call = call)
  if (length(own) != length(known)) {
    fail(name, "has ", length(own), " columns, want ", length(known), call = call, class = "tsne_shape")
  }
  x[, at, drop = FALSE]
}

numbered <- function(keys, x, each, call) {
  if (!is.list(keys) || length(keys) != length(x)) {
    fail("keys", "want a list of ", length(x), ", one for each data set", call = call)
  }
  for (i in seq_along(x)) {
    if (length(keys[[i]]) != nrow(x[[i]])) {
      fail(paste0("keys[[", i, "]]"), "has ", length(keys[[i]]), " entries, want ", nrow(x[[i]]), ", one for each row of ",
           each[i], call = call, class = "tsne_shape")
    }
  }
  all <- unique(unlist(lapply(keys, as.character)))
  lapply(keys, function(of) {
    at <- as.double(match(as.character(of), all[!is.na(all)]))
    at[is.na(of)] <- -1
    at
  })
}

of_relations <- function(relations, x, each, call) {
  if (!is.list(relations) || length(relations) != length(x) - 1L) {
    fail("relations", "want a list of ", length(x) - 1L, ", one between each data set and the next", call = call)
  }
  keys <- list(as.double(seq_len(nrow(x[[1L]]))))
  used <- nrow(x[[1L]])
  for (i in seq_along(relations)) {
    pairs <- relations[[i]]
    name <- paste0("relations[[", i, "]]")
    if (!is.matrix(pairs) || !is.numeric(pairs) || ncol(pairs) != 2L) fail(name, "want a matrix of two columns", call = call)
    if (!nrow(pairs)) fail(name, "has no rows", call = call)
    for (side in 1:2) {
      rows <- pairs[, side]
      n <- nrow(x[[i + side - 1L]])
      bad <- which(is.na(rows) | !(rows >= 1 & rows <= n & rows == round(rows)))
      if (length(bad)) fail(name, "row ", bad[1L], " has ", rows[bad[1L]], ", want 1 to ", n, call = call, row = bad[1L])
      if (anyDuplicated(rows)) {
        fail(name, "has row ", rows[anyDuplicated(rows)], " of ", each[i + side - 1L], " twice", call = call)
      }
    }
    own <- as.double(used + seq_len(nrow(x[[i + 1L]])))
    own[pairs[, 2L]] <- keys[[i]][pairs[, 1L]]
    used <- used + nrow(x[[i + 1L]])
    keys[[i + 1L]] <- own
  }
  keys
}
