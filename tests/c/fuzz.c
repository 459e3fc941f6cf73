/* Every function with random sizes, NULLs, handles, struct sizes and option
 * bytes: a known status, a line of text, no write past a buffer, no handle
 * left, no crash. fuzz [SECONDS [SEED]] */
#include "test.h"

enum { MAX_N = 40, MAX_D = 4, MAX_K = 12, HANDLES = 6, EDGE = 64 };

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
} out;

static float *x;
static float init_y[MAX_N * 3];
static double perplexities[4];
static int32_t cancel;
static void *handles[HANDLES]; /* live, freed, of both kinds, or rubbish */
static int64_t calls, statuses[100];

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
  o->init = (int32_t)below(3);
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
    int32_t *field[6];
    field[0] = &o->dims, field[1] = &o->threads, field[2] = &o->init;
    field[3] = &o->neighbors, field[4] = &o->repulsion, field[5] = &o->reserved;
    *field[below(6)] = (int32_t)bits();
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

/* Models and affinities have at most MAX_N points, so they fit out. */
static void *handle(void) {
  switch (below(8)) {
  case 0:
    return NULL;
  case 1:
    return (void *)(uintptr_t)bits();
  case 2:
    return &out;
  default:
    return handles[below(HANDLES)];
  }
}

static void *maybe(void *p) { return once_in(25) ? NULL : p; }

static int call(void) {
  tsne_options full;
  const tsne_options *o = options(&full);
  int64_t n = odd_size(MAX_N), d = odd_size(MAX_D + 3), k = odd_size(MAX_K);
  void **put = &handles[below(HANDLES)], *made = NULL;
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
    x[below(MAX_N * MAX_D)] = (float)odd_double(1);
  switch (below(18)) {
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
    break;
  case 4:
    s = tsne_affinities_from_data(maybe(&made), maybe(x), n, d, o);
    break;
  case 5:
    for (i = 0; i < 3; i++)
      out.index[below(MAX_N * MAX_K)] = (int32_t)below(MAX_N);
    s = tsne_affinities_from_neighbors(maybe(&made), maybe(out.index),
                                       maybe(out.distance), n, k, o);
    break;
  case 6:
    if (once_in(3))
      out.ptr[below(MAX_N + 1)] = below(MAX_N);
    if (n > 0 && n <= MAX_N && out.ptr[n] > MAX_N * MAX_N)
      break;
    if (n > MAX_N && n <= INT32_MAX)
      break;
    s = tsne_affinities_from_csr(maybe(&made), maybe(out.ptr), maybe(out.col),
                                 maybe(out.val), n);
    break;
  case 7:
    s = tsne_affinities_size(maybe(&a), maybe(&b), handle());
    break;
  case 8:
    s = tsne_affinities_copy(maybe(out.ptr), maybe(out.col), maybe(out.val),
                             handle());
    break;
  case 9:
    s = tsne_initialize(maybe(out.y), maybe(x), n, d, o);
    break;
  case 10:
    s = tsne_gradient(maybe(out.y), maybe(&kl), maybe(init_y), handle(), o);
    break;
  case 11:
    s = tsne_model_new(maybe(&made), maybe(init_y), handle(), o);
    break;
  case 12:
    s = tsne_model_optimize(maybe(out.y), maybe(&kl), handle(), below(8) - 1,
                            odd_double(1), odd_double(0), odd_double(0.8), o);
    break;
  case 13:
    s = tsne_model_info(maybe(&a), maybe(&c), maybe(&b), maybe(&kl), handle());
    break;
  case 14:
    s = tsne_model_embedding(maybe(out.y), handle());
    break;
  case 15:
    s = tsne_model_affinities(maybe(&made), handle());
    break;
  case 16:
    s = tsne_model_clone(maybe(&made), handle());
    break;
  case 17:
    if (once_in(2))
      tsne_model_free(handle());
    else
      tsne_affinities_free(handle());
    break;
  }
  if (made) {
    /* Both kinds, so that what was there is freed whatever it was. */
    tsne_model_free(*put);
    tsne_affinities_free(*put);
    *put = made;
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
  while (seconds() < end && !failures) {
    s = call();
    calls++;
    CHECK(s <= 0 && s > -100 && s != TSNE_E_INTERNAL && s != TSNE_E_FORKED);
    CHECK(strncmp(tsne_status_name(s), "TSNE_", 5) == 0);
    CHECK(s == TSNE_OK || *tsne_last_error());
    CHECK(!memcmp(out.edge1, out.edge4, sizeof out.edge1));
    CHECK(!memcmp(out.edge2, out.edge4, sizeof out.edge2));
    CHECK(!memcmp(out.edge3, out.edge4, sizeof out.edge3));
    CHECK(out.edge4[EDGE - 1] == 0x5A5A5A5A5A5A5A5A);
    if (s <= 0 && s > -100)
      statuses[-s]++;
    if (failures)
      fprintf(stderr, "  call %lld of seed %llu: %s: %s\n", (long long)calls,
              (unsigned long long)seed, tsne_status_name(s), tsne_last_error());
  }
  for (i = 0; i < HANDLES; i++) {
    tsne_model_free(handles[i]);
    tsne_affinities_free(handles[i]);
  }
  CHECK(tsne_live_handles() == 0);
  printf("fuzz: seed %llu, %lld calls:", (unsigned long long)seed,
         (long long)calls);
  for (i = 0; i < 100; i++)
    if (statuses[i])
      printf(" %s %lld", tsne_status_name((int)-i), (long long)statuses[i]);
  printf("\n");
  /* It must reach past the refusals, or it proves nothing. */
  CHECK(statuses[0] > calls / 10 && statuses[-TSNE_E_CANCELLED] > 0);
  free(x);
  return finish("fuzz");
}
