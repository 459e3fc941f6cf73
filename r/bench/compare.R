# Rtsne beside this package on iris and, if given, rows of a .npy file of
# float32 (its first 10,000):
#   Rscript r/bench/compare.R [data.npy [rows]]
# The same start, perplexity and number of iterations for all. KL is exact, all
# pairs, against one P for all; recall is quality()'s share of the 10 nearest.
library(libtsne)
args <- commandArgs(TRUE)

read_npy <- function(path, rows) {
  f <- file(path, "rb")
  on.exit(close(f))
  stopifnot(identical(readBin(f, "raw", 6L), as.raw(c(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59))))
  version <- readBin(f, "integer", 2L, 1L)
  size <- readBin(f, "integer", 1L, if (version[1L] == 1L) 2L else 4L, endian = "little", signed = version[1L] > 1L)
  header <- readChar(f, size)
  stopifnot(grepl("'<f4'", header), grepl("'fortran_order': False", header))
  shape <- sub(".*shape", "", header)
  dim <- as.integer(regmatches(shape, gregexpr("[0-9]+", shape))[[1L]])
  rows <- min(rows, dim[1L])
  matrix(readBin(f, "numeric", rows * dim[2L], 4L, endian = "little"), rows, byrow = TRUE)
}

compare <- function(name, x, threads) {
  set.seed(1)
  start <- matrix(rnorm(nrow(x) * 2, sd = 1e-4), ncol = 2)
  p <- affinities(x, perplexity = 30, neighbors = "exact")
  row <- function(who, fit) {
    seconds <- system.time(map <- fit())[["elapsed"]]
    cat(sprintf("%-12s %-28s %8.2f s  KL %.4f  recall %.4f\n", name, who, seconds, tsne_cost(p, map)$kl,
                quality(x, map$Y, seed = 1)[["knn"]]))
  }
  as_rtsne <- function(f) {
    f(x, pca = FALSE, normalize = FALSE, check_duplicates = FALSE, Y_init = start,
      stop_lying_iter = 250L, mom_switch_iter = 250L, num_threads = threads)
  }
  row("Rtsne::Rtsne", function() as_rtsne(Rtsne::Rtsne))
  row("libtsne::Rtsne", function() as_rtsne(Rtsne))
  row("tsne_fit, 1000 iterations", function() tsne_fit(x, init = start, iterations = 750, threads = threads, seed = 1))
  row("tsne_fit, its defaults", function() tsne_fit(x, threads = threads, seed = 1))
}

compare("iris", as.matrix(unique(iris[, 1:4])), 0)
if (length(args)) compare(basename(args[1L]), read_npy(args[1L], if (length(args) > 1L) as.integer(args[2L]) else 10000L), 0)
