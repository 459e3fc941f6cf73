# Written by scripts/options from tsne/options.toml: change it there.

# The numbers of what is chosen by name.
choices <- list(
  init = c(pca = 0, random = 1, given = 2, spectral = 3, sample = 4),
  metric = c(default = 0, euclidean = 1, cosine = 2, correlation = 3, manhattan = 4, chebyshev = 5, hamming = 6),
  affinity = c(perplexity = 0, multiscale = 1, uniform = 2, fixed_sigma = 3, uniform_max = 4),
  placement = c(median = 0, weighted = 1, given = 2),
  neighbors = c(auto = 0, exact = 1, approx = 2),
  pull_frame = c(scaled = 0, similar = 1, fixed = 2, grown = 3),
  repulsion = c(auto = 0, exact = 1, barnes_hut = 2, fft = 3)
)

# Starts that there must be data for.
starts_of_data <- c("pca", "sample")

# What tsne_continue() takes beside what a phase is, by the class of its object.
onwards <- list(
  tsne = c("repulsion", "theta", "max_step_norm", "max_grad_norm", "density_lambda",
    "density_fraction", "density_shift", "pull", "pull_frame", "anneal_iterations", "auto_stop",
    "threads", "progress_every"),
  tsne_partial = c("repulsion", "theta", "max_grad_norm", "max_step_norm", "threads",
    "progress_every")
)

# Arguments that are fields under other names.
fields <- c(perplexities = "perplexity", n_perplexities = "perplexity", init_y = "init",
            n_columns = "columns")

# Arguments under one name.
presets <- list(
  atlas = list(affinity = "uniform", k = 15, init = "sample", anneal_iterations = 250)
)

# How each argument is read.
options_arguments <- list(
  dims = list(kind = "int", low = 1, high = 3, want = "1, 2 or 3"),
  perplexity = list(kind = "perplexity"),
  init = list(kind = "start"),
  metric = list(kind = "choice"),
  affinity = list(kind = "choice"),
  sigma = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), zero = TRUE, want = "above 0, or 0 for none"),
  k = list(kind = "whole", low = 1, high = Inf, zero = TRUE, want = "1 or more, or 0 for three a unit of the largest perplexity"),
  early_iterations = list(kind = "auto_whole", low = 0, high = 2147483647, want = "0 to 2^31 - 1"),
  iterations = list(kind = "auto_whole", low = 0, high = 2147483647, want = "0 to 2^31 - 1"),
  early_exaggeration = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), want = "above 0"),
  exaggeration = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), want = "above 0"),
  learning_rate = list(kind = "rate", low = 0, high = Inf, open = c("low", "high"), zero = TRUE,
    want = "above 0, or 0 for n / exaggeration of the phase"),
  early_momentum = list(kind = "auto_real", low = 0, high = 1, open = "high", want = "0 to below 1"),
  momentum = list(kind = "auto_real", low = 0, high = 1, open = "high", want = "0 to below 1"),
  anneal_iterations = list(kind = "whole", low = 0, high = Inf, want = "0 or more"),
  max_step_norm = list(kind = "real", low = 0, high = Inf, open = "low", zero = TRUE, want = "above 0, or 0 for no limit"),
  max_grad_norm = list(kind = "real", low = 0, high = Inf, open = "low", zero = TRUE, want = "above 0, or 0 for no limit"),
  auto_stop = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), zero = TRUE, want = "above 0, or 0 for never"),
  dof = list(kind = "real", low = 0.01, high = 10000, want = "0.01 to 10000"),
  density_lambda = list(kind = "real", low = 0, high = Inf, open = "high", want = "0 or more"),
  density_fraction = list(kind = "real", low = 0, high = 1, open = "low", want = "above 0, at most 1"),
  density_shift = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), want = "above 0"),
  repulsion = list(kind = "choice"),
  theta = list(kind = "real", low = 0, high = 2, open = "low", want = "above 0, at most 2"),
  neighbors = list(kind = "choice"),
  neighbors_effort = list(kind = "real", low = 0, high = 1000, open = "low", want = "above 0, at most 1000"),
  sample_size = list(kind = "whole", low = 4, high = Inf, want = "4 or more"),
  keep_data = list(kind = "flag"),
  pull = list(kind = "real", low = 0, high = Inf, open = "high", want = "0 or more"),
  pull_y = list(kind = "positions"),
  pull_weights = list(kind = "weights"),
  pull_frame = list(kind = "choice"),
  max_memory = list(kind = "whole"),
  threads = list(kind = "int", low = 1, high = Inf, zero = TRUE, want = "1 or more, or 0 for all processors"),
  seed = list(kind = "seed"),
  progress_every = list(kind = "whole", low = 1, high = Inf, want = "1 or more"),
  checkpoint = list(kind = "path"),
  checkpoint_every = list(kind = "whole", low = 1, high = Inf, want = "1 or more"),
  momentum_iterations = list(kind = "whole", low = 0, high = 2147483647, want = "0 to 2^31 - 1"),
  scratch = list(kind = "path")
)

