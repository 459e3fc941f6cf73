/* Every function with random sizes, NULLs, handles, struct sizes and option
 * bytes: a known status, a line of text, no write past a buffer, no handle
 * left, no crash. fuzz [SECONDS [SEED]] */
#include "test.h"

enum { MAX_N = 40, MAX_D = 4, MAX_K = 12, MAX_B = 3, HANDLES = 8, EDGE = 64 };

static uint64_t state;

static uint64_t bits(void) {
  uniform(&state);
  return state ^ state >> 29;
}
static int64_t below(int64_t n) { return (int64_t)(uniform(&state) * (double)n); }
static int once_in(int64_t n) { return below(n) == 0; }

static struct {
  float y[MAX_N * 3], edge1[EDGE];
  float distance[MAX_N * MAX_K], edge2[EDGE];
  int32_t index[MAX_N * MAX_K], edge3[EDGE];
  float val[MAX_N * MAX_N];
  int32_t col[MAX_N * MAX_N];
  int64_t ptr[MAX_N + 1], edge4[EDGE];
  float samples[MAX_B * MAX_N * 3], edge5[EDGE];
  float data[MAX_N * MAX_D], edge6[EDGE];
} out;

static float *x;
static float init_y[MAX_N * 3], dist[MAX_N * MAX_N];
static int32_t labels[MAX_N], columns[MAX_D];
static unsigned char file[1 << 20];
static uint64_t file_size;
static double perplexities[4];
static int32_t cancel;
static void *handles[HANDLES]; /* live, freed, of all kinds, or rubbish */
static int64_t calls, statuses[100];
static int64_t graph_n, graph_k; /* of the neighbours in out */

enum { OF_MAP = 29, OF_FIT = 18 };
static int64_t reached[OF_MAP + OF_FIT]; /* successes of each kind of call */
static int kind;                         /* of this call; -1: none was made */

static int on_progress(const tsne_progress *p, void *user) {
  return user != (void *)8 || p->done < 0 || once_in(20);
}
static void on_log(int level, const char *line, void *user) {
  CHECK(user == (void *)16 && line && level >= 0 && level <= 1);
}

static double odd_double(double usual) {
  static const double odd[] = {0,    -1,       1,    0.5,   2,      1e-300,
                               1e300, INFINITY, NAN, -1e300, 1e-30, 1e30};
  return once_in(12) ? odd[below(12)] : usual;
}
static int64_t odd_size(int64_t most) {
  static const int64_t odd[] = {INT64_MIN, INT64_MAX, -1, 0, 1, 2, 3, 4,
                                (int64_t)INT32_MAX + 1};
  return once_in(8) ? odd[below(9)] : 4 + below(most - 3);
}

