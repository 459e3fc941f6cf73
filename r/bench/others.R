# This package beside Seurat, scater, igraph and BiocNeighbors themselves:
#   Rscript r/bench/others.R
# (Debian: r-cran-seurat r-bioc-scater r-cran-igraph.) Each order of attaching
# them runs in an R of its own. It stops where something does not fit.
quiet <- suppressPackageStartupMessages
of <- commandArgs(TRUE)
if (!length(of)) {
  orders <- c("libtsne,Seurat,scater,igraph", "igraph,scater,Seurat,libtsne", "Seurat,libtsne,scater,igraph",
              "scater,libtsne,igraph,Seurat")
  self <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  files <- vapply(orders, function(order) {
    file <- tempfile()
    if (system2(file.path(R.home("bin"), "Rscript"), c(self, order, file)) != 0L) stop(order, " failed")
    file
  }, "")
  maps <- lapply(files, readRDS)
  for (order in orders[-1L]) stopifnot(identical(maps[[order]], maps[[1L]]))
  cat("the same maps, whatever was attached last\n")
  quit()
}
for (package in strsplit(of[1L], ",")[[1L]]) quiet(library(package, character.only = TRUE))
pdf(NULL)
cat(of[1L], "\n")
warned <- function(expr) {
  said <- NULL
  withCallingHandlers(expr, warning = function(w) {
    said <<- c(said, conditionMessage(w))
    invokeRestart("muffleWarning")
  })
  said
}

# docs/coming-from-r.md has the names and defaults of each.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
page <- readLines(file.path(here, "../../docs/coming-from-r.md"))
written <- function(section) {
  rows <- split(page, cumsum(startsWith(page, "## ")))
  rows <- Filter(function(part) part[1L] == paste("##", section), rows)[[1L]]
  rows <- strsplit(grep("^[|] `", rows, value = TRUE)[-1L], "|", fixed = TRUE)
  as.data.frame(t(vapply(rows, function(row) gsub("^ *`?|`? *$", "", row[2:5]), character(4L))))
}
agrees <- function(section, theirs, ...) {
  said <- function(f) vapply(formals(f), function(x) paste(deparse(x), collapse = ""), "")
  rows <- written(section)
  had <- said(theirs)
  had <- had[names(had) != "..."]
  ours <- unlist(lapply(list(...), said))
  named <- rows[[3L]] != ""
  stopifnot(identical(rows[[1L]], names(had)), identical(rows[[2L]], unname(had)),
            identical(rows[[4L]][named], unname(ours[rows[[3L]][named]])))
}
agrees("Rtsne", getFromNamespace("Rtsne.default", "Rtsne"), tsne_fit, tsne_options)
own_of <- if (is.null(libtsne:::theirs$Seurat)) getFromNamespace("RunTSNE.Seurat", "Seurat") else libtsne:::theirs$Seurat
agrees("Seurat", own_of, getFromNamespace("RunTSNE.Seurat", "libtsne"))
agrees("scater", getFromNamespace(".calculate_tsne", "scater"), getFromNamespace("runTSNE.matrix", "libtsne"), tsne_options)

# Seurat: the arguments of its users, by whichever generic is found.
x <- SeuratObject::pbmc_small
pcs <- Embeddings(x, "pca")[, 1:5]
want <- tsne_fit(pcs, perplexity = 10, seed = 1, early_iterations = 250, iterations = 50)$Y
ask <- function(object, ...) RunTSNE(object, perplexity = 10, max_iter = 300, num_threads = 2, ...)
y <- ask(x, dims = 1:5, check_duplicates = FALSE)
same <- function(a) stopifnot(identical(unname(Embeddings(a)), unname(want)))
same(y[["tsne"]])
same(ask(x[["pca"]], dims = 1:5))
same(ask(pcs))
same(Seurat::RunTSNE(x, dims = 1:5, perplexity = 10, max_iter = 300)[["tsne"]])
same(libtsne::RunTSNE(x, dims = 1:5, perplexity = 10, max_iter = 300)[["tsne"]])
by_distance <- ask(dist(pcs))
stopifnot(
  identical(by_distance, ask(as.matrix(dist(pcs)), is_distance = TRUE)),
  identical(unname(Embeddings(by_distance)), unname(tsne_fit(dist(pcs), perplexity = 10, seed = 1, iterations = 50)$Y)),
  is.null(warned(ask(x, dims = 1:5, stop_lying_iter = 100, eta = 200, theta = 0.5))),
  grepl("mom_switch_iter: is ignored", warned(ask(x, dims = 1:5, mom_switch_iter = 100))),
  "RunTSNE" %in% sub("[.].*", "", Command(y)),
  identical(names(formals(getFromNamespace("RunTSNE.Seurat", "libtsne"))),
            c(setdiff(names(formals(libtsne:::theirs$Seurat)), "..."), "...", "progress")))
