"""What distribution costs: two workers of one thread against one of two, on the same two cores.

python bench/cluster.py [ROWS] [PAIRS]

Of simulated cells, ROWS x 50, with uniform affinities of 15 neighbours: the neighbours and affinities of a fit
without iterations, and new points placed in blocks of 10,000; of each the wall time and the processor time of
client and workers, in interleaved pairs, and whether the bits are the same.
"""

import os
import sys
import time

import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster

import data
from opentsne_go import TSNE

WAYS = {"one worker, two threads": (1, 2), "two workers, a thread each": (2, 1)}


def spent():
    """Processor seconds of this process."""
    times = os.times()
    return times.user + times.system


def timed(client, work):
    """What work gives, its wall seconds, and processor seconds of all processes."""
    all_of = lambda: spent() + sum(client.run(spent).values())
    before, began = all_of(), time.perf_counter()
    made = work()
    wall = time.perf_counter() - began
    return made, wall, all_of() - before


def main(n=200_000, pairs=3):
    x = data.cells(n)[0].astype(np.float32)
    few = TSNE(affinity="uniform", k=15, initialization="random", early_exaggeration_iter=0, n_iter=0, random_state=0, n_jobs=2)
    onto = TSNE(random_state=0, n_jobs=2, n_iter=50).fit(x[:20_000])
    rows = da.from_array(x[: min(n, 200_000)], chunks=(10_000, -1))
    jobs = {
        "neighbours and affinities": lambda client: few.fit(x, client=client).affinities.P,
        "new points": lambda client: onto.transform(rows, client=client, n_iter=0).compute(),
    }
    found = {}
    for name, (workers, threads) in [way for _ in range(pairs) for way in WAYS.items()]:
        cluster = LocalCluster(n_workers=workers, threads_per_worker=threads, dashboard_address=None)
        with cluster, Client(cluster) as client:
            client.run(lambda: TSNE(n_iter=1).fit(np.eye(20)).n_iter)
            for job, work in jobs.items():
                made, wall, used = timed(client, lambda work=work, client=client: work(client))
                bits = made.tobytes() if isinstance(made, np.ndarray) else made.indices.tobytes() + made.data.tobytes()
                found.setdefault(job, []).append((name, wall, used, bits))
                print(f"{job}, {name}: {wall:.1f} s, {used:.1f} s of processors", flush=True)
    for job, runs in found.items():
        one, two = (np.array([run[1:3] for run in runs if run[0] == name]) for name in WAYS)
        ratio = np.median(two / one, axis=0)
        same = len({run[3] for run in runs}) == 1
        print(f"{job}: two workers take {ratio[0]:.2f} of the wall time of one and {ratio[1]:.2f} of the processor time; same bits: {same}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
