"""Writes the files of this folder: python make.py, with numpy 2.4."""

import numpy as np

a = np.arange(6 * 4).reshape(6, 4) * 5 - 20  # -20 to 95
b = abs(a)
kinds = {name: a.astype(name) for name in ("i1", "i2", "i4", "i8", "f4", "f8")}
kinds |= {name: b.astype(name) for name in ("u1", "u2", "u4", "u8")}
arrays = dict(kinds)
arrays |= {f"big_{name}": kind.astype(">" + name) for name, kind in kinds.items() if name[1] != "1"}
arrays |= {f"column_{name}": np.asfortranarray(kind) for name, kind in kinds.items()}
arrays["big_column_f8"] = np.asfortranarray(a.astype(">f8"))
arrays["b1"] = a > 30
arrays["third"] = a / 3
arrays["line"] = np.arange(7, dtype="i4")
arrays["scalar"] = np.float64(2.5)
arrays["cube"] = np.zeros((2, 3, 4), "f4")
arrays["none"] = np.zeros((0, 4))
arrays["half"] = a.astype("f2")
arrays["complex"] = a.astype("c8")
arrays["text"] = np.array(["a", "bc"])
arrays["record"] = np.zeros(3, [("x", "f4"), ("y", "i4")])
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
np.savez("single.npz", X=kinds["f4"])
np.save("plain.npy", kinds["f4"])
with open("long_header.npy", "wb") as f:
    np.lib.format.write_array(f, kinds["f8"], version=(2, 0))
with open("utf8_header.npy", "wb") as f:
    np.lib.format.write_array(f, np.zeros(2, [("ä", "f4")]), version=(3, 0))
