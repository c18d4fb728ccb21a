"""The pages of the family that shares a package: as its owner, as a member, as who is asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import handover as families_handover
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.queries import NoSuchFamily, Own, Taker
from abonent.domains.billing.family_pays import queries as family_pays_queries
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.lines.sharing import rules as sharing_rules
from abonent.entrypoints.portal.families import page, words
from abonent.entrypoints.portal.families.forms import FIELDS, UNITS, InviteForm, MemberForm
from abonent.entrypoints.portal.numbers import words as numbers_words
from abonent.entrypoints.portal.numbers.page import key
from abonent.entrypoints.portal.orders import words as offers
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/family/group/"
TEMPLATES = "portal/families/"
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@signed_in
def group(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the family of the line, and the form that asks another number to join."""
    at, line = now(), visitor.line
    form = InviteForm(request.POST if request.method == "POST" else None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            families.ask(
                form_id=form.cleaned_data["form"], line=line, number=form.cleaned_data["number"],
                name=form.cleaned_data["name"], at=at,
            )  # fmt: skip
        except Refused as refused:
            problem = words.why_not(refused.refusal)
        else:
            return HttpResponseRedirect(f"{HERE}?invited")
    own = families_queries.own(line, at)
    member = families_queries.membership(line, at)
    pays = family_pays_queries.paid_by(line.contract_id, at) if own else []
    under_way = families_handover.under_way(own.group_id, at) if own and own.group_id else None
    offered = families_handover.offered(line, at) if member else None
    context = {
        "visitor": visitor,
        "form": form,
        "problem": problem,
        "payer": page.under_way(under_way, own.members) if own and under_way else None,
        "offered": page.offered(offered, None) if offered else None,
        "own": page.own(own, pays, offers.name(own.version), at) if own else None,
        "service_code": own.version.code if own else "",
        "member": page.member(member, at) if member else None,
        "coming": [page.invitation(one) for one in families_queries.coming([line.number], at)],
        "offer": None if own or member else _offer(at),
        "said": words.said(request.GET),
    }
    return render(request, f"{TEMPLATES}group.html", context)


@both
@signed_in
def asked(request: HttpRequest, visitor: Visitor, invitation_id: UUID) -> HttpResponse:
    """Say what joining means, and take the answer."""
    at, line = now(), visitor.line
    problem = ""
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "no":
                families.refuse(invitation_id=invitation_id, line=line, at=at)
                return HttpResponseRedirect(f"{HERE}?refused")
            families.agree(invitation_id=invitation_id, line=line, at=at)
        except NoSuchFamily:
            raise Http404 from None
        except Refused as refused:
            problem = words.why_not(refused.refusal)
        else:
            return HttpResponseRedirect(f"{HERE}?joined")
    found = next((one for one in families_queries.coming([line.number], at) if one.id == invitation_id), None)
    if found is None and not problem:
        raise Http404
    context = {
        "visitor": visitor,
        "problem": problem,
        "coming": page.invitation(found) if found else None,
        "number": formats.phone(line.number),
    }
    return render(request, f"{TEMPLATES}asked.html", context)


@require_POST
@signed_in
def withdraw(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Call an invitation off."""
    try:
        families.withdraw(invitation_id=UUID(request.POST.get("id", "")), line=visitor.line, at=now())
    except (ValueError, NoSuchFamily):
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?withdrawn")


@both
@signed_in
def member(request: HttpRequest, visitor: Visitor, member_id: UUID) -> HttpResponse:
    """Give a member of one's family a name, a colour and limits."""
    own, taker = taker_of(visitor, member_id)
    kinds = tuple(total.bucket for total in own.common)
    initial = {"name": taker.name, "colour": taker.colour} | {
        FIELDS[kind]: "" if taker.limits.get(kind) is None else str((taker.limits[kind] or 0) // UNITS[kind])
        for kind in kinds
    }
    form = MemberForm(request.POST if request.method == "POST" else None, kinds=kinds, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        limits: dict[str, int | None] = {kind: typed[FIELDS[kind]] for kind in kinds}
        try:
            families.call(member_id=member_id, line=visitor.line, name=typed["name"], colour=typed["colour"])
            families.limit(member_id=member_id, line=visitor.line, limits=limits, at=now())
        except NoSuchFamily:
            raise Http404 from None
        return HttpResponseRedirect(f"{HERE}?kept")
    context = {
        "visitor": visitor,
        "form": form,
        "fields": [FIELDS[kind] for kind in kinds],
        "taker": page.title(taker),
        "id": str(member_id),
        "renewed": formats.day(own.period.end),
        "chosen": form["colour"].value() or "",
        "colours": [(one, numbers_words.colour(one), key(one)) for one in ("", *sharing_rules.COLOURS)],
    }
    return render(request, f"{TEMPLATES}member.html", context)


@both
@signed_in
def remove(request: HttpRequest, visitor: Visitor, member_id: UUID) -> HttpResponse:
    """Say what it means that a number takes no more, and end it."""
    own, taker = taker_of(visitor, member_id)
    if request.method == "POST":
        families.end(member_id=member_id, line_ids=[visitor.line.id], at=now())
        return HttpResponseRedirect(f"{HERE}?removed")
    context = {
        "visitor": visitor, "taker": page.title(taker), "called": taker.name or formats.phone(taker.number),
        "id": str(member_id), "day": formats.day(own.period.end),
    }  # fmt: skip
    return render(request, f"{TEMPLATES}remove.html", context)


@both
@signed_in
def leave(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what leaving means, and leave."""
    found = families_queries.membership(visitor.line, now())
    if found is None:
        return HttpResponseRedirect(HERE)
    if request.method == "POST":
        families.end(member_id=found.id, line_ids=[visitor.line.id], at=now())
        return HttpResponseRedirect(f"{HERE}?left")
    context = {"visitor": visitor, "member": page.member(found, now()), "number": formats.phone(visitor.line.number)}
    return render(request, f"{TEMPLATES}leave.html", context)


def taker_of(visitor: Visitor, member_id: UUID) -> tuple[Own, Taker]:
    """Return the visitor's own family and one of its members; 404 when it is in another."""
    own = families_queries.own(visitor.line, now())
    taker = next((one for one in own.members if one.id == member_id), None) if own else None
    if own is None or taker is None:
        raise Http404
    return own, taker


def _offer(at: datetime) -> dict[str, object] | None:
    """Return the service by which one may have a family, if it is sold."""
    sold = offers_queries.sold_on(at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(), "mobile")
    version = next((one for one in sold if one.family is not None), None)
    if version is None or version.family is None:
        return None
    return {
        "code": version.code,
        "name": offers.name(version),
        "fee": formats.money(version.fee_minor),
        "terms": words.terms(version.family),
    }
