/*
 * Just enough of NumPy's .npy format for the examples: reads a 2-D float32,
 * float64 or uint8 array in C order as float, writes float32. Little-endian
 * machines only.
 */
#ifndef NPY_H
#define NPY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads the header and leaves f at the data. The type is the letter and size
 * of the dtype, such as "f4". Returns 0 on failure. */
static int npy_header(FILE *f, char type[3], int64_t *rows, int64_t *cols) {
  unsigned char start[12];
  char text[4096];
  const char *descr, *order, *shape;
  size_t size;
  long long r, c;
  if (fread(start, 1, 10, f) != 10 || memcmp(start, "\x93NUMPY", 6) != 0)
    return 0;
  size = start[8] | (size_t)start[9] << 8;
  if (start[6] > 1) {
    if (fread(start + 10, 1, 2, f) != 2)
      return 0;
    size |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
  }
  if (size >= sizeof text || fread(text, 1, size, f) != size)
    return 0;
  text[size] = 0;
  descr = strstr(text, "'descr': '");
  order = strstr(text, "'fortran_order': False");
  shape = strstr(text, "'shape': (");
  if (!descr || !order || !shape)
    return 0;
  descr += strlen("'descr': '");
  if (descr[0] == '>' || sscanf(descr + 1, "%2[a-z0-9]", type) != 1)
    return 0;
  if (sscanf(shape, "'shape': (%lld, %lld)", &r, &c) != 2 || r < 1 || c < 1)
    return 0;
  *rows = r;
  *cols = c;
  return 1;
}

/* Returns the array, to be freed with free(), or NULL. */
static float *npy_read(const char *path, int64_t *rows, int64_t *cols) {
  FILE *f = fopen(path, "rb");
  float *x = NULL;
  char type[3] = "";
  union {
    float f4;
    double f8;
    uint8_t u1;
  } v;
  size_t item, count, i;
  if (!f)
    return NULL;
  if (npy_header(f, type, rows, cols)) {
    item = !strcmp(type, "f4")   ? 4
           : !strcmp(type, "f8") ? 8
                                 : !strcmp(type, "u1");
    if (item && (uint64_t)*cols <= SIZE_MAX / sizeof *x / (uint64_t)*rows) {
      count = (size_t)*rows * (size_t)*cols;
      x = malloc(count * sizeof *x);
      for (i = 0; x && i < count; i++) {
        if (fread(&v, item, 1, f) != 1) {
          free(x);
          x = NULL;
          break;
        }
        x[i] = item == 4 ? v.f4 : item == 8 ? (float)v.f8 : v.u1;
      }
    }
  }
  fclose(f);
  return x;
}

/* Writes a rows x cols array. Returns 0 on failure. */
static int npy_write(const char *path, const float *x, int64_t rows,
                     int64_t cols) {
  char text[118];
  size_t count = (size_t)rows * (size_t)cols;
  FILE *f = fopen(path, "wb");
  int ok;
  if (!f)
    return 0;
  /* 10 bytes of magic and this make 128, as the format wants. */
  memset(text, ' ', sizeof text);
  ok = sprintf(
      text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%lld, %lld), }",
      (long long)rows, (long long)cols);
  text[ok] = ' ';
  text[sizeof text - 1] = '\n';
  ok = fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, f) == 10 &&
       fwrite(text, 1, sizeof text, f) == sizeof text &&
       fwrite(x, sizeof *x, count, f) == count;
  return !fclose(f) && ok;
}

#endif
