/* Affinities: made, read, and what they say of a map. */
#include "call.h"

static int from_data(const char *function, tsne_affinities **p, matrix x,
                     const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(p);
  DATA(x);
  DATA_OPTIONS(x, full, o);
  return goTsneAffinitiesFromData(TO(p), x, &full, tsne__failure());
}

int tsne_affinities_from_data(tsne_affinities **p, const float *x, int64_t n,
                              int64_t d, const tsne_options *o) {
  return from_data(__func__, p, floats(x, n, d), o);
}

int tsne_affinities_from_data_f64(tsne_affinities **p, const double *x,
                                  int64_t n, int64_t d, int order,
                                  const tsne_options *o) {
  return from_data(__func__, p, doubles(x, n, d, order), o);
}

static int of_each(const char *function, tsne_affinities **p, matrix x,
                   const double *perplexities, const int64_t *lengths,
                   int64_t count, const tsne_options *o) {
  tsne_options full;
  int64_t i;
  BEGIN_AS(function);
  NOT_NULL(p);
  DATA(x);
  NOT_NULL(perplexities);
  NOT_NULL(lengths);
  if (count < 1 || count > 1000)
    return tsne__fail(TSNE_E_OPTION, "count: got %lld, want 1 to 1000",
                      (long long)count);
  LATER_OPTIONS(full, o);
  for (i = 0; i < count; i++)
    p[i] = NULL;
  return goTsneAffinitiesOfEach(TO(p), x, (double *)perplexities,
                                (int64_t *)lengths, count, &full,
                                tsne__failure());
}

int tsne_affinities_of_each(tsne_affinities **p, const float *x, int64_t n,
                            int64_t d, const double *perplexities,
                            const int64_t *lengths, int64_t count,
                            const tsne_options *o) {
  return of_each(__func__, p, floats(x, n, d), perplexities, lengths, count, o);
}

int tsne_affinities_of_each_f64(tsne_affinities **p, const double *x, int64_t n,
                                int64_t d, int order,
                                const double *perplexities,
                                const int64_t *lengths, int64_t count,
                                const tsne_options *o) {
  return of_each(__func__, p, doubles(x, n, d, order), perplexities, lengths,
                 count, o);
}

int tsne_affinities_from_neighbors(tsne_affinities **p, const int32_t *index,
                                   const float *distance, int64_t n, int64_t k,
                                   const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(p);
  NOT_NULL(index);
  NOT_NULL(distance);
  OPTIONS(full, o);
  return goTsneAffinitiesFromNeighbors(
      TO(p), (int32_t *)index, (float *)distance, n, k, &full, tsne__failure());
}

int tsne_affinities_from_conditional(tsne_affinities **a, const int32_t *index,
                                     const float *p, int64_t n, int64_t k,
                                     const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(a);
  NOT_NULL(index);
  NOT_NULL(p);
  LATER_OPTIONS(full, o);
  return goTsneAffinitiesFromConditional(TO(a), (int32_t *)index, (float *)p, n,
                                         k, &full, tsne__failure());
}

int tsne_affinities_from_distances(tsne_affinities **p, const float *dist,
                                   int64_t n, const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(p);
  NOT_NULL(dist);
  LATER_OPTIONS(full, o);
  return goTsneAffinitiesFromDistances(TO(p), (float *)dist, n, &full,
                                       tsne__failure());
}

int tsne_affinities_from_csr(tsne_affinities **p, const int64_t *ptr,
                             const int32_t *col, const float *val, int64_t n) {
  BEGIN;
  NOT_NULL(p);
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  return goTsneAffinitiesFromCSR(TO(p), (int64_t *)ptr, (int32_t *)col,
                                 (float *)val, n, tsne__failure());
}

int tsne_conditional(float *p, const float *distance, int64_t m, int64_t k,
                     const tsne_options *o) {
  tsne_options full;
  BEGIN;
  if (m) {
    NOT_NULL(p);
    NOT_NULL(distance);
  }
  LATER_OPTIONS(full, o);
  return goTsneConditional(p, (float *)distance, m, k, &full, tsne__failure());
}

int tsne_affinities_size(int64_t *n, int64_t *nnz, const tsne_affinities *p) {
  BEGIN;
  NOT_NULL(p);
  return goTsneAffinitiesSize(n, nnz, ID(p), tsne__failure());
}

int tsne_affinities_copy(int64_t *ptr, int32_t *col, float *val,
                         const tsne_affinities *p) {
  BEGIN;
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  NOT_NULL(p);
  return goTsneAffinitiesCopy(ptr, col, val, ID(p), tsne__failure());
}

int tsne_affinities_gradient(float *gradient, double *kl,
                             const tsne_affinities *p, const float *y,
                             const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(p);
  NOT_NULL(y);
  OPTIONS(full, o);
  return goTsneAffinitiesGradient(gradient, kl, ID(p), (float *)y, &full,
                                  tsne__failure());
}

void tsne_affinities_free(tsne_affinities *p) {
  if (p && !tsne__forked())
    goTsneAffinitiesFree(ID(p));
}
