#' How far to trust a map
#'
#' One row a cell: how well its place in the map says where it is in the data. The
#' definitions and what they cost are in `docs/trust.md`.
#'
#' @param object a map of [tsne_fit()] that has its data.
#' @param newdata new points, as in [predict.tsne()]: then it is how far outside of
#'   the map's data they lie, which their places do not show.
#' @param k neighbours, under half of the points; `NULL`: 15, or fewer for few.
#' @param length how far rows are moved for `perturbation`, in units of the data;
#'   `NULL`: the median distance of the cells to their k-th neighbour.
#' @param maps a list of other maps of the same cells, by other seeds or of
#'   bootstrapped data, for `spread`. Each is laid onto this one first.
#' @param scores the columns that are wanted; `NULL`: all, `spread` where there are
#'   `maps`.
#' @param columns as in [predict.tsne()].
#' @param seed of the cells that ranks are counted among, and of the permutation.
#' @param threads as in [tsne_options()].
#' @return a data frame. Of a map: `recall`, the share of the k nearest in the data
#'   that are among the k nearest in the map; `trustworthiness` and `continuity`
#'   (Venna and Kaski 2001), 1 at best; `stretch`, distances in the map over those
#'   in the data, 1 in the middle; `perturbation` and `singularity` (Liu, Ma and
#'   Zhong 2025), large where the map is discontinuous; `reliability` and the
#'   logical `dubious` (after scDEED; Xia, Lee and Li 2024); `spread`, in units of
#'   the map. Of new points: `distance` to the k-th nearest cell of the map;
#'   `quantile`, the share of these whose own is nearer; `ratio` to the mean of the
#'   neighbours' own; the logical `out_of_map`, where the ratio is above 1.5.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], perplexity = 20, seed = 1)
#' summary(tsne_diagnose(fit))
#'
#' two <- tsne_fit(iris[iris$Species != "setosa", 1:4], perplexity = 20, seed = 1)
#' tapply(tsne_diagnose(two, iris[, 1:4])$ratio, iris$Species, median)
#' @export
tsne_diagnose <- function(object, newdata = NULL, k = NULL, length = NULL, maps = NULL, scores = NULL,
                          columns = NULL, seed = 0, threads = 0) {
  call <- sys.call()
  model <- as_model(object, "object")
  k <- if (is.null(k)) 0 else at_least_one(one_int(k, "k"), "k", call)
  if (!is.null(newdata)) {
    for (name in c("length", "maps", "scores")) {
      if (!is.null(get(name))) fail(name, "is of a map, not of new points")
    }
    x <- with_columns(object, newdata, columns, "newdata", call)
    o <- ready(transform_options(seed = seed, threads = threads), nrow(x$data), ncol(object$Y), "placement")
    o$columns <- x$columns
    value <- as.data.frame(finish(.Call(C_outside, model, x$data, k, o), x = x$shown))
    value$out_of_map <- value$ratio > 1.5
    rows <- rownames(x$data)
  } else {
    if (!is.null(columns)) fail("columns", "is of new points, not of a map")
    if (!is.null(length)) {
      length <- one_number(length, "length")
      if (!is.finite(length) || length <= 0) fail("length", "got ", format(length), ", want above 0")
    }
    maps <- other_maps(maps, dim(object$Y), call)
    known <- c("recall", "trustworthiness", "continuity", "stretch", "perturbation", "singularity",
               "reliability", "dubious", "spread")
    if (is.null(scores)) scores <- if (is.null(maps)) known[known != "spread"] else known
    odd <- !scores %in% known
    if (!is.character(scores) || any(odd)) {
      fail("scores", "got ", paste(deparse(scores[odd][1L]), collapse = ""), ", want some of ",
           paste0('"', known, '"', collapse = ", "))
    }
    if (base::length(scores) == 0L) fail("scores", "names none")
    if ("spread" %in% scores && is.null(maps)) fail("maps", "is missing, which spread is over")
    o <- ready(tsne_options(seed = seed, threads = threads), nrow(object$Y))
    value <- finish(.Call(C_diagnose, model, known %in% scores, c(k, if (is.null(length)) 0 else length), maps, o))
    names(value) <- known
    value <- as.data.frame(value[scores])
    if ("dubious" %in% scores) value$dubious <- value$dubious == 1
    rows <- rownames(object$Y)
  }
  if (!is.null(rows) && !anyDuplicated(rows)) rownames(value) <- rows
  value
}

at_least_one <- function(value, name, call) {
  if (value < 1) fail(name, "got ", format(value), ", want 1 or more", call = call)
  value
}

# The maps, one below the other.
other_maps <- function(maps, size, call) {
  if (is.null(maps)) return(NULL)
  if (!is.list(maps) || inherits(maps, "tsne") || is.data.frame(maps)) maps <- list(maps)
  if (length(maps) == 0L) fail("maps", "is empty", call = call)
  each <- lapply(seq_along(maps), function(i) {
    name <- sprintf("maps[[%d]]", i)
    y <- finite(as_map(maps[[i]], name, call), name, call)
    if (!identical(dim(y), size)) {
      fail(name, "is ", paste(dim(y), collapse = " x "), ", want ", paste(size, collapse = " x "),
           call = call, class = "tsne_shape")
    }
    unname(y)
  })
  do.call(rbind, each)
}
