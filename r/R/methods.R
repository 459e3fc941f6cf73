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

#' Maps as tables and in ggplot2
#'
#' `ggplot2::fortify()` and `ggplot2::autoplot()` take a map where ggplot2 is
#' installed.
#'
#' @param x,model,object a map of [tsne_fit()], or new points of
#'   [tsne_partial()].
#' @param row.names,optional as in [as.data.frame()].
#' @param data a data frame of the same points, whose columns stand beside the
#'   map's, and by which `autoplot` may be coloured.
#' @param colour what the points are coloured by: classes or numbers, one for
#'   each, or the name of a column of `data`.
#' @param size,... of the points, see `ggplot2::geom_point()`; `size` is by
#'   their number.
#' @return a data frame with a row for each point, named as the data's, and
#'   columns `tSNE1`, `tSNE2`, ...; of `autoplot` a ggplot.
#' @examples
#' fit <- tsne_fit(iris[, 1:4], seed = 1)
#' head(as.data.frame(fit))
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   library(ggplot2)
#'   autoplot(fit, iris, colour = "Species")
#'   ggplot(fit, aes(tSNE1, tSNE2)) + geom_point()
#' }
#' @export
as.data.frame.tsne <- function(x, row.names = NULL, optional = FALSE, ...) {
  as.data.frame(x$Y, row.names = row.names, optional = optional)
}

#' @rdname as.data.frame.tsne
#' @export
as.data.frame.tsne_partial <- as.data.frame.tsne

#' @rdname as.data.frame.tsne
#' @exportS3Method ggplot2::fortify
fortify.tsne <- function(model, data = NULL, ...) {
  y <- as.data.frame(model)
  if (is.null(data)) return(y)
  data <- as.data.frame(data)
  if (nrow(data) != nrow(y)) fail("data", "has ", nrow(data), " rows, want ", nrow(y), class = "tsne_shape")
  names <- row_names(y)
  y <- cbind(y, data)
  if (!is.null(names)) row.names(y) <- names
  y
}

#' @rdname as.data.frame.tsne
#' @exportS3Method ggplot2::fortify
fortify.tsne_partial <- fortify.tsne

#' @rdname as.data.frame.tsne
#' @exportS3Method ggplot2::autoplot
autoplot.tsne <- function(object, data = NULL, colour = NULL, size = NULL, ...) {
  n <- nrow(object$Y)
  dims <- ncol(object$Y)
  if (dims > 2L) fail("object", "has ", dims, " columns, want 1 or 2: plot() draws three")
  title <- "colour"
  if (is.character(colour) && length(colour) == 1L && n > 1L) {
    title <- colour
    one_name(colour, "colour", names(data), sys.call())
    colour <- data[[colour]]
  }
  if (!is.null(colour) && length(colour) != n) fail("colour", "has ", length(colour), " entries, want ", n, class = "tsne_shape")
  table <- fortify.tsne(object, data)
  if (dims == 1L) table$point <- seq_len(n)
  table$.colour <- if (is.character(colour)) factor(colour) else colour
  if (is.null(size)) size <- if (n > 5000) 0.3 else if (n > 500) 0.8 else 1.5
  axes <- names(table)[c(1L, if (dims == 1L) which(names(table) == "point") else 2L)]
  aes <- c(lapply(stats::setNames(axes, c("x", "y")), as.name), if (!is.null(colour)) list(colour = quote(.colour)))
  plot <- ggplot2::ggplot(table, do.call(ggplot2::aes, aes)) + ggplot2::geom_point(size = size, ...)
  if (!is.null(colour)) plot <- plot + ggplot2::labs(colour = title)
  if (dims == 2L) plot + ggplot2::coord_equal() else plot
}
