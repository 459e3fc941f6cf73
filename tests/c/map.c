/* New points over a model by their laws: alone or together, in pieces or at
 * once, on any number of threads; the bootstrap; and a fit from another map. */
#include "test.h"

enum { N = 200, M = 60, D = 6, B = 40 };

static float *x, *fresh; /* N rows, and M rows that follow them */
static float y[N * 2];
static tsne_model *model;

static int same(const float *a, const float *b, int64_t count) {
  return !memcmp(a, b, (size_t)count * sizeof *a);
}

static tsne_transform_options refined(int64_t iterations) {
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  o.iterations = iterations;
  return o;
}

static void transforms(void) {
  tsne_transform_options o = refined(20), place = refined(0);
  float at[M * 2], other[M * 2], own[N * 2], turned[M * D];
  int32_t columns[D];
  int i, c;

  OK(tsne_transform(at, NULL, model, fresh, M, D, &o));
  for (i = 0; i < M * 2; i++)
    CHECK(isfinite(at[i]));
  for (i = 0; i < M; i += 7)
    OK(tsne_transform(other + 2 * i, NULL, model, fresh + D * i,
                      i + 7 < M ? 7 : M - i, D, &o));
  CHECK(same(at, other, M * 2));
  for (i = 0; i < M; i++)
    OK(tsne_transform(other + 2 * i, NULL, model, fresh + D * i, 1, D, &o));
  CHECK(same(at, other, M * 2));
  for (o.threads = 1; o.threads <= 5; o.threads += 2) {
    OK(tsne_transform(other, NULL, model, fresh, M, D, &o));
    CHECK(same(at, other, M * 2));
  }
  OK(tsne_model_embedding(own, model));
  CHECK(same(own, y, N * 2));

  /* The nearest of a row of the model is that row. */
  place.k = 1;
  OK(tsne_transform(own, NULL, model, x, N, D, &place));
  CHECK(same(own, y, N * 2));
  place.placement = TSNE_PLACE_GIVEN;
  place.init_y = at;
  OK(tsne_transform(other, NULL, model, fresh, M, D, &place));
  CHECK(same(at, other, M * 2));

  /* Columns in another order are told by `columns`; few are enough. */
  tsne_transform_options_init(&place);
  OK(tsne_transform(at, NULL, model, fresh, M, D, &place));
  OK(tsne_transform(other, NULL, model, fresh, M, D, NULL));
  CHECK(same(at, other, M * 2));
  for (c = 0; c < D; c++) {
    columns[c] = (c + 2) % D;
    for (i = 0; i < M; i++)
      turned[i * D + c] = fresh[i * D + columns[c]];
  }
  place.columns = columns, place.n_columns = D;
  OK(tsne_transform(other, NULL, model, turned, M, D, &place));
  CHECK(same(at, other, M * 2));
  place.n_columns = 3;
  OK(tsne_transform(other, NULL, model, turned, M, 3, &place));
  CHECK(!same(at, other, M * 2));
}

static void nothing(void) {
  tsne_partial *none = NULL;
  tsne_transform_options o = refined(10);
  int64_t m = -1, done = -1;
  int32_t dims = 0;
  double kl = 0;
  float radius = 5;
  OK(tsne_transform(NULL, &none, model, NULL, 0, D, &o));
  OK(tsne_partial_optimize(NULL, &kl, none, 10, 1, 0, 0.8, NULL));
  OK(tsne_partial_info(&m, &dims, &done, NULL, none));
  CHECK(m == 0 && dims == 2);
  OK(tsne_partial_embedding(&radius, none));
  OK(tsne_bootstrap(NULL, NULL, &radius, model, NULL, 0, D, 3, NULL));
  CHECK(radius == 5);
  tsne_partial_free(none);
  {
    static const int64_t ptr[1];
    int64_t nnz = -1, first = -1;
    OK(tsne_partial_from_csr(&none, model, NULL, ptr, NULL, NULL, 0, NULL));
    OK(tsne_partial_affinities(&nnz, &first, NULL, NULL, none));
    CHECK(nnz == 0 && first == 0);
    tsne_partial_free(none);
  }
}

