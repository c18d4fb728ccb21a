"""A change of the tariff and a block of a customer, in facts for whoever talks to them. No I/O."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from abonent.domains.lines.queries import Line
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.domains.orders.blocks import rules as blocks_rules
from abonent.domains.orders.rules import Action, Refusal, Why
from abonent.domains.orders.tariffs.queries import TariffStanding
from abonent.entrypoints.staff import orders_page, words
from abonent.entrypoints.staff.orders_page import Question
from abonent.web import format as formats


def tariff(case_id: int, standing: TariffStanding, line: Line, later: datetime | None, order_id: UUID) -> Question:
    """Return what the agent tells before another tariff is ordered; `later` None: at once."""
    version, quote = standing.offer.version, standing.quote
    facts = [
        (_("The change itself"), _sum(quote.once_minor)),
        (_("Begins"), formats.day(later) if later else _("within a few minutes")),
        (_("New fee"), orders_page.tariff_fee(version)),
    ]
    if quote.first_minor:
        facts.append((_("First charge"), _("%(sum)s on %(day)s") % {
            "sum": formats.money(quote.first_minor), "day": formats.day(quote.first)}))  # fmt: skip
    if quote.back_minor:
        facts.append((_("Comes back of the old fee"), formats.money(quote.back_minor)))
    if line.prepaid and not later:
        facts.append((_("Balance afterwards"), formats.money(standing.available_after_minor)))
    return Question(
        address=f"/staff/case/{case_id}/tariffs/{version.tariff_code}/",
        title=orders_page.title(Action.TARIFF, version.names),
        text=standing.offer.about.get(words.language(), ""),
        facts=facts,
        refused=_refused(standing.refusal),
        button=_("Change the tariff"),
        hidden=[
            ("id", f"{order_id}"), ("version", f"{version.id}"), ("total_minor", f"{quote.total_minor}"),
            ("effective_at", later.isoformat() if later else ""),
        ],
    )  # fmt: skip


def block(case_id: int, standing: blocks_queries.Standing, line: Line, order_id: UUID) -> Question:
    """Return what the agent tells before the number is blocked from tomorrow, for as long as may be."""
    pause, quote = standing.pause, standing.quote
    facts = [
        (_("The block itself"), _sum(standing.once_minor)),
        (_("Until"), formats.day(pause.end - timedelta(days=1))),
        (_("Free days left"), formats.number(standing.free_left)),
    ]
    if quote.paid_days:
        facts.append((_("Each day after them"), formats.money(pause.day_minor)))
        facts.append((_("All of it at the most"), formats.money(standing.total_minor)))
    if quote.back_minor:
        facts.append((_("Comes back of the old fee"), formats.money(quote.back_minor)))
    if line.prepaid:
        facts.append((_("Balance afterwards"), formats.money(standing.available_minor - standing.once_minor)))
    return Question(
        address=f"/staff/case/{case_id}/pause/",
        title=orders_page.title(Action.BLOCK, {}),
        text=_("From tomorrow nothing works on the number. The owner can lift it at any time in the cabinet."),
        facts=facts,
        refused=_block_refused(standing.refusal),
        button=_("Block the number"),
        hidden=[
            ("id", f"{order_id}"), ("version", f"{standing.rules.id}"), ("total_minor", f"{standing.total_minor}"),
            ("end", pause.end.isoformat()),
        ],
    )  # fmt: skip


def _sum(minor: int) -> str:
    return formats.money(minor) if minor else _("free of charge")


def _refused(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    return {
        Why.SHORT: _("Short by %(sum)s for this tariff.") % {"sum": formats.money(refusal.missing_minor)},
        Why.LIMIT: _("The customer’s own spending limit holds it back."),
        Why.ON_THE_WAY: _("A change of the tariff is on the way already."),
        Why.BLOCKED: _("A block is on. The tariff can be changed when it is over."),
        Why.HAS_ALREADY: _("The customer has this tariff."),
        Why.PERSONAL: _("The customer’s tariff was made for them: it is changed by their manager."),
        Why.NOT_SOLD: _("This tariff is not sold any more."),
    }.get(refusal.why, _("This cannot be ordered right now."))


def _block_refused(refusal: blocks_rules.Refusal | None) -> str:
    if refusal is None:
        return ""
    missing = formats.money(refusal.missing_minor)
    day = formats.day(refusal.day) if refusal.day else ""
    why = blocks_rules.Why
    return {
        why.ALREADY: _("A block is on already."),
        why.SILENT: _("A block is on already, for another reason."),
        why.ON_THE_WAY: _("A block is ordered already, and has not begun."),
        why.OWED: _("First pay what is owed: %(sum)s. Then a block can be ordered.") % {"sum": missing},
        why.SHORT: _("Short by %(sum)s for this block.") % {"sum": missing},
        why.COOL_DOWN: _("The last block ended not long ago. The next one can begin on %(day)s") % {"day": day},
    }.get(refusal.why, _("This cannot be ordered right now."))
