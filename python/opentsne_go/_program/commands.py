"""The commands: a map, new rows on it, what a model is."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import time
from typing import Any

import numpy as np

from opentsne_go import pl
from opentsne_go._embedding.files import load
from opentsne_go._native.progress import left
from opentsne_go._native.version import __version__
from opentsne_go.errors import Error
from opentsne_go.tsne import TSNE

from . import files, flags

_ABOUT = """\
python -m opentsne_go DATA MAP [options]                   embed the rows of DATA
python -m opentsne_go transform MODEL DATA MAP [options]   place new rows on a saved map
python -m opentsne_go info MODEL                           what a model is

DATA is .npy, .npz (FILE.npz:ARRAY), text with commas or tabs, .parquet, .h5ad or
.zarr, or "-"; MAP likewise. Of AnnData the rows are obsm["X_pca"] unless --use-rep
says otherwise, and a MAP of theirs is the AnnData with obsm["X_tsne"]. Flags are the
arguments of opentsne_go.TSNE and, where others, those of the program tsne, which gives
the same map: --n-iter is --iterations. Ctrl-C keeps the map so far.
"""


#: Stages before the iterations, in the words of the program tsne.
_STAGES = {"neighbors": "neighbours", "affinities": "affinities", "init": "start"}


class Progress:
    """A callback that tells how far it is, and stops where Ctrl-C was pressed."""

    def __init__(self, mode: str) -> None:
        self.mode = ("text" if flags.terminal() else "json") if mode == "auto" else mode
        self.began = time.perf_counter()
        self.phase, self.stop = -1, False
        self.stage, self.told, self.at = "", 0.0, (0.0, 0.0)

    def phase_begins(self, run: object, iteration: int) -> None:
        """Called as a phase begins after so many iterations."""
        self.phase = iteration

    def stage_progress(self, stage: str, done: float) -> None:
        """Called as a stage before the iterations gets on."""
        now = time.perf_counter()
        if stage != self.stage:
            self.stage, self.at = stage, (done, now)
        elif now - self.told < 1:
            return
        self.told = now
        before, when = self.at
        rest = (1 - done) * (now - when) / (done - before) if before < done else math.nan
        if self.mode == "text":
            says = f", {left(rest)}" if now - when >= 3 and rest == rest else ""
            sys.stderr.write(f"\r\x1b[K{_STAGES[stage]}  {done:.0%}{says}")
            sys.stderr.flush()
        self.tell("progress", stage=_STAGES[stage], done=round(done, 4), left=round(rest, 1))

    def __call__(self, iteration: int, kl: float, embedding: Any) -> bool:
        done = self.phase + iteration
        if self.mode == "text":
            sys.stderr.write(f"\r\x1b[Kiteration {done}  KL {kl:.4f}")
            sys.stderr.flush()
        self.tell("progress", stage="optimise", iteration=done, kl=kl)
        return self.stop

    def tell(self, event: str, **facts: Any) -> None:
        """A line of JSON, if that is wanted."""
        if self.mode == "json":
            known = {k: v for k, v in facts.items() if not (isinstance(v, float) and math.isnan(v))}
            seconds = round(time.perf_counter() - self.began, 3)
            sys.stderr.write(json.dumps({"event": event, **known, "seconds": seconds}) + "\n")

    def done(self, table: files.Table, y: Any, path: str, **facts: Any) -> None:
        """The last line."""
        self.tell("done", data=table.of, rows=len(y), map=path, **facts)
        if self.mode == "text":
            says = "".join(f"{k} {v:.4f}, " for k, v in facts.items())
            seconds = time.perf_counter() - self.began
            sys.stderr.write(f"\r\x1b[K{table.of}, {len(y)} rows: {says}{seconds:.1f} s: {path}\n")

    def interrupted(self, *_: Any) -> None:
        """Ctrl-C: once there is a map it is kept, else there is nothing."""
        if self.phase < 0 or self.stop:
            raise KeyboardInterrupt
        self.stop = True


def fit(given: argparse.Namespace) -> int:
    """Embeds; 130 if it was stopped."""
    files.check_map(given.MAP, given.save, given.plot)
    table = files.read(given.DATA, given.use_rep, whole=files.holds_data(given.MAP))
    files.check_kind(given.MAP, table)
    labels = None if given.labels is None else _labels(given.labels, table)
    progress = Progress(given.progress)
    before = signal.signal(signal.SIGINT, progress.interrupted)
    try:
        tsne = TSNE(callbacks=progress, **flags.settings(given))
        embedding = _of(table, lambda: tsne.fit(table.rows))
    finally:
        signal.signal(signal.SIGINT, before)
    files.write(given.MAP, np.asarray(embedding), table)
    if given.save:
        embedding.save(given.save)
    if given.plot:
        figure = pl.side_by_side([np.asarray(embedding)[:, :2]], None if labels is None else [labels])
        figure.savefig(given.plot, dpi=200)
    if progress.stop:
        sys.stderr.write(f"opentsne_go: interrupted after {embedding.n_iter} iterations; {given.MAP} has the map so far\n")
        return 130
    progress.done(table, embedding, given.MAP, kl=embedding.kl_divergence)
    return 0


def transform(given: argparse.Namespace) -> int:
    """Places new rows."""
    files.check_map(given.MAP)
    embedding = load(given.MODEL, n_jobs=-1)
    table = files.read(given.DATA, given.use_rep, whole=files.holds_data(given.MAP))
    files.check_kind(given.MAP, table)
    progress = Progress(given.progress)
    said = {name: getattr(given, name) for name in ("k", "n_iter", "perplexity", "metric") if hasattr(given, name)}
    placed = _of(table, lambda: embedding.transform(table.rows, **{"n_iter": 0, "k": 10, **said}))
    files.write(given.MAP, np.asarray(placed), table)
    progress.done(table, placed, given.MAP)
    return 0


def info(given: argparse.Namespace) -> int:
    """Tells what a model is."""
    embedding = load(given.MODEL)
    facts = {
        "model": given.MODEL,
        "map": f"{len(embedding)} x {embedding.shape[1]}",
        "iterations": embedding.n_iter,
        "KL": round(embedding.kl_divergence, 6),
        "columns": ", ".join(embedding.feature_names or []) or "without names",
        "options": ", ".join(f"{k}={v}" for k, v in embedding.gradient_descent_params.items()),
    }
    for name, value in facts.items():
        sys.stdout.write(f"{name:<12} {value}\n")
    return 0


def _of(table: files.Table, work: Any) -> Any:
    """What work gives; an error about X names the file."""
    try:
        return work()
    except Error as error:
        if error.argument != "X":
            raise
        raise ValueError(str(error).replace("X", table.of, 1)) from None


def _labels(path: str, table: files.Table) -> Any:
    """A column of AnnData's obs, or of a file."""
    if table.adata is not None and path in table.adata.obs:
        return np.asarray(table.adata.obs[path])
    rows = files.read(path).rows
    return np.asarray(rows.index if hasattr(rows, "shape") and rows.shape[1:] == (0,) else rows).reshape(len(rows), -1)[:, -1]


