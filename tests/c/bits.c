/* The same input, options and seed give the same bits: on any number of
 * threads, beside another fit, in pieces, and stage by stage. */
#include "test.h"

typedef struct fit {
  const float *x;
  int64_t n, d;
  tsne_options o;
  float *y;
  int status;
} fit;

static void *run(void *arg) {
  fit *f = arg;
  f->status = tsne_fit(f->y, NULL, f->x, f->n, f->d, &f->o);
  return NULL;
}

static fit begin(const float *x, int64_t n, int64_t d, int dims) {
  fit f;
  memset(&f, 0, sizeof f);
  f.x = x, f.n = n, f.d = d;
  tsne_options_init(&f.o);
  f.o.dims = dims;
  f.o.perplexity = 12;
  f.o.early_iterations = 30;
  f.o.iterations = 40;
  f.o.seed = 7;
  f.y = need((size_t)n * (size_t)dims * sizeof *f.y);
  return f;
}

static int same(const float *a, const float *b, int64_t n, int dims) {
  return !memcmp(a, b, (size_t)n * (size_t)dims * sizeof *a);
}

static int finite_all(const float *y, int64_t count) {
  while (count-- > 0)
    if (!isfinite(y[count]))
      return 0;
  return 1;
}

static void threads(int64_t n, int dims, int repulsion, int neighbors) {
  static const int counts[] = {1, 2, 3, 8, 1, 8};
  float *x = blobs(n, 10);
  fit first = begin(x, n, 10, dims);
  size_t i;
  first.o.repulsion = repulsion;
  first.o.neighbors = neighbors;
  for (i = 0; i < sizeof counts / sizeof *counts; i++) {
    fit f = begin(x, n, 10, dims);
    f.o = first.o;
    f.o.threads = counts[i];
    run(i ? &f : &first);
    CHECK((i ? f : first).status == TSNE_OK);
    if (i == 0)
      CHECK(finite_all(first.y, n * dims));
    else if (!CHECK(same(f.y, first.y, n, dims)))
      fprintf(stderr,
              "  n %d, dims %d, repulsion %d, neighbors %d, %d threads\n",
              (int)n, dims, repulsion, neighbors, counts[i]);
    free(f.y);
  }
  free(first.y);
  free(x);
}

/* Two at once from two threads, each with a state of its own. */
static void beside(void) {
  float *x = blobs(1500, 10);
  fit alone = begin(x, 1500, 10, 2), a = begin(x, 1500, 10, 2);
  fit b = begin(x, 1200, 10, 2), b_alone = begin(x, 1200, 10, 2);
  pthread_t ta, tb;
  run(&alone);
  run(&b_alone);
  CHECK(!pthread_create(&ta, NULL, run, &a));
  CHECK(!pthread_create(&tb, NULL, run, &b));
  pthread_join(ta, NULL);
  pthread_join(tb, NULL);
  CHECK(a.status == TSNE_OK && b.status == TSNE_OK);
  CHECK(same(a.y, alone.y, 1500, 2));
  CHECK(same(b.y, b_alone.y, 1200, 2));
  free(alone.y), free(b_alone.y), free(a.y), free(b.y), free(x);
}

/* One phase of 500 iterations equals two of 250, and a clone goes on alike. */
static void pieces(int64_t n) {
  float *x = blobs(n, 10);
  fit f = begin(x, n, 10, 2);
  float *whole = f.y, *halves = begin(x, n, 10, 2).y;
  float *cloned = begin(x, n, 10, 2).y;
  tsne_model *model = NULL, *other = NULL, *copy = NULL;
  double kl = 0, kl2 = 0, kl3 = 0;
  int64_t done = 0;
  f.o.iterations = 0;
  OK(tsne_fit(whole, &model, x, n, 10, &f.o));
  OK(tsne_model_clone(&other, model));
  OK(tsne_model_optimize(whole, &kl, model, 500, 1, 0, 0.8, NULL));
  OK(tsne_model_optimize(NULL, NULL, other, 250, 1, 0, 0.8, NULL));
  OK(tsne_model_clone(&copy, other));
  OK(tsne_model_optimize(halves, &kl2, other, 250, 1, 0, 0.8, NULL));
  OK(tsne_model_optimize(cloned, &kl3, copy, 250, 1, 0, 0.8, NULL));
  CHECK(same(whole, halves, n, 2) && kl == kl2);
  CHECK(same(whole, cloned, n, 2) && kl == kl3);
  OK(tsne_model_info(NULL, NULL, &done, NULL, other));
  CHECK(done == 530);
  tsne_model_free(model), tsne_model_free(other), tsne_model_free(copy);
  free(whole), free(halves), free(cloned), free(x);
}

