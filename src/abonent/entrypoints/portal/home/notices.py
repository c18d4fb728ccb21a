"""What needs the owner, as notices above the home page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.queries import Overview
from abonent.domains.identity.queries_security import Needs
from abonent.domains.lines.bars.rules import Kind, gravest
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.texts.words import of_line
from abonent.entrypoints.portal.lines import bar_words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence, and a link to where something can be done about it; `kind` as in the macro of notices."""

    kind: str
    words: str
    address: str
    act: str


def notices(needs: Needs, overview: Overview, line: Line) -> list[Notice]:
    """Return what needs the owner, the gravest first."""
    promised = overview.promised
    found = []
    if needs.frozen_at:
        words = _("Your cabinet is protected: nothing dangerous can be changed in it.")
        found.append(Notice("bad", words, "/security/protected/", _("What to do")))
    if bar := gravest(set(line.bars) - {Kind.UNUSED}):
        said = bar_words.why(bar, line.bar_ends_at, line.service)
        found.append(Notice("note" if bar is Kind.VOLUNTARY else "bad", said.words, said.address, said.act))
    if needs.erase_at:
        words = _("The cabinet will be deleted on %(day)s.") % {"day": formats.day(needs.erase_at)}
        found.append(Notice("warning", words, "/security/erasure/", _("Call it off")))
    if needs.new_device_at:
        words = _("Somebody signed in from a new device on %(moment)s. Was it you?") % {
            "moment": formats.moment(needs.new_device_at)
        }
        found.append(Notice("warning", words, "/security/changes/", _("Look")))
    if overview.idle_on:
        words = of_line(
            line.number,
            phone=_("Nobody uses this number: on %(day)s it will be blocked. Make a call, send a text or top up."),
            wire=_("Nobody uses this connection: on %(day)s it will be blocked. Use it or top up."),
        ) % {"day": formats.day(overview.idle_on)}
        found.append(Notice("warning", words, "/lines/unused/", _("What to do")))
    if promised:
        words = _("Promised payment: %(left)s is to be repaid by %(until)s, %(repaid)s is repaid.") % {
            "left": formats.money(promised.amount_minor - promised.repaid_minor),
            "until": formats.moment(promised.due_at),
            "repaid": formats.money(promised.repaid_minor),
        }
        found.append(Notice("note", words, "/promised/", _("More")))
    if line.tariff_changes_at:
        words = _("Another tariff begins on %(day)s.") % {"day": formats.day(line.tariff_changes_at)}
        found.append(Notice("note", words, "/tariffs/", _("Look or undo")))
    if overview.changes_at:
        words = _("From %(day)s on other prices hold.") % {"day": formats.day(overview.changes_at)}
        found.append(Notice("note", words, "/changes/", _("What changes")))
    return found if Kind.LIMIT in line.bars else found + _limit(overview)


def _limit(overview: Overview) -> list[Notice]:
    """Return how much of the spending limit is used, once that is worth a line."""
    limit, spent_minor = overview.limit, overview.expenses.total_minor
    first, last = limits_rules.THRESHOLDS
    if limit is None or spent_minor * 100 < limit.amount_minor * first:
        return []
    said = {"spent": formats.money(spent_minor), "limit": formats.money(limit.amount_minor)}
    if spent_minor * 100 < limit.amount_minor * last:
        words = _("%(spent)s of this month's limit of %(limit)s are spent.")
        return [Notice("note", words % said, "/limits/", _("Limits"))]
    words = _("The limit of this month is reached: %(spent)s of %(limit)s.")
    if limit.blocks:
        words = _("The limit of this month is reached: %(spent)s of %(limit)s. What costs money is off.")
    return [Notice("warning", words % said, "/limits/", _("Limits"))]
