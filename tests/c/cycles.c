/* A thousand times make and free: no handle left, memory flat; also with
 * errors on threads that end. */
#include "test.h"

#include <unistd.h>

enum { N = 100, D = 4 };

static float *x;

/* Resident MiB; 0 where the system does not say. */
static double resident(void) {
  FILE *f = fopen("/proc/self/statm", "r");
  long pages = 0, total;
  if (f) {
    if (fscanf(f, "%ld %ld", &total, &pages) != 2)
      pages = 0;
    fclose(f);
  }
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* Through memory and back, and new points over what came back. */
static void travel(const tsne_model *m) {
  float y[N * 2];
  uint64_t size = 0;
  void *bytes;
  tsne_model *back = NULL;
  tsne_partial *partial = NULL, *copy = NULL;
  OK(tsne_model_save_bytes(NULL, &size, m));
  bytes = need(size);
  OK(tsne_model_save_bytes(bytes, &size, m));
  OK(tsne_model_load_bytes(&back, bytes, size, NULL));
  OK(tsne_transform(y, &partial, back, x, N, D, NULL));
  OK(tsne_partial_clone(&copy, partial));
  OK(tsne_partial_optimize(y, NULL, copy, 5, 1.5, 0, 0.8, NULL));
  tsne_partial_free(partial);
  tsne_partial_free(copy);
  tsne_model_free(back);
  free(bytes);
}

static void cycle(int i) {
  float y[N * 2];
  tsne_model *m = NULL, *copy = NULL;
  tsne_affinities *p = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  o.perplexity = 10;
  o.early_iterations = 5;
  o.iterations = 5;
  o.seed = (uint64_t)i;
  OK(tsne_fit(y, &m, x, N, D, &o));
  travel(m);
  OK(tsne_model_clone(&copy, m));
  OK(tsne_model_affinities(&p, m));
  CHECK(tsne_live_handles() == 3);
  tsne_model_free(m);
  OK(tsne_model_optimize(y, NULL, copy, 5, 1, 0, 0.8, NULL));
  tsne_model_free(copy);
  tsne_affinities_free(p);
  CHECK(tsne_live_handles() == 0);
}

static void *short_lived(void *arg) {
  float y[2];
  if (tsne_fit(y, NULL, x, 2, D, NULL) != TSNE_E_SHAPE || !*tsne_last_error())
    *(int *)arg = 1;
  return NULL;
}

int main(void) {
  double before, after;
  int i, wrong = 0;
  x = blobs(N, D);
  for (i = 0; i < 200; i++)
    cycle(i);
  before = resident();
  for (; i < 1200; i++) {
    pthread_t t;
    cycle(i);
    CHECK(!pthread_create(&t, NULL, short_lived, &wrong));
    pthread_join(t, NULL);
  }
  after = resident();
  CHECK(!wrong);
  CHECK(!*tsne_last_error());
#if defined(__SANITIZE_ADDRESS__)
  before = after; /* it keeps freed memory back */
#endif
  if (!CHECK(after < before + 6))
    fprintf(stderr, "  resident MiB after 200 and 1200 cycles: %.1f %.1f\n",
            before, after);
  free(x);
  return finish("cycles");
}
