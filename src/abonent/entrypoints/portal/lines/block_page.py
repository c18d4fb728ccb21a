"""Blocks of a number in words and numbers: what they cost and mean, or why they cannot be. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.lines.bars.queries import Bar
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.orders.blocks.queries import Standing
from abonent.domains.orders.blocks.rules import Refusal, Terms, Why
from abonent.entrypoints.portal.lines import bar_words
from abonent.entrypoints.portal.lines.bar_words import Said
from abonent.web import format as formats

Facts = list[tuple[str, str]]
DAY = timedelta(days=1)
# What is wrong with days is said at the field; with anything else, instead of the form.
OF_BEGINNING = frozenset({Why.PAST, Why.TOO_FAR, Why.COOL_DOWN})
OF_END = frozenset({Why.TOO_SHORT, Why.TOO_LONG, Why.QUOTA})


@dataclass(frozen=True, slots=True)
class Asked:
    """The days that were asked for, as they were typed and as they are.

    `first` None: at once, `end` None: as long as may be. `problems` are words by the field's id.
    """

    typed_first: str = ""
    typed_end: str = ""
    first: date | None = None
    end: date | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, sent: QueryDict) -> Self:
        """Return what an address asks for."""
        typed = {name: sent.get(name, "").strip()[:20] for name in ("first", "end")}
        days, problems = dict.fromkeys(typed, None), {}
        for name, text in typed.items():
            try:
                days[name] = day_of(text) if text else None
            except (ValueError, TypeError):
                problems[f"id_{name}"] = _("There is no such day. Write it as 31.12.2026 or choose it")
        return cls(typed["first"], typed["end"], days["first"], days["end"], problems)

    def with_problems(self, problems: Mapping[str, str]) -> Self:
        return replace(self, problems=problems)


def day_of(typed: str) -> date:
    """Return the day that `2026-12-31` or `31.12.2026` says; raise `ValueError`."""
    day, *rest = typed.split(".")
    return date.fromisoformat(typed) if not rest else date(*reversed([int(part) for part in (day, *rest)]))


@dataclass(frozen=True, slots=True)
class Field:
    """A field for a day: what it is called, what stands in it, its bounds, its problem."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    least: str
    most: str
    problem: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, and a way out: an address with words, or none."""

    words: str
    address: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """How the number stands: `bars`, the gravest first, and what may be done.

    `next_steps` are for a phone that is lost; `fields` are those of a new block, `terms` what it costs; `lift` is the
    field of the day on which a block ends sooner, None: none stands.
    """

    bars: list[Said]
    lost: bool
    may_be_lost: bool
    next_steps: list[tuple[str, str, str]]
    terms: Facts
    fields: list[Field]
    refused: Refused | None
    lift: Field | None
    ends: str
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a block means; `hidden` are the fields of the form, none when it is refused."""

    facts: Facts
    notes: list[str]
    refused: Refused | None
    hidden: list[tuple[str, str]]
    button: str


def overview(
    line: Line, standing_bars: Sequence[Bar], standing: Standing | None, asked: Asked | None, at: datetime
) -> Overview:
    """Return the page of a number."""
    by_kind = {bar.kind: bar for bar in standing_bars}
    lost, wished = Kind.LOST in by_kind, by_kind.get(Kind.VOLUNTARY)
    asked = asked or Asked()
    refusal = standing.refusal if standing else None
    stands_in_the_way = refusal and refusal.why not in (OF_BEGINNING | OF_END)
    offered = standing is not None and not wished and not lost
    may_be_asked = offered and not stands_in_the_way
    return Overview(
        bars=[bar_words.why(bar.kind, bar.ends_at, line.service) for bar in standing_bars],
        lost=lost,
        may_be_lost=line.service == "mobile" and not lost,
        next_steps=_next_steps() if lost else [],
        terms=_terms(standing) if standing and may_be_asked else [],
        fields=_fields(standing, asked, at) if standing and may_be_asked else [],
        refused=refused(refusal) if refusal and offered and stands_in_the_way else None,
        lift=_lift(wished, at) if wished and wished.ends_at else None,
        ends=formats.day(wished.ends_at) if wished and wished.ends_at else "",
        problems=asked.problems,
    )


def wrong_days(standing: Standing) -> dict[str, str]:
    """Return what is wrong with the days, by the field's id."""
    refusal = standing.refusal
    if refusal is None or refusal.why not in (OF_BEGINNING | OF_END):
        return {}
    return {"id_first" if refusal.why in OF_BEGINNING else "id_end": refused(refusal).words}


