/* What the test programs share: checks, made-up data, a clock. */
#ifndef TEST_H
#define TEST_H

#include <tsne.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int failures;

#define CHECK(condition)                                                       \
  ((condition)                                                                 \
       ? 1                                                                     \
       : (failures++,                                                          \
          fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), 0))

/* Checks that a call succeeds, and says why if not. */
#define OK(call)                                                               \
  do {                                                                         \
    int got_ = (call);                                                         \
    if (got_ != TSNE_OK) {                                                     \
      failures++;                                                              \
      fprintf(stderr, "%s:%d: %s: %s: %s\n", __FILE__, __LINE__, #call,        \
              tsne_status_name(got_), tsne_last_error());                      \
    }                                                                          \
  } while (0)

static inline int finish(const char *name) {
  printf("%s: %s\n", name, failures ? "FAIL" : "ok");
  return failures != 0;
}

static inline double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void nap(double s) {
  struct timespec t;
  t.tv_sec = (time_t)s;
  t.tv_nsec = (long)((s - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL);
}

static inline void *need(size_t bytes) {
  void *p = malloc(bytes);
  if (!p) {
    fprintf(stderr, "no memory\n");
    exit(2);
  }
  return p;
}

static inline double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* n x d: five round blobs, to be freed. */
static inline float *blobs(int64_t n, int64_t d) {
  float *x = need((size_t)(n * d) * sizeof *x);
  uint64_t state = 1;
  int64_t i, c;
  int k;
  for (i = 0; i < n; i++) {
    for (c = 0; c < d; c++) {
      double v = 0;
      for (k = 0; k < 12; k++)
        v += uniform(&state);
      x[i * d + c] = (float)(v - 6 + (i % 5 == c % 5 ? 8 : 0));
    }
  }
  return x;
}

#endif
