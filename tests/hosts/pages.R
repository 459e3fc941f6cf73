# The R of the pages, as it stands: Rscript tests/hosts/pages.R LIBRARY, from the
# repository's root. Blocks of a page share an environment; so do the lines of
# the guide's table, after the block over it.
.libPaths(c(commandArgs(TRUE)[1L], .libPaths()))
library(libtsne)
pdf(NULL)
pages <- c("README.md", list.files("docs", "[.]md$", full.names = TRUE))
total <- 0L
for (page in pages) {
  lines <- readLines(page)
  starts <- which(lines == "```r")
  if (!length(starts)) next
  blocks <- lapply(starts, function(i) lines[seq(i + 1L, i + which(lines[-seq_len(i)] == "```")[1L] - 1L)])
  if (page == "docs/features.md") {
    rows <- grep("^[|]", lines[seq(starts[1L], length(lines))], value = TRUE)[-(1:2)]
    cells <- strsplit(rows, " | ", fixed = TRUE)
    code <- gsub("^`|`$", "", vapply(cells, `[`, "", 3L))
    stopifnot(length(code) > 10L, lengths(cells) == 4L)
    blocks <- c(blocks, code)
  }
  here <- new.env()
  for (block in blocks) {
    tryCatch(eval(parse(text = block), here), error = function(e) {
      stop(page, ": ", conditionMessage(e), "\n", paste(block, collapse = "\n"), call. = FALSE)
    })
  }
  total <- total + length(blocks)
  cat(page, length(blocks), "pieces\n")
}
stopifnot(total > 20L)

# A script as it was and as it is, each in a session of its own.
lines <- readLines("docs/coming-from-r.md")
starts <- which(lines == "```diff")
stopifnot(length(starts) == 3L)
for (i in starts) {
  diff <- lines[seq(i + 1L, i + which(lines[-seq_len(i)] == "```")[1L] - 1L)]
  for (gone in c("+", "-")) {
    script <- tempfile(fileext = ".R")
    attached <- sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = ""))
    writeLines(c(attached, "pdf(NULL)", substring(diff[!startsWith(diff, gone)], 2L)), script)
    said <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), script, stdout = TRUE, stderr = TRUE))
    if (!is.null(attr(said, "status"))) stop("docs/coming-from-r.md:", i, ": ", paste(said, collapse = "\n"))
  }
}
cat("docs/coming-from-r.md", length(starts), "scripts\n")