def question(standing: Standing, line: Line, asked: Asked, order_id: UUID) -> Question:
    """Return all that a block on those days means."""
    pause, once = standing.pause, standing.once_minor
    hidden = [
        ("id", f"{order_id}"),
        ("line", f"{line.id}"),
        ("first", asked.first.isoformat() if asked.first else ""),
        ("end", pause.end.isoformat()),
        ("rules", f"{standing.rules.id}"),
        ("total_minor", f"{standing.total_minor}"),
    ]
    return Question(
        facts=_facts(standing, line),
        notes=_notes(standing, line),
        refused=refused(standing.refusal) if standing.refusal else None,
        hidden=[] if standing.refusal else hidden,
        button=_button(once, line),
    )


def _button(once_minor: int, line: Line) -> str:
    if line.service != "mobile":
        paused = {"sum": formats.money(once_minor)}
        return _("Pause for %(sum)s") % paused if once_minor else _("Pause the connection")
    return _("Block for %(sum)s") % {"sum": formats.money(once_minor)} if once_minor else _("Block the number")


def refused(refusal: Refusal) -> Refused:
    """Return why not, and what to do about it."""
    day = formats.day(refusal.day, year=True) if refusal.day else ""
    missing = formats.money(refusal.missing_minor)
    top_up = (f"/topup/?amount={formats.plain(refusal.missing_minor)}", _("Top up %(sum)s") % {"sum": missing})
    said: dict[Why, tuple[str, ...]] = {
        Why.NOT_OFFERED: (_("Blocking for a while is not offered right now."),),
        Why.NO_NETWORK: (_("A block cannot be ordered here right now. Try again later, or call us."),),
        Why.SILENT: (_("A block is on already, for another reason."),),
        Why.ALREADY: (_("A block is on already."),),
        Why.ON_THE_WAY: (
            _("A block is ordered already, and has not begun."), f"/orders/{refusal.order_id}/", _("See how it stands"),
        ),
        Why.OWED: (_("First pay what is owed: %(sum)s. Then a block can be ordered.") % {"sum": missing}, *top_up),
        Why.PAST: (_("This day has begun. Choose %(day)s or later, or leave it empty: at once") % {"day": day},),
        Why.TOO_FAR: (_("Choose a day until %(day)s") % {"day": day},),
        Why.COOL_DOWN: (
            _("The last block ended not long ago. The next one can begin on %(day)s") % {"day": day},
        ),
        Why.QUOTA: (_quota(refusal),),
        Why.TOO_SHORT: (_("A block is no shorter than that. Choose %(day)s or later") % {"day": day},),
        Why.TOO_LONG: (_("A block is no longer than that. Choose %(day)s or sooner") % {"day": day},),
        Why.SHORT: (_("Short by %(sum)s for this block.") % {"sum": missing}, *top_up),
        Why.LIMIT: (
            _("The spending limit leaves %(sum)s this month: the block costs more.") % {"sum": missing},
            "/limits/", _("Spending limits"),
        ),
    }  # fmt: skip
    return Refused(*said[refusal.why])


def _quota(refusal: Refusal) -> str:
    if refusal.day is None:
        return _("The free days of the year are used up. They come back a year after they were used")
    day = formats.day(refusal.day, year=True)
    return _("Of this year's days %(days)s are left. Choose %(day)s or sooner") % {
        "days": _days(refusal.days),
        "day": day,
    }


def _next_steps() -> list[tuple[str, str, str]]:
    """Return what to do when a phone is lost: icon, words, address."""
    return [
        ("lock", _("End sessions on the lost phone: it may be signed in here."), "/security/sessions/"),
        ("shield", _("See who signed in since, and say if it was not you."), "/security/changes/"),
        ("key", _("Other ways in: password, e-mail, passkey. Codes by SMS do not come to this number."), "/security/"),
        ("check", _("The phone is there again? Lift the block."), "/lines/found/"),
    ]


def _terms(standing: Standing) -> Facts:
    terms = standing.rules.terms
    facts = [(_("The block itself"), _sum(terms.once_minor)), (_("Free days left"), _free(standing, terms))]
    if terms.day_minor is not None:
        after = _("%(sum)s a day") % {"sum": formats.money(terms.day_minor)} if terms.day_minor else _("free of charge")
        facts.append((_("Each day after them"), after))
    facts.append((_("How long"), _("%(least)s to %(most)s days") % {
        "least": formats.number(terms.shortest_days), "most": formats.number(terms.longest_days)}))  # fmt: skip
    if terms.cool_down_days:
        facts.append((_("Between two blocks"), _days(terms.cool_down_days)))
    return facts


