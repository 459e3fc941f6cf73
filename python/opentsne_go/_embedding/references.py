"""What to cite for what a map was made with."""

from __future__ import annotations

from typing import Any

_WORKS = {
    "art": "Kobak D, Berens P. The art of using t-SNE for single-cell transcriptomics. Nature Communications 10, 5416 (2019). doi:10.1038/s41467-019-13056-x",
    "tsne": "van der Maaten L, Hinton G. Visualizing data using t-SNE. Journal of Machine Learning Research 9, 2579-2605 (2008).",
    "tree": "van der Maaten L. Accelerating t-SNE using tree-based algorithms. Journal of Machine Learning Research 15, 3221-3245 (2014).",
    "fft": "Linderman GC, Rachh M, Hoskins JG, Steinerberger S, Kluger Y. Fast interpolation-based t-SNE for improved visualization of single-cell RNA-seq data. Nature Methods 16, 243-245 (2019). doi:10.1038/s41592-018-0308-4",
    "rate": "Belkina AC, Ciccolella CO, Anno R, Halpert R, Spidlen J, Snyder-Cappione JE. Automated optimized parameters for T-distributed stochastic neighbor embedding improve visualization and analysis of large datasets. Nature Communications 10, 5415 (2019). doi:10.1038/s41467-019-13055-y",
    "multiscale": "Lee JA, Peluffo-Ordonez DH, Verleysen M. Multi-scale similarities in stochastic neighbour embedding: reducing dimensionality while preserving both local and global structure. Neurocomputing 169, 246-261 (2015). doi:10.1016/j.neucom.2014.12.095",
    "tails": "Kobak D, Linderman G, Steinerberger S, Kluger Y, Berens P. Heavy-tailed kernels reveal a finer cluster structure in t-SNE visualisations. ECML PKDD 2019, LNCS 11906, 124-139 (2020). doi:10.1007/978-3-030-46150-8_8",
    "density": "Narayan A, Berger B, Cho H. Assessing single-cell transcriptomic variability through density-preserving data visualization. Nature Biotechnology 39, 765-774 (2021). doi:10.1038/s41587-020-00801-7",
    "pull": "Kury N, Kobak D, Damrich S. DREAMS: preserving both local and global structure in dimensionality reduction. arXiv:2508.13747 (2025).",
}

#: How a text refers to them.
SHORT = {
    "art": "Kobak & Berens 2019",
    "tsne": "van der Maaten & Hinton 2008",
    "tree": "van der Maaten 2014",
    "fft": "Linderman et al. 2019",
    "rate": "Belkina et al. 2019",
    "multiscale": "Lee et al. 2015",
    "tails": "Kobak et al. 2020",
    "density": "Narayan et al. 2021",
    "pull": "Kury et al. 2025",
}


def repulsion(settings: dict[str, Any]) -> str | None:
    """The key of the work on how the repulsion is summed, None for all pairs."""
    method = settings["negative_gradient_method"]
    if method == "auto":
        method = "bh" if settings["n_components"] == 3 else "fft"
    return {"bh": "tree", "fft": "fft"}.get(method)


def used(settings: dict[str, Any]) -> list[str]:
    """The works behind settings, in full."""
    asked = {
        "art": True,
        "tsne": True,
        repulsion(settings): True,
        "rate": settings["learning_rate"] == "auto" or settings["auto_stop"] is not None,
        "multiscale": settings["affinity"] == "multiscale",
        "tails": settings["dof"] != 1,
        "density": settings["density_lambda"],
        "pull": settings["pull"],
    }
    return [_WORKS[key] for key, yes in asked.items() if yes and key]
