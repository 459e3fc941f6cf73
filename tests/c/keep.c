/* Models on their way: what comes back from a file or from memory goes on with
 * the same bits, and nothing else comes back; data kept, lent and left out; and
 * the options of a program built against 0.1. */
#include "test.h"

enum { N = 150, M = 30, D = 5 };

static const char *const path = "keep-test.npz";
static float *x, *fresh;
static tsne_model *model;

static int same(const float *a, const float *b, int64_t count) {
  return !memcmp(a, b, (size_t)count * sizeof *a);
}

static tsne_options brief(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  o.perplexity = 10;
  o.early_iterations = 30;
  o.iterations = 50;
  o.seed = 5;
  return o;
}

static void *read_all(const char *name, size_t *size) {
  FILE *f = fopen(name, "rb");
  char *bytes = need(1 << 20);
  *size = 0;
  if (CHECK(f != NULL)) {
    *size = fread(bytes, 1, 1 << 20, f);
    fclose(f);
  }
  return bytes;
}

static void write_all(const char *name, const void *bytes, size_t size) {
  FILE *f = fopen(name, "wb");
  if (CHECK(f != NULL)) {
    CHECK(fwrite(bytes, 1, size, f) == size);
    fclose(f);
  }
}

/* Whether a model goes on as the one it was saved from. */
static void goes_on(const tsne_model *loaded, const tsne_model *from) {
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *a = NULL, *b = NULL;
  float y[N * 2], y2[N * 2], at[M * 2], at2[M * 2], data[N * D];
  int64_t n = 0, d = 0, done = 0, done2 = -1;
  int32_t dims = 0, metric = -1, metric2 = -2;
  double kl = 0, kl2 = 1;
  t.iterations = 10;
  OK(tsne_model_info(&n, &dims, &done, &kl, from));
  OK(tsne_model_info(&n, &dims, &done2, &kl2, loaded));
  CHECK(n == N && dims == 2 && done == done2 && kl == kl2);
  OK(tsne_model_data(NULL, NULL, &metric, from));
  OK(tsne_model_data(data, &d, &metric2, loaded));
  CHECK(d == D && metric == metric2 && same(data, x, N * D));
  OK(tsne_transform(at, NULL, from, fresh, M, D, &t));
  OK(tsne_transform(at2, NULL, loaded, fresh, M, D, &t));
  CHECK(same(at, at2, M * 2));
  OK(tsne_model_clone(&a, from));
  OK(tsne_model_clone(&b, loaded));
  OK(tsne_model_optimize(y, &kl, a, 25, 1, 0, 0.8, NULL));
  OK(tsne_model_optimize(y2, &kl2, b, 25, 1, 0, 0.8, NULL));
  CHECK(same(y, y2, N * 2) && kl == kl2);
  tsne_model_free(a), tsne_model_free(b);
}

static void travels(void) {
  tsne_model *back = NULL, *again = NULL;
  uint64_t size = 0, room;
  size_t on_disk;
  char *bytes, *file;
  OK(tsne_model_save(model, path));
  OK(tsne_model_load(&back, path, NULL));
  goes_on(back, model);
  file = read_all(path, &on_disk);
  OK(tsne_model_save_bytes(NULL, &size, back));
  CHECK(size == on_disk);
  bytes = need(size + 8);
  memset(bytes, 0x5A, size + 8);
  room = size - 1;
  CHECK(tsne_model_save_bytes(bytes, &room, back) == TSNE_E_SHAPE);
  CHECK(room == size - 1 && bytes[0] == 0x5A);
  room = size + 8;
  OK(tsne_model_save_bytes(bytes, &room, back));
  CHECK(room == size && bytes[size] == 0x5A);
  CHECK(!memcmp(bytes, file, size));
  OK(tsne_model_load_bytes(&again, bytes, size, NULL));
  memset(bytes, 0, size);
  goes_on(again, model);
  tsne_model_free(back), tsne_model_free(again);
  free(bytes), free(file);
}