def _free(standing: Standing, terms: Terms) -> str:
    return _("%(left)s of %(all)s a year") % {
        "left": formats.number(standing.free_left), "all": formats.number(terms.free_days)
    }  # fmt: skip


def _fields(standing: Standing, asked: Asked, at: datetime) -> list[Field]:
    terms, today = standing.rules.terms, timezone.localdate(at)
    tomorrow, last = today + DAY, today + timedelta(days=terms.ahead_days)
    shortest, longest = tomorrow + timedelta(days=terms.shortest_days), last + timedelta(days=terms.longest_days)

    def field_of(name: str, label: str, hint: str, value: str, least: date, most: date) -> Field:
        problem = asked.problems.get(f"id_{name}", "")
        # What is no date cannot stand in a field for dates, and what was typed is not lost.
        wrong = bool(problem) and not (asked.first if name == "first" else asked.end)
        kind = "text" if wrong else "date"
        return Field(name, label, hint, kind, value, least.isoformat(), most.isoformat(), problem)

    return [
        field_of("first", _("From which day"), _("Empty: at once"), asked.typed_first, tomorrow, last),
        field_of("end", _("On which day it works again"), _("Empty: %(days)s") % {
            "days": _days(terms.longest_days)}, asked.typed_end, shortest, longest),
    ]  # fmt: skip


def _lift(bar: Bar, at: datetime) -> Field | None:
    """Return the field of an earlier end, None when there is no day between today and the end."""
    tomorrow = timezone.localdate(at) + DAY
    most = timezone.localdate(bar.ends_at) if bar.ends_at else tomorrow
    if most <= tomorrow:
        return None
    return Field("day", _("On which day it works again"), "", "date", "", tomorrow.isoformat(), most.isoformat(), "")


def _facts(standing: Standing, line: Line) -> Facts:
    pause, quote = standing.pause, standing.quote
    begins = formats.day(pause.first, year=True) if standing.effective_at else _("within a few minutes")
    facts = [
        (_("The block itself"), _sum(standing.once_minor)),
        (_("Begins"), begins),
        (_("It works again on"), formats.day(pause.end, year=True)),
        (_("Days without a fee"), formats.days(pause.first, pause.end - DAY)),
    ]
    if quote.paid_from:
        paid = _("%(days)s × %(price)s = %(sum)s, day by day") % {
            "days": _days(quote.paid_days), "price": formats.money(pause.day_minor),
            "sum": formats.money(standing.days_minor),
        }  # fmt: skip
        facts.append((_("Paid days, from %(day)s") % {"day": formats.day(quote.paid_from)}, paid))
    if quote.back_minor:
        back = {"sum": formats.money(quote.back_minor), "day": formats.day(pause.first)}
        facts.append((_("Comes back of the fee"), _("%(sum)s on %(day)s") % back))
    if quote.after_minor:
        facts.append((_("First fee afterwards"), _("%(sum)s on %(day)s") % {
            "sum": formats.money(quote.after_minor), "day": formats.day(quote.after, year=True)}))  # fmt: skip
        if quote.after_end - quote.after > DAY:
            facts.append((_("It is for"), formats.days(quote.after, quote.after_end - DAY)))
    if line.prepaid:
        after = standing.available_minor - standing.once_minor
        facts.append((_("You have"), formats.money(standing.available_minor)))
        if standing.refusal is None:
            facts.append((_("Balance afterwards"), formats.money(after)))
    return facts


def _notes(standing: Standing, line: Line) -> list[str]:
    notes = [_("The fee rests, and so do the fees of services; all of them stay connected.")]
    if line.service == "mobile":
        notes = [
            _("Calls, messages and internet stop, also those that come to you. Emergency calls and our SMS stay."),
            *notes,
            _("What is left of the packages is not kept: they begin anew with each period, as always."),
        ]
    else:
        notes = [
            _("Nothing comes by the wire or the dish until then."),
            *notes,
            _("The equipment stays with you, and what is paid for it each month goes on."),
        ]
    if standing.quote.kept:
        notes.append(_("What is paid for this period is not given back; you pay again when it is over."))
    if standing.once_minor:
        notes.append(_("The price is held now and charged when the block begins. If that fails, you have it back."))
    if standing.effective_at:
        notes.append(_("Until that day you can undo it with one press."))
    return [*notes, _("You can lift the block at any time, and we send an SMS the day before it ends.")]


def _sum(minor: int) -> str:
    return formats.money(minor) if minor else _("free of charge")


def _days(count: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", count) % {"number": formats.number(count)}
