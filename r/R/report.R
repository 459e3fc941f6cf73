#' What a paper says of a map, and what makes it again
#'
#' @param object a map of [tsne_fit()].
#' @param labels classes of the points, for `knc`.
#' @param x what `tsne_report` returned.
#' @param ... not used.
#' @return an object of class `"tsne_report"`, a list of `text`, the paragraph of
#'   a methods section; `references`; `settings` that differ from the defaults,
#'   and the seed; `figures`; `versions`; `sha256` of the positions as
#'   little-endian single precision by row, the same in all languages (`NA`
#'   unless R has `tools::sha256sum` or package digest is there); and `code`,
#'   which gives the map again from `X`, `NULL` of a map that was loaded, gone on
#'   with or stopped.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], perplexity = 20)
#' report <- tsne_report(fit, iris$Species)
#' report
#' X <- iris[, 1:4]
#' identical(eval(parse(text = report$code))$Y, fit$Y)
#' @export
tsne_report <- function(object, labels = NULL) {
  model <- as_model(object, "object")
  o <- object$options
  n <- nrow(object$Y)
  own <- if (is.null(o)) list() else summary.tsne(object)$options
  own <- own[setdiff(names(own), c("threads", "seed", "progress_every", "max_memory"))]
  names(own)[names(own) == "perplexities"] <- "perplexity"
  for (name in intersect(names(own), names(choices))) own[[name]] <- names(choices[[name]])[choices[[name]] == own[[name]]]
  data <- tryCatch(finish(.Call(C_data, model)), tsne_no_data = function(e) NULL)
  figures <- c(kl = object$kl, iterations = object$iterations)
  if (!is.null(data)) figures <- c(figures, quality(object, labels = labels, metric = metric_of(o)))
  figures <- figures[is.finite(figures)]
  code <- NULL
  plain <- !any(c("pull_y", "pull_weights") %in% names(o)) && !identical(own$init, "given")
  planned <- if (!is.null(o)) sum(unlist(settled(o, n)[c("early_iterations", "iterations")]))
  fitted <- !is.null(o) && object$iterations == planned && identical(object$call[[1L]], quote(tsne_fit))
  if (fitted && plain && !isTRUE(object$continued)) {
    code <- paste0("tsne_fit(", paste(c("X", sprintf("%s = %s", names(own), vapply(own, deparse, "", width.cutoff = 500L)),
                                        paste("seed =", format(o$seed, digits = 17, scientific = FALSE))), collapse = ", "), ")")
  }
  by <- if (is.call(object$call)) all.names(object$call[[1L]])
  step <- intersect(by, c("align", "tsne_fit_together", "tsne_update", "tsne_zoom"))
  versions <- c(libtsne = tsne_library()$version, R = as.character(getRversion()))
  words <- vapply(own, function(v) paste(format(v, trim = TRUE), collapse = " and "), "")
  said <- if (length(own)) paste(names(own), words, collapse = ", ")
  text <- paste0(
    n, " points", if (!is.null(data)) paste(" of", ncol(data), "columns"), " were embedded in ", ncol(object$Y),
    " dimensions by t-SNE (van der Maaten & Hinton 2008), following Kobak & Berens 2019, with libtsne ",
    versions[["libtsne"]], " from R ", versions[["R"]],
    if (is.null(o)) "." else paste0(", with its defaults", if (is.null(said)) "" else paste(" but for", said), ", seed ",
                                    format(o$seed, digits = 17, scientific = FALSE), "."),
    sprintf(" After %.0f iterations the KL divergence was %.4g", object$iterations, object$kl),
    if ("knn" %in% names(figures)) sprintf("; the map kept %.1f%% of the 10 nearest neighbours", 100 * figures[["knn"]]),
    if ("knc" %in% names(figures)) sprintf(" and %.1f%% of the 4 nearest class means", 100 * figures[["knc"]]),
    if ("cpd" %in% names(figures)) sprintf(", and distances correlated by %.2f (Spearman)", figures[["cpd"]]), ".",
    if (length(step)) paste0(
      " It is a map of ", step, ", whose fit these settings are of: these data alone do not give it again."
    ))
  bytes <- writeBin(c(t(object$Y)), raw(), size = 4L, endian = "little")
  structure(list(text = text, references = cited(own), settings = c(own, list(seed = o$seed)), figures = as.list(figures),
                 versions = as.list(versions), sha256 = sha256(bytes), code = code),
            class = "tsne_report")
}

metric_of <- function(o) {
  if (is.null(o)) return("euclidean")
  sub("default", "euclidean", names(choices$metric)[choices$metric == o$metric])
}

sha256 <- function(bytes) {
  own <- get0("sha256sum", asNamespace("tools"))
  if (!is.null(own)) return(own(bytes = bytes))
  if (requireNamespace("digest", quietly = TRUE)) return(digest::digest(bytes, "sha256", serialize = FALSE))
  NA_character_
}

works <- c(
  art = paste("Kobak D, Berens P. The art of using t-SNE for single-cell transcriptomics. Nature Communications 10, 5416 (2019).",
              "doi:10.1038/s41467-019-13056-x"),
  tsne = paste("van der Maaten L, Hinton G. Visualizing data using t-SNE. Journal of Machine Learning Research 9, 2579-2605",
               "(2008)."),
  dof = paste("Kobak D, Linderman G, Steinerberger S, Kluger Y, Berens P. Heavy-tailed kernels reveal a finer cluster structure",
              "in t-SNE visualisations. ECML PKDD 2019, LNCS 11906, 124-139 (2020). doi:10.1007/978-3-030-46150-8_8"),
  density_lambda = paste("Narayan A, Berger B, Cho H. Assessing single-cell transcriptomic variability through",
                         "density-preserving data visualization. Nature Biotechnology 39, 765-774 (2021).",
                         "doi:10.1038/s41587-020-00801-7"),
  pull = paste("Kury N, Kobak D, Damrich S. DREAMS: preserving both local and global structure in dimensionality reduction.",
               "arXiv:2508.13747 (2025)."))

cited <- function(own) unname(works[c("art", "tsne", intersect(names(own), names(works)))])

#' @rdname tsne_report
#' @export
print.tsne_report <- function(x, ...) {
  cat(strwrap(x$text), "", x$references, if (!is.null(x$code)) c("", x$code), sep = "\n")
  invisible(x)
}
