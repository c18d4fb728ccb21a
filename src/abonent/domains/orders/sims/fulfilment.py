"""What another SIM is for the network: nothing before its owner has it in hand, then one command, then all follows
that follows from any new SIM (`lines.network`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing import products as money
from abonent.domains.billing.products_rules import SIM_RULE
from abonent.domains.identity import journal
from abonent.domains.identity.freezing import Frozen, ensure_not_frozen
from abonent.domains.lines import queries_calls, sims
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.sims.rules import Form
from abonent.domains.orders.steps import Impossible, NotYet, enqueue

FEATURE = "sim"
PROTECTED, LOST, NOT_FETCHED, OTHER_SIM = "cabinet protected", "line blocked", "not fetched", "sim replaced"


def ask(row: models.Order, line: Line, at: datetime) -> UUID | None:
    """Have the network serve the line with the new SIM, once its owner has installed it or holds the card."""
    ensure_trusted(row, line)
    change = models.SimChange.objects.get(order_id=row.id)
    if change.form != Form.SHOP:
        ensure_same_sim(row, line)
    in_hand = change.form == Form.CARD or change.installed_at is not None
    if not in_hand:
        if change.waits_until is not None and change.waits_until <= at:
            raise Impossible(NOT_FETCHED)
        raise NotYet
    return enqueue(row, {f"{FEATURE}:{change.imsi}"}, set(), at)


def complete(row: models.Order, line: Line, done_at: datetime, at: datetime) -> None:
    """The new SIM serves the line: that is noted like any SIM that the network tells of, and a lost phone is out."""
    change = models.SimChange.objects.get(order_id=row.id)
    if change.form != Form.SHOP:
        network.note_sim_replaced(
            number=line.number, imsi=change.imsi, at=done_at, key=f"command:{row.command_id}"
        )  # fmt: skip
        sims.use_card(order_id=row.id, line_id=line.id, at=done_at)
    if change.form == Form.SHOP or not _lost_since(row, line):
        # In the shop staff saw who it is.
        bars.found_again(line_id=line.id, by=row.placed_by or journal.OWNER, at=at)
    row.taken_minor = money.take_for_line(
        order_id=row.id, line=line, once_minor=row.once_minor, rule=SIM_RULE, at=done_at
    )
    models.SimChange.objects.filter(order_id=row.id).update(matching="")


def call_off(row: models.Order, at: datetime) -> None:
    """The old SIM stays: a card is blank again, a code opens nothing any more."""
    sims.let_card_go(order_id=row.id)
    models.SimChange.objects.filter(order_id=row.id).update(matching="")


def ensure_trusted(row: models.Order, line: Line) -> None:
    """Raise `Impossible` when its owner said since that somebody else is at work, or that the phone is lost."""
    if row.account_id is not None:
        try:
            ensure_not_frozen(row.account_id)
        except Frozen:
            raise Impossible(PROTECTED) from None
    if _lost_since(row, line):
        raise Impossible(LOST)


def ensure_same_sim(row: models.Order, line: Line) -> None:
    """Raise `Impossible` when another SIM came since: whoever proved to be the owner did so before that."""
    sim = queries_calls.sim_of(line.id)
    if sim is not None and sim.since > row.placed_at:
        raise Impossible(OTHER_SIM)


def _lost_since(row: models.Order, line: Line) -> bool:
    """Return whether the phone was reported lost after the order: who placed it may have that phone."""
    lost = bars_queries.stands(line.id, Kind.LOST)
    return lost is not None and lost.since > row.placed_at
