/* Every refusal: the right status, one line of text of its own, and outputs
 * left as they were. */
#include "refused.h"

#define FIT(x, n, d, o) tsne_fit(out.y, &out.model, x, n, d, o)

static void names(void) {
  static const struct {
    int status;
    const char *name;
  } all[] = {{TSNE_OK, "TSNE_OK"},
             {TSNE_E_NULL, "TSNE_E_NULL"},
             {TSNE_E_STRUCT_SIZE, "TSNE_E_STRUCT_SIZE"},
             {TSNE_E_HANDLE, "TSNE_E_HANDLE"},
             {TSNE_E_SHAPE, "TSNE_E_SHAPE"},
             {TSNE_E_NOT_FINITE, "TSNE_E_NOT_FINITE"},
             {TSNE_E_OPTION, "TSNE_E_OPTION"},
             {TSNE_E_GRAPH, "TSNE_E_GRAPH"},
             {TSNE_E_MEMORY, "TSNE_E_MEMORY"},
             {TSNE_E_CANCELLED, "TSNE_E_CANCELLED"},
             {TSNE_E_FORKED, "TSNE_E_FORKED"},
             {TSNE_E_IO, "TSNE_E_IO"},
             {TSNE_E_FILE, "TSNE_E_FILE"},
             {TSNE_E_NO_DATA, "TSNE_E_NO_DATA"},
             {TSNE_E_INTERNAL, "TSNE_E_INTERNAL"}};
  size_t i;
  for (i = 0; i < sizeof all / sizeof *all; i++)
    CHECK(!strcmp(tsne_status_name(all[i].status), all[i].name));
  CHECK(tsne_status_name(1) && *tsne_status_name(1));
  CHECK(tsne_status_name(-50) && *tsne_status_name(-50));
}

