"""Header rows: which columns a file has."""

from __future__ import annotations

from collections.abc import Iterable

from abonent.domains.usage.formats.separated import BOM, NotFields, fields_of
from abonent.domains.usage.reading import UnreadableFile


def names(start: bytes) -> list[str]:
    """Return the column names in a file's first line, in lower case; empty when it is none."""
    try:
        fields = fields_of(start.removeprefix(BOM).split(b"\n", 1)[0].rstrip(b"\r"))
    except NotFields:
        return []
    return [name.strip().lower() for name in fields]


def refuse_wrong(found: list[str], needed: Iterable[str], *, others: bool) -> None:
    """Raise `UnreadableFile` naming the columns that are missing, repeated or, unless `others`, unknown."""
    needed = list(needed)
    wrong = {
        "missing": [name for name in needed if name not in found],
        "repeated": sorted({name for name in found if found.count(name) > 1 and (name in needed or not others)}),
        "unknown": [] if others else sorted({name for name in found if name not in needed}),
    }
    said = [f"{what}: {', '.join(columns)[:200]}" for what, columns in wrong.items() if columns]
    if said:
        raise UnreadableFile(f"its header is wrong; {'; '.join(said)}")
