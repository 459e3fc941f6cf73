/* What an error says as data: status, argument, row and column, and its line in
 * parts; of each thread for itself, and of lines that are logged. */
#include "test.h"

enum { N = 60, D = 5, K = 15 };

/* The line of e is that of tsne_last_error and what its parts join up to. */
static void whole(const tsne_error *e) {
  const char *text = e->text;
  int i, name = 0;
  CHECK(!strcmp(text, tsne_last_error()));
  CHECK(e->n_parts > 0);
  for (i = 0; i < e->n_parts; i++) {
    const tsne_part *p = &e->parts[i];
    size_t length = strlen(p->text);
    int place = p->kind == TSNE_PART_ROW || p->kind == TSNE_PART_COLUMN;
    CHECK(length > 0 && !strncmp(text, p->text, length));
    CHECK(place ? p->index == strtol(p->text, NULL, 10) : p->index == -1);
    name |= p->kind == TSNE_PART_NAME && !strcmp(p->text, e->argument);
    text += length;
  }
  CHECK(!*text);
  CHECK(!*e->argument || name);
}

static void fails(int line, const char *call, int got, int status,
                  const char *argument, int64_t row, int64_t column) {
  tsne_error e = TSNE_ERROR_INIT;
  int before = failures;
  OK(tsne_last_error_detail(&e));
  CHECK(got == status && e.status == status);
  CHECK(!strcmp(e.argument, argument));
  CHECK(e.row == row && e.column == column);
  whole(&e);
  if (failures > before)
    fprintf(stderr, "%d: %s\n  %s at %s, row %ld, column %ld: %s\n", line, call,
            tsne_status_name(e.status), e.argument, (long)e.row, (long)e.column,
            e.text);
}

#define FAILS(status, argument, row, column, call)                             \
  fails(__LINE__, #call, call, status, argument, row, column)

static float y[N * 3], distance[N * K], square[4 * 4];
static int32_t index_[N * K];

#define FIT(x, n, d, o) tsne_fit(y, NULL, x, n, d, o)
#define WITH(field, value, argument)                                           \
  do {                                                                         \
    tsne_options o = TSNE_OPTIONS_INIT;                                        \
    o.field = value;                                                           \
    FAILS(TSNE_E_OPTION, argument, -1, -1, FIT(x, N, D, &o));                  \
  } while (0)

static void arguments(const float *x) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  const double two[] = {5, -1};
  tsne_model *m = NULL;
  FAILS(TSNE_E_NULL, "x", -1, -1, FIT(NULL, N, D, NULL));
  FAILS(TSNE_E_NULL, "bytes", -1, -1, tsne_estimate_memory(NULL, N, D, NULL));
  FAILS(TSNE_E_NULL, "e", -1, -1, tsne_last_error_detail(NULL));
  FAILS(TSNE_E_SHAPE, "x", -1, -1, FIT(x, 3, D, NULL));
  FAILS(TSNE_E_SHAPE, "x", -1, -1, FIT(x, N, 0, NULL));
  FAILS(TSNE_E_SHAPE, "n", -1, -1, FIT(x, -1, D, NULL));
  FAILS(TSNE_E_OPTION, "k", -1, -1,
        tsne_neighbors(index_, distance, x, N, D, N, NULL));
  WITH(perplexity, -1, "perplexity");
  WITH(early_iterations, -2, "early_iterations");
  WITH(early_iterations, INT64_MAX, "early_iterations");
  WITH(early_exaggeration, -4, "early_exaggeration");
  WITH(learning_rate, -1, "learning_rate");
  WITH(max_step_norm, -1, "max_step_norm");
  WITH(dof, 1e30, "dof");
  WITH(dims, 4, "dims");
  WITH(metric, 99, "metric");
  WITH(k, N, "k");
  WITH(keep_data, 2, "keep_data");
  o.perplexities = two, o.n_perplexities = 2;
  FAILS(TSNE_E_OPTION, "perplexities", -1, -1, FIT(x, N, D, &o));
  o.perplexities = NULL;
  FAILS(TSNE_E_NULL, "perplexities", -1, -1, FIT(x, N, D, &o));
  tsne_options_init(&o);
  o.max_memory = 1;
  FAILS(TSNE_E_MEMORY, "", -1, -1, FIT(x, N, D, &o));
  tsne_options_init(&o);
  o.struct_size = 3;
  FAILS(TSNE_E_STRUCT_SIZE, "", -1, -1, FIT(x, N, D, &o));
  FAILS(TSNE_E_HANDLE, "p", -1, -1,
        tsne_affinities_size(NULL, NULL, (tsne_affinities *)y));
  tsne_options_init(&o);
  o.early_iterations = o.iterations = o.keep_data = 0;
  OK(tsne_fit(y, &m, x, N, D, &o));
  FAILS(TSNE_E_NO_DATA, "", -1, -1, tsne_transform(y, NULL, m, x, N, D, NULL));
  FAILS(TSNE_E_NO_DATA, "model", -1, -1, tsne_model_data(y, NULL, NULL, m));
  FAILS(TSNE_E_OPTION, "exaggeration", -1, -1,
        tsne_model_optimize(NULL, NULL, m, 1, -1, 0, 0, NULL));
  FAILS(TSNE_E_IO, "", -1, -1, tsne_model_save(m, "/nowhere/at all"));
  OK(tsne_model_set_data(m, x, N, D, 1));
  t.affinity_k = N + 1;
  FAILS(TSNE_E_OPTION, "affinity_k", -1, -1,
        tsne_transform(y, NULL, m, x, N, D, &t));
  tsne_model_free(m);
}

