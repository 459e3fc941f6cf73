/* What goes before the map: metrics, distances given, kinds of affinity, starts
 * and reduction, each against a few lines that do the same the plain way. */
#include "test.h"

enum { N = 150, D = 6, K = 12 };

static float *x;

static double metric_of(const float *a, const float *b, int metric) {
  double sum = 0, most = 0, ab = 0, aa = 0, bb = 0, differ = 0, ma = 0, mb = 0;
  int c;
  for (c = 0; c < D && metric == TSNE_METRIC_CORRELATION; c++)
    ma += a[c] / (double)D, mb += b[c] / (double)D;
  for (c = 0; c < D; c++) {
    double u = a[c] - ma, v = b[c] - mb, d = fabs((double)a[c] - b[c]);
    ab += u * v, aa += u * u, bb += v * v;
    differ += d != 0;
    most = fmax(most, d);
    sum += metric == TSNE_METRIC_MANHATTAN ? d : d * d;
  }
  switch (metric) {
  case TSNE_METRIC_COSINE:
  case TSNE_METRIC_CORRELATION:
    return 1 - ab / sqrt(aa * bb);
  case TSNE_METRIC_CHEBYSHEV:
    return most;
  case TSNE_METRIC_HAMMING:
    return differ / D;
  case TSNE_METRIC_MANHATTAN:
    return sum;
  default:
    return sqrt(sum);
  }
}

static void metrics(void) {
  static int32_t index[N * K], other[N * K];
  static float distance[N * K], by[N * K], dist[N * N], small[N * D];
  tsne_options o = TSNE_OPTIONS_INIT;
  float y[N * 2];
  int i, j, metric;
  o.perplexity = 10;
  o.iterations = o.early_iterations = 10;
  for (metric = TSNE_METRIC_EUCLIDEAN; metric <= TSNE_METRIC_HAMMING;
       metric++) {
    const float *data = x;
    if (metric == TSNE_METRIC_HAMMING) { /* whole numbers, many equal */
      for (i = 0; i < N * D; i++)
        small[i] = floorf(x[i] / 2);
      data = small;
    }
    o.metric = metric;
    OK(tsne_neighbors(index, distance, data, N, D, K, &o));
    for (i = 0; i < N; i++) {
      for (j = 0; j < N; j++)
        dist[i * N + j] = (float)metric_of(data + i * D, data + j * D, metric);
      for (j = 0; j < K; j++) {
        double want =
            metric_of(data + i * D, data + index[i * K + j] * D, metric);
        CHECK(fabs(distance[i * K + j] - want) <= 1e-5 * (1 + want));
      }
    }
    OK(tsne_neighbors_of_distances(other, by, dist, N, K, &o));
    for (i = 0; i < N * K; i++) {
      CHECK(fabs(by[i] - distance[i]) <= 1e-5 * (1 + fabs(by[i])));
      CHECK(by[i] == dist[i / K * N + other[i]] && other[i] != i / K);
    }
    OK(tsne_fit(y, NULL, data, N, D, &o));
    for (i = 0; i < N * 2; i++)
      CHECK(isfinite(y[i]));
  }
}

/* The largest relative difference of two matrices of the same pattern. */
static double apart(const tsne_affinities *p, const tsne_affinities *q) {
  int64_t nnz = 0, nnz2 = 0, e;
  double most = 0;
  OK(tsne_affinities_size(NULL, &nnz, p));
  OK(tsne_affinities_size(NULL, &nnz2, q));
  if (nnz != nnz2)
    return HUGE_VAL;
  {
    int64_t ptr[N + 1];
    int32_t *col = need((size_t)nnz * 2 * sizeof *col);
    float *val = need((size_t)nnz * 2 * sizeof *val);
    OK(tsne_affinities_copy(ptr, col, val, p));
    OK(tsne_affinities_copy(ptr, col + nnz, val + nnz, q));
    for (e = 0; e < nnz; e++) {
      most = fmax(most, fabs(val[e] / (double)val[nnz + e] - 1));
      if (col[e] != col[nnz + e])
        most = HUGE_VAL;
    }
    free(col), free(val);
  }
  return most;
}

