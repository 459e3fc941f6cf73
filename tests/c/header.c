/* Compiled as C99, C11 and C++17: the header stands alone, and the INIT macro
 * and the function agree byte for byte. */
#include <tsne.h>

#include <stdio.h>
#include <string.h>

int main(void) {
  tsne_options a = TSNE_OPTIONS_INIT, b;
  memset(&b, 0xA5, sizeof b);
  if (tsne_options_init(&b) != TSNE_OK || memcmp(&a, &b, sizeof a) != 0) {
    fprintf(stderr, "header: TSNE_OPTIONS_INIT and tsne_options_init differ\n");
    return 1;
  }
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
