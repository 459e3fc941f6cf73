"""What a paper says of a map, and what makes it again."""

from __future__ import annotations

import ctypes as ct
import hashlib
import json
import platform
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from opentsne_go._native.calls import call
from opentsne_go._native.library import lib
from opentsne_go._native.running import turn
from opentsne_go._native.version import __version__
from opentsne_go._options import checked
from opentsne_go._quality import quality

from . import references
from .making import Making, of_model
from .model import model_data, model_options
from .optimizable import OptimizableEmbedding, standing
from .steps import FITS, Step, paragraph, steps_to

_REPULSION = {
    "tree": "summed by Barnes and Hut's tree",
    "fft": "summed by interpolation on a grid",
    None: "summed over all pairs",
}

_ALONE = "These positions cannot be made again from these data alone."


@dataclass(frozen=True)
class Report:
    """What a paper's methods section says of a map; ``print`` shows it.

    Attributes
    ----------
    text : str
        The paragraph.
    references : list of str
        What it cites, in full.
    settings : dict
        Arguments of `TSNE`, as used: "random_state" is the seed that was drawn
        where none was given, and "given" stands for an array or a function.
    phases : list of dict
        Calls of ``optimize`` after the fit.
    steps : list of dict
        Of a map that is no fit with phases after it, what made it, each with its
        "call": "fit", "optimize", "update", "zoom", "fit_together", "align", "written" by
        hand, or "unknown"; ``settings`` are those of the last fit. Else empty.
    data : dict
        "n", and of a map that has its data "d" and "sha256", of the rows as
        little-endian float32 and, if it has one, of what was taken off double
        precision; models and ``tsne info`` have the same.
    figures : dict
        "kl_divergence", "iterations", and of a map that has its data the "knn",
        "knc" and "cpd" of `opentsne_go.quality`.
    versions : dict
        Of the library, with the instructions it used, of numpy and of Python.
    sha256 : str
        Of the positions, little-endian float32 by row, in hexadecimal.
    code : str or None
        A program that gives these bits again from ``X`` and what ``needs``
        names, and stops if it does not. None where these data alone do not give
        them, as of a map of several ``steps``, or it is not known: the positions
        were written by hand, the fit was stopped, or a file that was gone on with, or
        of given positions, has no word of it. The text says so.
    needs : list of str
        Names that the program takes as they are.
    """

    __module__ = "opentsne_go"

    text: str
    references: list[str]
    settings: dict[str, Any]
    phases: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    data: dict[str, Any]
    figures: dict[str, Any]
    versions: dict[str, str]
    sha256: str
    code: str | None
    needs: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """All of it as what JSON can have.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def json(self) -> str:
        """`as_dict` as JSON.

        Returns
        -------
        str
        """
        return json.dumps(self.as_dict(), indent=2)

    def __str__(self) -> str:
        parts = [self.text, "\n".join(self.references)]
        parts += [] if self.code is None else [self.code]
        return "\n\n".join(parts)


def reported(embedding: OptimizableEmbedding, labels: Any, measured: bool) -> Report:
    """The report of a map."""
    with turn(embedding._turn):
        model = standing(embedding)[0]
        making = embedding._making
        steps = steps_to(embedding) if making is None else ()
    y = np.ascontiguousarray(np.asarray(embedding), "<f4")
    settings, phases = settings_of(embedding)
    found = model_data(model)
    data: dict[str, Any] = {"n": len(y)}
    figures: dict[str, Any] = {"kl_divergence": embedding.kl_divergence, "iterations": embedding.n_iter}
    if found is not None:
        x, metric = found
        data |= {"d": x.shape[1], "sha256": _data_sum(model, x)}
        if measured:
            seen = quality(x, y, labels, metric=metric, n_jobs=embedding.gradient_descent_params["n_jobs"])
            figures |= {name: value for name in ("knn", "knc", "cpd") if (value := getattr(seen, name)) == value}
    versions = {
        "libtsne": __version__,
        "instructions": lib().tsne_cpu().decode(),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    total = hashlib.sha256(y.tobytes()).hexdigest()
    return Report(
        _paragraph(embedding, settings, phases or [], steps, data, figures, versions),
        references.used(settings),
        settings,
        phases or [],
        list(steps),
        data,
        figures,
        versions,
        total,
        None if making is None else _program(making, data, total, versions),
        [] if making is None else ["X", *making.given],
    )


def settings_of(embedding: OptimizableEmbedding) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """What a map was made with, as far as it is known, and the phases after the fit;
    None where somebody may have moved it in between."""
    with turn(embedding._turn):
        model = standing(embedding)[0]
        making = embedding._making
    if making is None:
        fit = model_options(model) if embedding._fit is None else embedding._fit
        return of_model(fit, embedding._recipe, 0)[0], None
    return making.settings, list(making.phases)


def data_of(embedding: OptimizableEmbedding) -> Any:
    """The rows that a map's model has, or None."""
    found = model_data(standing(embedding)[0])
    return None if found is None else found[0]


