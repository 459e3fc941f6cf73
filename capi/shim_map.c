/* New points over a model, and maps beside each other. */
#include "call.h"

int tsne_transform(float *y, tsne_partial **partial, const tsne_model *model,
                   const float *x, int64_t m, int64_t d,
                   const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  uintptr_t id = 0;
  frame f;
  BEGIN("tsne_transform");
  HANDLE(model);
  if (m) {
    NOT_NULL(y);
    NOT_NULL(x);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  shim_enter(&f, model);
  status = goTsneTransform(y, partial ? &id : NULL, (uintptr_t)model,
                           shim_floats(x, m, d), &full, &hooks, TEXT);
  shim_leave(&f);
  GIVE(tsne_partial, partial, id);
  return status;
}

int tsne_partial_new(tsne_partial **partial, const tsne_model *model,
                     const float *y0, const int64_t *ptr, const int32_t *col,
                     const float *val, int64_t m,
                     const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  uintptr_t id = 0;
  frame f;
  BEGIN("tsne_partial_new");
  NOT_NULL(partial);
  HANDLE(model);
  NOT_NULL(ptr);
  if (m) {
    NOT_NULL(y0);
    NOT_NULL(col);
    NOT_NULL(val);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  shim_enter(&f, model);
  status =
      goTsnePartialNew(&id, (uintptr_t)model, (float *)y0, (int64_t *)ptr,
                       (int32_t *)col, (float *)val, m, &full, &hooks, TEXT);
  shim_leave(&f);
  GIVE(tsne_partial, partial, id);
  return status;
}

int tsne_partial_affinities(int64_t *nnz, int64_t *ptr, int32_t *col,
                            float *val, const tsne_partial *partial) {
  BEGIN("tsne_partial_affinities");
  HANDLE(partial);
  return goTsnePartialAffinities(nnz, ptr, col, val, (uintptr_t)partial, TEXT);
}

int tsne_partial_optimize(float *y, double *kl, tsne_partial *partial,
                          int64_t iterations, double exaggeration,
                          double learning_rate, double momentum,
                          const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  frame f;
  BEGIN("tsne_partial_optimize");
  HANDLE(partial);
  TRANSFORM_OPTIONS(full, hooks, o);
  shim_enter(&f, partial);
  status = goTsnePartialOptimize(y, kl, (uintptr_t)partial, iterations,
                                 exaggeration, learning_rate, momentum,
                                 o ? &full : NULL, &hooks, TEXT);
  shim_leave(&f);
  return status;
}

int tsne_partial_info(int64_t *m, int32_t *dims, int64_t *iterations,
                      double *kl, const tsne_partial *partial) {
  int64_t points, done;
  int32_t columns;
  double divergence;
  BEGIN("tsne_partial_info");
  HANDLE(partial);
  status = goTsnePartialInfo(&points, &columns, &done, &divergence,
                             (uintptr_t)partial, TEXT);
  if (status != TSNE_OK)
    return status;
  if (m)
    *m = points;
  if (dims)
    *dims = columns;
  if (iterations)
    *iterations = done;
  if (kl)
    *kl = divergence;
  return TSNE_OK;
}

int tsne_partial_embedding(float *y, const tsne_partial *partial) {
  BEGIN("tsne_partial_embedding");
  NOT_NULL(y);
  HANDLE(partial);
  return goTsnePartialEmbedding(y, (uintptr_t)partial, TEXT);
}

int tsne_partial_clone(tsne_partial **copy, const tsne_partial *partial) {
  uintptr_t id = 0;
  BEGIN("tsne_partial_clone");
  NOT_NULL(copy);
  HANDLE(partial);
  status = goTsnePartialClone(&id, (uintptr_t)partial, TEXT);
  GIVE(tsne_partial, copy, id);
  return status;
}

void tsne_partial_free(tsne_partial *partial) {
  if (partial && !shim_forked())
    goTsnePartialFree((uintptr_t)partial);
}

int tsne_bootstrap(float *y, float *samples, float *radius,
                   const tsne_model *model, const float *x, int64_t m,
                   int64_t d, int64_t b, const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  frame f;
  BEGIN("tsne_bootstrap");
  HANDLE(model);
  if (m) {
    NOT_NULL(y);
    NOT_NULL(x);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  shim_enter(&f, model);
  status = goTsneBootstrap(y, samples, radius, (uintptr_t)model,
                           shim_floats(x, m, d), b, &full, &hooks, TEXT);
  shim_leave(&f);
  return status;
}

int tsne_align(float *y, tsne_model **model, double *disparity, double *overlap,
               const tsne_model *reference, const float *x, int64_t n,
               int64_t d, const tsne_transform_options *t,
               const tsne_options *o) {
  tsne_transform_options placing;
  tsne_options full, hooks;
  uintptr_t id = 0;
  frame f;
  BEGIN("tsne_align");
  NOT_NULL(y);
  HANDLE(reference);
  NOT_NULL(x);
  TRANSFORM_OPTIONS(placing, hooks, t);
  LATER_OPTIONS(full, o);
  shim_enter(&f, reference);
  status = goTsneAlign(y, model ? &id : NULL, disparity, overlap,
                       (uintptr_t)reference, shim_floats(x, n, d), &placing,
                       &hooks, &full, TEXT);
  shim_leave(&f);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_procrustes(tsne_superposition *s, const float *target,
                    const float *source, int64_t n, int32_t dims, int flags) {
  tsne_superposition full;
  BEGIN("tsne_procrustes");
  SUPERPOSITION(full, s);
  NOT_NULL(target);
  NOT_NULL(source);
  status = goTsneProcrustes(&full, (float *)target, (float *)source, n, dims,
                            flags, TEXT);
  if (status == TSNE_OK)
    shim_give_superposition(s, &full);
  return status;
}

int tsne_procrustes_labels(tsne_superposition *s, const float *target,
                           const int32_t *target_labels, int64_t n,
                           const float *source, const int32_t *source_labels,
                           int64_t m, int32_t dims, int flags) {
  tsne_superposition full;
  BEGIN("tsne_procrustes_labels");
  SUPERPOSITION(full, s);
  NOT_NULL(target);
  NOT_NULL(target_labels);
  NOT_NULL(source);
  NOT_NULL(source_labels);
  status = goTsneProcrustesLabels(
      &full, (float *)target, (int32_t *)target_labels, n, (float *)source,
      (int32_t *)source_labels, m, dims, flags, TEXT);
  if (status == TSNE_OK)
    shim_give_superposition(s, &full);
  return status;
}

int tsne_procrustes_many(float *maps, float *consensus, double *disparity,
                         int64_t count, int64_t n, int32_t dims, int flags) {
  BEGIN("tsne_procrustes_many");
  NOT_NULL(maps);
  return goTsneProcrustesMany(maps, consensus, disparity, count, n, dims, flags,
                              TEXT);
}

int tsne_superpose(float *y, int64_t n, const tsne_superposition *s) {
  tsne_superposition full;
  BEGIN("tsne_superpose");
  SUPERPOSITION(full, s);
  NOT_NULL(y);
  return goTsneSuperpose(y, n, &full, TEXT);
}

int tsne_shared_neighbors(double *share, const float *a, const float *b,
                          int64_t n, int32_t dims, int64_t k,
                          const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_shared_neighbors");
  NOT_NULL(share);
  NOT_NULL(a);
  NOT_NULL(b);
  OPTIONS(full, o);
  return goTsneSharedNeighbors(share, (float *)a, (float *)b, n, dims, k, &full,
                               TEXT);
}

int tsne_quality(double *knn, double *knc, double *cpd, const float *x,
                 int64_t n, int64_t d, const float *y, int32_t dims,
                 const int32_t *labels, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_quality");
  NOT_NULL(x);
  NOT_NULL(y);
  OPTIONS(full, o);
  return goTsneQuality(knn, knc, cpd, shim_floats(x, n, d), (float *)y, dims,
                       (int32_t *)labels, &full, TEXT);
}
