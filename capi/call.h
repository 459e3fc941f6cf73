/*
 * What the files of public symbols share. What can be decided without Go is
 * decided in them: NULL pointers, struct sizes and, above all, calls in the
 * child of a fork, where the Go runtime has lost its threads and any call into
 * it hangs.
 */
#ifndef TSNE_CALL_H
#define TSNE_CALL_H

#include "shim.h"
#include "_cgo_export.h"

enum { TEXT_SIZE = 512 };

/* A handle in use by a call of this thread: its callbacks must not use it, for
 * they would wait for themselves. */
typedef struct frame {
  const void *handle;
  struct frame *outer;
} frame;

int shim_forked(void);

/* Of the calling thread; NULL when there is no memory for it: errors then have
 * no text. */
char *shim_text(void);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int shim_fail(int status, const char *format, ...);
int shim_fail_null(const char *function, const char *argument);
int shim_fail_forked(const char *function);

/* Complete the caller's options with the defaults of fields they lack. */
int shim_options(tsne_options *full, const tsne_options *o,
                 const char *function);
int shim_transform_options(tsne_transform_options *full,
                           const tsne_transform_options *o,
                           const char *function);

/* shim_options for a function since 0.2 that reads fields since 0.2: its caller
 * has them, so options without have lost what it may have set. */
int shim_later_options(tsne_options *full, const tsne_options *o,
                       const char *function);

/* Whether the caller of init, to which it returns at that address, is known to
 * have been built with the header of 0.minor or a later one: 2 or 3. */
int shim_built_since(int minor, const char *init, const void *caller);

/* The caller's superposition completed, and written back to its length. */
int shim_superposition(tsne_superposition *full, const tsne_superposition *s,
                       const char *function);
void shim_give_superposition(tsne_superposition *s, tsne_superposition *full);

/* The hooks and forces of t in the form that Go reads them from. */
void shim_hooks(tsne_options *hooks, const tsne_transform_options *t);

void shim_enter(frame *f, const void *handle);
void shim_leave(frame *f);
int shim_refuse_busy(const void *handle, const char *name,
                     const char *function);

/* NULL, or the text of a Go call's error and its room. */
#define TEXT shim_text(), TEXT_SIZE

#define BEGIN(function)                                                        \
  static const char here[] = function;                                         \
  int status = shim_forked() ? shim_fail_forked(here) : TSNE_OK;               \
  if (status != TSNE_OK)                                                       \
  return status
#define NOT_NULL(argument)                                                     \
  do                                                                           \
    if (!(argument))                                                           \
      return shim_fail_null(here, #argument);                                  \
  while (0)
#define OPTIONS(full, o)                                                       \
  do                                                                           \
    if ((status = shim_options(&(full), (o), here)) != TSNE_OK)                \
      return status;                                                           \
  while (0)
#define LATER_OPTIONS(full, o)                                                 \
  do                                                                           \
    if ((status = shim_later_options(&(full), (o), here)) != TSNE_OK)          \
      return status;                                                           \
  while (0)
#define SUPERPOSITION(full, s)                                                 \
  do                                                                           \
    if ((status = shim_superposition(&(full), (s), here)) != TSNE_OK)          \
      return status;                                                           \
  while (0)
#define TRANSFORM_OPTIONS(full, hooks, o)                                      \
  do {                                                                         \
    if ((status = shim_transform_options(&(full), (o), here)) != TSNE_OK)      \
      return status;                                                           \
    shim_hooks(&(hooks), &(full));                                             \
  } while (0)
#define HANDLE(handle)                                                         \
  do {                                                                         \
    NOT_NULL(handle);                                                          \
    if ((status = shim_refuse_busy((handle), #handle, here)) != TSNE_OK)       \
      return status;                                                           \
  } while (0)
/* Go makes a handle of a kind; it is given out as the last thing. */
#define GIVE(type, to, id)                                                     \
  do                                                                           \
    if (id)                                                                    \
      *(to) = (type *)(id);                                                    \
  while (0)

#endif
