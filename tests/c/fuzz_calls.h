/* One function a call of tsne.h, and the list of them. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#define TSNE_NO_DEPRECATED /* the symbols are called */
#include "fuzz_draw.h"

#include <dlfcn.h>

int tsne_gradient(float *, double *, const float *, const tsne_affinities *,
                  const tsne_options *);
int tsne_model_new(tsne_model **, const float *, const tsne_affinities *,
                   const tsne_options *);
int tsne_partial_new(tsne_partial **, const tsne_model *, const float *,
                     const int64_t *, const int32_t *, const float *, int64_t,
                     const tsne_transform_options *);

static char path[64];                     /* of a model file of this process */
static __thread unsigned char file[ROOM]; /* a model file */
static __thread uint64_t file_size;

/* A graph, and affinities in CSR form, that the library gave. */
static __thread struct {
  int32_t index[MAX_N * MAX_K];
  float distance[MAX_N * MAX_K];
  int64_t n, k;
} graph;
static __thread struct {
  int64_t ptr[MAX_N + 1];
  int32_t col[MAX_N * MAX_N];
  float val[MAX_N * MAX_N];
  int64_t n;
} csr;

/* The sizes of a handle, or some where it is none. */
static void size_of_model(const void *m, int64_t *n, int32_t *dims) {
  calls++;
  if (tsne_model_info(n, dims, NULL, NULL, m) != TSNE_OK)
    *n = odd_size(MAX_N), *dims = 2;
}
static int64_t width_of_model(const void *m) {
  int64_t d;
  calls++;
  return tsne_model_data(NULL, &d, NULL, m) == TSNE_OK && !once_in(10)
             ? d
             : width();
}
static void size_of_partial(const void *p, int64_t *m, int32_t *dims) {
  calls++;
  if (tsne_partial_info(m, dims, NULL, NULL, p) != TSNE_OK)
    *m = odd_size(MAX_N), *dims = 2;
}
static void size_of_affinities(const void *p, int64_t *n, int64_t *nnz) {
  calls++;
  if (tsne_affinities_size(n, nnz, p) != TSNE_OK)
    *n = odd_size(MAX_N), *nnz = below(50);
}

