/*
 * A call of the library runs on a thread of its own. R's thread waits, asks R
 * every 20 ms whether the user has interrupted, and calls the R function that
 * wants to be told of progress. So nothing of R runs on the library's thread,
 * and no longjmp of R passes over the library's frames.
 */
#include "glue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_WARNINGS 16

struct hub {
  pthread_mutex_t lock;
  pthread_cond_t change;
  volatile int32_t cancel;
  int done, asked, stop, n_warnings;
  const tsne_progress *now; /* valid while the library's thread waits */
  said warnings[MAX_WARNINGS];
  job *j;
  int (*call)(job *);
  SEXP progress;
  SEXP token; /* of an R jump that waits for the library's thread to end */
  int jumped;
  jmp_buf back;
};

/* The line that this thread was told last: its error, or one being logged. */
static void keep(said *to) {
  tsne_error e = TSNE_ERROR_INIT;
  size_t used = 0, length;
  tsne_last_error_detail(&e);
  to->row = e.row;
  to->column = e.column;
  memcpy(to->argument, e.argument, sizeof to->argument);
  for (to->n = 0; to->n < e.n_parts && to->n < 32; to->n++) {
    const tsne_part *p = &e.parts[to->n];
    length = strlen(p->text) + 1;
    if (length > sizeof to->texts - used)
      return;
    memcpy(to->texts + used, p->text, length);
    to->parts[to->n].kind = p->kind;
    to->parts[to->n].index = p->index;
    to->parts[to->n].at = (int32_t)used;
    used += length;
  }
}

/* A line that R puts in its own words, by in_words() of input.R. */
static SEXP line(const said *s) {
  static const char *const names[] = {"argument", "row",  "column", "kind",
                                      "index",    "text", NULL};
  SEXP list = PROTECT(new_list(names));
  int i;
  set(list, 0, Rf_ScalarString(Rf_mkCharCE(s->argument, CE_UTF8)));
  set(list, 1, Rf_ScalarReal(s->row < 0 ? NA_REAL : (double)s->row + 1));
  set(list, 2, Rf_ScalarReal(s->column < 0 ? NA_REAL : (double)s->column + 1));
  set(list, 3, Rf_allocVector(INTSXP, s->n));
  set(list, 4, Rf_allocVector(REALSXP, s->n));
  set(list, 5, Rf_allocVector(STRSXP, s->n));
  for (i = 0; i < s->n; i++) {
    INTEGER(VECTOR_ELT(list, 3))[i] = s->parts[i].kind;
    REAL(VECTOR_ELT(list, 4))[i] = (double)s->parts[i].index + 1;
    SET_STRING_ELT(VECTOR_ELT(list, 5), i,
                   Rf_mkCharCE(s->texts + s->parts[i].at, CE_UTF8));
  }
  UNPROTECT(1);
  return list;
}

static int on_progress(const tsne_progress *p, void *user) {
  struct hub *h = user;
  int stop;
  pthread_mutex_lock(&h->lock);
  h->now = p;
  h->asked = 1;
  pthread_cond_broadcast(&h->change);
  while (h->asked)
    pthread_cond_wait(&h->change, &h->lock);
  stop = h->stop;
  pthread_mutex_unlock(&h->lock);
  return stop;
}

static void on_log(int level, const char *text, void *user) {
  struct hub *h = user;
  (void)text;
  if (level == TSNE_LOG_WARNING && h->n_warnings < MAX_WARNINGS)
    keep(&h->warnings[h->n_warnings++]);
}

static void *work(void *user) {
  struct hub *h = user;
  job *j = h->j;
  int status = h->call(j);
  if (status != TSNE_OK)
    keep(&j->error);
  pthread_mutex_lock(&h->lock);
  j->status = status;
  h->done = 1;
  pthread_cond_broadcast(&h->change);
  pthread_mutex_unlock(&h->lock);
  return NULL;
}

static void look(void *unused) {
  (void)unused;
  R_CheckUserInterrupt();
}

static const char *const stages[] = {"neighbors", "affinities", "init",
                                     "optimize"};

/* Calls R's function, which sees the handlers of the caller. */
static SEXP tell(void *user) {
  static const char *const names[] = {"stage", "iteration", "iterations",
                                      "done",  "kl",        "exaggeration",
                                      "Y",     NULL};
  struct hub *h = user;
  const tsne_progress *p = h->now;
  SEXP list = PROTECT(new_list(names)), call, answer;
  set(list, 0,
      Rf_mkString(p->stage >= 0 && p->stage < 4 ? stages[p->stage] : "?"));
  set(list, 1, Rf_ScalarReal((double)p->iteration));
  set(list, 2, Rf_ScalarReal((double)p->iterations));
  set(list, 3, Rf_ScalarReal(p->done));
  set(list, 4, Rf_ScalarReal(p->kl));
  set(list, 5, Rf_ScalarReal(p->exaggeration));
  if (p->y)
    set(list, 6, from_rows(p->y, p->n, p->dims));
  call = PROTECT(Rf_lang2(h->progress, list));
  answer = Rf_eval(call, R_GlobalEnv);
  h->stop = Rf_isLogical(answer) && Rf_length(answer) == 1 &&
            LOGICAL(answer)[0] == TRUE;
  UNPROTECT(2);
  return R_NilValue;
}

