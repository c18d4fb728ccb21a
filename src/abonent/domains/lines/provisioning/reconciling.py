"""What the network has, compared with what services and bars of each line ask for; differences are mended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.lines import models
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars import rules as bars_rules
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import rules
from abonent.domains.lines.provisioning.network import network
from abonent.domains.lines.provisioning.rules import OPEN, Difference

LINES_AT_ONCE = 200


def reconcile(*, mend: bool, at: datetime, line_ids: list[int] | None = None) -> Iterator[Difference]:
    """Yield every difference, of all lines that ever had a service or a bar, or of `line_ids`.

    `mend` has each put right. A line that something is being done for is compared the next time.
    Raises `ports.NoAnswer`.
    """
    known = {feature for version in offers_queries.catalogue().versions for feature in version.network}
    known |= bars_rules.KNOWN
    after = 0
    while some := _lines(after, line_ids):
        after = some[-1][0]
        features = network().features([number for _, number in some])
        for line_id, number in some:
            found = _compare(line_id, number, features.get(number, frozenset()), known, mend=mend, at=at)
            if found is not None:
                yield found


@transaction.atomic
def _compare(
    line_id: int, number: str, has: frozenset[str], known: set[str], *, mend: bool, at: datetime
) -> Difference | None:
    """Compare one line under its lock: what was asked of the network since `at` may not be seen in `has`."""
    row = models.Line.objects.select_for_update(no_key=True).filter(id=line_id, number=number, closed_at=None).first()
    commands = models.ProvisioningCommand.objects.filter(line_id=line_id)
    if row is None or commands.filter(state__in=OPEN).exists() or commands.filter(ended_at__gte=at).exists():
        return None
    should = products_queries.needed(line_id)
    should |= bars_rules.features(bar.kind for bar in bars_queries.standing(line_id))
    found = rules.difference(line_id, number, should=should, has=has, known=known)
    if found is not None and mend:
        provisioning.enqueue(
            command_id=uuid4(), line_id=line_id, on=found.missing, off=found.extra, reference=None, at=at
        )
    return found


def _lines(after: int, line_ids: list[int] | None) -> list[tuple[int, str]]:
    """Return the next served lines, in the order of ids, for which the network was ever asked something."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line.id, line.number from lines_line line
                where line.id > %s and line.closed_at is null and (%s::bigint[] is null or line.id = any (%s))
                  and (exists (select from lines_product where line_id = line.id)
                       or exists (select from lines_bar where line_id = line.id)
                       or exists (select from lines_provisioningcommand where line_id = line.id))
                order by line.id limit %s""",
            [after, line_ids, line_ids, LINES_AT_ONCE],
        )
        return [(line_id, number) for line_id, number in cursor.fetchall()]
