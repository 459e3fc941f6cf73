/* What programs share that test refusals: the right status, one line of text of
 * its own, and outputs left as they were. */
#ifndef REFUSED_H
#define REFUSED_H

#include "test.h"

enum { N = 60, D = 5, K = 15, SEEN = 300 };

/* All that a call may write to. */
static struct {
  float y[N * 3];
  float distance[N * K];
  int32_t index[N * K];
  int64_t ptr[N + 1];
  tsne_model *model;
  tsne_affinities *p;
  tsne_partial *partial;
  double kl, other, third;
  uint64_t bytes;
  int64_t n, m;
  int32_t dims;
} out;

static char seen[SEEN][512];
static int n_seen;

static void guard(void) { memset(&out, 0xA5, sizeof out); }

static void refused(const char *file, int line, const char *call, int want,
                    int got, int own) {
  const char *text = tsne_last_error();
  const unsigned char *byte = (const unsigned char *)&out;
  size_t i;
  int k;
  if (got != want) {
    failures++;
    fprintf(stderr, "%s:%d: %s\n  gave %s, want %s (%s)\n", file, line, call,
            tsne_status_name(got), tsne_status_name(want), text);
    guard();
    return;
  }
  for (i = 0; i < sizeof out && byte[i] == 0xA5; i++)
    ;
  if (i < sizeof out) {
    failures++;
    fprintf(stderr, "%s:%d: %s\n  wrote to an output\n", file, line, call);
    guard();
  }
  if (!*text || strchr(text, '\n')) {
    failures++;
    fprintf(stderr, "%s:%d: %s\n  text is not one line: \"%s\"\n", file, line,
            call, text);
  }
  for (k = 0; own && k < n_seen; k++) {
    if (!strcmp(seen[k], text)) {
      failures++;
      fprintf(stderr, "%s:%d: %s\n  text is another's: \"%s\"\n", file, line,
              call, text);
    }
  }
  if (n_seen < SEEN)
    strncpy(seen[n_seen++], text, sizeof *seen - 1);
  if (getenv("TSNE_TEST_VERBOSE"))
    printf("%-20s %s\n", tsne_status_name(got), text);
}

#define REFUSED(want, call) refused(__FILE__, __LINE__, #call, want, call, 1)
/* For a reason that another call gives too. */
#define REFUSED_TOO(want, call)                                                \
  refused(__FILE__, __LINE__, #call, want, call, 0)

#endif
