/* Built with the header of a release, as C and as C++, and run with today's
 * library: everything that the release had works, and no byte is written
 * beyond what it knew of. Prints a hash of the maps, which all must share.
 * FIT_ONLY leaves out what tells a program of 0.2 or 0.3 from one of 0.1: the
 * functions that it is linked with. Since 0.4 a program says its sizes itself.
 */
#include <tsne.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef FIT_ONLY
#define SINCE(minor) (TSNE_VERSION_MINOR >= 4 && TSNE_VERSION_MINOR >= (minor))
#else
#define SINCE(minor) (TSNE_VERSION_MINOR >= (minor))
#endif

enum { N = 60, D = 5, M = 7, K = 15, GUARD = 0xA5 };

static int failures, warnings, reports;

#define CHECK(condition)                                                       \
  ((condition) ? 1                                                             \
               : (failures++,                                                  \
                  fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__,       \
                          #condition, tsne_last_error()),                      \
                  0))
#define OK(call) CHECK((call) == TSNE_OK)

/* A thing with guard bytes around it, in it at first as well. */
#define GUARDED(type)                                                          \
  struct {                                                                     \
    unsigned char before[64];                                                  \
    type it;                                                                   \
    unsigned char after[512];                                                  \
  }
#define FILL(g) memset(&(g), GUARD, sizeof(g))

static int guards(const void *p, size_t n) {
  const unsigned char *byte = (const unsigned char *)p;
  size_t i;
  for (i = 0; i < n; i++)
    if (byte[i] != GUARD)
      return 0;
  return 1;
}
/* No more than the first `written` bytes have changed. */
#define INTACT(g, written)                                                     \
  CHECK(guards((g).before, sizeof(g).before) &&                                \
        guards((const char *)&(g).it + (written), sizeof(g).it - (written)) && \
        guards((g).after, sizeof(g).after))

static float x[(N + M) * D];
static uint64_t hash = 14695981039346656037u;

static void mix(const void *p, size_t n) {
  const unsigned char *byte = (const unsigned char *)p;
  while (n--)
    hash = (hash ^ *byte++) * 1099511628211u;
}

static int on_progress(const tsne_progress *p, void *user) {
  CHECK(p->done >= 0 && p->done <= 1 && user == x);
  if (p->stage == TSNE_STAGE_OPTIMIZE)
    CHECK(p->y && (p->n == N || p->n == M) && p->dims == 2 &&
          p->iteration <= p->iterations);
  reports++;
  return 0;
}

static void on_log(int level, const char *line, void *user) {
  CHECK(user == x);
  if (level == TSNE_LOG_WARNING && strstr(line, "built before 0.4"))
    warnings++;
}

static void brief(tsne_options *o) {
  o->perplexity = 5;
  o->early_iterations = 20;
  o->iterations = 30;
  o->seed = 3;
  o->progress = on_progress;
  o->progress_user = x;
  o->progress_every = 7;
  o->log = on_log;
  o->log_user = x;
}

/* What the symbols write: as much as is known of the program. */
#if SINCE(2) || TSNE_VERSION_MINOR < 2
#define OPTIONS_WRITTEN sizeof(tsne_options)
#else
#define OPTIONS_WRITTEN offsetof(tsne_options, dof)
#endif
/* Of 0.1 as far as is known, which each use of such options says. */
enum { SHORT = !SINCE(2) };

typedef GUARDED(tsne_options) guarded_options;
typedef float map_of_all[N * 2];
typedef GUARDED(map_of_all) guarded_map;

static tsne_options by_macro(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  brief(&o);
  return o;
}

