/* One job: a fit of data is that of their affinities, bit for bit, whatever the
 * options say, in floats and doubles, with the data beside them or without. */
#include "test.h"

enum { N = 220, D = 6, EARLY = 25, LATE = 30 };

static float *x;
static double wide[N * D], far[N * D], turned[N * D];
static float start[N * 3];
static const double several[] = {5, 30};

static tsne_options base(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  o.perplexity = 12;
  o.early_iterations = EARLY, o.iterations = LATE;
  o.seed = 7;
  return o;
}

#define CASE(...)                                                              \
  do                                                                           \
    if (which-- == 0) {                                                        \
      __VA_ARGS__;                                                             \
      return 1;                                                                \
    }                                                                          \
  while (0)

/* The options of a case; 0 past the last. */
static int asked(int which, tsne_options *o) {
  int i;
  *o = base();
  CASE(o->seed = 8);
  CASE(o->perplexity = 1000);
  CASE(o->perplexities = several, o->n_perplexities = 2);
  CASE(o->perplexities = several, o->n_perplexities = 2,
       o->affinity = TSNE_AFFINITY_MULTISCALE);
  CASE(o->affinity = TSNE_AFFINITY_UNIFORM, o->k = 9);
  CASE(o->affinity = TSNE_AFFINITY_UNIFORM_MAX, o->k = 9);
  CASE(o->affinity = TSNE_AFFINITY_FIXED_SIGMA, o->k = 20, o->sigma = 2);
  for (i = TSNE_METRIC_COSINE; i <= TSNE_METRIC_HAMMING; i++)
    CASE(o->metric = i);
  for (i = TSNE_REPULSION_EXACT; i <= TSNE_REPULSION_FFT; i++)
    CASE(o->repulsion = i);
  CASE(o->neighbors = TSNE_NEIGHBORS_APPROX);
  CASE(o->dims = 1);
  CASE(o->dims = 3);
  CASE(o->init = TSNE_INIT_RANDOM);
  CASE(o->init = TSNE_INIT_SPECTRAL);
  CASE(o->init = TSNE_INIT_GIVEN, o->init_y = start);
  CASE(o->init = TSNE_INIT_SAMPLE, o->sample_size = 60, o->dof = 0.6);
  CASE(o->anneal_iterations = 12);
  CASE(o->momentum_iterations = 12);
  CASE(o->density_lambda = 0.5);
  CASE(o->density_lambda = 0.5, o->density_fraction = 0.9);
  CASE(o->density_lambda = 0.5, o->density_shift = 2, o->anneal_iterations = 9);
  CASE(o->density_lambda = 0.5, o->init = TSNE_INIT_SPECTRAL);
  CASE(o->dof = 0.5);
  CASE(o->early_momentum = 0, o->momentum = 0.6);
  CASE(o->early_exaggeration = 5, o->exaggeration = 2.5);
  CASE(o->learning_rate = 30);
  CASE(o->max_grad_norm = 0.01, o->max_step_norm = 0);
  CASE(o->early_iterations = 0);
  CASE(o->early_iterations = o->iterations = 0);
  CASE(o->keep_data = 0);
  o->early_iterations = o->iterations = 80, o->auto_stop = 200;
  CASE(o->dims = 2);
  CASE(o->anneal_iterations = 20);
  CASE(o->density_lambda = 0.5, o->anneal_iterations = 20);
  return 0;
}

/* Whether a model stands where another does: map, divergence and iterations. */
static int agree(const tsne_model *a, const tsne_model *b, int dims) {
  float y[N * 3], z[N * 3];
  int64_t done[2];
  double kl[2];
  OK(tsne_model_embedding(y, a));
  OK(tsne_model_embedding(z, b));
  OK(tsne_model_info(NULL, NULL, done, kl, a));
  OK(tsne_model_info(NULL, NULL, done + 1, kl + 1, b));
  return !memcmp(y, z, (size_t)(N * dims) * sizeof *y) && done[0] == done[1] &&
         !memcmp(kl, kl + 1, sizeof *kl);
}