static void affinities(void) {
  static const double two[2] = {5, 15};
  static float dist[N * N];
  tsne_affinities *p[5] = {NULL}, *q = NULL;
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t nnz = 0, rows[N + 1], e;
  int32_t *col;
  float *val;
  int i, j, kind;
  for (i = 0; i < N; i++)
    for (j = 0; j < N; j++)
      dist[i * N + j] =
          (float)metric_of(x + i * D, x + j * D, TSNE_METRIC_EUCLIDEAN);
  o.perplexities = two, o.n_perplexities = 2;
  o.sigma = 2;
  for (kind = TSNE_AFFINITY_PERPLEXITY; kind <= TSNE_AFFINITY_UNIFORM_MAX;
       kind++) {
    o.affinity = kind;
    o.k = kind < TSNE_AFFINITY_UNIFORM ? 0 : K;
    OK(tsne_affinities_from_data(&p[kind], x, N, D, &o));
    OK(tsne_affinities_from_distances(&q, dist, N, &o));
    CHECK(apart(p[kind], q) < 1e-4);
    tsne_affinities_free(q);
    for (i = 0; i < kind; i++)
      CHECK(apart(p[i], p[kind]) > 1e-3);
  }
  /* Uniform: 1 or 2 parts, as one or both of a pair have the other near. */
  OK(tsne_affinities_size(NULL, &nnz, p[TSNE_AFFINITY_UNIFORM]));
  col = need((size_t)nnz * sizeof *col);
  val = need((size_t)nnz * sizeof *val);
  OK(tsne_affinities_copy(rows, col, val, p[TSNE_AFFINITY_UNIFORM]));
  for (e = 0; e < nnz; e++) {
    double part = val[e] * 2.0 * N * K;
    CHECK(fabs(part - 1) < 1e-3 || fabs(part - 2) < 1e-3);
  }
  /* Its closure: one part for each. */
  OK(tsne_affinities_copy(rows, col, val, p[TSNE_AFFINITY_UNIFORM_MAX]));
  for (e = 0; e < nnz; e++)
    CHECK(fabs(val[e] * (double)nnz - 1) < 1e-6);
  for (i = 0; i < 5; i++)
    tsne_affinities_free(p[i]);
  free(col), free(val);
}

/* Neighbours of rows that are not among the others, nearest first. */
static void neighbors_of_new(void) {
  enum { M = 40, LEFT = N - M };
  static int32_t index[M * LEFT], own[N * K], again[M * K];
  static float distance[M * LEFT], by[N * K], few[M * K];
  const float *q = x + LEFT * D;
  tsne_options o = TSNE_OPTIONS_INIT;
  int i, j, c, metric;
  for (metric = TSNE_METRIC_EUCLIDEAN; metric <= TSNE_METRIC_HAMMING;
       metric++) {
    o.metric = metric;
    OK(tsne_neighbors_of_new(index, distance, x, LEFT, D, q, M, LEFT, &o));
    for (i = 0; i < M; i++) {
      char there[LEFT] = {0};
      for (j = 0; j < LEFT; j++) {
        int32_t to = index[i * LEFT + j];
        float far = distance[i * LEFT + j];
        double want;
        if (!CHECK(to >= 0 && to < LEFT && !there[to]))
          return;
        there[to] = 1;
        want = metric_of(q + i * D, x + to * D, metric);
        CHECK(fabs(far - want) <= 1e-5 * (1 + want));
        CHECK(!j || distance[i * LEFT + j - 1] <= far);
      }
    }
    for (o.threads = 1; o.threads <= 3; o.threads += 2) {
      OK(tsne_neighbors_of_new(again, few, x, LEFT, D, q, M, K, &o));
      for (i = 0; i < M; i++) {
        CHECK(!memcmp(few + i * K, distance + i * LEFT, K * sizeof *few));
        CHECK(!memcmp(again + i * K, index + i * LEFT, K * sizeof *again));
      }
    }
  }
  /* Rows that are among them: the row itself, then its neighbours. */
  OK(tsne_neighbors(own, by, x, N, D, K, NULL));
  OK(tsne_neighbors_of_new(again, few, x, N, D, q, M, K, NULL));
  for (i = 0; i < M; i++) {
    CHECK(again[i * K] == LEFT + i && few[i * K] == 0);
    for (c = 1; c < K; c++)
      CHECK(again[i * K + c] == own[(LEFT + i) * K + c - 1] &&
            few[i * K + c] == by[(LEFT + i) * K + c - 1]);
  }
  OK(tsne_neighbors_of_new(NULL, NULL, x, N, D, NULL, 0, K, &o));
}

