/* State of the library and of each thread, callbacks, errors. */
#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct thread_state {
  failure last;
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

int tsne__fail(int status, const char *format, ...) {
  failure *to = tsne__failure();
  va_list args;
  if (to) {
    va_start(args, format);
    vsnprintf(to->text, TEXT_SIZE, format, args);
    va_end(args);
  }
  return status;
}

int tsne__fail_null(const char *function, const char *argument) {
  return tsne__fail(TSNE_E_NULL, "%s: %s is NULL", function, argument);
}

int tsne__fail_forked(const char *function) {
  return tsne__fail(TSNE_E_FORKED,
                    "%s: this process was forked after the library was loaded; "
                    "use exec (spawn), or load it in the child",
                    function);
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
  const char *line;
} message;

static void tell_log(void *of) {
  const message *m = of;
  m->o->log(m->level, m->line, m->o->log_user);
}

void tsne__log(tsne_options *o, int level, char *line) {
  message m;
  m.o = o;
  m.level = level;
  m.line = line;
  tsne__on_caller(tell_log, &m);
}

const char *tsne_last_error(void) {
  const failure *last = tsne__failure();
  return last ? last->text : "";
}

const char *tsne_status_name(int status) {
  switch (status) {
#define NAME(s)                                                                \
  case s:                                                                      \
    return #s
    NAME(TSNE_OK);
    NAME(TSNE_E_NULL);
    NAME(TSNE_E_STRUCT_SIZE);
    NAME(TSNE_E_HANDLE);
    NAME(TSNE_E_SHAPE);
    NAME(TSNE_E_NOT_FINITE);
    NAME(TSNE_E_OPTION);
    NAME(TSNE_E_GRAPH);
    NAME(TSNE_E_MEMORY);
    NAME(TSNE_E_CANCELLED);
    NAME(TSNE_E_FORKED);
    NAME(TSNE_E_IO);
    NAME(TSNE_E_FILE);
    NAME(TSNE_E_NO_DATA);
    NAME(TSNE_E_INTERNAL);
#undef NAME
  }
  return "unknown status";
}