/* Neighbours, affinities, start and two phases by hand equal tsne_fit. */
static void stages(int64_t n) {
  float *x = blobs(n, 10);
  fit f = begin(x, n, 10, 2);
  int64_t k = (int64_t)(3 * f.o.perplexity);
  int32_t *index = need((size_t)(n * k) * sizeof *index);
  float *distance = need((size_t)(n * k) * sizeof *distance);
  float *y = begin(x, n, 10, 2).y, *y2 = begin(x, n, 10, 2).y;
  tsne_affinities *p = NULL, *q = NULL, *r = NULL, *near = NULL;
  tsne_model *model = NULL, *fitted = NULL;
  double kl = 0, kl2 = 0;
  int64_t rows = 0, nnz = 0, e;
  int64_t *ptr;
  int32_t *col;
  float *val, *val2;
  double sum = 0;

  OK(tsne_fit(f.y, &fitted, x, n, 10, &f.o));
  OK(tsne_neighbors(index, distance, x, n, 10, k, &f.o));
  OK(tsne_affinities_from_neighbors(&near, index, distance, n, k, &f.o));
  OK(tsne_affinities_from_data(&p, x, n, 10, &f.o));
  OK(tsne_initialize(y, x, n, 10, &f.o));
  OK(tsne_model_from_affinities(&model, p, y, &f.o));
  OK(tsne_model_optimize(NULL, NULL, model, 30, 12, 0, 0.5, NULL));
  OK(tsne_model_optimize(y, &kl, model, 40, 1, 0, 0.8, NULL));
  CHECK(same(y, f.y, n, 2));
  OK(tsne_model_info(NULL, NULL, NULL, &kl2, fitted));
  CHECK(kl == kl2);
  OK(tsne_model_embedding(y2, fitted));
  CHECK(same(y2, f.y, n, 2));

  /* The ways to the affinities agree: those of the data and of the model in
   * all bits, those of rounded distances nearly. */
  OK(tsne_model_affinities(&r, fitted));
  OK(tsne_affinities_size(&rows, &nnz, p));
  CHECK(rows == n && nnz > 0);
  ptr = need((size_t)(n + 1) * 2 * sizeof *ptr);
  col = need((size_t)nnz * 2 * sizeof *col);
  val = need((size_t)nnz * 2 * sizeof *val);
  val2 = val + nnz;
  OK(tsne_affinities_copy(ptr, col, val, p));
  for (e = 0; e < nnz; e++)
    sum += val[e];
  CHECK(fabs(sum - 1) < 1e-4 && ptr[0] == 0 && ptr[n] == nnz);
  {
    const tsne_affinities *others[2];
    int i;
    others[0] = r, others[1] = near;
    for (i = 0; i < 2; i++) {
      OK(tsne_affinities_size(NULL, &rows, others[i]));
      if (!CHECK(rows == nnz))
        continue;
      OK(tsne_affinities_copy(ptr + n + 1, col + nnz, val2, others[i]));
      CHECK(!memcmp(ptr, ptr + n + 1, (size_t)(n + 1) * sizeof *ptr));
      CHECK(!memcmp(col, col + nnz, (size_t)nnz * sizeof *col));
      for (e = 0; e < nnz; e++)
        CHECK(fabs(val[e] - val2[e]) <= i * 1e-5 * val[e]);
    }
  }
  OK(tsne_affinities_from_csr(&q, ptr, col, val, n));
  OK(tsne_affinities_gradient(y2, &kl2, q, y, &f.o));
  CHECK(fabs(kl - kl2) < 1e-3 * kl);
  CHECK(finite_all(y2, n * 2));
  OK(tsne_affinities_gradient(NULL, NULL, q, y, &f.o));

  tsne_affinities_free(p), tsne_affinities_free(q), tsne_affinities_free(r);
  tsne_affinities_free(near);
  tsne_model_free(model), tsne_model_free(fitted);
  free(ptr), free(col), free(val), free(index), free(distance);
  free(f.y), free(y), free(y2), free(x);
}

int main(void) {
  int repulsion, dims;
  for (dims = 1; dims <= 3; dims++)
    for (repulsion = TSNE_REPULSION_AUTO; repulsion <= TSNE_REPULSION_FFT;
         repulsion++)
      if (dims < 3 || repulsion != TSNE_REPULSION_FFT)
        threads(1003, dims, repulsion, TSNE_NEIGHBORS_AUTO);
  threads(5001, 2, TSNE_REPULSION_AUTO, TSNE_NEIGHBORS_APPROX);
  threads(5001, 2, TSNE_REPULSION_BARNES_HUT, TSNE_NEIGHBORS_EXACT);
  beside();
  pieces(300);
  pieces(5001);
  stages(300);
  stages(5001);
  CHECK(tsne_live_handles() == 0);
  return finish("bits");
}
