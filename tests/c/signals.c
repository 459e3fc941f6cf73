/*
 * The host's signal handlers, installed without SA_ONSTACK and greedy of stack,
 * under timers of 200 microseconds: they run on the host's threads alone, all
 * through every kind of call, and stay what they were.
 *
 *   signals         handlers installed after the library was loaded
 *   signals early   and before
 *
 * SIGNALS_SECONDS: how long the calls are repeated, 3.
 */
#define _GNU_SOURCE
#include "test.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum { N = 600, M = 100, D = 8, GREED = 100000 };

static const int timed[] = {SIGALRM, SIGPROF, SIGVTALRM, SIGURG, SIGPIPE};
enum { KINDS = sizeof timed / sizeof *timed };
static pthread_t host, caller;
static int started;
static volatile sig_atomic_t ran[65], elsewhere;

/* The system has no thread for who asks next. */
static volatile int no_thread;

int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *),
                   void *arg) {
  union {
    void *symbol;
    int (*call)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  } real;
  if (no_thread) {
    no_thread = 0;
    return EAGAIN;
  }
  real.symbol = dlsym(RTLD_NEXT, "pthread_create");
  return real.call(t, a, f, arg);
}

static void handler(int s) {
  volatile char room[GREED];
  char text[64];
  room[0] = room[GREED - 1] = (char)s;
  if (snprintf(text, sizeof text, "signal %d, %g", s, 1.5) > 0)
    ran[s]++;
  if (started && !pthread_equal(pthread_self(), host))
    elsewhere = s;
}

static void install(int s) {
  struct sigaction a;
  memset(&a, 0, sizeof a);
  a.sa_handler = handler;
  a.sa_flags = SA_RESTART;
  sigemptyset(&a.sa_mask);
  sigaddset(&a.sa_mask, SIGUSR2);
  sigaction(s, &a, NULL);
}

static void arm(int64_t us) {
  static const int which[] = {ITIMER_REAL, ITIMER_PROF, ITIMER_VIRTUAL};
  struct itimerval t;
  size_t i;
  t.it_interval.tv_sec = t.it_value.tv_sec = 0;
  t.it_interval.tv_usec = t.it_value.tv_usec = us;
  for (i = 0; i < 3; i++)
    setitimer(which[i], &t, NULL);
}

static void begin(void) {
  size_t i;
  for (i = 0; i < KINDS; i++)
    install(timed[i]);
  arm(200);
}

/* Runs before the constructors of any library. */
static void preinit(int argc, char **argv, char **env) {
  (void)env;
  if (argc > 1 && !strcmp(argv[1], "early"))
    begin();
}
__attribute__((section(".preinit_array"),
               used)) static void (*const first)(int, char **,
                                                 char **) = preinit;

static int as_installed(int s) {
  struct sigaction a;
  return !sigaction(s, NULL, &a) && a.sa_handler == handler &&
         (a.sa_flags & (SA_RESTART | SA_SIGINFO | SA_NODEFER)) == SA_RESTART &&
         sigismember(&a.sa_mask, SIGUSR2) && !sigismember(&a.sa_mask, SIGHUP);
}

/* The library's threads that would take s, and the number of its threads. */
static int deaf(int s, int *threads) {
  struct dirent *e;
  DIR *tasks = opendir("/proc/self/task");
  int hears = 0;
  *threads = 0;
  while (tasks && (e = readdir(tasks))) {
    char name[300], line[200];
    unsigned long long blocked = 0;
    FILE *f;
    if (e->d_name[0] == '.' || atoi(e->d_name) == getpid())
      continue;
    snprintf(name, sizeof name, "/proc/self/task/%s/status", e->d_name);
    if (!(f = fopen(name, "r")))
      continue;
    while (fgets(line, sizeof line, f))
      sscanf(line, "SigBlk: %llx", &blocked);
    fclose(f);
    ++*threads;
    hears += !(blocked >> (s - 1) & 1);
  }
  if (tasks)
    closedir(tasks);
  return hears;
}

/* A handler that comes while a call runs, and is wanted at once. */
static int on_progress(const tsne_progress *p, void *user) {
  (void)user;
  if (p->iteration == 20) {
    install(SIGUSR1);
    kill(getpid(), SIGUSR1);
  }
  return !pthread_equal(pthread_self(), caller);
}

