"""Files of data in, files of positions out."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go._scanpy.anndata import representation

MAPS = (".npy", ".npz", ".csv", ".tsv", ".parquet", ".h5ad", ".zarr")


@dataclass
class Table:
    """Rows of a file, their names if they have some, and the AnnData they are of."""

    of: str
    format: str
    rows: Any
    names: Any = None
    adata: Any = None


def read(path: str, use_rep: str | None = None, whole: bool = True) -> Table:
    """The rows of a file; "-" is the standard input. Those of .npy, .h5ad and of a zarr
    array stay there, unless of AnnData the whole is needed.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It is of another format than its name says, or has no such rows.
    ImportError
        The package that reads its format is not installed.
    """
    file, mark, entry = path.rpartition(".npz:")
    file = file + ".npz" if mark else path
    of = "standard input" if path == "-" else path
    kind = _format(file)
    if kind in (".h5ad", ".zarr", ".parquet") and not os.path.exists(file):
        raise FileNotFoundError(2, os.strerror(2), file)
    if kind == ".h5ad":
        with extras():
            import anndata

        return _of_adata(of, kind, anndata.read_h5ad(file, backed=None if whole else "r"), use_rep)
    if kind == ".zarr":
        return _zarr(of, file, use_rep)
    if kind == ".parquet":
        with extras():
            import pandas

        return _of_frame(of, kind, pandas.read_parquet(file))
    if kind == ".npy" and path.endswith(kind) and _starts(file, b"\x93NUMPY"):
        return Table(of, kind, np.load(file, mmap_mode="r", allow_pickle=False))
    raw = sys.stdin.buffer.read() if path == "-" else Path(file).read_bytes()
    if raw.startswith(b"\x1f\x8b"):
        raw = gzip.decompress(raw)
    if raw.startswith((b"\x93NUMPY", b"PK")):
        return _numpy(of, raw, entry)
    if kind in (".npy", ".npz"):
        raise ValueError(f"{of}: not a NumPy file")
    return _text(of, raw, "\t" if kind == ".tsv" or (kind != ".csv" and b"\t" in raw.split(b"\n", 1)[0]) else ",")


def _starts(path: str, magic: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(magic)) == magic


def _format(path: str) -> str:
    return Path(path.removesuffix(".gz").rstrip("/")).suffix


def _numpy(of: str, raw: bytes, entry: str) -> Table:
    found = np.load(io.BytesIO(raw), allow_pickle=False)
    if isinstance(found, np.ndarray):
        return Table(of, ".npy", found)
    names = found.files
    if not entry and len(names) == 1:
        entry = names[0]
    if entry not in names:
        raise ValueError(f"{of}: got {f'no array {entry!r}' if entry else f'{len(names)} arrays'}, want FILE.npz:NAME of {', '.join(names[:8])}")
    return Table(of, ".npz", found[entry])


def _text(of: str, raw: bytes, comma: str) -> Table:
    """A first line with a cell that is no number is a header; the first column has
    names if it has no numbers, or if the header says nothing over it."""
    with extras():
        import pandas

    cells = raw.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip().split(comma)
    bare = [cell.strip().strip('"') for cell in cells]
    header = bare[0] == "" or not all(map(_number, bare[1:] or bare))
    try:
        frame = pandas.read_csv(io.BytesIO(raw), sep=comma, header=0 if header else None)
    except ValueError as error:  # pandas' own are of it
        raise ValueError(f"{of}: {' '.join(str(error).split())}") from None
    if frame.shape[1] > 1 and (bare[0] == "" or not pandas.api.types.is_numeric_dtype(frame.iloc[:, 0])):
        frame = frame.set_index(frame.columns[0])
        if bare[0] == "":
            frame.index.name = None
    return _of_frame(of, ".tsv" if comma == "\t" else ".csv", frame)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell in ("", "NA", "N/A")
    return True


def _of_frame(of: str, kind: str, frame: Any) -> Table:
    numbered = getattr(frame.index, "step", None) == 1  # pandas' own numbers
    return Table(of, kind, frame, None if numbered else frame.index)


def _zarr(of: str, path: str, use_rep: str | None) -> Table:
    with extras():
        import zarr

    found: Any = zarr.open(path, mode="r")
    if isinstance(found, zarr.Array):
        return Table(of, ".npy", found)
    with extras():
        import anndata

    return _of_adata(of, ".zarr", anndata.read_zarr(path), use_rep)


def _of_adata(of: str, kind: str, adata: Any, use_rep: str | None) -> Table:
    return Table(of, kind, representation(adata, use_rep, None), adata.obs_names, adata)


def check_map(path: str, *beside: str | None) -> None:
    """Refuses, before the work, a map and files beside it that could not be written
    after it."""
    if path != "-" and Path(path).suffix not in MAPS:
        raise ValueError(f"{path}: want a name that ends in {', '.join(MAPS)}, or -")
    for one in (path, *beside):
        if one and one != "-" and not Path(one).absolute().parent.is_dir():
            raise FileNotFoundError(2, os.strerror(2), one)


def holds_data(path: str) -> bool:
    """Whether a map is written together with the data."""
    return Path(path).suffix in (".h5ad", ".zarr")


def check_kind(path: str, table: Table) -> None:
    """Refuses, before the work, a map as AnnData of what is none."""
    kind = table.format if path == "-" else Path(path).suffix
    if kind in (".h5ad", ".zarr") and (table.adata is None or path == "-"):
        raise ValueError(f"{path}: AnnData with a map are made of AnnData and go into a file, {table.of} is {table.format[1:]}")


def write(path: str, y: Any, table: Table) -> None:
    """Writes positions; AnnData with them in ``obsm["X_tsne"]``, text with a header
    and the rows' names."""
    kind = table.format if path == "-" else Path(path).suffix
    writers: dict[str, Callable[[Any], None]] = {
        ".npy": lambda to: np.save(to, y),
        ".npz": lambda to: np.savez(to, map=y),
        ".csv": lambda to: _write_text(to, y, table, ","),
        ".tsv": lambda to: _write_text(to, y, table, "\t"),
        ".parquet": lambda to: _frame(y, table).to_parquet(to),
    }
    if kind in (".h5ad", ".zarr"):
        table.adata.obsm["X_tsne"] = y
        (table.adata.write_h5ad if kind == ".h5ad" else table.adata.write_zarr)(path)
        return
    if path == "-":
        made = io.BytesIO()
        writers[kind](made)
        sys.stdout.buffer.write(made.getbuffer())
        sys.stdout.buffer.flush()
        return
    beside = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.tmp")
    try:
        with open(beside, "xb") as to:
            writers[kind](to)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _frame(y: Any, table: Table) -> Any:
    with extras():
        import pandas

    columns = [f"tsne_{i + 1}" for i in range(y.shape[1])]
    return pandas.DataFrame(np.asarray(y), columns=columns, index=table.names)


def _write_text(to: Any, y: Any, table: Table, comma: str) -> None:
    _frame(y, table).to_csv(to, sep=comma, index=table.names is not None)
