/* Maps laid onto each other. */
#include "call.h"

static int align(const char *function, float *y, tsne_model **model,
                 double *disparity, double *overlap,
                 const tsne_model *reference, matrix x,
                 const tsne_transform_options *t, const tsne_options *o) {
  tsne_transform_options placing;
  tsne_options full, hooks;
  BEGIN_AS(function);
  NOT_NULL(y);
  HANDLE(reference);
  DATA(x);
  TRANSFORM_OPTIONS(placing, hooks, t);
  LATER_OPTIONS(full, o);
  DURING(reference, goTsneAlign(y, TO(model), disparity, overlap, ID(reference),
                                x, &placing, &hooks, &full, tsne__failure()));
  return status;
}

int tsne_align(float *y, tsne_model **model, double *disparity, double *overlap,
               const tsne_model *reference, const float *x, int64_t n,
               int64_t d, const tsne_transform_options *t,
               const tsne_options *o) {
  return align(__func__, y, model, disparity, overlap, reference,
               floats(x, n, d), t, o);
}

int tsne_align_f64(float *y, tsne_model **model, double *disparity,
                   double *overlap, const tsne_model *reference,
                   const double *x, int64_t n, int64_t d, int order,
                   const tsne_transform_options *t, const tsne_options *o) {
  return align(__func__, y, model, disparity, overlap, reference,
               doubles(x, n, d, order), t, o);
}

int tsne_procrustes(tsne_superposition *s, const float *target,
                    const float *source, int64_t n, int32_t dims, int flags) {
  tsne_superposition full;
  BEGIN;
  SUPERPOSITION(full, s);
  NOT_NULL(target);
  NOT_NULL(source);
  TRY(goTsneProcrustes(&full, (float *)target, (float *)source, n, dims, flags,
                       tsne__failure()));
  tsne__give_superposition(s, &full);
  return TSNE_OK;
}

int tsne_procrustes_labels(tsne_superposition *s, const float *target,
                           const int32_t *target_labels, int64_t n,
                           const float *source, const int32_t *source_labels,
                           int64_t m, int32_t dims, int flags) {
  tsne_superposition full;
  BEGIN;
  SUPERPOSITION(full, s);
  NOT_NULL(target);
  NOT_NULL(target_labels);
  NOT_NULL(source);
  NOT_NULL(source_labels);
  TRY(goTsneProcrustesLabels(&full, (float *)target, (int32_t *)target_labels,
                             n, (float *)source, (int32_t *)source_labels, m,
                             dims, flags, tsne__failure()));
  tsne__give_superposition(s, &full);
  return TSNE_OK;
}

int tsne_procrustes_many(float *maps, float *consensus, double *disparity,
                         int64_t count, int64_t n, int32_t dims, int flags) {
  BEGIN;
  NOT_NULL(maps);
  return goTsneProcrustesMany(maps, consensus, disparity, count, n, dims, flags,
                              tsne__failure());
}

int tsne_superpose(float *y, int64_t n, const tsne_superposition *s) {
  tsne_superposition full;
  BEGIN;
  SUPERPOSITION(full, s);
  NOT_NULL(y);
  return goTsneSuperpose(y, n, &full, tsne__failure());
}