/* By every kind of affinity; and p given back draws the same, in bits. */
static void given(void) {
  static const double two[2] = {3, 12};
  tsne_transform_options o = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_affinities *p = NULL;
  tsne_model *bare = NULL;
  float at[M * 2], a[M * 2], b[M * 2], before[M * 2] = {0};
  double kl, kl2;
  OK(tsne_model_affinities(&p, model));
  OK(tsne_model_from_affinities(&bare, p, y, NULL));
  tsne_affinities_free(p);
  o.placement = TSNE_PLACE_WEIGHTED;
  o.repulsion = TSNE_REPULSION_EXACT;
  o.max_step_norm = 1;
  for (o.affinity = 0; o.affinity <= TSNE_AFFINITY_FIXED_SIGMA; o.affinity++) {
    tsne_partial *one = NULL, *other = NULL;
    int64_t nnz = 0, ptr[M + 1], i, e, k = 15;
    int32_t *col;
    float *val;
    if (o.affinity == TSNE_AFFINITY_MULTISCALE)
      o.perplexities = two, o.n_perplexities = 2, k = 36;
    if (o.affinity == TSNE_AFFINITY_UNIFORM)
      o.affinity_k = k = 9;
    if (o.affinity == TSNE_AFFINITY_FIXED_SIGMA)
      o.affinity_k = 0, o.n_perplexities = 0, o.sigma = 2, k = 15;
    OK(tsne_transform(at, &one, model, fresh, M, D, &o));
    CHECK(!same(at, before, M * 2));
    memcpy(before, at, sizeof at);
    OK(tsne_partial_affinities(&nnz, NULL, NULL, NULL, one));
    CHECK(nnz == M * k);
    col = need((size_t)nnz * sizeof *col);
    val = need((size_t)nnz * sizeof *val);
    OK(tsne_partial_affinities(NULL, ptr, col, val, one));
    for (i = 0; i < M; i++) {
      double sum = 0;
      CHECK(ptr[i] == i * k);
      for (e = ptr[i]; e < ptr[i] + k; e++) {
        sum += val[e];
        CHECK(col[e] >= 0 && col[e] < N);
        CHECK(e == ptr[i] || val[e] <= val[e - 1]);
        if (o.affinity == TSNE_AFFINITY_UNIFORM)
          CHECK(fabs(val[e] * 9 - 1) < 1e-6);
      }
      CHECK(fabs(sum - 1) < 1e-6);
    }
    OK(tsne_partial_from_csr(&other, bare, at, ptr, col, val, M, &o));
    memset(val, 0xFF, (size_t)nnz * sizeof *val); /* nothing is borrowed */
    free(col), free(val);
    OK(tsne_partial_optimize(a, &kl, one, 20, 1.5, 0, 0.8, NULL));
    OK(tsne_partial_optimize(b, &kl2, other, 20, 1.5, 0, 0.8, NULL));
    CHECK(same(a, b, M * 2) && kl == kl2 && !same(a, at, M * 2));
    tsne_partial_free(one), tsne_partial_free(other);
  }
  { /* Rows of all lengths, scaled; each alone as among the others. */
    int64_t ptr[M + 1] = {0}, one[2] = {0}, i, e, nnz = 0;
    int32_t *col = need(M * N * sizeof *col);
    float *val = need(M * N * sizeof *val);
    tsne_partial *all = NULL, *alone = NULL;
    for (i = 0; i < M; i++) {
      for (e = 0; e <= i * 13 % N; e++)
        col[nnz] = (int32_t)((i + 7 * e) % N), val[nnz++] = (float)(1 + e % 5);
      ptr[i + 1] = nnz;
    }
    OK(tsne_partial_from_csr(&all, bare, at, ptr, col, val, M, NULL));
    OK(tsne_partial_optimize(a, NULL, all, 20, 1.5, 0, 0.8, NULL));
    for (i = 0; i < M; i++) {
      one[1] = ptr[i + 1] - ptr[i];
      OK(tsne_partial_from_csr(&alone, bare, at + 2 * i, one, col + ptr[i],
                               val + ptr[i], 1, NULL));
      OK(tsne_partial_optimize(b, NULL, alone, 20, 1.5, 0, 0.8, NULL));
      CHECK(same(b, a + 2 * i, 2));
      tsne_partial_free(alone);
    }
    free(col), free(val);
    tsne_partial_free(all);
  }
  tsne_model_free(bare);
}