static void spoilt(void) {
  size_t size, at;
  unsigned char *file = read_all(path, &size);
  tsne_model *none = NULL;
  int refused = 0, tried = 0;
#define NOT_A_MODEL(length)                                                    \
  do {                                                                         \
    CHECK(tsne_model_load_bytes(&none, file, (length), NULL) == TSNE_E_FILE);  \
    CHECK(!none && *tsne_last_error() && !strchr(tsne_last_error(), '\n'));    \
  } while (0)
  for (at = 1; at < size; at += 1 + size / 97)
    NOT_A_MODEL(at);
  NOT_A_MODEL(size - 1);
  for (at = 0; at < size; at += 1 + size / 499, tried++) {
    file[at] ^= 0x10;
    refused += tsne_model_load_bytes(&none, file, size, NULL) == TSNE_E_FILE;
    file[at] ^= 0x10;
  }
  CHECK(refused == tried && !none);

  write_all(path, file, size / 2);
  CHECK(tsne_model_load(&none, path, NULL) == TSNE_E_FILE);
  CHECK(strstr(tsne_last_error(), path) != NULL);
  write_all(path, "PK\003\004 is not enough", 18);
  CHECK(tsne_model_load(&none, path, NULL) == TSNE_E_FILE);
  write_all(path, "", 0);
  CHECK(tsne_model_load(&none, path, NULL) == TSNE_E_FILE);
  write_all(path, x, N * D * sizeof *x);
  CHECK(tsne_model_load(&none, path, NULL) == TSNE_E_FILE);

  CHECK(!none);
  free(file);
}

static void places(void) {
  tsne_model *none = NULL;
  size_t size, size2;
  char *before, *after;
  CHECK(tsne_model_load(&none, "no-such-file.npz", NULL) == TSNE_E_IO);
  CHECK(strstr(tsne_last_error(), "no-such-file.npz") != NULL);
  CHECK(tsne_model_load(&none, ".", NULL) == TSNE_E_IO && !none);
  CHECK(tsne_model_save(model, "no-such-folder/m.npz") == TSNE_E_IO);
  CHECK(tsne_model_save(model, ".") == TSNE_E_IO);
  CHECK(tsne_model_save(model, "") == TSNE_E_IO);
  OK(tsne_model_save(model, path));
  before = read_all(path, &size);
  OK(tsne_model_save(model, path));
  after = read_all(path, &size2);
  CHECK(size == size2 && !memcmp(before, after, size));
  free(before), free(after);
#ifdef __linux__
  /* Always full. */
  CHECK(tsne_model_save(model, "/dev/full") == TSNE_E_IO);
  CHECK(strstr(tsne_last_error(), "no space") != NULL);
  CHECK(tsne_model_save(model, "/proc/m.npz") == TSNE_E_IO);
#endif
}

static void lent(void) {
  tsne_affinities *p = NULL;
  tsne_model *bare = NULL, *copy = NULL;
  tsne_options o = brief();
  float y[N * 2], at[M * 2], at2[M * 2], *mine = need(N * D * sizeof *mine);
  int64_t d = 7;
  int32_t metric = -1;
  o.keep_data = 0;
  OK(tsne_fit(y, &bare, x, N, D, &o));
  CHECK(tsne_model_data(NULL, &d, NULL, bare) == TSNE_E_NO_DATA && d == 7);
  CHECK(tsne_transform(at, NULL, bare, fresh, M, D, NULL) == TSNE_E_NO_DATA);
  OK(tsne_model_save(bare, path)); /* it travels without */
  OK(tsne_model_load(&copy, path, NULL));
  CHECK(tsne_model_data(NULL, NULL, NULL, copy) == TSNE_E_NO_DATA);
  tsne_model_free(copy);

  OK(tsne_transform(at, NULL, model, fresh, M, D, NULL));
  memcpy(mine, x, N * D * sizeof *mine);
  OK(tsne_model_set_data(bare, mine, N, D, 1));
  memset(mine, 0, N * D * sizeof *mine);
  OK(tsne_transform(at2, NULL, bare, fresh, M, D, NULL));
  CHECK(same(at, at2, M * 2));
  memcpy(mine, x, N * D * sizeof *mine);
  OK(tsne_model_set_data(bare, mine, N, D, 0));
  OK(tsne_model_clone(&copy, bare));
  OK(tsne_transform(at2, NULL, copy, fresh, M, D, NULL));
  CHECK(same(at, at2, M * 2));
  OK(tsne_model_data(mine, &d, &metric, copy));
  CHECK(d == D && metric >= TSNE_METRIC_DEFAULT &&
        metric <= TSNE_METRIC_EUCLIDEAN);
  tsne_model_free(copy), tsne_model_free(bare);
  free(mine);

  OK(tsne_model_affinities(&p, model));
  OK(tsne_model_from_affinities(&bare, p, y, NULL));
  CHECK(tsne_model_data(NULL, NULL, NULL, bare) == TSNE_E_NO_DATA);
  tsne_model_free(bare), tsne_affinities_free(p);
}

