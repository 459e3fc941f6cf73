/* R's vectors, matrices, lists and external pointers, and the library's. */
#include "glue.h"

#include <stddef.h>
#include <string.h>

static size_t room(int64_t n, int64_t d) {
  return (size_t)(n > 0 ? n : 1) * (size_t)(d > 0 ? d : 1);
}

float *floats(int64_t n, int64_t d) {
  return (float *)R_alloc(room(n, d), sizeof(float));
}

int32_t *ints(int64_t n, int64_t d) {
  return (int32_t *)R_alloc(room(n, d), sizeof(int32_t));
}

int64_t *offsets(int64_t n) {
  return (int64_t *)R_alloc((size_t)n + 1, sizeof(int64_t));
}

/* Blocks keep both sides in cache. */
#define BLOCK 32

void put_rows(float *to, const double *from, int64_t n, int64_t d) {
  int64_t i0, j0, i, j;
  for (i0 = 0; i0 < n; i0 += BLOCK)
    for (j0 = 0; j0 < d; j0 += BLOCK)
      for (j = j0; j < d && j < j0 + BLOCK; j++)
        for (i = i0; i < n && i < i0 + BLOCK; i++)
          to[i * d + j] = (float)from[j * n + i];
}

float *to_rows(SEXP x) {
  float *to = floats(Rf_nrows(x), Rf_ncols(x));
  put_rows(to, REAL(x), Rf_nrows(x), Rf_ncols(x));
  return to;
}

SEXP from_rows(const float *x, int64_t n, int64_t d) {
  SEXP m = Rf_allocMatrix(REALSXP, (int)n, (int)d);
  columns_of(REAL(m), x, n, d);
  return m;
}

void columns_of(double *to, const float *x, int64_t n, int64_t d) {
  int64_t i0, j0, i, j;
  for (i0 = 0; i0 < n; i0 += BLOCK)
    for (j0 = 0; j0 < d; j0 += BLOCK)
      for (j = j0; j < d && j < j0 + BLOCK; j++)
        for (i = i0; i < n && i < i0 + BLOCK; i++)
          to[j * n + i] = x[i * d + j];
}

void read_x(job *j, SEXP x) {
  j->x = to_rows(x);
  j->n = Rf_nrows(x);
  j->d = Rf_ncols(x);
}

void read_data(job *j, SEXP x) {
  if (TYPEOF(x) == INTSXP)
    j->x = (float *)INTEGER(x);
  else
    j->data = REAL(x);
  j->n = Rf_nrows(x);
  j->d = Rf_ncols(x);
}

int32_t *to_indices(SEXP x) {
  int64_t n = Rf_nrows(x), k = Rf_ncols(x), i, c;
  int32_t *to = ints(n, k);
  for (i = 0; i < n; i++)
    for (c = 0; c < k; c++)
      to[i * k + c] = INTEGER(x)[c * n + i] - 1;
  return to;
}

SEXP from_indices(const int32_t *index, int64_t n, int64_t k) {
  SEXP m = Rf_allocMatrix(INTSXP, (int)n, (int)k);
  int64_t i, c;
  for (c = 0; c < k; c++)
    for (i = 0; i < n; i++)
      INTEGER(m)[c * n + i] = index[i * k + c] + 1;
  return m;
}

void read_distances(job *j, SEXP x) {
  const double *v = REAL(x);
  int64_t n, i, c;
  if (Rf_isMatrix(x)) {
    read_x(j, x);
    return;
  }
  j->n = j->d = n = (int64_t)Rf_asReal(Rf_getAttrib(x, Rf_install("Size")));
  j->x = floats(n, n);
  for (c = 0; c < n; c++) {
    j->x[c * n + c] = 0;
    for (i = c + 1; i < n; i++)
      j->x[i * n + c] = j->x[c * n + i] = (float)*v++;
  }
}

void read_sparse(job *j, SEXP p, SEXP i, SEXP x, int64_t n) {
  int64_t size = XLENGTH(x), a, c, *ptr = offsets(n), *next = offsets(n);
  j->n = n;
  j->d = XLENGTH(p) - 1;
  j->index = ints(size, 1);
  j->x = floats(size, 1);
  memset(ptr, 0, ((size_t)n + 1) * sizeof *ptr);
  for (a = 0; a < size; a++)
    ptr[INTEGER(i)[a] + 1]++;
  for (a = 0; a < n; a++)
    ptr[a + 1] += ptr[a];
  memcpy(next, ptr, ((size_t)n + 1) * sizeof *ptr);
  for (c = 0; c < j->d; c++)
    for (a = INTEGER(p)[c]; a < INTEGER(p)[c + 1]; a++) {
      int64_t to = next[INTEGER(i)[a]]++;
      j->index[to] = (int32_t)c;
      j->x[to] = (float)REAL(x)[a];
    }
  j->ptr = ptr;
}