static void pieces(void) {
  tsne_transform_options place = refined(0), o = refined(30);
  tsne_partial *whole = NULL, *part = NULL, *copy = NULL, *kept = NULL;
  float at[M * 2], a[M * 2], b[M * 2], c[M * 2];
  tsne_model *short_lived = NULL;
  int64_t m = 0, done = 0;
  int32_t dims = 0;
  double first, kl, kl2;
  OK(tsne_transform(a, &whole, model, fresh, M, D, &o));
  OK(tsne_transform(at, &part, model, fresh, M, D, &place));
  OK(tsne_partial_info(&m, &dims, &done, &kl, part));
  CHECK(m == M && dims == 2 && done == 0 && isnan(kl));
  OK(tsne_partial_optimize(NULL, &first, part, 1, 1.5, 0, 0.8, NULL));
  OK(tsne_partial_optimize(NULL, NULL, part, 9, 1.5, 0, 0.8, NULL));
  OK(tsne_partial_clone(&copy, part));
  OK(tsne_partial_optimize(b, &kl, part, 20, 1.5, 0.1, 0.8, &place));
  OK(tsne_partial_embedding(c, copy));
  CHECK(!same(b, c, M * 2));
  OK(tsne_partial_optimize(c, &kl2, copy, 20, 1.5, 0, 0.8, NULL));
  CHECK(same(a, b, M * 2) && same(b, c, M * 2) && kl == kl2 && kl < first);
  OK(tsne_partial_info(NULL, NULL, &done, &kl2, whole));
  CHECK(done == 30 && kl == kl2);
  OK(tsne_partial_embedding(c, whole));
  CHECK(same(a, c, M * 2));

  /* The map as it was, whatever becomes of the model. */
  OK(tsne_model_clone(&short_lived, model));
  OK(tsne_transform(NULL, &kept, short_lived, fresh, 0, D, NULL));
  tsne_partial_free(kept);
  OK(tsne_transform(c, &kept, short_lived, fresh, M, D, &place));
  OK(tsne_model_optimize(NULL, NULL, short_lived, 20, 4, 0, 0.8, NULL));
  tsne_model_free(short_lived);
  OK(tsne_partial_optimize(c, NULL, kept, 30, 1.5, 0, 0.8, NULL));
  CHECK(same(a, c, M * 2));
  tsne_partial_free(whole), tsne_partial_free(part);
  tsne_partial_free(copy), tsne_partial_free(kept);
}

static int stop_later(const tsne_progress *p, void *user) {
  return p->stage == TSNE_STAGE_OPTIMIZE && ++*(int *)user > 2;
}

static void stopped(void) {
  tsne_transform_options o = refined(10000);
  tsne_partial *partial = NULL;
  float a[M * 2], b[M * 2];
  int64_t done = 0;
  int told = 0;
  memset(a, 0xA5, sizeof a);
  memset(b, 0xA5, sizeof b);
  o.progress = stop_later, o.progress_user = &told, o.progress_every = 5;
  CHECK(tsne_transform(a, &partial, model, fresh, M, D, &o) ==
        TSNE_E_CANCELLED);
  CHECK(!partial && same(a, b, M * 2));
  OK(tsne_transform(b, &partial, model, fresh, M, D, NULL));
  told = 0;
  CHECK(tsne_partial_optimize(a, NULL, partial, 10000, 1, 0, 0.8, &o) ==
        TSNE_E_CANCELLED);
  CHECK(!same(a, b, M * 2) && isfinite(a[0]));
  OK(tsne_partial_embedding(b, partial));
  OK(tsne_partial_info(NULL, NULL, &done, NULL, partial));
  CHECK(same(a, b, M * 2) && done > 0 && done <= 20);
  told = 0; /* the hook was of those calls */
  OK(tsne_partial_optimize(NULL, NULL, partial, 20, 1, 0, 0.8, NULL));
  CHECK(told == 0);
  tsne_partial_free(partial);
}

