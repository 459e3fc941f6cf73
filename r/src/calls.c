/* One entry point for each thing R asks of the library. Each reads its
 * arguments, runs the call on its own thread and gives outcome(). */
#include "glue.h"

#include <string.h>

static SEXP matrix_or_null(const float *x, int64_t n, int64_t d) {
  return x ? from_rows(x, n, d) : R_NilValue;
}

/* What a fitted map is to R. */
static SEXP map(job *j) {
  static const char *const names[] = {
      "Y", "kl", "iterations", "model", "disparity", "overlap", NULL};
  SEXP list;
  int64_t iterations = 0;
  double kl = NA_REAL;
  if (!j->model)
    return R_NilValue;
  list = PROTECT(new_list(names));
  set(list, 3, owned_model(j));
  tsne_model_info(NULL, NULL, &iterations, &kl, j->model);
  set(list, 0, matrix_or_null(j->y, j->n, j->o.dims));
  set(list, 1, Rf_ScalarReal(kl));
  set(list, 2, Rf_ScalarReal((double)iterations));
  set(list, 4, Rf_ScalarReal(j->value[0]));
  set(list, 5, Rf_ScalarReal(j->value[1]));
  UNPROTECT(1);
  return list;
}

static int call_fit(job *j) {
  return ON_DATA(tsne_fit, (j->y, &j->model), (&j->o));
}

SEXP r_fit(SEXP x, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  read_data(&j, x);
  j.y = floats(j.n, j.o.dims);
  run(&j, call_fit, progress);
  return outcome(&j, map(&j));
}

static int call_fit_affinities(job *j) {
  return tsne_fit_affinities(j->y, &j->model, j->p, NULL, 0, 0, &j->o);
}

SEXP r_fit_affinities(SEXP p, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.p = affinities_of(p);
  tsne_affinities_size(&j.n, NULL, j.p);
  j.y = floats(j.n, j.o.dims);
  run(&j, call_fit_affinities, progress);
  return outcome(&j, map(&j));
}

/* A model at y0, not yet optimised. */
static int call_model(job *j) {
  return tsne_model_from_affinities(&j->model, j->p, j->o.init_y, &j->o);
}

SEXP r_model(SEXP p, SEXP options) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.p = affinities_of(p);
  run(&j, call_model, R_NilValue);
  return outcome(&j, owned_model(&j));
}

static int call_optimize(job *j) {
  int s = tsne_model_clone(&j->model, j->from);
  if (s == TSNE_OK)
    s = tsne_model_optimize(j->y, NULL, j->model, j->m, j->value[1],
                            j->value[2], j->value[3], j->flags ? &j->o : NULL);
  return s;
}

/* steps: iterations, exaggeration, learning rate, momentum, and whether the
 * model's own pull and its frame stay. */
SEXP r_optimize(SEXP model, SEXP steps, SEXP options, SEXP progress) {
  job j;
  tsne_options own = TSNE_OPTIONS_INIT;
  int32_t dims = 0;
  SEXP value;
  options_begin(&j);
  read_options(&j.o, options);
  j.from = model_of(model);
  tsne_model_info(&j.n, &dims, NULL, NULL, j.from);
  j.o.dims = dims;
  tsne_model_options(&own, j.from);
  if (REAL(steps)[4] != 0)
    j.o.pull = own.pull;
  if (REAL(steps)[5] != 0)
    j.o.pull_frame = own.pull_frame;
  j.m = (int64_t)REAL(steps)[0];
  j.value[1] = REAL(steps)[1];
  j.value[2] = REAL(steps)[2];
  j.value[3] = REAL(steps)[3];
  j.flags = 1;
  j.y = floats(j.n, dims);
  run(&j, call_optimize, progress);
  j.value[0] = j.value[1] = NA_REAL;
  value = PROTECT(map(&j));
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_load(job *j) {
  return tsne_model_load(&j->model, j->path, &j->o);
}

SEXP r_load(SEXP path, SEXP options) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  j.path = Rf_translateCharUTF8(STRING_ELT(path, 0));
  run(&j, call_load, R_NilValue);
  return outcome(&j, owned_model(&j));
}

/* A vector of strings; NULL of none. */
static const char **in_utf8(SEXP names) {
  R_xlen_t i, n = Rf_xlength(names);
  const char **texts = (const char **)R_alloc((size_t)n + 1, sizeof *texts);
  for (i = 0; i < n; i++)
    texts[i] = Rf_translateCharUTF8(STRING_ELT(names, i));
  return n ? texts : NULL;
}

/* A model that is saved under other names is a copy, since a progress function
 * may save the one that its call works on. */
static int call_save(job *j) {
  int s;
  if (!j->renamed)
    return tsne_model_save_with(j->from, j->path, &j->o);
  s = tsne_model_clone(&j->model, j->from);
  if (s == TSNE_OK)
    s = tsne_model_set_row_names(j->model, j->names, j->n);
  if (s == TSNE_OK)
    s = tsne_model_save_with(j->model, j->path, &j->o);
  return s;
}

