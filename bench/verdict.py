"""Targets, and whether they were met."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Bound:
    """A target: at least ("≥") or at most ("≤") a value."""

    sign: Literal["≥", "≤"]
    value: float
    unit: str = ""

    def __str__(self) -> str:
        """Return the target as text."""
        return f"{self.sign} {self.value:g}{self.unit}"

    def verdict(self, measured: float) -> str:
        """Return `met` or `missed`."""
        over, under = measured >= self.value, measured <= self.value
        return "met" if (over if self.sign == "≥" else under) else "**missed**"


def judged(bound: Bound | None, measured: float) -> tuple[str, str]:
    """Return the bound and the verdict as text, empty without a bound."""
    return (str(bound), bound.verdict(measured)) if bound else ("", "")


def with_spread(values: Sequence[float], digits: int = 2) -> str:
    """Return the median, the least and the most of `values` as text."""
    of_interest = (statistics.median(values), min(values), max(values))
    middle, least, most = (f"{value:.{digits}f}" for value in of_interest)
    return f"{middle} ({least} to {most})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return ours divided by theirs, round by round: a disturbance affects both."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]
