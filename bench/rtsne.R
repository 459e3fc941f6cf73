# Usage: Rscript rtsne.R n d in.f64 out.f64 key=value ...   (row-major float64 files)
suppressMessages(library(Rtsne))
a <- commandArgs(trailingOnly = TRUE)
n <- as.integer(a[1]); d <- as.integer(a[2])
x <- matrix(readBin(a[3], "double", n * d), n, d, byrow = TRUE)
kv <- strsplit(a[-(1:4)], "="); o <- setNames(sapply(kv, `[`, 2), sapply(kv, `[`, 1))
num <- function(k) as.numeric(o[[k]])
y0 <- NULL
if ("init" %in% names(o)) y0 <- matrix(readBin(o[["init"]], "double", n * 2), n, 2, byrow = TRUE)
set.seed(num("seed"))
t0 <- proc.time()[["elapsed"]]
r <- Rtsne(x, pca = FALSE, normalize = FALSE, check_duplicates = FALSE, Y_init = y0,
           perplexity = num("perplexity"), theta = num("theta"), eta = num("eta"),
           max_iter = num("early") + num("late"), stop_lying_iter = num("early"),
           mom_switch_iter = num("early"), momentum = num("m0"), final_momentum = num("m1"),
           exaggeration_factor = num("ee"), num_threads = num("threads"), verbose = TRUE)
cat(sprintf("SECONDS %.4f\n", proc.time()[["elapsed"]] - t0))
writeBin(as.double(t(r$Y)), a[4])
