#' Maps by several perplexities and exaggerations
#'
#' One neighbour search, for the largest perplexity, serves them all. A table
#' says what each map keeps, and `why` which to take.
#'
#' @param X matrix or data frame, one row a point.
#' @param perplexity the perplexities to try; of a list an element may be several
#'   at once, as `list(30, c(30, 150))`.
#' @param exaggeration the exaggerations of the second phase to try.
#' @param labels classes of the points, for `knc` and for the colours of the plot.
#' @param ... further options by name, see [tsne_options()]; all maps have one
#'   seed.
#' @param x what `tsne_sweep` returned.
#' @return an object of class `"tsne_sweep"`, a list of
#'   \item{table}{a data frame, one row a map: `perplexity` (as text),
#'     `exaggeration`, `kl`, and `knn`, `knc` with labels and `cpd` of [quality()]}
#'   \item{maps}{the maps, turned and mirrored onto the one whose settings are
#'     nearest to perplexity 30 without exaggeration}
#'   \item{positions}{the maps as they were made}
#'   \item{suggested, why}{the row with the highest geometric mean of `knn` and
#'     `knc` (without labels `cpd`), each as a share of the best; of those within
#'     0.02 of it the one nearest to the defaults}
#'   \item{seed, labels}{those of all maps}
#' @details
#' A map is `tsne_fit(affinities(neighbors(X, k), perplexity = , k = ), init = )`:
#' neighbours as R has them, so it may differ from `tsne_fit(X)` by rounding,
#' which grows over the iterations. What would not fit into memory is refused
#' before any work (`"tsne_memory"`).
#' @examples
#' sweep <- tsne_sweep(iris[, 1:4], c(10, 30), c(1, 4), iris$Species, seed = 1)
#' sweep
#' plot(sweep)
#' @export
tsne_sweep <- function(X, perplexity = c(10, 30, 100), exaggeration = 1, labels = NULL, ...) {
  call <- sys.call()
  lists <- as.list(perplexity)
  if (!length(lists)) fail("perplexity", "want one or more")
  if (!length(exaggeration)) fail("exaggeration", "want one or more")
  bad <- intersect(names(list(...)), c("perplexity", "exaggeration", "k", "init_y"))
  if (length(bad)) fail(bad[1L], "is not read here")
  if (!is.null(list(...)$checkpoint)) fail("checkpoint", "want none: a file is of one map")
  X <- as_numbers(X, "X")
  n <- nrow(X)
  as_labels(labels, n, "labels")
  given <- list(...)
  if (is.null(given$seed)) given$seed <- draw_seed()
  each <- lapply(lists, function(p) {
    lapply(exaggeration, function(e) do.call(tsne_options, c(list(perplexity = p, exaggeration = e), given)))
  })
  most <- vapply(lists, function(p) as.integer(min(n - 1, max(1, floor(3 * min(max(p), (n - 1) / 3))))), 1L)
  wide <- max(most)
  both <- .Call(C_memory, n, ncol(X), ready(each[[which.max(most)]][[1L]], n))
  need <- both[1L] + 12 * n * wide
  if (need > both[2L]) {
    fail("memory", sprintf("%d x %d data need about %.0f MiB, this process can have %.0f", n, ncol(X), need / 2^20,
                           both[2L] / 2^20),
         class = "tsne_memory")
  }
  search <- given[intersect(names(given), c("metric", "neighbors", "neighbors_effort", "threads", "seed"))]
  near <- do.call(neighbors, c(list(X, wide), search))
  metric <- if (is.null(given$metric)) "euclidean" else given$metric
  spectral <- identical(given$init, "spectral")
  own <- given[setdiff(names(given), c("keep_data", "progress_every"))] # of the start
  positions <- list()
  rows <- list()
  for (i in seq_along(lists)) {
    make <- given[intersect(names(given), c("affinity", "threads", "seed", "density_lambda"))]
    p <- do.call(affinities, c(list(near, perplexity = lists[[i]], k = most[i]), make))
    for (o in each[[i]]) {
      start <- if (spectral || is.matrix(given$init)) NULL else do.call(tsne_initialize, c(list(X), own))
      used <- o
      if (!is.null(start)) {
        used$init <- choices$init[["given"]]
        used$init_y <- unname(start)
      }
      fit <- tsne_fit(p, options = used)
      seen <- if (metric %in% names(choices$metric)) quality(X, fit$Y, labels, seed = given$seed, metric = metric)
      positions[[length(positions) + 1L]] <- named(fit$Y, rownames(X))
      rows[[length(rows) + 1L]] <- data.frame(
        stringsAsFactors = FALSE,
        perplexity = paste(format(lists[[i]], trim = TRUE), collapse = "+"), exaggeration = o$exaggeration, kl = fit$kl,
        as.list(if (is.null(labels)) seen[c("knn", "cpd")] else seen))
    }
  }
  table <- do.call(rbind, rows)
  apart <- unlist(lapply(each, function(some) {
    vapply(some, function(o) {
      values <- c(o$perplexity, o$perplexities)
      abs(log(min(values) / 30)) + abs(log(o$exaggeration)) + 0.01 * (length(values) - 1)
    }, 1)
  }))
  middle <- which.min(apart)
  maps <- procrustes_maps(c(positions[middle], positions), to_first = TRUE)$maps[-1L]
  structure(c(list(table = table, maps = maps, positions = positions), suggestion(table, apart),
              list(seed = given$seed, labels = labels, call = call)), class = "tsne_sweep")
}

