/* The C host of tests/hosts/run.sh:
 *   fit x.npy y.f32 model.npz
 *   place model.npz new.npy y.f32 */
#include <tsne.h>

#include "../../examples/c/npy.h"

static int fails(int status) {
  if (status != TSNE_OK)
    fprintf(stderr, "%s: %s\n", tsne_status_name(status), tsne_last_error());
  return status != TSNE_OK;
}

static int put(const char *path, const float *y, int64_t count) {
  FILE *f = fopen(path, "wb");
  int bad = !f || fwrite(y, sizeof *y, (size_t)count, f) != (size_t)count;
  return (f && fclose(f)) || bad;
}

static int fit(char **file) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t n, d;
  float *x = npy_read(file[0], &n, &d), *y;
  if (!x || !(y = malloc((size_t)n * 2 * sizeof *y)))
    return 1;
  o.perplexity = 25;
  o.early_iterations = 100;
  o.iterations = 150;
  o.exaggeration = 2;
  o.init = TSNE_INIT_RANDOM;
  o.seed = 42;
  return fails(tsne_fit(y, &model, x, n, d, &o)) ||
         fails(tsne_model_save(model, file[2])) || put(file[1], y, n * 2);
}

static int place(char **file) {
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t m, d;
  float *x = npy_read(file[1], &m, &d), *y;
  if (!x || !(y = malloc((size_t)m * 2 * sizeof *y)))
    return 1;
  o.k = 15;
  o.iterations = 40;
  return fails(tsne_model_load(&model, file[0], NULL)) ||
         fails(tsne_transform(y, NULL, model, x, m, d, &o)) ||
         put(file[2], y, m * 2);
}

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  return strcmp(argv[1], "fit") ? place(argv + 2) : fit(argv + 2);
}
