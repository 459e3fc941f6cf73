"""One whole job on simulated cells by libtsne: seconds and memory of each stage, and a look at the map.

    python scale.py N --out MAP.npy [--exaggeration 1] [--init pca] [--late 500] [--uniform K] [--mapped X.npy]

prints one JSON line: for each stage its `seconds` and its `peak`, the most anonymous memory above what the process had with the data
at hand, in bytes; `recall` and `accuracy` (10 nearest neighbours) on 5,000 random points, 200 of more than 5,000,000, and KL by the library.
"""

import argparse
import json
import threading
import time

import numpy as np

import data
import engine

STAGES = ("neighbors", "affinities", "init", "optimize")


def anonymous():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon"))


class Watch:
    """Anonymous memory, read 50 times a second."""

    def __enter__(self):
        self.seen, self.stop = [], threading.Event()
        self.base = anonymous()
        self.t0 = time.perf_counter()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        while not self.stop.wait(0.02):
            self.seen.append((time.perf_counter() - self.t0, anonymous() - self.base))

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def peak(self, begin, end):
        return max((b for t, b in self.seen if begin <= t <= end), default=0)


def spans(stamps, seconds):
    """Begin and end of each stage; one begins when the one before it has made its last report."""
    last = {}
    for stage, _, t in stamps:
        last[stage] = t
    order = sorted(last, key=last.get)
    begins = [0.0, *(last[s] for s in order[:-1])]
    return {s: (a, b) for s, a, b in zip(order, begins, [*begins[1:], seconds])}


def quality(X, labels, Y):
    """Recall and label accuracy of random points, their neighbours taken among all."""
    from scipy.spatial import cKDTree
    count, each = (5000, 250) if len(X) <= 5_000_000 else (200, 5)
    rows = np.random.default_rng(0).choice(len(X), count, replace=False)
    inside = cKDTree(Y).query(Y[rows], 11, workers=2)[1]
    norm = np.einsum("ij,ij->i", X, X)
    hits = right = 0
    for a in range(0, count, each):
        some = rows[a:a + each]
        d = norm[None] - 2 * (X[some] @ X.T)
        d[np.arange(len(some)), some] = np.inf
        near = np.argpartition(d, 10, axis=1)[:, :10]
        for i, row in enumerate(some):
            mapped = [j for j in inside[a + i] if j != row][:10]
            hits += len(np.intersect1d(near[i], mapped))
            right += np.bincount(labels[mapped]).argmax() == labels[row]
    return {"recall": hits / (10 * count), "accuracy": right / count}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("n", type=int)
    a.add_argument("--d", type=int, default=50)
    a.add_argument("--out", required=True)
    a.add_argument("--late", type=int, default=500)
    a.add_argument("--exaggeration", type=float, default=1)
    a.add_argument("--init", default="pca")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--uniform", type=int, metavar="K", help="uniform affinities of K neighbours in place of perplexity 30")
    a.add_argument("--mapped", metavar="X.npy", help="the data lie in this file, which is made")
    job = a.parse_args()
    X, labels = data.cells(job.n, job.d)
    ask = {}
    if job.uniform:
        ask |= {"affinity": engine.choices.AFFINITY["uniform"], "k": job.uniform}
    if job.mapped:
        np.save(job.mapped, X)
        del X
        X = np.load(job.mapped, mmap_mode="r")
        ask["keep_data"] = 0
    engine.fit(X[:5000], early_iterations=5, iterations=5)
    with Watch() as watch:
        Y, kl, seconds, stamps = engine.fit(X, threads=job.threads, init=job.init, iterations=job.late, exaggeration=job.exaggeration, **ask)
    stages = {s: {"seconds": b - a, "peak": watch.peak(a, b)} for s, (a, b) in spans(stamps, seconds).items()}
    done = [(i, t) for s, i, t in stamps if s == "optimize"]
    np.save(job.out, Y)
    print(json.dumps({"n": job.n, "d": job.d, "threads": job.threads, "exaggeration": job.exaggeration, "init": job.init, "uniform": job.uniform,
                      "iterations": 250 + job.late, "seconds": seconds, "stages": stages, "kl": kl,
                      "early": (done[3][1] - done[0][1]) / (done[3][0] - done[0][0]) * 1e3,
                      "late": (done[-1][1] - done[-3][1]) / (done[-1][0] - done[-3][0]) * 1e3,
                      "version": engine.version(), "cpu": engine.cpu(), **quality(X, labels, Y)}))


if __name__ == "__main__":
    main()
