/* Phases of which nothing is said: what a fit takes is what tsne_options_settle
 * says, and what a caller says is kept to the letter. */
#include "refused.h"

#include <stddef.h>

enum { MANY = 10000, FEW = 9999, WIDE = 3 };

static int is(tsne_options o, int64_t early, int64_t late,
              double early_momentum, double momentum, int64_t rise) {
  return o.early_iterations == early && o.iterations == late &&
         o.early_momentum == early_momentum && o.momentum == momentum &&
         o.momentum_iterations == rise;
}

static tsne_options settled(tsne_options o, int64_t n) {
  OK(tsne_options_settle(&o, n));
  return o;
}

/* What a fit of n points takes by o. */
#define TAKES(o, n, ...) CHECK(is(settled(o, n), __VA_ARGS__))

int main(void) {
  const tsne_options plain = TSNE_OPTIONS_INIT;
  const int64_t rows[] = {FEW, MANY};
  float *x = blobs(MANY, WIDE), *one = malloc(sizeof *one * MANY * 2),
        *other = malloc(sizeof *other * MANY * 2);
  tsne_options o, before;
  size_t i;
  guard();

  TAKES(plain, MANY, 150, 350, 0.8, 0.95, 250);
  TAKES(plain, (int64_t)1 << 40, 150, 350, 0.8, 0.95, 250);
  TAKES(plain, FEW, 250, 500, 0.5, 0.8, 0);
  TAKES(plain, 0, 250, 500, 0.5, 0.8, 0);
  TAKES(settled(plain, 0), MANY, 250, 500, 0.5, 0.8, 0);
  o = plain, o.iterations = 500;
  TAKES(o, MANY, 250, 500, 0.5, 0.8, 0);
  o = plain, o.early_iterations = 0;
  TAKES(o, MANY, 0, 500, 0.5, 0.8, 0);
  o = plain, o.momentum = 0;
  TAKES(o, MANY, 250, 500, 0.5, 0, 0);
  o = plain, o.early_momentum = 0.6;
  TAKES(o, MANY, 150, 350, 0.6, 0.95, 250);
  o = plain, o.exaggeration = 4;
  TAKES(o, MANY, 250, 500, 0.5, 0.8, 0);
  o = plain, o.pull = 0.1;
  TAKES(o, MANY, 250, 500, 0.5, 0.8, 0);

  for (i = 0; i < 2; i++) {
    o = plain;
    o.affinity = TSNE_AFFINITY_UNIFORM, o.k = 4, o.seed = 3;
    OK(tsne_fit(one, NULL, x, rows[i], WIDE, &o));
    o = settled(o, rows[i]);
    OK(tsne_fit(other, NULL, x, rows[i], WIDE, &o));
    CHECK(!memcmp(one, other, sizeof *one * (size_t)rows[i] * 2));
  }

  before = o = plain;
  REFUSED(TSNE_E_SHAPE, tsne_options_settle(&o, -1));
  CHECK(!strcmp(tsne_last_error(), "n: got -1, want 0 or more"));
  CHECK(!memcmp(&o, &before, sizeof o));
  before.momentum = o.momentum = -2;
  REFUSED(TSNE_E_OPTION, tsne_options_settle(&o, N));
  CHECK(!memcmp(&o, &before, sizeof o));
  o.struct_size = offsetof(tsne_options, dof); /* 0.1's */
  REFUSED(TSNE_E_STRUCT_SIZE, tsne_options_settle(&o, N));
  REFUSED(TSNE_E_NULL, tsne_options_settle(NULL, N));

  free(x);
  free(one);
  free(other);
  return finish("schedule");
}