static void nulls(const float *x, const tsne_affinities *p, tsne_model *m) {
  tsne_options o = TSNE_OPTIONS_INIT;
  REFUSED(TSNE_E_NULL, tsne_options_init(NULL));
  REFUSED(TSNE_E_NULL, tsne_fit(NULL, &out.model, x, N, D, NULL));
  REFUSED(TSNE_E_NULL, FIT(NULL, N, D, NULL));
  REFUSED(TSNE_E_NULL, tsne_estimate_memory(NULL, N, D, NULL));
  REFUSED(TSNE_E_NULL, tsne_available_memory(NULL));
  REFUSED(TSNE_E_NULL, tsne_options_settle(NULL, N));
  REFUSED(TSNE_E_NULL, tsne_neighbors(NULL, out.distance, x, N, D, K, NULL));
  REFUSED(TSNE_E_NULL, tsne_neighbors(out.index, NULL, x, N, D, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_neighbors(out.index, out.distance, NULL, N, D, K, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_from_data(NULL, x, N, D, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_from_data(&out.p, NULL, N, D, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_affinities_from_neighbors(NULL, out.index, x, N, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_affinities_from_neighbors(&out.p, NULL, x, N, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_affinities_from_neighbors(&out.p, out.index, NULL, N, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_affinities_from_csr(NULL, out.ptr, out.index, x, N));
  REFUSED(TSNE_E_NULL, tsne_affinities_from_csr(&out.p, NULL, out.index, x, N));
  REFUSED(TSNE_E_NULL, tsne_affinities_from_csr(&out.p, out.ptr, NULL, x, N));
  REFUSED(TSNE_E_NULL,
          tsne_affinities_from_csr(&out.p, out.ptr, out.index, NULL, N));
  REFUSED(TSNE_E_NULL, tsne_affinities_size(&out.n, &out.m, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_copy(NULL, out.index, out.y, p));
  REFUSED(TSNE_E_NULL, tsne_affinities_copy(out.ptr, NULL, out.y, p));
  REFUSED(TSNE_E_NULL, tsne_affinities_copy(out.ptr, out.index, NULL, p));
  REFUSED(TSNE_E_NULL, tsne_affinities_copy(out.ptr, out.index, out.y, NULL));
  REFUSED(TSNE_E_NULL, tsne_initialize(NULL, x, N, D, NULL));
  REFUSED(TSNE_E_NULL, tsne_initialize(out.y, NULL, N, D, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_gradient(out.y, &out.kl, p, NULL, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_gradient(out.y, &out.kl, NULL, x, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_from_affinities(NULL, p, x, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_from_affinities(&out.model, p, NULL, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_from_affinities(&out.model, NULL, x, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_model_optimize(out.y, &out.kl, NULL, 1, 1, 0, 0, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_model_info(&out.n, &out.dims, &out.m, &out.kl, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_embedding(NULL, m));
  REFUSED(TSNE_E_NULL, tsne_model_embedding(out.y, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_affinities(NULL, m));
  REFUSED(TSNE_E_NULL, tsne_model_affinities(&out.p, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_clone(NULL, m));
  REFUSED(TSNE_E_NULL, tsne_model_clone(&out.model, NULL));
  o.init = TSNE_INIT_GIVEN;
  REFUSED(TSNE_E_NULL, FIT(x, N, D, &o));
  o.init = TSNE_INIT_PCA;
  o.n_perplexities = 2;
  REFUSED(TSNE_E_NULL, FIT(x, N, D, &o));
  tsne_affinities_free(NULL);
  tsne_model_free(NULL);
}

static void shapes(const float *x) {
  REFUSED(TSNE_E_SHAPE, FIT(x, 3, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, 0, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, -1, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, INT64_MAX, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, INT64_MIN, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, (int64_t)INT32_MAX + 1, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, N, 0, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, N, -1, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, N, INT64_MAX, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(x, INT32_MAX, (int64_t)1 << 31, NULL));
  REFUSED(TSNE_E_SHAPE,
          tsne_estimate_memory(&out.bytes, 4, INT64_MAX / 4, NULL));
  REFUSED(TSNE_E_SHAPE,
          tsne_affinities_from_neighbors(&out.p, out.index, x, N, 0, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_neighbors(out.index, out.distance, x, N, D, 0, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_neighbors(out.index, out.distance, x, N, D, N, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_neighbors(out.index, out.distance, x, N, D, INT64_MAX, NULL));
}

static void not_finite(float *x) {
  tsne_options o = TSNE_OPTIONS_INIT;
  static float y0[N * 2];
  x[3 * D + 2] = (float)NAN;
  REFUSED(TSNE_E_NOT_FINITE, FIT(x, N, D, NULL));
  CHECK(strstr(tsne_last_error(), "row 3, column 2") != NULL);
  x[3 * D + 2] = 0;
  x[N * D - 1] = -(float)INFINITY;
  REFUSED(TSNE_E_NOT_FINITE, FIT(x, N, D, NULL));
  CHECK(strstr(tsne_last_error(), "row 59, column 4") != NULL);
  x[N * D - 1] = 0;
  y0[7] = (float)NAN;
  o.init = TSNE_INIT_GIVEN;
  o.init_y = y0;
  REFUSED(TSNE_E_NOT_FINITE, FIT(x, N, D, &o));
}

#define WITH(field, value)                                                     \
  do {                                                                         \
    tsne_options o = TSNE_OPTIONS_INIT;                                        \
    o.perplexity = 10;                                                         \
    o.field = value;                                                           \
    REFUSED(TSNE_E_OPTION, FIT(x, N, D, &o));                                  \
  } while (0)

static void options(const float *x, tsne_model *m) {
  static const double bad[2] = {5, -1};
  static const size_t sizes[] = {0, 1, sizeof(tsne_options) - 1,
                                 sizeof(tsne_options) + 1, (size_t)-1};
  tsne_options o = TSNE_OPTIONS_INIT;
  size_t i;
  for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    o.struct_size = sizes[i];
    REFUSED(TSNE_E_STRUCT_SIZE, FIT(x, N, D, &o));
  }
  WITH(perplexity, 0);
  WITH(perplexity, -1);
  WITH(perplexity, NAN);
  WITH(perplexity, INFINITY);
  WITH(n_perplexities, -1);
  WITH(n_perplexities, INT64_MAX);
  WITH(early_iterations, -2);
  WITH(iterations, -2);
  WITH(early_exaggeration, 0);
  WITH(early_exaggeration, -4);
  WITH(exaggeration, 0);
  WITH(exaggeration, NAN);
  WITH(learning_rate, -1);
  WITH(learning_rate, INFINITY);
  WITH(early_momentum, -2);
  WITH(early_momentum, 1);
  WITH(momentum, -2);
  WITH(momentum, 1);
  WITH(max_step_norm, -1);
  WITH(max_step_norm, NAN);
  WITH(theta, 0);
  WITH(theta, -1);
  WITH(theta, NAN);
  WITH(neighbors_effort, 0);
  WITH(neighbors_effort, -1);
  WITH(progress_every, 0);
  WITH(dims, 0);
  WITH(dims, 4);
  WITH(dims, INT32_MIN);
  WITH(threads, -1);
  WITH(init, 99);
  WITH(init, -1);
  WITH(neighbors, 99);
  WITH(neighbors, -1);
  WITH(repulsion, 99);
  WITH(repulsion, -1);
  WITH(reserved, 1);
  WITH(dof, 0);
  WITH(dof, -1);
  WITH(dof, NAN);
  WITH(dof, 1e30);
  WITH(dof, 1e-30);
  WITH(max_grad_norm, -1);
  WITH(max_grad_norm, NAN);
  WITH(auto_stop, -1);
  WITH(auto_stop, NAN);
  WITH(density_lambda, -1);
  WITH(density_lambda, NAN);
  WITH(density_fraction, 0);
  WITH(density_fraction, 1.5);
  WITH(density_shift, 0);
  WITH(density_shift, NAN);
  WITH(k, -1);
  WITH(sample_size, 3);
  WITH(anneal_iterations, -1);
  WITH(momentum_iterations, -1);
  WITH(metric, -1);
  WITH(metric, 99);
  WITH(affinity, -1);
  WITH(affinity, 99);
  WITH(affinity, TSNE_AFFINITY_FIXED_SIGMA);
  WITH(keep_data, 2);
  WITH(reserved2, 1);
  tsne_options_init(&o);
  o.perplexities = bad;
  o.n_perplexities = 2;
  CHECK(FIT(x, N, D, &o) == TSNE_E_OPTION);
  tsne_options_init(&o);
  o.dims = 3;
  o.repulsion = TSNE_REPULSION_FFT;
  REFUSED(TSNE_E_OPTION, FIT(x, N, D, &o));
  tsne_options_init(&o);
  o.max_memory = 1;
  REFUSED(TSNE_E_MEMORY, FIT(x, N, D, &o));
  REFUSED(TSNE_E_OPTION,
          tsne_model_optimize(out.y, &out.kl, m, -2, 1, 0, 0, NULL));
  CHECK(tsne_model_optimize(out.y, &out.kl, m, 1, 0, 0, 0, NULL) ==
        TSNE_E_OPTION);
  CHECK(tsne_model_optimize(out.y, &out.kl, m, 1, NAN, 0, 0, NULL) ==
        TSNE_E_OPTION);
  CHECK(tsne_model_optimize(out.y, &out.kl, m, 1, 1, -3, 0, NULL) ==
        TSNE_E_OPTION);
  CHECK(tsne_model_optimize(out.y, &out.kl, m, 1, 1, 0, 1, NULL) ==
        TSNE_E_OPTION);
  CHECK(tsne_model_optimize(out.y, &out.kl, m, 1, 1, 0, -1, NULL) ==
        TSNE_E_OPTION);
}

static void graphs(const float *x) {
  int32_t index[N * K];
  float distance[N * K];
  int64_t ptr[5] = {0, 1, 2, 3, 4};
  int32_t col[4] = {1, 0, 3, 2};
  float val[4] = {1, 1, 1, 1};
  OK(tsne_neighbors(index, distance, x, N, D, K, NULL));
#define GRAPH(want)                                                            \
  REFUSED(want,                                                                \
          tsne_affinities_from_neighbors(&out.p, index, distance, N, K, NULL))
#define CSR(want)                                                              \
  REFUSED(want, tsne_affinities_from_csr(&out.p, ptr, col, val, 4))
  index[2 * K + 1] = N;
  GRAPH(TSNE_E_GRAPH);
  index[2 * K + 1] = -1;
  GRAPH(TSNE_E_GRAPH);
  index[2 * K + 1] = 2;
  GRAPH(TSNE_E_GRAPH);
  index[2 * K + 1] = 3;
  distance[7] = (float)NAN;
  GRAPH(TSNE_E_NOT_FINITE);

  ptr[0] = 1;
  CSR(TSNE_E_GRAPH);
  ptr[0] = 0, ptr[2] = 4;
  CSR(TSNE_E_GRAPH);
  ptr[2] = 2, ptr[4] = -1;
  CSR(TSNE_E_GRAPH);
  ptr[4] = INT64_MAX;
  CSR(TSNE_E_GRAPH);
  ptr[4] = 4, col[1] = 4;
  CSR(TSNE_E_GRAPH);
  col[1] = 1;
  CSR(TSNE_E_GRAPH);
  col[1] = 2;
  CSR(TSNE_E_GRAPH);
  col[1] = 0, val[0] = -1;
  CSR(TSNE_E_GRAPH);
  val[0] = 2;
  CSR(TSNE_E_GRAPH);
  memset(val, 0, sizeof val);
  CSR(TSNE_E_GRAPH);
  REFUSED(TSNE_E_SHAPE, tsne_affinities_from_csr(&out.p, ptr, col, val, -2));
}

static void handles(const float *x, tsne_affinities *p, tsne_model *m) {
  tsne_affinities *stale_p = NULL;
  tsne_model *stale_m = NULL;
  int64_t live = tsne_live_handles();
  double mine[8] = {0};
  OK(tsne_model_affinities(&stale_p, m));
  OK(tsne_model_clone(&stale_m, m));
  CHECK(tsne_live_handles() == live + 2);
  tsne_affinities_free(stale_p);
  tsne_model_free(stale_m);
  CHECK(tsne_live_handles() == live);
  /* Freed twice, freed as another kind, freed though never made. */
  tsne_affinities_free(stale_p);
  tsne_model_free(stale_m);
  tsne_model_free((tsne_model *)p);
  tsne_affinities_free((tsne_affinities *)m);
  tsne_affinities_free((tsne_affinities *)mine);
  tsne_model_free((tsne_model *)(uintptr_t)8);
  CHECK(tsne_live_handles() == live);

  REFUSED(TSNE_E_HANDLE, tsne_affinities_size(&out.n, &out.m, stale_p));
  REFUSED(TSNE_E_HANDLE, tsne_model_embedding(out.y, stale_m));
  CHECK(tsne_model_clone(&out.model, stale_m) == TSNE_E_HANDLE);
  CHECK(tsne_model_info(&out.n, &out.dims, &out.m, &out.kl, stale_m) ==
        TSNE_E_HANDLE);
  CHECK(tsne_model_optimize(out.y, &out.kl, stale_m, 1, 1, 0, 0, NULL) ==
        TSNE_E_HANDLE);
  REFUSED(TSNE_E_HANDLE, tsne_affinities_copy(out.ptr, out.index, out.y,
                                              (tsne_affinities *)m));
  REFUSED(TSNE_E_HANDLE, tsne_model_affinities(&out.p, (tsne_model *)p));
  REFUSED(TSNE_E_HANDLE,
          tsne_affinities_gradient(out.y, &out.kl,
                                   (tsne_affinities *)(uintptr_t)9, x, NULL));
  REFUSED(TSNE_E_HANDLE, tsne_model_from_affinities(
                             &out.model, (tsne_affinities *)mine, x, NULL));
}

int main(void) {
  float *x = blobs(N, D);
  float *y = need(N * 2 * sizeof *y);
  tsne_affinities *p = NULL;
  tsne_model *m = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  uint64_t bytes = 0;
  int32_t stop = 1;

  CHECK(!*tsne_last_error());
  o.perplexity = 10;
  OK(tsne_affinities_from_data(&p, x, N, D, &o));
  OK(tsne_initialize(y, x, N, D, NULL));
  OK(tsne_model_from_affinities(&m, p, y, NULL));

  guard();
  names();
  nulls(x, p, m);
  shapes(x);
  options(x, m);
  graphs(x);
  handles(x, p, m);
  OK(tsne_estimate_memory(&bytes, INT32_MAX, (int64_t)1 << 29, &o));
  CHECK(bytes == UINT64_MAX); /* no wrapping round */
  o.cancel = &stop;
  REFUSED(TSNE_E_CANCELLED, FIT(x, N, D, &o));
  not_finite(x);

  tsne_model_free(m);
  tsne_affinities_free(p);
  CHECK(tsne_live_handles() == 0);
  free(x);
  free(y);
  return finish("status");
}