static void jump_back(void *user, Rboolean jump) {
  struct hub *h = user;
  if (jump)
    longjmp(h->back, 1);
}

/* 0 if R's function wants to jump: by an error, an interrupt, a restart. */
static int told(struct hub *h) {
  if (setjmp(h->back)) {
    h->jumped = 1;
    return 0;
  }
  R_UnwindProtect(tell, h, jump_back, h, h->token);
  return 1;
}

static void watch(struct hub *h) {
  pthread_mutex_lock(&h->lock);
  while (!h->done) {
    struct timespec until;
    int fine = 1, asked;
    if (!h->asked) {
      clock_gettime(CLOCK_REALTIME, &until);
      until.tv_nsec += 20 * 1000 * 1000;
      until.tv_sec += until.tv_nsec / 1000000000;
      until.tv_nsec %= 1000000000;
      if (pthread_cond_timedwait(&h->change, &h->lock, &until) == 0)
        continue;
    }
    asked = h->asked;
    pthread_mutex_unlock(&h->lock);
    if (asked && !h->cancel)
      fine = told(h);
    if (fine && !h->cancel)
      fine = R_ToplevelExec(look, NULL);
    pthread_mutex_lock(&h->lock);
    if (!fine) {
      h->cancel = 1;
      h->stop = 1;
      h->j->interrupted = !h->jumped;
    }
    if (asked) {
      h->asked = 0;
      pthread_cond_broadcast(&h->change);
    }
  }
  pthread_mutex_unlock(&h->lock);
}

#define SET_HOOKS(o)                                                           \
  do {                                                                         \
    (o).cancel = (const int32_t *)&h->cancel;                                  \
    (o).progress = Rf_isFunction(progress) ? on_progress : NULL;               \
    (o).progress_user = h;                                                     \
    (o).log = on_log;                                                          \
    (o).log_user = h;                                                          \
  } while (0)

void run(job *j, int (*call)(job *), SEXP progress) {
  struct hub *h = (struct hub *)R_alloc(1, sizeof *h);
  pthread_t thread;
  memset(h, 0, sizeof *h);
  j->owners = PROTECT(new_owners(j));
  h->j = j;
  h->call = call;
  h->progress = progress;
  h->token = PROTECT(R_MakeUnwindCont());
  j->hub = h;
  SET_HOOKS(j->o);
  SET_HOOKS(j->t);
  pthread_mutex_init(&h->lock, NULL);
  pthread_cond_init(&h->change, NULL);
  if (pthread_create(&thread, NULL, work, h) == 0) {
    watch(h);
    pthread_join(thread, NULL);
  } else {
    j->status = TSNE_E_MEMORY;
    j->error.row = j->error.column = -1;
    j->error.n = 1;
    strcpy(j->error.texts, "the system gives no thread");
  }
  pthread_cond_destroy(&h->change);
  pthread_mutex_destroy(&h->lock);
  if (h->jumped) {
    int64_t i;
    for (i = 0; j->sets && i < j->sets->count; i++)
      tsne_model_free(j->sets->models[i]);
    tsne_model_free(j->model);
    tsne_affinities_free(j->made);
    tsne_partial_free(j->partial);
    R_ContinueUnwind(h->token);
  }
  own(j);
  UNPROTECT(1);
}

SEXP outcome(job *j, SEXP value) {
  static const char *const names[] = {"status",      "said",  "warnings",
                                      "interrupted", "value", NULL};
  SEXP list, lines;
  int i, n = j->hub ? j->hub->n_warnings : 0;
  PROTECT(value);
  list = PROTECT(new_list(names));
  lines = PROTECT(Rf_allocVector(VECSXP, n));
  for (i = 0; i < n; i++)
    SET_VECTOR_ELT(lines, i, line(&j->hub->warnings[i]));
  set(list, 0, Rf_mkString(j->status ? tsne_status_name(j->status) : ""));
  set(list, 1, line(&j->error));
  set(list, 2, lines);
  set(list, 3, Rf_ScalarLogical(j->interrupted));
  set(list, 4, value);
  UNPROTECT(4); /* run()'s owners too */
  return list;
}
