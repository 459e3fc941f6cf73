/* The calls on models and on new points, files among them; a part of
 * fuzz_calls.h. */

static int model_by(int old) {
  void *p = handle(AFFINITIES);
  int64_t n, nnz;
  int32_t dims;
  const tsne_options *o;
  float *y0;
  MADE(tsne_model);
  size_of_affinities(p, &n, &nnz);
  o = options_for(n, &dims);
  y0 = in_floats(n, dims);
  KEEP(MODEL, old ? CALL(tsne_model_new(to, maybe(y0), p, o))
                  : CALL(tsne_model_from_affinities(to, p, maybe(y0), o)));
}
static int call_model_from_affinities(void) { return model_by(0); }
static int call_model_new(void) { return model_by(1); }
static int call_model_optimize(void) {
  void *m = handle(MODEL);
  int64_t n;
  int32_t dims;
  const tsne_options *o;
  float *y;
  double *kl = OUT(double);
  size_of_model(m, &n, &dims);
  o = options(n);
  y = out_floats(n, dims);
  return CALL(tsne_model_optimize(maybe(y), maybe(kl), m, below(8) - 1,
                                  odd_double(1), odd_double(0), odd_double(0.8),
                                  o));
}
static int call_model_info(void) {
  void *m = handle(MODEL);
  int64_t *n = OUT(int64_t), *iterations = OUT(int64_t);
  int32_t *dims = OUT(int32_t);
  double *kl = OUT(double);
  return CALL(
      tsne_model_info(maybe(n), maybe(dims), maybe(iterations), maybe(kl), m));
}
static int call_model_embedding(void) {
  void *m = handle(MODEL);
  int64_t n;
  int32_t dims;
  float *y;
  size_of_model(m, &n, &dims);
  y = out_floats(n, dims);
  return CALL(tsne_model_embedding(maybe(y), m));
}
static int call_model_affinities(void) {
  void *m = handle(MODEL);
  MADE(tsne_affinities);
  KEEP(AFFINITIES, CALL(tsne_model_affinities(to, m)));
}
static int call_model_clone(void) {
  void *m = handle(MODEL);
  MADE(tsne_model);
  KEEP(MODEL, CALL(tsne_model_clone(to, m)));
}
static int call_model_free(void) {
  void *m = handle(once_in(4) ? AFFINITIES : MODEL);
  CALL(tsne_model_free(m));
  return TSNE_OK;
}
static int call_affinities_free(void) {
  void *p = handle(once_in(4) ? PARTIAL : AFFINITIES);
  CALL(tsne_affinities_free(p));
  return TSNE_OK;
}
static int call_partial_free(void) {
  void *p = handle(once_in(4) ? MODEL : PARTIAL);
  CALL(tsne_partial_free(p));
  return TSNE_OK;
}
static int call_model_set_data(void) {
  static const float borrowed[MAX_N * MAX_D] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  void *m = handle(MODEL);
  int copy = !once_in(4);
  int64_t n, d = width();
  int32_t dims;
  float *x;
  size_of_model(m, &n, &dims);
  if (once_in(10))
    n = odd_size(MAX_N);
  copy |= n > MAX_N; /* a map that has grown */
  x = in_floats(n, d);
  return CALL(
      tsne_model_set_data(m, maybe(copy ? x : (float *)borrowed), n, d, copy));
}
static int call_model_data(void) {
  void *m = handle(MODEL);
  int64_t n, wide, *d = OUT(int64_t);
  int32_t dims, *metric = OUT(int32_t);
  float *x;
  size_of_model(m, &n, &dims);
  /* With others about, the data may be changed for wider ones by now. */
  x = out_floats(n, alone && tsne_model_data(NULL, &wide, NULL, m) == TSNE_OK
                        ? wide
                        : MAX_D);
  return CALL(tsne_model_data(maybe(x), maybe(d), maybe(metric), m));
}

static int call_model_save_bytes(void) {
  void *m = handle(MODEL);
  uint64_t need_bytes = 0, *size;
  void *bytes;
  int s;
  calls++;
  if (tsne_model_save_bytes(NULL, &need_bytes, m) != TSNE_OK ||
      need_bytes > ROOM)
    need_bytes = (uint64_t)below(5000);
  if (once_in(10))
    need_bytes = (uint64_t)below((int64_t)need_bytes + 1);
  bytes = out((int64_t)need_bytes, 1, 1);
  size = OUT(uint64_t);
  *size = need_bytes;
  bytes = maybe(bytes);
  s = CALL(tsne_model_save_bytes(bytes, maybe(size), m));
  if (s == TSNE_OK && bytes && *size <= need_bytes) {
    memcpy(file, bytes, *size);
    file_size = *size;
  }
  return s;
}