static void by_symbol(guarded_options *g) {
  tsne_options defaults = TSNE_OPTIONS_INIT;
  FILL(*g);
  OK(tsne_options_init(&g->it));
  INTACT(*g, OPTIONS_WRITTEN);
  CHECK(g->it.struct_size == OPTIONS_WRITTEN);
  /* since 0.5, for what the number of points says */
  defaults.early_iterations = defaults.iterations = -1;
  defaults.early_momentum = defaults.momentum = -1;
  CHECK(!memcmp((const char *)&g->it + sizeof(size_t),
                (const char *)&defaults + sizeof(size_t),
                offsetof(tsne_options, reserved) - sizeof(size_t)));
  brief(&g->it);
}

static void fits(void) {
  guarded_options g;
  guarded_map y, y2;
  tsne_options o = by_macro();
  uint64_t bytes = 0;
  FILL(y);
  FILL(y2);
  OK(tsne_fit(y.it, NULL, x, N, D, &o));
  INTACT(y, sizeof y.it);
  CHECK(reports > 0 && warnings == 0);
  by_symbol(&g);
  OK(tsne_fit(y2.it, NULL, x, N, D, &g.it));
  INTACT(g, OPTIONS_WRITTEN);
  INTACT(y2, sizeof y2.it);
  CHECK(warnings == SHORT);
  CHECK(!memcmp(y.it, y2.it, sizeof y.it));
  mix(y.it, sizeof y.it);
  OK(tsne_estimate_memory(&bytes, N, D, &g.it));
  CHECK(bytes > 0);
  CHECK(tsne_options_init(NULL) == TSNE_E_NULL && *tsne_last_error());
}

static void stages(void) {
  static int32_t index[N * K];
  static float distance[N * K], y[N * 2], gradient[N * 2];
  static int64_t ptr[N + 1];
  guarded_options g;
  tsne_affinities *p = NULL, *q = NULL, *of = NULL;
  tsne_model *model = NULL, *copy = NULL;
  double kl = 0;
  int64_t n = 0, nnz = 0, iterations = 0;
  int32_t dims = 0, *col;
  float *val;
  by_symbol(&g);
  OK(tsne_neighbors(index, distance, x, N, D, K, &g.it));
  OK(tsne_affinities_from_neighbors(&p, index, distance, N, K, &g.it));
  OK(tsne_affinities_from_data(&q, x, N, D, &g.it));
  OK(tsne_affinities_size(&n, &nnz, p));
  CHECK(n == N && nnz > 0);
  col = (int32_t *)malloc((size_t)nnz * sizeof *col);
  val = (float *)malloc((size_t)nnz * sizeof *val);
  OK(tsne_affinities_copy(ptr, col, val, p));
  tsne_affinities_free(p);
  OK(tsne_affinities_from_csr(&p, ptr, col, val, N));
  free(col);
  free(val);
  OK(tsne_initialize(y, x, N, D, &g.it));
  OK(tsne_gradient(gradient, &kl, y, p, &g.it));
  OK(tsne_model_new(&model, y, p, &g.it));
  OK(tsne_model_optimize(y, &kl, model, 10, 4, 0, 0.5, &g.it));
  OK(tsne_model_optimize(y, &kl, model, 10, 1, 0, 0.8, NULL));
  OK(tsne_model_clone(&copy, model));
  OK(tsne_model_info(&n, &dims, &iterations, &kl, copy));
  CHECK(n == N && dims == 2 && iterations == 20);
  OK(tsne_model_embedding(gradient, copy));
  CHECK(!memcmp(y, gradient, sizeof y));
  OK(tsne_model_affinities(&of, copy));
  mix(y, sizeof y);
  INTACT(g, OPTIONS_WRITTEN);
  tsne_affinities_free(p);
  tsne_affinities_free(q);
  tsne_affinities_free(of);
  tsne_model_free(model);
  tsne_model_free(copy);
  CHECK(tsne_live_handles() == 0);
}

#if SINCE(2)
#define TRANSFORM_WRITTEN sizeof(tsne_transform_options)
enum { SHORT_TRANSFORM = !SINCE(3) };

typedef GUARDED(tsne_transform_options) guarded_transform;
typedef GUARDED(tsne_superposition) guarded_superposition;
typedef float places_of_new[M * 2];
typedef GUARDED(places_of_new) guarded_places;