static const tsne_options *options(tsne_options *o) {
  size_t i;
  tsne_options_init(o);
  if (once_in(30))
    return NULL;
  o->iterations = below(6);
  o->early_iterations = below(4);
  o->perplexity = odd_double(5);
  o->theta = odd_double(0.5);
  o->learning_rate = odd_double(0);
  o->exaggeration = odd_double(1);
  o->early_exaggeration = odd_double(12);
  o->momentum = odd_double(0.8);
  o->max_step_norm = odd_double(5);
  o->neighbors_effort = odd_double(1);
  o->seed = bits();
  o->threads = (int32_t)below(4);
  o->dims = 1 + (int32_t)below(3);
  o->init = (int32_t)below(5);
  o->dof = odd_double(1);
  o->max_grad_norm = odd_double(0);
  o->sigma = odd_double(2);
  o->auto_stop = odd_double(0);
  o->density_lambda = odd_double(0);
  o->density_fraction = odd_double(0.3);
  o->density_shift = odd_double(0.1);
  o->k = once_in(4) ? odd_size(MAX_K) : 0;
  o->sample_size = once_in(2) ? odd_size(MAX_N) : 25000;
  o->anneal_iterations = once_in(4) ? odd_size(5) : 0;
  o->metric = (int32_t)below(7);
  o->affinity = once_in(3) ? (int32_t)below(5) : 0;
  o->keep_data = !once_in(4);
  o->neighbors = (int32_t)below(3);
  o->repulsion = (int32_t)below(4);
  o->progress_every = 1 + below(3);
  o->init_y = once_in(20) ? NULL : init_y;
  o->perplexities = once_in(20) ? NULL : perplexities;
  o->n_perplexities = once_in(4) ? below(5) : 0;
  o->progress = once_in(2) ? on_progress : NULL;
  o->progress_user = (void *)8;
  o->log = once_in(2) ? on_log : NULL;
  o->log_user = (void *)16;
  o->cancel = once_in(2) ? &cancel : NULL;
  cancel = once_in(10);
  if (once_in(20))
    o->struct_size = bits() >> below(64);
  if (once_in(20)) { /* any bits in the plain fields at the end */
    int32_t *field[10];
    field[0] = &o->dims, field[1] = &o->threads, field[2] = &o->init;
    field[3] = &o->neighbors, field[4] = &o->repulsion, field[5] = &o->reserved;
    field[6] = &o->metric, field[7] = &o->affinity, field[8] = &o->keep_data;
    field[9] = &o->reserved2;
    *field[below(10)] = (int32_t)bits();
    if (o->threads > 64)
      o->threads = 64;
  }
  if (once_in(40))
    o->n_perplexities = (int64_t)bits() | (int64_t)1 << 40;
  if (once_in(40))
    o->iterations = -(int64_t)(bits() >> 1);
  if (once_in(40))
    o->max_memory = bits() >> below(64);
  for (i = 0; i < 4; i++)
    perplexities[i] = odd_double(3);
  return o;
}

static const tsne_transform_options *transform(tsne_transform_options *o) {
  int i;
  tsne_transform_options_init(o);
  if (once_in(10))
    return NULL;
  o->seed = bits();
  o->init_y = once_in(20) ? NULL : init_y;
  for (i = 0; i < MAX_D; i++)
    columns[i] = once_in(30) ? (int32_t)bits() : (int32_t)below(MAX_D);
  o->columns = once_in(3) ? columns : NULL;
  o->n_columns = o->columns ? 1 + below(MAX_D) : 0;
  o->k = once_in(2) ? odd_size(MAX_K) : 3;
  o->early_iterations = below(3);
  o->iterations = below(4);
  o->perplexity = odd_double(3);
  o->early_exaggeration = odd_double(4);
  o->exaggeration = odd_double(1.5);
  o->learning_rate = odd_double(0.1);
  o->early_momentum = odd_double(0.8);
  o->momentum = odd_double(0.8);
  o->max_grad_norm = odd_double(0.25);
  o->max_step_norm = odd_double(0);
  o->theta = odd_double(0.5);
  o->neighbors_effort = odd_double(1);
  o->max_memory = once_in(40) ? bits() >> below(64) : 0;
  cancel = once_in(10);
  o->cancel = once_in(2) ? &cancel : NULL;
  o->progress = once_in(2) ? on_progress : NULL;
  o->progress_user = (void *)8;
  o->progress_every = 1 + below(3);
  o->log = once_in(2) ? on_log : NULL;
  o->log_user = (void *)16;
  o->threads = (int32_t)below(4);
  o->placement = (int32_t)below(3);
  o->metric = (int32_t)below(7);
  o->neighbors = (int32_t)below(3);
  o->repulsion = (int32_t)below(4);
  o->affinity = once_in(3) ? (int32_t)below(5) : 0;
  o->sigma = odd_double(2);
  o->affinity_k = once_in(4) ? odd_size(MAX_K) : 0;
  for (i = 0; i < 4; i++)
    perplexities[i] = odd_double(3);
  o->perplexities = once_in(20) ? NULL : perplexities;
  o->n_perplexities = once_in(4) ? below(5) : 0;
  if (once_in(40))
    o->n_perplexities = (int64_t)bits() | (int64_t)1 << 40;
  if (once_in(10))
    o->struct_size = once_in(2) ? offsetof(tsne_transform_options, perplexities)
                                : bits() >> below(64);
  if (once_in(20)) {
    int32_t *field[7];
    field[0] = &o->placement, field[1] = &o->metric, field[2] = &o->neighbors;
    field[3] = &o->repulsion, field[4] = &o->reserved;
    field[5] = &o->affinity, field[6] = &o->reserved2;
    *field[below(7)] = (int32_t)bits();
  }
  return o;
}

