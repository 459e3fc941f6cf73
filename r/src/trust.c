/* How far to trust a map. */
#include "glue.h"

enum { SCORES = 9, DUBIOUS = 7 };

static int call_diagnose(job *j) {
  tsne_diagnosis d = TSNE_DIAGNOSIS_INIT;
  float **to[SCORES] = {
      &d.recall,       &d.trustworthiness, &d.continuity,  &d.stretch,
      &d.perturbation, &d.singularity,     &d.reliability, NULL,
      &d.spread};
  int c;
  for (c = 0; c < SCORES; c++)
    if (j->flags & 1 << c) {
      if (c == DUBIOUS)
        d.dubious = j->index;
      else
        *to[c] = j->y + c * j->n;
    }
  d.maps = j->z;
  d.n_maps = j->m;
  d.k = j->k;
  d.length = j->value[0];
  return tsne_diagnose(&d, j->from, &j->o);
}

/* wanted: of each score; numbers: k and length; maps: one below the other, or
 * NULL. */
SEXP r_diagnose(SEXP model, SEXP wanted, SEXP numbers, SEXP maps,
                SEXP options) {
  job j;
  SEXP value;
  int64_t i;
  int c;
  options_begin(&j);
  read_options(&j.o, options);
  j.from = model_of(model);
  tsne_model_info(&j.n, NULL, NULL, NULL, j.from);
  for (c = 0; c < SCORES; c++)
    if (LOGICAL(wanted)[c])
      j.flags |= 1 << c;
  j.k = (int64_t)REAL(numbers)[0];
  j.value[0] = REAL(numbers)[1];
  if (maps != R_NilValue) {
    j.m = Rf_nrows(maps) / j.n;
    j.z = to_rows(maps);
  }
  j.y = floats(j.n, SCORES);
  j.index = ints(j.n, 1);
  run(&j, call_diagnose, R_NilValue);
  if (j.status != TSNE_OK)
    return outcome(&j, R_NilValue);
  value = PROTECT(Rf_allocVector(VECSXP, SCORES));
  for (c = 0; c < SCORES; c++)
    if (j.flags & 1 << c) {
      SEXP column = Rf_allocVector(REALSXP, (R_xlen_t)j.n);
      SET_VECTOR_ELT(value, c, column);
      for (i = 0; i < j.n; i++)
        REAL(column)[i] = c == DUBIOUS ? j.index[i] : j.y[c * j.n + i];
    }
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_outside(job *j) {
  return ON_DATA(tsne_outside, (j->y, j->z, j->w, j->from), (j->k, &j->t));
}

SEXP r_outside(SEXP model, SEXP x, SEXP k, SEXP options) {
  static const char *const names[] = {"distance", "quantile", "ratio", NULL};
  job j;
  SEXP value;
  int c;
  options_begin(&j);
  read_transform_options(&j.t, options);
  j.from = model_of(model);
  read_data(&j, x);
  j.k = (int64_t)Rf_asReal(k);
  j.y = floats(j.n, 1);
  j.z = floats(j.n, 1);
  j.w = floats(j.n, 1);
  run(&j, call_outside, R_NilValue);
  if (j.status != TSNE_OK)
    return outcome(&j, R_NilValue);
  value = PROTECT(new_list(names));
  for (c = 0; c < 3; c++) {
    const float *from = c == 0 ? j.y : c == 1 ? j.z : j.w;
    SEXP column = Rf_allocVector(REALSXP, (R_xlen_t)j.n);
    int64_t i;
    set(value, c, column);
    for (i = 0; i < j.n; i++)
      REAL(column)[i] = from[i];
  }
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}