/* Affinities over one search are those that each of them is fitted with. */
static void of_each(void) {
  static float y[N * 2], z[N * 2];
  const double perplexities[] = {9, 4, 15, 6};
  const int64_t lengths[] = {1, 2, 1}, far[] = {1, 0, 1};
  tsne_affinities *p[3] = {NULL, NULL, NULL};
  const double *list = perplexities;
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t live = tsne_live_handles();
  uint64_t bytes = 0;
  int i;
  o.early_iterations = o.iterations = 20;
  OK(tsne_affinities_of_each(p, x, N, D, perplexities, lengths, 3, &o));
  for (i = 0; i < 3; i++) {
    o.perplexities = list, o.n_perplexities = lengths[i];
    list += lengths[i];
    OK(tsne_fit_affinities(y, NULL, p[i], x, N, D, &o));
    OK(tsne_fit(z, NULL, x, N, D, &o));
    CHECK(!memcmp(y, z, sizeof y));
    tsne_affinities_free(p[i]);
  }
  OK(tsne_affinities_of_each_f64(p, wide, N, D, TSNE_BY_ROW, perplexities,
                                 lengths, 1, NULL));
  tsne_affinities_free(p[0]);
  CHECK(tsne_affinities_of_each(p, x, N, D, perplexities, far, 3, NULL) ==
        TSNE_E_OPTION);
  CHECK(tsne_affinities_of_each(p, x, N, D, perplexities, lengths, 0, NULL) ==
        TSNE_E_OPTION);
  CHECK(tsne_affinities_of_each(p, x, N, D, NULL, lengths, 3, NULL) ==
        TSNE_E_NULL);
  CHECK(tsne_affinities_of_each(p, x, N, D, perplexities, NULL, 3, NULL) ==
        TSNE_E_NULL);
  CHECK(!p[0] && !p[1] && !p[2] && tsne_live_handles() == live);
  OK(tsne_available_memory(&bytes));
  o.perplexities = perplexities, o.n_perplexities = 1;
  o.max_memory = 1;
  CHECK(bytes > 1 << 20);
  CHECK(tsne_affinities_of_each(p, x, N, D, perplexities, lengths, 3, &o) ==
        TSNE_E_MEMORY);
}

static void one(int which, const tsne_options *o) {
  static float y[N * 3], z[N * 3];
  const int order[] = {TSNE_BY_ROW, TSNE_BY_COLUMN};
  tsne_model *whole = NULL, *made = NULL;
  tsne_affinities *p = NULL;
  int64_t d[2] = {0, 0};
  int by, status[2], before = failures;
  OK(tsne_fit(y, &whole, x, N, D, o));
  OK(tsne_affinities_from_data(&p, x, N, D, o));
  OK(tsne_fit_affinities(z, &made, p, x, N, D, o));
  CHECK(!memcmp(y, z, (size_t)(N * o->dims) * sizeof *y));
  CHECK(agree(whole, made, o->dims));
  status[0] = tsne_model_data(NULL, d, NULL, whole);
  status[1] = tsne_model_data(NULL, d + 1, NULL, made);
  CHECK(status[0] == status[1] && d[0] == d[1]);
  OK(tsne_model_optimize(NULL, NULL, whole, 15, 1.5, 0, 0.8, o));
  OK(tsne_model_optimize(NULL, NULL, made, 15, 1.5, 0, 0.8, o));
  CHECK(agree(whole, made, o->dims));
  tsne_model_free(made);
  OK(tsne_fit_affinities(z, NULL, p, x, N, D, o));
  CHECK(!memcmp(y, z, (size_t)(N * o->dims) * sizeof *y));
  if (o->init != TSNE_INIT_PCA && o->init != TSNE_INIT_SAMPLE) {
    OK(tsne_fit_affinities(z, &made, p, NULL, -1, -1, o));
    CHECK(!memcmp(y, z, (size_t)(N * o->dims) * sizeof *y));
    CHECK(tsne_model_data(NULL, NULL, NULL, made) == TSNE_E_NO_DATA);
    tsne_model_free(made);
    OK(tsne_fit_affinities_f64(z, NULL, p, NULL, 0, 0, TSNE_BY_ROW, o));
    CHECK(!memcmp(y, z, (size_t)(N * o->dims) * sizeof *y));
  }
  for (by = 0; by < 2; by++) {
    OK(tsne_fit_affinities_f64(z, NULL, p, by ? turned : wide, N, D, order[by],
                               o));
    CHECK(!memcmp(y, z, (size_t)(N * o->dims) * sizeof *y));
  }
  tsne_affinities_free(p);
  tsne_model_free(whole);
  OK(tsne_fit_f64(y, &whole, far, N, D, TSNE_BY_ROW, o));
  OK(tsne_affinities_from_data_f64(&p, far, N, D, TSNE_BY_ROW, o));
  OK(tsne_fit_affinities_f64(z, &made, p, far, N, D, TSNE_BY_ROW, o));
  CHECK(!memcmp(y, z, (size_t)(N * o->dims) * sizeof *y));
  CHECK(agree(whole, made, o->dims));
  tsne_affinities_free(p);
  tsne_model_free(whole), tsne_model_free(made);
  if (failures > before)
    fprintf(stderr, "in case %d\n", which);
}

