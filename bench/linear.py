"""The linear algebra of a fit beside its peers': the spectral start and openTSNE's, the reduction of sparse and of dense data
and scikit-learn's.

    python linear.py [ROUNDS]

prints a Markdown table of medians, in seconds, of interleaved runs on all processors. The last column is the median ratio of
the peer to libtsne within a round.
"""

import statistics
import sys
import time

import numpy as np
import openTSNE.initialization
import scipy.sparse as sp
from sklearn.decomposition import PCA, TruncatedSVD

import data
from opentsne_go import affinity, initialization
from opentsne_go._input.reduction import reduce


def sparse():
    """10,000 x 2,000 with 5 % of the values uniform in (0, 1): the spectrum is as flat as can be."""
    return sp.random(10_000, 2_000, 0.05, "csr", np.float32, random_state=np.random.default_rng(1))


def jobs():
    X = np.asarray(data.load("mnist70k")[0], np.float32)
    for n in 10_000, 70_000:
        A = affinity.PerplexityBasedNN(X[:n], 30, n_jobs=-1)
        P = A.P.astype(float)
        for tol in (1e-4, 1e-10) if n == 10_000 else (1e-4,):
            yield (
                f"spectral start, MNIST {n} x {X.shape[1]}",
                f"openTSNE, tol {tol:g}",
                lambda A=A: initialization.spectral(A, add_jitter=False),
                lambda P=P, tol=tol: openTSNE.initialization.spectral(P, add_jitter=False, tol=tol),
            )
    S = sparse()
    for name in "arpack", "randomized":
        yield (
            "truncated SVD to 50, 10000 x 2000, 5 % dense",
            f"scikit-learn, {name}",
            lambda: reduce(S, 50, -1),
            lambda name=name: TruncatedSVD(50, algorithm=name).fit_transform(S),
        )
    D = data.load("mnist784")[0]
    yield "PCA to 50, MNIST 70000 x 784", "scikit-learn", lambda: reduce(D, 50, -1), lambda: PCA(50).fit_transform(D)


def seconds(job):
    t = time.perf_counter()
    job()
    return time.perf_counter() - t


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("| job | libtsne s | peer | peer s | peer / libtsne |\n|---|---|---|---|---|")
    for name, peer, ours, theirs in jobs():
        both = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
        a, b = (statistics.median(t) for t in zip(*both))
        ratio = statistics.median(y / x for x, y in both)
        print(f"| {name} | {a:.2f} | {peer} | {b:.2f} | {ratio:.1f} |", flush=True)


if __name__ == "__main__":
    main()
