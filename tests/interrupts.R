# Ctrl-C at random moments of every call that takes time, from R:
#
#   Rscript tests/interrupts.R [count]
#
# Each must come as R's interrupt condition and leave no handle and no file;
# how long that took is printed. The status is 1 unless all did.
library(libtsne)

count <- as.integer(c(commandArgs(TRUE), 200)[1])
set.seed(0)
noise <- function(n, d) matrix(rnorm(n * d), n, d)
x <- noise(3000, 20)
wide <- noise(8000, 60)
fit <- tsne_fit(x, iterations = 20, early_iterations = 20, seed = 1)
large <- tsne_fit(noise(20000, 200), iterations = 1, early_iterations = 1, seed = 1)
folder <- tempfile()
dir.create(folder)
file <- file.path(folder, "map.npz")
save_model(large, file)
kept <- tools::md5sum(file)
near <- neighbors(wide, k = 90)

calls <- list(
  "neighbors" = function() neighbors(wide, k = 30, neighbors = "exact"),
  "affinities" = function() affinities(wide),
  "affinities of neighbors" = function() affinities(near),
  "fit" = function() tsne_fit(x, iterations = 300),
  "fit with progress" = function() tsne_fit(x, iterations = 300, progress = function(p) FALSE, progress_every = 1),
  "continue" = function() tsne_continue(fit, 300),
  "predict" = function() predict(fit, x, iterations = 200),
  "bootstrap" = function() tsne_bootstrap(fit, x[1:300, ], b = 50),
  "align" = function() align(fit, x + 0.1, iterations = 200),
  "reduce" = function() tsne_reduce(wide, 30),
  "quality" = function() quality(wide, wide[, 1:2]),
  "save" = function() save_model(large, file.path(folder, "new.npz")),
  "load" = function() load_model(file))

took <- wrong <- c()
invisible(gc())
before <- tsne_library()$handles
sent <- tempfile()
for (i in seq_len(count)) {
  name <- names(calls)[(i - 1L) %% length(calls) + 1L]
  call <- calls[[name]]
  unlink(sent)
  ended <- tryCatch({
    system(sprintf("(sleep %.3f; date +%%s.%%N >%s; kill -INT %d) &", 0.05 + runif(1), sent, Sys.getpid()))
    repeat call()
  }, interrupt = function(e) Sys.time(), error = function(e) conditionMessage(e))
  if (is.character(ended)) {
    wrong <- c(wrong, paste(name, ended))
    Sys.sleep(2)
    next
  }
  took <- c(took, as.numeric(ended) - as.numeric(readLines(sent)))
  names(took)[length(took)] <- name
  invisible(gc())
  handles <- tsne_library()$handles
  if (handles != before) wrong <- c(wrong, sprintf("%s: %g handles, were %g", name, handles, before))
  before <- handles
  if (tools::md5sum(file) != kept || length(list.files(folder, "[.]tmp$", all.files = TRUE))) {
    wrong <- c(wrong, paste(name, "left or changed a file"))
  }
}
for (name in names(calls)) {
  each <- took[names(took) == name]
  if (length(each)) cat(sprintf("%-26s %4d  median %5.1f ms, most %6.1f ms\n", name, length(each), 1e3 * median(each), 1e3 * max(each)))
}
cat(sprintf("%d interrupts: median %.1f ms, most %.1f ms, %d over 100 ms\n", length(took), 1e3 * median(took),
            1e3 * max(took), sum(took > 0.1)))
cat(wrong, sprintf("%d wrong", length(wrong)), sep = "\n")
quit(status = length(wrong) > 0)
