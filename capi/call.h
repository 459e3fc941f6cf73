/*
 * What the files of public symbols share. What can be decided without Go is
 * decided in them: NULL pointers, struct sizes and, above all, calls in the
 * child of a fork, where the Go runtime has lost its threads and any call into
 * it hangs.
 */
#ifndef TSNE_CALL_H
#define TSNE_CALL_H

#include "private.h"
#include "_cgo_export.h"

/* A handle in use by a call of this thread: its callbacks must not use it, for
 * they would wait for themselves. */
typedef struct frame {
  const void *handle;
  struct frame *outer;
} frame;

int tsne__forked(void);

/* Of the calling thread; NULL when there is no memory for it: errors then have
 * no text. */
failure *tsne__failure(void);

/* What tsne_last_error_detail gives of it; NULL as that is. */
typedef struct pieces {
  tsne_part parts[MOST_PARTS];
  char texts[TEXT_SIZE + MOST_PARTS];
} pieces;
pieces *tsne__pieces(void);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int tsne__fail(int status, const char *format, ...);
int tsne__fail_null(const char *function, const char *argument);
int tsne__fail_value(const char *function, const char *argument,
                     const char *got, const char *want);
int tsne__fail_forked(const char *function);

/* Complete the caller's options with the defaults of fields they lack. */
int tsne__options(tsne_options *full, const tsne_options *o,
                  const char *function);
int tsne__transform_options(tsne_transform_options *full,
                            const tsne_transform_options *o,
                            const char *function);

/* tsne__options for a function since 0.2 that reads fields since 0.2: its
 * caller has them, so options without have lost what it may have set. */
int tsne__later_options(tsne_options *full, const tsne_options *o,
                        const char *function);

/* Those written back to the length that the caller's have. */
void tsne__give_options(tsne_options *o, tsne_options *full);

/* Whether the caller of init, to which it returns at that address, is known to
 * have been built with the header of 0.minor or a later one: 2 or 3. */
int tsne__built_since(int minor, const char *init, const void *caller);

/* The caller's superposition completed, and written back to its length. */
int tsne__superposition(tsne_superposition *full, const tsne_superposition *s,
                        const char *function);
void tsne__give_superposition(tsne_superposition *s, tsne_superposition *full);
int tsne__diagnosis(tsne_diagnosis *full, const tsne_diagnosis *d,
                    const char *function);
void tsne__give_diagnosis(tsne_diagnosis *d, tsne_diagnosis *full);
int tsne__give_error(tsne_error *e, tsne_error *full, const char *function);

/* The hooks and forces of t in the form that Go reads them from. */
void tsne__hooks(tsne_options *hooks, const tsne_transform_options *t);

void tsne__enter(frame *f, const void *handle);
void tsne__leave(frame *f);
int tsne__refuse_busy(const void *handle, const char *name,
                      const char *function);

/* Calls log with a line that tsne_last_error_detail tells of meanwhile. */
void tsne__tell(tsne_log_fn log, int level, const failure *line, void *user);

/* A public function begins with BEGIN; one that does the work of several, each
 * of which tells it its name, with BEGIN_AS. The rest return on an error. */
#define BEGIN BEGIN_AS(__func__)
#define BEGIN_AS(function)                                                     \
  const char *const here = (function);                                         \
  int status = tsne__forked() ? tsne__fail_forked(here) : TSNE_OK;             \
  if (status != TSNE_OK)                                                       \
  return status
#define TRY(call)                                                              \
  do                                                                           \
    if ((status = (call)) != TSNE_OK)                                          \
      return status;                                                           \
  while (0)
#define NOT_NULL(argument)                                                     \
  do                                                                           \
    if (!(argument))                                                           \
      return tsne__fail_null(here, #argument);                                 \
  while (0)
#define DATA(x)                                                                \
  do                                                                           \
    if (!(x).at)                                                               \
      return tsne__fail_null(here, #x);                                        \
  while (0)
#define OPTIONS(full, o) TRY(tsne__options(&(full), (o), here))
#define LATER_OPTIONS(full, o) TRY(tsne__later_options(&(full), (o), here))
/* Of a function of 0.1 and of its twin for doubles, which is later. */
#define DATA_OPTIONS(x, full, o)                                               \
  TRY(((x).doubles ? tsne__later_options : tsne__options)(&(full), (o), here))
#define TRANSFORM_OPTIONS(full, hooks, o)                                      \
  do {                                                                         \
    TRY(tsne__transform_options(&(full), (o), here));                          \
    tsne__hooks(&(hooks), &(full));                                            \
  } while (0)
#define SUPERPOSITION(full, s) TRY(tsne__superposition(&(full), (s), here))
#define HANDLE(handle)                                                         \
  do {                                                                         \
    NOT_NULL(handle);                                                          \
    TRY(tsne__refuse_busy((handle), #handle, here));                           \
  } while (0)
/* The status of a call of which the callbacks must not use the handle. */
#define DURING(handle, call)                                                   \
  do {                                                                         \
    frame f;                                                                   \
    tsne__enter(&f, (handle));                                                 \
    status = (call);                                                           \
    tsne__leave(&f);                                                           \
  } while (0)

/* As Go takes a handle, and where it puts one; the latter may be NULL. */
#define ID(handle) ((uintptr_t)(handle))
#define TO(handle) ((uintptr_t *)(handle))

#endif
