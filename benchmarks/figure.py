"""One measured figure, and the table of all of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure, the samples that it was made of, and the most that it may be (None: nobody set a target)."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    samples: Sequence[float] = field(default=(), repr=False)
    is_median: bool = True

    @property
    def met(self) -> bool | None:
        return None if self.at_most is None else self.value <= self.at_most

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "at_most": self.at_most,
            "met": self.met,
            "n": len(self.samples),
            "samples": list(self.samples),
        }


def median(name: str, samples: Iterable[float], *, unit: str = "", at_most: float | None = None) -> Figure:
    """The figure that is the median of its samples."""
    samples = list(samples)
    return Figure(name=name, value=statistics.median(samples), unit=unit, at_most=at_most, samples=samples)


def worst(name: str, samples: Iterable[float], *, unit: str = "", at_most: float | None = None) -> Figure:
    """The figure that is the largest of its samples."""
    samples = list(samples)
    return Figure(name=name, value=max(samples), unit=unit, at_most=at_most, samples=samples, is_median=False)


def table(rows: Iterable[tuple[str, Sequence[Figure]]], *, judged: bool) -> str:
    """The figures as text, and whether each meets its target where they are good enough to be judged.

    "Middle half" is where half of the samples are, which tells how noisy the figure is.
    """
    lines = [("row", "figure", "measured", "middle half", "target", "met", "n")]
    for row, figures in rows:
        lines += [(row if number == 0 else "", *_cells(figure, judged)) for number, figure in enumerate(figures)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ("-" * widths[0], *("-" * width for width in widths[1:])))  # type: ignore[arg-type]  # still seven
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    row, name, *numbers = cells
    left = f"{row:<{widths[0]}}  {name:<{widths[1]}}"
    return "  ".join([left, *(f"{cell:>{width}}" for cell, width in zip(numbers, widths[2:], strict=True))])


def _cells(figure: Figure, judged: bool) -> tuple[str, str, str, str, str, str]:
    spread = ""
    if figure.is_median and len(figure.samples) > 3:
        low, _, high = statistics.quantiles(figure.samples, n=4)
        spread = f"{_number(low)} to {_number(high)}"
    return (
        figure.name,
        f"{_number(figure.value)} {figure.unit}".rstrip(),
        spread,
        "" if figure.at_most is None else f"<= {_number(figure.at_most)}",
        {True: "yes", False: "NO", None: ""}[figure.met if judged else None],
        str(len(figure.samples)),
    )


def _number(value: float) -> str:
    if value == int(value):
        return str(int(value))
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"
