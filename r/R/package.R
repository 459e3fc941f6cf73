#' t-SNE with the recipe of Kobak and Berens
#'
#' [tsne_fit()] makes a map; [Rtsne()] does so with the arguments of package
#' Rtsne, [runTSNE()] and [RunTSNE()] for SingleCellExperiment and Seurat
#' objects.
#'
#' @keywords internal
#' @useDynLib libtsne, .registration = TRUE, .fixes = "C_"
#' @importFrom methods is
#' @importFrom stats predict
"_PACKAGE"

# The library runs threads of its own, so the package is never unloaded: there
# is no library.dynam.unload().
.onLoad <- function(libname, pkgname) {
  version <- .Call(C_library)$version
  if (package_version(version) < "0.2.0") stop("libtsne ", version, " is loaded, want 0.2.0 or newer")
}
