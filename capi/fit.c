/* The whole job, from data or from affinities. */
#include "call.h"

static int fit(const char *function, float *y, tsne_model **model, matrix x,
               const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(y);
  DATA(x);
  DATA_OPTIONS(x, full, o);
  return goTsneFit(y, TO(model), x, &full, tsne__failure());
}

int tsne_fit(float *y, tsne_model **model, const float *x, int64_t n, int64_t d,
             const tsne_options *o) {
  return fit(__func__, y, model, floats(x, n, d), o);
}

int tsne_fit_f64(float *y, tsne_model **model, const double *x, int64_t n,
                 int64_t d, int order, const tsne_options *o) {
  return fit(__func__, y, model, doubles(x, n, d, order), o);
}

static int fit_affinities(const char *function, float *y, tsne_model **model,
                          const tsne_affinities *p, matrix x,
                          const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(y);
  NOT_NULL(p);
  LATER_OPTIONS(full, o);
  return goTsneFitAffinities(y, TO(model), ID(p), x, &full, tsne__failure());
}

int tsne_fit_affinities(float *y, tsne_model **model, const tsne_affinities *p,
                        const float *x, int64_t n, int64_t d,
                        const tsne_options *o) {
  return fit_affinities(__func__, y, model, p, floats(x, n, d), o);
}

int tsne_fit_affinities_f64(float *y, tsne_model **model,
                            const tsne_affinities *p, const double *x,
                            int64_t n, int64_t d, int order,
                            const tsne_options *o) {
  return fit_affinities(__func__, y, model, p, doubles(x, n, d, order), o);
}

int tsne_options_settle(tsne_options *o, int64_t n) {
  tsne_options full;
  BEGIN;
  NOT_NULL(o);
  LATER_OPTIONS(full, o);
  TRY(goTsneSettle(&full, n, tsne__failure()));
  tsne__give_options(o, &full);
  return TSNE_OK;
}

int tsne_estimate_memory(uint64_t *bytes, int64_t n, int64_t d,
                         const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(bytes);
  OPTIONS(full, o);
  return goTsneEstimateMemory(bytes, n, d, &full, tsne__failure());
}
