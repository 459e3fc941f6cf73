/* One model under many threads: what only reads it runs side by side, what
 * changes it has it alone, and each answer is that of some moment. */
#include "test.h"

enum { N = 150, M = 20, D = 5, STEPS = 6, READERS = 6, STRESS = 12 };

static float *x, *fresh;
static tsne_model *model;
static float maps[STEPS + 1][N * 2], at[STEPS + 1][M * 2];
static int stop;

static int stopped(void) { return __atomic_load_n(&stop, __ATOMIC_SEQ_CST); }

static void *optimizes(void *arg) {
  int i;
  (void)arg;
  for (i = 0; i < STEPS; i++) {
    if (tsne_model_optimize(NULL, NULL, model, 10, 1, 0, 0.8, NULL) != TSNE_OK)
      return model;
    nap(0.01);
  }
  return NULL;
}

static void *transforms(void *arg) {
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  float got[M * 2], y[N * 2];
  int i;
  o.threads = 2;
  o.iterations = 5;
  while (!stopped()) {
    if (tsne_transform(got, NULL, model, fresh, M, D, &o) != TSNE_OK)
      return arg;
    for (i = 0; i <= STEPS && memcmp(got, at[i], sizeof got); i++)
      ;
    if (i > STEPS)
      return arg;
    if (tsne_model_embedding(y, model) != TSNE_OK)
      return arg;
    for (i = 0; i <= STEPS && memcmp(y, maps[i], sizeof y); i++)
      ;
    if (i > STEPS)
      return arg;
  }
  return NULL;
}

static void moments(void) {
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *twin = NULL;
  pthread_t readers[READERS], writer;
  float last[N * 2];
  void *wrong;
  int i;
  o.iterations = 5;
  OK(tsne_model_clone(&twin, model));
  for (i = 0; i <= STEPS; i++) {
    if (i)
      OK(tsne_model_optimize(NULL, NULL, twin, 10, 1, 0, 0.8, NULL));
    OK(tsne_model_embedding(maps[i], twin));
    OK(tsne_transform(at[i], NULL, twin, fresh, M, D, &o));
  }
  for (i = 0; i < READERS; i++)
    CHECK(!pthread_create(&readers[i], NULL, transforms, &stop));
  CHECK(!pthread_create(&writer, NULL, optimizes, NULL));
  pthread_join(writer, &wrong);
  CHECK(!wrong);
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (i = 0; i < READERS; i++) {
    pthread_join(readers[i], &wrong);
    CHECK(!wrong);
  }
  OK(tsne_model_embedding(last, model));
  CHECK(!memcmp(last, maps[STEPS], sizeof last));
  tsne_model_free(twin);
}

/* Anything at any time, on one model and one partial, and both freed before
 * the threads are done. */
static tsne_partial *partial;

static void *anything(void *arg) {
  uint64_t state = (uint64_t)(uintptr_t)arg;
  float y[N * 2], got[M * 2], radius[M];
  static const int64_t ptr[3] = {0, 1, 3};
  static const int32_t col[3] = {3, N - 1, 0};
  static const float val[3] = {1, 2, 3};
  char *bytes = need(1 << 20);
  int turn, s;
  for (turn = 0; turn < 40; turn++) {
    tsne_model *made = NULL;
    tsne_partial *part = NULL;
    tsne_affinities *p = NULL;
    uint64_t size = 1 << 20;
    int64_t n = 0, d = 0;
    double kl;
    s = TSNE_OK;
    switch ((int)(uniform(&state) * 14)) {
    case 0:
      s = tsne_model_optimize(y, &kl, model, 3, 1, 0, 0.8, NULL);
      break;
    case 1:
      s = tsne_transform(got, &part, model, fresh, M, D, NULL);
      break;
    case 2:
      s = tsne_model_save_bytes(bytes, &size, model);
      if (s == TSNE_OK)
        s = tsne_model_load_bytes(&made, bytes, size, NULL);
      break;
    case 3:
      s = tsne_model_clone(&made, model);
      break;
    case 4:
      s = tsne_model_set_data(model, x, N, D, turn & 1);
      break;
    case 5:
      s = tsne_model_data(NULL, &d, NULL, model);
      break;
    case 6:
      s = tsne_bootstrap(got, NULL, radius, model, fresh, M, D, 3, NULL);
      break;
    case 7:
      s = tsne_partial_optimize(got, &kl, partial, 5, 1.5, 0, 0.8, NULL);
      break;
    case 8:
      s = tsne_partial_clone(&part, partial);
      break;
    case 9:
      s = tsne_partial_embedding(got, partial);
      break;
    case 10:
      s = tsne_model_affinities(&p, model);
      break;
    case 11:
      s = tsne_partial_from_csr(&part, model, fresh, ptr, col, val, 2, NULL);
      if (s == TSNE_OK)
        s = tsne_partial_optimize(got, NULL, part, 3, 1, 0, 0.8, NULL);
      break;
    case 12:
      s = tsne_partial_affinities(&n, NULL, NULL, NULL, partial);
      break;
    default:
      s = tsne_model_info(&n, NULL, NULL, &kl, model);
    }
    tsne_model_free(made);
    tsne_partial_free(part);
    tsne_affinities_free(p);
    if (s != TSNE_OK && s != TSNE_E_HANDLE) {
      fprintf(stderr, "  %s: %s\n", tsne_status_name(s), tsne_last_error());
      free(bytes);
      return bytes;
    }
  }
  free(bytes);
  return NULL;
}

static void stress(void) {
  pthread_t threads[STRESS];
  void *wrong;
  intptr_t i;
  OK(tsne_transform(at[0], &partial, model, fresh, M, D, NULL));
  for (i = 0; i < STRESS; i++)
    CHECK(!pthread_create(&threads[i], NULL, anything, (void *)(i + 1)));
  nap(0.3);
  tsne_partial_free(partial);
  tsne_model_free(model);
  for (i = 0; i < STRESS; i++) {
    pthread_join(threads[i], &wrong);
    CHECK(!wrong);
  }
}

int main(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  float y[N * 2];
  x = blobs(N + M, D);
  fresh = x + N * D;
  o.perplexity = 10;
  o.iterations = 20;
  OK(tsne_fit(y, &model, x, N, D, &o));
  moments();
  stress();
  CHECK(tsne_live_handles() == 0);
  free(x);
  return finish("shared");
}
