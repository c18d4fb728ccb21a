"""Registries of the gateway for accounting: what was taken in, where it disagrees, what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.registries import queries as registries_queries
from abonent.domains.billing.registries.actions import CAME_LATER
from abonent.domains.billing.registries.queries import DIFFERENCES_SHOWN, Difference, NoSuchRegistry
from abonent.domains.billing.registries.rules import Kind
from abonent.domains.support import registries
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now
from abonent.web import format as formats

ADDRESS = "/staff/registries/"


@dataclass(frozen=True, slots=True)
class Row:
    """A difference as text; `done` is who worked it off, when and how, empty while nobody has."""

    id: int
    kind: str
    advice: str
    where: str
    theirs: str
    ours: str
    done: str


@require_safe
@only(Permission.REGISTRIES)
def listing(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show the newest registries, and the receipts that the fiscal register refuses."""
    context = {"registries": _registries(), "refused": _refused(), "sent": "sent" in request.GET}
    return _render(request, agent, "staff/registries.html", context)


@require_safe
@only(Permission.REGISTRIES)
def registry(request: HttpRequest, agent: Agent, registry_id: int) -> HttpResponseBase:
    """Show where a registry disagrees: what is open, or with `done` what was worked off."""
    return _registry(request, agent, registry_id)


@require_POST
@only(Permission.REGISTRIES)
def resolve(request: HttpRequest, agent: Agent, registry_id: int, difference_id: int) -> HttpResponseBase:
    """Note that a difference is worked off."""
    reason = request.POST.get("reason", "")
    try:
        registries.resolve(
            agent=agent, registry_id=registry_id, difference_id=difference_id, reason=reason.replace("\0", ""),
            origin=origin_of(request), at=now(),
        )  # fmt: skip
    except Refused as refused:
        return _registry(request, agent, registry_id, words.refusal(refused), 409)
    except ValueError:
        problem = _("Write what was found out and done, then the difference is worked off")
        return _registry(request, agent, registry_id, problem, 200, wrong=difference_id)
    return HttpResponseRedirect(f"{ADDRESS}{registry_id}/?worked-off")


@require_POST
@only(Permission.REGISTRIES)
def send_receipt(request: HttpRequest, agent: Agent, receipt_id: UUID) -> HttpResponseBase:
    """Let a refused receipt be registered again."""
    try:
        registries.send_receipt_anew(agent=agent, receipt_id=receipt_id, origin=origin_of(request), at=now())
    except Refused as refused:
        context = {"registries": _registries(), "refused": _refused(), "problem": words.refusal(refused), "sent": False}
        return _render(request, agent, "staff/registries.html", context, 409)
    return HttpResponseRedirect(f"{ADDRESS}?sent")


def _registries() -> list[tuple[registries_queries.Registry, str, str]]:
    return [
        (found, formats.days(found.first_day, found.last_day), formats.money(found.amount_minor))
        for found in registries_queries.registries()
    ]


def _refused() -> list[tuple[UUID, str, str, str]]:
    """Return id, sum, time and problem of receipts that are refused."""
    return [
        (one.receipt.id, formats.money(one.receipt.total_minor), formats.moment(one.receipt.made_at), one.problem)
        for one in fiscal.refused()
    ]


def _registry(
    request: HttpRequest, agent: Agent, registry_id: int, problem: str = "", status: int = 200, wrong: int = 0
) -> HttpResponseBase:
    try:
        found = registries_queries.registry(registry_id)
    except NoSuchRegistry:
        raise NotThere(registry_id) from None
    done, after = "done" in request.GET, request.GET.get("after", "")
    begin = int(after) if after.isascii() and after.isdecimal() and len(after) < 18 else 0
    differences = registries_queries.differences(registry_id, after=begin, resolved=done)
    context = {
        "registry": found,
        "days": formats.days(found.first_day, found.last_day),
        "rows": [_row(difference) for difference in differences],
        "more": differences[-1].id if len(differences) == DIFFERENCES_SHOWN else 0,
        "done": done,
        "problem": problem,
        "wrong": wrong,
        "worked_off": "worked-off" in request.GET,
    }
    return _render(request, agent, "staff/registry.html", context, status)


def _row(difference: Difference) -> Row:
    name, advice = _kind(difference.kind)
    done = ""
    if difference.resolved_at:
        who = difference.resolved_by or _("by itself")
        reason = _("came in a later registry") if difference.reason == CAME_LATER else difference.reason
        done = f"{formats.moment(difference.resolved_at)}, {who}: {reason}"
    line = difference.line_number
    return Row(
        id=difference.id,
        kind=name,
        advice=advice,
        where=_("line %(line)s") % {"line": formats.number(line)} if line else _("in no line"),
        theirs=_sum(difference.theirs_minor),
        ours=_sum(difference.ours_minor) if difference.ours_minor is not None else _state(difference.ours_state),
        done=done,
    )


def _sum(minor: int | None) -> str:
    return "—" if minor is None else formats.money(minor)


def _state(state: str) -> str:
    """Return how a payment of ours stands that is not settled."""
    return {
        "": "—",
        "declined": _("declined"),
        "expired": _("expired"),
        "unknown": _("not known yet"),
    }.get(state, _("begun"))


def _kind(kind: Kind) -> tuple[str, str]:
    """Return what a difference is called, and what to do about it."""
    return {
        Kind.MISSING_HERE: (
            _("Paid there, unknown here"),
            _("Ask the gateway whose order it is. Money for us without a payment is entered by an adjustment."),
        ),
        Kind.NOT_SETTLED: (
            _("Paid there, not settled here"),
            _("Have the gateway asked about the payment anew; if it says the same, the money is credited by that."),
        ),
        Kind.OTHER_SUM: (_("Another sum"), _("Compare both; the difference is settled by a refund or an adjustment.")),
        Kind.DOUBLED: (_("Stands there twice"), _("Ask the gateway for the second line to be taken out.")),
        Kind.MISSING_THERE: (
            _("Settled here, missing there"),
            _("Wait for the next registry. If it is missing there, too, ask the gateway for the money."),
        ),
        Kind.REFUND_MISSING_HERE: (
            _("Refund there, unknown here"),
            _("Find out who gave the money back at the gateway, and enter it here."),
        ),
        Kind.REFUND_MISSING_THERE: (
            _("Refund here, missing there"),
            _("Wait for the next registry. If it is missing there, too, ask the gateway whether it was done."),
        ),
    }[kind]


def _render(
    request: HttpRequest, agent: Agent, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponseBase:
    everywhere: dict[str, object] = {"agent": agent, "place": words.place(agent.roles), "form": None, "problem": ""}
    return render(request, template, everywhere | dict(context), status=status)