/* Thin rows as sparse ones, their columns turned, a value in two parts. */
static void sparse_neighbors_of_new(void) {
  enum { M = 40, LEFT = N - M };
  static int64_t ptr[N + 1];
  static int32_t col[N * (D + 1)], index[M * K], found[M * K];
  static float thin[N * D], val[N * (D + 1)], distance[M * K], few[M * K];
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t e = 0;
  int i, c, metric;
  for (i = 0; i < N; ptr[++i] = e) {
    for (c = D; c--;) {
      if ((i + c) % 3 == 0)
        continue;
      thin[i * D + c] = x[i * D + c];
      val[e] = x[i * D + c] / (c == 1 ? 2 : 1), col[e++] = c;
      if (c == 1)
        val[e] = val[e - 1], col[e++] = c;
    }
  }
  for (metric = TSNE_METRIC_EUCLIDEAN; metric <= TSNE_METRIC_CORRELATION;
       metric++) {
    o.metric = metric;
    OK(tsne_neighbors_of_new(index, distance, thin, LEFT, D, thin + LEFT * D, M,
                             K, &o));
    for (o.threads = 1; o.threads <= 3; o.threads += 2) {
      int64_t rest[M + 1];
      for (i = 0; i <= M; i++)
        rest[i] = ptr[LEFT + i] - ptr[LEFT];
      OK(tsne_neighbors_of_new_csr(found, few, ptr, col, val, LEFT, D, rest,
                                   col + ptr[LEFT], val + ptr[LEFT], M, K, &o));
      CHECK(!memcmp(found, index, sizeof found));
      for (i = 0; i < M * K; i++)
        CHECK(fabs(few[i] - distance[i]) <= 1e-5 * (1 + distance[i]));
    }
  }
  OK(tsne_neighbors_of_new_csr(NULL, NULL, ptr, col, val, LEFT, D, NULL, NULL,
                               NULL, 0, K, &o));
}

static int same_affinities(const tsne_affinities *a, const tsne_affinities *b) {
  static int64_t ptr[2][N + 1];
  static int32_t col[2][2 * N * K];
  static float val[2][2 * N * K];
  int64_t nnz[2];
  OK(tsne_affinities_size(NULL, nnz, a));
  OK(tsne_affinities_size(NULL, nnz + 1, b));
  OK(tsne_affinities_copy(ptr[0], col[0], val[0], a));
  OK(tsne_affinities_copy(ptr[1], col[1], val[1], b));
  return nnz[0] == nnz[1] && !memcmp(ptr[0], ptr[1], sizeof ptr[0]) &&
         !memcmp(col[0], col[1], (size_t)nnz[0] * sizeof **col) &&
         !memcmp(val[0], val[1], (size_t)nnz[0] * sizeof **val);
}