#' Options of a fit
#'
#' The defaults are the recipe of Kobak and Berens (2019).
#'
#' @param dims columns of the map (1, 2 or 3).
#' @param perplexity effective number of neighbours of a point; above (n - 1) /
#'   3 it is lowered to that, with a warning (above 0). Several at once are
#'   combined as `affinity` says (Kobak & Berens use 30 and n / 100).
#' @param init where the points start: `"pca"` (first principal components,
#'   scaled), `"random"` (Gaussian), `"spectral"` (eigenvectors of the
#'   affinities' graph), `"sample"` (a map of `sample_size` rows, the others
#'   placed on it) or n x `dims` positions, used as they are. Without data, as
#'   of distances, `init = "spectral"` takes the place of `init = "pca"`.
#' @param metric distance between rows: `"euclidean"` (square root of the sum of
#'   squared differences), `"cosine"` (1 - cosine of the angle), `"correlation"`
#'   (1 - Pearson correlation), `"manhattan"` (sum of absolute differences),
#'   `"chebyshev"` (largest absolute difference) or `"hamming"` (share of
#'   columns that differ).
#' @param affinity how neighbours become affinities: `"perplexity"` (Gaussians
#'   of the given perplexity; of several, the mean of their p_j|i),
#'   `"multiscale"` (several perplexities: one p_j|i from the sum of their
#'   Gaussians), `"uniform"` (the same for each neighbour), `"fixed_sigma"`
#'   (Gaussians of one bandwidth, `sigma`) or `"uniform_max"` (the same for each
#'   pair of which either is a neighbour of the other; for new points as
#'   uniform).
#' @param sigma bandwidth of `affinity = "fixed_sigma"`, in the unit of the
#'   distances (above 0); 0: none.
#' @param k neighbours of a point (1 or more); 0: three a unit of the largest
#'   perplexity.
#' @param early_iterations iterations of the first phase (0 to 2^31 - 1);
#'   `"auto"`: 250, or 150 by the schedule of 10,000 points and more.
#' @param iterations iterations of the second phase (0 to 2^31 - 1); `"auto"`:
#'   500, or 350 by the schedule of 10,000 points and more.
#' @param early_exaggeration factor on the attraction in the first phase (above
#'   0).
#' @param exaggeration factor on the attraction in the second phase (above 0).
#'   For millions of points 4 gives denser, better parted clusters.
#' @param learning_rate step size (above 0); 0 or `"auto"`: n / exaggeration of
#'   the phase.
#' @param early_momentum momentum of the first phase (0 to below 1); `"auto"`:
#'   0.5, or 0.8 by the schedule of 10,000 points and more.
#' @param momentum momentum of the second phase (0 to below 1); `"auto"`: 0.8,
#'   or 0.95 by the schedule of 10,000 points and more.
#' @param anneal_iterations iterations of the second phase over which the
#'   exaggeration goes linearly from early to late (0 or more).
#' @param max_step_norm longest step of a point in one iteration, in units of
#'   the map (above 0); 0: no limit.
#' @param max_grad_norm longest gradient of a point (above 0); 0: no limit.
#' @param auto_stop a phase ends once the KL divergence falls by less than KL /
#'   `auto_stop` an iteration; opt-SNE has 5000 (above 0); 0: never. Long slow
#'   phases, as of millions of points, may end too early by this.
#' @param dof degrees of freedom of the map's kernel; below 1 its tails are
#'   heavier and clusters part further (0.01 to 10000).
#' @param density_lambda weight of density preservation; den-SNE has 0.1 (0 or
#'   more).
#' @param density_fraction last share of the iterations that preserves density
#'   (above 0, at most 1).
#' @param density_shift added to the variance of the log radii (above 0).
#' @param repulsion how the repulsion is summed: `"auto"` (by n and `dims`, and
#'   in a fit of few points by how far they have spread), `"exact"` (all pairs:
#'   the oracle, and quickest for small n), `"barnes_hut"` (a tree, angle
#'   `theta`) or `"fft"` (interpolation on a grid; 1 and 2 columns).
#' @param theta angle of Barnes-Hut; less is more accurate and slower (above 0,
#'   at most 2).
#' @param neighbors how neighbours are found: `"auto"` (the faster of the two
#'   for this n and d), `"exact"` (all pairs) or `"approx"` (inverted lists,
#'   recall about 0.99).
#' @param neighbors_effort of the approximate search; more is better and slower
#'   (above 0, at most 1000).
#' @param sample_size rows of `init = "sample"` (4 or more).
#' @param keep_data whether the model copies the data, so that it can place new
#'   points and be saved whole.
#' @param pull weight of the mean squared distance to reference positions,
#'   beside a KL divergence of weight 1; exaggerated as the attraction is (0 or
#'   more). Towards the principal components, the default start, it is DREAMS'
#'   regularisation, with lambda = `pull` / (1 + `pull`).
#' @param pull_y n x `dims` reference positions; none: the start.
#' @param pull_weights n factors of `pull`, one a point: 0 leaves it free,
#'   infinity pins it to its position, with `pull_frame = "fixed"`; none: 1.
#' @param pull_frame what of the reference positions a pull keeps to: `"scaled"`
#'   (their arrangement, as large as the map and about its centre), `"similar"`
#'   (the same, turned or mirrored as fits the map best), `"fixed"` (the
#'   positions themselves; the map is not centred) or `"grown"` (the same, or
#'   enlarged about their mean where that fits better; what is pulled is the
#'   mean of a neighbourhood).
#' @param max_memory bytes that the estimate may reach; 0: what machine and
#'   limits leave.
#' @param threads threads; the map is the same on any number (1 or more); 0: all
#'   processors.
#' @param seed a whole number; `NULL`: drawn from R's generator, so that
#'   [set.seed()] decides.
#' @param progress_every iterations between two calls of `progress` (1 or more).
#' @param checkpoint file on which a fit that is stopped or killed goes on when
#'   it is called again with the same data and options; `NULL`: none.
#' @param checkpoint_every iterations between two writings of `checkpoint` (1 or
#'   more).
#' @param momentum_iterations iterations of the second phase over which the
#'   momentum goes linearly from early to late (0 to 2^31 - 1). docs/schedule.md
#'   has what it is for.
#' @param scratch directory that may have a copy of the data while the
#'   neighbours of many rows are searched, for data in files larger than memory;
#'   `NULL`: none.
#' @param preset settings under one name, each of which gives way to one that is
#'   passed beside it: `"atlas"`, for maps of millions of points
#'   (docs/large-data.md): `affinity = "uniform", k = 15, init = "sample",
#'   anneal_iterations = 250`. `NULL`: none.
#' @return a list of class `"tsne_options"`.
#' @references Kobak, D. and Berens, P. (2019). The art of using t-SNE for
#'   single-cell transcriptomics. Nature Communications 10:5416.
#' @examples
#' tsne_options(perplexity = c(10, 40), exaggeration = 4)
#' @export
tsne_options <- function(dims = 2, perplexity = 30, init = "pca", metric = "euclidean",
                         affinity = "perplexity", sigma = 0, k = 0, early_iterations = "auto",
                         iterations = "auto", early_exaggeration = 12, exaggeration = 1,
                         learning_rate = 0, early_momentum = "auto", momentum = "auto",
                         anneal_iterations = 0, max_step_norm = 5, max_grad_norm = 0, auto_stop = 0,
                         dof = 1, density_lambda = 0, density_fraction = 0.3, density_shift = 0.1,
                         repulsion = "auto", theta = 0.5, neighbors = "auto", neighbors_effort = 1,
                         sample_size = 25000, keep_data = TRUE, pull = 0, pull_y = NULL,
                         pull_weights = NULL, pull_frame = "scaled", max_memory = 0, threads = 0,
                         seed = NULL, progress_every = 50, checkpoint = NULL, checkpoint_every = 50,
                         momentum_iterations = 0, scratch = NULL, preset = NULL) {
  take_preset(preset, names(match.call()), environment())
  o <- read_arguments(environment(), options_arguments)
  structure(o, class = "tsne_options", default_init = missing(init))
}

