/*
 * Two data sets of the same columns, as .npy: a map of the first, and one of
 * the second that starts where the first has its like, so that both show the
 * same things in the same places.
 *
 *   cc align.c $(pkg-config --cflags --libs tsne) -o align
 *   ./align first.npy second.npy first-map.npy second-map.npy
 */
#include <tsne.h>

#include "npy.h"

int main(int argc, char **argv) {
  tsne_model *first = NULL;
  int64_t n = 0, m = 0, d = 0, e = 0;
  double disparity = 0, overlap = 0;
  float *x, *z, *y = NULL, *w = NULL;
  int status = 1;

  if (argc < 5) {
    fprintf(stderr,
            "usage: %s first.npy second.npy first-map.npy "
            "second-map.npy\n",
            argv[0]);
    return 2;
  }
  x = npy_read(argv[1], &n, &d);
  z = npy_read(argv[2], &m, &e);
  if (x && z) {
    y = malloc((size_t)n * 2 * sizeof *y);
    w = malloc((size_t)m * 2 * sizeof *w);
  }
  if (!y || !w) {
    fprintf(stderr, "%s, %s: cannot read them as 2-D .npy of float or uint8\n",
            argv[1], argv[2]);
  } else if ((status = tsne_fit(y, &first, x, n, d, NULL)) != TSNE_OK ||
             (status = tsne_align(w, NULL, &disparity, &overlap, first, z, m, e,
                                  NULL, NULL)) != TSNE_OK) {
    fprintf(stderr, "%s: %s\n", tsne_status_name(status), tsne_last_error());
  } else if (!npy_write(argv[3], y, n, 2) || !npy_write(argv[4], w, m, 2)) {
    fprintf(stderr, "%s, %s: cannot write them\n", argv[3], argv[4]);
    status = 1;
  } else {
    printf("disparity %.4f  overlap %.4f\n", disparity, overlap);
  }
  tsne_model_free(first);
  free(x);
  free(z);
  free(y);
  free(w);
  return status != TSNE_OK;
}