/* Parts of a search: its bits, and those of the affinities of the data. */
static void parts(void) {
  enum { CUT = 71 };
  static int32_t rows[N], index[N * K], whole[N * K], all[N * K];
  static float distance[N * K], by[N * K], p[N * K], every[N * K];
  static double wide[N * D];
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_affinities *a = NULL, *b = NULL;
  int i, part;
  o.k = K;
  o.perplexity = 4;
  for (i = 0; i < N * D; i++)
    wide[i] = x[i];
  OK(tsne_neighbors(whole, by, x, N, D, K, &o));
  for (part = 0; part < 2; part++) {
    int first = part ? CUT : 0, last = part ? N : CUT;
    if (part)
      OK(tsne_neighbors_part_f64(rows, index, distance, p, wide, N, D,
                                 TSNE_BY_ROW, K, first, last, &o));
    else
      OK(tsne_neighbors_part(rows, index, distance, p, x, N, D, K, first, last,
                             &o));
    for (i = 0; i < last - first; i++) {
      int row = rows[i];
      CHECK(!memcmp(index + i * K, whole + row * K, K * sizeof *index));
      CHECK(!memcmp(distance + i * K, by + row * K, K * sizeof *by));
      memcpy(all + row * K, index + i * K, K * sizeof *all);
      memcpy(every + row * K, p + i * K, K * sizeof *every);
    }
  }
  OK(tsne_affinities_from_conditional(&a, all, every, N, K, &o));
  OK(tsne_affinities_from_data(&b, x, N, D, &o));
  CHECK(same_affinities(a, b));
  tsne_affinities_free(a);
  tsne_affinities_free(b);
  OK(tsne_neighbors_part(NULL, NULL, NULL, NULL, x, N, D, K, 3, 3, &o));
  CHECK(tsne_neighbors_part(rows, index, NULL, NULL, x, N, D, K, 3, N + 1,
                            &o) == TSNE_E_OPTION);
  CHECK(tsne_neighbors_part(NULL, index, NULL, NULL, x, N, D, K, 0, 3, &o) ==
        TSNE_E_NULL);
  every[5] = 2;
  CHECK(tsne_affinities_from_conditional(&a, all, every, N, K, &o) ==
        TSNE_E_GRAPH);
}

/* Rows of p sum to 1, fall with the distance and have the perplexity. */
static void conditional(void) {
  static const double two[2] = {3, 8};
  static float distance[N * K], far[N * K], p[N * K], p2[N * K];
  static int32_t index[N * K];
  tsne_options o = TSNE_OPTIONS_INIT;
  int i, j;
  OK(tsne_neighbors(index, distance, x, N, D, K, NULL));
  for (i = 0; i < N * K; i++)
    far[i] = (float)(distance[i] * 1e25); /* no float holds its square */
  o.perplexity = 4;
  for (o.affinity = 0; o.affinity <= TSNE_AFFINITY_UNIFORM_MAX; o.affinity++) {
    if (o.affinity == TSNE_AFFINITY_MULTISCALE)
      o.perplexities = two, o.n_perplexities = 2;
    o.sigma = 1.5;
    OK(tsne_conditional(p, distance, N, K, &o));
    for (i = 0; i < N; i++) {
      double sum = 0, entropy = 0;
      for (j = 0; j < K; j++) {
        double v = p[i * K + j], d0 = distance[i * K], d = distance[i * K + j];
        sum += v;
        entropy -= v > 0 ? v * log(v) : 0;
        CHECK(!j || v <= p[i * K + j - 1]);
        if (o.affinity == TSNE_AFFINITY_FIXED_SIGMA)
          CHECK(fabs(v - p[i * K] * exp((d0 * d0 - d * d) / 4.5)) < 1e-6);
        if (o.affinity == TSNE_AFFINITY_UNIFORM ||
            o.affinity == TSNE_AFFINITY_UNIFORM_MAX)
          CHECK(fabs(v * K - 1) < 1e-6);
      }
      CHECK(fabs(sum - 1) < 1e-6);
      if (o.affinity == TSNE_AFFINITY_PERPLEXITY)
        CHECK(fabs(exp(entropy) / 4 - 1) < 1e-5);
    }
    o.sigma = 1.5e25;
    o.threads = 3;
    OK(tsne_conditional(p2, far, N, K, &o));
    for (i = 0; i < N * K; i++)
      CHECK(fabs(p[i] - p2[i]) < 1e-5);
    o.threads = 0;
  }
  OK(tsne_conditional(NULL, NULL, 0, K, NULL));
}