/* The model file at hand, whole or as a broken disk, a cut connection or an
 * enemy leaves it. */
static unsigned char *in_file(uint64_t *size) {
  unsigned char *b;
  int64_t n = (int64_t)file_size, i, at, from;
  *size = n && once_in(6) ? (uint64_t)below(n) : file_size;
  b = in(file, *size);
  if (!(n = (int64_t)*size) || once_in(3))
    return b;
  files++;
  switch (below(4)) {
  case 0:
  case 1:
    for (i = below(4); i >= 0; i--)
      b[below(n)] ^= (unsigned char)(1 << below(8));
    break;
  case 2: /* one part over another */
    at = below(n), from = below(n), i = 1 + below(64);
    i = i < n - at ? i : n - at, i = i < n - from ? i : n - from;
    memmove(b + at, b + from, (size_t)i);
    break;
  case 3: /* the same byte over some */
    at = below(n), i = 1 + below(16);
    memset(b + at, once_in(2) ? 0xFF : (int)below(256),
           (size_t)(i < n - at ? i : n - at));
  }
  return b;
}
static int call_model_load_bytes(void) {
  const tsne_options *o = options(0);
  uint64_t size;
  unsigned char *b = in_file(&size);
  MADE(tsne_model);
  KEEP(MODEL, CALL(tsne_model_load_bytes(to, maybe(b), size, o)));
}
static const char *some_path(void) {
  static const char *const others[] = {
      "", ".", "no such/folder.npz", "/dev/null", "/dev/full", "no such/\xff"};
  char *p = in(path, sizeof path);
  return once_in(3) ? maybe((char *)others[below(6)]) : p;
}
static int call_model_save(void) {
  void *m = handle(MODEL);
  const char *to = some_path();
  return CALL(tsne_model_save(m, to));
}
static int call_model_save_with(void) {
  const tsne_options *o = options(0);
  void *m = handle(MODEL);
  const char *to = some_path();
  return CALL(tsne_model_save_with(m, to, o));
}
static int call_model_load(void) {
  const tsne_options *o = options(0);
  const char *from = some_path();
  MADE(tsne_model);
  if (once_in(2)) {
    uint64_t size;
    unsigned char *b = in_file(&size);
    FILE *f = fopen(path, "wb");
    if (f) {
      fwrite(b, 1, size, f);
      fclose(f);
    }
  }
  KEEP(MODEL, CALL(tsne_model_load(to, from, o)));
}

