"""What the benchmark runs, and what it is to show."""

# Label: (adapter, options). The angle means something else in each program; these are what each is used with.
PEERS = {
    "openTSNE": ("opentsne", {}),
    "FIt-SNE": ("fitsne", {}),
    "scikit-learn-intelex, angle 0.25": ("intelex", {"theta": 0.25}),
    "scikit-learn-intelex, angle 0.5": ("intelex", {"theta": 0.5}),
    "scikit-learn": ("sklearn", {}),
    "scranpy": ("scranpy", {}),
    "Rtsne": ("rtsne", {}),
    "umap-learn (not t-SNE)": ("umap", {}),
}
OURS = {"libtsne": ("libtsne", {}), "libtsne, default learning rate": ("libtsne", {"learning_rate": "auto"}),
        "libtsne through Python": ("opentsne_go", {}), "libtsne, C program, default learning rate": ("libtsne_c", {})}
# Enough for the neighbours and a rate; what 750 iterations would take is extrapolated from it.
AT_SCALE = {"FIt-SNE": ("fitsne", {"early": 100, "late": 0}),
            "openTSNE, neighbours given": ("opentsne", {"early": 25, "late": 0, "given_neighbors": True}),
            "scranpy": ("scranpy", {"early": 25, "late": 0})}
# Iterations of the second phase that are tried at the default learning rate, to find how few give a map as good as FIt-SNE's.
FEWER = (100, 150, 200, 250, 300)
SLOW = {"mnist70k": {"scikit-learn", "Rtsne"}, "mnist784": {"scikit-learn", "Rtsne", "scranpy"}}
TITLES = {"mnist70k": "MNIST 70,000 x 50", "mnist10k": "MNIST 10,000 x 50", "mnist784": "MNIST 70,000 x 784",
          "digits": "digits 1,797 x 64", "cells1000000": "simulated cells 1,000,000 x 50"}
# How many times faster libtsne is to be: openTSNE, FIt-SNE, intelex at 0.25, the fastest at any quality.
TARGETS = {"mnist70k": (12, 9, 7, 4), "mnist10k": (18, 15, 4, 2.5), "mnist784": (8, 6, 4, 3), "digits": (10, 5, 2, 1.5),
           "cells1000000": (10, 6, 3, 3)}
LATE_TARGET = 15  # times FIt-SNE's late iterations on MNIST 70k
