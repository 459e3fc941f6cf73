#' What there is to object to in settings or in a map
#'
#' @param object a map of [tsne_fit()], or options of [tsne_options()].
#' @param n the number of points, where `object` is options.
#' @return character vector, one element an objection, which begins with the
#'   option's name and has the figure that supports it; the manual of the Python
#'   package has the measurements (`docs/choosing.md`).
#' @examples
#' tsne_check(tsne_options(learning_rate = 1000), n = 100)
#' tsne_check(tsne_fit(iris[, 1:4], iterations = 50, seed = 1))
#' @export
tsne_check <- function(object, n = NULL) {
  is_map <- inherits(object, "tsne")
  o <- if (is_map) object$options else object
  if (!is_map && !inherits(o, "tsne_options")) fail("object", "want a map of tsne_fit() or tsne_options()")
  if (is_map) n <- nrow(object$Y)
  if (is.null(n)) fail("n", "want the number of points")
  n <- one_number(n, "n", TRUE)
  if (n < 1) fail("n", "got ", n, ", want 1 or more")
  c(character(), if (!is.null(o)) of_settings(o, n, is_map), if (is_map) of_map(object))
}

objection <- function(..., values = NULL) {
  parts <- list(...)
  text <- vapply(parts, function(v) if (is.numeric(v)) format(v, scientific = FALSE, trim = TRUE) else v, "")
  do.call(sprintf, c(list(paste0(text, collapse = "")), as.list(values)))
}

of_settings <- function(o, n, fitted) {
  o <- settled(o, n)
  usual <- n / o$early_exaggeration
  rate <- o$learning_rate
  values <- c(o$perplexity, o$perplexities)
  both <- if (fitted) c(0, 0) else .Call(C_memory, n, 50, ready(structure(o, class = "tsne_options"), n))
  c(
    if (rate >= 20 * usual && n < 500) {
      objection("learning_rate: ", rate, " is high for ", n, " points; the default is ", round(usual),
                ": the KL divergence of 100 points was 13 %% higher at 20 times that, 57 %% at 120 times")
    },
    if (rate > 0 && rate <= usual / 2 && n >= 1500) {
      objection("learning_rate: ", rate, " is low for ", n, " points; the default is ", round(usual),
                ": the KL divergence of 10000 points was 8 %% higher at half of that, 22 %% at a tenth")
    },
    if (o$init == choices$init[["random"]]) {
      objection("init: a random start makes the global arrangement arbitrary: on classes in three groups 0.41 of the ",
                "neighbouring classes were kept, by \"pca\" 0.67")
    },
    if (both[1L] > both[2L]) {
      objection("perplexity: ", max(values), " for ", n, " points takes about %.1f GiB, of which there are %.1f; ",
                if (n > 1e5) {
                  paste("30 with init = \"sample\" (on 500000 cells 0.47 of the neighbouring classes were kept, by \"pca\" 0.35)",
                        "or pull = 0.001")
                } else {
                  "less takes less"
                }, values = both / 2^30)
    },
    if (o$iterations < 250 && o$auto_stop == 0) {
      objection("iterations: ", o$iterations, " after the early exaggeration are few: the KL divergence of 1797 points was ",
                "0.923 after 50, 0.768 after 250 and 0.748 after 500")
    })
}

of_map <- function(object) {
  found <- character()
  o <- object$options
  if (!is.null(o) && o$exaggeration == 1 && o$density_lambda == 0 && o$pull == 0 && !isTRUE(object$continued)) {
    more <- tsne_continue(object, 50)$kl
    if (object$kl > 0 && 1 - more / object$kl > 0.01) {
      found <- sprintf("iterations: after %.0f the KL divergence still falls: 50 more lower it from %.4g to %.4g",
                       object$iterations, object$kl, more)
    }
  }
  wide <- max(apply(object$Y, 2L, function(v) diff(range(v))))
  if (wide > 1000) {
    found <- c(found, sprintf("Y: the map is %.0f wide, and predict() refines new points by some tens at most", wide))
  }
  data <- tryCatch(finish(.Call(C_data, as_model(object, "object"))), tsne_no_data = function(e) NULL)
  twice <- function(rows) duplicated(rows) | duplicated(rows, fromLast = TRUE)
  at <- twice(object$Y)
  if (!is.null(data)) at <- at & !twice(cbind(object$Y, data))
  if (any(at)) {
    found <- c(found, sprintf("Y: %d of %d points lie exactly on another whose data differ", sum(at), nrow(object$Y)))
  }
  found
}