static int call_transform(void) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = width_of_model(r);
  int32_t dims;
  const tsne_transform_options *o;
  float *y, *x;
  MADE(tsne_partial);
  size_of_model(r, &n, &dims);
  o = placing(m, dims, &d);
  y = out_floats(m, dims), x = in_floats(m, d);
  KEEP(PARTIAL, CALL(tsne_transform(maybe(y), to, r, maybe(x), m, d, o)));
}
static int partial_by(int old) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = 1;
  int32_t dims;
  const tsne_transform_options *o;
  float *y0;
  rows p;
  MADE(tsne_partial);
  size_of_model(r, &n, &dims);
  o = placing(m, dims, &d);
  y0 = in_floats(m, dims);
  p = some_rows(m, n, 6);
  KEEP(PARTIAL,
       CALL((old ? tsne_partial_new : tsne_partial_from_csr)(
           to, r, maybe(y0), maybe(p.ptr), maybe(p.col), maybe(p.val), m, o)));
}
static int call_partial_from_csr(void) { return partial_by(0); }
static int call_partial_new(void) { return partial_by(1); }
static int call_partial_affinities(void) {
  void *p = handle(PARTIAL);
  int64_t m, nnz = 0, *count = OUT(int64_t), *ptr;
  int32_t dims, *col;
  float *val;
  size_of_partial(p, &m, &dims);
  calls++;
  tsne_partial_affinities(&nnz, NULL, NULL, NULL, p);
  ptr = out(m + (m < INT64_MAX), 1, sizeof *ptr);
  col = out(nnz, 1, sizeof *col);
  val = out_floats(nnz, 1);
  return CALL(tsne_partial_affinities(maybe(count), maybe(ptr), maybe(col),
                                      maybe(val), p));
}
static int call_partial_optimize(void) {
  void *p = handle(PARTIAL);
  int64_t m, d = 1;
  int32_t dims;
  const tsne_transform_options *o;
  float *y;
  double *kl = OUT(double);
  size_of_partial(p, &m, &dims);
  o = placing(m, dims, &d);
  y = out_floats(m, dims);
  return CALL(tsne_partial_optimize(maybe(y), maybe(kl), p, below(8) - 1,
                                    odd_double(1), odd_double(0),
                                    odd_double(0.8), o));
}
static int call_partial_info(void) {
  void *p = handle(PARTIAL);
  int64_t *m = OUT(int64_t), *iterations = OUT(int64_t);
  int32_t *dims = OUT(int32_t);
  double *kl = OUT(double);
  return CALL(tsne_partial_info(maybe(m), maybe(dims), maybe(iterations),
                                maybe(kl), p));
}
static int call_partial_embedding(void) {
  void *p = handle(PARTIAL);
  int64_t m;
  int32_t dims;
  float *y;
  size_of_partial(p, &m, &dims);
  y = out_floats(m, dims);
  return CALL(tsne_partial_embedding(maybe(y), p));
}
static int call_partial_clone(void) {
  void *p = handle(PARTIAL);
  MADE(tsne_partial);
  KEEP(PARTIAL, CALL(tsne_partial_clone(to, p)));
}
static int call_bootstrap(void) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = width_of_model(r),
             b = once_in(10) ? odd_size(4) : 1 + below(MAX_B);
  int32_t dims;
  const tsne_transform_options *o;
  float *y, *samples, *radius, *x;
  if (b > MAX_B && b <= INT32_MAX)
    b = MAX_B;
  if (!m && once_in(2))
    b = INT32_MAX; /* of nothing */
  size_of_model(r, &n, &dims);
  o = placing(m, dims, &d);
  y = out_floats(m, dims);
  /* NaN where columns drawn leave a row without direction. */
  radius = out(m, 1, sizeof *radius);
  samples = out(bytes_of(m, dims, 1) ? m * dims : 0, b, sizeof *samples);
  x = in_floats(m, d);
  return CALL(tsne_bootstrap(maybe(y), maybe(samples), maybe(radius), r,
                             maybe(x), m, d, b, o));
}
static int call_align(void) {
  void *r = handle(MODEL);
  int64_t n = odd_size(MAX_N), of, d = width_of_model(r);
  int32_t dims, own;
  const tsne_options *o;
  const tsne_transform_options *t;
  float *y, *x;
  double *disparity = OUT(double), *overlap = OUT(double);
  MADE(tsne_model);
  size_of_model(r, &of, &dims);
  o = options_for(n, &own);
  t = placing(n, dims, &d);
  y = out_floats(n, own), x = in_floats(n, d);
  KEEP(MODEL, CALL(tsne_align(maybe(y), to, maybe(disparity), maybe(overlap), r,
                              maybe(x), n, d, t, o)));
}

