/* Progress, log and cancelling: on the calling thread, in time, with the map
 * so far, and none of it held on to after the call. */
#include "test.h"

typedef struct told {
  pthread_t caller;
  int calls, stop_at, wrong_thread, wrong_value, stages;
  int64_t last_iteration;
  double last_done;
  tsne_model *model;
  int busy_status;
  int nested_status;
} told;

static int on_progress(const tsne_progress *p, void *user) {
  told *t = user;
  t->calls++;
  t->stages |= 1 << p->stage;
  if (!pthread_equal(t->caller, pthread_self()))
    t->wrong_thread = 1;
  if (!(p->done >= 0 && p->done <= 1))
    t->wrong_value = 1;
  if (p->stage == TSNE_STAGE_OPTIMIZE) {
    int64_t i;
    if (p->iteration <= t->last_iteration || p->iteration > p->iterations ||
        !p->y || !isfinite(p->kl))
      t->wrong_value = 1;
    for (i = 0; p->y && i < p->n * p->dims; i++)
      if (!isfinite(p->y[i]))
        t->wrong_value = 1;
    t->last_iteration = p->iteration;
    if (t->model) {
      float y[2];
      t->busy_status = tsne_model_info(NULL, NULL, NULL, NULL, t->model);
      if (tsne_model_embedding(y, t->model) != TSNE_E_HANDLE)
        t->wrong_value = 1;
    }
  } else if (p->y || !isnan(p->kl)) {
    t->wrong_value = 1;
  }
  return t->stop_at && t->calls >= t->stop_at;
}

static char line[512];
static int lines, warnings;

static void on_log(int level, const char *text, void *user) {
  lines++;
  if (user != &lines || strchr(text, '\n'))
    failures++;
  if (level == TSNE_LOG_WARNING) {
    warnings++;
    strncpy(line, text, sizeof line - 1);
  }
}

static void progress(void) {
  enum { N = 1200 };
  float *x = blobs(N, 8), *y = need(N * 2 * sizeof *y),
        *z = need(N * 2 * sizeof *z);
  tsne_model *model = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t done = -1;
  told t;
  memset(&t, 0, sizeof t);
  t.caller = pthread_self();
  o.perplexity = 10;
  o.progress = on_progress;
  o.progress_user = &t;
  o.progress_every = 10;
  o.early_iterations = 50;
  o.iterations = 50;
  OK(tsne_fit(y, &model, x, N, 8, &o));
  CHECK(t.last_iteration == 100);
  CHECK(!t.wrong_thread && !t.wrong_value);
  CHECK(t.stages & 1 << TSNE_STAGE_OPTIMIZE);
  CHECK(t.stages & 1 << TSNE_STAGE_NEIGHBORS);

  /* The model must not have kept the callback. */
  t.calls = 0;
  OK(tsne_model_optimize(NULL, NULL, model, 20, 1, 0, 0.8, NULL));
  CHECK(t.calls == 0);

  /* A callback that turns to the model it reports on is refused, not stuck. */
  t.model = model;
  t.last_iteration = 0;
  OK(tsne_model_optimize(NULL, NULL, model, 20, 1, 0, 0.8, &o));
  CHECK(t.calls == 2 && t.busy_status == TSNE_E_HANDLE && !t.wrong_value);
  t.model = NULL;

  /* Stopping keeps what there is. */
  t.calls = 0, t.stop_at = 2, t.last_iteration = 0;
  memset(z, 0xA5, N * 2 * sizeof *z);
  CHECK(tsne_model_optimize(z, NULL, model, 1000, 1, 0, 0.8, &o) ==
        TSNE_E_CANCELLED);
  CHECK(strstr(tsne_last_error(), "progress") != NULL);
  OK(tsne_model_embedding(y, model));
  CHECK(!memcmp(y, z, N * 2 * sizeof *y));
  OK(tsne_model_info(NULL, NULL, &done, NULL, model));
  CHECK(done >= 140 && done <= 160);
  tsne_model_free(model);

  /* So does a fit; before the optimisation there is nothing to keep. */
  model = NULL;
  o.progress_every = 5;
  t.calls = 0, t.stop_at = 12, t.last_iteration = 0;
  memset(z, 0xA5, N * 2 * sizeof *z);
  if (CHECK(tsne_fit(z, &model, x, N, 8, &o) == TSNE_E_CANCELLED) &&
      t.last_iteration > 0) {
    CHECK(model != NULL);
    OK(tsne_model_embedding(y, model));
    CHECK(!memcmp(y, z, N * 2 * sizeof *y));
  }
  tsne_model_free(model);
  model = NULL;
  t.calls = 0, t.stop_at = 1;
  memset(z, 0xA5, N * 2 * sizeof *z);
  memcpy(y, z, N * 2 * sizeof *z);
  CHECK(tsne_fit(z, &model, x, N, 8, &o) == TSNE_E_CANCELLED);
  CHECK(!model && !memcmp(y, z, N * 2 * sizeof *y));
  free(x), free(y), free(z);
}

