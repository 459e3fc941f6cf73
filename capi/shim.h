/* What shim.c and the Go files share. Private: no symbol here is exported. */
#ifndef TSNE_SHIM_H
#define TSNE_SHIM_H

#if defined(_WIN32)
#define TSNE_API __declspec(dllexport)
#endif
#include "../include/tsne.h"

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
