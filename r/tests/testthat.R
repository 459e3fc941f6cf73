library(testthat)
library(libtsne)

test_check("libtsne")
