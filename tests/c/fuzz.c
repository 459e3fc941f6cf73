/* Every function of tsne.h with random sizes, NULLs, handles, struct sizes,
 * option bytes and files: a known status, a line of text, no touch outside a
 * buffer, nothing written after an error, no handle left, no crash, no hang.
 *
 * fuzz [SECONDS [FIRST [RECORD]]] makes episodes of some calls each, numbered
 * from FIRST, of which each begins anew: "fuzz 0 N" makes episode N again. One
 * in eight is made by several threads at once. RECORD is kept up to date with
 * "episode calls files", so that nothing is lost by a crash; "-" prints each
 * call instead.
 * fuzz list prints the functions; fuzz trip reads past a buffer and must die.
 */
#include "fuzz_calls.h"

#include <fcntl.h>

enum { CALLS = 2000, THREADS = 4, HANG = 600 };

static int64_t statuses[100], reached[KINDS], all_calls, all_files;
static int trace;

typedef struct task {
  uint64_t seed;
  int64_t count, calls, files, statuses[100], reached[KINDS];
  int alone;
} task;

static void *run(void *user) {
  task *t = user;
  int64_t i;
  state = t->seed * 0x9E3779B97F4A7C15u;
  alone = t->alone;
  calls = files = 0, mine = 0;
  file_size = 0, graph.n = csr.n = 0;
  buffers_open();
  for (i = 0; i < t->count && !failures; i++) {
    int kind = (int)below(KINDS), s;
    wild = once_in(2);
    s = kinds[kind].make();
    CHECK(s <= 0 && s > -100 && s != TSNE_E_INTERNAL && s != TSNE_E_FORKED);
    CHECK(strncmp(tsne_status_name(s), "TSNE_", 5) == 0);
    CHECK(s == TSNE_OK ||
          (*tsne_last_error() && !strchr(tsne_last_error(), '\n')));
    settle(s);
    if (trace)
      fprintf(stderr, "%s: %s: %s\n", kinds[kind].name, tsne_status_name(s),
              s == TSNE_OK ? "" : tsne_last_error());
    if (s <= 0 && s > -100)
      t->statuses[-s]++;
    if (s == TSNE_OK)
      t->reached[kind]++;
    if (failures)
      fprintf(stderr, "  %s, %lld in: %s: %s\n", kinds[kind].name, (long long)i,
              tsne_status_name(s), tsne_last_error());
  }
  buffers_close();
  t->calls = calls, t->files = files;
  return NULL;
}

static void episode(int64_t number) {
  static task tasks[THREADS];
  pthread_t others[THREADS];
  int several = number % 8 == 7, n = several ? THREADS : 1, i, k;
  memset(tasks, 0, sizeof tasks);
  alarm(HANG);
  for (i = 0; i < n; i++) {
    tasks[i].seed = (uint64_t)number * THREADS + (uint64_t)i + 1;
    tasks[i].count = CALLS / n;
    tasks[i].alone = !several;
    if (i && pthread_create(&others[i], NULL, run, &tasks[i]))
      exit(2);
  }
  run(&tasks[0]);
  for (i = 0; i < n; i++) {
    if (i)
      pthread_join(others[i], NULL);
    all_calls += tasks[i].calls, all_files += tasks[i].files;
    for (k = 0; k < 100; k++)
      statuses[k] += tasks[i].statuses[k];
    for (k = 0; k < KINDS; k++)
      reached[k] += tasks[i].reached[k];
  }
  for (i = 0; i < HANDLES; i++) {
    free_any(handles[i]);
    handles[i] = NULL;
  }
  CHECK(tsne_live_handles() == 0);
  if (failures)
    fprintf(stderr, "fuzz: episode %lld; make it again by: fuzz 0 %lld\n",
            (long long)number, (long long)number);
}

/* Maps of which one is a value too short. */
static int trip(void) {
  tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  int i;
  buffers_open();
  for (i = 0; i < 100; i++) { /* at either end of its room */
    float *a = in_floats(MAX_N, 2), *b = in_floats(MAX_N * 2 - 1, 1);
    settle(CALL(tsne_procrustes(&s, a, b, MAX_N, 2, 0)));
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *arg = argc > 1 ? argv[1] : "5";
  double end = seconds() + atof(arg);
  int64_t number = argc > 2 ? strtoll(argv[2], NULL, 10) : (int64_t)time(NULL);
  int64_t first = number;
  FILE *record = NULL;
  int i;
  trace = argc > 3 && !strcmp(argv[3], "-");
  if (argc > 3 && !trace && !(record = fopen(argv[3], "w"))) {
    perror(argv[3]);
    return 2;
  }
  if (!strcmp(arg, "trip"))
    return trip();
  if (!strcmp(arg, "list")) {
    for (i = 0; i < KINDS; i++)
      puts(kinds[i].name);
    return 0;
  }
  snprintf(path, sizeof path, "fuzz-%ld.npz", (long)getpid());
  do {
    if (record) {
      rewind(record);
      fprintf(record, "%-20lld %-20lld %-20lld\n", (long long)number,
              (long long)all_calls, (long long)all_files);
      fflush(record);
    }
    episode(number++);
  } while (seconds() < end && !failures);
  remove(path);
  printf(
      "fuzz: episodes %lld to %lld, %lld calls, %lld files:", (long long)first,
      (long long)number - 1, (long long)all_calls, (long long)all_files);
  for (i = 0; i < 100; i++)
    if (statuses[i])
      printf(" %s %lld", tsne_status_name(-i), (long long)statuses[i]);
  printf("\n");
  /* It must reach past the refusals, or it proves nothing. */
  CHECK(statuses[0] > all_calls / 10);
  for (i = 0; i < KINDS && all_calls > 100000; i++)
    if (!CHECK(reached[i] > 0))
      fprintf(stderr, "  no %s succeeded\n", kinds[i].name);
  if (record)
    fclose(record);
  return finish("fuzz");
}
