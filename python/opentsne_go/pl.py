"""Pictures that scanpy has no function for; they need matplotlib."""

from __future__ import annotations

__all__: list[str] = []
