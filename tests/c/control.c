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
  float *x = blobs(N, 8), *y = need(N * 2 * sizeof *y), *z = need(N * 2 * sizeof *z);
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

typedef struct job {
  float *y;
  tsne_model *model;
  const float *x;
  int64_t n, d;
  tsne_options o;
  double ended;
  int status;
} job;

static void *fit(void *arg) {
  job *j = arg;
  j->status = tsne_fit(j->y, &j->model, j->x, j->n, j->d, &j->o);
  j->ended = seconds();
  return NULL;
}

/* Seconds from the flag to the return. */
static double cancelled(job *j, double after) {
  int32_t flag = 0;
  pthread_t t;
  double at;
  j->model = NULL;
  j->o.cancel = &flag;
  CHECK(!pthread_create(&t, NULL, fit, j));
  nap(after);
  at = seconds();
  __atomic_store_n(&flag, 1, __ATOMIC_SEQ_CST);
  pthread_join(t, NULL);
  CHECK(j->status == TSNE_E_CANCELLED);
  return j->ended - at;
}

/* The best of a few, for the machine may be busy with other things. */
static void cancelling(int64_t n, int64_t d, int repulsion, double after,
                       int optimizing) {
  double best = 1e9;
  int i;
  job j;
  memset(&j, 0, sizeof j);
  tsne_options_init(&j.o);
  j.o.perplexity = 10;
  j.o.repulsion = repulsion;
  j.o.iterations = 1000000;
  j.o.neighbors = TSNE_NEIGHBORS_EXACT;
  j.x = blobs(n, d), j.n = n, j.d = d;
  j.y = need((size_t)n * 2 * sizeof *j.y);
  for (i = 0; i < 5 && !(best < 0.1); i++) {
    double t;
    memset(j.y, 0xA5, (size_t)n * 2 * sizeof *j.y);
    t = cancelled(&j, after);
    best = t < best ? t : best;
    if (optimizing) {
      int64_t done = 0;
      CHECK(j.model != NULL && isfinite(j.y[0]));
      OK(tsne_model_info(NULL, NULL, &done, NULL, j.model));
      CHECK(done > 0);
    } else {
      const unsigned char *b = (const unsigned char *)j.y;
      size_t k;
      for (k = 0; k < (size_t)n * 2 * sizeof *j.y && b[k] == 0xA5; k++)
        ;
      CHECK(k == (size_t)n * 2 * sizeof *j.y && !j.model);
    }
    tsne_model_free(j.model);
  }
  if (!CHECK(best < 0.1))
    fprintf(stderr, "  n %d, d %d, repulsion %d: %.0f ms\n", (int)n, (int)d,
            repulsion, 1e3 * best);
  free((float *)j.x), free(j.y);
}

/* A second optimising call on a handle waits its turn, and can be told not
 * to: then it has changed nothing. */
typedef struct turn {
  tsne_model *model;
  int64_t iterations;
  int32_t *cancel;
  int status;
  double ended;
} turn;

static void *optimize(void *arg) {
  turn *t = arg;
  tsne_options o = TSNE_OPTIONS_INIT;
  o.cancel = t->cancel;
  t->status = tsne_model_optimize(NULL, NULL, t->model, t->iterations, 1, 0,
                                  0.8, &o);
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
  CHECK(!pthread_create(&ta, NULL, optimize, &a));
  nap(0.2);
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
  cancelling(3000, 10, TSNE_REPULSION_FFT, 1, 1);
  cancelling(3000, 10, TSNE_REPULSION_BARNES_HUT, 1, 1);
  cancelling(3000, 10, TSNE_REPULSION_EXACT, 1, 1);
  cancelling(40000, 300, TSNE_REPULSION_AUTO, 0.5, 0);
  CHECK(tsne_live_handles() == 0);
  return finish("control");
}
