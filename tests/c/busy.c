/* Callbacks that turn to the handles of the call they report on: every export
 * refuses those, and answers all else, from progress and log alike; another
 * thread is answered what can be read meanwhile. And saving, which is stopped
 * by *cancel, leaves no file behind. */
#include "test.h"

#include <dirent.h>
#include <unistd.h>

enum { N = 200, M = 20, D = 4 };

static float *x;
static tsne_model *model, *other;
static tsne_partial *partial;

#define BUSY(call)                                                             \
  CHECK((call) == TSNE_E_HANDLE && strstr(tsne_last_error(), "callback"))

static void model_is_busy(tsne_model *m) {
  float y[N * 2], share[N];
  tsne_affinities *p = NULL;
  tsne_model *made = NULL;
  tsne_partial *placed = NULL;
  int64_t ptr[M + 1] = {0}, d;
  int32_t col[1] = {0};
  uint64_t size = 0;
  BUSY(tsne_model_optimize(y, NULL, m, 1, 1, 0, 0, NULL));
  BUSY(tsne_model_info(&d, NULL, NULL, NULL, m));
  BUSY(tsne_model_embedding(y, m));
  BUSY(tsne_model_affinities(&p, m));
  BUSY(tsne_model_clone(&made, m));
  BUSY(tsne_model_set_data(m, x, N, D, 1));
  BUSY(tsne_model_data(NULL, &d, NULL, m));
  BUSY(tsne_model_save(m, "busy-test.npz"));
  BUSY(tsne_model_save_with(m, "busy-test.npz", NULL));
  BUSY(tsne_model_save_bytes(NULL, &size, m));
  BUSY(tsne_transform(y, &placed, m, x, M, D, NULL));
  BUSY(tsne_partial_from_csr(&placed, m, y, ptr, col, share, 0, NULL));
  BUSY(tsne_bootstrap(y, NULL, NULL, m, x, M, D, 2, NULL));
  BUSY(tsne_update(y, &made, m, x, M, D, 1, NULL));
  BUSY(tsne_zoom(y, NULL, &made, m, col, 1, NULL));
  BUSY(tsne_align(y, &made, NULL, NULL, m, x, N, D, NULL, NULL));
  CHECK(!p && !made && !placed && access("busy-test.npz", F_OK));
}

static void partial_is_busy(tsne_partial *p) {
  float y[M * 2];
  tsne_partial *copy = NULL;
  int64_t n;
  BUSY(tsne_partial_optimize(y, NULL, p, 1, 1, 0, 0, NULL));
  BUSY(tsne_partial_info(&n, NULL, NULL, NULL, p));
  BUSY(tsne_partial_embedding(y, p));
  BUSY(tsne_partial_affinities(&n, NULL, NULL, NULL, p));
  BUSY(tsne_partial_clone(&copy, p));
  CHECK(!copy);
}

static void is_free(tsne_model *m) {
  float y[N * 2];
  tsne_affinities *p = NULL;
  tsne_model *copy = NULL;
  OK(tsne_model_embedding(y, m));
  OK(tsne_model_clone(&copy, m));
  OK(tsne_model_affinities(&p, m));
  OK(tsne_transform(y, NULL, m, x, M, D, NULL));
  OK(tsne_model_optimize(NULL, NULL, copy, 1, 1, 0, 0.5, NULL));
  tsne_model_free(copy);
  tsne_affinities_free(p);
}

/* What a thread reads of a model while its callback waits for that thread. */
static void *reads(void *m) {
  float y[N * 2];
  tsne_affinities *p = NULL;
  int64_t n = 0;
  OK(tsne_model_info(&n, NULL, NULL, NULL, m));
  OK(tsne_model_embedding(y, m));
  OK(tsne_model_affinities(&p, m));
  CHECK(n == N && p);
  tsne_affinities_free(p);
  return NULL;
}

typedef struct told {
  tsne_model *m;
  tsne_partial *p;
  int calls;
} told;

static void look(told *t) {
  pthread_t thread;
  t->calls++;
  if (t->m) {
    model_is_busy(t->m);
    CHECK(!pthread_create(&thread, NULL, reads, t->m));
    pthread_join(thread, NULL);
  }
  if (t->p)
    partial_is_busy(t->p);
  is_free(other);
}

