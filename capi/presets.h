/* Written by scripts/options from tsne/options.toml: change it there. */

static void preset_atlas(tsne_options *o) {
  o->affinity = TSNE_AFFINITY_UNIFORM;
  o->k = 15;
  o->init = TSNE_INIT_SAMPLE;
  o->anneal_iterations = 250;
}

static const struct {
  const char *name;
  void (*set)(tsne_options *);
} presets[] = {
    {"atlas", preset_atlas},
};

#define PRESET_NAMES "\"atlas\""