static int32_t map_dims(void) {
  return once_in(10) ? (int32_t)bits() : 1 + (int32_t)below(3);
}
static int flags(void) { return once_in(10) ? (int)bits() : (int)below(8); }
static tsne_superposition *superposition(enum buffer_kind kind) {
  tsne_superposition *to = buffer_of(sizeof *to, kind);
  calls++;
  tsne_superposition_init(to);
  if (once_in(20))
    to->struct_size = bits() >> below(64);
  return to;
}
static int call_procrustes(void) {
  int64_t n = odd_size(MAX_N);
  int32_t dims = map_dims();
  int f = flags();
  tsne_superposition *s = superposition(OUTPUT);
  float *target = in_floats(n, dims), *source = in_floats(n, dims);
  return CALL(
      tsne_procrustes(maybe(s), maybe(target), maybe(source), n, dims, f));
}
static int call_procrustes_labels(void) {
  int64_t n = odd_size(MAX_N), m = odd_size(MAX_N);
  int32_t dims = map_dims();
  int f = flags();
  tsne_superposition *s = superposition(OUTPUT);
  float *target = in_floats(n, dims), *source = in_floats(m, dims);
  int32_t *a = in_ints(n, 5), *b = in_ints(m, 5);
  return CALL(tsne_procrustes_labels(maybe(s), maybe(target), maybe(a), n,
                                     maybe(source), maybe(b), m, dims, f));
}
static int call_procrustes_many(void) {
  int64_t n = odd_size(MAX_N), count = below(MAX_B + 1), each;
  int32_t dims = map_dims();
  int f = flags();
  float *maps, *consensus = out_floats(n, dims);
  double *disparity = out(count, 1, sizeof *disparity);
  each = bytes_of(n, dims, 1) ? n * dims : 0;
  maps = in_floats(each, count);
  buffers[used - 1].kind = FINITE_OUTPUT; /* in and out */
  return CALL(tsne_procrustes_many(maybe(maps), maybe(consensus),
                                   maybe(disparity), count, n, dims, f));
}
static int call_superpose(void) {
  int64_t n = odd_size(MAX_N);
  tsne_superposition *s = superposition(INPUT);
  float *y;
  int i;
  s->dims = map_dims();
  for (i = 0; i < 9; i++)
    s->rotation[i] = odd_double(0.5);
  s->scale = odd_double(1);
  y = in_floats(n, s->dims);
  buffers[used - 1].kind = OUTPUT; /* in and out */
  return CALL(tsne_superpose(maybe(y), n, maybe(s)));
}
static int call_shared_neighbors(void) {
  int64_t n = odd_size(MAX_N), k = neighbors_of(n);
  int32_t dims = map_dims();
  const tsne_options *o = options(n);
  double *share = OUT(double);
  float *a = in_floats(n, dims), *b = in_floats(n, dims);
  return CALL(
      tsne_shared_neighbors(maybe(share), maybe(a), maybe(b), n, dims, k, o));
}
static int call_diagnose(void) {
  void *r = handle(MODEL);
  int64_t n;
  int32_t dims;
  const tsne_diagnosis start = TSNE_DIAGNOSIS_INIT;
  tsne_diagnosis *d = in(&start, sizeof start), *given = maybe(d);
  const tsne_options *o;
  float **columns[] = {&d->recall,      &d->trustworthiness, &d->continuity,
                       &d->stretch,     &d->perturbation,    &d->singularity,
                       &d->reliability, &d->spread};
  size_t i;
  buffers[used - 1].kind = OUTPUT; /* in and out */
  size_of_model(r, &n, &dims);
  if (once_in(20))
    d->struct_size = (size_t)odd_size(200);
  for (i = 0; i < sizeof columns / sizeof *columns; i++)
    if (once_in(3))
      *columns[i] = out(n, 1, sizeof(float));
  if (once_in(3))
    d->dubious = out(n, 1, sizeof(int32_t));
  d->n_maps = once_in(10) ? odd_size(2) : below(3);
  if (d->n_maps > 2)
    d->n_maps = 2;
  d->maps = in_floats(n * (d->n_maps > 0 ? d->n_maps : 1), dims);
  d->k = once_in(2) ? 0 : neighbors_of(n);
  d->length = once_in(2) ? 0 : odd_double(1);
  o = options(n);
  return CALL(tsne_diagnose(given, r, o));
}
static int call_outside(void) {
  void *r = handle(MODEL);
  int64_t n, m = some(), d = width_of_model(r), k;
  int32_t dims;
  const tsne_transform_options *o;
  float *distance, *quantile, *ratio, *x;
  size_of_model(r, &n, &dims);
  k = once_in(3) ? 0 : neighbors_of(n);
  o = placing(m, dims, &d);
  distance = out_floats(m, 1);
  quantile = out_floats(m, 1);
  ratio = out(m, 1, sizeof *ratio); /* infinite over rows that are equal */
  x = in_floats(m, d);
  return CALL(tsne_outside(maybe(distance), maybe(quantile), maybe(ratio), r,
                           maybe(x), m, d, k, o));
}
static int call_quality(void) {
  int64_t n = odd_size(MAX_N), d = width();
  int32_t dims = map_dims();
  const tsne_options *o = options(n);
  double *knn = OUT(double), *knc = OUT(double), *cpd = OUT(double);
  float *x = in_floats(n, d), *y = in_floats(n, dims);
  int32_t *labels = in_ints(n, 5);
  return CALL(tsne_quality(maybe(knn), maybe(knc), maybe(cpd), maybe(x), n, d,
                           maybe(y), dims, once_in(3) ? NULL : labels, o));
}