/* Its struct ends where 0.1 did, and the library reads no further. */
static void of_first_version(void) {
  size_t size = offsetof(tsne_options, dof);
  tsne_options now = brief(), *then = need(size);
  tsne_model *made = NULL;
  float y[N * 2], y2[N * 2], at[M * 2];
  memcpy(then, &now, size);
  then->struct_size = size;
  OK(tsne_fit(y, NULL, x, N, D, &now));
  OK(tsne_fit(y2, &made, x, N, D, then));
  CHECK(same(y, y2, N * 2));
  OK(tsne_transform(at, NULL, made, fresh, M, D, NULL)); /* data were kept */
  OK(tsne_model_optimize(y, NULL, made, 5, 1, 0, 0.8, then));
  tsne_model_free(made);
  free(then);
}

/* So for the options of a transform and 0.2. */
static void of_second_version(void) {
  size_t size = offsetof(tsne_transform_options, perplexities);
  tsne_transform_options now = TSNE_TRANSFORM_OPTIONS_INIT, *then = need(size);
  tsne_partial *made = NULL;
  float at[M * 2], at2[M * 2], radius[M], radius2[M];
  now.iterations = 20;
  now.perplexity = 8;
  memcpy(then, &now, size);
  then->struct_size = size;
  OK(tsne_transform(at, NULL, model, fresh, M, D, &now));
  OK(tsne_transform(at2, &made, model, fresh, M, D, then));
  CHECK(same(at, at2, M * 2));
  OK(tsne_bootstrap(at, NULL, radius, model, fresh, M, D, 3, &now));
  OK(tsne_bootstrap(at2, NULL, radius2, model, fresh, M, D, 3, then));
  CHECK(same(at, at2, M * 2) && same(radius, radius2, M));
  OK(tsne_partial_optimize(NULL, NULL, made, 5, 1, 0, 0.8, then));
  tsne_partial_free(made);
  free(then);
}

/* A model says what it was made with, whether it was fitted or has travelled.
 */
static void says(void) {
  const double asked[2] = {10, 400};
  tsne_options o = brief(), told;
  tsne_model *m = NULL, *back = NULL;
  const tsne_model *both[2];
  double values[2];
  int64_t count;
  int32_t threads = 3;
  float y[N * 2];
  int i;
  o.perplexities = asked, o.n_perplexities = 2;
  o.affinity = TSNE_AFFINITY_MULTISCALE, o.metric = TSNE_METRIC_COSINE;
  o.repulsion = TSNE_REPULSION_EXACT, o.theta = 0.25, o.dof = 0.5;
  o.max_step_norm = 0, o.max_grad_norm = 2, o.early_momentum = 0;
  o.iterations = 0, o.anneal_iterations = 4, o.auto_stop = 9000;
  o.momentum = 0.7, o.momentum_iterations = 3;
  o.density_lambda = 0.1, o.density_fraction = 0.5, o.density_shift = 0.2;
  o.learning_rate = 11, o.exaggeration = 1.5, o.k = 40, o.sample_size = 77;
  OK(tsne_fit(y, &m, x, N, D, &o));
  OK(tsne_model_save(m, path));
  OK(tsne_model_load(&back, path, NULL));
  both[0] = m, both[1] = back;
  for (i = 0; i < 2; i++) {
    tsne_options_init(&told);
    told.threads = threads, told.keep_data = 0;
    told.perplexities = asked, told.n_perplexities = 2;
    OK(tsne_model_options(&told, both[i]));
    CHECK(told.threads == threads && told.keep_data == 0);
    CHECK(!told.perplexities && !told.n_perplexities && told.perplexity == 10);
    told.threads = o.threads, told.keep_data = o.keep_data;
    told.perplexities = o.perplexities, told.n_perplexities = 2;
    told.perplexity = o.perplexity;
    CHECK(!memcmp(&told, &o, sizeof o));
    OK(tsne_model_perplexities(NULL, &count, both[i], 1));
    CHECK(count == 2);
    OK(tsne_model_perplexities(values, &count, both[i], 1));
    CHECK(count == 2 && values[0] == 10 && values[1] == 400);
    OK(tsne_model_perplexities(values, &count, both[i], 0));
    CHECK(count == 2 && values[0] == 10 && values[1] == (N - 1) / 3.0);
    count = 1, values[0] = 7;
    CHECK(tsne_model_perplexities(values, &count, both[i], 0) == TSNE_E_SHAPE);
    CHECK(count == 1 && values[0] == 7);
    count = 2;
    CHECK(tsne_model_perplexities(values, &count, both[i], 2) == TSNE_E_OPTION);
  }
  CHECK(tsne_model_options(NULL, m) == TSNE_E_NULL);
  CHECK(tsne_model_options(&told, NULL) == TSNE_E_NULL);
  CHECK(tsne_model_perplexities(values, NULL, m, 0) == TSNE_E_NULL);
  told.struct_size = offsetof(tsne_options, dof);
  CHECK(tsne_model_options(&told, m) == TSNE_E_STRUCT_SIZE);
  tsne_model_free(m), tsne_model_free(back);
}

