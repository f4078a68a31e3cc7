"""Tables in plain text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..model.text import printable, shorten

_LEAST = 12  #: characters that stay of a column that gives way


def align(
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Collection[int] = (),
    width: int | None = None,
    gives_way: int = 0,
) -> list[str]:
    """A table's lines; a dash is what is not known. Columns ``right`` are numbers.

    Where it does not fit ``width`` so many characters, the column ``gives_way`` is shortened.
    """
    table = [tuple(head), *(tuple(printable(str(cell or "-")) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    if width is not None:
        excess = sum(widths) + 2 * (len(widths) - 1) - width
        widths[gives_way] = max(min(widths[gives_way], _LEAST), widths[gives_way] - max(excess, 0))

    def line(row: Sequence[str]) -> str:
        cells = [shorten(cell, size) for cell, size in zip(row, widths, strict=True)]
        padded = [
            cell.rjust(size) if column in right else cell.ljust(size)
            for column, (cell, size) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    return [line(row) for row in table]
