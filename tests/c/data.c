/* Data in double precision: the bits of floats where floats hold them, the same
 * by row and by column, and right far from zero; and what a model knows of its
 * data: what was taken off, and the names of the columns. */
#include "test.h"

enum { N = 200, D = 5, K = 10, M = 30 };

static float *x;
static double wide[N * D], turned[N * D], far[N * D];

static tsne_options quick(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  o.perplexity = 10;
  o.iterations = o.early_iterations = 30;
  o.seed = 1;
  return o;
}

static int same(const void *a, const void *b, size_t floats) {
  return memcmp(a, b, floats * sizeof(float)) == 0;
}

/* Every function in _f64 against the one without. */
static void as_floats(void) {
  static float y[N * 2], z[N * 2], dist[N * K], far_dist[N * K], out[N * D],
      other[N * D], samples[3 * M * 2], more[3 * M * 2], radius[M], radii[M],
      grown[(N + M) * 2], grown_far[(N + M) * 2];
  static int32_t index[N * K], found[N * K];
  const int order[] = {TSNE_BY_ROW, TSNE_BY_COLUMN};
  tsne_options o = quick();
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *model, *plain;
  tsne_affinities *p, *q;
  tsne_partial *points;
  int i, c, by;
  t.iterations = 10;
  OK(tsne_fit(y, &plain, x, N, D, &o));
  for (by = 0; by < 2; by++) {
    const double *data = by ? turned : wide;
    double rows[M * D], a[3], b[3], disparity[2], overlap[2];
    int64_t n[2], nnz[2];
    OK(tsne_fit_f64(z, &model, data, N, D, order[by], &o));
    CHECK(same(y, z, N * 2));
    OK(tsne_neighbors(index, dist, x, N, D, K, &o));
    OK(tsne_neighbors_f64(found, far_dist, data, N, D, order[by], K, &o));
    CHECK(same(index, found, N * K) && same(dist, far_dist, N * K));
    for (i = 0; i < M; i++)
      for (c = 0; c < D; c++)
        rows[by ? c * M + i : i * D + c] = x[i * D + c] + 0.25;
    for (i = 0; i < M * D; i++)
      out[i] = x[i] + 0.25f;
    OK(tsne_neighbors_of_new(index, dist, x, N, D, out, M, K, &o));
    OK(tsne_neighbors_of_new_f64(found, far_dist, data, N, D, rows, M,
                                 order[by], K, &o));
    CHECK(same(index, found, M * K) && same(dist, far_dist, M * K));
    OK(tsne_transform(y, NULL, plain, out, M, D, &t));
    OK(tsne_transform_f64(z, &points, model, rows, M, D, order[by], &t));
    CHECK(same(y, z, M * 2));
    tsne_partial_free(points);
    OK(tsne_bootstrap(y, samples, radius, plain, out, M, D, 3, &t));
    OK(tsne_bootstrap_f64(z, more, radii, model, rows, M, D, order[by], 3, &t));
    CHECK(same(samples, more, 3 * M * 2) && same(radius, radii, M));
    OK(tsne_transform_f64(NULL, NULL, model, NULL, 0, D, order[by], &t));
    OK(tsne_align(y, NULL, disparity, overlap, plain, out, M, D, NULL, &o));
    OK(tsne_align_f64(z, NULL, disparity + 1, overlap + 1, model, rows, M, D,
                      order[by], NULL, &o));
    CHECK(same(y, z, M * 2) && disparity[0] == disparity[1] &&
          overlap[0] == overlap[1]);
    OK(tsne_update(grown, NULL, plain, out, M, D, 1, &o));
    OK(tsne_update_f64(grown_far, NULL, model, rows, M, D, order[by], 1, &o));
    CHECK(same(grown, grown_far, (N + M) * 2));
    {
      float *const to[] = {y, grown}, *const to_far[] = {z, grown_far};
      const float *const singles[] = {x, out};
      const double *const doubles[] = {data, rows};
      const int64_t sizes[] = {N, M}, widths[] = {D, D};
      OK(tsne_fit_together(to, NULL, singles, sizes, widths, 2, NULL, 1, 2,
                           &o));
      OK(tsne_fit_together_f64(to_far, NULL, doubles, sizes, widths, 2,
                               order[by], NULL, 1, 2, &o));
      CHECK(same(y, z, N * 2) && same(grown, grown_far, M * 2));
    }
    OK(tsne_affinities_from_data(&p, x, N, D, &o));
    OK(tsne_affinities_from_data_f64(&q, data, N, D, order[by], &o));
    OK(tsne_affinities_size(n, nnz, p));
    OK(tsne_affinities_size(n + 1, nnz + 1, q));
    CHECK(n[0] == n[1] && nnz[0] == nnz[1]);
    tsne_affinities_free(p);
    tsne_affinities_free(q);
    OK(tsne_initialize(y, x, N, D, &o));
    OK(tsne_initialize_f64(z, data, N, D, order[by], &o));
    CHECK(same(y, z, N * 2));
    OK(tsne_reduce(out, x, N, D, 3, &o));
    OK(tsne_reduce_f64(other, data, N, D, order[by], 3, &o));
    CHECK(same(out, other, N * 3));
    OK(tsne_quality(a, a + 1, a + 2, x, N, D, y, 2, NULL, &o));
    OK(tsne_quality_f64(b, b + 1, b + 2, data, N, D, order[by], y, 2, NULL,
                        &o));
    CHECK(a[0] == b[0] && a[2] == b[2]);
    tsne_model_free(model);
    OK(tsne_fit(y, NULL, x, N, D, &o));
  }
  tsne_model_free(plain);
}