# Its own method, when it is asked for by name, with all that it passes on.
set.seed(1)
theirs <- RunTSNE(x, dims = 1:5, perplexity = 10, tsne.method = "Rtsne", check_duplicates = FALSE)
set.seed(1)
own <- Rtsne::Rtsne(pcs, dims = 2, pca = FALSE, perplexity = 10, check_duplicates = FALSE)$Y
stopifnot(
  identical(unname(Embeddings(theirs, "tsne")), own),
  identical(dimnames(Embeddings(y, "tsne")), dimnames(Embeddings(theirs, "tsne"))),
  identical(Key(y[["tsne"]]), Key(theirs[["tsne"]])),
  identical(DefaultAssay(y[["tsne"]]), DefaultAssay(theirs[["tsne"]])),
  inherits(DimPlot(y, reduction = "tsne"), "ggplot"))

# scater
set.seed(1)
cells <- scuttle::logNormCounts(scuttle::mockSCE(ncells = 120))
map <- function(x) unname(reducedDim(x, "TSNE"))
made <- runTSNE(cells, perplexity = 10, seed = 1)
plain <- as(cells, "SummarizedExperiment")
variance <- apply(logcounts(cells), 1, var)
few <- t(logcounts(cells)[head(order(variance, decreasing = TRUE), 500), ])
parts <- prcomp(few, rank. = 50)$x
stopifnot(
  all.equal(map(made), unname(tsne_fit(parts, perplexity = 10, seed = 1)$Y)),
  identical(made, libtsne::runTSNE(cells, perplexity = 10, seed = 1)),
  identical(made, scater::runTSNE(cells, perplexity = 10, seed = 1)),
  identical(map(made), unname(calculateTSNE(cells, perplexity = 10, seed = 1))),
  identical(map(made), unname(calculateTSNE(plain, perplexity = 10, seed = 1))),
  identical(map(made), unname(calculateTSNE(logcounts(cells), perplexity = 10, seed = 1))),
  identical(map(made), unname(libtsne::runTSNE(logcounts(cells), perplexity = 10, seed = 1))),
  identical(map(made), map(libtsne::runTSNE(plain, perplexity = 10, seed = 1))),
  identical(rownames(reducedDim(made, "TSNE")), colnames(cells)),
  inherits(plotTSNE(made), "ggplot"))
serial <- BiocParallel::SerialParam()
again <- runTSNE(cells, perplexity = 10, seed = 1, external_neighbors = TRUE, BPPARAM = serial, normalize = TRUE, pca = TRUE,
                 max_iter = 750, num_threads = 1)
stopifnot(identical(map(again), map(made)))
found <- runTSNE(cells, perplexity = 10, seed = 1, external_neighbors = TRUE, BNPARAM = BiocNeighbors::KmknnParam(),
                 BPPARAM = serial)
raw <- runTSNE(cells, perplexity = 10, seed = 1, pca = FALSE)
near <- BiocNeighbors::findKNN(parts, k = 30)
stopifnot(
  all.equal(map(found), unname(tsne_fit(near, init = tsne_initialize(parts, seed = 1), perplexity = 10, seed = 1)$Y)),
  all.equal(map(raw), unname(tsne_fit(few, perplexity = 10, seed = 1)$Y)))

# BiocNeighbors
rows <- matrix(rnorm(5000), 1000)
new <- rows[1:20, ] + 0.01
near <- BiocNeighbors::findKNN(rows, k = 45)
queried <- BiocNeighbors::queryKNN(rows, new, k = 15)
mine <- tsne_neighbors(rows, 15, query = new)
fit <- tsne_fit(near, perplexity = 15, seed = 1)
stopifnot(
  identical(near$index, tsne_neighbors(rows, 45)$index),
  identical(queried$index, mine$index), all.equal(queried$distance, mine$distance, tolerance = 1e-5),
  all.equal(affinities_of_new(c(queried, n = 1000)), affinities_of_new(mine), tolerance = 1e-4),
  identical(dim(tsne_partial(fit, affinities = affinities_of_new(mine), iterations = 50)$Y), c(20L, 2L)))

# igraph
ring <- make_ring(10)
stopifnot(
  identical(as.integer(neighbors(ring, 1)), c(2L, 10L)),
  identical(as.integer(libtsne::neighbors(graph = ring, v = 1, mode = "all")), c(2L, 10L)))

saveRDS(list(Embeddings(y, "tsne"), map(made), map(found)), of[2L])

# Once detached it leaves theirs as they were.
detach("package:libtsne")
again <- Seurat::RunTSNE(x, dims = 1:5, perplexity = 10, check_duplicates = FALSE)
stopifnot(identical(Embeddings(again, "tsne"), Embeddings(theirs, "tsne")))
set.seed(1)
a <- scater::calculateTSNE(few, transposed = TRUE, pca = FALSE, perplexity = 10)
set.seed(1)
stopifnot(identical(a, Rtsne::Rtsne(few, check_duplicates = FALSE, pca = FALSE, perplexity = 10)$Y))
library(libtsne)
stopifnot(identical(map(scater::runTSNE(cells, perplexity = 10, seed = 1)), map(made)))
for (package in c("Seurat", "scater", "igraph", "BiocNeighbors")) cat(package, format(packageVersion(package)), "ok\n")
