/* What the fuzzer passes: sizes, numbers, options and handles, of which most
 * are right and some are anything. */
#ifndef FUZZ_DRAW_H
#define FUZZ_DRAW_H

#include "fuzz_buffers.h"

enum { MAX_N = 40, MAX_D = 4, MAX_K = 12, MAX_B = 3 };

static __thread int64_t calls, files;
static __thread int alone; /* the only thread that calls */
static __thread int wild;  /* this call has many things wrong, not a few */

/* Every call of the library's goes through here. */
#define CALL(call) (seal(), calls++, (call))

static double odd_double(double usual) {
  static const double odd[] = {0,     -1,       1,   0.5,    2,     1e-300,
                               1e300, INFINITY, NAN, -1e300, 1e-30, 1e30};
  return once_in(wild ? 12 : 200) ? odd[below(12)] : usual;
}

/* Mostly small, which is quick, and up to where the kernels' loops are full. */
static int64_t odd_size(int64_t most) {
  static const int64_t odd[] = {
      INT64_MIN, INT64_MAX, -1, 0, 1, 2, 3, 4, (int64_t)INT32_MAX + 1};
  return once_in(wild ? 8 : 40)
             ? odd[below(9)]
             : 4 + below(once_in(3) || most < 12 ? most - 3 : 9);
}

/* A size that could be true must be: the library cannot know better. */
static int64_t width(void) {
  int64_t d = odd_size(MAX_D + 3);
  return d > MAX_D && d < INT64_MAX ? 1 + below(MAX_D) : d;
}
static int64_t neighbors_of(int64_t n) {
  int64_t k = odd_size(MAX_K);
  return k > MAX_K && k < n ? MAX_K : k;
}
/* New points: none is right too. */
static int64_t some(void) {
  int64_t m = odd_size(MAX_N);
  return once_in(15) ? 0 : m;
}

static void *maybe(void *p) { return once_in(wild ? 25 : 200) ? NULL : p; }

static void *out(int64_t a, int64_t b, size_t each) {
  return buffer_of(bytes_of(a, b, each), OUTPUT);
}
static float *out_floats(int64_t a, int64_t b) {
  return buffer_of(bytes_of(a, b, sizeof(float)), FINITE_OUTPUT);
}
#define OUT(type) ((type *)out(1, 1, sizeof(type)))

static void *in(const void *from, size_t bytes) {
  void *to = buffer_of(bytes, INPUT);
  if (bytes)
    memcpy(to, from, bytes);
  return to;
}

/* Rows that are apart, or many that are equal, with something odd at times. */
static float *in_floats(int64_t a, int64_t b) {
  size_t i, n = bytes_of(a, b, sizeof(float)) / sizeof(float);
  float *x = buffer_of(n * sizeof *x, INPUT);
  int64_t of = once_in(3) ? 2 : 8;
  double size = once_in(20) ? odd_double(1e4) : 1;
  for (i = 0; i < n; i++)
    x[i] = (float)((double)below(of) +
                   size * (of > 2 ? uniform(&state) - 0.5 : 0));
  while (n && once_in(6))
    x[below((int64_t)n)] = (float)odd_double(1e-3);
  return x;
}

static int32_t *in_ints(int64_t count, int64_t of) {
  size_t i, n = bytes_of(count, 1, sizeof(int32_t)) / sizeof(int32_t);
  int32_t *v = buffer_of(n * sizeof *v, INPUT);
  for (i = 0; i < n; i++)
    v[i] = once_in(200) ? (int32_t)bits() : (int32_t)below(of);
  return v;
}

static double *in_doubles(int64_t count, double usual) {
  size_t i, n = bytes_of(count, 1, sizeof(double)) / sizeof(double);
  double *v = buffer_of(n * sizeof *v, INPUT);
  for (i = 0; i < n; i++)
    v[i] = odd_double(usual);
  return v;
}

