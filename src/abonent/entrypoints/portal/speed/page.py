"""A result and a history of results, in words and numbers. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from abonent.domains.lines.queries import Line
from abonent.domains.lines.speed import rules as speed_rules
from abonent.domains.lines.speed.queries import Result
from abonent.domains.lines.speed.rules import MOST, Size, Verdict
from abonent.entrypoints.portal.speed import words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Choice:
    """How much may be moved: what the form sends, its name, what it is good for."""

    value: str
    name: str
    about: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One result; `figures` are a name and a figure with its unit each, `uses` a name and whether it is enough."""

    id: UUID
    at: str
    figures: list[tuple[str, formats.Quantity]]
    uses: list[tuple[str, bool]]
    verdict: str
    is_bad: bool
    claim: str


def choices(*, wired: bool) -> list[Choice]:
    """Return the sizes that can be chosen; little is proposed but for a line by wire."""
    return [
        Choice(
            Size.SMALL, _("Up to %(size)s MB") % {"size": formats.number(MOST[Size.SMALL].mb)},
            _("Enough for a phone and for up to 50 Mbit/s"), chosen=not wired,
        ),
        Choice(
            Size.FULL, _("Up to %(size)s MB") % {"size": formats.number(MOST[Size.FULL].mb)},
            _("More exact on fast home internet"), chosen=wired,
        ),
    ]  # fmt: skip


def shown(one: Result) -> Shown:
    """Return the page of a result."""
    speeds = one.speeds
    verdict = speed_rules.verdict(speeds.down_kbps, one.promised_kbps)
    return Shown(
        id=one.id,
        at=formats.moment(one.at),
        figures=[
            (_("Download speed"), words.rate(speeds.down_kbps)),
            (_("Upload speed"), words.rate(speeds.up_kbps)),
            (_("Latency"), words.time(speeds.latency_us)),
            (_("Jitter"), words.time(speeds.jitter_us)),
        ],
        uses=[(words.use(use), enough) for use, enough in speed_rules.enough_for(speeds)],
        verdict=words.verdict(verdict, one.promised_kbps) if verdict else "",
        is_bad=verdict in (Verdict.LESS, Verdict.FAR_LESS),
        claim=f"/requests/new/{'equipment' if one.promised_kbps else 'coverage'}/?speed={one.id}",
    )


def rows(results: list[Result], lines: list[Line]) -> list[tuple[str, str, str, str]]:
    """Return the history: moment, address, speeds, which line."""
    names = {line.id: formats.phone(line.number) for line in lines}
    return [
        (
            formats.moment(one.at), f"/speed/{one.id}/",
            _("%(down)s down, %(up)s up") % {
                "down": _unbroken(words.rate(one.speeds.down_kbps)), "up": _unbroken(words.rate(one.speeds.up_kbps))},
            names.get(one.line_id or 0, ""),
        )
        for one in results
    ]  # fmt: skip


def _unbroken(rate: formats.Quantity) -> str:
    return str(rate).replace("/", "/\N{WORD JOINER}")


def claim(one: Result) -> tuple[str, str]:
    """Return subject and text of a request about a result, as they stand in its form at first."""
    page = shown(one)
    figures = [f"{name}: {figure}" for name, figure in page.figures]
    promised = _("Promised by the tariff: up to %(speed)s") % {"speed": str(words.rate(one.promised_kbps))}
    return _("The internet is slow"), "\n".join([
        _("Measured on %(moment)s:") % {"moment": page.at}, *figures,
        *([promised] if one.promised_kbps else []), "", _("Where and how I measured (cable or Wi-Fi, which room): "),
    ])  # fmt: skip
