/* Ctrl-C at random moments of every call that takes time, with the handler that
 * a C program writes: it sets *cancel. Each call ends with TSNE_E_CANCELLED, or
 * was done before, and leaves no handle, thread or file; how long it took is
 * printed.
 *
 *   interrupts [count]
 */
#define _XOPEN_SOURCE 700 /* SA_ONSTACK */
#include "test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 4000, D = 50, M = 1000 };

static volatile int32_t cancel;
static volatile double sent;

static void on_interrupt(int number) {
  (void)number;
  cancel = 1;
}

/* A program's other half, which presses Ctrl-C. */
static void *press(void *arg) {
  nap(*(double *)arg);
  sent = seconds();
  kill(getpid(), SIGINT);
  return NULL;
}

static float *x, *big, *y, *z, *distance;
static int32_t *index_;
static tsne_model *model, *large;
static const char *const path = "interrupts-test.npz";
static const char *const other = "interrupts-other.npz";
static off_t whole;

static int told(const tsne_progress *p, void *user) {
  (void)p, (void)user;
  return 0;
}

static const char *const names[] = {
    "neighbors", "affinities", "fit",    "optimize", "transform",
    "bootstrap", "align",      "reduce", "quality",  "spectral",
    "save",      "load",       "shared"};
enum { STAGES = sizeof names / sizeof *names };

static int stage(int s) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *made = NULL;
  tsne_affinities *p = NULL;
  double knn, share;
  int status = TSNE_E_INTERNAL;
  o.cancel = t.cancel = (const int32_t *)&cancel;
  o.iterations = t.iterations = 300;
  o.early_iterations = 50;
  o.progress = t.progress = told, o.progress_every = 5;
  switch (s) {
  case 0:
    o.neighbors = TSNE_NEIGHBORS_EXACT;
    return tsne_neighbors(index_, distance, big, 4 * N, D, 30, &o);
  case 1:
    status = tsne_affinities_from_data(&p, big, 4 * N, D, &o);
    break;
  case 2:
    status = tsne_fit(y, &made, x, N, D, &o);
    break;
  case 3:
    OK(tsne_model_clone(&made, model));
    status = tsne_model_optimize(y, NULL, made, 300, 1, 0, 0.8, &o);
    break;
  case 4:
    return tsne_transform(y, NULL, model, big, M, D, &t);
  case 5:
    return tsne_bootstrap(y, NULL, NULL, model, big, M / 4, D, 50, &t);
  case 6:
    status = tsne_align(y, &made, NULL, NULL, model, big, N, D, NULL, &o);
    break;
  case 7:
    return tsne_reduce(z, big, 4 * N, D, 20, &o);
  case 8:
    return tsne_quality(&knn, NULL, NULL, big, 4 * N, D, z, 2, NULL, &o);
  case 9:
    OK(tsne_model_affinities(&p, model));
    o.init = TSNE_INIT_SPECTRAL;
    status = tsne_spectral(y, p, &o);
    break;
  case 10:
    return tsne_model_save_with(large, other, &o);
  case 11:
    status = tsne_model_load(&made, path, &o);
    break;
  case 12:
    return tsne_shared_neighbors(&share, z, z + 1, 4 * N, 2, 30, &o);
  }
  tsne_model_free(made);
  tsne_affinities_free(p);
  return status;
}

static int left_behind(void) {
  struct stat is;
  struct dirent *e;
  DIR *d = opendir(".");
  int n = 0;
  while (d && (e = readdir(d)))
    n += !strncmp(e->d_name, ".interrupts-", 12);
  if (d)
    closedir(d);
  return n || stat(path, &is) || is.st_size != whole ||
         (!stat(other, &is) && is.st_size != whole);
}

int main(int argc, char **argv) {
  static double took[STAGES][1000], lasts[STAGES], all, most;
  static int count[STAGES];
  int i, k, n = argc > 1 ? atoi(argv[1]) : 60, late = 0, slow = 0;
  uint64_t chance = 1;
  struct sigaction act;
  struct stat is;
  tsne_options o = TSNE_OPTIONS_INIT;
  int64_t handles;
  char *folder = strrchr(argv[0], '/');
  if (folder) { /* its files beside the program, not in the tree */
    *folder = 0;
    OK(chdir(argv[0]));
  }
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  act.sa_flags = SA_RESTART | SA_ONSTACK;
  sigaction(SIGINT, &act, NULL);
  x = blobs(N, D), big = blobs(4 * N, D);
  y = need(4 * N * 3 * sizeof *y), z = need(4 * N * D * sizeof *z);
  index_ = need(4 * N * 30 * sizeof *index_);
  distance = need(4 * N * 30 * sizeof *distance);
  memcpy(z, big, 4 * N * D * sizeof *z);
  o.iterations = o.early_iterations = 20;
  OK(tsne_fit(y, &model, x, N, D, &o));
  OK(tsne_fit(y, &large, big, 4 * N, D, &o));
  OK(tsne_model_save(large, path));
  if (!stat(path, &is))
    whole = is.st_size;
  handles = tsne_live_handles();
  for (k = 0; k < STAGES; k++) {
    double at = seconds();
    OK(stage(k));
    lasts[k] = seconds() - at;
  }
  for (i = 0; i < n; i++) {
    double delay, now;
    pthread_t thread;
    int status;
    k = i % STAGES;
    cancel = 0, sent = 0;
    delay = uniform(&chance) * lasts[k];
    CHECK(!pthread_create(&thread, NULL, press, &delay));
    status = stage(k);
    now = seconds();
    pthread_join(thread, NULL);
    while (!cancel)
      nap(0.001);
    if (status == TSNE_E_CANCELLED && count[k] < 1000) {
      took[k][count[k]++] = now - sent;
      slow += now - sent > 0.1;
    } else {
      OK(status);
      late++;
    }
    CHECK(tsne_live_handles() == handles);
    CHECK(!left_behind());
  }
  for (k = 0; k < STAGES; k++) {
    double sum = 0, max = 0;
    for (i = 0; i < count[k]; i++)
      sum += took[k][i], max = took[k][i] > max ? took[k][i] : max;
    all += sum, most = max > most ? max : most;
    if (count[k])
      printf("%-12s %4d  mean %5.1f ms, most %6.1f ms\n", names[k], count[k],
             1e3 * sum / count[k], 1e3 * max);
  }
  printf("%d interrupts, %d after the call: mean %.1f ms, most %.1f ms, %d "
         "over 100 ms\n",
         n, late, 1e3 * all / (n > late ? n - late : 1), 1e3 * most, slow);
  remove(path), remove(other);
  tsne_model_free(model), tsne_model_free(large);
  CHECK(tsne_live_handles() == 0);
  free(x), free(big), free(y), free(z), free(index_), free(distance);
  return finish("interrupts");
}
