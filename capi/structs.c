/* The structs that callers give, of whatever release they were built with. */

/* Here are the symbols of these names, which programs built before 0.4 call;
 * the header has them inline. */
#define tsne_options_init inline_options_init
#define tsne_transform_options_init inline_transform_options_init
#define tsne_superposition_init inline_superposition_init
#include "call.h"
#undef tsne_options_init
#undef tsne_transform_options_init
#undef tsne_superposition_init

#include <stdio.h>
#include <string.h>

/* Presets; sizes in all releases, oldest first. */
#include "presets.h"
#include "sizes.h"
static const size_t superposition_sizes[] = {sizeof(tsne_superposition)};
static const size_t error_sizes[] = {sizeof(tsne_error)};
static const size_t diagnosis_sizes[] = {sizeof(tsne_diagnosis)};

static const tsne_options option_defaults = TSNE_OPTIONS_INIT;
static const tsne_transform_options transform_defaults =
    TSNE_TRANSFORM_OPTIONS_INIT;
static const tsne_superposition superposition_defaults =
    TSNE_SUPERPOSITION_INIT;
static const tsne_error error_defaults = TSNE_ERROR_INIT;
static const tsne_diagnosis diagnosis_defaults = TSNE_DIAGNOSIS_INIT;

typedef struct kind {
  const char *what, *init;
  const void *defaults;
  const size_t *sizes;
  size_t count;
} kind;

#define KIND(what, init, defaults, sizes)                                      \
  {what, init, &(defaults), sizes, sizeof(sizes) / sizeof *(sizes)}
static const kind options =
    KIND("options", "TSNE_OPTIONS_INIT", option_defaults, option_sizes);
static const kind transform_options =
    KIND("transform options", "TSNE_TRANSFORM_OPTIONS_INIT", transform_defaults,
         transform_sizes);
static const kind superposition =
    KIND("superposition", "TSNE_SUPERPOSITION_INIT", superposition_defaults,
         superposition_sizes);
static const kind error =
    KIND("error", "TSNE_ERROR_INIT", error_defaults, error_sizes);
static const kind diagnosis = KIND("diagnosis", "TSNE_DIAGNOSIS_INIT",
                                   diagnosis_defaults, diagnosis_sizes);

static size_t newest(const kind *k) { return k->sizes[k->count - 1]; }

static int check_size(const kind *k, size_t size, const char *function) {
  size_t i;
  for (i = 0; i < k->count; i++)
    if (size == k->sizes[i])
      return TSNE_OK;
  if (size > newest(k))
    return tsne__fail(TSNE_E_STRUCT_SIZE,
                      "%s: %s.struct_size is %zu, and version " TSNE_VERSION
                      " of the library has %zu; start from %s, or install the "
                      "newer library whose header the program was built with",
                      function, k->what, size, newest(k), k->init);
  return tsne__fail(TSNE_E_STRUCT_SIZE,
                    "%s: %s.struct_size is %zu, and version " TSNE_VERSION
                    " has %zu; start from %s",
                    function, k->what, size, newest(k), k->init);
}

static size_t size_of(const void *o) {
  size_t size;
  memcpy(&size, o, sizeof size);
  return size;
}

/* The defaults, with what the caller's struct has over them. */
static int complete(const kind *k, void *full, const void *o,
                    const char *function) {
  size_t size = newest(k);
  memcpy(full, k->defaults, size);
  if (!o)
    return TSNE_OK;
  if (check_size(k, size_of(o), function) != TSNE_OK)
    return TSNE_E_STRUCT_SIZE;
  memcpy(full, o, size_of(o));
  memcpy(full, &size, sizeof size);
  return TSNE_OK;
}

/* A caller that does not look at the status must not be left with a size that
 * would do by chance. */
static int init(const kind *k, void *o, size_t size, const char *name,
                const char *function) {
  if (!o)
    return tsne__fail_null(function, name);
  if (check_size(k, size, function) != TSNE_OK) {
    if (size >= sizeof size)
      memcpy(o, &size, sizeof size);
    return TSNE_E_STRUCT_SIZE;
  }
  memcpy(o, k->defaults, size);
  memcpy(o, &size, sizeof size);
  return TSNE_OK;
}

int tsne_options_init_sized(tsne_options *o, size_t size) {
  return init(&options, o, size, "o", "tsne_options_init");
}

int tsne_options_preset(tsne_options *o, const char *name) {
  tsne_options full;
  size_t i;
  BEGIN;
  NOT_NULL(o);
  NOT_NULL(name);
  LATER_OPTIONS(full, o);
  for (i = 0; i < sizeof presets / sizeof *presets; i++)
    if (strcmp(name, presets[i].name) == 0) {
      presets[i].set(&full);
      tsne__give_options(o, &full);
      return TSNE_OK;
    }
  return tsne__fail_value(here, "name", name, PRESET_NAMES);
}