/* Of a graph and of distances, with density preservation, which their
 * affinities can do whatever they were made with. */
static void graphs(void) {
  static float dist[N * N], distance[N * 30], y[N * 2], z[N * 2];
  static int32_t index[N * 30];
  tsne_options o = base(), bare = base();
  tsne_affinities *of_graph, *of_matrix, *of_data, *of_model;
  tsne_model *model;
  int i, j, c;
  for (i = 0; i < N; i++)
    for (j = 0; j < N; j++) {
      double sum = 0;
      for (c = 0; c < D; c++)
        sum += pow(wide[i * D + c] - wide[j * D + c], 2);
      dist[i * N + j] = (float)sqrt(sum);
    }
  o.perplexity = bare.perplexity = 10;
  o.init = TSNE_INIT_RANDOM;
  o.density_lambda = 0.5;
  OK(tsne_neighbors_of_distances(index, distance, dist, N, 30, NULL));
  OK(tsne_affinities_from_neighbors(&of_graph, index, distance, N, 30, &bare));
  OK(tsne_affinities_from_distances(&of_matrix, dist, N, &bare));
  OK(tsne_fit_affinities(y, &model, of_graph, NULL, 0, 0, &o));
  OK(tsne_fit_affinities(z, NULL, of_matrix, NULL, 0, 0, &o));
  CHECK(!memcmp(y, z, sizeof y));
  OK(tsne_model_affinities(&of_model, model));
  OK(tsne_fit_affinities(z, NULL, of_model, NULL, 0, 0, &o));
  CHECK(!memcmp(y, z, sizeof y));
  OK(tsne_affinities_from_data(&of_data, x, N, D, &bare));
  OK(tsne_fit(y, NULL, x, N, D, &o));
  OK(tsne_fit_affinities(z, NULL, of_data, x, N, D, &o));
  CHECK(!memcmp(y, z, sizeof y));
  tsne_model_free(model);
  tsne_affinities_free(of_graph), tsne_affinities_free(of_matrix);
  tsne_affinities_free(of_data), tsne_affinities_free(of_model);
}

typedef struct {
  int calls, stop_at;
  int64_t last;
} told;

static int on_progress(const tsne_progress *p, void *user) {
  told *t = user;
  t->last = p->iteration;
  return ++t->calls == t->stop_at;
}

/* Stopped while optimising it gives the map so far; before, nothing. */
static void stopped(void) {
  float y[N * 2], z[N * 2];
  tsne_options o = base();
  tsne_affinities *p;
  tsne_model *model = NULL;
  told t = {0, 1, 0};
  int64_t done = 0;
  OK(tsne_affinities_from_data(&p, x, N, D, &o));
  o.progress = on_progress, o.progress_user = &t, o.progress_every = 5;
  memset(y, 0xA5, sizeof y), memset(z, 0xA5, sizeof z);
  CHECK(tsne_fit_affinities(y, &model, p, x, N, D, &o) == TSNE_E_CANCELLED);
  CHECK(!model && !memcmp(y, z, sizeof y));
  t.calls = 0, t.stop_at = 6;
  CHECK(tsne_fit_affinities(y, &model, p, x, N, D, &o) == TSNE_E_CANCELLED);
  if (CHECK(model && t.last > 0)) {
    OK(tsne_model_embedding(z, model));
    OK(tsne_model_info(NULL, NULL, &done, NULL, model));
    CHECK(!memcmp(y, z, sizeof y) && done == t.last - 1);
  }
  tsne_model_free(model);
  tsne_affinities_free(p);
}

int main(void) {
  tsne_options o;
  int i, c, which;
  x = blobs(N, D);
  for (i = 0; i < N; i++)
    for (c = 0; c < D; c++) {
      wide[i * D + c] = turned[c * N + i] = x[i * D + c];
      far[i * D + c] = x[i * D + c] + 1e7 / 3;
    }
  for (i = 0; i < N * 3; i++)
    start[i] = 1e-4f * x[i];
  for (which = 0; asked(which, &o); which++)
    one(which, &o);
  graphs();
  of_each();
  stopped();
  CHECK(tsne_live_handles() == 0);
  free(x);
  return finish("job");
}
