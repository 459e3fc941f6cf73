/* Two Go libraries in one process, each with a runtime of its own, at work at
 * the same time: second SECOND.so LIBTSNE.so, or with LINKED as archives. */
#include "test.h"

typedef int (*fit_fn)(float *, tsne_model **, const float *, int64_t, int64_t,
                      const tsne_options *);
typedef int64_t (*sum_fn)(int64_t);

#ifdef LINKED
int64_t secondSum(int64_t);
#else
#include <dlfcn.h>

/* POSIX lets a pointer of dlsym be called; ISO C has no words for it. */
static void find(void *library, const char *name, void *function) {
  void *at = library ? dlsym(library, name) : NULL;
  if (!at) {
    fprintf(stderr, "%s: %s\n", name, dlerror());
    exit(1);
  }
  memcpy(function, &at, sizeof at);
}
#endif

static sum_fn sum;

static void *sums(void *wrong) {
  int64_t want = 0, i;
  for (i = 0; i < 100000; i++)
    want += i % 64;
  for (i = 0; i < 50; i++)
    if (sum(100000) != want)
      *(int *)wrong = 1;
  return NULL;
}

int main(int argc, char **argv) {
  enum { N = 400, D = 6 };
  float *x = blobs(N, D), alone[N * 2], beside[N * 2];
  tsne_options o = TSNE_OPTIONS_INIT;
  fit_fn fit;
  pthread_t t;
  int wrong = 0;
#ifdef LINKED
  (void)argc, (void)argv;
  sum = secondSum, fit = tsne_fit;
  CHECK(sum(64) == 2016);
#else
  if (argc < 3)
    return 2;
  find(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL), "secondSum", &sum);
  CHECK(sum(64) == 2016);
  find(dlopen(argv[2], RTLD_NOW | RTLD_LOCAL), "tsne_fit", &fit);
#endif
  o.perplexity = 10;
  o.iterations = 100;
  CHECK(fit(alone, NULL, x, N, D, &o) == TSNE_OK);
  CHECK(!pthread_create(&t, NULL, sums, &wrong));
  CHECK(fit(beside, NULL, x, N, D, &o) == TSNE_OK);
  pthread_join(t, NULL);
  CHECK(!wrong && !memcmp(alone, beside, sizeof alone));
  free(x);
  return finish("second");
}