transform_arguments <- list(
  k = list(kind = "whole", low = 1, high = Inf, zero = TRUE, want = "1 or more, or 0 for 10, or all of a smaller reference"),
  placement = list(kind = "start"),
  metric = list(kind = "choice"),
  perplexity = list(kind = "perplexity"),
  affinity = list(kind = "choice"),
  sigma = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), zero = TRUE, want = "above 0, or 0 for none"),
  affinity_k = list(kind = "whole", low = 1, high = Inf, zero = TRUE,
    want = "1 or more, or 0 for three a unit of the largest perplexity"),
  early_iterations = list(kind = "whole", low = 0, high = 2147483647, want = "0 to 2^31 - 1"),
  iterations = list(kind = "whole", low = 0, high = 2147483647, want = "0 to 2^31 - 1"),
  early_exaggeration = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), want = "above 0"),
  exaggeration = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), want = "above 0"),
  learning_rate = list(kind = "real", low = 0, high = Inf, open = c("low", "high"), zero = TRUE,
    want = "above 0, or 0 for the default"),
  early_momentum = list(kind = "real", low = 0, high = 1, open = "high", want = "0 to below 1"),
  momentum = list(kind = "real", low = 0, high = 1, open = "high", want = "0 to below 1"),
  max_grad_norm = list(kind = "real", low = 0, high = Inf, open = "low", zero = TRUE, want = "above 0, or 0 for no limit"),
  max_step_norm = list(kind = "real", low = 0, high = Inf, open = "low", zero = TRUE, want = "above 0, or 0 for no limit"),
  repulsion = list(kind = "choice"),
  theta = list(kind = "real", low = 0, high = 2, open = "low", want = "above 0, at most 2"),
  neighbors = list(kind = "choice"),
  neighbors_effort = list(kind = "real", low = 0, high = 1000, open = "low", want = "above 0, at most 1000"),
  max_memory = list(kind = "whole"),
  threads = list(kind = "int", low = 1, high = Inf, zero = TRUE, want = "1 or more, or 0 for all processors"),
  seed = list(kind = "seed"),
  progress_every = list(kind = "whole", low = 1, high = Inf, want = "1 or more")
)

