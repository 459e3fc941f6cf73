# Fits X with a given start and prints the MD5 of the map's float32 values, row
# by row, little endian:
#   Rscript hosts.R X.npy Y0.npy SEED [model.npz]   (.npy of float32, C order)
suppressMessages(library(libtsne))
args <- commandArgs(TRUE)

read_npy <- function(path) {
  f <- file(path, "rb")
  on.exit(close(f))
  stopifnot(identical(readBin(f, "raw", 6L), as.raw(c(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59))))
  version <- readBin(f, "integer", 2L, 1L)
  size <- readBin(f, "integer", 1L, if (version[1L] == 1L) 2L else 4L, endian = "little", signed = version[1L] > 1L)
  header <- readChar(f, size)
  stopifnot(grepl("'<f4'", header), grepl("'fortran_order': False", header))
  shape <- sub(".*shape", "", header)
  dim <- as.integer(regmatches(shape, gregexpr("[0-9]+", shape))[[1L]])
  matrix(readBin(f, "numeric", prod(dim), 4L, endian = "little"), dim[1L], dim[2L], byrow = TRUE)
}

fit <- tsne_fit(read_npy(args[1L]), init = read_npy(args[2L]), seed = as.numeric(args[3L]))
if (length(args) > 3L) save_model(fit, args[4L])
bytes <- tempfile()
f <- file(bytes, "wb")
writeBin(as.vector(t(fit$Y)), f, size = 4L, endian = "little")
close(f)
cat(unname(tools::md5sum(bytes)), "\n", sep = "")
