"""Figures of docs/transform.md: new digits placed by an exact and by an approximate search of 60,000.

python bench/approximate.py
"""

import time

import numpy as np

import data
from mapping_common import mnist_reference, vote
from opentsne_go._embedding import placing
from opentsne_go._native import choices


def main():
    X, labels = data.load("mnist70k")
    new, own = X[60_000:], labels[60_000:]
    made = placing.structures.transform_options
    for _ in range(3):
        for method in ("exact", "approx"):
            placing.structures.transform_options = lambda how=method, **fields: made(neighbors=choices.NEIGHBORS[how], **fields)
            reference = mnist_reference()
            spent = []
            for rows in (new[:1], new, new):
                before = time.process_time()
                placed = reference.transform(rows, k=10, n_iter=0)
                spent.append(f"{time.process_time() - before:.2f}")
            right = (vote(np.asarray(reference), labels[:60_000], np.asarray(placed)) == own).mean()
            print(f"{method}: the first point, 10,000 and again 10,000 in {', '.join(spent)} s of processor time; accuracy {right:.4f}", flush=True)


if __name__ == "__main__":
    main()
