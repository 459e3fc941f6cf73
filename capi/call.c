/* State of the library and of each thread, callbacks. */
#include "call.h"

#include <stdlib.h>

typedef struct thread_state {
  failure last;
  pieces pieces;
  frame *frames;
} thread_state;

/*
 * A key rather than __thread: a library loaded by dlopen has little static
 * TLS to live in, and Go's own variable needs what there is.
 */
#if defined(_WIN32)
static __thread thread_state windows_state;
static thread_state *state(void) { return &windows_state; }
int tsne__forked(void) { return 0; }
#else
#include <pthread.h>
#include <unistd.h>

static pid_t home;
static pthread_key_t key;
static int key_error = -1;

/* The Go runtime starts when the library is loaded, not at the first call. */
__attribute__((constructor)) static void loaded(void) {
  home = getpid();
  key_error = pthread_key_create(&key, free);
}

int tsne__forked(void) { return getpid() != home; }

static thread_state *state(void) {
  thread_state *s;
  if (key_error)
    return NULL;
  s = pthread_getspecific(key);
  if (!s && (s = calloc(1, sizeof *s)) && pthread_setspecific(key, s)) {
    free(s);
    s = NULL;
  }
  return s;
}
#endif

failure *tsne__failure(void) {
  thread_state *s = state();
  return s ? &s->last : NULL;
}

pieces *tsne__pieces(void) {
  thread_state *s = state();
  return s ? &s->pieces : NULL;
}

void tsne__hooks(tsne_options *hooks, const tsne_transform_options *t) {
  static const tsne_options defaults = TSNE_OPTIONS_INIT;
  *hooks = defaults;
  hooks->cancel = t->cancel;
  hooks->progress = t->progress;
  hooks->progress_user = t->progress_user;
  hooks->progress_every = t->progress_every;
  hooks->log = t->log;
  hooks->log_user = t->log_user;
  hooks->threads = t->threads;
  hooks->theta = t->theta;
  hooks->repulsion = t->repulsion;
}

void tsne__enter(frame *f, const void *handle) {
  thread_state *s = state();
  f->handle = handle;
  f->outer = NULL;
  if (s) {
    f->outer = s->frames;
    s->frames = f;
  }
}

void tsne__leave(frame *f) {
  thread_state *s = state();
  if (s)
    s->frames = f->outer;
}

int tsne__refuse_busy(const void *handle, const char *name,
                      const char *function) {
  const thread_state *s = state();
  const frame *f;
  for (f = s ? s->frames : NULL; f; f = f->outer)
    if (f->handle == handle)
      return tsne__fail(TSNE_E_HANDLE,
                        "%s: %s is in use by the call this callback reports on",
                        function, name);
  return TSNE_OK;
}

typedef struct report {
  const tsne_options *o;
  tsne_progress p;
  int stop;
} report;

static void tell_progress(void *of) {
  report *r = of;
  r->stop = r->o->progress(&r->p, r->o->progress_user);
}

int tsne__progress(tsne_options *o, int32_t stage, int32_t dims, int64_t n,
                   int64_t iteration, int64_t iterations, double done,
                   double kl, double exaggeration, float *y) {
  report r;
  r.o = o;
  r.p.stage = stage;
  r.p.dims = dims;
  r.p.n = n;
  r.p.iteration = iteration;
  r.p.iterations = iterations;
  r.p.done = done;
  r.p.kl = kl;
  r.p.exaggeration = exaggeration;
  r.p.y = y;
  r.stop = 0;
  tsne__on_caller(tell_progress, &r);
  return r.stop;
}

typedef struct message {
  const tsne_options *o;
  int level;
  const failure *line;
} message;

static void tell_log(void *of) {
  const message *m = of;
  tsne__tell(m->o->log, m->level, m->line, m->o->log_user);
}

void tsne__log(tsne_options *o, int level, failure *line) {
  message m;
  m.o = o;
  m.level = level;
  m.line = line;
  tsne__on_caller(tell_log, &m);
}
