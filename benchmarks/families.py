"""Import of usage of lines that share packages in families against the same lines, with the same usage, that do not.

What is imported comes on top of half a month that is stored and rated, as files come day after day.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.environment import VAR, platform

LINES, IN_A_FAMILY = 200, 5
HISTORY, RECORDS, FILES = 20_000, 5_000, 7
START = datetime(2026, 3, 10, tzinfo=UTC)
HEAD = "record_id,line,started_at,kind,direction,peer,duration_s,bytes,units,zone\n"


def measure() -> list[dict[str, Any]]:
    """Return how much longer a file takes, in CPU time of this process, when every line is in a family."""
    with platform():
        from abonent.domains.billing import actions, models, posting
        from abonent.foundation import clock
        from tests.factories import catalog, families, lines

        assert clock.now() > START
        version = catalog.small()
        offer = families.load(members_most=IN_A_FAMILY - 1)
        apart, together = ([lines.line(tariff_version_id=version) for _ in range(LINES)] for _ in range(2))
        for first in range(0, LINES, IN_A_FAMILY):
            owner, *members = together[first : first + IN_A_FAMILY]
            group = families.group(owner, offer, START)
            for member in members:
                families.member(group, member, START)
        posting.accounts([line.contract_id for line in apart + together])
        spent: dict[str, list[float]] = {}
        for file in range(FILES + 1):
            for name, some in (("apart", apart), ("together", together)):
                path = _file(name, file, [line.number for line in some])
                begun = time.process_time()
                result = actions.import_usage(path=path)
                spent.setdefault(name, []).append(time.process_time() - begun)
                assert result.stored == (RECORDS if file else HISTORY), result
        taken = sum(models.FamilyTaken.objects.values_list("used", flat=True))
        assert taken, "nobody took anything from another's package"
    plain, shared = (statistics.median(spent[name][1:]) for name in ("apart", "together"))
    return [
        {
            "name": f"usage import of {RECORDS:,} records, every line in a family, against the same without families",
            "ratio": shared / plain,
            "target": "≤ 1.5",
            "detail": f"CPU {shared * 1000:.0f} ms, without {plain * 1000:.0f} ms; {LINES} lines, {IN_A_FAMILY} in a "
            f"family, after {HISTORY:,} records of the same period; median of {FILES} files one after the other",
        }
    ]


def _file(name: str, number: int, numbers: list[str]) -> Path:
    path = VAR / f"families-{name}.csv"
    path.write_text(HEAD + "".join(_rows(f"{name}{number}", number, numbers)))
    return path


def _rows(prefix: str, number: int, numbers: list[str]) -> Iterator[str]:
    """Yield the records of a file: half a month first, then some hours for each."""
    count = RECORDS if number else HISTORY
    begins = START + timedelta(days=15, hours=6 * (number - 1)) if number else START
    span = timedelta(hours=6) if number else timedelta(days=15)
    # The same for both, whoever is in a family.
    draw = random.Random(number)
    for record in range(count):
        at = begins + span * record / count
        line = draw.choice(numbers)
        if draw.random() < 0.5:
            yield f"{prefix}-{record},{line},{at:%Y-%m-%dT%H:%M:%S+00:00},voice,out,+79161234567,20,,,home\n"
        else:
            yield f"{prefix}-{record},{line},{at:%Y-%m-%dT%H:%M:%S+00:00},data,out,,,40000,,home\n"
