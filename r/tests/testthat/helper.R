kept <- !duplicated(iris[, 1:4])
flowers <- as.matrix(iris[kept, 1:4])
rownames(flowers) <- paste0("flower", which(kept))
species <- iris$Species[kept]

noise <- function(n, d, seed = 1) {
  set.seed(seed)
  matrix(rnorm(n * d), n, d)
}

unname_rows <- function(y) {
  rownames(y) <- NULL
  y
}
