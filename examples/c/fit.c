/*
 * Embeds a .npy file of n x d numbers, writes the map, n x 2, as .npy, and the
 * model, if asked, as .npz. Ctrl-C stops it and keeps the map so far.
 *
 *   cc fit.c $(pkg-config --cflags --libs tsne) -o fit
 *   ./fit data.npy map.npy [perplexity [model.npz]]
 */
#include <signal.h>
#include <tsne.h>

#include "npy.h"

/* An int, as a cancel flag is, that a signal handler may set. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

static int on_progress(const tsne_progress *p, void *user) {
  (void)user;
  if (p->stage == TSNE_STAGE_OPTIMIZE)
    fprintf(stderr, "iteration %lld of %lld, KL %.4f\n",
            (long long)p->iteration, (long long)p->iterations, p->kl);
  return 0;
}

static void on_log(int level, const char *line, void *user) {
  (void)user;
  fprintf(stderr, "%s%s\n", level == TSNE_LOG_WARNING ? "warning: " : "", line);
}

int main(int argc, char **argv) {
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_model *model = NULL;
  int64_t n = 0, d = 0;
  double kl = 0;
  float *x, *y;
  int status;

  if (argc < 3) {
    fprintf(stderr, "usage: %s data.npy map.npy [perplexity [model.npz]]\n",
            argv[0]);
    return 2;
  }
  x = npy_read(argv[1], &n, &d);
  y = malloc((size_t)n * 2 * sizeof *y);
  if (!x || !y) {
    fprintf(stderr, "%s: cannot read it as a 2-D .npy of float or uint8\n",
            argv[1]);
    return 1;
  }
  signal(SIGINT, on_interrupt);
  o.cancel = (const int32_t *)&interrupted;
  o.progress = on_progress;
  o.log = on_log;
  if (argc > 3)
    o.perplexity = atof(argv[3]);

  status = tsne_fit(y, &model, x, n, d, &o);
  if (status == TSNE_OK && argc > 4)
    status = tsne_model_save(model, argv[4]);
  if (status != TSNE_OK)
    fprintf(stderr, "%s: %s\n", tsne_status_name(status), tsne_last_error());
  if (model) {
    tsne_model_info(NULL, NULL, NULL, &kl, model);
    printf("n %lld  d %lld  KL %.6f\n", (long long)n, (long long)d, kl);
    if (!npy_write(argv[2], y, n, 2)) {
      fprintf(stderr, "%s: cannot write it\n", argv[2]);
      status = 1;
    }
  }
  tsne_model_free(model);
  free(x);
  free(y);
  return status != TSNE_OK;
}
