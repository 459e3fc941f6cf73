# Puts the engine's sources into this package, from the tree around it. Package
# pkgbuild, and so remotes, pak and r-universe, runs this before it builds.
if (system2("sh", c("../scripts/r_source.sh", "tools/engine.tar.xz")) != 0L) stop("the engine's sources were not packed")
