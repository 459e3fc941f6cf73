/* New points over a finished map. */
#include "glue.h"

/* What new points are to R: where they stand and, to go on, their handle. */
static SEXP standing(job *j) {
  static const char *const names[] = {"Y", "kl", "iterations", "points", NULL};
  int64_t m = 0, iterations = 0;
  int32_t dims = 0;
  double kl = NA_REAL;
  float *y;
  SEXP list;
  if (!j->partial)
    return R_NilValue;
  list = PROTECT(new_list(names));
  set(list, 3, owned_partial(j));
  tsne_partial_info(&m, &dims, &iterations, &kl, j->partial);
  y = floats(m, dims);
  tsne_partial_embedding(y, j->partial);
  set(list, 0, from_rows(y, m, dims));
  set(list, 1, Rf_ScalarReal(kl));
  set(list, 2, Rf_ScalarReal((double)iterations));
  UNPROTECT(1);
  return list;
}

/* Placing first and then refining keeps what a stopped call has reached. */
static int call_partial(job *j) {
  int64_t early = j->t.early_iterations, late = j->t.iterations;
  int s;
  j->t.early_iterations = j->t.iterations = 0;
  if (j->ptr)
    s = tsne_partial_from_csr(&j->partial, j->from, j->t.init_y, j->ptr,
                              j->index, j->x, j->n, &j->t);
  else
    s = ON_DATA(tsne_transform, (j->y, &j->partial, j->from), (&j->t));
  if (s == TSNE_OK && early > 0)
    s = tsne_partial_optimize(NULL, NULL, j->partial, early,
                              j->t.early_exaggeration, j->t.learning_rate,
                              j->t.early_momentum, &j->t);
  if (s == TSNE_OK && late > 0)
    s = tsne_partial_optimize(NULL, NULL, j->partial, late, j->t.exaggeration,
                              j->t.learning_rate, j->t.momentum, &j->t);
  return s;
}

/* x: rows of data; or the slots of a dgCMatrix of affinities, whose rows are
 * those of the start. */
SEXP r_partial(SEXP model, SEXP x, SEXP options, SEXP progress) {
  job j;
  int32_t dims = 0;
  options_begin(&j);
  read_transform_options(&j.t, options);
  j.from = model_of(model);
  tsne_model_info(NULL, &dims, NULL, NULL, j.from);
  if (TYPEOF(x) == VECSXP)
    read_sparse(&j, VECTOR_ELT(x, 0), VECTOR_ELT(x, 1), VECTOR_ELT(x, 2),
                (int64_t)Rf_asReal(VECTOR_ELT(x, 3)));
  else
    read_data(&j, x);
  j.y = floats(j.n, dims);
  run(&j, call_partial, progress);
  return outcome(&j, standing(&j));
}

static int call_partial_optimize(job *j) {
  int s = tsne_partial_clone(&j->partial, j->points);
  if (s == TSNE_OK)
    s = tsne_partial_optimize(NULL, NULL, j->partial, j->m, j->value[0],
                              j->value[1], j->value[2], &j->t);
  return s;
}

/* steps: iterations, exaggeration, learning rate, momentum. */
SEXP r_partial_optimize(SEXP points, SEXP steps, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_transform_options(&j.t, options);
  j.points = partial_of(points);
  j.m = (int64_t)REAL(steps)[0];
  j.value[0] = REAL(steps)[1];
  j.value[1] = REAL(steps)[2];
  j.value[2] = REAL(steps)[3];
  run(&j, call_partial_optimize, progress);
  return outcome(&j, standing(&j));
}

static int call_bootstrap(job *j) {
  return ON_DATA(tsne_bootstrap, (j->y, j->z, j->w, j->from), (j->m, &j->t));
}

/* samples are m x b x dims: of more rows than a matrix of R may have. */
SEXP r_bootstrap(SEXP model, SEXP x, SEXP b, SEXP options) {
  static const char *const names[] = {"Y", "samples", "radius", NULL};
  job j;
  SEXP value = R_NilValue, samples;
  int32_t dims = 0;
  options_begin(&j);
  read_transform_options(&j.t, options);
  j.from = model_of(model);
  tsne_model_info(NULL, &dims, NULL, NULL, j.from);
  read_data(&j, x);
  j.m = (int64_t)Rf_asReal(b);
  j.w = floats(j.n, 1);
  j.y = floats(j.n, dims);
  j.z = floats(j.n, dims * j.m);
  run(&j, call_bootstrap, R_NilValue);
  if (j.status != TSNE_OK)
    return outcome(&j, value);
  value = PROTECT(new_list(names));
  set(value, 0, from_rows(j.y, j.n, dims));
  samples = Rf_allocVector(REALSXP, j.n * j.m * dims);
  set(value, 1, samples);
  columns_of(REAL(samples), j.z, j.m * j.n, dims);
  set(value, 2, from_rows(j.w, j.n, 1));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}
