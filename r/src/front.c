/* Neighbours, affinities, what is computed of them, and reductions. */
#include "glue.h"

#include <math.h>
#include <string.h>

static void read_data(job *j, SEXP x) {
  j->x = to_rows(x);
  j->n = Rf_nrows(x);
  j->d = Rf_ncols(x);
}

static int call_neighbors(job *j) {
  if (j->flags)
    return tsne_neighbors_of_distances(j->index, j->y, j->x, j->n, j->k, &j->o);
  return tsne_neighbors(j->index, j->y, j->x, j->n, j->d, j->k, &j->o);
}

SEXP r_neighbors(SEXP x, SEXP k, SEXP distances, SEXP options, SEXP progress) {
  static const char *const names[] = {"index", "distance", NULL};
  job j;
  SEXP value = R_NilValue, index;
  int64_t i, c;
  options_begin(&j);
  read_options(&j.o, options);
  read_data(&j, x);
  j.k = (int64_t)Rf_asReal(k);
  j.flags = Rf_asLogical(distances);
  if (j.k >= 1 && j.k < j.n) {
    j.index = (int32_t *)R_alloc((size_t)j.n * j.k, sizeof *j.index);
    j.y = floats(j.n, j.k);
  } else { /* refused by the library before it writes */
    j.index = (int32_t *)R_alloc(1, sizeof *j.index);
    j.y = floats(1, 1);
  }
  run(&j, call_neighbors, progress);
  if (j.status != TSNE_OK)
    return outcome(&j, value);
  value = PROTECT(new_list(names));
  index = Rf_allocMatrix(INTSXP, (int)j.n, (int)j.k);
  set(value, 0, index);
  for (c = 0; c < j.k; c++)
    for (i = 0; i < j.n; i++)
      INTEGER(index)[c * j.n + i] = j.index[i * j.k + c] + 1;
  set(value, 1, from_rows(j.y, j.n, j.k));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

enum input { DATA, NEIGHBORS, DISTANCES, CSR };

static int call_affinities(job *j) {
  switch (j->flags) {
  case DATA:
    return tsne_affinities_from_data(&j->made, j->x, j->n, j->d, &j->o);
  case NEIGHBORS:
    return tsne_affinities_from_neighbors(&j->made, j->index, j->x, j->n, j->d, &j->o);
  case DISTANCES:
    return tsne_affinities_from_distances(&j->made, j->x, j->n, &j->o);
  default:
    return tsne_affinities_from_csr(&j->made, j->ptr, j->labels, j->x, j->n);
  }
}

/* Columns of a dgCMatrix as the rows of its transpose. */
static void read_columns(job *j, SEXP p, SEXP i, SEXP x) {
  int64_t a, rows = XLENGTH(p) - 1;
  int64_t *ptr = (int64_t *)R_alloc((size_t)rows + 1, sizeof *ptr);
  j->n = rows;
  for (a = 0; a <= rows; a++)
    ptr[a] = INTEGER(p)[a];
  j->ptr = ptr;
  j->labels = (const int32_t *)INTEGER(i);
  j->x = floats(XLENGTH(x), 1);
  for (a = 0; a < XLENGTH(x); a++)
    j->x[a] = (float)REAL(x)[a];
}

SEXP r_affinities(SEXP kind, SEXP a, SEXP b, SEXP c, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.flags = Rf_asInteger(kind);
  if (j.flags == CSR)
    read_columns(&j, a, b, c);
  else
    read_data(&j, a);
  if (j.flags == NEIGHBORS)
    j.index = to_indices(b);
  run(&j, call_affinities, progress);
  return outcome(&j, wrap_affinities(j.made));
}

SEXP r_affinities_size(SEXP p) {
  int64_t n = 0, nnz = 0;
  SEXP v = PROTECT(Rf_allocVector(REALSXP, 2));
  tsne_affinities_size(&n, &nnz, affinities_of(p));
  REAL(v)[0] = (double)n;
  REAL(v)[1] = (double)nnz;
  UNPROTECT(1);
  return v;
}

static int call_copy(job *j) {
  return tsne_affinities_copy((int64_t *)j->ptr, j->index, j->x, j->p);
}

static void copy_p(job *j, SEXP p) {
  int64_t *ptr;
  j->p = affinities_of(p);
  tsne_affinities_size(&j->n, &j->m, j->p);
  ptr = (int64_t *)R_alloc((size_t)j->n + 1, sizeof *ptr);
  j->ptr = ptr;
  j->index = (int32_t *)R_alloc((size_t)j->m + 1, sizeof *j->index);
  j->x = floats(j->m, 1);
}

/* P is symmetric: its rows are the columns of a dgCMatrix. */
SEXP r_affinities_copy(SEXP p) {
  static const char *const names[] = {"p", "i", "x", NULL};
  job j;
  SEXP value = R_NilValue, v;
  int64_t i;
  options_begin(&j);
  copy_p(&j, p);
  if (j.m > 2147483647)
    Rf_error("P has more values than a sparse matrix of R can hold");
  run(&j, call_copy, R_NilValue);
  if (j.status != TSNE_OK)
    return outcome(&j, value);
  value = PROTECT(new_list(names));
  v = Rf_allocVector(INTSXP, j.n + 1);
  set(value, 0, v);
  for (i = 0; i <= j.n; i++)
    INTEGER(v)[i] = (int)j.ptr[i];
  v = Rf_allocVector(INTSXP, j.m);
  set(value, 1, v);
  memcpy(INTEGER(v), j.index, (size_t)j.m * sizeof(int));
  v = Rf_allocVector(REALSXP, j.m);
  set(value, 2, v);
  for (i = 0; i < j.m; i++)
    REAL(v)[i] = j.x[i];
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

SEXP r_model_affinities(SEXP model) {
  tsne_affinities *p = NULL;
  if (tsne_model_affinities(&p, model_of(model)) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  return wrap_affinities(p);
}

/* KL divergence at y, its gradient, and the share of each point. */
static int call_cost(job *j) {
  int s = tsne_gradient(j->z, &j->value[0], j->y, j->p, &j->o);
  return s == TSNE_OK && j->flags ? call_copy(j) : s;
}

/* w_ij without its normaliser. */
static double log_kernel(const float *a, const float *b, int dims, double dof) {
  double d2 = 0;
  int c;
  for (c = 0; c < dims; c++)
    d2 += (double)(a[c] - b[c]) * (double)(a[c] - b[c]);
  return -0.5 * (dof + 1) * log1p(d2 / dof);
}

SEXP r_cost(SEXP p, SEXP y, SEXP points, SEXP options) {
  static const char *const names[] = {"kl", "gradient", "points", NULL};
  job j;
  SEXP value = R_NilValue, v;
  int64_t i, e;
  int dims = Rf_ncols(y);
  options_begin(&j);
  read_options(&j.o, options);
  j.o.dims = dims;
  copy_p(&j, p);
  j.y = to_rows(y);
  j.z = floats(j.n, dims);
  j.flags = Rf_asLogical(points);
  run(&j, call_cost, R_NilValue);
  if (j.status != TSNE_OK)
    return outcome(&j, value);
  value = PROTECT(new_list(names));
  set(value, 0, Rf_ScalarReal(j.value[0]));
  set(value, 1, from_rows(j.z, j.n, dims));
  if (j.flags) {
    /* KL = sum p (log p - log w) + log Z: what is missing is log Z. */
    double *share, known = 0, mass = 0;
    v = Rf_allocVector(REALSXP, j.n);
    set(value, 2, v);
    share = REAL(v);
    for (i = 0; i < j.n; i++) {
      share[i] = 0;
      for (e = j.ptr[i]; e < j.ptr[i + 1]; e++)
        if (j.x[e] > 0)
          share[i] += j.x[e] * (log(j.x[e]) - log_kernel(j.y + i * dims, j.y + (int64_t)j.index[e] * dims, dims, j.o.dof));
      known += share[i];
    }
    for (e = 0; e < j.m; e++)
      mass += j.x[e];
    for (i = 0; i < j.n; i++)
      for (e = j.ptr[i]; e < j.ptr[i + 1]; e++)
        share[i] += j.x[e] * (j.value[0] - known) / mass;
  }
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_initialize(job *j) {
  if (j->p)
    return tsne_spectral(j->y, j->p, &j->o);
  return tsne_initialize(j->y, j->x, j->n, j->d, &j->o);
}

SEXP r_initialize(SEXP x, SEXP options) {
  job j;
  SEXP value;
  options_begin(&j);
  read_options(&j.o, options);
  if (TYPEOF(x) == EXTPTRSXP) {
    j.p = affinities_of(x);
    tsne_affinities_size(&j.n, NULL, j.p);
  } else
    read_data(&j, x);
  j.y = floats(j.n, j.o.dims);
  run(&j, call_initialize, R_NilValue);
  value = PROTECT(j.status ? R_NilValue : from_rows(j.y, j.n, j.o.dims));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_reduce(job *j) {
  if (j->ptr)
    return tsne_reduce_csr(j->y, j->ptr, j->index, j->x, j->n, j->d, j->k, &j->o);
  return tsne_reduce(j->y, j->x, j->n, j->d, j->k, &j->o);
}

static SEXP reduced(job *j, SEXP k, SEXP progress) {
  SEXP value;
  j->k = (int64_t)Rf_asReal(k);
  j->y = floats(j->n, j->k);
  run(j, call_reduce, progress);
  value = PROTECT(j->status ? R_NilValue : from_rows(j->y, j->n, j->k));
  value = outcome(j, value);
  UNPROTECT(1);
  return value;
}

SEXP r_reduce(SEXP x, SEXP k, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  read_data(&j, x);
  return reduced(&j, k, progress);
}

/* A dgCMatrix of n rows: its columns are counted into rows. */
SEXP r_reduce_sparse(SEXP p, SEXP i, SEXP x, SEXP n, SEXP k, SEXP options, SEXP progress) {
  job j;
  int64_t a, c, *ptr, *next;
  options_begin(&j);
  read_options(&j.o, options);
  j.n = Rf_asInteger(n);
  j.d = XLENGTH(p) - 1;
  ptr = (int64_t *)R_alloc((size_t)j.n + 1, sizeof *ptr);
  next = (int64_t *)R_alloc((size_t)j.n + 1, sizeof *next);
  j.index = (int32_t *)R_alloc((size_t)XLENGTH(x) + 1, sizeof *j.index);
  j.x = floats(XLENGTH(x), 1);
  memset(ptr, 0, ((size_t)j.n + 1) * sizeof *ptr);
  for (a = 0; a < XLENGTH(i); a++)
    ptr[INTEGER(i)[a] + 1]++;
  for (a = 0; a < j.n; a++)
    ptr[a + 1] += ptr[a];
  memcpy(next, ptr, ((size_t)j.n + 1) * sizeof *ptr);
  for (c = 0; c < j.d; c++)
    for (a = INTEGER(p)[c]; a < INTEGER(p)[c + 1]; a++) {
      int64_t to = next[INTEGER(i)[a]]++;
      j.index[to] = (int32_t)c;
      j.x[to] = (float)REAL(x)[a];
    }
  j.ptr = ptr;
  return reduced(&j, k, progress);
}
