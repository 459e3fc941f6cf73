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
# The first two run after each of the others.
OURS = {"libtsne": ("libtsne", {"defaults": True}), "libtsne, 250 + 500": ("libtsne", {}),
        "libtsne through Python": ("opentsne_go", {"defaults": True}), "libtsne, C program": ("libtsne_c", {})}
OFTEN = 2
# Enough for the neighbours and a rate; what 750 iterations would take is extrapolated from it.
AT_SCALE = {"FIt-SNE": ("fitsne", {"early": 100, "late": 0}),
            "openTSNE, neighbours given": ("opentsne", {"early": 25, "late": 0, "given_neighbors": True}),
            "scranpy": ("scranpy", {"early": 25, "late": 0})}
# Rows, and options of scale.py.
OURS_AT_SCALE = {"1,000,000 rows": (1_000_000, []), "1,000,000 rows, 250 + 500": (1_000_000, ["--early", "250", "--late", "500"]),
                 "2,000,000 rows, exaggeration 4": (2_000_000, ["--exaggeration", "4"])}
# Iterations of the second phase that are tried at the default learning rate, to find how few give a map as good as FIt-SNE's.
FEWER = (100, 150, 200, 250, 300)
SLOW = {"mnist70k": {"scikit-learn", "Rtsne"}, "mnist784": {"scikit-learn", "Rtsne", "scranpy"}}
TITLES = {"mnist70k": "MNIST 70,000 x 50", "mnist10k": "MNIST 10,000 x 50", "mnist784": "MNIST 70,000 x 784",
          "digits": "digits 1,797 x 64", "thymus": "thymus, mass cytometry, 25,000 x 13", "cells1000000": "simulated cells 1,000,000 x 50"}
# How many times faster libtsne is to be than these.
TARGETS = {
    "mnist70k": {"openTSNE": 26, "FIt-SNE": 16, "scikit-learn-intelex, angle 0.25": 12, "the fastest t-SNE": 7, "umap-learn (not t-SNE)": 5},
    "mnist10k": {"openTSNE": 40, "FIt-SNE": 32, "scikit-learn-intelex, angle 0.25": 9, "the fastest t-SNE": 5.5, "umap-learn (not t-SNE)": 8},
    "mnist784": {"openTSNE": 15, "FIt-SNE": 24, "scikit-learn-intelex, angle 0.25": 11, "the fastest t-SNE": 9, "umap-learn (not t-SNE)": 3.3},
    "digits": {"openTSNE": 20, "FIt-SNE": 60, "scikit-learn-intelex, angle 0.25": 5, "the fastest t-SNE": 3.5, "umap-learn (not t-SNE)": 50},
    "thymus": {"openTSNE": 30, "FIt-SNE": 18, "scikit-learn-intelex, angle 0.25": 7, "the fastest t-SNE": 4.5, "umap-learn (not t-SNE)": 5},
}
LATE_TARGET = 15  # times FIt-SNE's late iterations on MNIST 70k
AT_SCALE_TARGETS = {"openTSNE, neighbours given": 30, "FIt-SNE": 28}
CHART = ("mnist10k", "thymus", "mnist70k")  # sets of the chart of KL against seconds
