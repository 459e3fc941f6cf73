/*
 * What the C files and the Go files share. Nothing here is for the world: a
 * private symbol begins with tsne__, is hidden, and so is exported by no shared
 * library and clashes with no name of a program that links the archive.
 */
#ifndef TSNE_PRIVATE_H
#define TSNE_PRIVATE_H

#if defined(_WIN32)
#define TSNE_API __declspec(dllexport)
#endif
#define TSNE_NO_DEPRECATED /* compat.c has symbols of these names */
#include "../include/tsne.h"

enum { TEXT_SIZE = 512, MOST_PARTS = 24 };

/* A line of text in its parts: a thread's last error, or what is logged. It has
 * no pointers: Go makes those of log lines. */
typedef struct failure {
  char text[TEXT_SIZE];
  char argument[64];
  int64_t row, column;
  int32_t status, n_parts;
  struct {
    int64_t index;
    int32_t kind, at; /* where it begins in text */
  } parts[MOST_PARTS];
} failure;

/* An empty line, and the parts of it one after the other: length bytes of text,
 * and the index of a row or column. What does not fit is cut off. */
void tsne__begin(failure *f, int status);
void tsne__add(failure *f, int kind, const char *text, size_t length,
               int64_t index);

/* A caller's n x d data: floats, or doubles in an enum tsne_order. */
typedef struct matrix {
  void *at;
  int64_t n, d;
  int32_t doubles, order;
} matrix;

static inline matrix floats(const float *x, int64_t n, int64_t d) {
  matrix m = {(void *)x, n, d, 0, 0};
  return m;
}

static inline matrix doubles(const double *x, int64_t n, int64_t d, int order) {
  matrix m = {(void *)x, n, d, 1, order};
  return m;
}

/* A caller's n x d data in CSR form. */
typedef struct csr {
  int64_t *ptr;
  int32_t *col;
  float *val;
  int64_t n, d;
} csr;

/* The callbacks of o, which must not be NULL. Go never reads the user
 * pointers: they may be any bits at all, and Go's runtime checks pointers. */
int tsne__progress(tsne_options *o, int32_t stage, int32_t dims, int64_t n,
                   int64_t iteration, int64_t iterations, double done,
                   double kl, double exaggeration, float *y);
void tsne__log(tsne_options *o, int level, failure *line);

/* Undoes, on the thread that loads the library, what keeps signals off Go's. */
void tsne__after_go(void);
int tsne__loaded(void);

/* Does job on the thread of the host that waits for this call. */
void tsne__on_caller(void (*job)(void *), void *arg);

#endif