suggestion <- function(table, apart) {
  far <- if ("knc" %in% names(table) && all(is.finite(table$knc))) "knc" else "cpd"
  share <- function(name) pmax(table[[name]], 0) / max(table[[name]], 1e-12)
  score <- sqrt(share("knn") * share(far))
  tied <- which(score >= max(score) - 0.02)
  best <- tied[which.min(apart[tied])]
  words <- c(knc = "of the 4 nearest class means", cpd = "is the correlation of distances")
  why <- sprintf("%s: %.3f of the 10 nearest neighbours are kept and %.3f %s", setting(table, best), table$knn[best],
                 table[[far]][best], words[[far]])
  for (name in c("knn", far)) {
    top <- which.max(table[[name]])
    if (table[[name]][top] > table[[name]][best]) {
      why <- sprintf("%s; for %s alone %s has %.3f", why, if (name == "knn") "neighbours" else "the far arrangement",
                     setting(table, top), table[[name]][top])
    }
  }
  list(suggested = best, why = paste0(why, "."))
}

setting <- function(table, i) sprintf("perplexity %s, exaggeration %g", table$perplexity[i], table$exaggeration[i])

#' @rdname tsne_sweep
#' @export
print.tsne_sweep <- function(x, ...) {
  print(x$table, digits = 3)
  cat(strwrap(x$why), sep = "\n")
  invisible(x)
}

#' @rdname tsne_sweep
#' @export
plot.tsne_sweep <- function(x, labels = x$labels, ...) {
  across <- length(unique(x$table$exaggeration))
  old <- graphics::par(mfrow = c(length(x$maps) / across, across), mar = c(0.5, 0.5, 1.6, 0.5))
  on.exit(graphics::par(old))
  for (i in seq_along(x$maps)) {
    class(x$maps[[i]]) <- NULL
    plot.tsne(list(Y = x$maps[[i]]), labels, legend = NULL, axes = FALSE, xlab = "", ylab = "", ...)
    graphics::box(lwd = if (i == x$suggested) 3 else 1, col = if (i == x$suggested) "black" else "grey")
    graphics::title(setting(x$table, i), cex.main = 0.9, font.main = if (i == x$suggested) 2 else 1)
  }
  invisible(x)
}
