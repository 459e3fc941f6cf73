#include "glue.h"

#include <R_ext/Rdynload.h>
#include <signal.h>

/* The loaded library's version and SIMD path, and how many handles live. */
static SEXP r_library(void) {
  static const char *const names[] = {"version", "cpu", "handles", NULL};
  SEXP list = PROTECT(new_list(names));
  set(list, 0, Rf_mkString(tsne_version()));
  set(list, 1, Rf_mkString(tsne_cpu()));
  set(list, 2, Rf_ScalarReal((double)tsne_live_handles()));
  UNPROTECT(1);
  return list;
}

/* The version of the header that this was compiled with, if the library that
 * is loaded is older; else NULL. */
static SEXP r_outdated(void) {
  int built = TSNE_VERSION_MAJOR * 10000 + TSNE_VERSION_MINOR * 100 +
              TSNE_VERSION_PATCH;
  return tsne_version_number() < built ? Rf_mkString(TSNE_VERSION) : R_NilValue;
}

/* An interrupt that a call has answered to goes on as R's own. */
static SEXP r_interrupt(void) {
#ifndef _WIN32
  raise(SIGINT);
  R_CheckUserInterrupt();
#endif
  return R_NilValue;
}

/* clang-format takes list and address for products. */
/* clang-format off */
#define ENTRIES                                                              \
  E(fit, 3) E(fit_affinities, 3) E(model, 2) E(optimize, 4) E(load, 2)       \
  E(save, 3) E(info, 1) E(width, 1) E(data, 1) E(partial, 4)                 \
  E(partial_optimize, 4) E(bootstrap, 4) E(align, 5) E(procrustes, 5)        \
  E(procrustes_many, 3)                                                      \
  E(shared, 4) E(quality, 4) E(neighbors, 6) E(conditional, 2)               \
  E(affinities, 5) E(affinities_size, 1) E(affinities_copy, 1)               \
  E(partial_affinities, 1) E(model_affinities, 1) E(cost, 3)                 \
  E(initialize, 2) E(reduce, 3) E(reduce_sparse, 4) E(alive, 1)    \
  E(set_names, 2) E(names, 1) E(memory, 3) E(settle, 2) E(diagnose, 5) E(outside, 4)     \
  E(update, 5) E(zoom, 4) E(fit_together, 6) E(centred, 1) E(collect, 4)    \
  E(block_means, 4) E(row_keys, 1) E(set_row_names, 2) E(row_names, 1)

#define A1 SEXP
#define A2 SEXP, A1
#define A3 SEXP, A2
#define A4 SEXP, A3
#define A5 SEXP, A4
#define A6 SEXP, A5
#define E(name, n) extern SEXP r_##name(A##n);
ENTRIES
#undef E

#define E(name, n) {#name, (DL_FUNC)&r_##name, n},
/* clang-format on */
static const R_CallMethodDef entries[] = {
    ENTRIES{"library", (DL_FUNC)&r_library, 0},
    {"outdated", (DL_FUNC)&r_outdated, 0},
    {"interrupt", (DL_FUNC)&r_interrupt, 0},
    {NULL, NULL, 0}};

void R_init_libtsne(DllInfo *dll) {
  R_registerRoutines(dll, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
