/* How far to trust a map. */
#include "call.h"

int tsne_diagnose(tsne_diagnosis *d, const tsne_model *model,
                  const tsne_options *o) {
  tsne_diagnosis asked;
  tsne_options full;
  BEGIN;
  TRY(tsne__diagnosis(&asked, d, here));
  HANDLE(model);
  LATER_OPTIONS(full, o);
  DURING(model, goTsneDiagnose(&asked, ID(model), &full, tsne__failure()));
  if (status == TSNE_OK)
    tsne__give_diagnosis(d, &asked);
  return status;
}

static int outside(const char *function, float *distance, float *quantile,
                   float *ratio, const tsne_model *model, matrix x, int64_t k,
                   const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  BEGIN_AS(function);
  HANDLE(model);
  if (x.n)
    DATA(x);
  TRANSFORM_OPTIONS(full, hooks, o);
  DURING(model, goTsneOutside(distance, quantile, ratio, ID(model), x, k, &full,
                              &hooks, tsne__failure()));
  return status;
}

int tsne_outside(float *distance, float *quantile, float *ratio,
                 const tsne_model *model, const float *x, int64_t m, int64_t d,
                 int64_t k, const tsne_transform_options *o) {
  return outside(__func__, distance, quantile, ratio, model, floats(x, m, d), k,
                 o);
}

int tsne_outside_f64(float *distance, float *quantile, float *ratio,
                     const tsne_model *model, const double *x, int64_t m,
                     int64_t d, int order, int64_t k,
                     const tsne_transform_options *o) {
  return outside(__func__, distance, quantile, ratio, model,
                 doubles(x, m, d, order), k, o);
}