static int on_progress(const tsne_progress *p, void *user) {
  (void)p;
  look(user);
  return 0;
}

static void on_log(int level, const char *line, void *user) {
  (void)level, (void)line;
  look(user);
}

static void callbacks(void) {
  float y[N * 2];
  int64_t ptr[M + 1];
  int32_t col[M];
  float val[M];
  tsne_partial *placed = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  told of_model = {NULL, NULL, 0}, of_partial = {NULL, NULL, 0};
  int i;
  of_model.m = model, of_partial.p = partial;
  o.perplexity = 10, o.iterations = o.early_iterations = 10;
  o.progress = on_progress, o.log = on_log;
  o.progress_user = o.log_user = &of_model;
  o.progress_every = 5;
  OK(tsne_model_optimize(NULL, NULL, model, 10, 1, 0, 0.5, &o));
  CHECK(of_model.calls >= 2);
  of_model.calls = 0;
  OK(tsne_align(y, NULL, NULL, NULL, model, x, N, D, NULL, &o));
  CHECK(of_model.calls >= 4);
  t.progress = on_progress, t.log = on_log, t.progress_every = 5;
  t.progress_user = t.log_user = &of_model;
  t.iterations = 10, t.perplexity = 100; /* too large: it warns */
  of_model.calls = 0;
  OK(tsne_transform(y, NULL, model, x, M, D, &t));
  CHECK(of_model.calls >= 3);
  OK(tsne_bootstrap(y, NULL, NULL, model, x, M, D, 3, &t));
  for (i = 0; i < M; i++)
    ptr[i] = i, col[i] = i, val[i] = 1;
  ptr[M] = M;
  OK(tsne_partial_from_csr(&placed, model, y, ptr, col, val, M, &t));
  tsne_partial_free(placed);
  t.progress_user = t.log_user = &of_partial;
  OK(tsne_partial_optimize(NULL, NULL, partial, 10, 1, 0, 0.5, &t));
  CHECK(of_partial.calls >= 2);
}

/* Files of this folder whose name begins so; all are removed. */
static int files(const char *prefix) {
  int n = 0;
  struct dirent *e;
  DIR *d = opendir(".");
  while (d && (e = readdir(d)))
    if (!strncmp(e->d_name, prefix, strlen(prefix)))
      n++, remove(e->d_name);
  if (d)
    closedir(d);
  return n;
}

static void stopped(void) {
  static char before[7];
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *none = NULL;
  int32_t cancel = 1;
  FILE *f = fopen("busy-test.npz", "w");
  if (!CHECK(f != NULL))
    return;
  fputs("before", f);
  fclose(f);
  o.cancel = &cancel;
  CHECK(tsne_model_save_with(model, "busy-test.npz", &o) == TSNE_E_CANCELLED);
  if (CHECK((f = fopen("busy-test.npz", "r")) != NULL)) {
    CHECK(fread(before, 1, 6, f) == 6 && !strcmp(before, "before"));
    fclose(f);
  }
  CHECK(files(".busy-test.npz") == 0);
  cancel = 0;
  OK(tsne_model_save_with(model, "busy-test.npz", &o));
  cancel = 1;
  CHECK(tsne_model_load(&none, "busy-test.npz", &o) == TSNE_E_CANCELLED);
  CHECK(!none && *tsne_last_error());
  cancel = 0;
  OK(tsne_model_load(&none, "busy-test.npz", &o));
  tsne_model_free(none);
  OK(tsne_model_save_with(model, "busy-test.npz", NULL));
  CHECK(files("busy-test.npz") == 1 && files(".busy-test.npz") == 0);
}

int main(void) {
  float y[N * 2];
  tsne_options o = TSNE_OPTIONS_INIT;
  x = blobs(N, D);
  o.perplexity = 10, o.iterations = 20, o.threads = 1000000;
  OK(tsne_fit(y, &model, x, N, D, &o));
  OK(tsne_fit(y, &other, x, N, D, &o));
  OK(tsne_transform(y, &partial, model, x, M, D, NULL));
  callbacks();
  stopped();
  tsne_model_free(model), tsne_model_free(other);
  tsne_partial_free(partial);
  free(x);
  CHECK(tsne_live_handles() == 0);
  return finish("busy");
}
