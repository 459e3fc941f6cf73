/* The examples' .npy reader and writer. With arguments: writes blobs of n x d
 * to a file, for the examples to read. */
#include "test.h"

#include "../../examples/c/npy.h"

static void put(const char *path, const char *header, const void *data,
                size_t bytes) {
  FILE *f = fopen(path, "wb");
  size_t size = strlen(header);
  if (!CHECK(f != NULL))
    return;
  fwrite("\x93NUMPY\x01\x00", 1, 8, f);
  fputc((int)(size & 255), f);
  fputc((int)(size >> 8), f);
  fwrite(header, 1, size, f);
  fwrite(data, 1, bytes, f);
  fclose(f);
}

static void reads(const char *path, const char *header, const void *data,
                  size_t bytes, int good) {
  static const float want[6] = {0, 1, 2, 3, 4, 255};
  int64_t rows = 0, cols = 0;
  float *x;
  put(path, header, data, bytes);
  x = npy_read(path, &rows, &cols);
  if (!CHECK((x != NULL) == good))
    fprintf(stderr, "  %s\n", header);
  if (x)
    CHECK(rows == 2 && cols == 3 && !memcmp(x, want, sizeof want));
  free(x);
}

int main(int argc, char **argv) {
  static const float f4[6] = {0, 1, 2, 3, 4, 255};
  static const double f8[6] = {0, 1, 2, 3, 4, 255};
  static const unsigned char u1[6] = {0, 1, 2, 3, 4, 255};
  const char *path = argc > 1 ? argv[1] : "npy-test.npy";
  int64_t rows = 0, cols = 0;
  float *x;
  if (argc > 3) {
    x = blobs(atol(argv[2]), atol(argv[3]));
    CHECK(npy_write(path, x, atol(argv[2]), atol(argv[3])));
    free(x);
    return failures != 0;
  }
#define HEADER(type, order, shape)                                             \
  "{'descr': '" type "', 'fortran_order': " order ", 'shape': " shape ", }\n"
  reads(path, HEADER("<f4", "False", "(2, 3)"), f4, sizeof f4, 1);
  reads(path, HEADER("<f8", "False", "(2, 3)"), f8, sizeof f8, 1);
  reads(path, HEADER("|u1", "False", "(2, 3)"), u1, sizeof u1, 1);
  reads(path, HEADER("<f4", "True", "(2, 3)"), f4, sizeof f4, 0);
  reads(path, HEADER(">f4", "False", "(2, 3)"), f4, sizeof f4, 0);
  reads(path, HEADER("<i4", "False", "(2, 3)"), f4, sizeof f4, 0);
  reads(path, HEADER("<f4", "False", "(6,)"), f4, sizeof f4, 0);
  reads(path, HEADER("<f4", "False", "(2, 3)"), f4, sizeof f4 - 1, 0);
  reads(path, HEADER("<f4", "False", "(-2, 3)"), f4, sizeof f4, 0);
  reads(path, HEADER("<f8", "False", "(4000000000, 4000000000)"), f8, sizeof f8,
        0);
  reads(path, "{}", f4, sizeof f4, 0);
  CHECK(npy_write(path, f4, 3, 2));
  x = npy_read(path, &rows, &cols);
  CHECK(x && rows == 3 && cols == 2 && !memcmp(x, f4, sizeof f4));
  free(x);
  CHECK(!npy_read("no-such-file.npy", &rows, &cols));
  CHECK(!npy_write("no-such-folder/file.npy", f4, 3, 2));
  remove(path);
  return finish("npy");
}
