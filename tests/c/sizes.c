/* What init functions and functions that write a struct do with its size: that
 * of a release, of none, and of a release to come. tests/abi has the programs
 * of former releases. */
#include "refused.h"

#include <stddef.h>

enum { ROOM = 1024 };
static unsigned char room[ROOM];

static int untouched(size_t from) {
  for (; from < ROOM; from++)
    if (room[from] != 0xA5)
      return 0;
  return 1;
}

static int options_init(void *o, size_t size) {
  return tsne_options_init_sized((tsne_options *)o, size);
}
static int transform_init(void *o, size_t size) {
  return tsne_transform_options_init_sized((tsne_transform_options *)o, size);
}
static int superposition_init(void *o, size_t size) {
  return tsne_superposition_init_sized((tsne_superposition *)o, size);
}

/* `all` are the defaults, and `sizes` what releases had of them. */
static void sized(int (*init)(void *, size_t), const void *all,
                  const size_t *sizes, size_t count) {
  size_t i, size, newest = sizes[count - 1];
  const size_t none[] = {0,          4,          sizeof(size_t),
                         newest - 1, newest + 8, (size_t)-1};
  for (i = 0; i < count; i++) {
    memset(room, 0xA5, ROOM);
    OK(init(room, sizes[i]));
    memcpy(&size, room, sizeof size);
    CHECK(size == sizes[i]);
    CHECK(!memcmp(room + sizeof size, (const char *)all + sizeof size,
                  sizes[i] - sizeof size));
    CHECK(untouched(sizes[i]));
  }
  for (i = 0; i < sizeof none / sizeof *none; i++) {
    memset(room, 0xA5, ROOM);
    REFUSED(TSNE_E_STRUCT_SIZE, init(room, none[i]));
    CHECK(!strstr(tsne_last_error(), "newer") == (none[i] < newest));
    memcpy(&size, room, sizeof size);
    CHECK(none[i] < sizeof size ? untouched(0)
                                : size == none[i] && untouched(sizeof size));
  }
  REFUSED_TOO(TSNE_E_NULL, init(NULL, newest));
}

/* A superposition is written to the length that its caller gave. */
static void written(const float *x) {
  tsne_superposition *s = (tsne_superposition *)room;
  memset(room, 0xA5, ROOM);
  OK(tsne_superposition_init(s));
  OK(tsne_procrustes(s, x, x + 1, N, 2, 0));
  CHECK(s->struct_size == sizeof *s && s->dims == 2);
  CHECK(untouched(sizeof *s));
  s->struct_size += 8;
  memset(s->rotation, 0xA5, ROOM - sizeof(size_t));
  REFUSED(TSNE_E_STRUCT_SIZE, tsne_procrustes(s, x, x + 1, N, 2, 0));
  CHECK(untouched(sizeof(size_t)));
}

int main(void) {
  static const tsne_options o = TSNE_OPTIONS_INIT;
  static const tsne_transform_options t = TSNE_TRANSFORM_OPTIONS_INIT;
  static const tsne_superposition s = TSNE_SUPERPOSITION_INIT;
  static const size_t of_options[] = {offsetof(tsne_options, dof), sizeof o},
                      of_transforms[] = {offsetof(tsne_transform_options,
                                                  perplexities),
                                         sizeof t},
                      of_superpositions[] = {sizeof s};
  float *x = blobs(N + 1, D);
  guard();
  sized(options_init, &o, of_options, 2);
  sized(transform_init, &t, of_transforms, 2);
  sized(superposition_init, &s, of_superpositions, 1);
  written(x);
  CHECK(tsne_abi() == TSNE_ABI);
  free(x);
  return finish("sizes");
}
