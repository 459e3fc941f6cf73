"""What a fit went by, with nothing left to be worked out."""

from __future__ import annotations

from typing import Any

from opentsne_go._native import choices
from opentsne_go._options import checked
from opentsne_go._options.table import NUMBERS

from .told import drawn_by

#: Which of the library's choices are whose.
_CHOICES = {
    "initialization": ("init", choices.INIT),
    "neighbors": ("neighbors", choices.NEIGHBORS),
    "negative_gradient_method": ("repulsion", choices.REPULSION),
    "pull_frame": ("pull_frame", choices.PULL_FRAME),
    "affinity": ("affinity", choices.AFFINITY),
}


def used(embedding: Any) -> dict[str, Any]:
    """The settings of a finished fit in `TSNE`'s names, as they were used.

    A learning rate is given for both phases, a perplexity as it was lowered, the
    neighbours as they were counted; what is off or of no account is not there, nor
    is the metric, which the library may not have.

    Parameters
    ----------
    embedding : TSNEEmbedding
        A map that `TSNE.fit` made.

    Returns
    -------
    dict
        Numbers, texts and lists of numbers.
    """
    fit, n = embedding._fit, len(embedding)
    found = {
        name: number.shown(getattr(fit, number.field))
        for name, number in NUMBERS.items()
        if name not in ("callbacks_every_iters", "k", "sigma")
    }
    for name, (field, numbers) in _CHOICES.items():
        found[name] = checked.name_of(numbers, getattr(fit, field))
    found["early_exaggeration"] = fit.early_exaggeration
    found["exaggeration"] = fit.exaggeration
    rates = [fit.learning_rate or n / by for by in (fit.early_exaggeration, fit.exaggeration)]
    found["learning_rate"] = rates
    found["random_state"] = fit.seed
    found |= _neighbors(embedding._recipe, embedding._affinities, n)
    if not fit.pull:
        del found["pull_frame"]
    if not fit.momentum_iterations:
        del found["momentum_iterations"]
    if not fit.density_lambda:
        del found["density_fraction"], found["density_shift"]
    if found["initialization"] != "sample":
        del found["sample_size"]
    return {name: value for name, value in found.items() if value is not None}


def _neighbors(recipe: Any, affinities: Any, n: int) -> dict[str, Any]:
    """What draws the points: perplexities or a bandwidth, and of how many neighbours."""
    drawn = drawn_by(recipe, affinities)
    perplexity = drawn["perplexity"]
    several = isinstance(perplexity, (list, tuple))
    if several and len(perplexity) == 1:
        perplexity, several = perplexity[0], False
    if affinities is None:
        values = perplexity if several else [perplexity]
        k = recipe.k or (min(n - 1, checked.DEFAULT_K) if perplexity is None else checked.neighbor_count(values, n - 1))
    else:
        k = getattr(affinities.knn_index, "k", None)
    return {"perplexity": perplexity, "sigma": drawn["sigma"], "k": k}
