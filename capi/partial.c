/* New points over a model. */
#include "call.h"

static int transform(const char *function, float *y, tsne_partial **partial,
                     const tsne_model *model, matrix x,
                     const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  BEGIN_AS(function);
  HANDLE(model);
  if (x.n) {
    NOT_NULL(y);
    DATA(x);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  DURING(model, goTsneTransform(y, TO(partial), ID(model), x, &full, &hooks,
                                tsne__failure()));
  return status;
}

int tsne_transform(float *y, tsne_partial **partial, const tsne_model *model,
                   const float *x, int64_t m, int64_t d,
                   const tsne_transform_options *o) {
  return transform(__func__, y, partial, model, floats(x, m, d), o);
}

int tsne_transform_f64(float *y, tsne_partial **partial,
                       const tsne_model *model, const double *x, int64_t m,
                       int64_t d, int order, const tsne_transform_options *o) {
  return transform(__func__, y, partial, model, doubles(x, m, d, order), o);
}

static int bootstrap(const char *function, float *y, float *samples,
                     float *radius, const tsne_model *model, matrix x,
                     int64_t b, const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  BEGIN_AS(function);
  HANDLE(model);
  if (x.n) {
    NOT_NULL(y);
    DATA(x);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  DURING(model, goTsneBootstrap(y, samples, radius, ID(model), x, b, &full,
                                &hooks, tsne__failure()));
  return status;
}

int tsne_bootstrap(float *y, float *samples, float *radius,
                   const tsne_model *model, const float *x, int64_t m,
                   int64_t d, int64_t b, const tsne_transform_options *o) {
  return bootstrap(__func__, y, samples, radius, model, floats(x, m, d), b, o);
}

int tsne_bootstrap_f64(float *y, float *samples, float *radius,
                       const tsne_model *model, const double *x, int64_t m,
                       int64_t d, int order, int64_t b,
                       const tsne_transform_options *o) {
  return bootstrap(__func__, y, samples, radius, model, doubles(x, m, d, order),
                   b, o);
}

int tsne_partial_from_csr(tsne_partial **partial, const tsne_model *model,
                          const float *y0, const int64_t *ptr,
                          const int32_t *col, const float *val, int64_t m,
                          const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  BEGIN;
  NOT_NULL(partial);
  HANDLE(model);
  NOT_NULL(ptr);
  if (m) {
    NOT_NULL(y0);
    NOT_NULL(col);
    NOT_NULL(val);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  DURING(model,
         goTsnePartialFromCSR(TO(partial), ID(model), (float *)y0,
                              (int64_t *)ptr, (int32_t *)col, (float *)val, m,
                              &full, &hooks, tsne__failure()));
  return status;
}

int tsne_partial_affinities(int64_t *nnz, int64_t *ptr, int32_t *col,
                            float *val, const tsne_partial *partial) {
  BEGIN;
  HANDLE(partial);
  return goTsnePartialAffinities(nnz, ptr, col, val, ID(partial),
                                 tsne__failure());
}

int tsne_partial_optimize(float *y, double *kl, tsne_partial *partial,
                          int64_t iterations, double exaggeration,
                          double learning_rate, double momentum,
                          const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  BEGIN;
  HANDLE(partial);
  TRANSFORM_OPTIONS(full, hooks, o);
  DURING(partial,
         goTsnePartialOptimize(y, kl, ID(partial), iterations, exaggeration,
                               learning_rate, momentum, o ? &full : NULL,
                               &hooks, tsne__failure()));
  return status;
}

int tsne_partial_info(int64_t *m, int32_t *dims, int64_t *iterations,
                      double *kl, const tsne_partial *partial) {
  BEGIN;
  HANDLE(partial);
  return goTsnePartialInfo(m, dims, iterations, kl, ID(partial),
                           tsne__failure());
}

int tsne_partial_embedding(float *y, const tsne_partial *partial) {
  BEGIN;
  NOT_NULL(y);
  HANDLE(partial);
  return goTsnePartialEmbedding(y, ID(partial), tsne__failure());
}

int tsne_partial_clone(tsne_partial **copy, const tsne_partial *partial) {
  BEGIN;
  NOT_NULL(copy);
  HANDLE(partial);
  return goTsnePartialClone(TO(copy), ID(partial), tsne__failure());
}

void tsne_partial_free(tsne_partial *partial) {
  if (partial && !tsne__forked())
    goTsnePartialFree(ID(partial));
}
