/* Data, neighbours, affinities, starts and gradients. */
#include "call.h"

int tsne_fit(float *y, tsne_model **model, const float *x, int64_t n, int64_t d,
             const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_fit");
  NOT_NULL(y);
  NOT_NULL(x);
  OPTIONS(full, o);
  status = goTsneFit(y, model ? &id : NULL, shim_floats(x, n, d), &full, TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_fit_affinities(float *y, tsne_model **model, const tsne_affinities *p,
                        const float *x, int64_t n, int64_t d,
                        const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_fit_affinities");
  NOT_NULL(y);
  NOT_NULL(p);
  LATER_OPTIONS(full, o);
  status = goTsneFitAffinities(y, model ? &id : NULL, (uintptr_t)p,
                               shim_floats(x, n, d), &full, TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_estimate_memory(uint64_t *bytes, int64_t n, int64_t d,
                         const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_estimate_memory");
  NOT_NULL(bytes);
  OPTIONS(full, o);
  return goTsneEstimateMemory(bytes, n, d, &full, TEXT);
}

int tsne_neighbors(int32_t *index, float *distance, const float *x, int64_t n,
                   int64_t d, int64_t k, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_neighbors");
  NOT_NULL(index);
  NOT_NULL(distance);
  NOT_NULL(x);
  OPTIONS(full, o);
  return goTsneNeighbors(index, distance, shim_floats(x, n, d), k, &full, TEXT);
}

int tsne_neighbors_of_new(int32_t *index, float *distance, const float *x,
                          int64_t n, int64_t d, const float *q, int64_t m,
                          int64_t k, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_neighbors_of_new");
  NOT_NULL(x);
  if (m) {
    NOT_NULL(index);
    NOT_NULL(distance);
    NOT_NULL(q);
  }
  LATER_OPTIONS(full, o);
  return goTsneNeighborsOfNew(index, distance, shim_floats(x, n, d),
                              shim_floats(q, m, d), k, &full, TEXT);
}

int tsne_conditional(float *p, const float *distance, int64_t m, int64_t k,
                     const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_conditional");
  if (m) {
    NOT_NULL(p);
    NOT_NULL(distance);
  }
  LATER_OPTIONS(full, o);
  return goTsneConditional(p, (float *)distance, m, k, &full, TEXT);
}

int tsne_affinities_from_data(tsne_affinities **p, const float *x, int64_t n,
                              int64_t d, const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_data");
  NOT_NULL(p);
  NOT_NULL(x);
  OPTIONS(full, o);
  status = goTsneAffinitiesFromData(&id, shim_floats(x, n, d), &full, TEXT);
  GIVE(tsne_affinities, p, id);
  return status;
}

int tsne_affinities_from_neighbors(tsne_affinities **p, const int32_t *index,
                                   const float *distance, int64_t n, int64_t k,
                                   const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_neighbors");
  NOT_NULL(p);
  NOT_NULL(index);
  NOT_NULL(distance);
  OPTIONS(full, o);
  status = goTsneAffinitiesFromNeighbors(&id, (int32_t *)index,
                                         (float *)distance, n, k, &full, TEXT);
  GIVE(tsne_affinities, p, id);
  return status;
}

int tsne_affinities_from_csr(tsne_affinities **p, const int64_t *ptr,
                             const int32_t *col, const float *val, int64_t n) {
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_csr");
  NOT_NULL(p);
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  status = goTsneAffinitiesFromCSR(&id, (int64_t *)ptr, (int32_t *)col,
                                   (float *)val, n, TEXT);
  GIVE(tsne_affinities, p, id);
  return status;
}

int tsne_affinities_size(int64_t *n, int64_t *nnz, const tsne_affinities *p) {
  int64_t rows, values;
  BEGIN("tsne_affinities_size");
  NOT_NULL(p);
  status = goTsneAffinitiesSize(&rows, &values, (uintptr_t)p, TEXT);
  if (status == TSNE_OK && n)
    *n = rows;
  if (status == TSNE_OK && nnz)
    *nnz = values;
  return status;
}

int tsne_affinities_copy(int64_t *ptr, int32_t *col, float *val,
                         const tsne_affinities *p) {
  BEGIN("tsne_affinities_copy");
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  NOT_NULL(p);
  status = goTsneAffinitiesCopy(ptr, col, val, (uintptr_t)p, TEXT);
  return status;
}

void tsne_affinities_free(tsne_affinities *p) {
  if (p && !shim_forked())
    goTsneAffinitiesFree((uintptr_t)p);
}

int tsne_initialize(float *y, const float *x, int64_t n, int64_t d,
                    const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_initialize");
  NOT_NULL(y);
  NOT_NULL(x);
  OPTIONS(full, o);
  return goTsneInitialize(y, shim_floats(x, n, d), &full, TEXT);
}

int tsne_gradient(float *gradient, double *kl, const float *y,
                  const tsne_affinities *p, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_gradient");
  NOT_NULL(y);
  NOT_NULL(p);
  OPTIONS(full, o);
  return goTsneGradient(gradient, kl, (float *)y, (uintptr_t)p, &full, TEXT);
}

int tsne_neighbors_of_distances(int32_t *index, float *distance,
                                const float *dist, int64_t n, int64_t k,
                                const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_neighbors_of_distances");
  NOT_NULL(index);
  NOT_NULL(distance);
  NOT_NULL(dist);
  OPTIONS(full, o);
  return goTsneNeighborsOfDistances(index, distance, (float *)dist, n, k, &full,
                                    TEXT);
}

int tsne_affinities_from_distances(tsne_affinities **p, const float *dist,
                                   int64_t n, const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_distances");
  NOT_NULL(p);
  NOT_NULL(dist);
  LATER_OPTIONS(full, o);
  status = goTsneAffinitiesFromDistances(&id, (float *)dist, n, &full, TEXT);
  GIVE(tsne_affinities, p, id);
  return status;
}

int tsne_spectral(float *y, const tsne_affinities *p, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_spectral");
  NOT_NULL(y);
  NOT_NULL(p);
  OPTIONS(full, o);
  return goTsneSpectral(y, (uintptr_t)p, &full, TEXT);
}

int tsne_reduce(float *out, const float *x, int64_t n, int64_t d, int64_t k,
                const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_reduce");
  NOT_NULL(out);
  NOT_NULL(x);
  OPTIONS(full, o);
  return goTsneReduce(out, shim_floats(x, n, d), k, &full, TEXT);
}

int tsne_reduce_csr(float *out, const int64_t *ptr, const int32_t *col,
                    const float *val, int64_t n, int64_t d, int64_t k,
                    const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_reduce_csr");
  NOT_NULL(out);
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  OPTIONS(full, o);
  return goTsneReduceCSR(out, (int64_t *)ptr, (int32_t *)col, (float *)val, n,
                         d, k, &full, TEXT);
}
