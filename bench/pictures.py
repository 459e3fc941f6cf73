"""Maps as small PNGs."""

import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, NullFormatter
from PIL import Image

COLORS = ["#4e79a7", "#e15759", "#59a14f", "#b07aa1", "#f28e2b", "#76b7b2", "#9c755f", "#d37295", "#b6992d", "#79706e",
          "#1f6f8b", "#8cd17d", "#ff9d9a", "#5c3d6b", "#c9a227"]


def save(fig, path, dpi, limit=300_000):
    """Writes with a palette, of as many colours as keep the file under the limit."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fig.savefig(path, dpi=dpi)
    plt.close(fig)
    full = Image.open(path).convert("RGB")
    for scale in (1, 0.85, 0.7):
        for colors in (128, 64, 32):
            small = full.resize([round(s * scale) for s in full.size], Image.LANCZOS) if scale < 1 else full
            small.quantize(colors, dither=Image.Dither.NONE).save(path, optimize=True)
            if path.stat().st_size < limit:
                return path
    return path


def maps(path, panels, labels, columns=None, width=4.6, names=None, dpi=100):
    """Panels (title, subtitle, Y) side by side, coloured by label, each class of some size named on its middle."""
    columns = columns or len(panels)
    rows = -(-len(panels) // columns)
    fig, axes = plt.subplots(rows, columns, figsize=(width * columns, (width + 0.65) * rows), squeeze=False,
                             layout="constrained")
    fig.get_layout_engine().set(w_pad=0.12, h_pad=0.08)
    order = np.random.default_rng(0).permutation(len(labels))
    color = np.array([COLORS[i % len(COLORS)] for i in range(int(labels.max()) + 1)])[labels][order]
    for ax, panel in zip(axes.flat, panels):
        title, subtitle, Y = panel
        ax.scatter(*np.asarray(Y)[order].T, s=min(6, max(0.5, 20000 / len(Y))), c=color, linewidths=0)
        for c in np.unique(labels):
            some = np.asarray(Y)[labels == c]
            if len(some) < 0.02 * len(Y):
                continue  # the name would cover the class
            at = some[np.linalg.norm(some - np.median(some, 0), axis=1).argmin()]
            ax.text(*at, str(c) if names is None else names[c], ha="center", va="center", fontsize=12, weight="bold",
                    color="#1b1b1b", path_effects=[withStroke(linewidth=3, foreground="white", alpha=0.9)])
        ax.set_aspect("equal", "datalim")
        ax.axis("off")
        ax.set_title(title, loc="left", fontsize=12, weight="bold", pad=20)
        ax.text(0, 1.015, subtitle, transform=ax.transAxes, fontsize=9.5, color="#555555")
    for ax in axes.flat[len(panels):]:
        ax.axis("off")
    return save(fig, path, dpi)


def lines(path, series, xlabel, ylabel, title, log=True, size=(6.4, 4.2)):
    """series: name -> (x, y)."""
    fig, ax = plt.subplots(figsize=size, layout="constrained")
    for (name, (x, y)), c in zip(series.items(), COLORS):
        ax.plot(x, y, "o-", color=c, ms=4, lw=1.5, label=name)
    if log:
        ax.set_xscale("log")
        ax.set_yscale("log")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.set_title(title, loc="left", fontsize=12, weight="bold")
    ax.grid(True, which="major", color="#dddddd", lw=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    if len(series) > 1:
        ax.legend(frameon=False, fontsize=9)
    return save(fig, path, 110)


def bought(path, panels):
    """KL against seconds: panels are title -> (name -> (seconds, kl), points of a line)."""
    fig, axes = plt.subplots(1, len(panels), figsize=(4.8 * len(panels), 4.4), squeeze=False, layout="constrained")
    names = list(dict.fromkeys(name for points, _ in panels.values() for name in points))
    for ax, (title, (points, line)) in zip(axes.flat, panels.items()):
        if line:
            ax.plot(*zip(*line), "-", color=COLORS[0], lw=1)
        for name, (x, y) in points.items():
            ax.plot(x, y, "*" if name.startswith("libtsne") else "o", color=COLORS[names.index(name)], ms=11 if name.startswith("libtsne") else 7, label=name)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("seconds")
        ax.set_title(title, loc="left", fontsize=12, weight="bold")
        ax.grid(True, which="major", color="#dddddd", lw=0.6)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("KL divergence")
    handles = {h.get_label(): h for ax in axes.flat for h in ax.get_lines() if not h.get_label().startswith("_")}
    fig.legend(handles.values(), handles, frameon=False, fontsize=9, loc="outside lower center", ncols=4)
    return save(fig, path, 110)
