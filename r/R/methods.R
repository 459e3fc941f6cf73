#' Print, summarise and draw a map
#'
#' @param x,object a map of [tsne_fit()].
#' @param labels classes of the points, which are coloured by them.
#' @param col,pch,cex,asp,xlab,ylab as in [plot.default()].
#' @param legend where the legend of the labels is, see [legend()]; `NULL`:
#'   none.
#' @param ... further arguments of [plot()] or [pairs()].
#' @return `x`, invisibly; `summary` gives a list of class `"summary.tsne"`.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], seed = 1)
#' summary(fit)
#' plot(fit, labels = iris$Species)
#' @export
print.tsne <- function(x, ...) {
  cat(sprintf("t-SNE map of %d points in %d dimension%s\n", nrow(x$Y), ncol(x$Y), if (ncol(x$Y) == 1L) "" else "s"))
  cat(sprintf("KL divergence %.4f after %.0f iterations%s\n", x$kl, x$iterations,
              if (isTRUE(x$stopped)) ", where it was stopped" else ""))
  if (!.Call(C_alive, x$model)) cat("its model has not come along: see save_model()\n")
  invisible(x)
}

#' @rdname print.tsne
#' @export
summary.tsne <- function(object, ...) {
  own <- NULL
  if (!is.null(object$options)) {
    defaults <- unclass(tsne_options())
    known <- setdiff(names(object$options), c("init_y", "columns"))
    own <- object$options[known[!mapply(identical, object$options[known], defaults[known])]]
  }
  structure(list(points = nrow(object$Y), dims = ncol(object$Y), kl = object$kl, iterations = object$iterations,
                 extent = apply(object$Y, 2L, range), options = own), class = "summary.tsne")
}

#' @rdname print.tsne
#' @export
print.summary.tsne <- function(x, ...) {
  cat(sprintf("t-SNE map of %d points in %d dimension%s\n", x$points, x$dims, if (x$dims == 1L) "" else "s"))
  cat(sprintf("KL divergence %.4f after %.0f iterations\n", x$kl, x$iterations))
  for (a in seq_len(x$dims)) {
    cat(sprintf("%s from %.2f to %.2f\n", colnames(x$extent)[a], x$extent[1L, a], x$extent[2L, a]))
  }
  for (name in names(x$options)) {
    value <- x$options[[name]]
    known <- choices[[name]]
    if (!is.null(known)) value <- names(known)[known == value]
    cat(sprintf("%s: %s\n", name, paste(format(value, digits = 10, scientific = FALSE, trim = TRUE), collapse = ", ")))
  }
  invisible(x)
}

#' @rdname print.tsne
#' @export
plot.tsne <- function(x, labels = NULL, col = NULL, pch = 20, cex = NULL, asp = 1, xlab = "tSNE1", ylab = "tSNE2",
                      legend = "topright", ...) {
  n <- nrow(x$Y)
  if (is.null(cex)) cex <- if (n > 5000) 0.3 else if (n > 500) 0.6 else 1
  classes <- NULL
  if (!is.null(labels)) {
    if (length(labels) != n) fail("labels", "has ", length(labels), " entries, want ", n, class = "tsne_shape")
    classes <- factor(labels)
    colors <- grDevices::hcl.colors(max(nlevels(classes), 2L), "Dark 3")
    if (is.null(col)) col <- colors[classes]
  }
  if (is.null(col)) col <- "black"
  if (ncol(x$Y) == 3L) {
    graphics::pairs(x$Y, col = col, pch = pch, cex = cex, ...)
    return(invisible(x))
  }
  if (ncol(x$Y) == 1L) {
    plot(x$Y[, 1L], seq_len(n), col = col, pch = pch, cex = cex, xlab = xlab, ylab = "point", ...)
  } else {
    plot(x$Y, col = col, pch = pch, cex = cex, asp = asp, xlab = xlab, ylab = ylab, ...)
  }
  if (!is.null(classes) && !is.null(legend)) {
    graphics::legend(legend, levels(classes), col = colors, pch = pch[1L], bty = "n")
  }
  invisible(x)
}

#' @export
as.matrix.tsne <- function(x, ...) x$Y

#' The library in use
#'
#' @return a list of `version`, `cpu` (the vector instructions used) and
#'   `handles` (models and affinities alive).
#' @examples
#' tsne_library()$version
#' @export
tsne_library <- function() .Call(C_library)