static void refine(tsne_transform_options *o) {
  o->iterations = 20;
  o->log = on_log;
  o->log_user = x;
  o->progress = on_progress;
  o->progress_user = x;
}

static void transforms_by_symbol(guarded_transform *g) {
  tsne_transform_options defaults = TSNE_TRANSFORM_OPTIONS_INIT;
  FILL(*g);
  OK(tsne_transform_options_init(&g->it));
  INTACT(*g, TRANSFORM_WRITTEN);
  CHECK(g->it.struct_size == TRANSFORM_WRITTEN);
  defaults.k = 0; /* since 0.4, for 10 where there are as many */
  CHECK(!memcmp((const char *)&g->it + sizeof(size_t),
                (const char *)&defaults + sizeof(size_t),
                offsetof(tsne_transform_options, reserved) - sizeof(size_t)));
  refine(&g->it);
}

/* Fields since 0.2 count, and where they have been lost and that can be known,
 * the options are refused. */
static void later_fields(void) {
  guarded_options g;
  guarded_map y;
  float plain[N * 2], cosine[N * 2];
  tsne_options o = by_macro();
  tsne_model *model = NULL;
  tsne_affinities *p = NULL;
  double disparity = 0, overlap = 0;
  FILL(y);
  OK(tsne_fit(plain, &model, x, N, D, &o));
  o.metric = TSNE_METRIC_COSINE;
  OK(tsne_fit(cosine, NULL, x, N, D, &o));
  CHECK(memcmp(plain, cosine, sizeof plain) != 0);
  by_symbol(&g);
  g.it.metric = TSNE_METRIC_COSINE;
  OK(tsne_fit(plain, NULL, x, N, D, &g.it));
  CHECK(!memcmp(plain, cosine, sizeof plain));
  OK(tsne_align(plain, NULL, &disparity, &overlap, model, x, N, D, NULL,
                &g.it));
  mix(plain, sizeof plain);

  g.it.struct_size = offsetof(tsne_options, dof);
  CHECK(tsne_align(y.it, NULL, &disparity, &overlap, model, x, N, D, NULL,
                   &g.it) == TSNE_E_STRUCT_SIZE);
  CHECK(strstr(tsne_last_error(), "TSNE_OPTIONS_INIT") != NULL);
  INTACT(y, 0);
  CHECK(tsne_affinities_from_distances(&p, x, 4, &g.it) == TSNE_E_STRUCT_SIZE);
  tsne_model_free(model);
}

