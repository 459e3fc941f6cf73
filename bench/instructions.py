#!/usr/bin/env python3
"""Instructions an arm64 executes for a fit: python3 bench/instructions.py [QEMU] writes bench/arm64.md, a section of docs/benchmarks.md.

The plain Go loops beside the kernels for NEON, in an emulated processor (Debian's qemu-user; -static takes no plugin).
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import data

ROWS, FEW, MANY = 2000, 10, 40
TEXT = """## arm64, in instructions

No arm64 was at hand to time. What one executes, in the fits of {rows:,} rows of MNIST (50 principal components) on one thread, by the count of an emulated processor
(`python3 bench/instructions.py`): per point, and for an iteration the difference of {many} and {few} over {gap}. The maps of both paths are the same bits.

| part | plain Go | NEON | ratio |
|---|---|---|---|
"""


def main():
    qemu = sys.argv[1] if len(sys.argv) > 1 else "qemu-aarch64"
    x = data.held("mnist70k.npz")["X"][:ROWS].astype(np.float64)
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder)
        np.save(to / "x.npy", (u * s)[:, :50].astype(np.float32))
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", to / "insn.so", data.ROOT / "bench" / "insn.c"], check=True)
        subprocess.run(["go", "build", "-o", to / "tsne", "./cmd/tsne"], cwd=data.ROOT, check=True, env={**os.environ, "CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": "arm64"})

        def count(path, repulsion, iterations):
            line = [qemu, "-plugin", to / "insn.so", to / "tsne", to / "x.npy", to / f"{path}.npy", "--threads", "1", "--repulsion", repulsion,
                    "--early-iterations", "0", "--iterations", str(iterations)]
            done = subprocess.run(line, check=True, capture_output=True, text=True, env={**os.environ, "TSNE_CPU": path})
            return int(re.search(r"^instructions (\d+)$", done.stderr, re.MULTILINE)[1]) / ROWS

        text = TEXT.format(rows=ROWS, few=FEW, many=MANY, gap=MANY - FEW)
        for repulsion, name in {"fft": "iteration, grid", "barnes_hut": "iteration, tree"}.items():
            parts = []
            for path in "portable", "neon":
                few, many = count(path, repulsion, FEW), count(path, repulsion, MANY)
                each = (many - few) / (MANY - FEW)
                parts.append((few - FEW * each, each))
            if (to / "portable.npy").read_bytes() != (to / "neon.npy").read_bytes():
                sys.exit(f"{name}: the maps differ")
            (start, each), (start_neon, each_neon) = parts
            if repulsion == "fft":
                text += f"| neighbours, P and start | {start:,.0f} | {start_neon:,.0f} | {start / start_neon:.1f} |\n"
            text += f"| {name} | {each:,.0f} | {each_neon:,.0f} | {each / each_neon:.1f} |\n"
    (data.ROOT / "bench" / "arm64.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
