/* Compiled as C99, C11 and C++17: the header stands alone, and each INIT macro
 * and its function agree byte for byte. */
#include <tsne.h>

#include <stdio.h>
#include <string.h>

#define SAME(type, macro, function)                                            \
  do {                                                                         \
    type a = macro, b;                                                         \
    memset(&b, 0xA5, sizeof b);                                                \
    if (function(&b) != TSNE_OK || memcmp(&a, &b, sizeof a) != 0) {            \
      fprintf(stderr, "header: " #macro " and " #function " differ\n");        \
      return 1;                                                                \
    }                                                                          \
  } while (0)

int main(void) {
  SAME(tsne_options, TSNE_OPTIONS_INIT, tsne_options_init);
  SAME(tsne_transform_options, TSNE_TRANSFORM_OPTIONS_INIT,
       tsne_transform_options_init);
  SAME(tsne_superposition, TSNE_SUPERPOSITION_INIT, tsne_superposition_init);
  if (strcmp(tsne_version(), TSNE_VERSION) != 0 ||
      tsne_version_number() != TSNE_VERSION_MAJOR * 10000 +
                                   TSNE_VERSION_MINOR * 100 +
                                   TSNE_VERSION_PATCH) {
    fprintf(stderr, "header: the library is of another version\n");
    return 1;
  }
  printf("header: ok\n");
  return 0;
}
