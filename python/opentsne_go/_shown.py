"""Maps as notebooks show them: a small picture and what they were made with."""

from __future__ import annotations

import base64
import html
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Pixels of the picture's longer side, without what is free around.
_SIDE = 120
_FREE = 4
#: More points than this show no other picture.
_SHOWN = 1_000_000
_DOTS, _AMONG = (0x2F, 0x5D, 0x8C), (0xD0, 0xD0, 0xD0)


def as_html(kind: str, rows: dict[str, Any], y: NDArray[Any], among: Any = None) -> str:
    """A picture of positions beside rows of names and values.

    among are positions of other points, which are grey.
    """
    table = "".join(
        f"<tr><td style='text-align:left'>{html.escape(name)}</td>"
        f"<td style='text-align:left'>{html.escape(_word(value))}</td></tr>"
        for name, value in rows.items()
        if value is not None
    )
    return (
        "<div style='display:flex;gap:1em;align-items:center'>"
        f"{_thumbnail(y, among)}<div><b>{html.escape(kind)}</b><table>{table}</table></div></div>"
    )


def _word(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(map(_word, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _thumbnail(y: NDArray[Any], among: Any) -> str:
    layers = [(_AMONG, np.asarray(among))] if among is not None else []
    layers.append((_DOTS, y))
    flat = [(colour, _plane(one)) for colour, one in layers]
    seen = [one for _, one in flat if len(one)]
    if not seen:
        return ""
    low = np.min([[one[:, 0].min(), one[:, 1].min()] for one in seen], axis=0)
    high = np.max([[one[:, 0].max(), one[:, 1].max()] for one in seen], axis=0)
    scale = (_SIDE - 1) / max(float((high - low).max()), 1e-12)
    wide, tall = (np.round((high - low) * scale).astype(int) + 2 * _FREE + 1).tolist()
    image = np.full((tall, wide, 3), 255.0)
    for colour, one in flat:
        at = np.round((one - low) * scale).astype(int) + _FREE
        count = np.bincount((tall - 1 - at[:, 1]) * wide + at[:, 0], minlength=wide * tall)
        image += _shade(count.reshape(tall, wide))[:, :, None] * (np.array(colour) - image)
    data = base64.b64encode(_png(image.round().astype(np.uint8))).decode()
    return f"<img alt='map' width='{wide}' height='{tall}' src='data:image/png;base64,{data}'>"


def _shade(count: NDArray[Any]) -> NDArray[np.float64]:
    """How dark each pixel is; dots of few points reach their neighbours."""
    shade = np.where(count > 0, 0.5 + 0.5 * np.log1p(count) / np.log1p(max(count.max(), 1)), 0)
    if np.count_nonzero(count) < 4000:
        soft = np.zeros_like(shade)
        for axis in (0, 1):
            for step in (-1, 1):
                soft = np.maximum(soft, np.roll(shade, step, axis))
        shade = np.maximum(shade, 0.5 * soft)
    return shade


def _plane(y: NDArray[Any]) -> NDArray[np.float64]:
    """Finite positions in two columns, of very many a part."""
    part = np.asarray(y[:: max(1, len(y) // _SHOWN), :2], float)
    if part.shape[1] == 1:
        part = np.column_stack([part, np.zeros(len(part))])
    there: NDArray[np.float64] = part[np.isfinite(part).all(axis=1)]
    return there


def _png(image: NDArray[np.uint8]) -> bytes:
    """An RGB picture as a file (ISO/IEC 15948)."""
    tall, wide = image.shape[:2]
    rows = np.zeros((tall, 1 + 3 * wide), np.uint8)  # each begins with filter 0
    rows[:, 1:] = image.reshape(tall, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", wide, tall, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )
