# R's help as HTML: Rscript rd.R MAN OUT, a file for each topic, and index.tsv with names and titles.
of <- commandArgs(TRUE)
files <- list.files(of[1L], "[.]Rd$", full.names = TRUE)
rds <- lapply(files, tools::parse_Rd)
tags <- function(rd, tag) vapply(Filter(function(x) identical(attr(x, "Rd_tag"), tag), rd), function(x) paste(unlist(x), collapse = ""), "")
names <- sub("[.]Rd$", "", basename(files))
aliases <- lapply(rds, tags, "\\alias")
links <- setNames(paste0(rep(names, lengths(aliases)), ".html"), unlist(aliases))
links <- c(links, setNames(paste0(names, ".html"), names))
out <- file.path(of[2L], paste0(names, ".html"))
# It warns of links to R's own help, which is not here; R CMD check looks at them.
for (i in seq_along(files)) {
  suppressWarnings(tools::Rd2HTML(rds[[i]], out[i], package = "libtsne", dynamic = FALSE, Links = links, Links2 = character()))
}
write.table(data.frame(names, trimws(vapply(rds, tags, "", "\\title"))), file.path(of[2L], "index.tsv"), sep = "\t", quote = FALSE,
            row.names = FALSE, col.names = FALSE)
