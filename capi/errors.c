/* The calling thread's last error, and what is said of it. */
#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void tsne__begin(failure *e, int status) {
  memset(e, 0, sizeof *e);
  e->status = status;
  e->row = e->column = -1;
}

/* Appends one line's worth of text, cut where a character ends. */
static size_t append(char *to, size_t used, size_t room, const char *text,
                     size_t length) {
  size_t i, fits = room - 1 - used;
  if (length > fits)
    for (length = fits; length > 0 && (text[length] & 0xC0) == 0x80; length--)
      ;
  for (i = 0; i < length; i++)
    to[used + i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
  to[used + length] = 0;
  return length;
}

void tsne__add(failure *e, int kind, const char *text, size_t length,
               int64_t index) {
  size_t used = strlen(e->text);
  int last = e->n_parts - 1;
  if (e->n_parts == 0 && kind == TSNE_PART_NAME)
    append(e->argument, 0, sizeof e->argument, text, length);
  if (kind == TSNE_PART_ROW && e->row < 0)
    e->row = index;
  if (kind == TSNE_PART_COLUMN && e->column < 0)
    e->column = index;
  if (append(e->text, used, TEXT_SIZE, text, length) == 0)
    return;
  if (last >= 0 && (kind == TSNE_PART_TEXT || last == MOST_PARTS - 1) &&
      e->parts[last].kind == TSNE_PART_TEXT)
    return; /* goes on */
  if (last == MOST_PARTS - 2)
    kind = TSNE_PART_TEXT;
  e->parts[e->n_parts].kind = kind;
  e->parts[e->n_parts].index =
      kind == TSNE_PART_ROW || kind == TSNE_PART_COLUMN ? index : -1;
  e->parts[e->n_parts].at = (int32_t)used;
  e->n_parts++;
}

static void add(failure *e, int kind, const char *text) {
  tsne__add(e, kind, text, strlen(text), -1);
}

int tsne__fail(int status, const char *format, ...) {
  failure *e = tsne__failure();
  char text[TEXT_SIZE];
  va_list args;
  if (e) {
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tsne__begin(e, status);
    add(e, TSNE_PART_TEXT, text);
  }
  return status;
}

/* Begins "function: argument". */
static failure *blame(int status, const char *function, const char *argument) {
  failure *e = tsne__failure();
  if (!e)
    return NULL;
  tsne__begin(e, status);
  add(e, TSNE_PART_NAME, function);
  add(e, TSNE_PART_TEXT, ": ");
  add(e, TSNE_PART_NAME, argument);
  e->argument[0] = 0;
  append(e->argument, 0, sizeof e->argument, argument, strlen(argument));
  return e;
}

int tsne__fail_null(const char *function, const char *argument) {
  failure *e = blame(TSNE_E_NULL, function, argument);
  if (e)
    add(e, TSNE_PART_TEXT, " is NULL");
  return TSNE_E_NULL;
}

int tsne__fail_value(const char *function, const char *argument,
                     const char *got, const char *want) {
  failure *e = blame(TSNE_E_OPTION, function, argument);
  if (e) {
    add(e, TSNE_PART_TEXT, ": got \"");
    add(e, TSNE_PART_VALUE, got);
    add(e, TSNE_PART_TEXT, "\", want ");
    add(e, TSNE_PART_TEXT, want);
  }
  return TSNE_E_OPTION;
}

int tsne__fail_forked(const char *function) {
  return tsne__fail(TSNE_E_FORKED,
                    "%s: this process was forked after the library was loaded; "
                    "use exec (spawn), or load it in the child",
                    function);
}

void tsne__tell(tsne_log_fn log, int level, const failure *line, void *user) {
  failure *last = tsne__failure(), before;
  if (last) {
    before = *last;
    *last = *line;
  }
  log(level, line->text, user);
  if (last)
    *last = before;
}

const char *tsne_last_error(void) {
  const failure *e = tsne__failure();
  return e ? e->text : "";
}

/* The texts of the parts, each ended by a NUL. */
static void split(pieces *to, const failure *e) {
  char *at = to->texts;
  int i;
  for (i = 0; i < e->n_parts; i++) {
    const char *from = e->text + e->parts[i].at;
    size_t length = i + 1 < e->n_parts
                        ? (size_t)(e->parts[i + 1].at - e->parts[i].at)
                        : strlen(from);
    memcpy(at, from, length);
    at[length] = 0;
    to->parts[i].text = at;
    to->parts[i].index = e->parts[i].index;
    to->parts[i].kind = e->parts[i].kind;
    to->parts[i].reserved = 0;
    at += length + 1;
  }
}

int tsne_last_error_detail(tsne_error *e) {
  tsne_error full = TSNE_ERROR_INIT;
  const failure *last = tsne__failure();
  if (!e)
    return tsne__fail_null(__func__, "e");
  if (last && *last->text) {
    pieces *to = tsne__pieces();
    split(to, last);
    full.status = last->status;
    full.row = last->row;
    full.column = last->column;
    full.text = last->text;
    full.parts = to->parts;
    full.n_parts = last->n_parts;
    memcpy(full.argument, last->argument, sizeof full.argument);
  }
  return tsne__give_error(e, &full, __func__);
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
