/* Buffers of exactly the bytes that a call may touch. A page that faults lies
 * behind each, or before it, and stops the assembly kernels too, which
 * AddressSanitizer does not see into; the bytes on the other side are checked
 * after the call and, in a build with AddressSanitizer, poisoned. */
#ifndef FUZZ_BUFFERS_H
#define FUZZ_BUFFERS_H

#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(at, bytes) __asan_poison_memory_region(at, bytes)
#define UNPOISON(at, bytes) __asan_unpoison_memory_region(at, bytes)
#else
#define POISON(at, bytes) ((void)(at), (void)(bytes))
#define UNPOISON(at, bytes) ((void)(at), (void)(bytes))
#endif

enum { BUFFERS = 24, ROOM = 1 << 16, EDGE = 64, FILLER = 0xA5 };

/* INPUT is never written, OUTPUT is as before after an error. */
enum buffer_kind { INPUT, OUTPUT, FINITE_OUTPUT };

typedef struct buffer {
  unsigned char *room, *at;
  size_t bytes;
  enum buffer_kind kind;
  int sealed;
  unsigned char before[ROOM]; /* what it held when the call began */
} buffer;

static __thread buffer *buffers;
static __thread int used;
static __thread uint64_t state; /* of the thread's random numbers */

static uint64_t bits(void) {
  uniform(&state);
  return state ^ state >> 29;
}
static int64_t below(int64_t n) {
  return (int64_t)(uniform(&state) * (double)n);
}
static int once_in(int64_t n) { return below(n) == 0; }

static void buffers_open(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  int i;
  buffers = need(BUFFERS * sizeof *buffers);
  for (i = 0; i < BUFFERS; i++) {
    int zero = open("/dev/zero", O_RDWR);
    unsigned char *m = mmap(NULL, ROOM + 2 * page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE, zero, 0);
    close(zero);
    if (m == MAP_FAILED || mprotect(m, page, PROT_NONE) ||
        mprotect(m + page + ROOM, page, PROT_NONE)) {
      perror("fuzz: mmap");
      exit(2);
    }
    buffers[i].room = m + page;
    POISON(buffers[i].room, ROOM);
  }
  used = 0;
}

static void buffers_close(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  int i;
  for (i = 0; i < BUFFERS; i++) {
    UNPOISON(buffers[i].room, ROOM);
    munmap(buffers[i].room - page, ROOM + 2 * page);
  }
  free(buffers);
}

/* The bytes of a x b elements; 0 for sizes that no caller can have meant, which
 * the library must refuse by looking at the sizes alone. */
static size_t bytes_of(int64_t a, int64_t b, size_t each) {
  if (a <= 0 || b <= 0 || a > ROOM || b > ROOM || (size_t)(a * b) > ROOM / each)
    return 0;
  return (size_t)(a * b) * each;
}

static void *buffer_of(size_t bytes, enum buffer_kind kind) {
  buffer *b = &buffers[used++];
  unsigned char *end;
  size_t i, before, behind;
  if (used > BUFFERS || bytes > ROOM) {
    fprintf(stderr, "fuzz: no room for a buffer\n");
    exit(2);
  }
  b->at = once_in(4) ? b->room : b->room + ROOM - bytes;
  b->bytes = bytes, b->kind = kind, b->sealed = 0;
  end = b->at + bytes;
  before = (size_t)(b->at - b->room) < EDGE ? (size_t)(b->at - b->room) : EDGE;
  behind = (size_t)(b->room + ROOM - end) < EDGE
               ? (size_t)(b->room + ROOM - end)
               : EDGE;
  UNPOISON(b->room, ROOM);
  memset(b->at - before, FILLER, before);
  memset(end, FILLER, behind);
  for (i = 0; i < bytes; i++)
    b->at[i] = FILLER;
  return b->at;
}

/* Nothing of the call's is written from here on but by the library. */
static void seal(void) {
  int i;
  for (i = 0; i < used; i++) {
    buffer *b = &buffers[i];
    if (b->sealed)
      continue;
    b->sealed = 1;
    memcpy(b->before, b->at, b->bytes);
    POISON(b->room, (size_t)(b->at - b->room));
    POISON(b->at + b->bytes, (size_t)(b->room + ROOM - b->at) - b->bytes);
  }
}

static int filler(const unsigned char *from, const unsigned char *to) {
  for (; from < to; from++)
    if (*from != FILLER)
      return 0;
  return 1;
}

static int finite_floats(const void *at, size_t bytes) {
  const float *v = at;
  size_t i;
  for (i = 0; i < bytes / sizeof *v; i++)
    if (!isfinite(v[i]))
      return 0;
  return 1;
}

/* Holds a call that ended with status to what it may have written. A buffer is
 * out of bounds from here on, also for a worker that a call left behind. */
static void settle(int status) {
  int i;
  for (i = 0; i < used; i++) {
    buffer *b = &buffers[i];
    unsigned char *end = b->at + b->bytes;
    UNPOISON(b->room, ROOM);
    CHECK(filler(b->at - b->room < EDGE ? b->room : b->at - EDGE, b->at));
    CHECK(
        filler(end, b->room + ROOM - end < EDGE ? b->room + ROOM : end + EDGE));
    if (b->kind == INPUT || (status != TSNE_OK && status != TSNE_E_CANCELLED))
      CHECK(!memcmp(b->at, b->before, b->bytes));
    else if (b->kind == FINITE_OUTPUT && status == TSNE_OK)
      CHECK(finite_floats(b->at, b->bytes));
    POISON(b->room, ROOM);
  }
  used = 0;
}

#endif