def _data_sum(model: Any, x: Any) -> str:
    center = np.empty(x.shape[1])
    call("tsne_model_center", center.ctypes.data_as(ct.POINTER(ct.c_double)), model.pointer)
    rows = np.ascontiguousarray(x - center if center.any() else x, "<f4")
    total = hashlib.sha256(rows.tobytes())
    if center.any():
        total.update(center.astype("<f8").tobytes())
    return total.hexdigest()


def _program(making: Making, data: dict[str, Any], total: str, versions: dict[str, str]) -> str:
    size = f"{data['n']} x {data['d']}" if "d" in data else f"{data['n']} points"
    needs = ", ".join(["X", *making.given])
    return "\n".join(
        [
            f"# libtsne {versions['libtsne']}; {needs}: as they were given, {size}",
            "import hashlib",
            "import opentsne_go",
            making.code(),
            f"assert hashlib.sha256(embedding.tobytes()).hexdigest() == {total!r}",
        ]
    )


def _paragraph(
    embedding: OptimizableEmbedding,
    settings: dict[str, Any],
    phases: list[dict[str, Any]],
    steps: tuple[Step, ...],
    data: dict[str, Any],
    figures: dict[str, Any],
    versions: dict[str, str],
) -> str:
    cite = references.SHORT.__getitem__
    n, dims = np.asarray(embedding).shape
    rows = f"{n:,} points" if "d" not in data else f"{n:,} rows of {data['d']:,} columns"
    if embedding._recipe.axes is not None:
        rows += ", to which sparse data were reduced by a truncated SVD,"
    opening = (
        f"{rows[0].upper()}{rows[1:]} were embedded in {dims} dimension{'s' * (dims > 1)} by t-SNE ({cite('tsne')}), following "
        f"{cite('art')}, with libtsne {versions['libtsne']} from Python (numpy {versions['numpy']})."
    )
    said = [opening]
    by_hand = steps and not any(step["call"] in FITS for step in steps) and embedding._fit is None
    if by_hand:  # of which the model's options say nothing
        return " ".join([opening, paragraph(steps), _measured(figures), _ALONE])
    said.append(_affinities(embedding, settings))
    start = settings["initialization"]
    said.append({
        "pca": "The map began at the first principal components, the first of standard deviation 0.0001.",
        "random": "The map began at random positions.",
        "spectral": "The map began at the leading eigenvectors of the affinities' graph.",
        "sample": f"The map began at that of {settings['sample_size']:,} rows, the others placed on it.",
    }.get(start, "The map began at given positions."))  # fmt: skip
    said.append(_descent(settings, phases, cite))
    if settings["dof"] != 1:
        said.append(f"The map's kernel had {settings['dof']:g} degrees of freedom ({cite('tails')}).")
    if settings["density_lambda"]:
        said.append(f"Densities were preserved with weight {settings['density_lambda']:g} ({cite('density')}).")
    if settings["pull"]:
        said.append(
            f"Points were pulled towards reference positions with weight {settings['pull']:g}, frame "
            f"{settings['pull_frame']!r} ({cite('pull')})."
        )
    said.append(f"The seed was {settings['random_state']}.")
    if steps:
        said.append(paragraph(steps))
    said.append(_measured(figures))
    if steps:
        said.append(_ALONE)
    return " ".join(said)