/* A model far from zero, from the fit to a file and back. */
static void far_from_zero(void) {
  static float y[N * 2], z[N * 2], floats[N * D], back[N * D];
  static double again[N * D];
  double center[D];
  tsne_options o = quick();
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *model, *copy, *bare;
  tsne_affinities *p;
  uint64_t size = 0;
  void *bytes;
  int i, c;
  OK(tsne_fit_f64(y, &model, far, N, D, TSNE_BY_ROW, &o));
  OK(tsne_model_center(center, model));
  CHECK(fabs(center[0] - 1e8) < 100 && fabs(center[4] - 1.7e12) < 100 &&
        center[2] == 0);
  OK(tsne_model_save_bytes(NULL, &size, model));
  bytes = need(size);
  OK(tsne_model_save_bytes(bytes, &size, model));
  OK(tsne_model_load_bytes(&copy, bytes, size, NULL));
  OK(tsne_model_data_f64(again, NULL, NULL, copy, TSNE_BY_COLUMN));
  OK(tsne_model_data(back, NULL, NULL, copy));
  for (i = 0; i < N; i++)
    for (c = 0; c < D; c++) {
      CHECK(fabs(again[c * N + i] - far[i * D + c]) < 1e-3);
      CHECK(back[i * D + c] == (float)again[c * N + i]);
    }
  t.k = 1; /* a row that was fitted is where it was */
  OK(tsne_transform_f64(z, NULL, copy, far, N, D, TSNE_BY_ROW, &t));
  CHECK(same(y, z, N * 2));
  for (i = 0; i < N * D; i++)
    floats[i] = (float)far[i]; /* too coarse, but counted from the same place */
  OK(tsne_transform(z, NULL, copy, floats, N, D, &t));
  OK(tsne_model_affinities(&p, model));
  OK(tsne_model_from_affinities(&bare, p, y, &o));
  CHECK(tsne_model_share_data(model, bare) == TSNE_E_NO_DATA);
  CHECK(tsne_model_center(center, bare) == TSNE_E_NO_DATA);
  OK(tsne_model_share_data(bare, model));
  tsne_model_free(model);
  OK(tsne_transform_f64(z, NULL, bare, far, N, D, TSNE_BY_ROW, &t));
  CHECK(same(y, z, N * 2));
  OK(tsne_model_set_data_f64(bare, far, N, D, TSNE_BY_ROW));
  OK(tsne_transform_f64(z, NULL, bare, far, N, D, TSNE_BY_ROW, &t));
  CHECK(same(y, z, N * 2));
  OK(tsne_model_set_data(bare, x, N, D, 1));
  OK(tsne_model_center(center, bare));
  CHECK(center[0] == 0);
  tsne_affinities_free(p);
  tsne_model_free(bare);
  tsne_model_free(copy);
  free(bytes);
  o.keep_data = 0;
  OK(tsne_fit_f64(y, &model, far, N, D, TSNE_BY_ROW, &o));
  CHECK(tsne_model_data_f64(again, NULL, NULL, model, TSNE_BY_ROW) ==
        TSNE_E_NO_DATA);
  tsne_model_free(model);
}

