"""How a map came to be where it is, as `TSNE`'s arguments and calls after it say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from opentsne_go._affinity.recipe import Recipe
from opentsne_go._native import choices
from opentsne_go._options import checked
from opentsne_go._options.schedule import PHASES
from opentsne_go._options.settings import DEFAULTS
from opentsne_go._options.table import NUMBERS

#: Arguments that do not show in the bits.
_OF_THE_CALL = (
    "callbacks",
    "callbacks_every_iters",
    "checkpoint",
    "checkpoint_every",
    "scratch",
    "n_jobs",
    "verbose",
    "knn_kwargs",
)
#: Arguments of openTSNE's that do nothing here.
_IDLE = ("n_interpolation_points", "min_num_intervals", "ints_in_interval")


@dataclass(frozen=True)
class Making:
    """What made a map: a fit, and phases after it.

    settings are `TSNE`'s arguments, random_state the seed that was used; where one
    was an array or a function its name stands in ``given``, and so does
    "affinities" where those were given.
    """

    settings: dict[str, Any]
    given: tuple[str, ...] = ()
    phases: tuple[dict[str, Any], ...] = ()

    def and_then(self, n_iter: int, params: dict[str, Any]) -> Making:
        """With iterations after it."""
        return replace(self, phases=(*self.phases, phase(n_iter, params)))

    def code(self) -> str:
        """The calls that give the map again, of X and of what was given."""
        changed = {
            name: value
            for name, value in self.settings.items()
            if name in self.given or (name not in (*_IDLE, "random_state") and value != DEFAULTS[name])
        }
        said = ", ".join(
            f"{name}={name if name in self.given else repr(value)}"
            for name, value in {**changed, "random_state": self.settings["random_state"]}.items()
        )
        fit = "X, affinities=affinities" if "affinities" in self.given else "X"
        lines = [f"embedding = opentsne_go.TSNE(n_jobs=-1, {said}).fit({fit})"]
        for phase in self.phases:
            rest = "".join(f", {name}={value!r}" for name, value in phase.items() if name != "n_iter")
            lines.append(f"embedding = embedding.optimize({phase['n_iter']}{rest})")
        return "\n".join(lines)


def phase(n_iter: int, params: dict[str, Any]) -> dict[str, Any]:
    """Iterations as one asks for them again."""
    kept = {name: _plain(value) for name, value in params.items() if name not in _OF_THE_CALL}
    return {"n_iter": n_iter, **kept}


def of_fit(settings: dict[str, Any], options: Any, done: int) -> Making | None:
    """That of a fit by settings, and by affinities if they say so, in the library's
    options, which has done so many iterations."""
    settings = dict(settings)
    affinities = settings.pop("affinities")
    kept = {name: _plain(value) for name, value in settings.items() if name not in _OF_THE_CALL}
    given = [name for name, value in kept.items() if name != "random_state" and not _writable(value, name == "perplexity")]
    kept |= dict.fromkeys(given, "given")
    given += ["affinities"] * affinities
    kept["random_state"] = options.seed
    kept |= {name: getattr(options, NUMBERS[name].field) for name in PHASES}
    asked = kept["early_exaggeration_iter"] + kept["n_iter"]
    if done < asked and kept["auto_stop"] is None:  # a callback stopped it
        if kept["density_lambda"] or kept["anneal_iterations"]:
            return None  # which go by the iterations that were planned
        early = min(done, kept["early_exaggeration_iter"])
        kept["early_exaggeration_iter"], kept["n_iter"] = early, done - early
    return Making(kept, tuple(given))


def of_model(options: Any, recipe: Recipe, done: int) -> tuple[dict[str, Any], Making | None]:
    """The settings that a file says, and what they make if it is as far as they go."""
    values = {
        name: number.shown(getattr(options, number.field))
        for name, number in NUMBERS.items()
        if name not in ("callbacks_every_iters", "theta")
    }
    perplexity = checked.perplexities("perplexity", recipe.perplexity)
    kept = {
        **{name: value for name, value in DEFAULTS.items() if name not in _OF_THE_CALL},
        **values,
        "perplexity": perplexity[0] if len(perplexity) == 1 else perplexity,
        "theta": options.theta,
        "early_exaggeration": options.early_exaggeration,
        "affinity": recipe.affinity,
        "metric": checked.METRIC_NAMES[options.metric or 1],
        "neighbors": checked.name_of(choices.NEIGHBORS, options.neighbors),
        "negative_gradient_method": checked.name_of(choices.REPULSION, options.repulsion),
        "initialization": checked.name_of(choices.INIT, options.init),
        "pull_frame": checked.name_of(choices.PULL_FRAME, options.pull_frame),
        "random_state": options.seed,
    }
    # From given positions a map of several steps begins as well, and the file of one looks the same.
    whole = done == options.early_iterations + options.iterations and kept["initialization"] != "given"
    return kept, Making(kept) if whole and not options.pull else None


def _writable(value: Any, numbers: bool) -> bool:
    """Whether a line of a program can have the value: no array, frame or function."""
    if isinstance(value, dict):
        return all(_writable(one, numbers) for one in value.values())
    if numbers and isinstance(value, list):
        return all(_writable(one, False) for one in value)
    return value is None or isinstance(value, str | bool | int | float)


def _plain(value: Any) -> Any:
    """Values of numpy as Python's own."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
