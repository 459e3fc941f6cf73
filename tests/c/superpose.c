/* Maps beside each other: superpositions bring copies back, and the measures
 * are 1 where nothing differs. */
#include "test.h"

enum { N = 120, COUNT = 4 };

static double spread(const float *y, int64_t count) {
  double most = 0;
  while (count-- > 0)
    most = fmax(most, fabs((double)y[count]));
  return most;
}

static int near(const float *a, const float *b, int64_t count) {
  double limit = 1e-5 * (1 + spread(b, count));
  while (count-- > 0)
    if (!(fabs((double)a[count] - (double)b[count]) <= limit))
      return 0;
  return 1;
}

/* factor * turn(y) + shift; mirror turns the last axis around first. */
static void moved(float *to, const float *y, int64_t n, int dims, double angle,
                  double factor, int mirror) {
  int64_t i;
  int c;
  for (i = 0; i < n; i++, y += dims, to += dims) {
    double p[3] = {0, 0, 0}, first;
    for (c = 0; c < dims; c++)
      p[c] = c == dims - 1 && mirror ? -y[c] : y[c];
    if (dims > 1) {
      first = cos(angle) * p[0] - sin(angle) * p[1];
      p[1] = sin(angle) * p[0] + cos(angle) * p[1];
      p[0] = first;
    }
    for (c = 0; c < dims; c++)
      to[c] = (float)(factor * p[c] + 3 + c);
  }
}

static void copies(int dims) {
  float *y = blobs(N, dims), at[N * 3];
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  int mirror;
  for (mirror = 0; mirror <= 1; mirror++) {
    moved(at, y, N, dims, 0.7, 2.5, mirror);
    OK(tsne_procrustes(&s, y, at, N, dims, TSNE_PROCRUSTES_SCALE));
    CHECK(s.dims == dims && s.reflected == mirror);
    CHECK(fabs(s.scale - 0.4) < 1e-5 && s.disparity >= 0 && s.disparity < 1e-9);
    OK(tsne_superpose(at, N, &s));
    CHECK(near(at, y, N * dims));

    moved(at, y, N, dims, -2, 1, mirror);
    OK(tsne_procrustes(&s, y, at, N, dims, 0));
    CHECK(s.scale == 1 && s.reflected == mirror && s.disparity < 1e-9);
    OK(tsne_superpose(at, N, &s));
    CHECK(near(at, y, N * dims));

    moved(at, y, N, dims, -2, 1, mirror);
    OK(tsne_procrustes(&s, y, at, N, dims, TSNE_PROCRUSTES_NO_REFLECTION));
    CHECK(!s.reflected && (mirror ? s.disparity > 0.01 : s.disparity < 1e-9));
  }
  free(y);
}

/* The same classes in another order and number: only their means agree. */
static void labels(void) {
  enum { M = 2 * N };
  float *y = blobs(N, 2), twice[M * 2], at[M * 2];
  int32_t a[N], b[M];
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  int i;
  for (i = 0; i < N; i++) {
    a[i] = i % 5 == 4 ? -1 : i % 5;
    b[2 * (N - 1 - i)] = b[2 * (N - 1 - i) + 1] = a[i];
    memcpy(twice + 4 * (N - 1 - i), y + 2 * i, 2 * sizeof *y);
    memcpy(twice + 4 * (N - 1 - i) + 2, y + 2 * i, 2 * sizeof *y);
  }
  twice[0] = twice[1] = 1000; /* of no class: it does not count */
  b[0] = -1, b[1] = 77;       /* nor does a class of one alone */
  a[N - 1] = -1;
  moved(at, twice, M, 2, 1.2, 3, 1);
  OK(tsne_procrustes_labels(&s, y, a, N, at, b, M, 2, TSNE_PROCRUSTES_SCALE));
  CHECK(s.reflected && fabs(s.scale - 1 / 3.0) < 1e-5 && s.disparity < 1e-9);
  OK(tsne_superpose(at, M, &s));
  CHECK(near(at, twice, M * 2));
  free(y);
}