/* An init as programs call it that were built before it was inline. */
#define OLD_INIT(type)                                                         \
  static int call_##type##_init(void) {                                        \
    static void *program;                                                      \
    int (*init)(tsne_##type *);                                                \
    tsne_##type *to = OUT(tsne_##type);                                        \
    void *symbol;                                                              \
    program = program ? program : dlopen(NULL, RTLD_NOW);                      \
    symbol = dlsym(program, "tsne_" #type "_init");                            \
    memcpy(&init, &symbol, sizeof init);                                       \
    return CHECK(symbol) ? CALL(init(maybe(to))) : TSNE_OK;                    \
  }                                                                            \
  static int call_##type##_init_sized(void) {                                  \
    size_t size = once_in(2) ? sizeof(tsne_##type) : bits() >> below(64);      \
    void *to = out(1, 1, size > ROOM || size < 8 ? 8 : size);                  \
    int s = CALL(tsne_##type##_init_sized(maybe(to), size < 8 ? 8 : size));    \
    if (s == TSNE_E_STRUCT_SIZE) /* struct_size alone is written */            \
      memcpy(buffers[0].before, to, 8);                                        \
    return s;                                                                  \
  }
OLD_INIT(options)
OLD_INIT(transform_options)
OLD_INIT(superposition)
static int call_abi(void) {
  CHECK(CALL(tsne_abi()) == TSNE_ABI);
  return TSNE_OK;
}
static int call_version(void) {
  CHECK(!strcmp(CALL(tsne_version()), TSNE_VERSION));
  return TSNE_OK;
}
static int call_version_number(void) {
  CHECK(CALL(tsne_version_number()) == TSNE_VERSION_MAJOR * 10000 +
                                           TSNE_VERSION_MINOR * 100 +
                                           TSNE_VERSION_PATCH);
  return TSNE_OK;
}
static int call_cpu(void) {
  CHECK(*CALL(tsne_cpu()));
  return TSNE_OK;
}
static int call_last_error(void) {
  CHECK(strlen(CALL(tsne_last_error())) < 512);
  return TSNE_OK;
}
static int call_last_error_detail(void) {
  tsne_error *e = OUT(tsne_error);
  size_t size = once_in(4) ? bits() >> below(64) : sizeof *e;
  int s;
  e->struct_size = size;
  memcpy(buffers[0].before, e, sizeof size);
  s = CALL(tsne_last_error_detail(maybe(e)));
  if (s == TSNE_OK && CHECK(e->n_parts >= 0 && e->n_parts <= 24)) {
    const char *text = e->text;
    int i;
    for (i = 0; i < e->n_parts; i++) {
      size_t length = strlen(e->parts[i].text);
      CHECK(length > 0 && !strncmp(text, e->parts[i].text, length));
      text += length;
    }
    CHECK(!*text);
  }
  return s;
}
static int call_status_name(void) {
  CHECK(*CALL(tsne_status_name((int)bits())));
  return TSNE_OK;
}
static int call_live_handles(void) {
  CHECK(CALL(tsne_live_handles()) >= 0);
  return TSNE_OK;
}

static int call_fit(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims;
  const tsne_options *o = options_for(n, &dims);
  float *y = out_floats(n, dims), *x = in_floats(n, d);
  MADE(tsne_model);
  KEEP(MODEL, CALL(tsne_fit(maybe(y), to, maybe(x), n, d, o)));
}
static int call_fit_affinities(void) {
  void *r = handle(AFFINITIES);
  int64_t n, nnz, d = width();
  int32_t dims;
  const tsne_options *o;
  float *y, *x;
  MADE(tsne_model);
  size_of_affinities(r, &n, &nnz);
  o = options_for(n, &dims);
  y = out_floats(n, dims);
  n = once_in(9) ? odd_size(MAX_N) : n;
  x = in_floats(n, d);
  KEEP(MODEL, CALL(tsne_fit_affinities(maybe(y), to, r, maybe(x), n, d, o)));
}
static int call_estimate_memory(void) {
  int64_t n = once_in(2) ? (int64_t)bits() : odd_size(MAX_N);
  int64_t d = once_in(2) ? (int64_t)bits() : width();
  const tsne_options *o = options(n);
  uint64_t *bytes = OUT(uint64_t);
  return CALL(tsne_estimate_memory(maybe(bytes), n, d, o));
}
static void keep_graph(const int32_t *index, const float *distance, int64_t n,
                       int64_t k) {
  graph.n = n, graph.k = k;
  memcpy(graph.index, index, (size_t)(n * k) * sizeof *index);
  memcpy(graph.distance, distance, (size_t)(n * k) * sizeof *distance);
}
static int call_neighbors(void) {
  int64_t n = odd_size(MAX_N), d = width(), k = neighbors_of(n);
  const tsne_options *o = options(n);
  int32_t *index = out(n, k, sizeof *index);
  float *distance = out(n, k, sizeof *distance), *x = in_floats(n, d);
  int s =
      CALL(tsne_neighbors(maybe(index), maybe(distance), maybe(x), n, d, k, o));
  if (s == TSNE_OK)
    keep_graph(index, distance, n, k);
  return s;
}
static int call_neighbors_of_distances(void) {
  int64_t n = odd_size(MAX_N), k = neighbors_of(n), i;
  const tsne_options *o = options(n);
  int32_t *index = out(n, k, sizeof *index);
  float *distance = out(n, k, sizeof *distance), *dist = in_floats(n, n);
  int s;
  for (i = 0; i < n && n <= MAX_N; i++)
    if (!once_in(500))
      dist[i * n + i] = 0;
  s = CALL(tsne_neighbors_of_distances(maybe(index), maybe(distance),
                                       maybe(dist), n, k, o));
  if (s == TSNE_OK)
    keep_graph(index, distance, n, k);
  return s;
}
static int call_neighbors_of_new(void) {
  int64_t n = odd_size(MAX_N), d = width(), m = some(), k = neighbors_of(n);
  const tsne_options *o = options(n);
  int32_t *index = out(m, k, sizeof *index);
  float *distance = out(m, k, sizeof *distance);
  float *x = in_floats(n, d), *q = in_floats(m, d);
  return CALL(tsne_neighbors_of_new(maybe(index), maybe(distance), maybe(x), n,
                                    d, maybe(q), m, k, o));
}
static int call_neighbors_part(void) {
  int64_t n = odd_size(MAX_N), d = width(), k = neighbors_of(n);
  int64_t m = some(), first = once_in(20) ? -1 : below(20);
  int64_t last = m > MAX_N || m < 0 ? m : first + m;
  const tsne_options *o = options(n);
  int32_t *rows = out(m, 1, sizeof *rows);
  int32_t *index = out(m, k, sizeof *index);
  float *distance = out(m, k, sizeof *distance);
  float *p = out_floats(m, k), *x = in_floats(n, d);
  return CALL(tsne_neighbors_part(maybe(rows), maybe(index), maybe(distance),
                                  maybe(p), maybe(x), n, d, k, first, last, o));
}
static int call_conditional(void) {
  int64_t m = some(), k = odd_size(MAX_K);
  const tsne_options *o = options(m);
  float *p = out_floats(m, k), *distance = in_floats(m, k);
  return CALL(tsne_conditional(maybe(p), maybe(distance), m, k, o));
}

static int call_affinities_from_data(void) {
  int64_t n = odd_size(MAX_N), d = width();
  const tsne_options *o = options(n);
  float *x = in_floats(n, d);
  MADE(tsne_affinities);
  KEEP(AFFINITIES, CALL(tsne_affinities_from_data(to, maybe(x), n, d, o)));
}
/* Lists of perplexities, as many as there is room for handles. */
enum { MAX_LISTS = 3 };
static const double *lists(int64_t *count, const int64_t **lengths) {
  int64_t some[MAX_LISTS], i, sum = 0;
  *count =
      once_in(wild ? 8 : 40) ? odd_size(MAX_LISTS + 1) : 1 + below(MAX_LISTS);
  *count = *count > MAX_LISTS && *count <= 1000 ? MAX_LISTS : *count;
  for (i = 0; i < MAX_LISTS; i++)
    sum += some[i] = 1 + below(2);
  if (once_in(wild ? 8 : 40))
    some[below(MAX_LISTS)] = once_in(2) ? -below(9) : 1001 + below(99);
  *lengths = in(some, sizeof some);
  return in_doubles(sum, 3);
}
/* Keeps the first, which is one of others at times, and frees the rest. */
static int keep_each(tsne_affinities **made, int64_t count, int s) {
  int64_t i;
  for (i = 0; i < MAX_LISTS; i++)
    if (CHECK(!made[i] || (s == TSNE_OK && i < count)) && i)
      tsne_affinities_free(made[i]);
  keep(AFFINITIES, made[0]);
  return s;
}
static tsne_affinities **each(void) {
  tsne_affinities **made = out(MAX_LISTS, 1, sizeof *made);
  memset(made, 0, MAX_LISTS * sizeof *made);
  return made;
}
static int call_affinities_of_each(void) {
  int64_t n = odd_size(MAX_N), d = width(), count;
  const tsne_options *o = options(n);
  float *x = in_floats(n, d);
  const int64_t *lengths;
  const double *values = lists(&count, &lengths);
  tsne_affinities **made = each(), **to = maybe(made);
  return keep_each(
      made, count,
      CALL(tsne_affinities_of_each(to, maybe(x), n, d, maybe((void *)values),
                                   maybe((void *)lengths), count, o)));
}
static int call_available_memory(void) {
  uint64_t *bytes = OUT(uint64_t);
  return CALL(tsne_available_memory(maybe(bytes)));
}
static int call_affinities_from_conditional(void) {
  int64_t n = odd_size(MAX_N), k = neighbors_of(n), i;
  int own = graph.n && !once_in(4);
  const tsne_options *o = options(own ? n = graph.n : n);
  size_t edges = own ? (size_t)(n * (k = graph.k)) : 0;
  int32_t *index = own ? in(graph.index, edges * sizeof *index)
                       : in_ints(n > MAX_N || k > MAX_N ? 0 : n * k, n);
  float *p = in_floats(n, k);
  MADE(tsne_affinities);
  for (i = 0; i < (int64_t)edges; i++)
    p[i] = 1 / (float)k;
  if (own && once_in(3))
    index[below((int64_t)edges)] = (int32_t)below(n + 1);
  if (own && once_in(3))
    p[below((int64_t)edges)] = (float)odd_double(1);
  KEEP(AFFINITIES, CALL(tsne_affinities_from_conditional(to, maybe(index),
                                                         maybe(p), n, k, o)));
}
static int call_affinities_from_neighbors(void) {
  int64_t n = odd_size(MAX_N), k = neighbors_of(n);
  int own = graph.n && !once_in(4);
  const tsne_options *o = options(own ? n = graph.n : n);
  size_t edges = own ? (size_t)(n * (k = graph.k)) : 0;
  int32_t *index = own ? in(graph.index, edges * sizeof *index)
                       : in_ints(n > MAX_N || k > MAX_N ? 0 : n * k, n);
  float *distance =
      own ? in(graph.distance, edges * sizeof *distance) : in_floats(n, k);
  MADE(tsne_affinities);
  if (own && once_in(3))
    index[below((int64_t)edges)] = (int32_t)below(n + 1);
  if (own && once_in(3))
    distance[below((int64_t)edges)] = (float)odd_double(1);
  KEEP(AFFINITIES, CALL(tsne_affinities_from_neighbors(
                       to, maybe(index), maybe(distance), n, k, o)));
}
static int call_affinities_from_distances(void) {
  int64_t n = odd_size(MAX_N), i;
  const tsne_options *o = options(n);
  float *dist = in_floats(n, n);
  MADE(tsne_affinities);
  for (i = 0; i < n && n <= MAX_N; i++)
    if (!once_in(500))
      dist[i * n + i] = 0;
  KEEP(AFFINITIES, CALL(tsne_affinities_from_distances(to, maybe(dist), n, o)));
}

/* Rows of up to most entries with columns below of, and what is wrong with
 * them; the last offset stays true, or is none. */
typedef struct rows {
  int64_t *ptr;
  int32_t *col;
  float *val;
} rows;
static void spoil(rows *r, int64_t n, int64_t of) {
  int64_t end = r->ptr[n];
  if (once_in(8))
    r->ptr[below(n + 1)] += below(3) - 1;
  if (once_in(20))
    r->ptr[below(n + 1)] = (int64_t)bits();
  if (r->ptr[n] > end && r->ptr[n] <= INT64_MAX / 4)
    r->ptr[n] = end;
  if (end && once_in(8))
    r->col[below(end)] = once_in(2) ? (int32_t)bits() : (int32_t)below(of + 1);
  if (end && once_in(8))
    r->val[below(end)] = (float)odd_double(1);
}
static rows some_rows(int64_t n, int64_t of, int64_t most) {
  rows r;
  int64_t i, e;
  int64_t ptr[MAX_N + 1] = {0};
  int full = n >= 0 && n <= MAX_N;
  for (i = 0; full && i < n; i++)
    ptr[i + 1] = ptr[i] + below(most + 1);
  r.ptr = in(ptr, full ? (size_t)(n + 1) * sizeof *ptr : 0);
  e = full ? ptr[n] : 0;
  r.col = buffer_of((size_t)e * sizeof *r.col, INPUT);
  r.val = buffer_of((size_t)e * sizeof *r.val, INPUT);
  while (e-- > 0) {
    r.col[e] = (int32_t)below(of < 1 ? 1 : of);
    r.val[e] = (float)uniform(&state);
  }
  if (full && once_in(2))
    spoil(&r, n, of);
  return r;
}
static int call_affinities_from_csr(void) {
  int own = csr.n && !once_in(4);
  int64_t n = own ? csr.n : odd_size(MAX_N);
  rows r;
  MADE(tsne_affinities);
  if (own) {
    r.ptr = in(csr.ptr, (size_t)(n + 1) * sizeof *r.ptr);
    r.col = in(csr.col, (size_t)csr.ptr[n] * sizeof *r.col);
    r.val = in(csr.val, (size_t)csr.ptr[n] * sizeof *r.val);
    if (once_in(2))
      spoil(&r, n, n);
  } else {
    r = some_rows(n, n, 4);
  }
  KEEP(AFFINITIES, CALL(tsne_affinities_from_csr(to, maybe(r.ptr), maybe(r.col),
                                                 maybe(r.val), n)));
}
static int call_affinities_size(void) {
  void *p = handle(AFFINITIES);
  int64_t *n = OUT(int64_t), *nnz = OUT(int64_t);
  return CALL(tsne_affinities_size(maybe(n), maybe(nnz), p));
}
static int call_affinities_copy(void) {
  void *p = handle(AFFINITIES);
  int64_t n, nnz, *ptr;
  int32_t *col;
  float *val;
  int s;
  size_of_affinities(p, &n, &nnz);
  ptr = out(n + (n < INT64_MAX), 1, sizeof *ptr);
  col = out(nnz, 1, sizeof *col);
  val = out_floats(nnz, 1);
  s = CALL(tsne_affinities_copy(maybe(ptr), maybe(col), maybe(val), p));
  if (s == TSNE_OK && n <= MAX_N && nnz <= MAX_N * MAX_N) {
    csr.n = n;
    memcpy(csr.ptr, ptr, (size_t)(n + 1) * sizeof *ptr);
    memcpy(csr.col, col, (size_t)nnz * sizeof *col);
    memcpy(csr.val, val, (size_t)nnz * sizeof *val);
  }
  return s;
}

static int call_initialize(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims;
  const tsne_options *o = options_for(n, &dims);
  float *y = out_floats(n, dims), *x = in_floats(n, d);
  return CALL(tsne_initialize(maybe(y), maybe(x), n, d, o));
}
static int call_spectral(void) {
  void *p = handle(AFFINITIES);
  int64_t n, nnz;
  int32_t dims;
  const tsne_options *o;
  float *y;
  size_of_affinities(p, &n, &nnz);
  o = options_for(n, &dims);
  y = out_floats(n, dims);
  return CALL(tsne_spectral(maybe(y), p, o));
}
static int call_reduce(void) {
  int64_t n = odd_size(MAX_N), d = width(), k = odd_size(MAX_D);
  const tsne_options *o = options(n);
  float *scores = out_floats(n, k), *x = in_floats(n, d);
  return CALL(tsne_reduce(maybe(scores), maybe(x), n, d, k, o));
}
static int call_reduce_csr(void) {
  int64_t n = odd_size(MAX_N), d = odd_size(MAX_N), k = odd_size(MAX_D);
  const tsne_options *o = options(n);
  float *scores = out_floats(n, k);
  rows r = some_rows(n, d > MAX_N ? MAX_N : d, 6);
  return CALL(tsne_reduce_csr(maybe(scores), maybe(r.ptr), maybe(r.col),
                              maybe(r.val), n, d, k, o));
}
static int call_neighbors_of_new_csr(void) {
  int64_t n = odd_size(MAX_N), d = width(), m = some(), k = neighbors_of(n);
  const tsne_options *o = options(n);
  int32_t *index = out(m, k, sizeof *index);
  float *distance = out(m, k, sizeof *distance);
  rows x = some_rows(n, d > MAX_N ? MAX_N : d, 6);
  rows q = some_rows(m, d > MAX_N ? MAX_N : d, 6);
  return CALL(tsne_neighbors_of_new_csr(
      maybe(index), maybe(distance), maybe(x.ptr), maybe(x.col), maybe(x.val),
      n, d, maybe(q.ptr), maybe(q.col), maybe(q.val), m, k, o));
}
static int gradient_by(int old) {
  void *p = handle(AFFINITIES);
  int64_t n, nnz;
  int32_t dims;
  const tsne_options *o;
  float *gradient, *y;
  double *kl = OUT(double);
  size_of_affinities(p, &n, &nnz);
  o = options_for(n, &dims);
  gradient = out_floats(n, dims), y = in_floats(n, dims);
  return old ? CALL(tsne_gradient(maybe(gradient), maybe(kl), maybe(y), p, o))
             : CALL(tsne_affinities_gradient(maybe(gradient), maybe(kl), p,
                                             maybe(y), o));
}
static int call_affinities_gradient(void) { return gradient_by(0); }
static int call_gradient(void) { return gradient_by(1); }

#include "fuzz_calls_map.h"

#include "fuzz_calls_f64.h"

#include "fuzz_calls_grow.h"

#define K(name) {"tsne_" #name, call_##name}
static const struct {
  const char *name;
  int (*make)(void);
} kinds[] = {K(fit),
             K(fit),
             K(options_init),
             K(transform_options_init),
             K(superposition_init),
             K(options_init_sized),
             K(options_preset),
             K(options_settle),
             K(transform_options_init_sized),
             K(superposition_init_sized),
             K(abi),
             K(version),
             K(version_number),
             K(cpu),
             K(last_error),
             K(last_error_detail),
             K(status_name),
             K(live_handles),
             K(estimate_memory),
             K(neighbors),
             K(neighbors_of_distances),
             K(neighbors_of_new),
             K(neighbors_part),
             K(neighbors_part_f64),
             K(affinities_from_conditional),
             K(conditional),
             K(affinities_from_data),
             K(affinities_of_each),
             K(available_memory),
             K(affinities_from_neighbors),
             K(affinities_from_distances),
             K(affinities_from_csr),
             K(affinities_size),
             K(affinities_copy),
             K(affinities_free),
             K(initialize),
             K(spectral),
             K(reduce),
             K(reduce_csr),
             K(neighbors_of_new_csr),
             K(affinities_gradient),
             K(gradient),
             K(model_from_affinities),
             K(model_new),
             K(model_optimize),
             K(model_optimize),
             K(model_info),
             K(model_embedding),
             K(model_affinities),
             K(model_clone),
             K(model_free),
             K(model_set_data),
             K(model_data),
             K(model_save),
             K(model_save_with),
             K(model_load),
             K(model_save_bytes),
             K(model_load_bytes),
             K(model_load_bytes),
             K(transform),
             K(transform),
             K(partial_from_csr),
             K(partial_new),
             K(partial_affinities),
             K(partial_optimize),
             K(partial_info),
             K(partial_embedding),
             K(partial_clone),
             K(partial_free),
             K(bootstrap),
             K(align),
             K(procrustes),
             K(procrustes_labels),
             K(procrustes_many),
             K(superpose),
             K(shared_neighbors),
             K(shared_classes),
             K(quality),
             K(diagnose),
             K(outside),
             K(fit_f64),
             K(fit_affinities),
             K(fit_affinities_f64),
             K(neighbors_f64),
             K(neighbors_of_new_f64),
             K(affinities_from_data_f64),
             K(affinities_of_each_f64),
             K(initialize_f64),
             K(reduce_f64),
             K(quality_f64),
             K(transform_f64),
             K(bootstrap_f64),
             K(outside_f64),
             K(align_f64),
             K(update),
             K(update_f64),
             K(zoom),
             K(fit_together),
             K(fit_together_f64),
             K(model_set_data_f64),
             K(model_data_f64),
             K(model_center),
             K(model_share_data),
             K(model_set_names),
             K(model_names),
             K(model_set_row_names),
             K(model_row_names),
             K(model_options),
             K(model_perplexities)};
#undef K
enum { KINDS = sizeof kinds / sizeof *kinds };

#endif
