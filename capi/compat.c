/* What programs built with earlier releases call by other names; the header has
 * these inline. */
#include "call.h"

TSNE_API int tsne_gradient(float *gradient, double *kl, const float *y,
                           const tsne_affinities *p, const tsne_options *o);
TSNE_API int tsne_model_new(tsne_model **model, const float *y0,
                            const tsne_affinities *p, const tsne_options *o);
TSNE_API int tsne_partial_new(tsne_partial **partial, const tsne_model *model,
                              const float *y0, const int64_t *ptr,
                              const int32_t *col, const float *val, int64_t m,
                              const tsne_transform_options *o);

int tsne_gradient(float *gradient, double *kl, const float *y,
                  const tsne_affinities *p, const tsne_options *o) {
  return tsne_affinities_gradient(gradient, kl, p, y, o);
}

int tsne_model_new(tsne_model **model, const float *y0,
                   const tsne_affinities *p, const tsne_options *o) {
  return tsne_model_from_affinities(model, p, y0, o);
}

int tsne_partial_new(tsne_partial **partial, const tsne_model *model,
                     const float *y0, const int64_t *ptr, const int32_t *col,
                     const float *val, int64_t m,
                     const tsne_transform_options *o) {
  return tsne_partial_from_csr(partial, model, y0, ptr, col, val, m, o);
}
