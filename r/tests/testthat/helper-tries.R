# Other values of arguments. Written by scripts/options from tsne/options.toml: change it there.
tries <- list(
  dof = 0.5,
  k = 7,
  sigma = I(list(list(affinity = "fixed_sigma", sigma = 2), 3)),
  sample_size = I(list(list(init = "sample", sample_size = 50), 60)),
  early_iterations = 10,
  iterations = 10,
  early_exaggeration = 5,
  exaggeration = 3,
  learning_rate = 5,
  early_momentum = 0.3,
  momentum = 0.3,
  anneal_iterations = 9,
  auto_stop = I(list(list(iterations = 60), 1)),
  theta = I(list(list(repulsion = "barnes_hut"), 1.9)),
  max_step_norm = 1e-05,
  max_grad_norm = 1e-07,
  density_lambda = 0.5,
  density_fraction = I(list(list(density_lambda = 0.5), 1)),
  density_shift = I(list(list(density_lambda = 0.5), 1)),
  pull = 0.5,
  pull_frame = I(list(list(pull = 0.5), "fixed"))
)
