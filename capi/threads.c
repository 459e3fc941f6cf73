/*
 * Go code never runs on a thread of the host's. A host's signal handler that
 * was installed without SA_ONSTACK runs on the stack of whatever thread takes
 * the signal, and a goroutine's stack has a few kilobytes. So each call goes to
 * a thread of the library, on which the host's signals are blocked, and the
 * host's thread waits here, on the stack it came with: signals, and callbacks,
 * reach it there. Go's own threads get the mask of the thread that starts Go,
 * and capi/overlay keeps its runtime from unblocking more than it needs.
 *
 * cgo's stubs of all exports enter Go by crosscall2, which the flags in
 * export.go rename to tsne__into_go.
 */
#include "private.h"
#include "_cgo_export.h"

#undef crosscall2

typedef void go_function(void *);
extern void crosscall2(go_function *fn, void *args, int size, size_t context);
void tsne__into_go(go_function *fn, void *args, int size, size_t context);

#if defined(_WIN32)

void tsne__into_go(go_function *fn, void *args, int size, size_t context) {
  crosscall2(fn, args, size, context);
}

void tsne__on_caller(void (*job)(void *), void *arg) { job(arg); }

void tsne__after_go(void) {}

#else

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum {
  STACK = 1 << 20, /* cgo's frames and callbacks' trampolines, amply */
  IDLE = 8         /* threads kept for calls to come */
};

/* A thread that runs calls, one at a time. */
typedef struct server {
  pthread_mutex_t lock;
  pthread_cond_t called; /* to the server: there is a call, or a job is done */
  pthread_cond_t told;   /* to the host's thread: a job, or the call is done */
  go_function *fn;       /* NULL: the call is done */
  void *args;
  int size;
  size_t context;
  void (*job)(void *); /* to be run on the host's thread; NULL: none */
  void *arg;
  int dismissed;
  struct server *next; /* of the idle ones */
} server;

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static server *pool;
static int idle;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t serves; /* a server's thread has its server here */
static int serves_error;

static void make_key(void) { serves_error = pthread_key_create(&serves, NULL); }

/* Those that the code of this thread raises itself stay: Go turns them into
 * panics, and a blocked one would end the process. */
static void host_signals(sigset_t *set) {
  sigfillset(set);
  sigdelset(set, SIGSEGV);
  sigdelset(set, SIGBUS);
  sigdelset(set, SIGFPE);
  sigdelset(set, SIGILL);
  sigdelset(set, SIGTRAP);
  sigdelset(set, SIGABRT);
  sigdelset(set, SIGSYS);
}

/* before: out, the mask that was; may be NULL. */
static void block_signals(sigset_t *before) {
  sigset_t set;
  host_signals(&set);
  pthread_sigmask(SIG_BLOCK, &set, before);
}

static sigset_t loaders;

/* Before Go starts, in a constructor of the default priority: the threads it
 * makes, then and later, get the mask of that moment. */
__attribute__((constructor(101))) static void before_go(void) {
  block_signals(&loaders);
}

void tsne__after_go(void) { pthread_sigmask(SIG_SETMASK, &loaders, NULL); }

/* Binds this thread to Go. A runtime without the overlay unblocks SIGPROF on it
 * then, and not again. */
static void enter_go(void) {
  goTsneNothing();
  block_signals(NULL);
}

static void *serve(void *of) {
  server *s = of;
  pthread_setspecific(serves, s);
  enter_go();
  pthread_mutex_lock(&s->lock);
  while (!s->dismissed) {
    if (!s->fn) {
      pthread_cond_wait(&s->called, &s->lock);
      continue;
    }
    pthread_mutex_unlock(&s->lock);
    crosscall2(s->fn, s->args, s->size, s->context);
    pthread_mutex_lock(&s->lock);
    s->fn = NULL;
    pthread_cond_signal(&s->told);
  }
  pthread_mutex_unlock(&s->lock);
  pthread_cond_destroy(&s->told);
  pthread_cond_destroy(&s->called);
  pthread_mutex_destroy(&s->lock);
  free(s);
  return NULL;
}

static server *start(void) {
  server *s = calloc(1, sizeof *s);
  pthread_attr_t attr;
  pthread_t thread;
  sigset_t before;
  int error;

  if (!s)
    return NULL;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->called, NULL);
  pthread_cond_init(&s->told, NULL);
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attr, STACK);
  block_signals(&before); /* which the thread inherits */
  error = pthread_create(&thread, &attr, serve, s);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  if (!error)
    return s;
  free(s);
  return NULL;
}

/* A server that nobody calls; NULL if the system gives no thread. */
static server *hire(void) {
  server *s;
  pthread_mutex_lock(&pool_lock);
  s = pool;
  if (s) {
    pool = s->next;
    idle--;
  }
  pthread_mutex_unlock(&pool_lock);
  return s ? s : start();
}

static void let_go(server *s) {
  int keep;
  pthread_mutex_lock(&pool_lock);
  keep = idle < IDLE;
  if (keep) {
    s->next = pool;
    pool = s;
    idle++;
  }
  pthread_mutex_unlock(&pool_lock);
  if (keep)
    return;
  pthread_mutex_lock(&s->lock);
  s->dismissed = 1;
  pthread_cond_signal(&s->called);
  pthread_mutex_unlock(&s->lock);
}

/* Without a thread to spare the host's own does, deaf to signals. Go would
 * leave it a stack for handlers that is too small for some. */
static void alone(go_function *fn, void *args, int size, size_t context) {
  sigset_t before;
  stack_t handlers;
  block_signals(&before);
  sigaltstack(NULL, &handlers);
  enter_go();
  crosscall2(fn, args, size, context);
  sigaltstack(&handlers, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void tsne__into_go(go_function *fn, void *args, int size, size_t context) {
  server *s;
  int cancel;

  pthread_once(&once, make_key);
  if (!serves_error && pthread_getspecific(serves)) {
    crosscall2(fn, args, size, context);
    return;
  }
  s = serves_error ? NULL : hire();
  if (!s) {
    alone(fn, args, size, context);
    return;
  }
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  pthread_mutex_lock(&s->lock);
  s->args = args;
  s->size = size;
  s->context = context;
  s->fn = fn;
  pthread_cond_signal(&s->called);
  while (s->fn) {
    if (!s->job) {
      pthread_cond_wait(&s->told, &s->lock);
      continue;
    }
    pthread_mutex_unlock(&s->lock);
    s->job(s->arg);
    pthread_mutex_lock(&s->lock);
    s->job = NULL;
    pthread_cond_signal(&s->called);
  }
  pthread_mutex_unlock(&s->lock);
  pthread_setcancelstate(cancel, NULL);
  let_go(s);
}

void tsne__on_caller(void (*job)(void *), void *arg) {
  server *s = serves_error ? NULL : pthread_getspecific(serves);
  if (!s) {
    job(arg);
    return;
  }
  pthread_mutex_lock(&s->lock);
  s->arg = arg;
  s->job = job;
  pthread_cond_signal(&s->told);
  while (s->job)
    pthread_cond_wait(&s->called, &s->lock);
  pthread_mutex_unlock(&s->lock);
}

#endif
