/* What shim.c and the Go files share. Private: no symbol here is exported. */
#ifndef TSNE_SHIM_H
#define TSNE_SHIM_H

#if defined(_WIN32)
#define TSNE_API __declspec(dllexport)
#endif
#include "../include/tsne.h"

/* A caller's n x d data: floats, or doubles in an enum tsne_order. */
typedef struct shim_data {
  void *at;
  int64_t n, d;
  int32_t doubles, order;
} shim_data;

static inline shim_data shim_floats(const float *x, int64_t n, int64_t d) {
  shim_data data = {(void *)x, n, d, 0, 0};
  return data;
}

static inline shim_data shim_doubles(const double *x, int64_t n, int64_t d,
                                     int order) {
  shim_data data = {(void *)x, n, d, 1, order};
  return data;
}

/* The callbacks of o, which must not be NULL. Go never reads the user
 * pointers: they may be any bits at all, and Go's runtime checks pointers. */
int shim_progress(tsne_options *o, int32_t stage, int32_t dims, int64_t n,
                  int64_t iteration, int64_t iterations, double done, double kl,
                  double exaggeration, float *y);
void shim_log(tsne_options *o, int level, char *line);

/* Undoes, on the thread that loads the library, what keeps signals off Go's. */
void shim_after_go(void);
int shim_loaded(void);

/* Does job on the thread of the host that waits for this call. */
void shim_on_caller(void (*job)(void *), void *arg);

#endif