static void many(void) {
  float *y = blobs(N, 2), maps[COUNT * N * 2], before[COUNT * N * 2];
  float consensus[N * 2];
  double disparity[COUNT];
  int i;
  for (i = 0; i < COUNT; i++)
    moved(before + i * N * 2, y, N, 2, i, 1, i & 1);
  memcpy(maps, before, sizeof maps);
  OK(tsne_procrustes_many(maps, consensus, disparity, COUNT, N, 2,
                          TSNE_PROCRUSTES_TO_FIRST));
  CHECK(!memcmp(maps, before, N * 2 * sizeof *maps));
  for (i = 0; i < COUNT; i++) {
    CHECK(near(maps + i * N * 2, before, N * 2) && disparity[i] < 1e-9);
    CHECK(near(consensus, before, N * 2));
  }
  memcpy(maps, before, sizeof maps);
  OK(tsne_procrustes_many(maps, consensus, disparity, COUNT, N, 2, 0));
  for (i = 0; i < COUNT; i++)
    CHECK(near(maps + i * N * 2, consensus, N * 2) && disparity[i] < 1e-9);
  memcpy(maps, before, sizeof maps);
  OK(tsne_procrustes_many(maps, NULL, NULL, COUNT, N, 2,
                          TSNE_PROCRUSTES_SCALE));
  for (i = 1; i < COUNT; i++)
    CHECK(near(maps + i * N * 2, maps, N * 2));
  free(y);
}

static void measures(void) {
  enum { ROWS = 400, CLASSES = 10 };
  float *x = blobs(ROWS, 2), y[ROWS * 2], noise[ROWS * 2];
  int32_t classes[ROWS];
  double means[2][CLASSES * 2] = {{0}};
  tsne_options o = TSNE_OPTIONS_INIT;
  double knn = 0, knc = 0, cpd = 0, share = 0, again = 0;
  uint64_t state = 3;
  int i;
  for (i = 0; i < ROWS; i++)
    classes[i] = i % CLASSES;
  for (i = 0; i < ROWS * 2; i++)
    noise[i] = (float)uniform(&state);
  OK(tsne_quality(&knn, &knc, &cpd, x, ROWS, 2, x, 2, classes, NULL));
  CHECK(knn == 1 && knc == 1 && fabs(cpd - 1) < 1e-12);
  moved(y, x, ROWS, 2, 1, 0.5, 1);
  OK(tsne_quality(&knn, &knc, &cpd, x, ROWS, 2, y, 2, NULL, NULL));
  CHECK(knn > 0.999 && isnan(knc) && cpd > 0.999999);
  OK(tsne_quality(&knn, NULL, &cpd, x, ROWS, 2, noise, 2, classes, &o));
  CHECK(knn < 0.2 && fabs(cpd) < 0.2);
  OK(tsne_quality(NULL, &knc, NULL, x, ROWS, 2, noise, 2, classes, &o));
  for (i = 0; i < ROWS * 2; i++) {
    int at = i / 2 % CLASSES * 2 + i % 2;
    means[0][at] += x[i];
    means[1][at] += noise[i];
  }
  for (i = 0; i < CLASSES * 2; i++)
    means[0][i] /= ROWS / CLASSES, means[1][i] /= ROWS / CLASSES;
  OK(tsne_shared_classes(&share, means[0], means[1], CLASSES, 2, 2, &o));
  CHECK(share == knc && knc < 1);
  OK(tsne_shared_classes(&share, means[0], means[1], 1, 2, 2, NULL));
  CHECK(isnan(share));
  o.threads = 3;
  OK(tsne_quality(&again, NULL, NULL, x, ROWS, 2, noise, 2, NULL, &o));
  CHECK(again == knn);
  OK(tsne_shared_neighbors(&share, x, x, ROWS, 2, 10, NULL));
  CHECK(share == 1);
  OK(tsne_shared_neighbors(&share, x, y, ROWS, 2, 10, &o));
  CHECK(share > 0.999 && share <= 1);
  OK(tsne_shared_neighbors(&share, x, noise, ROWS, 2, 10, NULL));
  CHECK(share == knn); /* the same measure, of a map as data */
  free(x);
}

int main(void) {
  int dims;
  for (dims = 1; dims <= 3; dims++)
    copies(dims);
  labels();
  many();
  measures();
  CHECK(tsne_live_handles() == 0);
  return finish("superpose");
}
