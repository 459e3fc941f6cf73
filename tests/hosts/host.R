# The R host of tests/hosts/run.sh:
#   fit x.npy y.f32 model.npz
#   place model.npz new.npy y.f32
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

write <- function(y, name) {
  f <- file(name, "wb")
  on.exit(close(f))
  writeBin(as.vector(t(y)), f, size = 4, endian = "little")
}

arg <- commandArgs(TRUE)
if (arg[1] == "fit") {
  fit <- tsne_fit(read(arg[2]), perplexity = 25, early_iterations = 100, iterations = 150, exaggeration = 2,
                  init = "random", seed = 42)
  save_model(fit, arg[4])
  write(fit$Y, arg[3])
} else {
  write(predict(load_model(arg[2]), read(arg[3]), k = 15, iterations = 40), arg[4])
}