/* A callback may make calls of its own, and its errors leave the caller's
 * text alone only as far as the header says; here: no deadlock. */
static int on_nested(const tsne_progress *p, void *user) {
  told *t = user;
  if (!t->calls++) {
    float *x = blobs(40, 3), y[80];
    tsne_options o = TSNE_OPTIONS_INIT;
    (void)p;
    o.perplexity = 5;
    o.iterations = 5;
    t->nested_status = tsne_fit(y, NULL, x, 40, 3, &o);
    free(x);
  }
  return 0;
}

static void nested(void) {
  float *x = blobs(300, 8), y[600];
  tsne_options o = TSNE_OPTIONS_INIT;
  told t;
  memset(&t, 0, sizeof t);
  t.nested_status = 1;
  o.perplexity = 10;
  o.progress = on_nested;
  o.progress_user = &t;
  OK(tsne_fit(y, NULL, x, 300, 8, &o));
  CHECK(t.nested_status == TSNE_OK);
  free(x);
}

static void logging(void) {
  float *x = blobs(50, 3), y[100];
  tsne_options o = TSNE_OPTIONS_INIT;
  o.log = on_log;
  o.log_user = &lines;
  o.iterations = 10;
  OK(tsne_fit(y, NULL, x, 50, 3, &o));
  CHECK(warnings == 1 && strstr(line, "perplexity") && strstr(line, "16.33"));
  free(x);
}

/* Sets the flag from where the call is at a stage, and not when some time has
 * passed: a busy machine may not have got there, a fast one be done. */
typedef struct flagged {
  int32_t flag;
  int stage;
  int64_t iteration;
  double at;
} flagged;

static int on_stage(const tsne_progress *p, void *user) {
  flagged *f = user;
  if (!f->flag && p->stage == f->stage && p->iteration >= f->iteration) {
    f->at = seconds();
    __atomic_store_n(&f->flag, 1, __ATOMIC_SEQ_CST);
  }
  return 0;
}

static void cancelling(int64_t n, int64_t d, int repulsion, int stage) {
  const float *x = blobs(n, d);
  float *y = need((size_t)n * 2 * sizeof *y);
  tsne_model *model = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  flagged f = {0, 0, 0, 0};
  f.stage = stage, f.iteration = stage == TSNE_STAGE_OPTIMIZE ? 20 : 0;
  o.perplexity = 10;
  o.repulsion = repulsion;
  o.iterations = 1000000000;
  o.neighbors = TSNE_NEIGHBORS_EXACT;
  o.cancel = &f.flag, o.progress = on_stage, o.progress_user = &f;
  o.progress_every = 10;
  memset(y, 0xA5, (size_t)n * 2 * sizeof *y);
  CHECK(tsne_fit(y, &model, x, n, d, &o) == TSNE_E_CANCELLED);
  printf("control: stage %d, repulsion %d: stopped after %.0f ms\n", stage,
         repulsion, 1e3 * (seconds() - f.at));
  if (stage == TSNE_STAGE_OPTIMIZE) {
    int64_t done = 0;
    CHECK(model != NULL && isfinite(y[0]));
    OK(tsne_model_info(NULL, NULL, &done, NULL, model));
    CHECK(done >= 19);
  } else {
    const unsigned char *b = (const unsigned char *)y;
    size_t k;
    for (k = 0; k < (size_t)n * 2 * sizeof *y && b[k] == 0xA5; k++)
      ;
    CHECK(k == (size_t)n * 2 * sizeof *y && !model);
  }
  tsne_model_free(model);
  free((float *)x), free(y);
}

