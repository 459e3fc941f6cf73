# Data that lie in blocks elsewhere, as a DelayedMatrix of package DelayedArray has them, files of
# HDF5Array among them. They are read a block of rows at a time; what is computed of them first is
# their own arithmetic, which is done on each block as it is read.

is_delayed <- function(x) is(x, "DelayedMatrix")

# The last row of each block, and what reads rows lo to hi as doubles. look is told each block and
# how many rows are before it, and refuses some.
in_blocks <- function(x, name, call, look = function(block, before) block) {
  loadNamespace(attr(class(x), "package"))
  n <- nrow(x)
  wanted <- max(1, DelayedArray::getAutoBlockSize() %/% (8 * max(1, ncol(x))))
  together <- DelayedArray::chunkdim(x)[1L]
  # Chunks of many more rows, as files have that are chunked by columns, would be too much at once.
  if (is.null(together) || together < 1 || together > 4 * wanted) together <- 1
  step <- max(together, wanted %/% together * together)
  take <- function(lo, hi) {
    rows <- as.integer(lo):as.integer(hi)
    which <- sprintf("rows %.0f to %.0f ", lo, hi)
    block <- readable(as.matrix(x[rows, , drop = FALSE]), name, which, call)
    if (!identical(dim(block), c(length(rows), ncol(x)))) {
      fail(name, which, "came as ", paste(dim(block), collapse = " x "), call = call, class = "tsne_io")
    }
    look(as_numbers(block, name, call), lo - 1)
  }
  list(ends = pmin(seq_len(ceiling(n / step)) * step, n), take = take)
}

# A matrix for the library: one that is at hand as it is; of one that is read its rows as floats, in
# an integer matrix of their own that C alone looks into. What the library would count from another
# zero, as model does, stays doubles.
rows_of <- function(x, name, call = sys.call(sys.parent()), model = NULL, look = function(block, before) block) {
  if (!is_delayed(x)) return(x)
  rows <- NULL
  if (is.null(model) || !.Call(C_centred, model)) {
    b <- in_blocks(x, name, call, look)
    rows <- .Call(C_collect, b$take, b$ends, ncol(x), dimnames(x))
  }
  if (is.null(rows)) as_numbers(x, name, call) else rows
}

# Data as they are shown and named: doubles, or a DelayedMatrix, which rows_of() reads.
as_data <- function(x, name, call = sys.call(sys.parent())) {
  if (!is_delayed(x)) return(as_numbers(x, name, call))
  readable(dimnames(x), name, "", call)
  x
}

# What somebody else's code reads from a file, or its error in one line.
readable <- function(value, name, which, call) {
  tryCatch(value, error = function(e) {
    said <- strsplit(conditionMessage(e), "\n", fixed = TRUE)[[1L]]
    fail(name, which, "can not be read: ", if (length(said)) said[1L] else class(e)[1L], call = call, class = "tsne_io")
  })
}

# Sparse rows are read as what they are, whose reduction is another one than that of dense rows.
read_sparse <- function(x) {
  if (!is_delayed(x)) return(x)
  loadNamespace(attr(class(x), "package"))
  if (DelayedArray::is_sparse(x)) methods::as(x, "dgCMatrix") else x
}

# colMeans(x), or sums of columns over another number.
block_means <- function(x, name, call, over = nrow(x), look = function(block, before) block) {
  b <- in_blocks(x, name, call, look)
  .Call(C_block_means, b$take, b$ends, ncol(x), over)
}

# f of each block, by Reduce.
over_blocks <- function(x, name, call, f, join) {
  b <- in_blocks(x, name, call)
  Reduce(join, Map(function(lo, hi) f(b$take(lo, hi)), c(1, b$ends[-length(b$ends)] + 1)[seq_along(b$ends)], b$ends))
}

# base::scale(x), but for columns that do not vary, which are refused or left out.
scaled <- function(x, name, call, omit = FALSE) {
  first <- drop(as.matrix(x[1L, , drop = FALSE]))
  vary <- over_blocks(x, name, call, function(v) colSums(t(t(v) != first)) > 0, `|`)
  if (!all(vary)) {
    if (!omit) fail(name, place("column", which(!vary)[1L], colnames(x)), " is constant, want one that varies", call = call)
    x <- x[, vary, drop = FALSE]
  }
  x <- t(t(x) - block_means(x, name, call))
  t(t(x) / sqrt(block_means(x * x, name, call, 1) / max(1, nrow(x) - 1)))
}

# The first row that is there before, or 0, as anyDuplicated() has it.
row_twice <- function(x, name, call) {
  if (!is_delayed(x)) return(anyDuplicated(x))
  keys <- over_blocks(x, name, call, function(v) .Call(C_row_keys, v), c)
  for (i in which(duplicated(keys))) {
    same <- which(keys[seq_len(i)] == keys[i])
    if (anyDuplicated(as.matrix(x[same, , drop = FALSE]))) return(i)
  }
  0L
}
