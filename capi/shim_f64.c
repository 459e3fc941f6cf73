/* What takes data in double precision, and what a model knows of its data. */
#include "call.h"

int tsne_fit_f64(float *y, tsne_model **model, const double *x, int64_t n,
                 int64_t d, int order, const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_fit_f64");
  NOT_NULL(y);
  NOT_NULL(x);
  LATER_OPTIONS(full, o);
  status = goTsneFit(y, model ? &id : NULL, shim_doubles(x, n, d, order), &full,
                     TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_fit_affinities_f64(float *y, tsne_model **model,
                            const tsne_affinities *p, const double *x,
                            int64_t n, int64_t d, int order,
                            const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_fit_affinities_f64");
  NOT_NULL(y);
  NOT_NULL(p);
  LATER_OPTIONS(full, o);
  status = goTsneFitAffinities(y, model ? &id : NULL, (uintptr_t)p,
                               shim_doubles(x, n, d, order), &full, TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_neighbors_f64(int32_t *index, float *distance, const double *x,
                       int64_t n, int64_t d, int order, int64_t k,
                       const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_neighbors_f64");
  NOT_NULL(index);
  NOT_NULL(distance);
  NOT_NULL(x);
  LATER_OPTIONS(full, o);
  return goTsneNeighbors(index, distance, shim_doubles(x, n, d, order), k,
                         &full, TEXT);
}

int tsne_neighbors_of_new_f64(int32_t *index, float *distance, const double *x,
                              int64_t n, int64_t d, const double *q, int64_t m,
                              int order, int64_t k, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_neighbors_of_new_f64");
  NOT_NULL(x);
  if (m) {
    NOT_NULL(index);
    NOT_NULL(distance);
    NOT_NULL(q);
  }
  LATER_OPTIONS(full, o);
  return goTsneNeighborsOfNew(index, distance, shim_doubles(x, n, d, order),
                              shim_doubles(q, m, d, order), k, &full, TEXT);
}

int tsne_affinities_from_data_f64(tsne_affinities **p, const double *x,
                                  int64_t n, int64_t d, int order,
                                  const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_data_f64");
  NOT_NULL(p);
  NOT_NULL(x);
  LATER_OPTIONS(full, o);
  status =
      goTsneAffinitiesFromData(&id, shim_doubles(x, n, d, order), &full, TEXT);
  GIVE(tsne_affinities, p, id);
  return status;
}

int tsne_initialize_f64(float *y, const double *x, int64_t n, int64_t d,
                        int order, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_initialize_f64");
  NOT_NULL(y);
  NOT_NULL(x);
  LATER_OPTIONS(full, o);
  return goTsneInitialize(y, shim_doubles(x, n, d, order), &full, TEXT);
}

int tsne_reduce_f64(float *out, const double *x, int64_t n, int64_t d,
                    int order, int64_t k, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_reduce_f64");
  NOT_NULL(out);
  NOT_NULL(x);
  LATER_OPTIONS(full, o);
  full.metric = TSNE_METRIC_EUCLIDEAN; /* what the components are of */
  return goTsneReduce(out, shim_doubles(x, n, d, order), k, &full, TEXT);
}

int tsne_quality_f64(double *knn, double *knc, double *cpd, const double *x,
                     int64_t n, int64_t d, int order, const float *y,
                     int32_t dims, const int32_t *labels,
                     const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_quality_f64");
  NOT_NULL(x);
  NOT_NULL(y);
  LATER_OPTIONS(full, o);
  return goTsneQuality(knn, knc, cpd, shim_doubles(x, n, d, order), (float *)y,
                       dims, (int32_t *)labels, &full, TEXT);
}

int tsne_transform_f64(float *y, tsne_partial **partial,
                       const tsne_model *model, const double *x, int64_t m,
                       int64_t d, int order, const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  uintptr_t id = 0;
  frame f;
  BEGIN("tsne_transform_f64");
  HANDLE(model);
  if (m) {
    NOT_NULL(y);
    NOT_NULL(x);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  shim_enter(&f, model);
  status = goTsneTransform(y, partial ? &id : NULL, (uintptr_t)model,
                           shim_doubles(x, m, d, order), &full, &hooks, TEXT);
  shim_leave(&f);
  GIVE(tsne_partial, partial, id);
  return status;
}

int tsne_bootstrap_f64(float *y, float *samples, float *radius,
                       const tsne_model *model, const double *x, int64_t m,
                       int64_t d, int order, int64_t b,
                       const tsne_transform_options *o) {
  tsne_transform_options full;
  tsne_options hooks;
  frame f;
  BEGIN("tsne_bootstrap_f64");
  HANDLE(model);
  if (m) {
    NOT_NULL(y);
    NOT_NULL(x);
  }
  TRANSFORM_OPTIONS(full, hooks, o);
  shim_enter(&f, model);
  status =
      goTsneBootstrap(y, samples, radius, (uintptr_t)model,
                      shim_doubles(x, m, d, order), b, &full, &hooks, TEXT);
  shim_leave(&f);
  return status;
}

int tsne_align_f64(float *y, tsne_model **model, double *disparity,
                   double *overlap, const tsne_model *reference,
                   const double *x, int64_t n, int64_t d, int order,
                   const tsne_transform_options *t, const tsne_options *o) {
  tsne_transform_options placing;
  tsne_options full, hooks;
  uintptr_t id = 0;
  frame f;
  BEGIN("tsne_align_f64");
  NOT_NULL(y);
  HANDLE(reference);
  NOT_NULL(x);
  TRANSFORM_OPTIONS(placing, hooks, t);
  LATER_OPTIONS(full, o);
  shim_enter(&f, reference);
  status = goTsneAlign(y, model ? &id : NULL, disparity, overlap,
                       (uintptr_t)reference, shim_doubles(x, n, d, order),
                       &placing, &hooks, &full, TEXT);
  shim_leave(&f);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_model_set_data_f64(tsne_model *model, const double *x, int64_t n,
                            int64_t d, int order) {
  BEGIN("tsne_model_set_data_f64");
  HANDLE(model);
  NOT_NULL(x);
  return goTsneModelSetData((uintptr_t)model, shim_doubles(x, n, d, order), 1,
                            TEXT);
}

static int data_of(shim_data x, int64_t *d, int32_t *metric,
                   const tsne_model *model) {
  int64_t columns;
  int32_t kind;
  int status = goTsneModelData(x, &columns, &kind, (uintptr_t)model, TEXT);
  if (status == TSNE_OK && d)
    *d = columns;
  if (status == TSNE_OK && metric)
    *metric = kind;
  return status;
}

int tsne_model_data(float *x, int64_t *d, int32_t *metric,
                    const tsne_model *model) {
  BEGIN("tsne_model_data");
  HANDLE(model);
  return data_of(shim_floats(x, 0, 0), d, metric, model);
}

int tsne_model_data_f64(double *x, int order, int64_t *d, int32_t *metric,
                        const tsne_model *model) {
  BEGIN("tsne_model_data_f64");
  HANDLE(model);
  return data_of(shim_doubles(x, 0, 0, order), d, metric, model);
}

int tsne_model_center(double *center, const tsne_model *model) {
  BEGIN("tsne_model_center");
  NOT_NULL(center);
  HANDLE(model);
  return goTsneModelCenter(center, (uintptr_t)model, TEXT);
}

int tsne_model_share_data(tsne_model *model, const tsne_model *from) {
  BEGIN("tsne_model_share_data");
  HANDLE(model);
  HANDLE(from);
  return goTsneModelShareData((uintptr_t)model, (uintptr_t)from, TEXT);
}

int tsne_model_set_names(tsne_model *model, const char *const *names,
                         int64_t n) {
  BEGIN("tsne_model_set_names");
  HANDLE(model);
  return goTsneModelSetNames((uintptr_t)model, (char **)names, n, TEXT);
}

int tsne_model_names(char *names, uint64_t *size, const tsne_model *model) {
  BEGIN("tsne_model_names");
  NOT_NULL(size);
  HANDLE(model);
  return goTsneModelNames(names, size, (uintptr_t)model, TEXT);
}
