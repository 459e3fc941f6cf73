/* How R and the C library meet; see run.c and convert.c. */
#ifndef LIBTSNE_GLUE_H
#define LIBTSNE_GLUE_H

#define R_NO_REMAP
#define STRICT_R_HEADERS
#include <R.h>
#include <Rinternals.h>
#include <tsne.h>

/* A line of the library's in its parts, which outlives the thread it was for.
 */
typedef struct said {
  int64_t row, column; /* from 0; -1: none */
  char argument[64];
  int n;
  struct {
    int32_t kind, at; /* its text in texts */
    int64_t index;
  } parts[32];
  char texts[1024];
} said;

/* Several data sets, and what is made of each. */
typedef struct sets {
  int64_t count, *n, *d, window, rounds;
  const double **data;
  float **y;
  int64_t **keys; /* NULL: none */
  tsne_model **models;
} sets;

/* One call of the library. Zeroed, then filled by the entry point: what the
 * calls of calls.c read and write. */
typedef struct job {
  tsne_options o;
  tsne_transform_options t;
  float *x, *y, *z, *w;
  const double *data, *query; /* R's own, of n and of m rows, by column */
  double *out;
  double *each;
  int64_t n, d, k, m;
  const tsne_model *from;
  tsne_model *model;
  const tsne_affinities *p;
  tsne_affinities *made;
  const tsne_partial *points;
  tsne_partial *partial;
  int32_t *index;
  const int32_t *labels, *labels2;
  const int64_t *ptr;
  tsne_superposition s;
  double value[4];
  const char *path;
  const char **names; /* to rename with */
  int renamed;
  int flags;
  struct sets *sets; /* of a call for several; NULL: of one */

  /* Of run(). */
  SEXP owners; /* protected until outcome() */
  int status, interrupted;
  said error;
  struct hub *hub;
} job;

/* Runs call on a thread of its own, while R's looks for Ctrl-C and calls
 * progress, an R function or NULL. */
void run(job *j, int (*call)(job *), SEXP progress);

/* The list that R's finish() takes: how the call ended, then value. */
SEXP outcome(job *j, SEXP value);

void options_begin(job *j);
void read_options(tsne_options *o, SEXP list);
void read_transform_options(tsne_transform_options *t, SEXP list);

/* R's matrix of doubles, which is checked, as rows of floats, and back. Data
 * are lent to the library as they are, which knows how to round them: doubles,
 * or rows of floats that blocks.c collected. */
float *to_rows(SEXP x);
void put_rows(float *to, const double *from, int64_t n, int64_t d);
SEXP from_rows(const float *x, int64_t n, int64_t d);
void columns_of(double *to, const float *x, int64_t n, int64_t d);
void read_x(job *j, SEXP x);
void read_data(job *j, SEXP x);

/* A function of the library for the data that were read, in the precision that
 * they have: before and after are its other arguments, in parentheses. */
#define PASS(...) __VA_ARGS__
#define ON_DATA(name, before, after)                                           \
  (j->x ? name(PASS before, j->x, j->n, j->d, PASS after)                      \
        : name##_f64(PASS before, j->data, j->n, j->d, TSNE_BY_COLUMN,         \
                     PASS after))

/* Indices, which count from 1 in R. */
int32_t *to_indices(SEXP x);
SEXP from_indices(const int32_t *index, int64_t n, int64_t k);

/* A square matrix of distances, or the lower triangle that a dist object is,
 * as all rows. */
void read_distances(job *j, SEXP x);

/* The slots p, i and x of a dgCMatrix of n rows, as rows. */
void read_sparse(job *j, SEXP p, SEXP i, SEXP x, int64_t n);

/* Rows in CSR form, as R has them: a list of p, j and x. */
SEXP from_sparse(const job *j);

float *floats(int64_t n, int64_t d);
int32_t *ints(int64_t n, int64_t d);
int64_t *offsets(int64_t n);
SEXP new_list(const char *const *names);
void set(SEXP list, int at, SEXP value);

/* External pointers that own what a call makes. They are made before it: R may
 * jump out of any allocation, to an interrupt that it finds pending. own()
 * gives them their handles and allocates nothing. */
SEXP new_owners(const job *j);
void own(job *j);
SEXP owned_model(const job *j);
SEXP owned_of(const job *j, int64_t set);
SEXP owned_affinities(const job *j);
SEXP owned_partial(const job *j);
tsne_model *model_of(SEXP ptr);
tsne_affinities *affinities_of(SEXP ptr);
tsne_partial *partial_of(SEXP ptr);

#endif
