/* Neighbours, affinities, what is computed of them, and reductions. */
#include "glue.h"

#include <math.h>

static int call_neighbors(job *j) {
  if (j->flags)
    return tsne_neighbors_of_distances(j->index, j->y, j->x, j->n, j->k, &j->o);
  if (j->x && j->z)
    return tsne_neighbors_of_new(j->index, j->y, j->x, j->n, j->d, j->z, j->m,
                                 j->k, &j->o);
  if (j->query)
    return tsne_neighbors_of_new_f64(j->index, j->y, j->data, j->n, j->d,
                                     j->query, j->m, TSNE_BY_COLUMN, j->k,
                                     &j->o);
  return ON_DATA(tsne_neighbors, (j->index, j->y), (j->k, &j->o));
}

/* query: new rows, whose neighbours among those of x are wanted; or NULL. */
SEXP r_neighbors(SEXP x, SEXP query, SEXP k, SEXP distances, SEXP options,
                 SEXP progress) {
  static const char *const names[] = {"index", "distance", NULL};
  job j;
  SEXP value = R_NilValue;
  int64_t wide;
  options_begin(&j);
  read_options(&j.o, options);
  j.flags = Rf_asLogical(distances);
  if (j.flags)
    read_distances(&j, x);
  else
    read_data(&j, x);
  j.m = j.n;
  if (query != R_NilValue) {
    j.query = REAL(query);
    j.m = Rf_nrows(query);
    if (j.x)
      j.z = to_rows(query);
  }
  j.k = (int64_t)Rf_asReal(k);
  wide = j.k >= 1 && j.k <= j.n ? j.k : 1; /* else it is refused */
  j.index = ints(j.m, wide);
  j.y = floats(j.m, wide);
  run(&j, call_neighbors, progress);
  if (j.status != TSNE_OK)
    return outcome(&j, value);
  value = PROTECT(new_list(names));
  set(value, 0, from_indices(j.index, j.m, j.k));
  set(value, 1, from_rows(j.y, j.m, j.k));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_conditional(job *j) {
  return tsne_conditional(j->y, j->x, j->n, j->d, &j->o);
}

SEXP r_conditional(SEXP distance, SEXP options) {
  job j;
  SEXP value;
  options_begin(&j);
  read_options(&j.o, options);
  read_x(&j, distance);
  j.y = floats(j.n, j.d);
  run(&j, call_conditional, R_NilValue);
  value = PROTECT(j.status ? R_NilValue : from_rows(j.y, j.n, j.d));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

enum input { DATA, NEIGHBORS, DISTANCES, CSR };

static int call_affinities(job *j) {
  switch (j->flags) {
  case DATA:
    return ON_DATA(tsne_affinities_from_data, (&j->made), (&j->o));
  case NEIGHBORS:
    return tsne_affinities_from_neighbors(&j->made, j->index, j->x, j->n, j->d,
                                          &j->o);
  case DISTANCES:
    return tsne_affinities_from_distances(&j->made, j->x, j->n, &j->o);
  default:
    return tsne_affinities_from_csr(&j->made, j->ptr, j->index, j->x, j->n);
  }
}

/* a and b: x; distances and indices; distances; slots and number of rows. */
SEXP r_affinities(SEXP kind, SEXP a, SEXP b, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.flags = Rf_asInteger(kind);
  switch (j.flags) {
  case CSR:
    read_sparse(&j, VECTOR_ELT(a, 0), VECTOR_ELT(a, 1), VECTOR_ELT(a, 2),
                (int64_t)Rf_asReal(b));
    break;
  case DISTANCES:
    read_distances(&j, a);
    break;
  case NEIGHBORS:
    j.index = to_indices(b);
    read_x(&j, a);
    break;
  default:
    read_data(&j, a);
  }
  run(&j, call_affinities, progress);
  return outcome(&j, owned_affinities(&j));
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
  j->p = affinities_of(p);
  tsne_affinities_size(&j->n, &j->m, j->p);
  j->ptr = offsets(j->n);
  j->index = ints(j->m, 1);
  j->x = floats(j->m, 1);
}

SEXP r_affinities_copy(SEXP p) {
  job j;
  SEXP value;
  options_begin(&j);
  copy_p(&j, p);
  run(&j, call_copy, R_NilValue);
  value = PROTECT(j.status ? R_NilValue : from_sparse(&j));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_partial_affinities(job *j) {
  return tsne_partial_affinities(NULL, (int64_t *)j->ptr, j->index, j->x,
                                 j->points);
}

SEXP r_partial_affinities(SEXP points) {
  job j;
  SEXP value;
  options_begin(&j);
  j.points = partial_of(points);
  tsne_partial_info(&j.n, NULL, NULL, NULL, j.points);
  tsne_partial_affinities(&j.m, NULL, NULL, NULL, j.points);
  j.ptr = offsets(j.n);
  j.index = ints(j.m, 1);
  j.x = floats(j.m, 1);
  run(&j, call_partial_affinities, R_NilValue);
  value = PROTECT(j.status ? R_NilValue : from_sparse(&j));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

SEXP r_model_affinities(SEXP model) {
  job j;
  options_begin(&j);
  j.owners = PROTECT(new_owners(&j));
  if (tsne_model_affinities(&j.made, model_of(model)) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  own(&j);
  UNPROTECT(1);
  return owned_affinities(&j);
}

/* KL divergence at y, its gradient, and the share of each point. */
static int call_cost(job *j) {
  int s = tsne_affinities_gradient(j->z, &j->value[0], j->p, j->y, &j->o);
  return s == TSNE_OK ? call_copy(j) : s;
}

/* log of w = (1 + d^2/dof)^-dof. */
static double log_kernel(const float *a, const float *b, int dims, double dof) {
  double d2 = 0;
  int c;
  for (c = 0; c < dims; c++)
    d2 += (double)(a[c] - b[c]) * (double)(a[c] - b[c]);
  return -dof * log1p(d2 / dof);
}

SEXP r_cost(SEXP p, SEXP y, SEXP options) {
  static const char *const names[] = {"kl", "gradient", "points", NULL};
  job j;
  SEXP value = R_NilValue, v;
  double *share, known = 0, mass = 0;
  int64_t i, e;
  int dims = Rf_ncols(y);
  options_begin(&j);
  read_options(&j.o, options);
  copy_p(&j, p);
  j.y = to_rows(y);
  j.z = floats(j.n, dims);
  run(&j, call_cost, R_NilValue);
  if (j.status != TSNE_OK)
    return outcome(&j, value);
  value = PROTECT(new_list(names));
  set(value, 0, Rf_ScalarReal(j.value[0]));
  set(value, 1, from_rows(j.z, j.n, dims));
  v = Rf_allocVector(REALSXP, j.n);
  set(value, 2, v);
  share = REAL(v);
  /* KL = sum p (log p - log w) + log Z: what is missing is log Z. */
  for (i = 0; i < j.n; i++) {
    share[i] = 0;
    for (e = j.ptr[i]; e < j.ptr[i + 1]; e++) {
      mass += j.x[e];
      if (j.x[e] > 0)
        share[i] +=
            j.x[e] * (log(j.x[e]) - log_kernel(j.y + i * dims,
                                               j.y + (int64_t)j.index[e] * dims,
                                               dims, j.o.dof));
    }
    known += share[i];
  }
  for (i = 0; i < j.n; i++)
    for (e = j.ptr[i]; e < j.ptr[i + 1]; e++)
      share[i] += j.x[e] * (j.value[0] - known) / mass;
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_initialize(job *j) {
  if (j->p)
    return tsne_spectral(j->y, j->p, &j->o);
  return ON_DATA(tsne_initialize, (j->y), (&j->o));
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
    return tsne_reduce_csr(j->y, j->ptr, j->index, j->x, j->n, j->d, j->k,
                           &j->o);
  return ON_DATA(tsne_reduce, (j->y), (j->k, &j->o));
}

static SEXP reduced(job *j, SEXP k) {
  SEXP value;
  j->k = (int64_t)Rf_asReal(k);
  j->y = floats(j->n, j->k <= j->d ? j->k : 1); /* else it is refused */
  run(j, call_reduce, R_NilValue);
  value = PROTECT(j->status ? R_NilValue : from_rows(j->y, j->n, j->k));
  value = outcome(j, value);
  UNPROTECT(1);
  return value;
}

SEXP r_reduce(SEXP x, SEXP k, SEXP options) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  read_data(&j, x);
  return reduced(&j, k);
}

SEXP r_reduce_sparse(SEXP slots, SEXP n, SEXP k, SEXP options) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  read_sparse(&j, VECTOR_ELT(slots, 0), VECTOR_ELT(slots, 1),
              VECTOR_ELT(slots, 2), (int64_t)Rf_asReal(n));
  return reduced(&j, k);
}

/* Iterations and momenta of a fit of n points. */
SEXP r_settle(SEXP options, SEXP n) {
  job j;
  SEXP phases;
  options_begin(&j);
  read_options(&j.o, options);
  if (tsne_options_settle(&j.o, (int64_t)Rf_asReal(n)) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  phases = Rf_allocVector(REALSXP, 5);
  REAL(phases)[0] = (double)j.o.early_iterations;
  REAL(phases)[1] = (double)j.o.iterations;
  REAL(phases)[2] = j.o.early_momentum;
  REAL(phases)[3] = j.o.momentum;
  REAL(phases)[4] = (double)j.o.momentum_iterations;
  return phases;
}

/* Bytes that a fit would take, and that there are. */
SEXP r_memory(SEXP n, SEXP d, SEXP options) {
  job j;
  uint64_t need = 0, room = 0;
  SEXP both;
  options_begin(&j);
  read_options(&j.o, options);
  if (tsne_estimate_memory(&need, (int64_t)Rf_asReal(n), (int64_t)Rf_asReal(d),
                           &j.o) != TSNE_OK ||
      tsne_available_memory(&room) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  both = Rf_allocVector(REALSXP, 2);
  REAL(both)[0] = (double)need;
  REAL(both)[1] = (double)room;
  return both;
}
