# The R host of tests/hosts/run.sh:
#   fit x.npy y.f32 model.npz
#   place model.npz new.npy y.f32: by the median and 40 iterations, the same
#   with affinities of two scales, and by affinities that are given
#   grow model.npz new.npy y.f32: the map with the rows pinned, every eighth of its
#   points fitted anew, and the first and last 60 rows together
#   trust model.npz new.npy y.f32: all scores of the map beside the same backwards,
#   and how far outside of it the rows lie
library(libtsne)

# A two-dimensional array of little-endian float32 in C order.
read <- function(name) {
  f <- file(name, "rb")
  on.exit(close(f))
  readBin(f, "raw", 8)
  header <- rawToChar(readBin(f, "raw", readBin(f, "integer", 1, size = 2, endian = "little", signed = FALSE)))
  stopifnot(grepl("'<f4'", header), grepl("'fortran_order': False", header))
  shape <- as.integer(regmatches(header, regexec("\\((\\d+), (\\d+)\\)", header))[[1]][-1])
  matrix(readBin(f, "numeric", prod(shape), size = 4, endian = "little"), shape[1], byrow = TRUE)
}

# Far from zero, where single precision would not do.
far <- function(name) read(name) + 1e8 / 3

write <- function(y, name) {
  f <- file(name, "wb")
  on.exit(close(f))
  writeBin(as.vector(t(y)), f, size = 4, endian = "little")
}

arg <- commandArgs(TRUE)
if (arg[1] == "fit") {
  fit <- tsne_fit(far(arg[2]), perplexity = c(10, 30), affinity = "multiscale", early_iterations = 100,
                  iterations = 150, exaggeration = 2, init = "random", seed = 42)
  save_model(fit, arg[4])
  write(fit$Y, arg[3])
} else if (arg[1] == "grow") {
  map <- load_model(arg[2])
  new <- far(arg[3])
  o <- tsne_options(perplexity = 10, early_iterations = 30, iterations = 60, seed = 5)
  maps <- tsne_fit_together(list(new[1:60, ], new[41:100, ]), keys = list(0:59, 40:99), rounds = 2, options = o)
  write(rbind(
    tsne_update(map, new, options = o)$Y, tsne_zoom(map, 1 + 8 * 0:99, options = o)$Y, maps[[1]]$Y, maps[[2]]$Y
  ), arg[4])
} else if (arg[1] == "trust") {
  map <- load_model(arg[2])
  said <- tsne_diagnose(map, k = 7, maps = map$Y[rev(seq_len(nrow(map$Y))), ], seed = 5)
  beyond <- tsne_diagnose(map, far(arg[3]), k = 7)
  write(c(unlist(said), unlist(beyond[c("distance", "quantile", "ratio")])), arg[4])
} else {
  map <- load_model(arg[2])
  new <- far(arg[3])
  # Point i at (i % 10, i / 10) is drawn by 1 + i % 4 points of the map.
  i <- seq_len(nrow(new)) - 1
  row <- rep(i, 1 + i %% 4)
  j <- sequence(1 + i %% 4) - 1
  given <- Matrix::sparseMatrix(row, 5 * row + 13 * j, x = j + 1, index1 = FALSE, dims = c(nrow(new), nrow(map$Y)))
  write(rbind(
    predict(map, new, k = 15, iterations = 40),
    predict(map, new, k = 15, iterations = 40, perplexity = c(3, 12), affinity = "multiscale"),
    as.matrix(tsne_partial(map, affinities = given, placement = cbind(i %% 10, i %/% 10), iterations = 40))
  ), arg[4])
}
