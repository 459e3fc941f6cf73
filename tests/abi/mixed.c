/* A program of 0.3 that loads a plugin of 0.1: no struct is written to beyond
 * its end, whoever calls. With PLUGIN: that plugin. mixed PLUGIN.so */
#include <tsne.h>

#ifdef PLUGIN
/* Ends in the call, so that it returns to the program. */
int plugin_init(tsne_options *o) { return tsne_options_init(o); }
#else
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static unsigned char room[sizeof(tsne_options) + 512];

/* How many bytes the function writes, which is what it says in the first. */
static size_t written(int (*init)(tsne_options *)) {
  tsne_options *o = (tsne_options *)(void *)room;
  size_t n = sizeof room;
  memset(room, 0xA5, n);
  if (init(o) != TSNE_OK)
    return 0;
  while (n && room[n - 1] == 0xA5)
    n--;
  return n <= o->struct_size && n > o->struct_size - 8 ? o->struct_size : 0;
}

int main(int argc, char **argv) {
  const size_t first = offsetof(tsne_options, dof), own = sizeof(tsne_options);
  void *plugin, *symbol;
  int (*init)(tsne_options *);
  size_t alone = written(tsne_options_init), with, of_plugin, by_name;
  tsne_partial_free(NULL); /* what tells it for a program of 0.2 or later */
  if (argc < 2 || !(plugin = dlopen(argv[1], RTLD_NOW)) ||
      !(symbol = dlsym(plugin, "plugin_init"))) {
    fprintf(stderr, "mixed: %s\n", dlerror());
    return 2;
  }
  memcpy(&init, &symbol, sizeof init);
  of_plugin = written(init);
  with = written(tsne_options_init);
  symbol = dlsym(RTLD_DEFAULT, "tsne_options_init");
  memcpy(&init, &symbol, sizeof init);
  by_name = written(init);
  if (alone != own || of_plugin != first || with != first || by_name != first) {
    fprintf(stderr,
            "mixed: %zu alone, %zu by the plugin, %zu with it, %zu by "
            "name; %zu are the program's, %zu the first release's\n",
            alone, of_plugin, with, by_name, own, first);
    return 1;
  }
  return 0;
}
#endif