static void starts(void) {
  static const int kinds[] = {TSNE_INIT_PCA, TSNE_INIT_RANDOM,
                              TSNE_INIT_SPECTRAL, TSNE_INIT_SAMPLE};
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_affinities *p = NULL;
  float y[4][N * 2], own[N * 2];
  int i, k;
  o.perplexity = 10;
  o.sample_size = 60;
  for (k = 0; k < 4; k++) {
    double mean = 0, square = 0;
    o.init = kinds[k];
    OK(tsne_initialize(y[k], x, N, D, &o));
    for (i = 0; i < N; i++)
      mean += y[k][2 * i] / N;
    for (i = 0; i < N; i++)
      square += pow(y[k][2 * i] - mean, 2) / N;
    CHECK(fabs(sqrt(square) / 1e-4 - 1) < 0.3);
    for (i = 0; i < k; i++)
      CHECK(memcmp(y[i], y[k], sizeof *y));
  }
  OK(tsne_affinities_from_data(&p, x, N, D, &o));
  for (o.threads = 1; o.threads <= 3; o.threads += 2) {
    o.init = TSNE_INIT_SPECTRAL;
    OK(tsne_spectral(own, p, &o));
    CHECK(!memcmp(own, y[2], sizeof own));
    o.init = TSNE_INIT_PCA; /* without jitter */
    OK(tsne_spectral(own, p, &o));
    for (i = 0; i < N * 2; i++)
      CHECK(fabs(own[i] - y[2][i]) < 1e-5);
    CHECK(memcmp(own, y[2], sizeof own));
  }
  tsne_affinities_free(p);
}

static double dot(const float *a, const float *b, int d) {
  double sum = 0;
  while (d-- > 0)
    sum += (double)a[d] * b[d];
  return sum;
}

/* As many components as columns lose nothing: inner products of rows, centred
 * for PCA, are those of the data; and variances fall from left to right. */
static void reduction(void) {
  static float centred[N * D], all[N * D], two[N * 2], val[N * D];
  int64_t ptr[N + 1];
  int32_t col[N * D];
  double mean[D] = {0}, square[D] = {0};
  int i, j, c, nnz = 0;
  for (i = 0; i < N * D; i++)
    mean[i % D] += x[i] / (double)N;
  for (i = 0; i < N * D; i++)
    centred[i] = (float)(x[i] - mean[i % D]);
  OK(tsne_reduce(all, x, N, D, D, NULL));
  OK(tsne_reduce(two, x, N, D, 2, NULL));
  for (i = 0; i < N; i++) {
    for (j = 0; j <= i; j += 7)
      CHECK(fabs(dot(all + i * D, all + j * D, D) -
                 dot(centred + i * D, centred + j * D, D)) < 2e-3);
    for (c = 0; c < 2; c++)
      CHECK(fabs(fabs((double)two[2 * i + c]) - fabs((double)all[i * D + c])) <
            1e-2);
    for (c = 0; c < D; c++)
      square[c] += pow(all[i * D + c], 2);
  }
  for (c = 1; c < D; c++)
    CHECK(square[c] <= square[c - 1]);

  for (i = 0; i < N; i++) { /* backwards, and one entry in two halves */
    ptr[i] = nnz;
    for (c = D - 1; c >= 0; c--)
      if (c != i % D)
        col[nnz] = c, val[nnz++] = x[i * D + c];
    val[nnz - 1] /= 2;
    col[nnz] = col[nnz - 1], val[nnz] = val[nnz - 1], nnz++;
    for (c = 0; c < D; c++)
      centred[i * D + c] = c == i % D ? 0 : x[i * D + c];
  }
  ptr[N] = nnz;
  OK(tsne_reduce_csr(all, ptr, col, val, N, D, D, NULL));
  for (i = 0; i < N; i++)
    for (j = 0; j <= i; j += 7)
      CHECK(fabs(dot(all + i * D, all + j * D, D) -
                 dot(centred + i * D, centred + j * D, D)) < 2e-3);
}

int main(void) {
  x = blobs(N, D);
  metrics();
  affinities();
  neighbors_of_new();
  sparse_neighbors_of_new();
  parts();
  conditional();
  starts();
  reduction();
  CHECK(tsne_live_handles() == 0);
  free(x);
  return finish("front");
}