/* Handles are shared by all threads: live, freed, or of another kind. */
enum { MODEL = 0, AFFINITIES = 4, PARTIAL = 6, HANDLES = 8 };
static void *handles[HANDLES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int slot(int first) {
  return first + (int)below(first == MODEL ? 4 : 2);
}

static void *handle(int first) {
  int at = slot(first);
  void *h;
  switch (below(24)) {
  case 0:
    return NULL;
  case 1:
    return (void *)(uintptr_t)bits();
  case 2:
    return &handles;
  case 3:
    at = (int)below(HANDLES);
  }
  pthread_mutex_lock(&lock);
  h = handles[at];
  pthread_mutex_unlock(&lock);
  return h;
}

static void free_any(void *h) {
  tsne_model_free(h);
  tsne_affinities_free(h);
  tsne_partial_free(h);
  calls += 3;
}

/* Keeps what a call made in place of another. */
static void keep(int first, void *made) {
  int at = slot(first);
  void *old;
  if (!made)
    return;
  pthread_mutex_lock(&lock);
  old = handles[at];
  handles[at] = made;
  pthread_mutex_unlock(&lock);
  free_any(old);
}

/* A place for a handle, and a call that may fill it. */
#define MADE(type)                                                             \
  type **made = OUT(type *);                                                   \
  type **to = maybe(made);                                                     \
  *made = NULL
#define KEEP(first, status)                                                    \
  do {                                                                         \
    int got_ = (status);                                                       \
    keep(first, *made);                                                        \
    return got_;                                                               \
  } while (0)

/* Callbacks come as often as the workers please, so they draw from a state of
 * their own: the calls that follow are the same in each run. */
static __thread uint64_t mine;
static int on_progress(const tsne_progress *p, void *user) {
  CHECK(user == (void *)8 && p->done >= 0 && p->done <= 1);
  mine ^= state;
  /* With others about, two callbacks could wait for each other's handles. */
  if (alone && uniform(&mine) < 0.25) {
    int64_t n;
    tsne_model_info(&n, NULL, NULL, NULL, handles[(int)(uniform(&mine) * 4)]);
    tsne_partial_info(&n, NULL, NULL, NULL, handles[PARTIAL]);
    calls += 2;
  }
  return uniform(&mine) < 0.05;
}

static void on_log(int level, const char *line, void *user) {
  CHECK(user == (void *)16 && *line && !strchr(line, '\n'));
  CHECK(level >= 0 && level <= 1);
}

static int32_t any_bits(int32_t usual) {
  return once_in(wild ? 50 : 500) ? (int32_t)bits() : usual;
}
static int32_t threads(void) {
  return once_in(100) ? -(int32_t)below(INT32_MAX) : (int32_t)below(4);
}

/* A struct of the size that its first field claims, if that is one. */
static void *in_struct(const void *full, size_t size, size_t old) {
  size_t claimed = size;
  void *to;
  if (once_in(15))
    claimed = once_in(2) ? old : bits() >> below(64);
  to = in(full, claimed == size || claimed == old ? claimed : sizeof claimed);
  memcpy(to, &claimed, sizeof claimed);
  return to;
}

/* dims is that of the map, where it is not for the options to say. */
static const tsne_options *options_for(int64_t n, int32_t *dims) {
  tsne_options o;
  int32_t cancel = once_in(10);
  *dims = 2;
  if (once_in(30))
    return NULL;
  calls++;
  tsne_options_init(&o);
  o.dims = *dims = any_bits(1 + (int32_t)below(3));
  o.iterations = once_in(40) ? -(int64_t)(bits() >> 1) : below(6);
  o.early_iterations = below(4);
  o.perplexity = odd_double(5);
  o.theta = odd_double(0.5);
  o.learning_rate = odd_double(0);
  o.exaggeration = odd_double(1);
  o.early_exaggeration = odd_double(12);
  o.early_momentum = odd_double(0.5);
  o.momentum = odd_double(0.8);
  o.max_step_norm = odd_double(5);
  o.neighbors_effort = odd_double(1);
  o.seed = bits();
  o.threads = threads();
  o.init = any_bits((int32_t)below(5));
  o.dof = odd_double(1);
  o.max_grad_norm = odd_double(0);
  o.sigma = odd_double(2);
  o.auto_stop = odd_double(0);
  o.density_lambda = odd_double(0);
  o.density_fraction = odd_double(0.3);
  o.density_shift = odd_double(0.1);
  o.k = once_in(4) ? odd_size(MAX_K) : 0;
  o.sample_size = once_in(2) ? odd_size(MAX_N) : 25000;
  o.anneal_iterations = once_in(4) ? odd_size(5) : 0;
  o.momentum_iterations = once_in(4) ? odd_size(5) : 0;
  o.metric = any_bits((int32_t)below(7));
  o.affinity = once_in(3) ? any_bits((int32_t)below(5)) : 0;
  o.keep_data = any_bits(!once_in(4));
  o.neighbors = any_bits((int32_t)below(3));
  o.repulsion = any_bits((int32_t)below(4));
  o.reserved = any_bits(0);
  o.reserved2 = any_bits(0);
  o.progress_every = once_in(40) ? odd_size(5) : 1 + below(3);
  o.max_memory = once_in(40) ? bits() >> below(64) : 0;
  o.n_perplexities = once_in(40)  ? (int64_t)(bits() | (uint64_t)1 << 40)
                     : once_in(4) ? below(5)
                                  : 0;
  o.perplexities = maybe(in_doubles(o.n_perplexities, 3));
  o.init_y = o.init == TSNE_INIT_GIVEN ? maybe(in_floats(n, o.dims)) : NULL;
  o.pull = odd_double(once_in(2) ? 0.01 : 0);
  o.pull_y = once_in(3) ? in_floats(n, o.dims) : NULL;
  o.pull_weights = once_in(3) ? in_floats(n, 1) : NULL;
  o.pull_frame = any_bits((int32_t)below(4));
  o.reserved3 = any_bits(0);
  o.progress = once_in(2) ? on_progress : NULL;
  o.progress_user = (void *)8;
  o.log = once_in(2) ? on_log : NULL;
  o.log_user = (void *)16;
  o.cancel = once_in(2) ? in(&cancel, sizeof cancel) : NULL;
  return in_struct(&o, sizeof o, offsetof(tsne_options, dof));
}

static const tsne_options *options(int64_t n) {
  int32_t dims;
  return options_for(n, &dims);
}

/* For m new points in dims columns; the width of their data goes to d. */
static const tsne_transform_options *placing(int64_t m, int32_t dims,
                                             int64_t *d) {
  tsne_transform_options o;
  int32_t cancel = once_in(10);
  if (once_in(10))
    return NULL;
  calls++;
  tsne_transform_options_init(&o);
  o.seed = bits();
  if (once_in(3)) {
    o.n_columns = once_in(20) ? odd_size(MAX_D) : 1 + below(MAX_D);
    o.columns = maybe(in_ints(o.n_columns, once_in(4) ? MAX_D : *d + (*d < 1)));
    if (o.columns && !once_in(10))
      *d = o.n_columns;
  }
  o.k = once_in(2) ? odd_size(MAX_K) : 3;
  o.early_iterations = once_in(40) ? odd_size(4) % 5 : below(3);
  o.iterations = below(4);
  o.perplexity = odd_double(3);
  o.early_exaggeration = odd_double(4);
  o.exaggeration = odd_double(1.5);
  o.learning_rate = odd_double(0.1);
  o.early_momentum = odd_double(0.8);
  o.momentum = odd_double(0.8);
  o.max_grad_norm = odd_double(0.25);
  o.max_step_norm = odd_double(0);
  o.theta = odd_double(0.5);
  o.neighbors_effort = odd_double(1);
  o.max_memory = once_in(40) ? bits() >> below(64) : 0;
  o.cancel = once_in(2) ? in(&cancel, sizeof cancel) : NULL;
  o.progress = once_in(2) ? on_progress : NULL;
  o.progress_user = (void *)8;
  o.progress_every = once_in(40) ? odd_size(5) : 1 + below(3);
  o.log = once_in(2) ? on_log : NULL;
  o.log_user = (void *)16;
  o.threads = threads();
  o.placement = any_bits((int32_t)below(3));
  o.init_y = o.placement == TSNE_PLACE_GIVEN ? maybe(in_floats(m, dims)) : NULL;
  o.metric = any_bits((int32_t)below(7));
  o.neighbors = any_bits((int32_t)below(3));
  o.repulsion = any_bits((int32_t)below(4));
  o.reserved = any_bits(0);
  o.affinity = once_in(3) ? any_bits((int32_t)below(5)) : 0;
  o.sigma = odd_double(2);
  o.affinity_k = once_in(4) ? odd_size(MAX_K) : 0;
  o.n_perplexities = once_in(40)  ? (int64_t)(bits() | (uint64_t)1 << 40)
                     : once_in(4) ? below(5)
                                  : 0;
  o.perplexities = maybe(in_doubles(o.n_perplexities, 3));
  o.reserved2 = any_bits(0);
  return in_struct(&o, sizeof o,
                   offsetof(tsne_transform_options, perplexities));
}

#endif
