/* State of the library and of each thread, callbacks, names. */
#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct thread_state {
  char text[TEXT_SIZE];
  frame *frames;
} thread_state;

/*
 * A key rather than __thread: a library loaded by dlopen has little static
 * TLS to live in, and Go's own variable needs what there is.
 */
#if defined(_WIN32)
static __thread thread_state windows_state;
static thread_state *state(void) { return &windows_state; }
int shim_forked(void) { return 0; }
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

int shim_forked(void) { return getpid() != home; }

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

char *shim_text(void) {
  thread_state *s = state();
  return s ? s->text : NULL;
}

int shim_fail(int status, const char *format, ...) {
  char *to = shim_text();
  va_list args;
  if (to) {
    va_start(args, format);
    vsnprintf(to, TEXT_SIZE, format, args);
    va_end(args);
  }
  return status;
}

int shim_fail_null(const char *function, const char *argument) {
  return shim_fail(TSNE_E_NULL, "%s: %s is NULL", function, argument);
}

int shim_fail_forked(const char *function) {
  return shim_fail(TSNE_E_FORKED,
                   "%s: this process was forked after the library was loaded; "
                   "use exec (spawn), or load it in the child",
                   function);
}

void shim_hooks(tsne_options *hooks, const tsne_transform_options *t) {
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

void shim_enter(frame *f, const void *handle) {
  thread_state *s = state();
  f->handle = handle;
  f->outer = NULL;
  if (s) {
    f->outer = s->frames;
    s->frames = f;
  }
}

void shim_leave(frame *f) {
  thread_state *s = state();
  if (s)
    s->frames = f->outer;
}

int shim_refuse_busy(const void *handle, const char *name,
                     const char *function) {
  const thread_state *s = state();
  const frame *f;
  for (f = s ? s->frames : NULL; f; f = f->outer)
    if (f->handle == handle)
      return shim_fail(TSNE_E_HANDLE,
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

int shim_progress(tsne_options *o, int32_t stage, int32_t dims, int64_t n,
                  int64_t iteration, int64_t iterations, double done, double kl,
                  double exaggeration, float *y) {
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
  shim_on_caller(tell_progress, &r);
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

void shim_log(tsne_options *o, int level, char *line) {
  message m;
  m.o = o;
  m.level = level;
  m.line = line;
  shim_on_caller(tell_log, &m);
}

const char *tsne_version(void) { return TSNE_VERSION; }

int tsne_abi(void) { return TSNE_ABI; }

int tsne_version_number(void) {
  return TSNE_VERSION_MAJOR * 10000 + TSNE_VERSION_MINOR * 100 +
         TSNE_VERSION_PATCH;
}

const char *tsne_cpu(void) {
  static const char *const names[] = {"portable", "avx2", "avx512"};
  char name[16] = "";
  size_t i;
  if (shim_forked())
    return "";
  goTsneCPU(name, sizeof name);
  for (i = sizeof names / sizeof *names - 1; i > 0; i--)
    if (!strcmp(name, names[i]))
      break;
  return names[i];
}

const char *tsne_last_error(void) {
  const char *t = shim_text();
  return t ? t : "";
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

int64_t tsne_live_handles(void) {
  return shim_forked() ? 0 : goTsneLiveHandles();
}
