"""What the home page says of a line that comes by wire or dish: whose, how it stands, what it is used with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from abonent.domains.customers import queries as customers
from abonent.domains.lines.bars.rules import Kind, gravest
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.fixed import words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Wired:
    """`state` is how the connection stands, and `tone` how its sign looks; `things` are a name and what of it each."""

    state: str
    tone: str
    about: str
    facts: list[tuple[str, str]]
    things: list[tuple[str, str]]
    acts: list[tuple[str, str, str]]


def present(line: Line, now: datetime) -> Wired:
    """Return what is to be said, in three queries; of a line that its owner shared neither papers nor address."""
    contract = customers.contract(line.contract_id) if not line.role else None
    premises = equipment_queries.premises_of(line.id) if not line.role else None
    devices = [one for one in equipment_queries.of_line(line.id) if one.until is None]
    facts = [
        (_("Contract"), contract.number if contract else ""),
        (_("Account"), contract.account_number or "" if contract else ""),
        (_("Address"), premises.address if premises else ""),
    ]
    state, tone, about = _state(line, now)
    today = timezone.localdate(now)
    return Wired(
        state=state,
        tone=tone,
        about=about,
        facts=[fact for fact in facts if fact[1]],
        things=[(words.kind(one.kind), f"{one.model} · {words.short(one, today)}") for one in devices],
        acts=_acts(line),
    )


def _state(line: Line, now: datetime) -> tuple[str, str, str]:
    bar = gravest(line.bars)
    if bar is None:
        coming = line.tariff_changes_at is not None and line.tariff_changes_at <= now
        return _("Works"), "done", _("The tariff is being changed.") if coming else ""
    ends = {"day": formats.day(line.bar_ends_at)} if line.bar_ends_at else None
    return {
        Kind.VOLUNTARY: (_("Rests"), "gone", _("As you wished, until %(day)s.") % ends if ends else ""),
        Kind.UNPAID: (_("Off"), "late", _("The fee is not paid. It works again within minutes of a top-up.")),
        Kind.LIMIT: (_("Works"), "done", _("The spending limit is reached: films for money are off.")),
        Kind.LOST: (_("Off"), "late", _("Blocked. Call us.")),
        Kind.UNUSED: (_("Off"), "late", _("Blocked. Call us.")),
    }[bar]


def _acts(line: Line) -> list[tuple[str, str, str]]:
    """Return where to go from here: icon, words, address."""
    acts = [
        ("internet" if line.service == "internet" else "tv", _("Tariffs"), "/tariffs/"),
        ("settings", _("TV packages and services") if line.service != "internet" else _("Services"), "/services/"),
        ("sim" if line.service == "satellite" else "router", _("Equipment"), "/equipment/"),
    ]
    if line.service == "internet":
        acts.append(("speed", _("Measure the speed"), "/speed/"))
    if line.service == "satellite":
        acts.append(("refresh", _("Channels are gone: activate the card anew"), "/activation/"))
    if not line.role:
        acts += [
            ("tools", _("Call a technician"), "/visits/"),
            ("calendar", _("Pause for a holiday"), "/lines/block/"),
        ]
    return acts