SEXP from_sparse(const job *j) {
  static const char *const names[] = {"p", "j", "x", NULL};
  int64_t size = j->ptr[j->n], i;
  SEXP list, v;
  if (size > INT32_MAX)
    Rf_error("%.0f affinities are more than a sparse matrix of R can hold",
             (double)size);
  list = PROTECT(new_list(names));
  v = Rf_allocVector(INTSXP, j->n + 1);
  set(list, 0, v);
  for (i = 0; i <= j->n; i++)
    INTEGER(v)[i] = (int)j->ptr[i];
  v = Rf_allocVector(INTSXP, size);
  set(list, 1, v);
  if (size)
    memcpy(INTEGER(v), j->index, (size_t)size * sizeof(int));
  v = Rf_allocVector(REALSXP, size);
  set(list, 2, v);
  for (i = 0; i < size; i++)
    REAL(v)[i] = j->x[i];
  UNPROTECT(1);
  return list;
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
#include "fields.h"

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
  R_xlen_t at;
  for (i = 0; i < n; i++) {
    const char *name = CHAR(STRING_ELT(names, i));
    SEXP v = VECTOR_ELT(list, i);
    if (strcmp(name, "init_y") == 0) {
      if (v != R_NilValue)
        o->init_y = to_rows(v);
    } else if (strcmp(name, "pull_y") == 0) {
      o->pull_y = to_rows(v);
    } else if (strcmp(name, "pull_weights") == 0) {
      float *w = floats(XLENGTH(v), 1);
      for (at = 0; at < XLENGTH(v); at++)
        w[at] = (float)REAL(v)[at];
      o->pull_weights = w;
    } else if (strcmp(name, "checkpoint") == 0) {
      o->checkpoint = CHAR(STRING_ELT(v, 0));
    } else if (strcmp(name, "scratch") == 0) {
      o->scratch = CHAR(STRING_ELT(v, 0));
    } else if (strcmp(name, "perplexities") == 0) {
      o->perplexities = Rf_length(v) ? REAL(v) : NULL;
      o->n_perplexities = Rf_length(v);
    } else if (!put(o, options_fields, name, Rf_asReal(v)))
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
    } else if (strcmp(name, "perplexities") == 0) {
      t->perplexities = Rf_length(v) ? REAL(v) : NULL;
      t->n_perplexities = Rf_length(v);
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

static void free_partial(SEXP ptr) {
  tsne_partial_free(R_ExternalPtrAddr(ptr));
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

static void owner(SEXP owners, int at, const char *tag,
                  R_CFinalizer_t finalizer) {
  SEXP ptr = R_MakeExternalPtr(NULL, Rf_install(tag), R_NilValue);
  SET_VECTOR_ELT(owners, at, ptr);
  R_RegisterCFinalizerEx(ptr, finalizer, FALSE);
}

SEXP new_owners(const job *j) {
  int64_t i, more = j->sets ? j->sets->count : 0;
  SEXP owners = PROTECT(Rf_allocVector(VECSXP, 3 + more));
  collect();
  owner(owners, 0, "tsne_model", free_model);
  owner(owners, 1, "tsne_affinities", free_affinities);
  owner(owners, 2, "tsne_partial", free_partial);
  for (i = 0; i < more; i++)
    owner(owners, (int)(3 + i), "tsne_model", free_model);
  UNPROTECT(1);
  return owners;
}

void own(job *j) {
  int64_t i;
  for (i = 0; j->sets && i < j->sets->count; i++)
    R_SetExternalPtrAddr(VECTOR_ELT(j->owners, 3 + i), j->sets->models[i]);
  R_SetExternalPtrAddr(VECTOR_ELT(j->owners, 0), j->model);
  R_SetExternalPtrAddr(VECTOR_ELT(j->owners, 1), j->made);
  R_SetExternalPtrAddr(VECTOR_ELT(j->owners, 2), j->partial);
}

static SEXP owned(const job *j, int at) {
  SEXP ptr = VECTOR_ELT(j->owners, at);
  return R_ExternalPtrAddr(ptr) ? ptr : R_NilValue;
}

SEXP owned_model(const job *j) { return owned(j, 0); }
SEXP owned_affinities(const job *j) { return owned(j, 1); }
SEXP owned_of(const job *j, int64_t set) { return owned(j, (int)(3 + set)); }
SEXP owned_partial(const job *j) { return owned(j, 2); }

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

tsne_partial *partial_of(SEXP ptr) { return handle_of(ptr, "tsne_partial"); }

/* Whether ptr holds a handle: an external pointer comes back from readRDS
 * without one. */
SEXP r_alive(SEXP ptr) {
  return Rf_ScalarLogical(TYPEOF(ptr) == EXTPTRSXP &&
                          R_ExternalPtrAddr(ptr) != NULL);
}
