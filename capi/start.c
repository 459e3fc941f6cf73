/* Starts, and fewer columns. */
#include "call.h"

static int initialize(const char *function, float *y, matrix x,
                      const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(y);
  DATA(x);
  DATA_OPTIONS(x, full, o);
  return goTsneInitialize(y, x, &full, tsne__failure());
}

int tsne_initialize(float *y, const float *x, int64_t n, int64_t d,
                    const tsne_options *o) {
  return initialize(__func__, y, floats(x, n, d), o);
}

int tsne_initialize_f64(float *y, const double *x, int64_t n, int64_t d,
                        int order, const tsne_options *o) {
  return initialize(__func__, y, doubles(x, n, d, order), o);
}

int tsne_spectral(float *y, const tsne_affinities *p, const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(y);
  NOT_NULL(p);
  OPTIONS(full, o);
  return goTsneSpectral(y, ID(p), &full, tsne__failure());
}

static int reduce(const char *function, float *out, matrix x, int64_t k,
                  const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(out);
  DATA(x);
  DATA_OPTIONS(x, full, o);
  full.metric = TSNE_METRIC_EUCLIDEAN; /* what the components are of */
  return goTsneReduce(out, x, k, &full, tsne__failure());
}

int tsne_reduce(float *out, const float *x, int64_t n, int64_t d, int64_t k,
                const tsne_options *o) {
  return reduce(__func__, out, floats(x, n, d), k, o);
}

int tsne_reduce_f64(float *out, const double *x, int64_t n, int64_t d,
                    int order, int64_t k, const tsne_options *o) {
  return reduce(__func__, out, doubles(x, n, d, order), k, o);
}

int tsne_reduce_csr(float *out, const int64_t *ptr, const int32_t *col,
                    const float *val, int64_t n, int64_t d, int64_t k,
                    const tsne_options *o) {
  const csr x = {(int64_t *)ptr, (int32_t *)col, (float *)val, n, d};
  tsne_options full;
  BEGIN;
  NOT_NULL(out);
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  OPTIONS(full, o);
  return goTsneReduceCSR(out, x, k, &full, tsne__failure());
}
