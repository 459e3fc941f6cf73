#' t-SNE with the recipe of Kobak and Berens
#'
#' [tsne_fit()] makes a map; [Rtsne()] does so with the arguments of package
#' Rtsne, [runTSNE()] and [RunTSNE()] for SingleCellExperiment and Seurat
#' objects.
#'
#' An error is a condition of class `"tsne_error"` and of one that tells the
#' kind: `"tsne_option"` (an argument out of range or of the wrong type),
#' `"tsne_shape"`, `"tsne_not_finite"`, `"tsne_graph"` (neighbours, distances
#' or affinities), `"tsne_handle"` (a model that has not come along),
#' `"tsne_no_data"`, `"tsne_memory"`, `"tsne_cancelled"`, `"tsne_forked"`,
#' `"tsne_io"`, `"tsne_file"` or `"tsne_internal"`. The message is one line that
#' begins with the argument's name. What the library finds it also has as
#' `argument`, `row` and `column`, `NA` where there is none.
#'
#' @keywords internal
#' @useDynLib libtsne, .registration = TRUE, .fixes = "C_"
#' @importFrom Matrix sparseMatrix
#' @importFrom methods is
#' @importFrom stats predict
"_PACKAGE"

# The library runs threads of its own, so the package is never unloaded: there
# is no library.dynam.unload().
.onLoad <- function(libname, pkgname) {
  built <- .Call(C_outdated)
  if (!is.null(built)) stop("libtsne ", .Call(C_library)$version, " is loaded, want ", built, " or newer")
  for (package in c("Seurat", "scater")) {
    setHook(packageEvent(package, "onLoad"), function(...) if (paste0("package:", pkgname) %in% search()) stand_in())
  }
}

.onAttach <- function(libname, pkgname) stand_in()

.onDetach <- function(libpath) step_back()