static void transforms(void) {
  guarded_options g;
  guarded_transform t;
  guarded_places y, y2;
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *model = NULL, *loaded = NULL;
  tsne_partial *partial = NULL, *copy = NULL;
  const float *fresh = x + N * D;
  float map[N * 2], map2[N * 2], radius[M];
  uint64_t size = 0;
  void *file;
  int before;
  by_symbol(&g);
  OK(tsne_fit(map, &model, x, N, D, &g.it));
  OK(tsne_model_save_bytes(NULL, &size, model));
  file = malloc(size);
  OK(tsne_model_save_bytes(file, &size, model));
  OK(tsne_model_load_bytes(&loaded, file, size, &g.it));
  free(file);
  OK(tsne_model_embedding(map2, loaded));
  CHECK(!memcmp(map, map2, sizeof map));

  FILL(y);
  FILL(y2);
  refine(&o);
  before = warnings;
  OK(tsne_transform(y.it, NULL, model, fresh, M, D, &o));
  INTACT(y, sizeof y.it);
  CHECK(warnings == before);
  transforms_by_symbol(&t);
  OK(tsne_transform(y2.it, &partial, loaded, fresh, M, D, &t.it));
  INTACT(y2, sizeof y2.it);
  CHECK(warnings == before + SHORT_TRANSFORM);
  CHECK(!memcmp(y.it, y2.it, sizeof y.it));
  OK(tsne_partial_clone(&copy, partial));
  OK(tsne_partial_optimize(y2.it, NULL, copy, 10, 1.5, 0, 0.8, &t.it));
  INTACT(y2, sizeof y2.it);
  OK(tsne_bootstrap(y.it, NULL, radius, model, fresh, M, D, 3, &t.it));
  INTACT(t, TRANSFORM_WRITTEN);
  INTACT(g, OPTIONS_WRITTEN);
  mix(y2.it, sizeof y2.it);
  mix(radius, sizeof radius);
#if SINCE(3)
  {
    static const double two[] = {2, 8};
    int64_t ptr[M + 1];
    int32_t col[M], index[M * K];
    float val[M], distance[M * K];
    tsne_partial *given = NULL;
    int i;
    o.perplexities = two;
    o.n_perplexities = 2;
    OK(tsne_transform(y2.it, NULL, model, fresh, M, D, &o));
    CHECK(memcmp(y.it, y2.it, sizeof y.it) != 0);
    for (i = 0; i < M; i++)
      ptr[i] = i, col[i] = i, val[i] = 1;
    ptr[M] = M;
    OK(tsne_partial_new(&given, model, y.it, ptr, col, val, M, &t.it));
    tsne_partial_free(given);
    OK(tsne_neighbors_of_new(index, distance, x, N, D, fresh, M, K, &g.it));
    OK(tsne_conditional(val, distance, 1, M, &g.it));
    g.it.struct_size = offsetof(tsne_options, dof);
    CHECK(tsne_neighbors_of_new(index, distance, x, N, D, fresh, M, K, &g.it) ==
          TSNE_E_STRUCT_SIZE);
    CHECK(tsne_conditional(val, distance, 1, M, &g.it) == TSNE_E_STRUCT_SIZE);
  }
#endif
  tsne_partial_free(partial);
  tsne_partial_free(copy);
  tsne_model_free(model);
  tsne_model_free(loaded);
  CHECK(tsne_live_handles() == 0);
}

static void superposes(void) {
  tsne_superposition defaults = TSNE_SUPERPOSITION_INIT;
  guarded_superposition s;
  int32_t labels[N];
  int i;
  for (i = 0; i < N; i++)
    labels[i] = i % 6;
  FILL(s);
  OK(tsne_superposition_init(&s.it));
  INTACT(s, sizeof s.it);
  CHECK(!memcmp(&s.it, &defaults, sizeof defaults));
  OK(tsne_procrustes(&s.it, x, x + 2, N, 2, TSNE_PROCRUSTES_SCALE));
  INTACT(s, sizeof s.it);
  CHECK(s.it.struct_size == sizeof s.it && s.it.dims == 2);
  mix(s.it.rotation, 4 * sizeof(double));
  OK(tsne_procrustes_labels(&s.it, x, labels, N, x + 2, labels, N, 2, 0));
  INTACT(s, sizeof s.it);
  OK(tsne_superpose(x, N, &s.it));
  INTACT(s, sizeof s.it);
}
#endif

int main(void) {
  uint32_t state = 1;
  int i;
  for (i = 0; i < (N + M) * D; i++) {
    state = state * 1664525u + 1013904223u;
    x[i] = (float)(state >> 8) / 16777216.0f + (float)(i / D % 3);
  }
  CHECK(tsne_version_number() >= TSNE_VERSION_MAJOR * 10000 +
                                     TSNE_VERSION_MINOR * 100 +
                                     TSNE_VERSION_PATCH);
  fits();
  stages();
  printf("%016llx\n", (unsigned long long)hash);
#if SINCE(2)
  later_fields();
  transforms();
  superposes();
  printf("%016llx\n", (unsigned long long)hash);
#endif
  if (failures)
    fprintf(stderr, "old: %d failures with the header of " TSNE_VERSION "\n",
            failures);
  return failures != 0;
}
