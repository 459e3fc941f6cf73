/* Models: made, optimised, read, kept. */
#include "call.h"

#include <string.h>

int tsne_model_new(tsne_model **model, const float *y0,
                   const tsne_affinities *p, const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_model_new");
  NOT_NULL(model);
  NOT_NULL(y0);
  NOT_NULL(p);
  OPTIONS(full, o);
  status = goTsneModelNew(&id, (float *)y0, (uintptr_t)p, &full, TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_model_optimize(float *y, double *kl, tsne_model *model,
                        int64_t iterations, double exaggeration,
                        double learning_rate, double momentum,
                        const tsne_options *o) {
  tsne_options full;
  frame f;
  BEGIN("tsne_model_optimize");
  HANDLE(model);
  OPTIONS(full, o);
  shim_enter(&f, model);
  status =
      goTsneModelOptimize(y, kl, (uintptr_t)model, iterations, exaggeration,
                          learning_rate, momentum, o ? &full : NULL, TEXT);
  shim_leave(&f);
  return status;
}

int tsne_model_info(int64_t *n, int32_t *dims, int64_t *iterations, double *kl,
                    const tsne_model *model) {
  int64_t rows, done;
  int32_t columns;
  double divergence;
  BEGIN("tsne_model_info");
  HANDLE(model);
  status = goTsneModelInfo(&rows, &columns, &done, &divergence,
                           (uintptr_t)model, TEXT);
  if (status != TSNE_OK)
    return status;
  if (n)
    *n = rows;
  if (dims)
    *dims = columns;
  if (iterations)
    *iterations = done;
  if (kl)
    *kl = divergence;
  return TSNE_OK;
}

int tsne_model_embedding(float *y, const tsne_model *model) {
  BEGIN("tsne_model_embedding");
  NOT_NULL(y);
  HANDLE(model);
  return goTsneModelEmbedding(y, (uintptr_t)model, TEXT);
}

int tsne_model_affinities(tsne_affinities **p, const tsne_model *model) {
  uintptr_t id = 0;
  BEGIN("tsne_model_affinities");
  NOT_NULL(p);
  HANDLE(model);
  status = goTsneModelAffinities(&id, (uintptr_t)model, TEXT);
  GIVE(tsne_affinities, p, id);
  return status;
}

int tsne_model_clone(tsne_model **copy, const tsne_model *model) {
  uintptr_t id = 0;
  BEGIN("tsne_model_clone");
  NOT_NULL(copy);
  HANDLE(model);
  status = goTsneModelClone(&id, (uintptr_t)model, TEXT);
  GIVE(tsne_model, copy, id);
  return status;
}

void tsne_model_free(tsne_model *model) {
  if (model && !shim_forked())
    goTsneModelFree((uintptr_t)model);
}

int tsne_model_set_data(tsne_model *model, const float *x, int64_t n, int64_t d,
                        int copy) {
  BEGIN("tsne_model_set_data");
  HANDLE(model);
  NOT_NULL(x);
  return goTsneModelSetData((uintptr_t)model, shim_floats(x, n, d), copy, TEXT);
}

int tsne_model_save(const tsne_model *model, const char *path) {
  BEGIN("tsne_model_save");
  HANDLE(model);
  NOT_NULL(path);
  return goTsneModelSave((uintptr_t)model, (char *)path, TEXT);
}

int tsne_model_save_with(const tsne_model *model, const char *path,
                         const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_model_save_with");
  HANDLE(model);
  NOT_NULL(path);
  OPTIONS(full, o);
  return goTsneModelSaveWith((uintptr_t)model, (char *)path, &full, TEXT);
}

int tsne_model_load(tsne_model **model, const char *path,
                    const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_model_load");
  NOT_NULL(model);
  NOT_NULL(path);
  OPTIONS(full, o);
  status = goTsneModelLoad(&id, (char *)path, &full, TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_model_save_bytes(void *bytes, uint64_t *size,
                          const tsne_model *model) {
  BEGIN("tsne_model_save_bytes");
  NOT_NULL(size);
  HANDLE(model);
  return goTsneModelSaveBytes(bytes, size, (uintptr_t)model, TEXT);
}

int tsne_model_load_bytes(tsne_model **model, const void *bytes, uint64_t size,
                          const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_model_load_bytes");
  NOT_NULL(model);
  NOT_NULL(bytes);
  OPTIONS(full, o);
  status = goTsneModelLoadBytes(&id, (void *)bytes, size, &full, TEXT);
  GIVE(tsne_model, model, id);
  return status;
}

int tsne_model_options(tsne_options *o, const tsne_model *model) {
  tsne_options full;
  BEGIN("tsne_model_options");
  NOT_NULL(o);
  HANDLE(model);
  LATER_OPTIONS(full, o);
  status = goTsneModelOptions(&full, (uintptr_t)model, TEXT);
  if (status == TSNE_OK) {
    full.struct_size = o->struct_size;
    memcpy(o, &full, o->struct_size);
  }
  return status;
}

int tsne_model_perplexities(double *values, int64_t *n, int asked,
                            const tsne_model *model) {
  BEGIN("tsne_model_perplexities");
  NOT_NULL(n);
  HANDLE(model);
  return goTsneModelPerplexities(values, n, asked, (uintptr_t)model, TEXT);
}