static void bootstraps(void) {
  static float samples[B * M * 2], again[B * M * 2];
  tsne_transform_options o = refined(0);
  float at[M * 2], b[M * 2], radius[M], radius2[M];
  int i, k, moved = 0;
  OK(tsne_transform(at, NULL, model, fresh, M, D, &o));
  OK(tsne_bootstrap(b, samples, radius, model, fresh, M, D, B, &o));
  CHECK(same(at, b, M * 2));
  for (i = 0; i < M; i++) {
    int within = 0;
    for (k = 0; k < B; k++) {
      const float *s = samples + (k * M + i) * 2;
      double r = hypot((double)s[0] - b[2 * i], (double)s[1] - b[2 * i + 1]);
      within += r <= radius[i] * (1 + 1e-6);
      moved += r > 0;
    }
    CHECK(radius[i] >= 0 && within >= (B * 95 + 99) / 100 && within <= B);
  }
  CHECK(moved > B * M / 4);
  o.threads = 3;
  OK(tsne_bootstrap(b, again, radius2, model, fresh, M, D, B, &o));
  CHECK(same(samples, again, B * M * 2) && same(radius, radius2, M));
  o.seed = 9;
  OK(tsne_bootstrap(b, again, NULL, model, fresh, M, D, B, &o));
  CHECK(!same(samples, again, B * M * 2) && same(at, b, M * 2));
}

static void aligns(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *made = NULL, *bare = NULL;
  float a[M * 2], b[M * 2], own[N * 2], back[M * D];
  double mean[2][5][2], disparity = -1, overlap = -1;
  int64_t d = 0;
  int i, c, k, nearest;
  o.perplexity = 10;
  o.iterations = 200;
  OK(tsne_align(a, &made, &disparity, &overlap, model, fresh, M, D, &t, &o));
  CHECK(disparity >= 0 && disparity <= 1 && overlap > 0 && overlap <= 1);
  OK(tsne_model_embedding(b, made));
  CHECK(same(a, b, M * 2));
  OK(tsne_model_data(back, &d, NULL, made));
  CHECK(d == D && same(back, fresh, M * D));
  OK(tsne_model_embedding(own, model));
  CHECK(same(own, y, N * 2));
  o.threads = 3, o.keep_data = 0;
  OK(tsne_align(b, &bare, NULL, NULL, model, fresh, M, D, NULL, &o));
  CHECK(same(a, b, M * 2));
  CHECK(tsne_model_data(NULL, &d, NULL, bare) == TSNE_E_NO_DATA);
  /* Each blob lies nearest to its own in the reference. */
  memset(mean, 0, sizeof mean);
  for (i = 0; i < N; i++)
    for (c = 0; c < 2; c++)
      mean[0][i % 5][c] += y[2 * i + c] / (N / 5.0);
  for (i = 0; i < M; i++)
    for (c = 0; c < 2; c++)
      mean[1][i % 5][c] += a[2 * i + c] / (M / 5.0);
  for (i = 0; i < 5; i++) {
    double least = HUGE_VAL;
    for (k = 0, nearest = -1; k < 5; k++) {
      double r =
          hypot(mean[1][i][0] - mean[0][k][0], mean[1][i][1] - mean[0][k][1]);
      if (r < least)
        least = r, nearest = k;
    }
    CHECK(nearest == i);
  }
  tsne_model_free(made), tsne_model_free(bare);
}

/* The default k is no more than a reference has; one that is given is refused.
 */
