/* The C host of tests/hosts/run.sh:
 *   fit x.npy y.f32 model.npz
 *   place model.npz new.npy y.f32: by the median and 40 iterations, the same
 *   with affinities of two scales, and by affinities that are given
 *   grow model.npz new.npy y.f32: the map with the rows pinned, every eighth of
 *   its points fitted anew, and the first and last 60 rows together
 *   trust model.npz new.npy y.f32: all scores of the map beside the same
 *   backwards, and how far outside of it the rows lie */
#include <math.h>

#include <tsne.h>

#include "../../examples/c/npy.h"

static int fails(int status) {
  if (status != TSNE_OK)
    fprintf(stderr, "%s: %s\n", tsne_status_name(status), tsne_last_error());
  return status != TSNE_OK;
}

static int put(const char *path, const float *y, int64_t count) {
  FILE *f = fopen(path, "wb");
  int bad = !f || fwrite(y, sizeof *y, (size_t)count, f) != (size_t)count;
  return (f && fclose(f)) || bad;
}

/* The rows of a file far from zero, where single precision would not do. */
static double *far_rows(const char *path, int64_t *n, int64_t *d) {
  float *x = npy_read(path, n, d);
  double *far = x ? malloc((size_t)(*n * *d) * sizeof *far) : NULL;
  int64_t i;
  for (i = 0; far && i < *n * *d; i++)
    far[i] = x[i] + 1e8 / 3;
  free(x);
  return far;
}

static int fit(char **file) {
  static const double perplexities[] = {10, 30};
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t n, d;
  double *x = far_rows(file[0], &n, &d);
  float *y;
  if (!x || !(y = malloc((size_t)n * 2 * sizeof *y)))
    return 1;
  o.affinity = TSNE_AFFINITY_MULTISCALE;
  o.perplexities = perplexities;
  o.n_perplexities = 2;
  o.early_iterations = 100;
  o.iterations = 150;
  o.exaggeration = 2;
  o.init = TSNE_INIT_RANDOM;
  o.seed = 42;
  return fails(tsne_fit_f64(y, &model, x, n, d, TSNE_BY_ROW, &o)) ||
         fails(tsne_model_save(model, file[2])) || put(file[1], y, n * 2);
}

static int placed(float *y, const tsne_model *model, const double *x, int64_t m,
                  int64_t d) {
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  static const double perplexities[] = {3, 12};
  o.k = 15;
  o.iterations = 40;
  if (fails(tsne_transform_f64(y, NULL, model, x, m, d, TSNE_BY_ROW, &o)))
    return 1;
  o.affinity = TSNE_AFFINITY_MULTISCALE;
  o.perplexities = perplexities;
  o.n_perplexities = 2;
  return fails(
      tsne_transform_f64(y + m * 2, NULL, model, x, m, d, TSNE_BY_ROW, &o));
}

/* Point i at (i % 10, i / 10) is drawn by 1 + i % 4 points of the map. */
static int drawn(float *y, const tsne_model *model, int64_t m) {
  tsne_partial *points = NULL;
  int64_t *ptr = malloc((size_t)(m + 1) * sizeof *ptr), i, j;
  int32_t *col = malloc((size_t)m * 4 * sizeof *col);
  float *val = malloc((size_t)m * 4 * sizeof *val);
  if (!ptr || !col || !val)
    return 1;
  for (i = ptr[0] = 0; i < m; i++) {
    y[2 * i] = (float)(i % 10);
    y[2 * i + 1] = (float)(i / 10);
    ptr[i + 1] = ptr[i] + 1 + i % 4;
    for (j = 0; j <= i % 4; j++) {
      col[ptr[i] + j] = (int32_t)(5 * i + 13 * j);
      val[ptr[i] + j] = (float)(j + 1);
    }
  }
  return fails(tsne_partial_from_csr(&points, model, y, ptr, col, val, m,
                                     NULL)) ||
         fails(tsne_partial_optimize(y, NULL, points, 40, 1.5, 0.1, 0.8, NULL));
}

