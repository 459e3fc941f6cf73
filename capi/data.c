/* What a model knows of its data. */
#include "call.h"

static int set_data(const char *function, tsne_model *model, matrix x,
                    int copy) {
  BEGIN_AS(function);
  HANDLE(model);
  DATA(x);
  return goTsneModelSetData(ID(model), x, copy, tsne__failure());
}

int tsne_model_set_data(tsne_model *model, const float *x, int64_t n, int64_t d,
                        int copy) {
  return set_data(__func__, model, floats(x, n, d), copy);
}

int tsne_model_set_data_f64(tsne_model *model, const double *x, int64_t n,
                            int64_t d, int order) {
  return set_data(__func__, model, doubles(x, n, d, order), 1);
}

int tsne_model_share_data(tsne_model *model, const tsne_model *from) {
  BEGIN;
  HANDLE(model);
  HANDLE(from);
  return goTsneModelShareData(ID(model), ID(from), tsne__failure());
}

static int data(const char *function, matrix x, int64_t *d, int32_t *metric,
                const tsne_model *model) {
  BEGIN_AS(function);
  HANDLE(model);
  return goTsneModelData(x, d, metric, ID(model), tsne__failure());
}

int tsne_model_data(float *x, int64_t *d, int32_t *metric,
                    const tsne_model *model) {
  return data(__func__, floats(x, 0, 0), d, metric, model);
}

int tsne_model_data_f64(double *x, int64_t *d, int32_t *metric,
                        const tsne_model *model, int order) {
  return data(__func__, doubles(x, 0, 0, order), d, metric, model);
}

int tsne_model_center(double *center, const tsne_model *model) {
  BEGIN;
  NOT_NULL(center);
  HANDLE(model);
  return goTsneModelCenter(center, ID(model), tsne__failure());
}

int tsne_model_set_names(tsne_model *model, const char *const *names,
                         int64_t n) {
  BEGIN;
  HANDLE(model);
  return goTsneModelSetNames(ID(model), (char **)names, n, tsne__failure());
}

int tsne_model_set_row_names(tsne_model *model, const char *const *names,
                             int64_t n) {
  BEGIN;
  HANDLE(model);
  return goTsneModelSetRowNames(ID(model), (char **)names, n, tsne__failure());
}

int tsne_model_row_names(char *names, uint64_t *size, const tsne_model *model) {
  BEGIN;
  NOT_NULL(size);
  HANDLE(model);
  return goTsneModelRowNames(names, size, ID(model), tsne__failure());
}

int tsne_model_names(char *names, uint64_t *size, const tsne_model *model) {
  BEGIN;
  NOT_NULL(size);
  HANDLE(model);
  return goTsneModelNames(names, size, ID(model), tsne__failure());
}
