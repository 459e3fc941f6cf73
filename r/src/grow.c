/* Maps of a model's rows and more, of some of them, and of several data sets.
 */
#include "glue.h"

#include <string.h>

/* A map of n points, whose model says the rest. */
static SEXP grown(const float *y, int64_t n, int32_t dims, tsne_model *model,
                  SEXP owner) {
  static const char *const names[] = {"Y",     "kl",   "iterations",
                                      "model", "pull", NULL};
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t iterations = 0;
  double kl = NA_REAL;
  SEXP list;
  if (!model)
    return R_NilValue;
  list = PROTECT(new_list(names));
  set(list, 3, owner);
  tsne_model_info(NULL, NULL, &iterations, &kl, model);
  tsne_model_options(&o, model);
  set(list, 0, from_rows(y, n, dims));
  set(list, 1, Rf_ScalarReal(kl));
  set(list, 2, Rf_ScalarReal((double)iterations));
  set(list, 4, Rf_ScalarReal(o.pull));
  UNPROTECT(1);
  return list;
}

static SEXP grown_model(job *j, int64_t n) {
  return outcome(j, grown(j->y, n, j->o.dims, j->model, owned_model(j)));
}

static int call_update(job *j) {
  return ON_DATA(tsne_update, (j->y, &j->model, j->from), (j->value[0], &j->o));
}

SEXP r_update(SEXP model, SEXP x, SEXP hold, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.from = model_of(model);
  tsne_model_info(&j.m, NULL, NULL, NULL, j.from);
  read_data(&j, x);
  j.value[0] = Rf_asReal(hold);
  j.y = floats(j.m + j.n, j.o.dims);
  run(&j, call_update, progress);
  return grown_model(&j, j.m + j.n);
}

static int call_zoom(job *j) {
  return tsne_zoom(j->y, NULL, &j->model, j->from, j->index, j->n, &j->o);
}

SEXP r_zoom(SEXP model, SEXP rows, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.from = model_of(model);
  j.index = to_indices(rows);
  j.n = Rf_nrows(rows);
  j.y = floats(j.n, j.o.dims);
  run(&j, call_zoom, progress);
  return grown_model(&j, j.n);
}

static int call_fit_together(job *j) {
  sets *s = j->sets;
  return tsne_fit_together_f64(s->y, s->models, s->data, s->n, s->d, s->count,
                               TSNE_BY_COLUMN, (const int64_t *const *)s->keys,
                               s->window, s->rounds, &j->o);
}

#define MANY(type) (type *)R_alloc((size_t)s.count, sizeof(type))

/* x: a list of matrices; keys: of vectors of whole numbers, or NULL. */
SEXP r_fit_together(SEXP x, SEXP keys, SEXP window, SEXP rounds, SEXP options,
                    SEXP progress) {
  job j;
  sets s;
  SEXP value = R_NilValue;
  int64_t i, k;
  options_begin(&j);
  read_options(&j.o, options);
  s.count = XLENGTH(x);
  s.window = (int64_t)Rf_asReal(window);
  s.rounds = (int64_t)Rf_asReal(rounds);
  s.n = MANY(int64_t);
  s.d = MANY(int64_t);
  s.data = MANY(const double *);
  s.y = MANY(float *);
  s.models = MANY(tsne_model *);
  s.keys = keys == R_NilValue ? NULL : MANY(int64_t *);
  for (i = 0; i < s.count; i++) {
    SEXP one = VECTOR_ELT(x, i);
    s.data[i] = REAL(one);
    s.n[i] = Rf_nrows(one);
    s.d[i] = Rf_ncols(one);
    s.y[i] = floats(s.n[i], j.o.dims);
    s.models[i] = NULL;
    if (s.keys) {
      const double *of = REAL(VECTOR_ELT(keys, i));
      s.keys[i] = offsets(s.n[i]);
      for (k = 0; k < s.n[i]; k++)
        s.keys[i][k] = (int64_t)of[k];
    }
  }
  j.sets = &s;
  run(&j, call_fit_together, progress);
  if (j.status == TSNE_OK) {
    value = PROTECT(Rf_allocVector(VECSXP, s.count));
    for (i = 0; i < s.count; i++)
      set(value, (int)i,
          grown(s.y[i], s.n[i], j.o.dims, s.models[i], owned_of(&j, i)));
    value = outcome(&j, value);
    UNPROTECT(1);
    return value;
  }
  return outcome(&j, value);
}