/* A call that diverges leaves model, points and file as they were. */
static void diverged(void) {
  tsne_options o = brief();
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *m = NULL;
  tsne_partial *p = NULL, *twin = NULL;
  float y[N * 2], at[M * 2], at2[M * 2];
  double kl = 7;
  o.max_step_norm = 0;
  y[0] = 7;
  OK(tsne_model_clone(&m, model));
  CHECK(tsne_model_optimize(y, &kl, m, 30, 1, 1e38, 0.8, &o) == TSNE_E_OPTION);
  CHECK(strstr(tsne_last_error(), "diverged") != NULL);
  CHECK(y[0] == 7 && kl == 7);
  goes_on(m, model);
  OK(tsne_model_save(m, path));
  tsne_model_free(m);
  m = NULL;
  OK(tsne_model_load(&m, path, NULL));
  goes_on(m, model);
  tsne_model_free(m);
  OK(tsne_transform(at, &p, model, fresh, M, D, NULL));
  OK(tsne_partial_clone(&twin, p));
  t.max_step_norm = t.max_grad_norm = 0;
  CHECK(tsne_partial_optimize(at, &kl, p, 30, 1, 1e38, 0.8, &t) ==
        TSNE_E_OPTION);
  OK(tsne_partial_optimize(at, &kl, p, 10, 1, 0, 0.8, NULL));
  OK(tsne_partial_optimize(at2, &kl, twin, 10, 1, 0, 0.8, NULL));
  CHECK(same(at, at2, M * 2));
  tsne_partial_free(p), tsne_partial_free(twin);
  m = NULL;
  o.max_memory = 1000;
  CHECK(tsne_model_load(&m, path, &o) == TSNE_E_MEMORY && m == NULL);
}

static int at_35(const tsne_progress *p, void *user) {
  (void)user;
  return p->iteration == 35;
}

/* A fit that is stopped goes on from its checkpoint, with the same bits. */
static void checkpoint(void) {
  tsne_options o = brief(), stop;
  float y[N * 2], again[N * 2];
  FILE *f;
  remove(path);
  OK(tsne_fit(y, NULL, x, N, D, &o));
  o.checkpoint = path;
  o.checkpoint_every = 10;
  stop = o;
  stop.progress = at_35, stop.progress_every = 5;
  CHECK(tsne_fit(again, NULL, x, N, D, &stop) == TSNE_E_CANCELLED);
  CHECK(!same(y, again, N * 2));
  o.exaggeration = 2;
  CHECK(tsne_fit(again, NULL, x, N, D, &o) == TSNE_E_OPTION);
  CHECK(strstr(tsne_last_error(), "is of exaggeration 1, got 2") != NULL);
  o.exaggeration = 1;
  o.checkpoint_every = 0;
  CHECK(tsne_fit(again, NULL, x, N, D, &o) == TSNE_E_OPTION);
  o.checkpoint_every = 50;
  OK(tsne_fit(again, NULL, x, N, D, &o));
  CHECK(same(y, again, N * 2));
  f = fopen(path, "rb");
  CHECK(f == NULL);
}

int main(void) {
  tsne_options o = brief();
  float y[N * 2];
  x = blobs(N + M, D);
  fresh = x + N * D;
  OK(tsne_fit(y, &model, x, N, D, &o));
  travels();
  spoilt();
  places();
  diverged();
  says();
  lent();
  checkpoint();
  of_first_version();
  of_second_version();
  tsne_model_free(model);
  remove(path);
  CHECK(tsne_live_handles() == 0);
  free(x);
  return finish("keep");
}
