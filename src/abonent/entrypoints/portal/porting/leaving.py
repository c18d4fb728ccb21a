"""A number goes to another operator: what that needs, what keeps it here, what is lost; who asks, and the stop."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.porting import losses_queries, queries
from abonent.domains.porting.losses_queries import Outlook
from abonent.domains.porting.queries import PortOut
from abonent.domains.porting.rules import MOBILE
from abonent.domains.porting.states import OUT_OPEN, State
from abonent.domains.porting.taking import actions as taking
from abonent.entrypoints.portal.billing import words as billing_words
from abonent.entrypoints.portal.orders.words import name as service_name
from abonent.entrypoints.portal.porting import words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/port-out/"


@dataclass(frozen=True, slots=True)
class Owed:
    """A part of what is owed: for what, since when, how much, and where that is explained."""

    what: str
    since: str
    amount: str
    address: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who takes the number away, or did; `stop` is the address that stops it, empty: nothing does."""

    title: str
    about: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str], ...]
    stop: str


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how it stands with the number, whether somebody asks for it or not."""
    line, at = visitor.line, now()
    context: dict[str, object] = {
        "visitor": visitor,
        "mobile": line.service == MOBILE,
        "sms_sender": settings.SMS_SENDER,
    }
    if line.service == MOBILE:
        found = losses_queries.outlook(line, visitor.account_id, at)
        requests = queries.port_outs_of([line.id])
        context |= {
            "asked": [_asked(one) for one in requests if one.state in OUT_OPEN],
            "past": [_asked(one) for one in requests if one.state not in OUT_OPEN],
            "keeps": _keeps(found), "owed": _owed(found), "total": formats.money(found.debt.total_minor),
            "pay": f"/topup/?amount={formats.plain(found.debt.total_minor)}", "lost": _lost(found),
        }  # fmt: skip
    return render(request, "portal/porting/leave.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop(request: HttpRequest, port_ref: UUID) -> HttpResponse:
    """Stop who takes the number away, by the address that its owner alone was told: a stop harms nobody."""
    try:
        if request.method == "POST":
            taking.stop(stop_ref=port_ref, at=now())
            return HttpResponseRedirect(f"{HERE}{port_ref}/")
        found = queries.port_out(stop_ref=port_ref)
    except queries.NoSuchPort:
        raise Http404 from None
    except taking.TooLate:
        found = queries.port_out(stop_ref=port_ref)
    status = 409 if request.method == "POST" else 200
    context = {
        "asked": _asked(found), "stopped": found.state is State.STOPPED, "late": status == 409,
        "number": formats.phone(found.number), "taker": found.operator,
        "state": words.state_out(found.state),
    }  # fmt: skip
    return render(request, "portal/porting/stop.html", context, status=status)


def _asked(one: PortOut) -> Asked:
    at = now()
    facts = [(_("Who asks"), one.operator)]
    if one.state is State.ASKED:
        facts.append((_("We answer until"), formats.moment(one.answer_by)))
    if one.window_from and one.state in (*OUT_OPEN, State.PORTED):
        facts.append((_("It moves"), words.hours(one.window_from, one.window_until)))
    if one.stops_at and one.may_be_stopped(at):
        facts.append((_("You can stop it until"), formats.moment(one.stops_at)))
    about = ""
    if one.needs_human:
        about = _("We keep no document of yours, so one of our staff looks whether it is you.")
    elif one.state is State.REFUSED:
        about = words.reason_out(one.reason)
    return Asked(
        title=words.state_out(one.state),
        about=about,
        facts=tuple(facts),
        steps=tuple((words.state_out(state), formats.moment(moment)) for state, moment in one.steps),
        stop=f"{HERE}{one.stop_ref}/" if one.may_be_stopped(at) else "",
    )


def _keeps(found: Outlook) -> list[str]:
    """Return what would keep the number here today."""
    keeps = [words.reason_out(found.kept_by, found.until)] if found.kept_by else []
    if found.debt.total_minor:
        keeps.append(_("%(sum)s is owed.") % {"sum": formats.money(found.debt.total_minor)})
    if not found.knows_owner:
        keeps.append(_("We keep no document of yours to compare with. Show one in a shop before you ask."))
    return keeps


def _owed(found: Outlook) -> list[Owed]:
    today = queries.local_day(now())
    rows = []
    for part in found.debt.parts:
        address = "/payments/"
        if part.kind == "promise":
            address = "/promised/"
        elif part.since is not None:
            address = billing_words.statement_address(queries.local_day(part.since), today, part.kind)
        what = words.debt(part.kind) or billing_words.category_name(part.kind)
        since = formats.day(part.since, year=True) if part.since else "—"
        rows.append(Owed(what, since, formats.money(part.amount_minor), address))
    return rows


def _lost(found: Outlook) -> list[str]:
    losses = found.losses
    package = _("The package “%(name)s”, with what is left of it")
    lost = [package % {"name": service_name(one)} for one in losses.packages]
    if losses.instalments_minor:
        lost.append(
            _("Instalments end: the rest of %(sum)s is due at once") % {"sum": formats.money(losses.instalments_minor)}
        )
    if losses.owns_family:
        lost.append(_("The family package: nobody takes from it any more"))
    if losses.in_family:
        lost.append(_("Your place in a family package"))
    if losses.viewers:
        lost.append(_("Others see the number in their cabinets no more"))
    return [*lost, _("Your tariff, services and what is left of the packages of the tariff")]
