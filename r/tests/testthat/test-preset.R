# Settings under one name.

by_hand <- list(affinity = "uniform", k = 15, init = "sample", anneal_iterations = 250)
quick <- list(early_iterations = 20, iterations = 30, sample_size = 60, seed = 3)
fit <- function(...) do.call(tsne_fit, c(list(flowers), quick, list(...)))$Y

test_that("a preset is the same options by hand", {
  expect_identical(tsne_options(preset = "atlas"), do.call(tsne_options, by_hand))
  expect_identical(fit(preset = "atlas"), do.call(fit, by_hand))
  expect_false(identical(fit(preset = "atlas"), fit()))
  expect_identical(tsne_options(preset = NULL), tsne_options())
})

test_that("what is passed beside wins, even the default", {
  placed <- list(init = noise(150, 2))
  for (beside in list(list(k = 9), list(init = "pca"), list(affinity = "perplexity"), list(anneal = 0), placed)) {
    given <- beside
    names(given) <- sub("^anneal$", "anneal_iterations", names(given))
    expect_identical(do.call(tsne_options, c(list(preset = "atlas"), beside)),
                     do.call(tsne_options, utils::modifyList(by_hand, given)), info = names(beside))
  }
  with_pca <- utils::modifyList(by_hand, list(init = "pca"))
  expect_identical(tsne_options(2, 30, "pca", preset = "atlas"), do.call(tsne_options, with_pca))
})

test_that("an unknown one names those there are", {
  for (bad in list("Atlas", "", 1, NA_character_, c("atlas", "atlas"))) {
    expect_error(tsne_options(preset = bad), "^preset: got .*, want \"atlas\"$")
  }
})