/* renamed: a list of the names of the points to save with, or NULL. */
SEXP r_save(SEXP model, SEXP path, SEXP renamed) {
  job j;
  options_begin(&j);
  j.from = model_of(model);
  j.path = Rf_translateCharUTF8(STRING_ELT(path, 0));
  if (renamed != R_NilValue) {
    SEXP names = VECTOR_ELT(renamed, 0);
    j.renamed = 1;
    j.names = in_utf8(names);
    j.n = Rf_xlength(names);
  }
  run(&j, call_save, R_NilValue);
  tsne_model_free(j.model);
  return outcome(&j, R_NilValue);
}

/* A model's map and where it stands. */
SEXP r_info(SEXP model) {
  static const char *const names[] = {"Y", "kl", "iterations", NULL};
  const tsne_model *m = model_of(model);
  int64_t n = 0, iterations = 0;
  int32_t dims = 0;
  double kl = NA_REAL;
  float *y;
  SEXP list;
  if (tsne_model_info(&n, &dims, &iterations, &kl, m) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  y = floats(n, dims);
  if (tsne_model_embedding(y, m) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  list = PROTECT(new_list(names));
  set(list, 0, from_rows(y, n, dims));
  set(list, 1, Rf_ScalarReal(kl));
  set(list, 2, Rf_ScalarReal((double)iterations));
  UNPROTECT(1);
  return list;
}

/* Columns of a model's data; 0 without any. */
SEXP r_width(SEXP model) {
  int64_t d = 0;
  tsne_model_data(NULL, &d, NULL, model_of(model));
  return Rf_ScalarReal((double)d);
}

/* Names the points of a model: a vector of strings, or NULL. */
SEXP r_set_row_names(SEXP model, SEXP names) {
  if (tsne_model_set_row_names(model_of(model), in_utf8(names),
                               Rf_xlength(names)) != TSNE_OK)
    Rf_warning("the names of the rows are not kept: %s", tsne_last_error());
  return R_NilValue;
}

/* Names the columns of a model's data: a vector of strings, or NULL. */
SEXP r_set_names(SEXP model, SEXP names) {
  const char **texts = in_utf8(names);
  int status = tsne_model_set_names(model_of(model), texts, Rf_xlength(names));
  if (status != TSNE_OK &&
      status != TSNE_E_NO_DATA) /* with keep_data = FALSE */
    Rf_warning("the names of the columns are not kept: %s", tsne_last_error());
  return R_NilValue;
}

/* What a function of the library gives as texts, each ended by a NUL; NULL if
 * there are none. */
static SEXP texts_of(int (*give)(char *, uint64_t *, const tsne_model *),
                     SEXP model) {
  const tsne_model *m = model_of(model);
  uint64_t size = 0, at;
  int64_t n = 0, i;
  char *text;
  SEXP names;
  if (give(NULL, &size, m) != TSNE_OK || !size)
    return R_NilValue;
  text = R_alloc(size, 1);
  if (give(text, &size, m) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  for (at = 0; at < size; at++)
    n += text[at] == 0;
  names = PROTECT(Rf_allocVector(STRSXP, n));
  for (i = 0; i < n; i++) {
    SET_STRING_ELT(names, i, Rf_mkCharCE(text, CE_UTF8));
    text += strlen(text) + 1;
  }
  UNPROTECT(1);
  return names;
}

SEXP r_names(SEXP model) { return texts_of(tsne_model_names, model); }

SEXP r_row_names(SEXP model) { return texts_of(tsne_model_row_names, model); }

static int call_data(job *j) {
  return tsne_model_data_f64(j->out, NULL, NULL, j->from, TSNE_BY_COLUMN);
}

SEXP r_data(SEXP model) {
  job j;
  SEXP value = R_NilValue;
  options_begin(&j);
  j.from = model_of(model);
  tsne_model_info(&j.n, NULL, NULL, NULL, j.from);
  if (tsne_model_data(NULL, &j.d, NULL, j.from) == TSNE_OK) {
    value = Rf_allocMatrix(REALSXP, (int)j.n, (int)j.d);
    j.out = REAL(value);
  }
  PROTECT(value);
  run(&j, call_data, R_NilValue);
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}

static int call_align(job *j) {
  return ON_DATA(tsne_align,
                 (j->y, &j->model, &j->value[0], &j->value[1], j->from),
                 (&j->t, &j->o));
}

SEXP r_align(SEXP model, SEXP x, SEXP placement, SEXP options, SEXP progress) {
  job j;
  options_begin(&j);
  read_transform_options(&j.t, placement);
  read_options(&j.o, options);
  j.from = model_of(model);
  read_data(&j, x);
  j.y = floats(j.n, j.o.dims);
  j.value[0] = j.value[1] = NA_REAL;
  run(&j, call_align, progress);
  return outcome(&j, map(&j));
}

static int call_procrustes(job *j) {
  if (j->labels)
    return tsne_procrustes_labels(&j->s, j->x, j->labels, j->n, j->y,
                                  j->labels2, j->m, (int32_t)j->d, j->flags);
  return tsne_procrustes(&j->s, j->x, j->y, j->n, (int32_t)j->d, j->flags);
}

SEXP r_procrustes(SEXP target, SEXP source, SEXP labels, SEXP labels2,
                  SEXP flags) {
  static const char *const names[] = {"rotation",  "scale",     "from", "to",
                                      "disparity", "reflected", NULL};
  job j;
  SEXP value = R_NilValue, v;
  int a, b, dims;
  options_begin(&j);
  read_x(&j, target);
  j.y = to_rows(source);
  j.m = Rf_nrows(source);
  j.flags = Rf_asInteger(flags);
  if (labels != R_NilValue) {
    j.labels = (const int32_t *)INTEGER(labels);
    j.labels2 = (const int32_t *)INTEGER(labels2);
  }
  run(&j, call_procrustes, R_NilValue);
  if (j.status == TSNE_OK) {
    dims = j.s.dims;
    value = PROTECT(new_list(names));
    v = Rf_allocMatrix(REALSXP, dims, dims);
    set(value, 0, v);
    for (a = 0; a < dims; a++)
      for (b = 0; b < dims; b++)
        REAL(v)[b * dims + a] = j.s.rotation[a * dims + b];
    set(value, 1, Rf_ScalarReal(j.s.scale));
    v = Rf_allocVector(REALSXP, dims);
    set(value, 2, v);
    for (a = 0; a < dims; a++)
      REAL(v)[a] = j.s.from[a];
    v = Rf_allocVector(REALSXP, dims);
    set(value, 3, v);
    for (a = 0; a < dims; a++)
      REAL(v)[a] = j.s.to[a];
    set(value, 4, Rf_ScalarReal(j.s.disparity));
    set(value, 5, Rf_ScalarLogical(j.s.reflected));
    value = outcome(&j, value);
    UNPROTECT(1);
    return value;
  }
  return outcome(&j, value);
}

static int call_procrustes_many(job *j) {
  return tsne_procrustes_many(j->x, j->y, j->each, j->m, j->n, (int32_t)j->d,
                              j->flags);
}

/* maps: all of them, one below the other, of n rows each. */
SEXP r_procrustes_many(SEXP maps, SEXP count, SEXP flags) {
  static const char *const names[] = {"maps", "consensus", "disparity", NULL};
  job j;
  SEXP value = R_NilValue, disparity;
  options_begin(&j);
  j.m = Rf_asInteger(count);
  read_x(&j, maps);
  j.n /= j.m;
  j.y = floats(j.n, j.d);
  j.flags = Rf_asInteger(flags);
  disparity = PROTECT(Rf_allocVector(REALSXP, j.m));
  j.each = REAL(disparity);
  run(&j, call_procrustes_many, R_NilValue);
  if (j.status == TSNE_OK) {
    value = new_list(names);
    PROTECT(value);
    set(value, 0, from_rows(j.x, j.m * j.n, j.d));
    set(value, 1, from_rows(j.y, j.n, j.d));
    set(value, 2, disparity);
    UNPROTECT(1);
  }
  PROTECT(value);
  value = outcome(&j, value);
  UNPROTECT(2);
  return value;
}

static int call_shared(job *j) {
  return tsne_shared_neighbors(&j->value[0], j->x, j->y, j->n, (int32_t)j->d,
                               j->k, &j->o);
}

SEXP r_shared(SEXP a, SEXP b, SEXP k, SEXP options) {
  job j;
  options_begin(&j);
  read_options(&j.o, options);
  read_x(&j, a);
  j.y = to_rows(b);
  j.k = (int64_t)Rf_asReal(k);
  run(&j, call_shared, R_NilValue);
  return outcome(&j, Rf_ScalarReal(j.value[0]));
}

static int call_quality(job *j) {
  return ON_DATA(tsne_quality, (&j->value[0], &j->value[1], &j->value[2]),
                 (j->y, j->o.dims, j->labels, &j->o));
}

SEXP r_quality(SEXP x, SEXP y, SEXP labels, SEXP options) {
  job j;
  SEXP value;
  int i;
  options_begin(&j);
  read_options(&j.o, options);
  read_data(&j, x);
  j.y = to_rows(y);
  j.o.dims = Rf_ncols(y);
  if (labels != R_NilValue)
    j.labels = (const int32_t *)INTEGER(labels);
  run(&j, call_quality, R_NilValue);
  value = PROTECT(Rf_allocVector(REALSXP, 3));
  for (i = 0; i < 3; i++)
    REAL(value)[i] = j.value[i];
  value = outcome(&j, value);
  UNPROTECT(1);
  return value;
}