int tsne_transform_options_init_sized(tsne_transform_options *o, size_t size) {
  return init(&transform_options, o, size, "o", "tsne_transform_options_init");
}

int tsne_superposition_init_sized(tsne_superposition *s, size_t size) {
  return init(&superposition, s, size, "s", "tsne_superposition_init");
}

/*
 * What calls the symbols does not say how long its struct is. Where the program
 * cannot be told for one of a later release, they write the shortest there ever
 * was, and leave a mark where 0 belongs: the program may set fields behind it,
 * which cannot be told from bytes that are not its own.
 */
enum { OF_SYMBOL = 0x7313 };

#if defined(__GNUC__)
#define CALLER __builtin_return_address(0)
#else
#define CALLER NULL
#endif

TSNE_API int tsne_options_init(tsne_options *o);
TSNE_API int tsne_transform_options_init(tsne_transform_options *o);
TSNE_API int tsne_superposition_init(tsne_superposition *s);

int tsne_options_init(tsne_options *o) {
  int status;
  if (tsne__built_since(2, "tsne_options_init", CALLER))
    return tsne_options_init_sized(o, option_sizes[1]);
  status = tsne_options_init_sized(o, option_sizes[0]);
  if (status == TSNE_OK)
    o->reserved = OF_SYMBOL;
  return status;
}

int tsne_transform_options_init(tsne_transform_options *o) {
  int status;
  if (tsne__built_since(3, "tsne_transform_options_init", CALLER))
    return tsne_transform_options_init_sized(o, transform_sizes[1]);
  status = tsne_transform_options_init_sized(o, transform_sizes[0]);
  if (status == TSNE_OK)
    o->reserved = OF_SYMBOL;
  return status;
}

int tsne_superposition_init(tsne_superposition *s) {
  return tsne_superposition_init_sized(s, superposition_sizes[0]);
}

/* Says so where fields that the caller may have set are not read. */
static void unmark(int32_t *reserved, const kind *k, size_t size,
                   const char *since, tsne_log_fn log, void *user,
                   const char *function) {
  char text[TEXT_SIZE];
  failure line;
  if (*reserved != OF_SYMBOL || size != k->sizes[0])
    return;
  *reserved = 0;
  if (!log)
    return;
  snprintf(text, sizeof text,
           "%s: fields of the %s since %s are not read: the program was built "
           "before 0.4 and calls the init function; start from %s, or build it "
           "again",
           function, k->what, since, k->init);
  tsne__begin(&line, TSNE_OK);
  tsne__add(&line, TSNE_PART_TEXT, text, strlen(text), -1);
  tsne__tell(log, TSNE_LOG_WARNING, &line, user);
}

int tsne__options(tsne_options *full, const tsne_options *o,
                  const char *function) {
  int status = complete(&options, full, o, function);
  if (status == TSNE_OK && o)
    unmark(&full->reserved, &options, o->struct_size, "0.2", full->log,
           full->log_user, function);
  return status;
}

void tsne__give_options(tsne_options *o, tsne_options *full) {
  full->struct_size = o->struct_size;
  memcpy(o, full, o->struct_size);
}

int tsne__later_options(tsne_options *full, const tsne_options *o,
                        const char *function) {
  if (o && o->struct_size == option_sizes[0])
    return tsne__fail(
        TSNE_E_STRUCT_SIZE,
        "%s: options have the fields of 0.1 alone: the program was "
        "built before 0.4 and calls tsne_options_init; start from "
        "TSNE_OPTIONS_INIT, or build it again",
        function);
  return tsne__options(full, o, function);
}

int tsne__transform_options(tsne_transform_options *full,
                            const tsne_transform_options *o,
                            const char *function) {
  int status = complete(&transform_options, full, o, function);
  if (status == TSNE_OK && o)
    unmark(&full->reserved, &transform_options, o->struct_size, "0.3",
           full->log, full->log_user, function);
  return status;
}

int tsne__superposition(tsne_superposition *full, const tsne_superposition *s,
                        const char *function) {
  if (!s)
    return tsne__fail_null(function, "s");
  return complete(&superposition, full, s, function);
}

void tsne__give_superposition(tsne_superposition *s, tsne_superposition *full) {
  full->struct_size = s->struct_size;
  memcpy(s, full, s->struct_size);
}

int tsne__diagnosis(tsne_diagnosis *full, const tsne_diagnosis *d,
                    const char *function) {
  if (!d)
    return tsne__fail_null(function, "d");
  return complete(&diagnosis, full, d, function);
}

void tsne__give_diagnosis(tsne_diagnosis *d, tsne_diagnosis *full) {
  full->struct_size = d->struct_size;
  memcpy(d, full, d->struct_size);
}

int tsne__give_error(tsne_error *e, tsne_error *full, const char *function) {
  if (check_size(&error, e->struct_size, function) != TSNE_OK)
    return TSNE_E_STRUCT_SIZE;
  full->struct_size = e->struct_size;
  memcpy(e, full, e->struct_size);
  return TSNE_OK;
}
