"""What notebooks say of a map beside its picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentsne_go._affinity.recipe import Recipe
from opentsne_go._native import choices
from opentsne_go._options import checked
from opentsne_go.errors import Error


def course(kl: Callable[[], float], n_iter: Callable[[], int]) -> dict[str, Any]:
    """How far an optimisation is; what cannot be said, as during a phase, is None."""
    return {"KL divergence": said(kl), "iterations": said(n_iter)}


def said(what: Callable[[], Any]) -> Any:
    """A value, or None where there is none."""
    try:
        value = what()
    except (Error, RuntimeError, ValueError):
        return None
    return value if value == value else None


def drawn_by(recipe: Recipe, affinities: Any) -> dict[str, Any]:
    """What draws the points together."""
    if affinities is None:
        kind, k, sigma = recipe.affinity, recipe.k, recipe.sigma
        perplexity = recipe.effective or recipe.perplexity if kind not in choices.AFFINITY_TAKES else None
    else:
        kind, k, sigma = type(affinities).__name__, None, getattr(affinities, "sigma", None)
        perplexity = getattr(affinities, "effective_perplexities_", None)
        perplexity = getattr(affinities, "effective_perplexity_", perplexity)
    return {
        "perplexity": perplexity,
        "affinities": None if kind in ("perplexity", "Multiscale") else kind,
        "neighbours": None if perplexity else k,
        "sigma": sigma,
    }


def settings(fit: Any) -> dict[str, Any]:
    """What a fit was asked for; of a map that was made by hand there is none."""
    if fit is None:
        return {}
    return {
        "metric": checked.METRIC_NAMES[fit.metric or 1],
        "exaggeration": f"{fit.early_exaggeration:g}, then {fit.exaggeration:g}",
        "learning rate": fit.learning_rate or "auto",
        "dof": fit.dof,
        "density": fit.density_lambda or None,
        "start": checked.name_of(choices.INIT, fit.init),
        "seed": str(fit.seed),
    }
