"""How a number among the arguments is checked and becomes a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opentsne_go._input import arguments

INF = float("inf")


@dataclass(frozen=True)
class Number:
    """The range of an argument: ``low`` and ``high`` are in it, ``above`` and
    ``below`` are not. None and "auto" stand for ``none`` and ``auto``."""

    field: str
    allowed: str
    whole: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    infinite: bool = False
    none: float | None = None
    auto: float | None = None

    def read(self, name: str, value: Any) -> float:
        """The value of the field; name is the argument's for an error."""
        if value is None and self.none is not None:
            return self.none
        if self.auto is not None and isinstance(value, str) and value == "auto":
            return self.auto
        number = arguments.number(value, self.whole)
        if number is None or not self._has(number):
            raise arguments.bad(name, value, self.allowed)
        return number

    def shown(self, value: float) -> Any:
        """The argument that the field's value stands for."""
        if value == self.none:
            return None
        return "auto" if value == self.auto else value

    def _has(self, number: float) -> bool:
        if (abs(number) == INF and not self.infinite) or (self.whole and abs(number) > arguments.MOST):
            return False
        return (
            (self.low is None or number >= self.low)
            and (self.high is None or number <= self.high)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )
