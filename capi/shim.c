/*
 * The public symbols. What can be decided without Go is decided here: NULL
 * pointers, struct sizes and, above all, calls in the child of a fork, where
 * the Go runtime has lost its threads and any call into it hangs.
 */
#include "shim.h"
#include "_cgo_export.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 512 };

/* A model that is being optimised by this thread: callbacks must not use it. */
typedef struct frame {
  const tsne_model *model;
  struct frame *outer;
} frame;

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
static int forked(void) { return 0; }
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

static int forked(void) { return getpid() != home; }

/* NULL when there is no memory for it: errors then have no text. */
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

static char *text(void) {
  thread_state *s = state();
  return s ? s->text : NULL;
}

__attribute__((format(printf, 2, 3))) static int fail(int status,
                                                      const char *format, ...) {
  char *to = text();
  va_list args;
  if (to) {
    va_start(args, format);
    vsnprintf(to, TEXT_SIZE, format, args);
    va_end(args);
  }
  return status;
}

static int fail_null(const char *function, const char *argument) {
  return fail(TSNE_E_NULL, "%s: %s is NULL", function, argument);
}

static int fail_forked(const char *function) {
  return fail(TSNE_E_FORKED,
              "%s: this process was forked after the library was loaded; "
              "use exec (spawn), or load it in the child",
              function);
}

/* Sizes of tsne_options in all releases, oldest first. */
static const size_t known_sizes[] = {sizeof(tsne_options)};

/* Completes the caller's options with the defaults of fields it lacks. */
static int read_options(tsne_options *full, const tsne_options *o,
                        const char *function) {
  size_t i;
  tsne_options_init(full);
  if (!o)
    return TSNE_OK;
  for (i = 0; i < sizeof known_sizes / sizeof *known_sizes; i++) {
    if (o->struct_size == known_sizes[i]) {
      memcpy(full, o, o->struct_size);
      full->struct_size = sizeof *full;
      return TSNE_OK;
    }
  }
  return fail(TSNE_E_STRUCT_SIZE,
              "%s: options.struct_size is %zu, and version " TSNE_VERSION
              " has %zu; start from TSNE_OPTIONS_INIT",
              function, o->struct_size, sizeof *full);
}

/* A callback that uses the model it reports on would wait for itself. */
static int refuse_busy(const tsne_model *model, const char *function) {
  const thread_state *s = state();
  const frame *f;
  for (f = s ? s->frames : NULL; f; f = f->outer)
    if (f->model == model)
      return fail(TSNE_E_HANDLE,
                  "%s: model is the one this callback reports on", function);
  return TSNE_OK;
}

#define BEGIN(function)                                                       \
  static const char here[] = function;                                        \
  int status;                                                                 \
  if (forked())                                                               \
  return fail_forked(here)
#define NOT_NULL(argument)                                                    \
  do                                                                          \
    if (!(argument))                                                          \
      return fail_null(here, #argument);                                      \
  while (0)
#define OPTIONS(full, o)                                                      \
  do                                                                          \
    if ((status = read_options(&(full), (o), here)) != TSNE_OK)               \
      return status;                                                          \
  while (0)
#define MODEL(model)                                                          \
  do {                                                                        \
    NOT_NULL(model);                                                          \
    if ((status = refuse_busy((model), here)) != TSNE_OK)                     \
      return status;                                                          \
  } while (0)

int shim_progress(tsne_options *o, int32_t stage, int32_t dims, int64_t n,
                  int64_t iteration, int64_t iterations, double done, double kl,
                  double exaggeration, float *y) {
  tsne_progress p;
  p.stage = stage;
  p.dims = dims;
  p.n = n;
  p.iteration = iteration;
  p.iterations = iterations;
  p.done = done;
  p.kl = kl;
  p.exaggeration = exaggeration;
  p.y = y;
  return o->progress(&p, o->progress_user);
}

void shim_log(tsne_options *o, int level, char *line) {
  o->log(level, line, o->log_user);
}

int tsne_options_init(tsne_options *o) {
  static const tsne_options defaults = TSNE_OPTIONS_INIT;
  if (!o)
    return fail_null("tsne_options_init", "o");
  memcpy(o, &defaults, sizeof defaults);
  return TSNE_OK;
}

const char *tsne_version(void) { return TSNE_VERSION; }

int tsne_version_number(void) {
  return TSNE_VERSION_MAJOR * 10000 + TSNE_VERSION_MINOR * 100 +
         TSNE_VERSION_PATCH;
}

const char *tsne_cpu(void) {
  static const char *const names[] = {"portable", "avx2"};
  char name[16] = "";
  size_t i;
  if (forked())
    return "";
  goTsneCPU(name, sizeof name);
  for (i = sizeof names / sizeof *names - 1; i > 0; i--)
    if (!strcmp(name, names[i]))
      break;
  return names[i];
}

const char *tsne_last_error(void) {
  const char *t = text();
  return t ? t : "";
}

const char *tsne_status_name(int status) {
  switch (status) {
#define NAME(s)                                                               \
  case s:                                                                     \
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
    NAME(TSNE_E_INTERNAL);
#undef NAME
  }
  return "unknown status";
}

int tsne_fit(float *y, tsne_model **model, const float *x, int64_t n, int64_t d,
             const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_fit");
  NOT_NULL(y);
  NOT_NULL(x);
  OPTIONS(full, o);
  status = goTsneFit(y, model ? &id : NULL, (float *)x, n, d, &full, text(),
                     TEXT_SIZE);
  if (id)
    *model = (tsne_model *)id;
  return status;
}

int tsne_estimate_memory(uint64_t *bytes, int64_t n, int64_t d,
                         const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_estimate_memory");
  NOT_NULL(bytes);
  OPTIONS(full, o);
  return goTsneEstimateMemory(bytes, n, d, &full, text(), TEXT_SIZE);
}

int tsne_neighbors(int32_t *index, float *distance, const float *x, int64_t n,
                   int64_t d, int64_t k, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_neighbors");
  NOT_NULL(index);
  NOT_NULL(distance);
  NOT_NULL(x);
  OPTIONS(full, o);
  return goTsneNeighbors(index, distance, (float *)x, n, d, k, &full, text(),
                         TEXT_SIZE);
}

int tsne_affinities_from_data(tsne_affinities **p, const float *x, int64_t n,
                              int64_t d, const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_data");
  NOT_NULL(p);
  NOT_NULL(x);
  OPTIONS(full, o);
  status = goTsneAffinitiesFromData(&id, (float *)x, n, d, &full, text(),
                                    TEXT_SIZE);
  if (id)
    *p = (tsne_affinities *)id;
  return status;
}

int tsne_affinities_from_neighbors(tsne_affinities **p, const int32_t *index,
                                   const float *distance, int64_t n, int64_t k,
                                   const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_neighbors");
  NOT_NULL(p);
  NOT_NULL(index);
  NOT_NULL(distance);
  OPTIONS(full, o);
  status = goTsneAffinitiesFromNeighbors(&id, (int32_t *)index,
                                         (float *)distance, n, k, &full, text(),
                                         TEXT_SIZE);
  if (id)
    *p = (tsne_affinities *)id;
  return status;
}

int tsne_affinities_from_csr(tsne_affinities **p, const int64_t *ptr,
                             const int32_t *col, const float *val, int64_t n) {
  uintptr_t id = 0;
  BEGIN("tsne_affinities_from_csr");
  NOT_NULL(p);
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  status = goTsneAffinitiesFromCSR(&id, (int64_t *)ptr, (int32_t *)col,
                                   (float *)val, n, text(), TEXT_SIZE);
  if (id)
    *p = (tsne_affinities *)id;
  return status;
}

int tsne_affinities_size(int64_t *n, int64_t *nnz, const tsne_affinities *p) {
  int64_t rows, values;
  BEGIN("tsne_affinities_size");
  NOT_NULL(p);
  status = goTsneAffinitiesSize(&rows, &values, (uintptr_t)p, text(), TEXT_SIZE);
  if (status == TSNE_OK && n)
    *n = rows;
  if (status == TSNE_OK && nnz)
    *nnz = values;
  return status;
}

int tsne_affinities_copy(int64_t *ptr, int32_t *col, float *val,
                         const tsne_affinities *p) {
  BEGIN("tsne_affinities_copy");
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  NOT_NULL(p);
  status = goTsneAffinitiesCopy(ptr, col, val, (uintptr_t)p, text(), TEXT_SIZE);
  return status;
}

void tsne_affinities_free(tsne_affinities *p) {
  if (p && !forked())
    goTsneAffinitiesFree((uintptr_t)p);
}

int tsne_initialize(float *y, const float *x, int64_t n, int64_t d,
                    const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_initialize");
  NOT_NULL(y);
  NOT_NULL(x);
  OPTIONS(full, o);
  return goTsneInitialize(y, (float *)x, n, d, &full, text(), TEXT_SIZE);
}

int tsne_gradient(float *gradient, double *kl, const float *y,
                  const tsne_affinities *p, const tsne_options *o) {
  tsne_options full;
  BEGIN("tsne_gradient");
  NOT_NULL(y);
  NOT_NULL(p);
  OPTIONS(full, o);
  return goTsneGradient(gradient, kl, (float *)y, (uintptr_t)p, &full, text(),
                        TEXT_SIZE);
}

int tsne_model_new(tsne_model **model, const float *y0,
                   const tsne_affinities *p, const tsne_options *o) {
  tsne_options full;
  uintptr_t id = 0;
  BEGIN("tsne_model_new");
  NOT_NULL(model);
  NOT_NULL(y0);
  NOT_NULL(p);
  OPTIONS(full, o);
  status =
      goTsneModelNew(&id, (float *)y0, (uintptr_t)p, &full, text(), TEXT_SIZE);
  if (id)
    *model = (tsne_model *)id;
  return status;
}

int tsne_model_optimize(float *y, double *kl, tsne_model *model,
                        int64_t iterations, double exaggeration,
                        double learning_rate, double momentum,
                        const tsne_options *o) {
  tsne_options full;
  thread_state *s;
  frame f;
  BEGIN("tsne_model_optimize");
  MODEL(model);
  OPTIONS(full, o);
  s = state();
  f.model = model;
  if (s) {
    f.outer = s->frames;
    s->frames = &f;
  }
  status = goTsneModelOptimize(y, kl, (uintptr_t)model, iterations,
                               exaggeration, learning_rate, momentum,
                               o ? &full : NULL, text(), TEXT_SIZE);
  if (s)
    s->frames = f.outer;
  return status;
}

int tsne_model_info(int64_t *n, int32_t *dims, int64_t *iterations, double *kl,
                    const tsne_model *model) {
  int64_t rows, done;
  int32_t columns;
  double divergence;
  BEGIN("tsne_model_info");
  MODEL(model);
  status = goTsneModelInfo(&rows, &columns, &done, &divergence,
                           (uintptr_t)model, text(), TEXT_SIZE);
  if (status != TSNE_OK)
    return status;
  if (n)
    *n = rows;
  if (dims)
    *dims = columns;
  if (iterations)
    *iterations = done;
  if (kl)
    *kl = divergence;
  return TSNE_OK;
}

int tsne_model_embedding(float *y, const tsne_model *model) {
  BEGIN("tsne_model_embedding");
  NOT_NULL(y);
  MODEL(model);
  return goTsneModelEmbedding(y, (uintptr_t)model, text(), TEXT_SIZE);
}

int tsne_model_affinities(tsne_affinities **p, const tsne_model *model) {
  uintptr_t id = 0;
  BEGIN("tsne_model_affinities");
  NOT_NULL(p);
  MODEL(model);
  status = goTsneModelAffinities(&id, (uintptr_t)model, text(), TEXT_SIZE);
  if (id)
    *p = (tsne_affinities *)id;
  return status;
}

int tsne_model_clone(tsne_model **copy, const tsne_model *model) {
  uintptr_t id = 0;
  BEGIN("tsne_model_clone");
  NOT_NULL(copy);
  MODEL(model);
  status = goTsneModelClone(&id, (uintptr_t)model, text(), TEXT_SIZE);
  if (id)
    *copy = (tsne_model *)id;
  return status;
}

void tsne_model_free(tsne_model *model) {
  if (model && !forked())
    goTsneModelFree((uintptr_t)model);
}

int64_t tsne_live_handles(void) { return forked() ? 0 : goTsneLiveHandles(); }
