"""What a search in two parts costs, as two workers do it, beside one of all rows, each in a process of its own that maps the rows: processor
seconds of one thread, and anonymous memory at the peak.

python bench/cluster.py ROWS K

Of simulated cells, ROWS x 50, with uniform affinities of K neighbours.
"""

import math
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import data
import scale
from opentsne_go._cluster.parts import part


def spent(name, k, lo, hi):
    x = np.load(name, mmap_mode="r")
    how = {"seed": 0, "affinity": "uniform", "k": k, "n_jobs": 1}
    part(x[:5000], k, how, True, 0, 5000)
    with scale.Watch() as watch:
        began = time.process_time()
        part(x, k, how, True, lo, hi)
        took = time.process_time() - began
    return took, watch.peak(0, math.inf) / len(x)


def main(n, k):
    with tempfile.TemporaryDirectory() as at:
        name = Path(at, "rows.npy")
        np.save(name, data.cells(n)[0].astype(np.float32))
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as alone:
            ends = (0, n), (0, n // 2), (n // 2, n)
            (whole, room), *halves = (alone.apply(spent, (name, k, *one)) for one in ends)
    work, rooms = zip(*halves, strict=True)
    print(f"{n} rows, k = {k}: all {whole:.2f} s, halves {work[0]:.2f} and {work[1]:.2f} s:", end=" ")
    print(f"{sum(work) / whole:.2f} of the work, {max(work) / whole:.2f} of the time;", end=" ")
    print(f"{room:.0f} bytes a row, halves {rooms[0]:.0f} and {rooms[1]:.0f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
