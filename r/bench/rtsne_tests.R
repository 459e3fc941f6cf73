# Rtsne's own tests with this package in its place:
#   Rscript r/bench/rtsne_tests.R RTSNE
# RTSNE: the folder of Rtsne's sources, as of its repository or of CRAN.
library(testthat)
library(libtsne)
tests <- file.path(commandArgs(TRUE)[1L], "tests", "testthat")
if (!dir.exists(tests)) stop("no tests in ", tests)
Sys.setenv(NOT_CRAN = "true")
each <- as.data.frame(test_dir(tests, env = new.env(), reporter = "check", stop_on_failure = FALSE))
failed <- sum(each$failed) + sum(each$error)
cat(sprintf("%d passed, %d failed, %d skipped\n", sum(each$nb) - failed - sum(each$skipped), failed, sum(each$skipped)))
if (failed) quit(status = 1L)
