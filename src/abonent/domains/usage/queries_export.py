"""What usage holds on a person, for the copy of their data."""

from __future__ import annotations

from collections.abc import Collection

from abonent.domains.usage.rules import Direction, Kind
from abonent.foundation.copies import Part

_KINDS = ", ".join(f"'{kind.name.lower()}'" for kind in sorted(Kind))
_DIRECTIONS = ", ".join(f"'{direction.name.lower()}'" for direction in sorted(Direction))


def parts(*, line_ids: Collection[int]) -> list[Part]:
    """Return every record of the lines, and who wrote it down."""
    return [
        Part(
            "usage",
            ("usage_record", "usage_source"),
            f"""select record.line_id as line, record.started_at, (array[{_KINDS}])[record.kind] as kind,
                       (array[{_DIRECTIONS}])[record.direction] as direction, record.peer, record.duration_s,
                       record.bytes, record.units, record.zone, source.name as source
                  from usage_record record left join usage_source source on source.id = record.source_id
                 where record.line_id = any(%s) order by record.started_at""",
            (list(line_ids),),
        )
    ]
