/* Every refusal of what came since 0.2: new points, alignment, files, distances
 * and reduction. */
#include "refused.h"

static const char *const path = "status-map.npz";

static float *x, *y, *dist;
static tsne_model *model, *bare; /* with data and without */
static tsne_partial *partial;
static tsne_affinities *p;

static const int32_t zoomed[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

/* Two sets, and what is wrong with them. */
#define TOGETHER(...) tsne_fit_together(to, &out.model, __VA_ARGS__, NULL)
static void together(void) {
  float *const to[] = {out.y, out.distance}, *const half[] = {out.y, NULL};
  const float *const of[] = {x, x}, *const none[] = {x, NULL};
  const int64_t n[] = {N, N}, d[] = {D, D}, few[] = {N, 3}, thin[] = {D, D - 1};
  const int64_t bad[] = {N, -1};
  int64_t one[N], other[N], twice[N], i;
  const int64_t *const keys[] = {one, other}, *const same_key[] = {one, twice},
                       *const lost[] = {one, NULL};
  float hole[N * D];
  const float *const holes[] = {x, hole};
  for (i = 0; i < N; i++)
    one[i] = i, other[i] = i + N, twice[i] = i / 2;
  memcpy(hole, x, sizeof hole);
  hole[3 * D + 1] = NAN;
  REFUSED(TSNE_E_NULL,
          tsne_fit_together(NULL, &out.model, of, n, d, 2, NULL, 1, 1, NULL));
  REFUSED(TSNE_E_NULL, TOGETHER(NULL, n, d, 2, NULL, 1, 1));
  REFUSED(TSNE_E_NULL, TOGETHER(of, NULL, d, 2, NULL, 1, 1));
  REFUSED(TSNE_E_NULL, TOGETHER(of, n, NULL, 2, NULL, 1, 1));
  REFUSED(TSNE_E_NULL, TOGETHER(none, n, d, 2, NULL, 1, 1));
  REFUSED(TSNE_E_NULL, TOGETHER(of, n, d, 2, lost, 1, 1));
  REFUSED(TSNE_E_NULL,
          tsne_fit_together(half, &out.model, of, n, d, 2, NULL, 1, 1, NULL));
  REFUSED(TSNE_E_OPTION, TOGETHER(of, n, d, 1, NULL, 1, 1));
  REFUSED(TSNE_E_OPTION, TOGETHER(of, n, d, INT64_MAX, NULL, 1, 1));
  REFUSED(TSNE_E_OPTION, TOGETHER(of, n, d, 2, NULL, 0, 1));
  REFUSED(TSNE_E_OPTION, TOGETHER(of, n, d, 2, NULL, 1, -1));
  REFUSED(TSNE_E_OPTION, TOGETHER(of, n, d, 2, keys, 1, 1));
  REFUSED(TSNE_E_OPTION, TOGETHER(of, n, d, 2, same_key, 1, 1));
  REFUSED(TSNE_E_SHAPE, TOGETHER(of, few, d, 2, NULL, 1, 1));
  REFUSED(TSNE_E_SHAPE, TOGETHER(of, bad, d, 2, NULL, 1, 1));
  REFUSED(TSNE_E_SHAPE, TOGETHER(of, n, thin, 2, NULL, 1, 1));
  REFUSED(TSNE_E_NOT_FINITE, TOGETHER(holes, n, d, 2, NULL, 1, 1));
  CHECK(strstr(tsne_last_error(), "x[1]: row 3, column 1 is NaN"));
}

static void grown(void) {
  static const int32_t twice[] = {0, 1, 2, 1}, outside[] = {0, 1, 2, N};
  tsne_options o = TSNE_OPTIONS_INIT;
  o.dims = 3;
  REFUSED(TSNE_E_OPTION,
          tsne_update(out.y, &out.model, model, x, 3, D, -1, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_update(out.y, &out.model, model, x, 3, D, NAN, NULL));
  REFUSED(TSNE_E_OPTION, tsne_update(out.y, &out.model, model, x, 3, D, 1, &o));
  REFUSED(TSNE_E_SHAPE,
          tsne_update(out.y, &out.model, model, x, 0, D, 1, NULL));
  REFUSED_TOO(TSNE_E_SHAPE,
              tsne_update(out.y, &out.model, model, x, 3, D - 1, 1, NULL));
  REFUSED_TOO(TSNE_E_NO_DATA,
              tsne_update(out.y, &out.model, bare, x, 3, D, 1, NULL));
  REFUSED(TSNE_E_NO_DATA,
          tsne_zoom(out.y, NULL, &out.model, bare, zoomed, 9, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_zoom(out.y, NULL, &out.model, model, zoomed, 3, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_zoom(out.y, NULL, &out.model, model, twice, 4, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_zoom(out.y, NULL, &out.model, model, outside, 4, NULL));
  REFUSED(TSNE_E_SHAPE,
          tsne_zoom(out.y, NULL, &out.model, model, zoomed, -1, NULL));
}

static void nulls(void) {
  static const double means[N * D];
  const int32_t *labels = out.index;
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  uint64_t size = 0;
  REFUSED(TSNE_E_NULL, tsne_transform_options_init(NULL));
  REFUSED(TSNE_E_NULL, tsne_superposition_init(NULL));
  REFUSED(TSNE_E_NULL, tsne_model_set_data(NULL, x, N, D, 1));
  REFUSED(TSNE_E_NULL, tsne_model_set_data(model, NULL, N, D, 1));
  REFUSED(TSNE_E_NULL, tsne_model_data(out.y, &out.n, &out.dims, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_save(NULL, path));
  REFUSED(TSNE_E_NULL, tsne_model_save(model, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_save_with(NULL, path, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_save_with(model, NULL, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_load(NULL, path, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_load(&out.model, NULL, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_save_bytes(out.y, NULL, model));
  REFUSED(TSNE_E_NULL, tsne_model_save_bytes(out.y, &size, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_load_bytes(NULL, x, 100, NULL));
  REFUSED(TSNE_E_NULL, tsne_model_load_bytes(&out.model, NULL, 100, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_transform(NULL, &out.partial, model, x, 3, D, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_transform(out.y, &out.partial, NULL, x, 3, D, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_transform(out.y, &out.partial, model, NULL, 3, D, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_partial_optimize(out.y, &out.kl, NULL, 1, 1, 0, 0, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_partial_info(&out.n, &out.dims, &out.m, &out.kl, NULL));
  REFUSED(TSNE_E_NULL, tsne_partial_embedding(NULL, partial));
  REFUSED(TSNE_E_NULL, tsne_partial_embedding(out.y, NULL));
  REFUSED(TSNE_E_NULL, tsne_partial_clone(NULL, partial));
  REFUSED(TSNE_E_NULL, tsne_partial_clone(&out.partial, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_bootstrap(NULL, out.distance, out.y, model, x, 3, D, 2, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_bootstrap(out.y, out.distance, NULL, NULL, x, 3, D, 2, NULL));
  REFUSED(TSNE_E_NULL, tsne_bootstrap(out.y, NULL, out.distance, model, NULL, 3,
                                      D, 2, NULL));
#define ALIGN(y, reference, x, n, d, t, o)                                     \
  tsne_align(y, &out.model, &out.kl, &out.other, reference, x, n, d, t, o)
  REFUSED(TSNE_E_NULL, ALIGN(NULL, model, x, N, D, NULL, NULL));
  REFUSED(TSNE_E_NULL, ALIGN(out.y, NULL, x, N, D, NULL, NULL));
  REFUSED(TSNE_E_NULL, ALIGN(out.y, model, NULL, N, D, NULL, NULL));
#define UPDATE(y, old, x, m, d, hold, o)                                       \
  tsne_update(y, &out.model, old, x, m, d, hold, o)
#define ZOOM(y, old, rows, m, o)                                               \
  tsne_zoom(y, out.distance, &out.model, old, rows, m, o)
  REFUSED(TSNE_E_NULL, UPDATE(NULL, model, x, 3, D, 1, NULL));
  REFUSED(TSNE_E_NULL, UPDATE(out.y, NULL, x, 3, D, 1, NULL));
  REFUSED(TSNE_E_NULL, UPDATE(out.y, model, NULL, 3, D, 1, NULL));
  REFUSED(TSNE_E_NULL, ZOOM(NULL, model, zoomed, 9, NULL));
  REFUSED(TSNE_E_NULL, ZOOM(out.y, NULL, zoomed, 9, NULL));
  REFUSED(TSNE_E_NULL, ZOOM(out.y, model, NULL, 9, NULL));
  REFUSED(TSNE_E_NULL, tsne_procrustes(NULL, y, y, N, 2, 0));
  REFUSED(TSNE_E_NULL, tsne_procrustes(&s, NULL, y, N, 2, 0));
  REFUSED(TSNE_E_NULL, tsne_procrustes(&s, y, NULL, N, 2, 0));
  REFUSED(TSNE_E_NULL,
          tsne_procrustes_labels(NULL, y, labels, N, y, labels, N, 2, 0));
  REFUSED(TSNE_E_NULL,
          tsne_procrustes_labels(&s, NULL, labels, N, y, labels, N, 2, 0));
  REFUSED(TSNE_E_NULL,
          tsne_procrustes_labels(&s, y, NULL, N, y, labels, N, 2, 0));
  REFUSED(TSNE_E_NULL,
          tsne_procrustes_labels(&s, y, labels, N, NULL, labels, N, 2, 0));
  REFUSED(TSNE_E_NULL,
          tsne_procrustes_labels(&s, y, labels, N, y, NULL, N, 2, 0));
  REFUSED(TSNE_E_NULL, tsne_procrustes_many(NULL, out.y, &out.kl, 1, N, 2, 0));
  REFUSED(TSNE_E_NULL, tsne_superpose(NULL, N, &s));
  REFUSED(TSNE_E_NULL, tsne_superpose(out.y, N, NULL));
  REFUSED(TSNE_E_NULL, tsne_shared_neighbors(NULL, y, y, N, 2, 5, NULL));
  REFUSED(TSNE_E_NULL, tsne_shared_neighbors(&out.kl, NULL, y, N, 2, 5, NULL));
  REFUSED(TSNE_E_NULL, tsne_shared_neighbors(&out.kl, y, NULL, N, 2, 5, NULL));
  REFUSED(TSNE_E_NULL, tsne_shared_classes(NULL, means, means, N, D, 2, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_shared_classes(&out.kl, NULL, means, N, D, 2, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_shared_classes(&out.kl, means, NULL, N, D, 2, NULL));
#define QUALITY(x, n, d, y, dims, o)                                           \
  tsne_quality(&out.kl, &out.other, &out.third, x, n, d, y, dims, NULL, o)
  REFUSED(TSNE_E_NULL, QUALITY(NULL, N, D, y, 2, NULL));
  REFUSED(TSNE_E_NULL, QUALITY(x, N, D, NULL, 2, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_neighbors_of_distances(NULL, out.distance, dist, N, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_neighbors_of_distances(out.index, NULL, dist, N, K, NULL));
  REFUSED(TSNE_E_NULL, tsne_neighbors_of_distances(out.index, out.distance,
                                                   NULL, N, K, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_from_distances(NULL, dist, N, NULL));
  REFUSED(TSNE_E_NULL, tsne_affinities_from_distances(&out.p, NULL, N, NULL));
  REFUSED(TSNE_E_NULL, tsne_spectral(NULL, p, NULL));
  REFUSED(TSNE_E_NULL, tsne_spectral(out.y, NULL, NULL));
  REFUSED(TSNE_E_NULL, tsne_reduce(NULL, x, N, D, 2, NULL));
  REFUSED(TSNE_E_NULL, tsne_reduce(out.y, NULL, N, D, 2, NULL));
#define REDUCE(out, ptr, col, val, k)                                          \
  tsne_reduce_csr(out, ptr, col, val, 4, D, k, NULL)
  REFUSED(TSNE_E_NULL, REDUCE(NULL, out.ptr, out.index, x, 2));
  REFUSED(TSNE_E_NULL, REDUCE(out.y, NULL, out.index, x, 2));
  REFUSED(TSNE_E_NULL, REDUCE(out.y, out.ptr, NULL, x, 2));
  REFUSED(TSNE_E_NULL, REDUCE(out.y, out.ptr, out.index, NULL, 2));
  tsne_partial_free(NULL);
}

#define TRANSFORM(x, m, d, o)                                                  \
  tsne_transform(out.y, &out.partial, model, x, m, d, o)

/* Each needs new points of m x d that are fine but for the field. */
#define WITH(want, field, value)                                               \
  do {                                                                         \
    tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;                    \
    o.field = value;                                                           \
    REFUSED(want, TRANSFORM(x, 3, D, &o));                                     \
  } while (0)

static void transforms(void) {
  static const size_t sizes[] = {
      0, 1, sizeof(tsne_transform_options) - 1,
      sizeof(tsne_transform_options) + 8,
      offsetof(tsne_transform_options, perplexities) - 4};
  static const double negative_too[2] = {5, -7};
  static const int32_t outside[D] = {0, 1, 2, 3, D}, negative[D] = {0, -1};
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  int32_t stop = 1;
  size_t i;
  for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    o.struct_size = sizes[i];
    REFUSED(TSNE_E_STRUCT_SIZE, TRANSFORM(x, 3, D, &o));
  }
  REFUSED(TSNE_E_SHAPE, TRANSFORM(x, 3, D - 1, NULL));
  CHECK(strchr(tsne_last_error(), '0' + D) != NULL);
  CHECK(strchr(tsne_last_error(), '0' + D - 1) != NULL);
  REFUSED(TSNE_E_SHAPE, TRANSFORM(x, 3, 0, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, TRANSFORM(NULL, 0, 0, NULL));
  REFUSED(TSNE_E_SHAPE, TRANSFORM(NULL, 0, D + 1, NULL));
  REFUSED(TSNE_E_SHAPE, TRANSFORM(x, -1, D, NULL));
  REFUSED(TSNE_E_SHAPE, TRANSFORM(x, (int64_t)INT32_MAX + 1, D, NULL));
  REFUSED(TSNE_E_SHAPE, TRANSFORM(x, 3, INT64_MAX, NULL));
  REFUSED(TSNE_E_NO_DATA,
          tsne_transform(out.y, &out.partial, bare, x, 3, D, NULL));
  REFUSED_TOO(TSNE_E_NO_DATA,
              tsne_bootstrap(out.y, NULL, NULL, bare, x, 3, D, 2, NULL));
  REFUSED_TOO(TSNE_E_NO_DATA, ALIGN(out.y, bare, x, N, D, NULL, NULL));
  REFUSED_TOO(TSNE_E_NO_DATA,
              tsne_outside(out.y, NULL, NULL, bare, x, 3, D, 0, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_outside(out.y, NULL, NULL, model, x, 3, D, N, NULL));
  REFUSED(TSNE_E_NULL, tsne_outside(out.y, NULL, NULL, NULL, x, 3, D, 0, NULL));
  {
    tsne_diagnosis d = TSNE_DIAGNOSIS_INIT;
    REFUSED(TSNE_E_NULL, tsne_diagnose(NULL, model, NULL));
    REFUSED(TSNE_E_NULL, tsne_diagnose(&d, NULL, NULL));
    REFUSED(TSNE_E_NULL, tsne_diagnose(&d, model, NULL));
    d.spread = out.distance;
    REFUSED(TSNE_E_OPTION, tsne_diagnose(&d, model, NULL));
    d.n_maps = 1;
    REFUSED(TSNE_E_NULL, tsne_diagnose(&d, model, NULL));
    d.recall = out.distance;
    d.spread = NULL;
    REFUSED(TSNE_E_NO_DATA, tsne_diagnose(&d, bare, NULL));
    d.k = N;
    REFUSED(TSNE_E_OPTION, tsne_diagnose(&d, model, NULL));
    d.k = 0;
    d.length = -1;
    REFUSED(TSNE_E_OPTION, tsne_diagnose(&d, model, NULL));
    d.struct_size--;
    REFUSED(TSNE_E_STRUCT_SIZE, tsne_diagnose(&d, model, NULL));
  }
  REFUSED(TSNE_E_NO_DATA, tsne_model_data(out.y, &out.n, &out.dims, bare));
  REFUSED(TSNE_E_OPTION,
          tsne_bootstrap(out.y, NULL, NULL, model, x, 3, D, 0, NULL));
  REFUSED(TSNE_E_OPTION,
          tsne_bootstrap(out.y, NULL, NULL, model, x, 3, D, -1, NULL));
  WITH(TSNE_E_OPTION, k, -1);
  WITH(TSNE_E_OPTION, k, N + 1);
  WITH(TSNE_E_OPTION, perplexity, 0);
  WITH(TSNE_E_OPTION, early_exaggeration, 0);
  WITH(TSNE_E_OPTION, exaggeration, 0);
  WITH(TSNE_E_OPTION, early_momentum, -0.5);
  WITH(TSNE_E_OPTION, momentum, -0.5);
  WITH(TSNE_E_OPTION, early_iterations, -1);
  WITH(TSNE_E_OPTION, iterations, -1);
  WITH(TSNE_E_OPTION, max_grad_norm, -1);
  WITH(TSNE_E_OPTION, max_step_norm, -1);
  WITH(TSNE_E_OPTION, neighbors_effort, 0);
  WITH(TSNE_E_OPTION, theta, 0);
  WITH(TSNE_E_OPTION, threads, -1);
  WITH(TSNE_E_OPTION, progress_every, 0);
  WITH(TSNE_E_OPTION, placement, 3);
  WITH(TSNE_E_OPTION, placement, -1);
  WITH(TSNE_E_OPTION, metric, 99);
  WITH(TSNE_E_OPTION, neighbors, 3);
  WITH(TSNE_E_OPTION, repulsion, 4);
  WITH(TSNE_E_OPTION, reserved, 1);
  WITH(TSNE_E_OPTION, reserved2, 1);
  WITH(TSNE_E_OPTION, affinity, 5);
  WITH(TSNE_E_OPTION, affinity, -1);
  WITH(TSNE_E_OPTION, affinity, TSNE_AFFINITY_FIXED_SIGMA); /* sigma is 0 */
  WITH(TSNE_E_OPTION, affinity_k, -1);
  WITH(TSNE_E_OPTION, affinity_k, N + 1);
  WITH(TSNE_E_OPTION, n_perplexities, -1);
  WITH(TSNE_E_NULL, n_perplexities, 2);
  WITH(TSNE_E_OPTION, n_columns, -1);
  WITH(TSNE_E_NULL, n_columns, D);
  WITH(TSNE_E_NULL, placement, TSNE_PLACE_GIVEN);
  WITH(TSNE_E_OPTION, columns, outside);
  tsne_transform_options_init(&o);
  o.columns = outside, o.n_columns = D;
  REFUSED(TSNE_E_OPTION, TRANSFORM(x, 3, D, &o));
  o.columns = negative;
  REFUSED(TSNE_E_OPTION, TRANSFORM(x, 3, D, &o));
  o.columns = outside, o.n_columns = 2;
  REFUSED(TSNE_E_SHAPE, TRANSFORM(x, 3, D, &o));
  tsne_transform_options_init(&o);
  o.perplexities = negative_too, o.n_perplexities = 2;
  REFUSED(TSNE_E_OPTION, TRANSFORM(x, 3, D, &o));
  tsne_transform_options_init(&o);
  o.perplexity = -3;
  o.iterations = 5;
  REFUSED(TSNE_E_OPTION, TRANSFORM(x, 3, D, &o));
  tsne_transform_options_init(&o);
  o.cancel = &stop;
  REFUSED(TSNE_E_CANCELLED, TRANSFORM(x, 3, D, &o));
  tsne_transform_options_init(&o);
  o.max_memory = 1;
  REFUSED(TSNE_E_MEMORY, TRANSFORM(x, 3, D, &o));
}

/* A row without a direction, here and among the model's. */
static void metrics(void) {
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_options o = TSNE_OPTIONS_INIT;
  float *flat = need(N * D * sizeof *flat);
  int i;
  memcpy(flat, x, N * D * sizeof *flat);
  for (i = 0; i < D; i++)
    flat[2 * D + i] = 7;
  t.metric = TSNE_METRIC_CORRELATION;
  REFUSED(TSNE_E_OPTION, TRANSFORM(flat, 3, D, &t));
  CHECK(strstr(tsne_last_error(), "row 2") != NULL);
  o.metric = TSNE_METRIC_CORRELATION;
  o.perplexity = 5;
  REFUSED_TOO(TSNE_E_OPTION, tsne_fit(out.y, &out.model, flat, N, D, &o));
  memset(flat + 2 * D, 0, D * sizeof *flat);
  o.metric = TSNE_METRIC_COSINE;
  REFUSED(TSNE_E_OPTION, tsne_fit(out.y, &out.model, flat, N, D, &o));
  CHECK(strstr(tsne_last_error(), "row 2") != NULL);
  free(flat);
}

#define OF_NEW(x, n, d, q, m, k, o)                                            \
  tsne_neighbors_of_new(out.index, out.distance, x, n, d, q, m, k, o)
#define OF_SPARSE(ptr, n, d, q_ptr, m, k, o)                                   \
  tsne_neighbors_of_new_csr(out.index, out.distance, ptr, col, x, n, d, q_ptr, \
                            col, x, m, k, o)
#define CONDITIONAL(of, m, k, o) tsne_conditional(out.distance, of, m, k, o)

/* Rows of one value each. */
static void new_sparse_rows(void) {
  static int64_t ptr[N + 1];
  static int32_t col[N];
  tsne_options o = TSNE_OPTIONS_INIT;
  float keep = x[2];
  int i;
  for (i = 0; i <= N; i++)
    ptr[i] = i;
  REFUSED(TSNE_E_NULL,
          tsne_neighbors_of_new_csr(NULL, out.distance, ptr, col, x, N, D, ptr,
                                    col, x, 3, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_neighbors_of_new_csr(out.index, NULL, ptr, col, x, N, D, ptr,
                                    col, x, 3, K, NULL));
  REFUSED(TSNE_E_NULL, OF_SPARSE(NULL, N, D, ptr, 3, K, NULL));
  REFUSED(TSNE_E_NULL, OF_SPARSE(ptr, N, D, NULL, 3, K, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, OF_SPARSE(ptr, 0, D, ptr, 3, 1, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, OF_SPARSE(ptr, N, 0, ptr, 3, 1, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, OF_SPARSE(ptr, N, D, ptr, -1, 1, NULL));
  REFUSED_TOO(TSNE_E_OPTION, OF_SPARSE(ptr, N, D, ptr, 3, 0, NULL));
  REFUSED_TOO(TSNE_E_OPTION, OF_SPARSE(ptr, N, D, ptr, 3, N + 1, NULL));
  o.metric = TSNE_METRIC_MANHATTAN;
  REFUSED_TOO(TSNE_E_OPTION, OF_SPARSE(ptr, N, D, ptr, 3, K, &o));
  o.metric = TSNE_METRIC_COSINE;
  x[2] = 0;
  REFUSED_TOO(TSNE_E_OPTION, OF_SPARSE(ptr, N, D, ptr, 3, K, &o));
  CHECK(strstr(tsne_last_error(), "row 2") != NULL);
  x[2] = NAN;
  REFUSED_TOO(TSNE_E_NOT_FINITE, OF_SPARSE(ptr, N, D, ptr, 3, K, NULL));
  x[2] = keep;
  o.max_memory = 1;
  REFUSED_TOO(TSNE_E_MEMORY, OF_SPARSE(ptr, N, D, ptr, 3, K, &o));
  col[2] = D;
  REFUSED_TOO(TSNE_E_GRAPH, OF_SPARSE(ptr, N, D, ptr, 3, K, NULL));
}

static void new_rows(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  int32_t stop = 1;
  float keep = x[2 * D + 1];
  REFUSED(TSNE_E_NULL,
          tsne_neighbors_of_new(NULL, out.distance, x, N, D, x, 3, K, NULL));
  REFUSED(TSNE_E_NULL,
          tsne_neighbors_of_new(out.index, NULL, x, N, D, x, 3, K, NULL));
  REFUSED(TSNE_E_NULL, OF_NEW(NULL, N, D, x, 3, K, NULL));
  REFUSED(TSNE_E_NULL, OF_NEW(x, N, D, NULL, 3, K, NULL));
  REFUSED(TSNE_E_NULL, CONDITIONAL(NULL, 3, K, NULL));
  REFUSED(TSNE_E_NULL, tsne_conditional(NULL, dist, 3, K, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, OF_NEW(x, 3, D, x, 3, 1, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, OF_NEW(x, N, 0, x, 3, 1, NULL));
  REFUSED(TSNE_E_SHAPE, OF_NEW(x, N, D, x, -1, 1, NULL));
  REFUSED(TSNE_E_SHAPE, OF_NEW(x, N, D, x, (int64_t)INT32_MAX + 1, 1, NULL));
  REFUSED_TOO(TSNE_E_OPTION, OF_NEW(x, N, D, x, 3, 0, NULL));
  REFUSED_TOO(TSNE_E_OPTION, OF_NEW(x, N, D, x, 3, N + 1, NULL));
  REFUSED(TSNE_E_SHAPE, CONDITIONAL(dist, -1, K, NULL));
  REFUSED(TSNE_E_SHAPE, CONDITIONAL(dist, (int64_t)INT32_MAX + 1, 1, NULL));
  REFUSED(TSNE_E_SHAPE, CONDITIONAL(dist, 3, 0, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, CONDITIONAL(NULL, 0, 0, NULL));
  REFUSED(TSNE_E_SHAPE, CONDITIONAL(dist, 3, INT64_MAX, NULL));
  x[2 * D + 1] = (float)NAN;
  REFUSED(TSNE_E_NOT_FINITE, OF_NEW(x, N, D, x, 1, 1, NULL));
  REFUSED(TSNE_E_NOT_FINITE, OF_NEW(dist, N, D, x, 3, 1, NULL));
  CHECK(strstr(tsne_last_error(), "row 2, column 1") != NULL);
  x[2 * D + 1] = keep;
  dist[7] = (float)INFINITY;
  REFUSED(TSNE_E_NOT_FINITE, CONDITIONAL(dist, 2, 5, NULL));
  CHECK(strstr(tsne_last_error(), "row 1, column 2") != NULL);
  dist[7] = -1;
  REFUSED(TSNE_E_GRAPH, CONDITIONAL(dist, 2, 5, NULL));
  CHECK(strstr(tsne_last_error(), "row 1, column 2") != NULL);
  dist[7] = 1;
  o.affinity = TSNE_AFFINITY_FIXED_SIGMA;
  REFUSED_TOO(TSNE_E_OPTION, CONDITIONAL(dist, 2, 5, &o));
  o.affinity = 5;
  REFUSED_TOO(TSNE_E_OPTION, CONDITIONAL(dist, 2, 5, &o));
  tsne_options_init(&o);
  o.perplexity = -2;
  REFUSED(TSNE_E_OPTION, CONDITIONAL(dist, 2, 5, &o));
  tsne_options_init(&o);
  o.metric = 99;
  REFUSED_TOO(TSNE_E_OPTION, OF_NEW(x, N, D, x, 3, 1, &o));
  tsne_options_init(&o);
  o.max_memory = 1;
  REFUSED_TOO(TSNE_E_MEMORY, OF_NEW(x, N, D, x, 3, 1, &o));
  tsne_options_init(&o);
  o.cancel = &stop;
  REFUSED_TOO(TSNE_E_CANCELLED, OF_NEW(x, N, D, x, 3, 1, &o));
  REFUSED_TOO(TSNE_E_CANCELLED, CONDITIONAL(dist, 2, 5, &o));
  o.struct_size = 5;
  REFUSED(TSNE_E_STRUCT_SIZE, OF_NEW(x, N, D, x, 3, 1, &o));
  REFUSED(TSNE_E_STRUCT_SIZE, CONDITIONAL(dist, 2, 5, &o));
}

static void given(void) {
  int64_t ptr[4] = {0, 2, 3, 5};
  int32_t col[5] = {4, 0, N - 1, 1, 2};
  float val[5] = {1, 2, 3, 4, 5}, map[6] = {0};
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_partial *stale = NULL;
#define GIVEN(model, y0, ptr, col, val, m, o)                                  \
  tsne_partial_from_csr(&out.partial, model, y0, ptr, col, val, m, o)
#define AFFINITIES(partial)                                                    \
  tsne_partial_affinities(&out.n, out.ptr, out.index, out.distance, partial)
  REFUSED(TSNE_E_NULL,
          tsne_partial_from_csr(NULL, bare, map, ptr, col, val, 3, NULL));
  REFUSED(TSNE_E_NULL, GIVEN(NULL, map, ptr, col, val, 3, NULL));
  REFUSED(TSNE_E_NULL, GIVEN(bare, NULL, ptr, col, val, 3, NULL));
  REFUSED(TSNE_E_NULL, GIVEN(bare, map, NULL, col, val, 3, NULL));
  REFUSED(TSNE_E_NULL, GIVEN(bare, map, ptr, NULL, val, 3, NULL));
  REFUSED(TSNE_E_NULL, GIVEN(bare, map, ptr, col, NULL, 3, NULL));
  REFUSED_TOO(TSNE_E_NULL, GIVEN(bare, NULL, NULL, NULL, NULL, 0, NULL));
  REFUSED(TSNE_E_NULL, AFFINITIES(NULL));
  REFUSED_TOO(TSNE_E_HANDLE,
              GIVEN((tsne_model *)partial, map, ptr, col, val, 3, NULL));
  REFUSED_TOO(TSNE_E_HANDLE, AFFINITIES((tsne_partial *)model));
  OK(tsne_partial_from_csr(&stale, bare, map, ptr, col, val, 3, NULL));
  tsne_partial_free(stale);
  REFUSED_TOO(TSNE_E_HANDLE, AFFINITIES(stale));
  REFUSED(TSNE_E_SHAPE, GIVEN(bare, map, ptr, col, val, -1, NULL));
  REFUSED(TSNE_E_SHAPE,
          GIVEN(bare, map, ptr, col, val, (int64_t)INT32_MAX + 1, NULL));
  map[5] = (float)NAN;
  REFUSED(TSNE_E_NOT_FINITE, GIVEN(bare, map, ptr, col, val, 3, NULL));
  map[5] = 0;
#define BAD_AS(want, array, at, value)                                         \
  do {                                                                         \
    memcpy(&keep, &array[at], sizeof array[at]);                               \
    array[at] = value;                                                         \
    REFUSED(want, GIVEN(bare, map, ptr, col, val, 3, NULL));                   \
    memcpy(&array[at], &keep, sizeof array[at]);                               \
  } while (0)
#define BAD(array, at, value) BAD_AS(TSNE_E_GRAPH, array, at, value)
  {
    int64_t keep;
    BAD(ptr, 0, 1);
    BAD(ptr, 0, -1);
    BAD(ptr, 1, -1);
    BAD(ptr, 1, 3); /* an empty row */
    CHECK(strstr(tsne_last_error(), "row 1") != NULL);
    BAD(ptr, 1, 0);
    BAD(ptr, 2, 6);
    BAD(ptr, 3, -2);
    BAD(ptr, 3, INT64_MAX);
    BAD(col, 2, N);
    CHECK(strstr(tsne_last_error(), "row 1") != NULL);
    BAD(col, 4, -1);
    BAD(val, 0, -1);
    BAD_AS(TSNE_E_NOT_FINITE, val, 3, (float)NAN);
    BAD_AS(TSNE_E_NOT_FINITE, val, 4, (float)INFINITY);
    BAD(val, 2, 0); /* all of row 1 */
    CHECK(strstr(tsne_last_error(), "row 1") != NULL);
  }
  REFUSED(TSNE_E_GRAPH, GIVEN(bare, NULL, ptr + 1, NULL, NULL, 0, NULL));
  o.theta = 5;
  REFUSED_TOO(TSNE_E_OPTION, GIVEN(bare, map, ptr, col, val, 3, &o));
  tsne_transform_options_init(&o);
  o.max_memory = 1;
  REFUSED_TOO(TSNE_E_MEMORY, GIVEN(bare, map, ptr, col, val, 3, &o));
  o.struct_size--;
  REFUSED(TSNE_E_STRUCT_SIZE, GIVEN(bare, map, ptr, col, val, 3, &o));
}

static void not_finite(void) {
  static const double nowhere[] = {NAN};
  float keep = x[2 * D + 1], map[N * 2];
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  memcpy(map, y, sizeof map);
  map[3] = (float)NAN;
  x[2 * D + 1] = (float)INFINITY;
  REFUSED(TSNE_E_NOT_FINITE, TRANSFORM(x, 3, D, NULL));
  CHECK(strstr(tsne_last_error(), "row 2, column 1") != NULL);
  CHECK(tsne_bootstrap(out.y, NULL, NULL, model, x, 3, D, 2, NULL) ==
        TSNE_E_NOT_FINITE);
  CHECK(ALIGN(out.y, model, x, N, D, NULL, NULL) == TSNE_E_NOT_FINITE);
  CHECK(tsne_model_set_data(bare, x, N, D, 1) == TSNE_E_NOT_FINITE);
  CHECK(tsne_reduce(out.y, x, N, D, 2, NULL) == TSNE_E_NOT_FINITE);
  CHECK(QUALITY(x, N, D, y, 2, NULL) == TSNE_E_NOT_FINITE);
  x[2 * D + 1] = keep;
  REFUSED(TSNE_E_NOT_FINITE, QUALITY(x, N, D, map, 2, NULL));
  REFUSED(TSNE_E_NOT_FINITE,
          tsne_shared_classes(&out.kl, nowhere, nowhere, 1, 1, 1, NULL));
  REFUSED(TSNE_E_NOT_FINITE, tsne_procrustes(&s, y, map, N, 2, 0));
  REFUSED(TSNE_E_NOT_FINITE, tsne_procrustes(&s, map, y, N, 2, 0));
  REFUSED(TSNE_E_NOT_FINITE,
          tsne_shared_neighbors(&out.kl, y, map, N, 2, 5, NULL));
  t.placement = TSNE_PLACE_GIVEN;
  t.init_y = map;
  REFUSED(TSNE_E_NOT_FINITE, TRANSFORM(x, 3, D, &t));
  s.dims = 2;
  s.rotation[1] = NAN;
  REFUSED(TSNE_E_NOT_FINITE, tsne_superpose(out.y, N, &s));
}

static void handles(void) {
  tsne_partial *stale = NULL;
  int64_t live = tsne_live_handles();
  OK(tsne_partial_clone(&stale, partial));
  CHECK(tsne_live_handles() == live + 1);
  tsne_partial_free(stale);
  tsne_partial_free(stale);
  tsne_partial_free((tsne_partial *)model);
  tsne_model_free((tsne_model *)partial);
  CHECK(tsne_live_handles() == live);
  REFUSED(TSNE_E_HANDLE, tsne_partial_embedding(out.y, stale));
  CHECK(tsne_partial_info(&out.n, &out.dims, &out.m, &out.kl, stale) ==
        TSNE_E_HANDLE);
  CHECK(tsne_partial_clone(&out.partial, stale) == TSNE_E_HANDLE);
  CHECK(tsne_partial_optimize(out.y, &out.kl, stale, 1, 1, 0, 0, NULL) ==
        TSNE_E_HANDLE);
  REFUSED(TSNE_E_HANDLE, tsne_transform(out.y, &out.partial,
                                        (tsne_model *)partial, x, 3, D, NULL));
  REFUSED(TSNE_E_HANDLE, tsne_partial_embedding(out.y, (tsne_partial *)model));
  REFUSED(TSNE_E_HANDLE, ALIGN(out.y, (tsne_model *)p, x, N, D, NULL, NULL));
  CHECK(tsne_bootstrap(out.y, NULL, NULL, (tsne_model *)partial, x, 3, D, 2,
                       NULL) == TSNE_E_HANDLE);
  CHECK(tsne_model_save((tsne_model *)partial, path) == TSNE_E_HANDLE);
  CHECK(tsne_model_save_with((tsne_model *)partial, path, NULL) ==
        TSNE_E_HANDLE);
  CHECK(tsne_model_set_data((tsne_model *)partial, x, N, D, 1) ==
        TSNE_E_HANDLE);
  CHECK(tsne_model_data(NULL, &out.n, NULL, (tsne_model *)partial) ==
        TSNE_E_HANDLE);
  CHECK(tsne_spectral(out.y, (tsne_affinities *)model, NULL) == TSNE_E_HANDLE);
}

static void shapes(void) {
  static const double one = 1;
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  static const int32_t none[N];
  int32_t other[N];
  int i;
  REFUSED(TSNE_E_SHAPE, tsne_model_set_data(bare, x, N - 1, D, 1));
  REFUSED_TOO(TSNE_E_SHAPE, tsne_model_set_data(bare, x, N, 0, 1));
  REFUSED(TSNE_E_OPTION, tsne_model_set_data(bare, x, N, D, 2));
  o.dims = 3;
  REFUSED(TSNE_E_OPTION, ALIGN(out.y, model, x, N, D, NULL, &o));
  o.dims = 2, o.perplexity = -1;
  REFUSED(TSNE_E_OPTION, ALIGN(out.y, model, x, N, D, NULL, &o));
  REFUSED_TOO(TSNE_E_SHAPE, ALIGN(out.y, model, x, N, D - 1, NULL, NULL));
  REFUSED(TSNE_E_SHAPE, ALIGN(out.y, model, x, 2, D, NULL, NULL));
  REFUSED(TSNE_E_SHAPE, tsne_procrustes(&s, y, y, 0, 2, 0));
  REFUSED(TSNE_E_OPTION, tsne_procrustes(&s, y, y, N, 4, 0));
  REFUSED(TSNE_E_OPTION, tsne_procrustes(&s, y, y, N, 2, 8));
  REFUSED(TSNE_E_OPTION,
          tsne_procrustes(&s, y, y, N, 2, TSNE_PROCRUSTES_TO_FIRST));
  for (i = 0; i < N; i++)
    other[i] = 1;
  CHECK(tsne_procrustes_labels(&s, y, none, N, y, other, N, 2, 0) < 0);
  CHECK(strlen(tsne_last_error()) > 0);
  REFUSED(TSNE_E_OPTION, tsne_procrustes_many(out.y, NULL, NULL, 0, N, 2, 0));
  REFUSED(TSNE_E_SHAPE,
          tsne_procrustes_many(out.y, NULL, NULL, INT32_MAX, INT32_MAX, 3, 0));
  s.struct_size = 3;
  REFUSED(TSNE_E_STRUCT_SIZE, tsne_procrustes(&s, y, y, N, 2, 0));
  REFUSED(TSNE_E_STRUCT_SIZE, tsne_superpose(out.y, N, &s));
  tsne_superposition_init(&s);
  REFUSED(TSNE_E_OPTION, tsne_superpose(out.y, N, &s)); /* dims is 0 */
  REFUSED(TSNE_E_OPTION, tsne_shared_neighbors(&out.kl, y, y, N, 2, 0, NULL));
  REFUSED(TSNE_E_OPTION, tsne_shared_neighbors(&out.kl, y, y, N, 2, N, NULL));
  REFUSED(TSNE_E_SHAPE, QUALITY(x, 3, D, y, 2, NULL));
  REFUSED(TSNE_E_SHAPE,
          tsne_shared_classes(&out.kl, &one, &one, 0, 1, 1, NULL));
  REFUSED(TSNE_E_SHAPE,
          tsne_shared_classes(&out.kl, &one, &one, 1, 0, 1, NULL));
  REFUSED_TOO(TSNE_E_OPTION,
              tsne_shared_classes(&out.kl, &one, &one, 1, 1, 0, NULL));
  REFUSED_TOO(TSNE_E_OPTION, QUALITY(x, N, D, y, 0, NULL));
  REFUSED(TSNE_E_OPTION, tsne_reduce(out.y, x, N, D, 0, NULL));
  REFUSED(TSNE_E_OPTION, tsne_reduce(out.y, x, N, D, D + 1, NULL));
  CHECK(tsne_neighbors_of_distances(out.index, out.distance, dist, N, N,
                                    NULL) == TSNE_E_OPTION);
  REFUSED(TSNE_E_SHAPE, tsne_affinities_from_distances(&out.p, dist, 2, NULL));
  dist[3 * N + 4] = (float)NAN;
  REFUSED(TSNE_E_NOT_FINITE,
          tsne_affinities_from_distances(&out.p, dist, N, NULL));
  dist[3 * N + 4] = -1;
  CHECK(tsne_affinities_from_distances(&out.p, dist, N, NULL) < 0);
  dist[3 * N + 4] = 1;
}

#define FIT(p, x, n, d, o) tsne_fit_affinities(out.y, &out.model, p, x, n, d, o)

static void affinities_at_hand(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_affinities *bare_p;
  int64_t ptr[N + 1], nnz;
  int32_t *col, mine[4] = {0};
  float *val, keep = x[2 * D + 1];
  double wide[N * D];
  int i;
  OK(tsne_affinities_size(NULL, &nnz, p));
  col = need((size_t)nnz * sizeof *col), val = need((size_t)nnz * sizeof *val);
  OK(tsne_affinities_copy(ptr, col, val, p));
  OK(tsne_affinities_from_csr(&bare_p, ptr, col, val, N));
  REFUSED(TSNE_E_NULL, tsne_fit_affinities(NULL, &out.model, p, x, N, D, NULL));
  REFUSED(TSNE_E_NULL, FIT(NULL, x, N, D, NULL));
  REFUSED(TSNE_E_HANDLE, FIT((tsne_affinities *)mine, x, N, D, NULL));
  REFUSED(TSNE_E_HANDLE, FIT((tsne_affinities *)model, x, N, D, NULL));
  REFUSED(TSNE_E_SHAPE, FIT(p, x, N - 1, D, NULL));
  CHECK(strstr(tsne_last_error(), "59 rows, want 60") != NULL);
  REFUSED_TOO(TSNE_E_SHAPE, FIT(p, x, N, 0, NULL));
  REFUSED_TOO(TSNE_E_SHAPE, FIT(p, x, -1, D, NULL));
  REFUSED(TSNE_E_OPTION, FIT(p, NULL, N, D, NULL)); /* PCA */
  CHECK(strstr(tsne_last_error(), "init: got pca without data") != NULL);
  o.init = TSNE_INIT_SAMPLE;
  REFUSED(TSNE_E_OPTION, FIT(p, NULL, N, D, &o));
  o.init = TSNE_INIT_GIVEN;
  REFUSED_TOO(TSNE_E_NULL, FIT(p, NULL, N, D, &o));
  o.init = TSNE_INIT_PCA;
  o.density_lambda = 0.1;
  REFUSED_TOO(TSNE_E_OPTION, FIT(bare_p, x, N, D, &o));
  CHECK(!strncmp(tsne_last_error(), "density_lambda: ", 16));
  o.density_lambda = 0, o.dims = 4;
  REFUSED_TOO(TSNE_E_OPTION, FIT(p, x, N, D, &o));
  o.dims = 2, o.perplexity = -1;
  REFUSED_TOO(TSNE_E_OPTION, FIT(p, x, N, D, &o));
  o.perplexity = 30, o.struct_size = 1;
  REFUSED_TOO(TSNE_E_STRUCT_SIZE, FIT(p, x, N, D, &o));
  o.struct_size = sizeof o, o.max_memory = 1;
  REFUSED(TSNE_E_MEMORY, FIT(p, x, N, D, &o));
  x[2 * D + 1] = (float)NAN;
  REFUSED_TOO(TSNE_E_NOT_FINITE, FIT(p, x, N, D, NULL));
  x[2 * D + 1] = keep;
  for (i = 0; i < N * D; i++)
    wide[i] = x[i];
  REFUSED_TOO(TSNE_E_OPTION, tsne_fit_affinities_f64(out.y, &out.model, p, wide,
                                                     N, D, 2, NULL));
  wide[3] = 1e300;
  REFUSED_TOO(TSNE_E_NOT_FINITE,
              tsne_fit_affinities_f64(out.y, &out.model, p, wide, N, D,
                                      TSNE_BY_ROW, NULL));
  tsne_affinities_free(bare_p);
  REFUSED_TOO(TSNE_E_HANDLE, FIT(bare_p, x, N, D, NULL));
  free(col), free(val);
}

static void sparse(void) {
  int64_t ptr[5] = {0, 1, 2, 3, 4};
  int32_t col[4] = {0, 1, 2, 3};
  float val[4] = {1, 2, 3, 4};
  REFUSED_TOO(TSNE_E_OPTION, REDUCE(out.y, ptr, col, val, 0));
  REFUSED_TOO(TSNE_E_OPTION, REDUCE(out.y, ptr, col, val, 5));
  ptr[0] = 1;
  REFUSED(TSNE_E_GRAPH, REDUCE(out.y, ptr, col, val, 2));
  ptr[0] = 0, ptr[2] = 4;
  REFUSED(TSNE_E_GRAPH, REDUCE(out.y, ptr, col, val, 2));
  ptr[2] = 2, ptr[4] = -1;
  REFUSED(TSNE_E_GRAPH, REDUCE(out.y, ptr, col, val, 2));
  ptr[4] = 4, col[1] = D;
  REFUSED(TSNE_E_GRAPH, REDUCE(out.y, ptr, col, val, 2));
  col[1] = -1;
  REFUSED(TSNE_E_GRAPH, REDUCE(out.y, ptr, col, val, 2));
  col[1] = 1, val[2] = (float)NAN;
  REFUSED(TSNE_E_NOT_FINITE, REDUCE(out.y, ptr, col, val, 2));
}

int main(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  int i, j, c;
  x = blobs(N, D);
  y = need(N * 2 * sizeof *y);
  dist = need(N * N * sizeof *dist);
  for (i = 0; i < N; i++) {
    for (j = 0; j < N; j++) {
      double sum = 0;
      for (c = 0; c < D; c++)
        sum += pow((double)x[i * D + c] - (double)x[j * D + c], 2);
      dist[i * N + j] = (float)sqrt(sum);
    }
  }
  o.perplexity = 10;
  o.iterations = 20;
  OK(tsne_fit(y, &model, x, N, D, &o));
  OK(tsne_model_affinities(&p, model));
  OK(tsne_model_from_affinities(&bare, p, y, NULL));
  OK(tsne_transform(y, &partial, model, x, N, D, &t));
  guard();
  nulls();
  transforms();
  together();
  grown();
  metrics();
  not_finite();
  handles();
  shapes();
  sparse();
  new_rows();
  new_sparse_rows();
  given();
  affinities_at_hand();
  tsne_model_free(model);
  tsne_model_free(bare);
  tsne_partial_free(partial);
  tsne_affinities_free(p);
  CHECK(tsne_live_handles() == 0);
  free(x), free(y), free(dist);
  return finish("status_map");
}
