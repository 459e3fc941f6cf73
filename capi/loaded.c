/*
 * A file of its own, and one that Go code alone refers to: so its constructor
 * runs after Go's own, also where a program links the archive, from which the
 * linker takes files in the order of need.
 */
#include "private.h"

int tsne__loaded(void) { return 0; }

#if !defined(_WIN32)
__attribute__((constructor)) static void loaded(void) { tsne__after_go(); }
#endif
