/* Maps with their data changed: more rows, some of them, several sets. */
#include "call.h"

/* What these read of o: positions to pull to are their own. */
#define OWN_OPTIONS(full, o)                                                   \
  do {                                                                         \
    LATER_OPTIONS(full, o);                                                    \
    (full).pull_y = (full).pull_weights = NULL;                                \
  } while (0)

static int update(const char *function, float *y, tsne_model **updated,
                  const tsne_model *model, matrix x, double hold,
                  const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(y);
  HANDLE(model);
  DATA(x);
  OWN_OPTIONS(full, o);
  DURING(model, goTsneUpdate(y, TO(updated), ID(model), x, hold, &full, !o,
                             tsne__failure()));
  return status;
}

int tsne_update(float *y, tsne_model **updated, const tsne_model *model,
                const float *x, int64_t m, int64_t d, double hold,
                const tsne_options *o) {
  return update(__func__, y, updated, model, floats(x, m, d), hold, o);
}

int tsne_update_f64(float *y, tsne_model **updated, const tsne_model *model,
                    const double *x, int64_t m, int64_t d, int order,
                    double hold, const tsne_options *o) {
  return update(__func__, y, updated, model, doubles(x, m, d, order), hold, o);
}

int tsne_zoom(float *y, float *whole, tsne_model **part,
              const tsne_model *model, const int32_t *rows, int64_t m,
              const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(y);
  HANDLE(model);
  NOT_NULL(rows);
  OWN_OPTIONS(full, o);
  DURING(model, goTsneZoom(y, whole, TO(part), ID(model), (int32_t *)rows, m,
                           &full, !o, tsne__failure()));
  return status;
}

static int fit_together(const char *function, float *const *y,
                        tsne_model **models, const void *const *x,
                        const int64_t *n, const int64_t *d, int64_t count,
                        int doubles, int order, const int64_t *const *keys,
                        int64_t window, int64_t rounds, const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(y);
  NOT_NULL(x);
  NOT_NULL(n);
  NOT_NULL(d);
  OWN_OPTIONS(full, o);
  return goTsneFitTogether(
      (float **)y, TO(models), (void **)x, (int64_t *)n, (int64_t *)d, count,
      doubles, order, (int64_t **)keys, window, rounds, &full, tsne__failure());
}

int tsne_fit_together(float *const *y, tsne_model **models,
                      const float *const *x, const int64_t *n, const int64_t *d,
                      int64_t count, const int64_t *const *keys, int64_t window,
                      int64_t rounds, const tsne_options *o) {
  return fit_together(__func__, y, models, (const void *const *)x, n, d, count,
                      0, 0, keys, window, rounds, o);
}

int tsne_fit_together_f64(float *const *y, tsne_model **models,
                          const double *const *x, const int64_t *n,
                          const int64_t *d, int64_t count, int order,
                          const int64_t *const *keys, int64_t window,
                          int64_t rounds, const tsne_options *o) {
  return fit_together(__func__, y, models, (const void *const *)x, n, d, count,
                      1, order, keys, window, rounds, o);
}
