/* A preset is the values that docs/options.md lists, and nothing else: fields
 * of the caller stay, and what is set afterwards wins. */
#include "refused.h"

#include <stddef.h>

int main(void) {
  const tsne_options plain = TSNE_OPTIONS_INIT;
  tsne_options by_name = plain, by_hand = plain, before;
  float *x = blobs(N, D), one[N * 2], other[N * 2];
  guard();

  by_name.seed = by_hand.seed = 7;
  by_name.early_iterations = by_hand.early_iterations = 20;
  by_name.iterations = by_hand.iterations = 30;
  by_name.sample_size = by_hand.sample_size = 40;
  OK(tsne_options_preset(&by_name, "atlas"));
  by_hand.affinity = TSNE_AFFINITY_UNIFORM;
  by_hand.k = 15;
  by_hand.init = TSNE_INIT_SAMPLE;
  by_hand.anneal_iterations = 250;
  CHECK(!memcmp(&by_name, &by_hand, sizeof by_hand));
  OK(tsne_fit(one, NULL, x, N, D, &by_name));
  OK(tsne_fit(other, NULL, x, N, D, &by_hand));
  CHECK(!memcmp(one, other, sizeof one));

  by_name.k = by_hand.k = 10;
  OK(tsne_fit(one, NULL, x, N, D, &by_name));
  CHECK(memcmp(one, other, sizeof one));
  OK(tsne_fit(other, NULL, x, N, D, &by_hand));
  CHECK(!memcmp(one, other, sizeof one));

  before = by_name;
  REFUSED(TSNE_E_OPTION, tsne_options_preset(&by_name, "Atlas"));
  CHECK(!strcmp(tsne_last_error(),
                "tsne_options_preset: name: got \"Atlas\", want \"atlas\""));
  REFUSED(TSNE_E_OPTION, tsne_options_preset(&by_name, ""));
  REFUSED(TSNE_E_NULL, tsne_options_preset(&by_name, NULL));
  REFUSED(TSNE_E_NULL, tsne_options_preset(NULL, "atlas"));
  CHECK(!memcmp(&by_name, &before, sizeof before));
  by_name.struct_size = offsetof(tsne_options, dof); /* 0.1's, without k */
  before = by_name;
  REFUSED(TSNE_E_STRUCT_SIZE, tsne_options_preset(&by_name, "atlas"));
  by_name.struct_size = before.struct_size = sizeof before + 8;
  REFUSED(TSNE_E_STRUCT_SIZE, tsne_options_preset(&by_name, "atlas"));
  CHECK(!memcmp(&by_name, &before, sizeof before));

  free(x);
  return finish("preset");
}