def _parsers() -> dict[str, flags.Parser]:
    made = {}
    for name, run, paths in (
        ("", fit, ("DATA", "MAP")), ("transform", transform, ("MODEL", "DATA", "MAP")), ("info", info, ("MODEL",)),
    ):  # fmt: skip
        parser = flags.Parser(
            usage=argparse.SUPPRESS, description=_ABOUT,
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        )  # fmt: skip
        for path in paths:
            parser.add_argument(path)
        parser.set_defaults(run=run)
        if name != "info":
            parser.add_argument("--use-rep", metavar="NAME", help="what of AnnData: X, or a key of obsm; X_pca unless there are few variables")
            parser.add_argument("--progress", choices=("auto", "text", "json", "none"), default="auto", help="on the standard error; auto: text on a terminal, JSON lines elsewhere")
        made[name] = parser
    made[""].add_argument("--save", metavar="MODEL.npz", help="keep the model")
    made[""].add_argument("--plot", metavar="FILE.png", help="draw the map, by matplotlib")
    made[""].add_argument("--labels", metavar="FILE", help="colours of --plot: a column of obs, or a file with one")
    flags.add_arguments(made[""])
    for name in ("k", "perplexity", "metric"):
        made["transform"].add_argument(flags.flag(name), type=flags.literal, default=argparse.SUPPRESS, metavar="VALUE", help="as in TSNEEmbedding.transform")
    made["transform"].add_argument("--n-iter", "--iterations", dest="n_iter", type=int, default=argparse.SUPPRESS, metavar="N", help="iterations after the placement; default 0")
    made[""].add_argument("--version", action="version", version=f"opentsne_go {__version__}")
    return made


def main(arguments: list[str]) -> int:
    """Runs a command; what the program ends with."""
    parsers = _parsers()
    name = arguments[0] if arguments and arguments[0] in parsers and arguments[0] else ""
    try:
        given = parsers[name].parse_intermixed_args(arguments[bool(name) :])
        return int(given.run(given))
    except KeyboardInterrupt:
        sys.stderr.write("opentsne_go: interrupted, nothing is written\n")
        return 130
    except (Error, ValueError, TypeError, OSError, ImportError, MemoryError) as error:
        sys.stderr.write(f"opentsne_go: {_words(error)}\n")
        return 1


def _words(error: BaseException) -> str:
    """One line, with arguments as flags."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    name = getattr(error, "argument", None)
    if name and text.startswith(f"{name}:"):
        text = flags.flag(name) + text[len(name) :]
    return text
