/* Models as files, and as the bytes of one. */
#include "call.h"

int tsne_model_save(const tsne_model *model, const char *path) {
  BEGIN;
  HANDLE(model);
  NOT_NULL(path);
  return goTsneModelSave(ID(model), (char *)path, NULL, tsne__failure());
}

int tsne_model_save_with(const tsne_model *model, const char *path,
                         const tsne_options *o) {
  tsne_options full;
  BEGIN;
  HANDLE(model);
  NOT_NULL(path);
  OPTIONS(full, o);
  return goTsneModelSave(ID(model), (char *)path, &full, tsne__failure());
}

int tsne_model_load(tsne_model **model, const char *path,
                    const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(model);
  NOT_NULL(path);
  OPTIONS(full, o);
  return goTsneModelLoad(TO(model), (char *)path, &full, tsne__failure());
}

int tsne_model_save_bytes(void *bytes, uint64_t *size,
                          const tsne_model *model) {
  BEGIN;
  NOT_NULL(size);
  HANDLE(model);
  return goTsneModelSaveBytes(bytes, size, ID(model), tsne__failure());
}

int tsne_model_load_bytes(tsne_model **model, const void *bytes, uint64_t size,
                          const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(model);
  NOT_NULL(bytes);
  OPTIONS(full, o);
  return goTsneModelLoadBytes(TO(model), (void *)bytes, size, &full,
                              tsne__failure());
}
