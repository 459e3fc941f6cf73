/* Written by scripts/options from tsne/options.toml: change it there. */

static const size_t option_sizes[] = {
    offsetof(tsne_options, dof),
    offsetof(tsne_options, pull),
    sizeof(tsne_options),
};

static const size_t transform_sizes[] = {
    offsetof(tsne_transform_options, perplexities),
    sizeof(tsne_transform_options),
};
