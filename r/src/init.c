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

/* An interrupt that a call has answered to goes on as R's own. */
static SEXP r_interrupt(void) {
#ifndef _WIN32
  raise(SIGINT);
  R_CheckUserInterrupt();
#endif
  return R_NilValue;
}

#define ENTRIES                                                              \
  E(fit, 3) E(fit_affinities, 3) E(model, 2) E(optimize, 4) E(load, 2)       \
  E(save, 2) E(info, 1) E(data, 1) E(transform, 4) E(bootstrap, 4)           \
  E(align, 5) E(procrustes, 5) E(procrustes_many, 3) E(shared, 4)            \
  E(quality, 4) E(neighbors, 5) E(affinities, 6) E(affinities_size, 1)       \
  E(affinities_copy, 1) E(model_affinities, 1) E(cost, 4) E(initialize, 2)   \
  E(reduce, 4) E(reduce_sparse, 7) E(bad, 1) E(alive, 1)

#define A1 SEXP
#define A2 SEXP, A1
#define A3 SEXP, A2
#define A4 SEXP, A3
#define A5 SEXP, A4
#define A6 SEXP, A5
#define A7 SEXP, A6
#define E(name, n) extern SEXP r_##name(A##n);
ENTRIES
#undef E

#define E(name, n) {#name, (DL_FUNC)&r_##name, n},
static const R_CallMethodDef entries[] = {
    ENTRIES{"library", (DL_FUNC)&r_library, 0},
    {"interrupt", (DL_FUNC)&r_interrupt, 0},
    {NULL, NULL, 0}};

void R_init_libtsne(DllInfo *dll) {
  R_registerRoutines(dll, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
