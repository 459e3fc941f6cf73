/* Neighbours, of data and of distances. */
#include "call.h"

static int neighbors(const char *function, int32_t *index, float *distance,
                     matrix x, int64_t k, const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  NOT_NULL(index);
  NOT_NULL(distance);
  DATA(x);
  DATA_OPTIONS(x, full, o);
  return goTsneNeighbors(index, distance, x, k, &full, tsne__failure());
}

int tsne_neighbors(int32_t *index, float *distance, const float *x, int64_t n,
                   int64_t d, int64_t k, const tsne_options *o) {
  return neighbors(__func__, index, distance, floats(x, n, d), k, o);
}

int tsne_neighbors_f64(int32_t *index, float *distance, const double *x,
                       int64_t n, int64_t d, int order, int64_t k,
                       const tsne_options *o) {
  return neighbors(__func__, index, distance, doubles(x, n, d, order), k, o);
}

static int neighbors_part(const char *function, int32_t *rows, int32_t *index,
                          float *distance, float *p, matrix x, int64_t k,
                          int64_t first, int64_t last, const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  if (first != last) {
    NOT_NULL(rows);
    NOT_NULL(index);
  }
  DATA(x);
  LATER_OPTIONS(full, o);
  return goTsneNeighborsPart(rows, index, distance, p, x, k, first, last, &full,
                             tsne__failure());
}

int tsne_neighbors_part(int32_t *rows, int32_t *index, float *distance,
                        float *p, const float *x, int64_t n, int64_t d,
                        int64_t k, int64_t first, int64_t last,
                        const tsne_options *o) {
  return neighbors_part(__func__, rows, index, distance, p, floats(x, n, d), k,
                        first, last, o);
}

int tsne_neighbors_part_f64(int32_t *rows, int32_t *index, float *distance,
                            float *p, const double *x, int64_t n, int64_t d,
                            int order, int64_t k, int64_t first, int64_t last,
                            const tsne_options *o) {
  return neighbors_part(__func__, rows, index, distance, p,
                        doubles(x, n, d, order), k, first, last, o);
}

static int neighbors_of_new(const char *function, int32_t *index,
                            float *distance, matrix x, matrix q, int64_t k,
                            const tsne_options *o) {
  tsne_options full;
  BEGIN_AS(function);
  DATA(x);
  if (q.n) {
    NOT_NULL(index);
    NOT_NULL(distance);
    DATA(q);
  }
  LATER_OPTIONS(full, o);
  return goTsneNeighborsOfNew(index, distance, x, q, k, &full, tsne__failure());
}

int tsne_neighbors_of_new(int32_t *index, float *distance, const float *x,
                          int64_t n, int64_t d, const float *q, int64_t m,
                          int64_t k, const tsne_options *o) {
  return neighbors_of_new(__func__, index, distance, floats(x, n, d),
                          floats(q, m, d), k, o);
}

int tsne_neighbors_of_new_f64(int32_t *index, float *distance, const double *x,
                              int64_t n, int64_t d, const double *q, int64_t m,
                              int order, int64_t k, const tsne_options *o) {
  return neighbors_of_new(__func__, index, distance, doubles(x, n, d, order),
                          doubles(q, m, d, order), k, o);
}

int tsne_neighbors_of_new_csr(int32_t *index, float *distance,
                              const int64_t *ptr, const int32_t *col,
                              const float *val, int64_t n, int64_t d,
                              const int64_t *q_ptr, const int32_t *q_col,
                              const float *q_val, int64_t m, int64_t k,
                              const tsne_options *o) {
  const csr x = {(int64_t *)ptr, (int32_t *)col, (float *)val, n, d};
  const csr q = {(int64_t *)q_ptr, (int32_t *)q_col, (float *)q_val, m, d};
  tsne_options full;
  BEGIN;
  NOT_NULL(ptr);
  NOT_NULL(col);
  NOT_NULL(val);
  if (m) {
    NOT_NULL(index);
    NOT_NULL(distance);
    NOT_NULL(q_ptr);
    NOT_NULL(q_col);
    NOT_NULL(q_val);
  }
  LATER_OPTIONS(full, o);
  return goTsneNeighborsOfNewCSR(index, distance, x, q, k, &full,
                                 tsne__failure());
}

int tsne_neighbors_of_distances(int32_t *index, float *distance,
                                const float *dist, int64_t n, int64_t k,
                                const tsne_options *o) {
  tsne_options full;
  BEGIN;
  NOT_NULL(index);
  NOT_NULL(distance);
  NOT_NULL(dist);
  OPTIONS(full, o);
  return goTsneNeighborsOfDistances(index, distance, (float *)dist, n, k, &full,
                                    tsne__failure());
}
