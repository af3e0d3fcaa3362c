"""What is to be reached, and whether it was."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Bound:
    """A figure that is to be reached ("≥"), or not to be passed ("≤")."""

    sign: Literal["≥", "≤"]
    value: float
    unit: str = ""

    def __str__(self) -> str:
        """Write it as a target."""
        return f"{self.sign} {self.value:g}{self.unit}"

    def verdict(self, measured: float) -> str:
        """Return `met` or `missed`."""
        over, under = measured >= self.value, measured <= self.value
        return "met" if (over if self.sign == "≥" else under) else "**missed**"


def judged(bound: Bound | None, measured: float) -> tuple[str, str]:
    """Write the bound, where there is one, and the verdict."""
    return (str(bound), bound.verdict(measured)) if bound else ("", "")


def with_spread(values: Sequence[float], digits: int = 2) -> str:
    """Write the median of `values`, and the least and the most of them."""
    of_interest = (statistics.median(values), min(values), max(values))
    middle, least, most = (f"{value:.{digits}f}" for value in of_interest)
    return f"{middle} ({least} to {most})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return ours over theirs, round by round: what disturbs one round disturbs both."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]
