"""What a search in two parts costs, as two workers do it, beside one of all rows: processor seconds of one thread.

python bench/cluster.py ROWS K

Of simulated cells, ROWS x 50, with uniform affinities of K neighbours.
"""

import sys
import time

import numpy as np

import data
from opentsne_go._cluster.parts import part


def main(n, k):
    x = data.cells(n)[0].astype(np.float32)
    how = {"seed": 0, "affinity": "uniform", "k": k, "n_jobs": 1}

    def spent(lo, hi):
        began = time.process_time()
        part(x, k, how, True, lo, hi)
        return time.process_time() - began

    whole, *halves = (spent(*ends) for ends in ((0, n), (0, n // 2), (n // 2, n)))
    print(f"{n} rows, k = {k}: all {whole:.2f} s, halves {halves[0]:.2f} and {halves[1]:.2f} s:", end=" ")
    print(f"{sum(halves) / whole:.2f} of the work, {max(halves) / whole:.2f} of the time")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