/* Where handles of each kind are put and looked for first. */
enum { MODEL = 0, AFFINITIES = 4, PARTIAL = 6 };
static int slot(int first) {
  return first + (int)below(first == MODEL ? 4 : 2);
}

/* Models and affinities have at most MAX_N points, so they fit out. */
static void *handle(int first) {
  switch (below(16)) {
  case 0:
    return NULL;
  case 1:
    return (void *)(uintptr_t)bits();
  case 2:
    return &out;
  case 3:
    return handles[below(HANDLES)];
  default:
    return handles[slot(first)];
  }
}

static void *maybe(void *p) { return once_in(25) ? NULL : p; }

/* New points are as many as fit, or so many that no machine has them. */
static int64_t some(int64_t n) {
  return n > MAX_N && n <= INT32_MAX ? MAX_N : once_in(15) ? 0 : n;
}

static void free_any(void *h) {
  tsne_model_free(h);
  tsne_affinities_free(h);
  tsne_partial_free(h);
}

/* What came since 0.2. */
static int call_map(int which, const tsne_options *o, int64_t n, int64_t d,
                    int64_t k, void **made) {
  tsne_transform_options full;
  const tsne_transform_options *t = transform(&full);
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  int64_t a, b, i, columns_wanted = t && t->columns ? t->n_columns : MAX_D;
  int32_t c, dims = once_in(10) ? (int32_t)bits() : 1 + (int32_t)below(3);
  double kl, other, third, disparity[MAX_B];
  int flags = once_in(10) ? (int)bits() : (int)below(8);
  if (!once_in(6))
    d = columns_wanted;
  for (i = 0; i < 3; i++)
    labels[below(MAX_N)] = (int32_t)below(6) - 1;
  if (once_in(20))
    s.struct_size = bits() >> below(64);
  switch (which) {
  case 0:
  case 1:
    return tsne_transform(maybe(out.y), maybe(made), handle(MODEL), maybe(x),
                          some(n), d, t);
  case 2:
    return tsne_partial_optimize(maybe(out.y), maybe(&kl), handle(PARTIAL),
                                 below(8) - 1, odd_double(1), odd_double(0),
                                 odd_double(0.8), t);
  case 3:
    return tsne_partial_info(maybe(&a), maybe(&c), maybe(&b), maybe(&kl),
                             handle(PARTIAL));
  case 4:
    return tsne_partial_embedding(maybe(out.y), handle(PARTIAL));
  case 5:
    return tsne_partial_clone(maybe(made), handle(PARTIAL));
  case 6:
    return tsne_bootstrap(maybe(out.y), maybe(out.samples), maybe(out.distance),
                          handle(MODEL), maybe(x), some(n), d, below(MAX_B + 1), t);
  case 7:
    return tsne_align(maybe(out.y), maybe(made), maybe(&kl), maybe(&other),
                      handle(MODEL), maybe(x), n, d > MAX_D && d < INT64_MAX ? 1 : d,
                      t, o);
  case 8:
    return tsne_procrustes(maybe(&s), maybe(init_y), maybe(out.y), n, dims,
                           flags);
  case 9:
    return tsne_procrustes_labels(maybe(&s), maybe(init_y), maybe(labels), n,
                                  maybe(out.y), maybe(labels), n, dims, flags);
  case 10:
    return tsne_procrustes_many(maybe(out.samples), maybe(out.y),
                                maybe(disparity), below(MAX_B + 1), n, dims,
                                flags);
  case 11:
    s.dims = dims;
    for (i = 0; i < 9; i++)
      s.rotation[i] = odd_double(0.5);
    s.scale = odd_double(1);
    return tsne_superpose(maybe(out.y), n, maybe(&s));
  case 12:
    return tsne_shared_neighbors(maybe(&kl), maybe(init_y), maybe(out.y), n,
                                 dims, k, o);
  case 13:
    return tsne_quality(maybe(&kl), maybe(&other), maybe(&third), maybe(x), n,
                        d > MAX_D && d < INT64_MAX ? 1 : d, maybe(init_y), dims,
                        once_in(3) ? NULL : labels, o);
  case 14:
    return tsne_model_set_data(handle(MODEL), maybe(x), n,
                               d > MAX_D && d < INT64_MAX ? 1 : d, 1);
  case 15:
    return tsne_model_data(maybe(out.data), maybe(&a), maybe(&c), handle(MODEL));
  case 16: { /* a model to read back, whole or with a few bytes changed */
    uint64_t size = once_in(10) ? (uint64_t)below(500) : sizeof file;
    int got = tsne_model_save_bytes(maybe(file), maybe(&size), handle(MODEL));
    if (got == TSNE_OK && size <= sizeof file)
      file_size = size;
    return got;
  }
  case 17:
    if (once_in(2) && file_size)
      for (i = below(4); i >= 0; i--)
        file[below((int64_t)file_size)] ^= (unsigned char)(1 << below(8));
    return tsne_model_load_bytes(
        maybe(made), maybe(file),
        once_in(10) ? (uint64_t)below((int64_t)file_size + 1) : file_size, o);
  case 18:
    return tsne_model_save(handle(MODEL), once_in(2) ? maybe("fuzz.npz")
                                                : "no such/folder.npz");
  case 19:
    return tsne_model_load(maybe(made), once_in(2) ? maybe("fuzz.npz") : ".",
                           o);
  case 20:
    dist[below(MAX_N * MAX_N)] = (float)odd_double(1);
    return tsne_neighbors_of_distances(maybe(out.index), maybe(out.distance),
                                       maybe(dist), n, k, o);
  case 21:
    return tsne_affinities_from_distances(maybe(made), maybe(dist), n, o);
  case 22:
    return tsne_spectral(maybe(out.y), handle(AFFINITIES), o);
  case 23:
    return tsne_reduce(maybe(out.data), maybe(x), n,
                       d > MAX_D && d < INT64_MAX ? 1 : d, k, o);
  case 24:
    a = some(n);
    return tsne_neighbors_of_new(
        maybe(out.index), maybe(out.distance), maybe(x), n,
        d > MAX_D && d < INT64_MAX ? 1 : d, maybe(x), a,
        k > MAX_K && k <= n ? MAX_K : k, o);
  case 25:
    a = some(n);
    for (i = 0; i < 5; i++)
      out.distance[below(MAX_N * MAX_K)] = (float)odd_double(1);
    return tsne_conditional(maybe(out.val), maybe(out.distance), a,
                            k > MAX_K && k < INT64_MAX / 64 ? MAX_K : k, o);
  case 26: { /* rows that are mostly right */
    int64_t ptr[MAX_N + 1] = {0}, e = 0, m = some(n);
    int32_t col[MAX_N * MAX_K];
    float val[MAX_N * MAX_K];
    for (i = 0; i < MAX_N; i++) {
      for (a = below(MAX_K); a >= 0; a--, e++) {
        col[e] = once_in(2000) ? (int32_t)bits() : (int32_t)below(4);
        val[e] = (float)(once_in(2000) ? odd_double(1) : uniform(&state));
      }
      ptr[i + 1] = e;
    }
    if (once_in(10)) {
      i = below(MAX_N);
      ptr[i] = once_in(2) ? (int64_t)bits() : ptr[i] + 1;
      if (m >= 0 && m <= MAX_N && ptr[m] > e && ptr[m] <= INT64_MAX / 4)
        ptr[m] = e;
    }
    return tsne_partial_new(maybe(made), handle(MODEL), maybe(init_y),
                            maybe(ptr), maybe(col), maybe(val), m, t);
  }
  case 27: { /* as many as a model's points, for each of MAX_N rows */
    static int32_t col[MAX_N * MAX_N];
    static float val[MAX_N * MAX_N];
    static int64_t ptr[MAX_N + 1];
    return tsne_partial_affinities(maybe(&a), maybe(ptr), maybe(col),
                                   maybe(val), handle(PARTIAL));
  }
  default:
    if ((n > 0 && n <= MAX_N && (out.ptr[n] > MAX_N * MAX_N || out.ptr[n] < 0)) ||
        (n > MAX_N && n <= INT32_MAX)) {
      kind = -1;
      return TSNE_OK;
    }
    return tsne_reduce_csr(maybe(out.data), maybe(out.ptr), maybe(out.col),
                           maybe(out.val), n, MAX_N, k > MAX_D ? MAX_D : k, o);
  }
}

