/*
 * Places the rows of a .npy file on the map of a saved model, and writes where
 * they land, m x dims, as .npy. fit.c saves models, and so do Python and R.
 *
 *   cc transform.c $(pkg-config --cflags --libs tsne) -o transform
 *   ./transform model.npz new.npy places.npy [iterations]
 */
#include <tsne.h>

#include "npy.h"

int main(int argc, char **argv) {
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t n = 0, m = 0, d = 0;
  int32_t dims = 0;
  float *x, *y = NULL;
  int status;

  if (argc < 4) {
    fprintf(stderr, "usage: %s model.npz new.npy places.npy [iterations]\n",
            argv[0]);
    return 2;
  }
  if (argc > 4)
    o.iterations = atol(argv[4]);
  x = npy_read(argv[2], &m, &d);
  if (!x) {
    fprintf(stderr, "%s: cannot read it as a 2-D .npy of float or uint8\n",
            argv[2]);
    return 1;
  }
  status = tsne_model_load(&model, argv[1], NULL);
  if (status == TSNE_OK)
    status = tsne_model_info(&n, &dims, NULL, NULL, model);
  if (status == TSNE_OK && (y = malloc((size_t)m * (size_t)dims * sizeof *y)))
    status = tsne_transform(y, NULL, model, x, m, d, &o);
  if (status != TSNE_OK) {
    fprintf(stderr, "%s: %s\n", tsne_status_name(status), tsne_last_error());
  } else if (!y || !npy_write(argv[3], y, m, dims)) {
    fprintf(stderr, "%s: cannot write it\n", argv[3]);
    status = 1;
  } else {
    printf("%lld placed among %lld\n", (long long)m, (long long)n);
  }
  tsne_model_free(model);
  free(x);
  free(y);
  return status != TSNE_OK;
}