static void few_places(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *few = NULL;
  float a[M * 2], b[M * 2];
  o.perplexity = 1.5;
  o.iterations = 20;
  OK(tsne_fit(a, &few, x, 6, D, &o));
  OK(tsne_transform(a, NULL, few, fresh, M, D, &t));
  t.k = 6;
  OK(tsne_transform(b, NULL, few, fresh, M, D, &t));
  CHECK(same(a, b, M * 2));
  t.k = 0, o.perplexity = 10;
  OK(tsne_align(a, NULL, NULL, NULL, few, fresh, M, D, &t, &o));
  t.k = 10;
  CHECK(tsne_align(a, NULL, NULL, NULL, few, fresh, M, D, &t, &o) ==
        TSNE_E_OPTION);
  tsne_model_free(few);
}

/* A map with more rows, some of them again, and two sets at once. */
static void grows(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *both = NULL, *part = NULL, *more = NULL, *models[2];
  float a[(N + M) * 2], b[(N + M) * 2], z[40 * 2], whole[N * 2], first[N * 2];
  float *const to[] = {a, b};
  const float *const sets[] = {x, fresh};
  const int64_t n[] = {N, M}, d[] = {D, D};
  int64_t keys[2][N], size = 0;
  const int64_t *const of[] = {keys[0], keys[1]};
  int32_t rows[40];
  double kl[2];
  int i;
  o.perplexity = 10;
  o.iterations = 60;
  OK(tsne_update(a, &both, model, fresh, M, D, HUGE_VAL, &o));
  CHECK(same(a, y, N * 2));
  OK(tsne_model_info(&size, NULL, NULL, NULL, both));
  CHECK(size == N + M);
  OK(tsne_update(b, NULL, model, fresh, M, D, 1, &o));
  CHECK(!same(b, y, N * 2));
  /* What goes on holds them, a copy too; NULL is as the model was made. */
  OK(tsne_model_clone(&more, both));
  OK(tsne_model_optimize(b, NULL, more, 5, 1, 0, 0.8, NULL));
  CHECK(same(b, y, N * 2) && !same(b, a, (N + M) * 2));
  OK(tsne_update(b, NULL, model, fresh, M, D, 0, NULL));
  for (i = 0; i < 40; i++)
    rows[i] = 5 * i;
  OK(tsne_zoom(z, whole, &part, model, rows, 40, &o));
  for (i = 0; i < N; i++)
    CHECK(same(whole + 2 * i,
               i % 5 == 0 && i < 200 ? z + 2 * (i / 5) : y + 2 * i, 2));
  OK(tsne_model_embedding(b, part));
  CHECK(same(b, z, 40 * 2));
  for (i = 0; i < N; i++)
    keys[0][i] = i, keys[1][i] = 2 * i;
  OK(tsne_fit_together(to, models, sets, n, d, 2, of, 1, 0, &o));
  OK(tsne_fit(first, NULL, x, N, D, &o));
  CHECK(same(first, a, N * 2));
  for (i = 0; i < 2; i++) {
    OK(tsne_model_embedding(first, models[i]));
    CHECK(same(first, to[i], n[i] * 2));
    OK(tsne_model_info(NULL, NULL, NULL, &kl[i], models[i]));
    CHECK(kl[i] > 0 && kl[i] < 5);
    tsne_model_free(models[i]);
  }
  tsne_model_free(both), tsne_model_free(part), tsne_model_free(more);
}

int main(void) {
  tsne_options o = TSNE_OPTIONS_INIT;
  x = blobs(N + M, D);
  fresh = x + N * D;
  o.perplexity = 15;
  o.iterations = 150;
  OK(tsne_fit(y, &model, x, N, D, &o));
  transforms();
  nothing();
  pieces();
  given();
  stopped();
  bootstraps();
  aligns();
  few_places();
  grows();
  tsne_model_free(model);
  CHECK(tsne_live_handles() == 0);
  free(x);
  return finish("map");
}