/* A second optimising call on a handle waits its turn, and can be told not
 * to: then it has changed nothing. */
typedef struct turn {
  tsne_model *model;
  int64_t iterations;
  int32_t *cancel;
  int status;
  int begun;
  double ended;
} turn;

static int on_turn(const tsne_progress *p, void *user) {
  (void)p;
  __atomic_store_n((int *)user, 1, __ATOMIC_SEQ_CST);
  return 0;
}

static void *optimize(void *arg) {
  turn *t = arg;
  tsne_options o = TSNE_OPTIONS_INIT;
  o.cancel = t->cancel;
  o.progress = on_turn, o.progress_user = &t->begun, o.progress_every = 1;
  t->status =
      tsne_model_optimize(NULL, NULL, t->model, t->iterations, 1, 0, 0.8, &o);
  t->ended = seconds();
  return NULL;
}

static void turns(void) {
  enum { N = 500 };
  float *x = blobs(N, 5), y[N * 2], z[N * 2];
  tsne_model *model = NULL, *twin = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t done = 0;
  turn a, b;
  pthread_t ta, tb;
  int32_t stop_a = 0, stop_b = 0;
  memset(&a, 0, sizeof a);
  o.perplexity = 10;
  o.iterations = 0;
  OK(tsne_fit(y, &model, x, N, 5, &o));
  OK(tsne_model_clone(&twin, model));
  a.model = model, a.iterations = 60, b = a, b.iterations = 40;
  CHECK(!pthread_create(&ta, NULL, optimize, &a));
  CHECK(!pthread_create(&tb, NULL, optimize, &b));
  pthread_join(ta, NULL);
  pthread_join(tb, NULL);
  CHECK(a.status == TSNE_OK && b.status == TSNE_OK);
  OK(tsne_model_info(NULL, NULL, &done, NULL, model));
  CHECK(done == 350);
  OK(tsne_model_embedding(y, model));
  OK(tsne_model_optimize(z, NULL, twin, 100, 1, 0, 0.8, &o));
  CHECK(!memcmp(y, z, sizeof y));

  a.iterations = 100000000, a.cancel = &stop_a, b.cancel = &stop_b;
  a.begun = 0;
  CHECK(!pthread_create(&ta, NULL, optimize, &a));
  while (!__atomic_load_n(&a.begun, __ATOMIC_SEQ_CST))
    nap(0.01);
  CHECK(!pthread_create(&tb, NULL, optimize, &b));
  nap(0.2);
  __atomic_store_n(&stop_b, 1, __ATOMIC_SEQ_CST);
  pthread_join(tb, NULL);
  CHECK(b.status == TSNE_E_CANCELLED);
  /* Freed while in use: the call goes on unharmed. */
  tsne_model_free(model);
  nap(0.1);
  __atomic_store_n(&stop_a, 1, __ATOMIC_SEQ_CST);
  pthread_join(ta, NULL);
  CHECK(a.status == TSNE_E_CANCELLED && a.ended > b.ended);
  tsne_model_free(twin);
  free(x);
}

int main(void) {
  progress();
  nested();
  logging();
  turns();
  cancelling(3000, 10, TSNE_REPULSION_FFT, TSNE_STAGE_OPTIMIZE);
  cancelling(3000, 10, TSNE_REPULSION_BARNES_HUT, TSNE_STAGE_OPTIMIZE);
  cancelling(3000, 10, TSNE_REPULSION_EXACT, TSNE_STAGE_OPTIMIZE);
  cancelling(20000, 300, TSNE_REPULSION_AUTO, TSNE_STAGE_NEIGHBORS);
  CHECK(tsne_live_handles() == 0);
  return finish("control");
}