static int call(void) {
  tsne_options full;
  const tsne_options *o = options(&full);
  int64_t n = odd_size(MAX_N), d = odd_size(MAX_D + 3), k = odd_size(MAX_K);
  void *made = NULL;
  int64_t a, b, i;
  int32_t c;
  double kl;
  uint64_t bytes;
  int s = TSNE_OK;
  /* A size that could be true must be: the library cannot know better. */
  if (d > MAX_D && d < INT64_MAX)
    d = 1 + below(MAX_D);
  if (k > MAX_K && k < n)
    k = MAX_K;
  for (i = 0; i < 20; i++)
    x[below(MAX_N * MAX_D)] =
        (float)(once_in(20) ? odd_double(1) : uniform(&state));
  if (once_in(2)) {
    kind = (int)below(OF_MAP);
    s = call_map(kind, o, n, d, k, &made);
    goto keep;
  }
  kind = OF_MAP + (int)below(OF_FIT);
  switch (kind - OF_MAP) {
  case 0:
  case 1:
    s = tsne_fit(maybe(out.y), maybe(&made), maybe(x), n, d, o);
    break;
  case 2:
    s = tsne_estimate_memory(maybe(&bytes), once_in(2) ? (int64_t)bits() : n,
                             once_in(2) ? (int64_t)bits() : d, o);
    break;
  case 3:
    s = tsne_neighbors(maybe(out.index), maybe(out.distance), maybe(x), n, d, k,
                       o);
    if (s == TSNE_OK)
      graph_n = n, graph_k = k;
    break;
  case 4:
    s = tsne_affinities_from_data(maybe(&made), maybe(x), n, d, o);
    break;
  case 5:
    if (once_in(2))
      n = graph_n, k = graph_k;
    else
      for (i = 0; i < 3; i++)
        out.index[below(MAX_N * MAX_K)] = (int32_t)below(MAX_N);
    s = tsne_affinities_from_neighbors(maybe(&made), maybe(out.index),
                                       maybe(out.distance), n, k, o);
    break;
  case 6:
    if (once_in(3))
      out.ptr[below(MAX_N + 1)] = below(MAX_N);
    if ((n > 0 && n <= MAX_N && out.ptr[n] > MAX_N * MAX_N) ||
        (n > MAX_N && n <= INT32_MAX)) {
      kind = -1;
      break;
    }
    s = tsne_affinities_from_csr(maybe(&made), maybe(out.ptr), maybe(out.col),
                                 maybe(out.val), n);
    break;
  case 7:
    s = tsne_affinities_size(maybe(&a), maybe(&b), handle(AFFINITIES));
    break;
  case 8:
    s = tsne_affinities_copy(maybe(out.ptr), maybe(out.col), maybe(out.val),
                             handle(AFFINITIES));
    break;
  case 9:
    s = tsne_initialize(maybe(out.y), maybe(x), n, d, o);
    break;
  case 10:
    s = tsne_gradient(maybe(out.y), maybe(&kl), maybe(init_y), handle(AFFINITIES), o);
    break;
  case 11:
    s = tsne_model_new(maybe(&made), maybe(init_y), handle(AFFINITIES), o);
    break;
  case 12:
    s = tsne_model_optimize(maybe(out.y), maybe(&kl), handle(MODEL), below(8) - 1,
                            odd_double(1), odd_double(0), odd_double(0.8), o);
    break;
  case 13:
    s = tsne_model_info(maybe(&a), maybe(&c), maybe(&b), maybe(&kl), handle(MODEL));
    break;
  case 14:
    s = tsne_model_embedding(maybe(out.y), handle(MODEL));
    break;
  case 15:
    s = tsne_model_affinities(maybe(&made), handle(MODEL));
    break;
  case 16:
    s = tsne_model_clone(maybe(&made), handle(MODEL));
    break;
  case 17:
    free_any(handle(2 * (int)below(4)));
    break;
  }
keep:
  if (made) {
    int at = slot(kind == 0 || kind == 1 || kind == 5 || kind == 26 ? PARTIAL
                  : kind == 21 || (kind >= OF_MAP + 4 && kind <= OF_MAP + 6) ||
                          kind == OF_MAP + 15
                      ? AFFINITIES
                      : MODEL);
    free_any(handles[at]);
    handles[at] = made;
  }
  return s;
}