#' Options of placing new points on a map
#'
#' The defaults give the placement of Kobak and Berens (2019): each point at
#' the median of its 10 nearest, without refinement. What refines has the
#' defaults of openTSNE's `transform`.
#'
#' @param k nearest reference points that place a new one (1 or more); 0: 10, or
#'   all of a smaller reference.
#' @param placement where new points start: `"median"` (of the map's coordinates
#'   of the `k` nearest), `"weighted"` (their mean, weighted by the affinities
#'   to them) or m x `dims` positions.
#' @param metric distance between rows; by default the model's: `"default"` (of
#'   a fit Euclidean, of a transform the model's), `"euclidean"` (square root of
#'   the sum of squared differences), `"cosine"` (1 - cosine of the angle),
#'   `"correlation"` (1 - Pearson correlation), `"manhattan"` (sum of absolute
#'   differences), `"chebyshev"` (largest absolute difference) or `"hamming"`
#'   (share of columns that differ).
#' @param perplexity of a new point's affinities to reference points; above a
#'   third of those it is lowered to that, with a warning (above 0). Several at
#'   once are combined as `affinity` says (Kobak & Berens use 30 and n / 100).
#' @param affinity what draws a new point to reference points: `"perplexity"`
#'   (Gaussians of the given perplexity; of several, the mean of their p_j|i),
#'   `"multiscale"` (several perplexities: one p_j|i from the sum of their
#'   Gaussians), `"uniform"` (the same for each neighbour), `"fixed_sigma"`
#'   (Gaussians of one bandwidth, `sigma`) or `"uniform_max"` (the same for each
#'   pair of which either is a neighbour of the other; for new points as
#'   uniform).
#' @param sigma bandwidth of `affinity = "fixed_sigma"`, in the unit of the
#'   distances (above 0); 0: none.
#' @param affinity_k nearest reference points that draw one (1 or more); 0:
#'   three a unit of the largest perplexity.
#' @param early_iterations iterations of the first phase (0 to 2^31 - 1).
#' @param iterations iterations of the second phase (0 to 2^31 - 1).
#' @param early_exaggeration factor on the attraction in the first phase (above
#'   0).
#' @param exaggeration factor on the attraction in the second phase (above 0).
#'   For millions of points 4 gives denser, better parted clusters.
#' @param learning_rate step size (above 0); 0: the default.
#' @param early_momentum momentum of the first phase (0 to below 1).
#' @param momentum momentum of the second phase (0 to below 1).
#' @param max_grad_norm longest gradient of a point (above 0); 0: no limit.
#' @param max_step_norm longest step of a point in one iteration, in units of
#'   the map (above 0); 0: no limit.
#' @param repulsion how the repulsion of the reference is summed: `"auto"` (by n
#'   and `dims`, and in a fit of few points by how far they have spread),
#'   `"exact"` (all pairs: the oracle, and quickest for small n), `"barnes_hut"`
#'   (a tree, angle `theta`) or `"fft"` (interpolation on a grid; 1 and 2
#'   columns).
#' @param theta angle of Barnes-Hut; less is more accurate and slower (above 0,
#'   at most 2).
#' @param neighbors how neighbours are found: `"auto"` (the faster of the two
#'   for this n and d), `"exact"` (all pairs) or `"approx"` (inverted lists,
#'   recall about 0.99).
#' @param neighbors_effort of the approximate search; more is better and slower
#'   (above 0, at most 1000).
#' @param max_memory bytes that the estimate may reach; 0: what machine and
#'   limits leave.
#' @param threads threads; the map is the same on any number (1 or more); 0: all
#'   processors.
#' @param seed a whole number; `NULL`: drawn from R's generator, so that
#'   [set.seed()] decides.
#' @param progress_every iterations between two calls of `progress` (1 or more).
#' @return a list of class `"transform_options"`.
#' @examples
#' transform_options(k = 5, iterations = 100)
#' @export
transform_options <- function(k = 0, placement = "median", metric = "default", perplexity = 5,
                              affinity = "perplexity", sigma = 0, affinity_k = 0,
                              early_iterations = 0, iterations = 0, early_exaggeration = 4,
                              exaggeration = 1.5, learning_rate = 0.1, early_momentum = 0.8,
                              momentum = 0.8, max_grad_norm = 0.25, max_step_norm = 0,
                              repulsion = "auto", theta = 0.5, neighbors = "auto",
                              neighbors_effort = 1, max_memory = 0, threads = 0, seed = NULL,
                              progress_every = 50) {
  o <- read_arguments(environment(), transform_arguments)
  structure(o, class = "transform_options")
}
