/* R's vectors, matrices, lists and external pointers, and the library's. */
#include "glue.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

float *floats(int64_t n, int64_t d) {
  return (float *)R_alloc((size_t)(n > 0 ? n : 1) * (size_t)(d > 0 ? d : 1), sizeof(float));
}

/* Blocks keep both sides in cache. */
#define BLOCK 32

float *to_rows(SEXP x) {
  const double *from = REAL(x);
  int64_t n = Rf_nrows(x), d = Rf_ncols(x), i0, j0, i, j;
  float *to = floats(n, d);
  for (i0 = 0; i0 < n; i0 += BLOCK)
    for (j0 = 0; j0 < d; j0 += BLOCK)
      for (j = j0; j < d && j < j0 + BLOCK; j++)
        for (i = i0; i < n && i < i0 + BLOCK; i++)
          to[i * d + j] = (float)from[j * n + i];
  return to;
}

SEXP from_rows(const float *x, int64_t n, int64_t d) {
  SEXP m = Rf_allocMatrix(REALSXP, (int)n, (int)d);
  double *to = REAL(m);
  int64_t i0, j0, i, j;
  for (i0 = 0; i0 < n; i0 += BLOCK)
    for (j0 = 0; j0 < d; j0 += BLOCK)
      for (j = j0; j < d && j < j0 + BLOCK; j++)
        for (i = i0; i < n && i < i0 + BLOCK; i++)
          to[j * n + i] = x[i * d + j];
  return m;
}

/* R counts from 1. */
int32_t *to_indices(SEXP x) {
  int64_t n = Rf_nrows(x), k = Rf_ncols(x), i, j;
  int32_t *to = (int32_t *)R_alloc((size_t)n * k + 1, sizeof *to);
  for (i = 0; i < n; i++)
    for (j = 0; j < k; j++)
      to[i * k + j] = INTEGER(x)[j * n + i] - 1;
  return to;
}

/* The first value, row by row, that no finite float can hold: its place in the
 * vector from 1; 0 if there is none. */
SEXP r_bad(SEXP x) {
  const double *v = REAL(x);
  R_xlen_t size = XLENGTH(x), n = Rf_nrows(x), at, best = 0, row = n;
  for (at = 0; at < size; at++)
    if (!(fabs(v[at]) < 3.4028235677973366e38) && at % n < row) {
      row = at % n;
      best = at + 1;
    }
  return Rf_ScalarReal((double)best);
}

SEXP new_list(const char *const *names) {
  int n = 0, i;
  SEXP list, text;
  while (names[n])
    n++;
  list = PROTECT(Rf_allocVector(VECSXP, n));
  text = PROTECT(Rf_allocVector(STRSXP, n));
  for (i = 0; i < n; i++)
    SET_STRING_ELT(text, i, Rf_mkChar(names[i]));
  Rf_setAttrib(list, R_NamesSymbol, text);
  UNPROTECT(2);
  return list;
}

void set(SEXP list, int at, SEXP value) { SET_VECTOR_ELT(list, at, value); }

enum kind { REAL64, INT64, INT32 };
struct field {
  const char *name;
  enum kind kind;
  size_t at;
};

#define F(type, name, kind) {#name, kind, offsetof(type, name)}
static const struct field fit_fields[] = {
    F(tsne_options, perplexity, REAL64),
    F(tsne_options, early_iterations, INT64),
    F(tsne_options, iterations, INT64),
    F(tsne_options, early_exaggeration, REAL64),
    F(tsne_options, exaggeration, REAL64),
    F(tsne_options, learning_rate, REAL64),
    F(tsne_options, early_momentum, REAL64),
    F(tsne_options, momentum, REAL64),
    F(tsne_options, max_step_norm, REAL64),
    F(tsne_options, theta, REAL64),
    F(tsne_options, neighbors_effort, REAL64),
    F(tsne_options, seed, INT64),
    F(tsne_options, max_memory, INT64),
    F(tsne_options, progress_every, INT64),
    F(tsne_options, dims, INT32),
    F(tsne_options, threads, INT32),
    F(tsne_options, init, INT32),
    F(tsne_options, neighbors, INT32),
    F(tsne_options, repulsion, INT32),
    F(tsne_options, dof, REAL64),
    F(tsne_options, max_grad_norm, REAL64),
    F(tsne_options, sigma, REAL64),
    F(tsne_options, auto_stop, REAL64),
    F(tsne_options, density_lambda, REAL64),
    F(tsne_options, density_fraction, REAL64),
    F(tsne_options, density_shift, REAL64),
    F(tsne_options, k, INT64),
    F(tsne_options, sample_size, INT64),
    F(tsne_options, anneal_iterations, INT64),
    F(tsne_options, metric, INT32),
    F(tsne_options, affinity, INT32),
    F(tsne_options, keep_data, INT32),
    {NULL, REAL64, 0}};