static void places(float *x) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_affinities *p = NULL;
  double doubles[N * D];
  int64_t ptr[5] = {0, 1, 2, 3, 4};
  int32_t col[4] = {1, 0, 3, 2};
  float val[4] = {1, 1, 1, 1};
  int i;
  x[3 * D + 2] = (float)NAN;
  x[9 * D + 1] = (float)NAN;
  FAILS(TSNE_E_NOT_FINITE, "x", 3, 2, FIT(x, N, D, NULL));
  x[3 * D + 2] = x[9 * D + 1] = 0;
  y[7] = (float)INFINITY;
  o.init = TSNE_INIT_GIVEN, o.init_y = y;
  FAILS(TSNE_E_NOT_FINITE, "init_y", 3, 1, FIT(x, N, D, &o));
  y[7] = 0;
  /* By column the first of the rows, not of the memory. */
  for (i = 0; i < N * D; i++)
    doubles[i] = i % 7;
  doubles[0 * N + 8] = NAN, doubles[4 * N + 6] = 1e39;
  FAILS(TSNE_E_NOT_FINITE, "x", 6, 4,
        tsne_fit_f64(y, NULL, doubles, N, D, TSNE_BY_COLUMN, NULL));
  doubles[0 * N + 8] = doubles[4 * N + 6] = 0;
  doubles[2 * N + 1] = NAN;
  tsne_options_init(&o);
  FAILS(TSNE_E_NOT_FINITE, "q", 1, 1,
        tsne_neighbors_of_new_f64(index_, distance, doubles, N, 2, doubles + N,
                                  N, TSNE_BY_COLUMN, 3, NULL));
  for (i = 0; i < D; i++)
    x[7 * D + i] = x[9 * D + i] = 0;
  o.metric = TSNE_METRIC_COSINE;
  FAILS(TSNE_E_OPTION, "metric", 7, -1, FIT(x, N, D, &o));

  for (i = 0; i < 16; i++)
    square[i] = i % 5 != 0;
  square[2 * 4 + 1] = -1;
  FAILS(TSNE_E_GRAPH, "distances", 2, 1,
        tsne_affinities_from_distances(&p, square, 4, NULL));
  OK(tsne_neighbors(index_, distance, x, N, D, K, NULL));
  index_[2 * K + 1] = N;
  FAILS(TSNE_E_GRAPH, "neighbours", 2, 1,
        tsne_affinities_from_neighbors(&p, index_, distance, N, K, NULL));
  val[2] = -1;
  FAILS(TSNE_E_GRAPH, "affinities", 2, 3,
        tsne_affinities_from_csr(&p, ptr, col, val, 4));
  val[2] = (float)NAN;
  FAILS(TSNE_E_NOT_FINITE, "affinities", 2, 3,
        tsne_affinities_from_csr(&p, ptr, col, val, 4));
  val[2] = 1, ptr[2] = 0;
  FAILS(TSNE_E_GRAPH, "affinities", 1, -1,
        tsne_affinities_from_csr(&p, ptr, col, val, 4));
}

/* A line may be cut, at a whole character and with all its parts. */
static void cut(void) {
  char path[600];
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *m = NULL;
  size_t i;
  for (i = 0; i < sizeof path - 1; i++)
    path[i] = i < 3 ? '/' : i % 2 ? '\xC3' : '\xA9';
  path[i] = 0;
  path[100] = path[101] = '\n';
  FAILS(TSNE_E_IO, "", -1, -1, tsne_model_load(&m, path, &o));
  i = strlen(tsne_last_error());
  CHECK(i > 500 && i < 512 && tsne_last_error()[i - 1] == '\xA9');
}

static int lines;

static void on_log(int level, const char *line, void *user) {
  tsne_error e = TSNE_ERROR_INIT;
  const char *argument = user;
  OK(tsne_last_error_detail(&e));
  if (level != TSNE_LOG_WARNING)
    return;
  lines++;
  CHECK(e.status == TSNE_OK && !strcmp(e.text, line));
  CHECK(!strcmp(e.argument, argument));
  whole(&e);
}

static void logged(const float *x) {
  tsne_options o = TSNE_OPTIONS_INIT;
  double two[] = {5, 50};
  o.early_iterations = o.iterations = 0;
  o.log = on_log;
  o.log_user = "perplexity";
  FAILS(TSNE_E_SHAPE, "x", -1, -1, FIT(x, 2, D, NULL));
  OK(FIT(x, N, D, &o));
  CHECK(lines == 1);
  /* The error before is the last one still. */
  FAILS(TSNE_E_SHAPE, "x", -1, -1, TSNE_E_SHAPE);
  o.perplexities = two, o.n_perplexities = 2;
  o.log_user = "perplexities";
  OK(FIT(x, N, D, &o));
  CHECK(lines == 2);
}

static void *other(void *unused) {
  tsne_error e = TSNE_ERROR_INIT;
  OK(tsne_last_error_detail(&e));
  CHECK(e.status == TSNE_OK && !*e.text && !e.n_parts && !*e.argument);
  CHECK(e.row == -1 && e.column == -1);
  FAILS(TSNE_E_NULL, "p", -1, -1, tsne_affinities_size(NULL, NULL, NULL));
  return unused;
}

int main(void) {
  float *x = blobs(N, D);
  pthread_t thread;
  tsne_error e = TSNE_ERROR_INIT;
  arguments(x);
  places(x);
  cut();
  logged(x);
  FAILS(TSNE_E_SHAPE, "x", -1, -1, FIT(x, 3, D, NULL));
  CHECK(!pthread_create(&thread, NULL, other, NULL));
  CHECK(!pthread_join(thread, NULL));
  FAILS(TSNE_E_SHAPE, "x", -1, -1, TSNE_E_SHAPE);
  e.struct_size--;
  FAILS(TSNE_E_STRUCT_SIZE, "", -1, -1, tsne_last_error_detail(&e));
  free(x);
  return finish("errors");
}