static void names(void) {
  static const char *const given[D] = {"a", "", "\xc3\xa4", "d", "eps"};
  const char *bad[D] = {"a", "b", "\xff", "d", "e"};
  const char want[] = "a\0\0\xc3\xa4\0d\0eps"; /* and the last NUL */
  static float y[N * 2];
  tsne_options o = quick();
  tsne_model *model, *copy;
  uint64_t size = 99;
  char text[64];
  OK(tsne_fit_f64(y, &model, far, N, D, TSNE_BY_ROW, &o));
  OK(tsne_model_names(NULL, &size, model));
  CHECK(size == 0);
  OK(tsne_model_set_names(model, given, D));
  CHECK(tsne_model_set_names(model, given, D - 1) == TSNE_E_SHAPE);
  CHECK(tsne_model_set_names(model, bad, D) == TSNE_E_OPTION);
  bad[2] = NULL;
  CHECK(tsne_model_set_names(model, bad, D) == TSNE_E_NULL);
  OK(tsne_model_clone(&copy, model));
  size = sizeof text;
  OK(tsne_model_names(text, &size, copy));
  CHECK(size == sizeof want && memcmp(text, want, sizeof want) == 0);
  size = sizeof want - 1;
  CHECK(tsne_model_names(text, &size, copy) == TSNE_E_SHAPE);
  OK(tsne_model_set_names(copy, NULL, 0));
  OK(tsne_model_names(NULL, &size, copy));
  CHECK(size == 0);
  OK(tsne_model_names(NULL, &size, model));
  CHECK(size == sizeof want);
  OK(tsne_model_set_data(model, x, N, D, 1));
  OK(tsne_model_names(NULL, &size, model));
  CHECK(size == 0);
  tsne_model_free(copy);
  tsne_model_free(model);
}

static void row_names(void) {
  static float y[N * 2];
  const char *given[N];
  tsne_options o = quick();
  tsne_model *model, *copy;
  uint64_t size = 99;
  char text[2 * N + 1];
  int i;
  for (i = 0; i < N; i++)
    given[i] = i % 3 ? "b" : i ? "" : "\xc3\xa4";
  OK(tsne_fit(y, &model, x, N, D, &o));
  OK(tsne_model_row_names(NULL, &size, model));
  CHECK(size == 0);
  OK(tsne_model_set_row_names(model, given, N));
  CHECK(tsne_model_set_row_names(model, given, N + 1) == TSNE_E_SHAPE);
  given[5] = "\xff";
  CHECK(tsne_model_set_row_names(model, given, N) == TSNE_E_OPTION);
  given[5] = NULL;
  CHECK(tsne_model_set_row_names(model, given, N) == TSNE_E_NULL);
  OK(tsne_model_clone(&copy, model));
  OK(tsne_model_set_data(copy, x, N, D, 1));
  size = sizeof text;
  OK(tsne_model_row_names(text, &size, copy));
  CHECK(memcmp(text, "\xc3\xa4\0b\0b\0\0b", 9) == 0);
  CHECK(text[size - 1] == 0 && size < sizeof text);
  size--;
  CHECK(tsne_model_row_names(text, &size, copy) == TSNE_E_SHAPE);
  OK(tsne_model_set_row_names(copy, NULL, 0));
  OK(tsne_model_row_names(NULL, &size, copy));
  CHECK(size == 0);
  tsne_model_free(copy);
  tsne_model_free(model);
}

static void refused(void) {
  static float y[N * 2];
  static double bad[N * D];
  tsne_options o = quick();
  tsne_model *model = NULL;
  CHECK(tsne_fit_f64(y, NULL, NULL, N, D, TSNE_BY_ROW, &o) == TSNE_E_NULL);
  CHECK(tsne_fit_f64(y, NULL, far, N, D, 2, &o) == TSNE_E_OPTION);
  CHECK(strstr(tsne_last_error(), "order"));
  CHECK(tsne_fit_f64(y, NULL, far, 3, D, TSNE_BY_ROW, &o) == TSNE_E_SHAPE);
  CHECK(tsne_fit_f64(y, NULL, far, N, 0, TSNE_BY_ROW, &o) == TSNE_E_SHAPE);
  CHECK(tsne_fit_f64(y, NULL, far, N, INT64_MAX, TSNE_BY_ROW, &o) ==
        TSNE_E_SHAPE);
  memcpy(bad, far, sizeof bad);
  bad[7 * D + 3] = 1e39;
  CHECK(tsne_fit_f64(y, &model, bad, N, D, TSNE_BY_ROW, &o) ==
        TSNE_E_NOT_FINITE);
  CHECK(strstr(tsne_last_error(), "row 7, column 3 is 1e+39"));
  bad[7 * D + 3] = NAN;
  CHECK(tsne_fit_f64(y, &model, bad, N, D, TSNE_BY_ROW, &o) ==
        TSNE_E_NOT_FINITE);
  CHECK(strstr(tsne_last_error(), "row 7, column 3 is NaN"));
  CHECK(model == NULL);
}

int main(void) {
  static const double off[D] = {1e8, -2e9, 0, 1e8, 1.7e12};
  int i, c;
  x = blobs(N, D);
  for (i = 0; i < N; i++)
    for (c = 0; c < D; c++) {
      wide[i * D + c] = turned[c * N + i] = x[i * D + c];
      far[i * D + c] = x[i * D + c] + off[c];
    }
  as_floats();
  far_from_zero();
  names();
  row_names();
  refused();
  free(x);
  CHECK(tsne_live_handles() == 0);
  return finish("data");
}
