#!/usr/bin/env python3
"""The figures of docs/explore.md, by Debian's chromium without a graphics card.

bench/explore.py cost [N ...]  a page of N points in 60 groups: its size, and what opening and drawing take
bench/explore.py picture       docs/img/explore.png: scanpy's 700 blood cells, some of them selected
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

import opentsne_go
from opentsne_go import explore

QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def opened(driver: Any, path: Path, wide: int, tall: int) -> Any:
    browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
    page = browser.new_page(viewport={"width": wide, "height": tall})
    page.goto(f"file://{path}")
    page.wait_for_function("dots.dataset.drawn")
    return page


def cost(n: int, folder: str) -> None:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 60, n)
    y = rng.uniform(-90, 90, (60, 2))[kind] + 3 * rng.normal(size=(n, 2))
    names = [f"{i:016d}-1" for i in range(n)]
    path = Path(folder) / "map.html"
    explore.html(y, {"kind": kind, "sample": kind % 7, "depth": y[:, 0], "counts": rng.poisson(3000, n)}, path, names=names)
    with sync_playwright() as driver:
        began = time.perf_counter()
        page = opened(driver, path, 1400, 900)
        first = time.perf_counter() - began
        frame = "() => { const t = performance.now(); for (let i = 0; i < 9; i++) drawNow(); return (performance.now() - t) / 9; }"
        point = "() => { const t = performance.now(); for (let i = 0; i < 99; i++) nearest(9 * i, 5 * i); return (performance.now() - t) / 99; }"
        whole, seek = page.evaluate(frame), page.evaluate(point)
    print(f"| {n:,} | {path.stat().st_size / 1e6:.1f} | {first:.1f} | {whole:.0f} | {seek:.1f} |", flush=True)


def picture(folder: str) -> None:
    import scanpy

    adata = scanpy.datasets.pbmc68k_reduced()
    adata.obsm["X_tsne"] = np.asarray(opentsne_go.TSNE(random_state=0).fit(adata.obsm["X_pca"]))
    path = Path(folder) / "map.html"
    explore.html(adata, path=path, title="Blood cells")
    with sync_playwright() as driver:
        page = opened(driver, path, 1000, 640)
        page.click("text=Lasso")
        cells = np.flatnonzero(adata.obs["bulk_labels"].astype(str) == "Dendritic")
        x, y = np.median([page.evaluate("i => toScreen(i)", int(i)) for i in cells], axis=0)
        turns = np.linspace(0, 2 * np.pi, 30)
        for i, (a, b) in enumerate(zip(x + 120 * np.cos(turns), y + 90 * np.sin(turns), strict=True)):
            page.mouse.move(a, b)
            if not i:
                page.mouse.down()
        page.mouse.up()
        chosen = [i for i in cells.tolist() if page.evaluate("i => picked[i]", i)]
        page.mouse.move(*page.evaluate("i => toScreen(i)", chosen[0]))
        page.wait_for_timeout(500)
        page.screenshot(path="docs/img/explore.png")


if __name__ == "__main__":
    what = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        if what[:1] == ["picture"]:
            picture(folder)
        elif what[:1] == ["cost"]:
            print("| cells | MB | s to the first picture | ms a picture | ms to find the cell pointed at |\n|---|---|---|---|---|")
            for n in map(int, what[1:] or ["2000", "20000", "200000", "1000000"]):
                cost(n, folder)
        else:
            sys.exit(__doc__)