static int place(char **file) {
  tsne_model *model = NULL;
  int64_t m, d;
  double *x = far_rows(file[1], &m, &d);
  float *y;
  if (!x || !(y = malloc((size_t)m * 6 * sizeof *y)))
    return 1;
  return fails(tsne_model_load(&model, file[0], NULL)) ||
         placed(y, model, x, m, d) || drawn(y + m * 4, model, m) ||
         put(file[2], y, m * 6);
}

static int together(float *y, const double *x, int64_t d,
                    const tsne_options *o) {
  int64_t keys[2][60], n[] = {60, 60}, widths[2], i;
  const int64_t *const of[] = {keys[0], keys[1]};
  float *const to[] = {y, y + 120};
  const double *const sets[] = {x, x + 40 * d};
  widths[0] = widths[1] = d;
  for (i = 0; i < 60; i++) {
    keys[0][i] = i;
    keys[1][i] = 40 + i;
  }
  return fails(tsne_fit_together_f64(to, NULL, sets, n, widths, 2, TSNE_BY_ROW,
                                     of, 1, 2, o));
}

static int grow(char **file) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t n, m, d, i;
  int32_t rows[100];
  double *x = far_rows(file[1], &m, &d);
  float *y;
  if (!x || m != 100 || fails(tsne_model_load(&model, file[0], NULL)) ||
      fails(tsne_model_info(&n, NULL, NULL, NULL, model)) ||
      !(y = malloc((size_t)(n + m + 220) * 2 * sizeof *y)))
    return 1;
  o.perplexity = 10;
  o.early_iterations = 30;
  o.iterations = 60;
  o.seed = 5;
  for (i = 0; i < 100; i++)
    rows[i] = (int32_t)(8 * i);
  return fails(tsne_update_f64(y, NULL, model, x, m, d, TSNE_BY_ROW, HUGE_VAL,
                               &o)) ||
         fails(tsne_zoom(y + (n + m) * 2, NULL, NULL, model, rows, 100, &o)) ||
         together(y + (n + m + 100) * 2, x, d, &o) ||
         put(file[2], y, (n + m + 220) * 2);
}

static int trust(char **file) {
  tsne_diagnosis said = TSNE_DIAGNOSIS_INIT;
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t n, m, d, i;
  int32_t *dubious;
  double *x = far_rows(file[1], &m, &d);
  float *y, *back, *out;
  if (!x || fails(tsne_model_load(&model, file[0], NULL)) ||
      fails(tsne_model_info(&n, NULL, NULL, NULL, model)) ||
      !(y = malloc((size_t)n * 2 * sizeof *y)) ||
      !(back = malloc((size_t)n * 2 * sizeof *back)) ||
      !(out = malloc((size_t)(9 * n + 3 * m) * sizeof *out)) ||
      !(dubious = malloc((size_t)n * sizeof *dubious)) ||
      fails(tsne_model_embedding(y, model)))
    return 1;
  for (i = 0; i < 2 * n; i++)
    back[i] = y[2 * (n - 1 - i / 2) + i % 2];
  said.recall = out;
  said.trustworthiness = out + n;
  said.continuity = out + 2 * n;
  said.stretch = out + 3 * n;
  said.perturbation = out + 4 * n;
  said.singularity = out + 5 * n;
  said.reliability = out + 6 * n;
  said.dubious = dubious;
  said.spread = out + 8 * n;
  said.maps = back;
  said.n_maps = 1;
  said.k = 7;
  o.seed = 5;
  if (fails(tsne_diagnose(&said, model, &o)))
    return 1;
  for (i = 0; i < n; i++)
    out[7 * n + i] = (float)dubious[i];
  out += 9 * n;
  return fails(tsne_outside_f64(out, out + m, out + 2 * m, model, x, m, d,
                                TSNE_BY_ROW, 7, NULL)) ||
         put(file[2], out - 9 * n, 9 * n + 3 * m);
}

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  if (!strcmp(argv[1], "grow"))
    return grow(argv + 2);
  if (!strcmp(argv[1], "trust"))
    return trust(argv + 2);
  return strcmp(argv[1], "fit") ? place(argv + 2) : fit(argv + 2);
}
