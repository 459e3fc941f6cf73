/* The calls on data in double precision, and on what a model knows of its data;
 * a part of fuzz_calls.h. */

static int order(void) { return once_in(20) ? (int)bits() : (int)below(2); }

/* in_floats, near zero or far from it. */
static double *in_wide(int64_t a, int64_t b) {
  size_t i, n = bytes_of(a, b, sizeof(double)) / sizeof(double);
  double *x = buffer_of(n * sizeof *x, INPUT);
  double off = once_in(2) ? 1e8 / 3 : odd_double(0);
  for (i = 0; i < n; i++)
    x[i] = off + (double)below(8) + uniform(&state);
  while (n && once_in(6))
    x[below((int64_t)n)] = odd_double(1e-3);
  return x;
}

static int call_fit_f64(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims;
  const tsne_options *o = options_for(n, &dims);
  float *y = out_floats(n, dims);
  double *x = in_wide(n, d);
  MADE(tsne_model);
  KEEP(MODEL, CALL(tsne_fit_f64(maybe(y), to, maybe(x), n, d, order(), o)));
}
static int call_fit_affinities_f64(void) {
  void *r = handle(AFFINITIES);
  int64_t n, nnz, d = width();
  int32_t dims;
  const tsne_options *o;
  float *y;
  double *x;
  MADE(tsne_model);
  size_of_affinities(r, &n, &nnz);
  o = options_for(n, &dims);
  y = out_floats(n, dims);
  n = once_in(9) ? odd_size(MAX_N) : n;
  x = in_wide(n, d);
  KEEP(MODEL, CALL(tsne_fit_affinities_f64(maybe(y), to, r, maybe(x), n, d,
                                           order(), o)));
}
static int call_neighbors_f64(void) {
  int64_t n = odd_size(MAX_N), d = width(), k = neighbors_of(n);
  const tsne_options *o = options(n);
  int32_t *index = out(n, k, sizeof *index);
  float *distance = out(n, k, sizeof *distance);
  double *x = in_wide(n, d);
  return CALL(tsne_neighbors_f64(maybe(index), maybe(distance), maybe(x), n, d,
                                 order(), k, o));
}
static int call_neighbors_of_new_f64(void) {
  int64_t n = odd_size(MAX_N), m = some(), d = width(), k = neighbors_of(n);
  const tsne_options *o = options(n);
  int32_t *index = out(m, k, sizeof *index);
  float *distance = out(m, k, sizeof *distance);
  double *x = in_wide(n, d), *q = in_wide(m, d);
  return CALL(tsne_neighbors_of_new_f64(maybe(index), maybe(distance), maybe(x),
                                        n, d, maybe(q), m, order(), k, o));
}
static int call_neighbors_part_f64(void) {
  int64_t n = odd_size(MAX_N), d = width(), k = neighbors_of(n);
  int64_t m = some(), first = once_in(20) ? -1 : below(20);
  int64_t last = m > MAX_N || m < 0 ? m : first + m;
  const tsne_options *o = options(n);
  int32_t *rows = out(m, 1, sizeof *rows);
  int32_t *index = out(m, k, sizeof *index);
  float *distance = out(m, k, sizeof *distance);
  float *p = out_floats(m, k);
  double *x = in_wide(n, d);
  return CALL(tsne_neighbors_part_f64(maybe(rows), maybe(index),
                                      maybe(distance), maybe(p), maybe(x), n, d,
                                      order(), k, first, last, o));
}
static int call_shared_classes(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims = map_dims();
  const tsne_options *o = options(n);
  double *share = OUT(double);
  double *a = in_wide(n, d), *b = in_wide(n, dims);
  return CALL(
      tsne_shared_classes(maybe(share), maybe(a), maybe(b), n, d, dims, o));
}
static int call_affinities_of_each_f64(void) {
  int64_t n = odd_size(MAX_N), d = width(), count;
  const tsne_options *o = options(n);
  double *x = in_wide(n, d);
  const int64_t *lengths;
  const double *values = lists(&count, &lengths);
  tsne_affinities **made = each(), **to = maybe(made);
  return keep_each(made, count,
                   CALL(tsne_affinities_of_each_f64(
                       to, maybe(x), n, d, order(), maybe((void *)values),
                       maybe((void *)lengths), count, o)));
}
static int call_affinities_from_data_f64(void) {
  int64_t n = odd_size(MAX_N), d = width();
  const tsne_options *o = options(n);
  double *x = in_wide(n, d);
  MADE(tsne_affinities);
  KEEP(AFFINITIES,
       CALL(tsne_affinities_from_data_f64(to, maybe(x), n, d, order(), o)));
}
static int call_initialize_f64(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims;
  const tsne_options *o = options_for(n, &dims);
  float *y = out_floats(n, dims);
  double *x = in_wide(n, d);
  return CALL(tsne_initialize_f64(maybe(y), maybe(x), n, d, order(), o));
}
static int call_reduce_f64(void) {
  int64_t n = odd_size(MAX_N), d = width(), k = odd_size(MAX_D);
  const tsne_options *o = options(n);
  float *to = out_floats(n, k);
  double *x = in_wide(n, d);
  return CALL(tsne_reduce_f64(maybe(to), maybe(x), n, d, order(), k, o));
}
static int call_quality_f64(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims = map_dims();
  const tsne_options *o = options(n);
  double *knn = OUT(double), *knc = OUT(double), *cpd = OUT(double);
  double *x = in_wide(n, d);
  float *y = in_floats(n, dims);
  int32_t *labels = in_ints(n, 5);
  return CALL(tsne_quality_f64(maybe(knn), maybe(knc), maybe(cpd), maybe(x), n,
                               d, order(), maybe(y), dims,
                               once_in(3) ? NULL : labels, o));
}
static int call_transform_f64(void) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = width_of_model(r);
  int32_t dims;
  const tsne_transform_options *o;
  float *y;
  double *x;
  MADE(tsne_partial);
  size_of_model(r, &n, &dims);
  o = placing(m, dims, &d);
  y = out_floats(m, dims), x = in_wide(m, d);
  KEEP(PARTIAL,
       CALL(tsne_transform_f64(maybe(y), to, r, maybe(x), m, d, order(), o)));
}
static int call_bootstrap_f64(void) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = width_of_model(r), b = 1 + below(MAX_B);
  int32_t dims;
  const tsne_transform_options *o;
  float *y, *samples, *radius;
  double *x;
  size_of_model(r, &n, &dims);
  o = placing(m, dims, &d);
  y = out_floats(m, dims);
  radius = out(m, 1, sizeof *radius);
  samples = out(bytes_of(m, dims, 1) ? m * dims : 0, b, sizeof *samples);
  x = in_wide(m, d);
  return CALL(tsne_bootstrap_f64(maybe(y), maybe(samples), maybe(radius), r,
                                 maybe(x), m, d, order(), b, o));
}
static int call_outside_f64(void) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = width_of_model(r), k;
  int32_t dims;
  const tsne_transform_options *o;
  float *distance, *quantile, *ratio;
  double *x;
  size_of_model(r, &n, &dims);
  k = once_in(3) ? 0 : neighbors_of(n);
  o = placing(m, dims, &d);
  distance = out_floats(m, 1);
  quantile = out_floats(m, 1);
  ratio = out(m, 1, sizeof *ratio); /* infinite over rows that are equal */
  x = in_wide(m, d);
  return CALL(tsne_outside_f64(maybe(distance), maybe(quantile), maybe(ratio),
                               r, maybe(x), m, d, order(), k, o));
}
static int call_align_f64(void) {
  void *r = handle(MODEL);
  int64_t n = odd_size(MAX_N), of, d = width_of_model(r);
  int32_t dims, own;
  const tsne_options *o;
  const tsne_transform_options *t;
  float *y;
  double *disparity = OUT(double), *overlap = OUT(double), *x;
  MADE(tsne_model);
  size_of_model(r, &of, &dims);
  o = options_for(n, &own);
  t = placing(n, dims, &d);
  y = out_floats(n, own), x = in_wide(n, d);
  KEEP(MODEL,
       CALL(tsne_align_f64(maybe(y), to, maybe(disparity), maybe(overlap), r,
                           maybe(x), n, d, order(), t, o)));
}
static int call_model_set_data_f64(void) {
  void *m = handle(MODEL);
  int64_t n, d = width();
  int32_t dims;
  double *x;
  size_of_model(m, &n, &dims);
  if (once_in(10))
    n = odd_size(MAX_N);
  x = in_wide(n, d);
  return CALL(tsne_model_set_data_f64(m, maybe(x), n, d, order()));
}
/* With others about, the data may be changed for wider ones by now. */
static int64_t room_for(const void *m) {
  int64_t wide;
  calls++;
  return alone && tsne_model_data(NULL, &wide, NULL, m) == TSNE_OK ? wide
                                                                   : MAX_D;
}
static int call_model_data_f64(void) {
  void *m = handle(MODEL);
  int64_t n, *d = OUT(int64_t);
  int32_t dims, *metric = OUT(int32_t);
  double *x;
  size_of_model(m, &n, &dims);
  x = out(n, room_for(m), sizeof *x);
  return CALL(
      tsne_model_data_f64(maybe(x), maybe(d), maybe(metric), m, order()));
}
static int call_model_center(void) {
  void *m = handle(MODEL);
  double *center = out(room_for(m), 1, sizeof *center);
  return CALL(tsne_model_center(maybe(center), m));
}
static int call_model_share_data(void) {
  void *m = handle(MODEL), *from = handle(MODEL);
  return CALL(tsne_model_share_data(m, from));
}
static int call_model_set_names(void) {
  static const char *const texts[] = {"a", "", "\xc3\xa4", "a", "b", "\xff"};
  const char *names[MAX_D], **given;
  void *m = handle(MODEL);
  int64_t n = once_in(10) ? odd_size(MAX_D) : room_for(m);
  int i;
  for (i = 0; i < MAX_D; i++)
    names[i] = once_in(40) ? NULL : texts[below(once_in(10) ? 6 : 5)];
  given = in(names, sizeof names);
  return CALL(tsne_model_set_names(m, maybe(given), n));
}
static int call_model_names(void) {
  void *m = handle(MODEL);
  int64_t room = once_in(4) ? below(8) : 64;
  char *names = out(room, 1, 1);
  uint64_t *size = OUT(uint64_t);
  *size = (uint64_t)room;
  return CALL(tsne_model_names(maybe(names), maybe(size), m));
}
static int call_model_set_row_names(void) {
  static const char *const texts[] = {"a", "", "\xc3\xa4", "\xff"};
  const char **names;
  void *m = handle(MODEL);
  int64_t n;
  int32_t dims;
  size_t i, count;
  int bad = once_in(10) ? 4 : 3;
  size_of_model(m, &n, &dims);
  if (once_in(10))
    n = odd_size(MAX_N);
  count = bytes_of(n, 1, sizeof *names) / sizeof *names;
  names = buffer_of(count * sizeof *names, INPUT);
  for (i = 0; i < count; i++)
    names[i] = once_in(4000) ? NULL : texts[below(bad)];
  return CALL(tsne_model_set_row_names(m, maybe(names), n));
}
static int call_model_row_names(void) {
  void *m = handle(MODEL);
  int64_t room = once_in(4) ? below(8) : 2 * MAX_N + 8;
  char *names = out(room, 1, 1);
  uint64_t *size = OUT(uint64_t);
  *size = (uint64_t)room;
  return CALL(tsne_model_row_names(maybe(names), maybe(size), m));
}
static int call_model_options(void) {
  void *m = handle(MODEL);
  tsne_options *o = OUT(tsne_options);
  tsne_options_init(o);
  if (once_in(10))
    o->struct_size = (size_t)below(400);
  return CALL(tsne_model_options(maybe(o), m));
}
static int call_options_preset(void) {
  static const char *const names[] = {"atlas", "", "Atlas", "atlas2", "\xff"};
  tsne_options *o = OUT(tsne_options);
  tsne_options_init(o);
  if (once_in(10))
    o->struct_size = (size_t)below(400);
  return CALL(tsne_options_preset(maybe(o), maybe((void *)names[below(5)])));
}

static int call_options_settle(void) {
  tsne_options *o = OUT(tsne_options);
  tsne_options_init(o);
  if (once_in(10))
    o->struct_size = (size_t)below(400);
  if (once_in(4))
    o->iterations = (int64_t)below(20) - 3;
  return CALL(tsne_options_settle(maybe(o), (int64_t)below(20000) - 1));
}
static int call_model_perplexities(void) {
  void *m = handle(MODEL);
  int64_t room = below(4), *n = OUT(int64_t);
  double *values = out(room, 1, sizeof *values);
  *n = room;
  return CALL(tsne_model_perplexities(maybe(values), maybe(n), m, below(3)));
}
