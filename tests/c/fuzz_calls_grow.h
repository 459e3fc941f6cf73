/* Calls that change a map's data: more rows, some of them, several sets. */
#ifndef FUZZ_CALLS_GROW_H
#define FUZZ_CALLS_GROW_H

#include "fuzz_draw.h"

enum { MAX_SETS = 3 };

static double hold(void) {
  static const double holds[] = {0, 1, INFINITY};
  return odd_double(holds[below(3)]);
}

static int update_by(int wide) {
  void *m = handle(MODEL);
  int64_t n, fresh = some(), d = width_of_model(m);
  int32_t dims, own;
  double weight = hold(), *rows = NULL;
  const tsne_options *o;
  float *y, *x = NULL;
  MADE(tsne_model);
  size_of_model(m, &n, &dims);
  o = options_for(n, &own);
  y = out_floats(
      fresh < 0 || fresh > MAX_N || n < 0 || n > ROOM ? 0 : n + fresh, dims);
  if (wide) {
    rows = in_wide(fresh, d);
    KEEP(MODEL, CALL(tsne_update_f64(maybe(y), to, m, maybe(rows), fresh, d,
                                     order(), weight, o)));
  }
  x = in_floats(fresh, d);
  KEEP(MODEL,
       CALL(tsne_update(maybe(y), to, m, maybe(x), fresh, d, weight, o)));
}
static int call_update(void) { return update_by(0); }
static int call_update_f64(void) { return update_by(1); }

static int call_zoom(void) {
  void *m = handle(MODEL);
  int64_t n, some_of, i;
  int32_t dims, own, *rows;
  const tsne_options *o;
  float *y, *whole;
  MADE(tsne_model);
  size_of_model(m, &n, &dims);
  some_of = once_in(10) ? odd_size(MAX_N)
                        : (n > 4 && n <= ROOM ? 4 + below(n - 3) : 4);
  o = options_for(some_of, &own);
  rows = in_ints(some_of, n > 0 && n <= ROOM ? n : 1);
  for (i = 0; !once_in(4) && i < some_of && some_of <= n && n <= ROOM; i++)
    rows[i] = (int32_t)(n - 1 - i);
  y = out_floats(some_of, dims), whole = out_floats(n, dims);
  KEEP(MODEL, CALL(tsne_zoom(maybe(y), once_in(2) ? whole : NULL, to, m,
                             maybe(rows), some_of, o)));
}

static void *list_of(void *const *of, int64_t count) {
  return in(of, (size_t)count * sizeof *of);
}

/* As many sets as there are buffers for, though another number may be said. */
static int together_by(int wide) {
  void *y[MAX_SETS], *x[MAX_SETS], *keys[MAX_SETS];
  int64_t n[MAX_SETS], d[MAX_SETS], count = 2 + below(MAX_SETS - 1), i, k;
  int64_t window = once_in(10) ? odd_size(3) : 1 + below(2);
  int64_t rounds = once_in(10) ? odd_size(2) % 3 : below(3);
  int64_t said = once_in(20) ? 1 - below(3) : count, *sizes, *widths;
  int64_t usual = width();
  int keyed = once_in(2), status;
  int32_t dims;
  void **ys, **xs, **all_keys;
  tsne_model **models;
  const tsne_options *o = NULL;
  for (i = 0; i < count; i++) {
    n[i] = odd_size(MAX_N / 2);
    d[i] = once_in(10) ? width() : usual;
    if (!i)
      o = options_for(n[0], &dims);
    y[i] = maybe(out_floats(n[i], dims));
    x[i] = maybe(wide ? (void *)in_wide(n[i], d[i])
                      : (void *)in_floats(n[i], d[i]));
    if (keyed) {
      size_t bytes = bytes_of(n[i], 1, sizeof(int64_t));
      int64_t *of = buffer_of(bytes, INPUT);
      for (k = 0; k < (int64_t)(bytes / sizeof *of); k++)
        of[k] = once_in(60) ? (int64_t)bits() : k - i;
      keys[i] = maybe(of);
    }
  }
  ys = list_of(y, count), xs = list_of(x, count);
  all_keys = keyed ? list_of(keys, count) : NULL;
  sizes = in(n, (size_t)count * sizeof *n);
  widths = in(d, (size_t)count * sizeof *d);
  models = out(count, 1, sizeof *models);
  memset(models, 0, (size_t)count * sizeof *models);
  if (wide)
    status = CALL(tsne_fit_together_f64(
        maybe(ys), once_in(4) ? NULL : models, maybe(xs), maybe(sizes),
        maybe(widths), said, order(), (const int64_t *const *)all_keys, window,
        rounds, o));
  else
    status = CALL(tsne_fit_together(maybe(ys), once_in(4) ? NULL : models,
                                    maybe(xs), maybe(sizes), maybe(widths),
                                    said, (const int64_t *const *)all_keys,
                                    window, rounds, o));
  for (i = 0; i < count; i++)
    keep(MODEL, models[i]);
  return status;
}
static int call_fit_together(void) { return together_by(0); }
static int call_fit_together_f64(void) { return together_by(1); }

#endif
