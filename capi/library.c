/* The library itself. */
#include "call.h"

#include <string.h>

const char *tsne_version(void) { return TSNE_VERSION; }

int tsne_abi(void) { return TSNE_ABI; }

int tsne_version_number(void) {
  return TSNE_VERSION_MAJOR * 10000 + TSNE_VERSION_MINOR * 100 +
         TSNE_VERSION_PATCH;
}

const char *tsne_cpu(void) {
  static const char *const names[] = {"portable", "avx2", "avx512"};
  char name[16] = "";
  size_t i;
  if (tsne__forked())
    return "";
  goTsneCPU(name, sizeof name);
  for (i = sizeof names / sizeof *names - 1; i > 0; i--)
    if (!strcmp(name, names[i]))
      break;
  return names[i];
}

int64_t tsne_live_handles(void) {
  return tsne__forked() ? 0 : goTsneLiveHandles();
}

int tsne_available_memory(uint64_t *bytes) {
  BEGIN;
  NOT_NULL(bytes);
  *bytes = goTsneAvailableMemory();
  return TSNE_OK;
}