int main(int argc, char **argv) {
  double end = seconds() + (argc > 1 ? atof(argv[1]) : 5);
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
  int64_t i;
  int s;
  x = blobs(MAX_N, MAX_D);
  state = seed;
  for (i = 0; i < MAX_N * 3; i++)
    init_y[i] = (float)uniform(&state);
  memset(&out, 0, sizeof out);
  memset(out.edge1, 0x5A, sizeof out.edge1);
  memset(out.edge2, 0x5A, sizeof out.edge2);
  memset(out.edge3, 0x5A, sizeof out.edge3);
  memset(out.edge4, 0x5A, sizeof out.edge4);
  memset(out.edge5, 0x5A, sizeof out.edge5);
  memset(out.edge6, 0x5A, sizeof out.edge6);
  while (seconds() < end && !failures) {
    s = call();
    calls++;
    CHECK(s <= 0 && s > -100 && s != TSNE_E_INTERNAL && s != TSNE_E_FORKED);
    CHECK(strncmp(tsne_status_name(s), "TSNE_", 5) == 0);
    CHECK(s == TSNE_OK || *tsne_last_error());
    CHECK(!memcmp(out.edge1, out.edge4, sizeof out.edge1));
    CHECK(!memcmp(out.edge2, out.edge4, sizeof out.edge2));
    CHECK(!memcmp(out.edge3, out.edge4, sizeof out.edge3));
    CHECK(!memcmp(out.edge5, out.edge4, sizeof out.edge5));
    CHECK(!memcmp(out.edge6, out.edge4, sizeof out.edge6));
    CHECK(out.edge4[EDGE - 1] == 0x5A5A5A5A5A5A5A5A);
    if (s <= 0 && s > -100)
      statuses[-s]++;
    if (s == TSNE_OK && kind >= 0)
      reached[kind]++;
    if (failures)
      fprintf(stderr, "  call %lld of seed %llu: %s: %s\n", (long long)calls,
              (unsigned long long)seed, tsne_status_name(s), tsne_last_error());
  }
  for (i = 0; i < HANDLES; i++)
    free_any(handles[i]);
  remove("fuzz.npz");
  CHECK(tsne_live_handles() == 0);
  printf("fuzz: seed %llu, %lld calls:", (unsigned long long)seed,
         (long long)calls);
  for (i = 0; i < 100; i++)
    if (statuses[i])
      printf(" %s %lld", tsne_status_name((int)-i), (long long)statuses[i]);
  printf("\n");
  /* It must reach past the refusals, or it proves nothing. */
  CHECK(statuses[0] > calls / 10 && statuses[-TSNE_E_CANCELLED] > 0);
  for (i = 0; i < OF_MAP + OF_FIT && calls > 50000; i++)
    if (!CHECK(reached[i] > 0))
      fprintf(stderr, "  no call of kind %d succeeded\n", (int)i);
  free(x);
  return finish("fuzz");
}