static const struct field transform_fields[] = {
    F(tsne_transform_options, seed, INT64),
    F(tsne_transform_options, k, INT64),
    F(tsne_transform_options, early_iterations, INT64),
    F(tsne_transform_options, iterations, INT64),
    F(tsne_transform_options, perplexity, REAL64),
    F(tsne_transform_options, early_exaggeration, REAL64),
    F(tsne_transform_options, exaggeration, REAL64),
    F(tsne_transform_options, learning_rate, REAL64),
    F(tsne_transform_options, early_momentum, REAL64),
    F(tsne_transform_options, momentum, REAL64),
    F(tsne_transform_options, max_grad_norm, REAL64),
    F(tsne_transform_options, max_step_norm, REAL64),
    F(tsne_transform_options, theta, REAL64),
    F(tsne_transform_options, neighbors_effort, REAL64),
    F(tsne_transform_options, max_memory, INT64),
    F(tsne_transform_options, progress_every, INT64),
    F(tsne_transform_options, threads, INT32),
    F(tsne_transform_options, placement, INT32),
    F(tsne_transform_options, metric, INT32),
    F(tsne_transform_options, neighbors, INT32),
    F(tsne_transform_options, repulsion, INT32),
    {NULL, REAL64, 0}};

/* Writes a number under its name; 0 if there is no such field. Numbers are
 * checked by R/options.R: one double, whole where the field is an int. */
static int put(void *o, const struct field *f, const char *name, double v) {
  for (; f->name; f++) {
    char *at = (char *)o + f->at;
    if (strcmp(f->name, name) != 0)
      continue;
    switch (f->kind) {
    case REAL64:
      memcpy(at, &v, sizeof v);
      break;
    case INT64: {
      int64_t whole = (int64_t)v;
      memcpy(at, &whole, sizeof whole);
      break;
    }
    case INT32: {
      int32_t whole = (int32_t)v;
      memcpy(at, &whole, sizeof whole);
      break;
    }
    }
    return 1;
  }
  return 0;
}

void options_begin(job *j) {
  memset(j, 0, sizeof *j);
  tsne_options_init(&j->o);
  tsne_transform_options_init(&j->t);
  tsne_superposition_init(&j->s);
}

void read_options(tsne_options *o, SEXP list) {
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  int i, n = Rf_length(list);
  for (i = 0; i < n; i++) {
    const char *name = CHAR(STRING_ELT(names, i));
    SEXP v = VECTOR_ELT(list, i);
    if (strcmp(name, "init_y") == 0) {
      if (v != R_NilValue)
        o->init_y = to_rows(v);
    } else if (strcmp(name, "perplexities") == 0) {
      o->perplexities = Rf_length(v) ? REAL(v) : NULL;
      o->n_perplexities = Rf_length(v);
    } else if (!put(o, fit_fields, name, Rf_asReal(v)))
      Rf_error("no option is named %s", name);
  }
}

void read_transform_options(tsne_transform_options *t, SEXP list) {
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  int i, n = Rf_length(list);
  for (i = 0; i < n; i++) {
    const char *name = CHAR(STRING_ELT(names, i));
    SEXP v = VECTOR_ELT(list, i);
    if (strcmp(name, "init_y") == 0) {
      if (v != R_NilValue)
        t->init_y = to_rows(v);
    } else if (strcmp(name, "columns") == 0) {
      if (v != R_NilValue) {
        t->n_columns = Rf_length(v);
        t->columns = (const int32_t *)INTEGER(v);
      }
    } else if (!put(t, transform_fields, name, Rf_asReal(v)))
      Rf_error("no option is named %s", name);
  }
}

static void free_model(SEXP ptr) {
  tsne_model_free(R_ExternalPtrAddr(ptr));
  R_ClearExternalPtr(ptr);
}

static void free_affinities(SEXP ptr) {
  tsne_affinities_free(R_ExternalPtrAddr(ptr));
  R_ClearExternalPtr(ptr);
}

/* R does not see the memory behind a handle: it is asked to collect those
 * that nobody has any more each time their number has doubled. */
static void collect(void) {
  static int64_t enough = 8;
  if (tsne_live_handles() <= enough)
    return;
  R_gc();
  enough = 2 * tsne_live_handles();
  if (enough < 8)
    enough = 8;
}

static SEXP wrap(void *handle, const char *tag, R_CFinalizer_t finalizer) {
  SEXP ptr;
  if (!handle)
    return R_NilValue;
  collect();
  ptr = PROTECT(R_MakeExternalPtr(handle, Rf_install(tag), R_NilValue));
  R_RegisterCFinalizerEx(ptr, finalizer, FALSE);
  UNPROTECT(1);
  return ptr;
}

SEXP wrap_model(tsne_model *m) { return wrap(m, "tsne_model", free_model); }

SEXP wrap_affinities(tsne_affinities *p) {
  return wrap(p, "tsne_affinities", free_affinities);
}

static void *handle_of(SEXP ptr, const char *tag) {
  if (TYPEOF(ptr) != EXTPTRSXP || R_ExternalPtrTag(ptr) != Rf_install(tag) ||
      !R_ExternalPtrAddr(ptr))
    Rf_error("not a handle of this session");
  return R_ExternalPtrAddr(ptr);
}

tsne_model *model_of(SEXP ptr) { return handle_of(ptr, "tsne_model"); }

tsne_affinities *affinities_of(SEXP ptr) {
  return handle_of(ptr, "tsne_affinities");
}

/* Whether ptr holds a handle: an external pointer comes back from readRDS
 * without one. */
SEXP r_alive(SEXP ptr) {
  return Rf_ScalarLogical(TYPEOF(ptr) == EXTPTRSXP && R_ExternalPtrAddr(ptr) != NULL);
}
