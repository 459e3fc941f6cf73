/* Rows that lie elsewhere, as an R function reads them: a block at a time. */
#include "glue.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Rows lo + 1 to hi of d columns, as doubles; R has checked what they are. */
static SEXP read_block(SEXP take, int64_t lo, int64_t hi) {
  SEXP from = PROTECT(Rf_ScalarReal((double)lo + 1));
  SEXP to = PROTECT(Rf_ScalarReal((double)hi));
  SEXP call = PROTECT(Rf_lang3(take, from, to));
  SEXP block = Rf_eval(call, R_GlobalEnv);
  UNPROTECT(3);
  return block;
}

/* What is known of a column after a look at each value: whether float rounds
 * it, where it lies and how far it reaches. */
typedef struct extent {
  double size, sum, squares, first, low, high;
  int64_t above, below;
  int rounded;
} extent;

static void extend(extent *e, const double *v, int64_t n, int first) {
  int64_t i;
  if (first) {
    memset(e, 0, sizeof *e);
    e->first = e->low = e->high = v[0];
  }
  for (i = 0; i < n; i++) {
    double away = v[i] - e->first;
    e->rounded |= (double)(float)v[i] != v[i];
    e->size += fabs(v[i]);
    e->above += v[i] > 0;
    e->below += v[i] < 0;
    e->sum += away;
    e->squares += away * away;
    e->low = v[i] < e->low ? v[i] : e->low;
    e->high = v[i] > e->high ? v[i] : e->high;
  }
}

/* Whether the library, which counts a column far from zero from its median,
 * may have this for one: its values 32 times nearer to their middle than to
 * zero. Both are necessary for that: fewer than 2 in 31 are not on the middle's
 * side of zero, and the mean distance from any middle is no less than the
 * variance by the range. */
static int is_far(const extent *e, double n) {
  double same = (double)(e->above > e->below ? e->above : e->below);
  double variance = fmax(e->squares - e->sum * e->sum / n, 0);
  double reach = fmax(e->high - e->low, DBL_MIN);
  return e->rounded && n - same < n * 2 / 31 && 31 * variance / reach < e->size;
}

/* The rows as floats, row by row, in a matrix of R's integers, whose width they
 * have; names are its dimnames. ends: the last row of each block. NULL if the
 * library should have the doubles. */
SEXP r_collect(SEXP take, SEXP ends, SEXP columns, SEXP names) {
  R_xlen_t blocks = XLENGTH(ends), b;
  int64_t n = blocks ? (int64_t)REAL(ends)[blocks - 1] : 0, lo = 0, c;
  int64_t d = (int64_t)Rf_asReal(columns);
  SEXP rows = PROTECT(Rf_allocMatrix(INTSXP, (int)n, (int)d));
  extent *of = (extent *)R_alloc((size_t)d + 1, sizeof *of);
  for (b = 0; b < blocks; b++) {
    int64_t hi = (int64_t)REAL(ends)[b];
    const double *block = REAL(PROTECT(read_block(take, lo, hi)));
    put_rows((float *)INTEGER(rows) + lo * d, block, hi - lo, d);
    for (c = 0; c < d; c++)
      extend(&of[c], block + c * (hi - lo), hi - lo, lo == 0);
    UNPROTECT(1);
    lo = hi;
  }
  for (c = 0; n && c < d; c++)
    if (is_far(&of[c], (double)n)) {
      UNPROTECT(1);
      return R_NilValue;
    }
  if (names != R_NilValue)
    Rf_setAttrib(rows, R_DimNamesSymbol, names);
  UNPROTECT(1);
  return rows;
}

/* The sums of the columns divided by over: the bits of R's colMeans(), which
 * adds up in long double. */
SEXP r_block_means(SEXP take, SEXP ends, SEXP columns, SEXP over) {
  R_xlen_t blocks = XLENGTH(ends), b;
  int64_t d = (int64_t)Rf_asReal(columns), lo = 0, c, i;
  long double *sums = R_allocLD((size_t)d + 1);
  SEXP means;
  for (c = 0; c < d; c++)
    sums[c] = 0;
  for (b = 0; b < blocks; b++) {
    int64_t hi = (int64_t)REAL(ends)[b], n = hi - lo;
    const double *block = REAL(PROTECT(read_block(take, lo, hi)));
    for (c = 0; c < d; c++)
      for (i = 0; i < n; i++)
        sums[c] += block[c * n + i];
    UNPROTECT(1);
    lo = hi;
  }
  means = Rf_allocVector(REALSXP, d);
  for (c = 0; c < d; c++)
    REAL(means)[c] = (double)(sums[c] / (long double)Rf_asReal(over));
  return means;
}

/* A number for each row of doubles, equal for equal rows and else hardly ever.
 */
SEXP r_row_keys(SEXP x) {
  int64_t n = Rf_nrows(x), d = Rf_ncols(x), i, c;
  SEXP keys = PROTECT(Rf_allocVector(REALSXP, n));
  uint64_t *hash = (uint64_t *)R_alloc((size_t)n + 1, sizeof *hash);
  memset(hash, 0, (size_t)n * sizeof *hash);
  for (c = 0; c < d; c++)
    for (i = 0; i < n; i++) {
      double v = REAL(x)[c * n + i] + 0.0; /* -0 equals 0 */
      uint64_t bits;
      memcpy(&bits, &v, sizeof bits);
      bits = (hash[i] ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
      hash[i] = bits ^ bits >> 29;
    }
  for (i = 0; i < n; i++)
    REAL(keys)[i] = (double)(hash[i] >> 11);
  UNPROTECT(1);
  return keys;
}

/* Whether the model counts some column of its data from another zero. */
SEXP r_centred(SEXP model) {
  const tsne_model *m = model_of(model);
  int64_t d = 0, c;
  double *center;
  int moved = 0;
  if (tsne_model_data(NULL, &d, NULL, m) != TSNE_OK)
    return Rf_ScalarLogical(0);
  center = (double *)R_alloc((size_t)d + 1, sizeof *center);
  if (tsne_model_center(center, m) != TSNE_OK)
    Rf_error("%s", tsne_last_error());
  for (c = 0; c < d; c++)
    moved |= center[c] != 0;
  return Rf_ScalarLogical(moved);
}
