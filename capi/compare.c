/* Maps beside their data, and beside each other. */
#include "call.h"

static int quality(const char *function, double *knn, double *knc, double *cpd,
                   matrix x, const float *y, int32_t dims,
                   const int32_t *labels, const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  DATA(x);
  NOT_NULL(y);
  DATA_OPTIONS(x, full, o);
  return goTsneQuality(knn, knc, cpd, x, (float *)y, dims, (int32_t *)labels,
                       &full, tsne__failure());
}

int tsne_quality(double *knn, double *knc, double *cpd, const float *x,
                 int64_t n, int64_t d, const float *y, int32_t dims,
                 const int32_t *labels, const tsne_options *o) {
  return quality(__func__, knn, knc, cpd, floats(x, n, d), y, dims, labels, o);
}

int tsne_quality_f64(double *knn, double *knc, double *cpd, const double *x,
                     int64_t n, int64_t d, int order, const float *y,
                     int32_t dims, const int32_t *labels,
                     const tsne_options *o) {
  return quality(__func__, knn, knc, cpd, doubles(x, n, d, order), y, dims,
                 labels, o);
}

int tsne_shared_neighbors(double *share, const float *a, const float *b,
                          int64_t n, int32_t dims, int64_t k,
                          const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(share);
  NOT_NULL(a);
  NOT_NULL(b);
  OPTIONS(full, o);
  return goTsneSharedNeighbors(share, (float *)a, (float *)b, n, dims, k, &full,
                               tsne__failure());
}

int tsne_shared_classes(double *share, const double *a, const double *b,
                        int64_t n, int64_t d, int32_t dims,
                        const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(share);
  NOT_NULL(a);
  NOT_NULL(b);
  LATER_OPTIONS(full, o);
  return goTsneSharedClasses(share, (double *)a, (double *)b, n, d, dims, &full,
                             tsne__failure());
}