def _affinities(embedding: OptimizableEmbedding, settings: dict[str, Any]) -> str:
    metric = settings["metric"]
    far = "given distances" if metric == "precomputed" else "distances of a given function" if metric == "given" else f"{metric} distances"
    kind = settings["affinity"]
    if embedding._making is not None and "affinities" in embedding._making.given:
        return "Affinities were given."
    k = settings["k"]
    near = {"exact": "exact ", "approx": "approximate "}.get(settings["neighbors"], "")
    if kind in ("uniform", "uniform_max"):
        return f"Affinities were the same for each of {embedding._recipe.k} {near}nearest neighbours ({far})."
    if kind == "fixed_sigma":
        return f"Affinities were Gaussians of bandwidth {settings['sigma']:g} over {embedding._recipe.k} {near}nearest neighbours ({far})."
    values = embedding._recipe.effective or embedding._recipe.perplexity
    values = values if isinstance(values, list) else [values]
    words = " and ".join(f"{one:g}" for one in values)
    several = {1: ""}.get(len(values), f", their Gaussians summed ({references.SHORT['multiscale']})" if kind == "multiscale" else ", averaged")
    count = k or checked.neighbor_count(values, len(embedding) - 1)
    return f"Affinities had perplexity {words}{several}, over {count:,} {near}nearest neighbours ({far})."


def _descent(settings: dict[str, Any], phases: list[dict[str, Any]], cite: Any) -> str:
    early, late = settings["early_exaggeration"], settings["exaggeration"] or 1
    early = max(12, late) if early == "auto" else early
    rate = settings["learning_rate"]
    by = references.repulsion(settings)
    summed = _REPULSION[by] + (f" ({cite(by)})" if by else "")
    if settings["negative_gradient_method"] == "auto":
        summed += " or, of few points, over all pairs"
    speed = f"n / exaggeration ({cite('rate')})" if rate == "auto" else f"{rate:g}"
    over = settings["momentum_iterations"]
    rising = f", to which it rose over {over} iterations" if over else ""
    text = (
        f"Gradient descent ran for {settings['early_exaggeration_iter']} iterations with exaggeration {early:g} and "
        f"{settings['n_iter']} with {late:g}, learning rate {speed}, momentum {settings['initial_momentum']:g} and "
        f"{settings['final_momentum']:g}{rising}; the repulsion was {summed}."
    )
    if settings["anneal_iterations"]:
        text += f" The exaggeration fell over {settings['anneal_iterations']} iterations."
    if settings["auto_stop"] is not None:
        text += f" A phase ended once KL fell by less than KL / {settings['auto_stop']:g} an iteration ({cite('rate')})."
    for phase in phases:
        how = ", ".join(f"{name} {value}" for name, value in phase.items() if name != "n_iter")
        text += f" {phase['n_iter']} iterations followed{' with ' + how if how else ''}."
    return text


def _measured(figures: dict[str, Any]) -> str:
    text = f"After {figures['iterations']} iterations the KL divergence was {figures['kl_divergence']:.4g}"
    if "knn" in figures:
        text += f"; the map kept {figures['knn']:.1%} of the 10 nearest neighbours"
        if "knc" in figures:
            text += f" and {figures['knc']:.1%} of the 4 nearest class means"
        text += f", and distances correlated by {figures['cpd']:.2f} (Spearman)"
    return text + "."