static void calls(const float *x, int repulsion) {
  static const char *const path = "signals-test.npz";
  static float y[N * 2], at[M * 2];
  tsne_options o = TSNE_OPTIONS_INIT;
  tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  tsne_model *model = NULL, *again = NULL, *aligned = NULL;
  double knn = 0;
  caller = pthread_self();
  o.early_iterations = 30;
  o.iterations = 40;
  o.progress = on_progress;
  o.progress_every = 10;
  o.repulsion = repulsion;
  o.threads = 3;
  t.iterations = 10;
  OK(tsne_fit(y, &model, x, N, D, &o));
  OK(tsne_transform(at, NULL, model, x, M, D, &t));
  OK(tsne_model_save(model, path));
  OK(tsne_model_load(&again, path, NULL));
  OK(tsne_model_optimize(y, NULL, again, 20, 1, 0, 0.8, NULL));
  OK(tsne_align(y, &aligned, NULL, NULL, model, x, N, D, &t, &o));
  OK(tsne_quality(&knn, NULL, NULL, x, N, D, y, 2, NULL, NULL));
  tsne_model_free(aligned);
  tsne_model_free(again);
  tsne_model_free(model);
  remove(path);
}

/* A call out of a callback takes a second thread, and there is none: the host's
 * own makes the call. */
static int without_thread(const tsne_progress *p, void *x) {
  static float y[N * 2];
  tsne_options o = TSNE_OPTIONS_INIT;
  if (p->iteration != 1)
    return 0;
  o.early_iterations = o.iterations = 20;
  no_thread = 1;
  OK(tsne_fit(y, NULL, x, N, D, &o));
  CHECK(!no_thread);
  return 0;
}

static void alone(float *x) {
  static float y[N * 2];
  tsne_options o = TSNE_OPTIONS_INIT;
  sigset_t mask;
  o.early_iterations = o.iterations = 3;
  o.progress = without_thread;
  o.progress_user = x;
  o.progress_every = 1;
  OK(tsne_fit(y, NULL, x, N, D, &o));
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  CHECK(!sigismember(&mask, SIGALRM) && !sigismember(&mask, SIGPROF));
}

static void *in_a_thread(void *x) {
  calls(x, TSNE_REPULSION_BARNES_HUT);
  return NULL;
}

int main(int argc, char **argv) {
  const char *asked = getenv("SIGNALS_SECONDS");
  double until = seconds() + (asked ? atof(asked) : 3);
  float *x = blobs(N, D);
  pthread_t other;
  int threads = 0, i, rounds = 0;
  char *folder = strrchr(argv[0], '/');
  if (folder) { /* its file beside the program, not in the tree */
    *folder = 0;
    if (chdir(argv[0]))
      return 1;
  }
  host = pthread_self();
  started = 1;
  if (argc < 2)
    begin();
  alone(x);
  do {
    calls(x, rounds % 3 + 1);
    for (i = 0; i < KINDS; i++)
      CHECK(as_installed(timed[i]));
    rounds++;
  } while (seconds() < until && !failures);
  /* By now Go has made what threads it makes. */
  CHECK(deaf(SIGALRM, &threads) == 0);
  CHECK(deaf(SIGPROF, &threads) == 0);
  CHECK(deaf(SIGURG, &threads) == 0);
  CHECK(deaf(SIGINT, &threads) == 0);
  CHECK(threads > 2);
  CHECK(elsewhere == 0 && ran[SIGURG] == 0);
  CHECK(ran[SIGALRM] > 100 && ran[SIGPROF] > 100 && ran[SIGUSR1] > 0);
  arm(0);
  printf(
      "signals: %d rounds, %d + %d + %d handled, %d threads of the library\n",
      rounds, (int)ran[SIGALRM], (int)ran[SIGPROF], (int)ran[SIGVTALRM],
      threads);

  /* A host with threads of its own, where any of them may be interrupted. */
  started = 0;
  arm(200);
  if (CHECK(!pthread_create(&other, NULL, in_a_thread, x)))
    pthread_join(other, NULL);
  arm(0);
  CHECK(tsne_live_handles() == 0);
  free(x);
  return finish("signals");
}
