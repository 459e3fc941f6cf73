/* In the child of a fork every call is refused at once, whether or not the
 * parent had made one before; the parent is none the worse. */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

enum { N = 40, D = 3, K = 6 };

static float *x;
static tsne_affinities *p;
static tsne_model *model;
static tsne_partial *partial;

#define FORKED(call)                                                           \
  do {                                                                         \
    CHECK((call) == TSNE_E_FORKED);                                            \
    CHECK(strstr(tsne_last_error(), "fork"));                                  \
  } while (0)

static void child(void) {
  static float y[N * 3], distance[N * K];
  static int32_t index[N * K];
  static int64_t ptr[N + 1], n;
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_affinities *q = NULL;
  tsne_model *m = NULL;
  tsne_partial *q2 = NULL;
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  tsne_diagnosis diagnosis = TSNE_DIAGNOSIS_INIT;
  double kl;
  uint64_t bytes;
  alarm(300);
  FORKED(tsne_fit(y, &m, x, N, D, NULL));
  FORKED(tsne_fit_affinities(y, &m, p, x, N, D, NULL));
  FORKED(tsne_fit_affinities_f64(y, &m, p, NULL, 0, 0, TSNE_BY_ROW, NULL));
  FORKED(tsne_estimate_memory(&bytes, N, D, NULL));
  FORKED(tsne_available_memory(&bytes));
  FORKED(tsne_options_settle(&o, N));
  FORKED(tsne_affinities_of_each(&q, x, N, D, &kl, &n, 1, NULL));
  FORKED(tsne_neighbors(index, distance, x, N, D, K, NULL));
  FORKED(tsne_affinities_from_data(&q, x, N, D, NULL));
  FORKED(tsne_affinities_from_neighbors(&q, index, distance, N, K, NULL));
  FORKED(tsne_affinities_from_csr(&q, ptr, index, distance, N));
  FORKED(tsne_affinities_size(&n, NULL, p));
  FORKED(tsne_affinities_copy(ptr, index, distance, p));
  FORKED(tsne_initialize(y, x, N, D, NULL));
  FORKED(tsne_affinities_gradient(y, NULL, p, y, NULL));
  FORKED(tsne_model_from_affinities(&m, p, y, NULL));
  FORKED(tsne_model_optimize(y, NULL, model, 1, 1, 0, 0, NULL));
  FORKED(tsne_model_info(&n, NULL, NULL, NULL, model));
  FORKED(tsne_model_embedding(y, model));
  FORKED(tsne_model_affinities(&q, model));
  FORKED(tsne_model_clone(&m, model));
  FORKED(tsne_neighbors_of_distances(index, distance, x, N, K, NULL));
  FORKED(tsne_affinities_from_distances(&q, x, N, NULL));
  FORKED(tsne_spectral(y, p, NULL));
  FORKED(tsne_reduce(y, x, N, D, 2, NULL));
  FORKED(tsne_reduce_csr(y, ptr, index, distance, N, D, 2, NULL));
  FORKED(tsne_model_set_data(model, x, N, D, 1));
  FORKED(tsne_model_data(NULL, &n, NULL, model));
  FORKED(tsne_model_save(model, "forked.npz"));
  FORKED(tsne_model_save_with(model, "forked.npz", NULL));
  FORKED(tsne_model_load(&m, "forked.npz", NULL));
  FORKED(tsne_model_save_bytes(NULL, &bytes, model));
  FORKED(tsne_model_load_bytes(&m, y, sizeof y, NULL));
  FORKED(tsne_transform(y, &q2, model, x, 2, D, NULL));
  FORKED(tsne_partial_optimize(y, NULL, partial, 1, 1, 0, 0, NULL));
  FORKED(tsne_partial_info(&n, NULL, NULL, NULL, partial));
  FORKED(tsne_partial_embedding(y, partial));
  FORKED(tsne_partial_from_csr(&q2, model, y, ptr, index, distance, 2, NULL));
  FORKED(tsne_partial_affinities(&n, NULL, NULL, NULL, partial));
  FORKED(tsne_neighbors_of_new(index, distance, x, N, D, x, 2, K, NULL));
  FORKED(tsne_neighbors_of_new_csr(index, distance, ptr, index, distance, N, D,
                                   ptr, index, distance, 2, K, NULL));
  FORKED(tsne_neighbors_part(index, index, NULL, NULL, x, N, D, K, 0, 1, NULL));
  FORKED(tsne_affinities_from_conditional(&q, index, distance, N, K, NULL));
  FORKED(tsne_conditional(y, distance, 2, K, NULL));
  FORKED(tsne_partial_clone(&q2, partial));
  FORKED(tsne_bootstrap(y, NULL, NULL, model, x, 2, D, 2, NULL));
  FORKED(tsne_update(y, &m, model, x, 2, D, 1, NULL));
  FORKED(tsne_zoom(y, NULL, &m, model, index, 4, NULL));
  FORKED(tsne_fit_together(NULL, NULL, NULL, NULL, NULL, 2, NULL, 1, 1, NULL));
  FORKED(tsne_align(y, &m, NULL, NULL, model, x, N, D, NULL, NULL));
  FORKED(tsne_procrustes(&s, y, y, N, 2, 0));
  FORKED(tsne_procrustes_labels(&s, y, index, N, y, index, N, 2, 0));
  FORKED(tsne_procrustes_many(y, NULL, NULL, 1, N, 2, 0));
  FORKED(tsne_superpose(y, N, &s));
  FORKED(tsne_shared_neighbors(&kl, y, y, N, 2, 5, NULL));
  FORKED(tsne_quality(&kl, NULL, NULL, x, N, D, y, 2, NULL, NULL));
  FORKED(tsne_diagnose(&diagnosis, model, NULL));
  FORKED(tsne_outside(y, NULL, NULL, model, x, 2, D, 0, NULL));
  tsne_affinities_free(p);
  tsne_model_free(model);
  tsne_partial_free(partial);
  CHECK(!q && !m && !q2);
  CHECK(tsne_live_handles() == 0);
  CHECK(!*tsne_cpu());
  CHECK(!strcmp(tsne_version(), TSNE_VERSION));
  CHECK(tsne_options_init(&o) == TSNE_OK);
  CHECK(!strcmp(tsne_status_name(TSNE_E_FORKED), "TSNE_E_FORKED"));
  _exit(failures != 0);
}

static void forks(void) {
  int status = -1;
  pid_t pid = fork();
  if (pid == 0)
    child();
  CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
  if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0))
    fprintf(stderr, "  the child %s\n",
            WIFSIGNALED(status) ? "hung or crashed" : "failed");
}

int main(void) {
  float y[N * 2];
  tsne_options o = TSNE_OPTIONS_INIT;
  x = blobs(N, D);
  forks();
  o.perplexity = 5;
  o.iterations = 50;
  OK(tsne_affinities_from_data(&p, x, N, D, &o));
  OK(tsne_fit(y, &model, x, N, D, &o));
  OK(tsne_transform(y, &partial, model, x, N, D, NULL));
  CHECK(*tsne_cpu());
  forks();
  CHECK(tsne_live_handles() == 3);
  OK(tsne_fit(y, NULL, x, N, D, &o));
  tsne_affinities_free(p);
  tsne_model_free(model);
  tsne_partial_free(partial);
  free(x);
  CHECK(tsne_live_handles() == 0);
  return finish("fork");
}
