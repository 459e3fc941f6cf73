"""Pictures of the mapping pages."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from pictures import COLORS, save


def _title(ax, title, subtitle):
    ax.set_aspect("equal", "datalim")
    ax.axis("off")
    ax.set_title(title, loc="left", fontsize=12, weight="bold", pad=20)
    ax.text(0, 1.015, subtitle, transform=ax.transAxes, fontsize=9.5, color="#555555")


def _names(ax, Y, labels, names=None):
    for c in np.unique(labels):
        some = Y[labels == c]
        if len(some) < 0.02 * len(Y):
            continue  # the name would cover the class
        at = some[np.linalg.norm(some - np.median(some, 0), axis=1).argmin()]
        ax.text(*at, str(c) if names is None else names[c], ha="center", va="center", fontsize=12, weight="bold", color="#1b1b1b",
                path_effects=[withStroke(linewidth=3, foreground="white", alpha=0.9)])


def over(path, panels, width=4.6, dpi=100):
    """Panels (title, subtitle, map, its labels or None, points, their labels): the map in grey, the points in colour. A map
    alone is coloured itself. Points whose label is -1 are black."""
    fig, axes = plt.subplots(1, len(panels), figsize=(width * len(panels), width + 0.65), squeeze=False, layout="constrained")
    fig.get_layout_engine().set(w_pad=0.12, h_pad=0.08)
    every = np.concatenate([np.asarray(a) for p in panels for a in (p[2], p[4]) if a is not None])
    for ax, (title, subtitle, Y, known, points, labels) in zip(axes[0], panels):
        Y = np.asarray(Y)
        ax.update_datalim([every.min(0), every.max(0)])  # the same scale in all
        shown, by = (Y, known) if points is None else (np.asarray(points), labels)
        if points is not None:
            ax.scatter(*Y.T, s=min(4, max(0.6, 4000 / len(Y))), c="#d4d4d4", linewidths=0)
        order = np.random.default_rng(0).permutation(len(shown))
        colors = np.array(["#111111" if c < 0 else COLORS[c % len(COLORS)] for c in by])[order]
        ax.scatter(*shown[order].T, s=min(9, max(0.6, 20000 / len(shown))), c=colors, linewidths=0)
        _names(ax, shown, by)
        _title(ax, title, subtitle)
    return save(fig, path, dpi)


def regions(path, title, subtitle, Y, spread, right, shown, close_ups):
    """Bootstrapped points over a map: those in shown on all of it, and close-ups (a point's index and a title)."""
    Y = np.asarray(Y)
    fig, axes = plt.subplots(1, 1 + len(close_ups), figsize=(4.8 + 3.4 * len(close_ups), 5.2), layout="constrained",
                             gridspec_kw={"width_ratios": [4.8] + [3.4] * len(close_ups)})
    fig.get_layout_engine().set(w_pad=0.12, h_pad=0.08)

    def draw(ax, i, samples):
        c = "#4e79a7" if right[i] else "#e15759"
        if samples:
            ax.scatter(*spread.samples[:, i].T, s=7, c=c, alpha=0.5, linewidths=0)
        ax.add_patch(plt.Circle(spread.embedding[i], spread.radius[i], fill=False, color=c, lw=1))
        ax.plot(*spread.embedding[i], "o", ms=3.5, c=c)
    for ax in axes:
        ax.scatter(*Y.T, s=0.6 if ax is axes[0] else 2, c="#d4d4d4", linewidths=0)
    for i in shown:
        draw(axes[0], i, False)
    _title(axes[0], title, subtitle)
    for ax, (i, name) in zip(axes[1:], close_ups):
        draw(ax, i, True)
        reach = 1.6 * max(spread.radius[i], 2)
        x, y = spread.embedding[i]
        ax.set_xlim(x - reach, x + reach)
        ax.set_ylim(y - reach, y + reach)
        ax.set_aspect("equal", "box")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_title(name, loc="left", fontsize=10, color="#333333")
    return save(fig, path, 100)


def bars(path, groups, names, ylabel, title):
    """groups: (label, values of each name); values from 0 to 1."""
    fig, ax = plt.subplots(figsize=(7.4, 3.6), layout="constrained")
    at = np.arange(len(groups))
    for j, (name, c) in enumerate(zip(names, COLORS)):
        drawn = ax.bar(at + (j - (len(names) - 1) / 2) * 0.38, [g[1][j] for g in groups], 0.36, color=c, label=name)
        ax.bar_label(drawn, fmt="%.2f", fontsize=8, color="#555555")
    ax.set_xticks(at, [g[0] for g in groups], fontsize=9)
    ax.set_ylim(0, 1.12)
    ax.set_ylabel(ylabel)
    ax.set_title(title, loc="left", fontsize=12, weight="bold")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=9, loc="upper right", ncols=2)
    return save(fig, path, 100)
