/* Models: made, optimised, read. */
#include "call.h"

int tsne_model_from_affinities(tsne_model **model, const tsne_affinities *p,
                               const float *y0, const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(model);
  NOT_NULL(p);
  NOT_NULL(y0);
  OPTIONS(full, o);
  return goTsneModelFromAffinities(TO(model), ID(p), (float *)y0, &full,
                                   tsne__failure());
}

int tsne_model_optimize(float *y, double *kl, tsne_model *model,
                        int64_t iterations, double exaggeration,
                        double learning_rate, double momentum,
                        const tsne_options *o) {
  tsne_options full;
  BEGIN;
  HANDLE(model);
  OPTIONS(full, o);
  DURING(model, goTsneModelOptimize(y, kl, ID(model), iterations, exaggeration,
                                    learning_rate, momentum, o ? &full : NULL,
                                    tsne__failure()));
  return status;
}

int tsne_model_info(int64_t *n, int32_t *dims, int64_t *iterations, double *kl,
                    const tsne_model *model) {
  BEGIN;
  HANDLE(model);
  return goTsneModelInfo(n, dims, iterations, kl, ID(model), tsne__failure());
}

int tsne_model_embedding(float *y, const tsne_model *model) {
  BEGIN;
  NOT_NULL(y);
  HANDLE(model);
  return goTsneModelEmbedding(y, ID(model), tsne__failure());
}

int tsne_model_affinities(tsne_affinities **p, const tsne_model *model) {
  BEGIN;
  NOT_NULL(p);
  HANDLE(model);
  return goTsneModelAffinities(TO(p), ID(model), tsne__failure());
}

int tsne_model_options(tsne_options *o, const tsne_model *model) {
  tsne_options full;
  BEGIN;
  NOT_NULL(o);
  HANDLE(model);
  LATER_OPTIONS(full, o);
  TRY(goTsneModelOptions(&full, ID(model), tsne__failure()));
  tsne__give_options(o, &full);
  return TSNE_OK;
}

int tsne_model_perplexities(double *values, int64_t *n, const tsne_model *model,
                            int asked) {
  BEGIN;
  NOT_NULL(n);
  HANDLE(model);
  return goTsneModelPerplexities(values, n, ID(model), asked, tsne__failure());
}

int tsne_model_clone(tsne_model **copy, const tsne_model *model) {
  BEGIN;
  NOT_NULL(copy);
  HANDLE(model);
  return goTsneModelClone(TO(copy), ID(model), tsne__failure());
}

void tsne_model_free(tsne_model *model) {
  if (model && !tsne__forked())
    goTsneModelFree(ID(model));
}
