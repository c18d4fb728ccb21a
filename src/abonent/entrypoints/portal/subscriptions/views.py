"""The subscriptions of the line: the list, one of them, its end, "stop all", the ban, "I did not agree to this"."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing.content import queries as content_queries
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription, Subscription
from abonent.domains.orders.subscriptions.rules import Rest, State, Why
from abonent.domains.support import subscriptions as disputing
from abonent.domains.support.disputes.rules import COMMENT_LENGTH_MAX, TooMany
from abonent.entrypoints.portal.subscriptions import page, words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/subscriptions/"
TEMPLATES = "portal/subscriptions/"
SAID: dict[str, Callable[[], str]] = {
    "banned": lambda: _("New subscriptions are banned. Nobody can ask for one on this number."),
    "allowed": lambda: _("Providers may ask again. Nothing begins without your code."),
    "declined": lambda: _("You said no. Nothing was charged."),
}
BY = "owner"
page_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def listing(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show all of the line's subscriptions, those that ended included."""
    found = queries.overview(visitor.line.id)
    account = content_queries.standing(visitor.line.contract_id)
    # How safe the cabinet is, is told to nobody but its owner.
    waits = found.those(State.ASKED) and not visitor.line.role
    doubt = queries.doubt(visitor.line.id, now()) if waits else None
    said = next((spoken() for name, spoken in SAID.items() if name in request.GET), "")
    context = {
        "visitor": visitor, "page": page.present(found, account, doubt), "said": said,
        "whole": visitor.opens("/subscriptions/account/"), "sms_sender": settings.SMS_SENDER,
    }  # fmt: skip
    return render(request, f"{TEMPLATES}subscriptions.html", context)


@require_safe
@signed_in
def one(request: HttpRequest, visitor: Visitor, subscription_id: UUID) -> HttpResponse:
    """Show one, with its consent and its fees; the page stays where it is when it has ended."""
    found = _own(visitor, subscription_id)
    shown = page.shown(found, queries.fees(found.id))
    said = _("It is stopped and costs nothing more.") if "stopped" in request.GET else ""
    if "disagreed" in request.GET:
        said = _("It is stopped. What you said is written down.")
    return render(request, f"{TEMPLATES}one.html", {"visitor": visitor, "page": shown, "said": said})


@page_view
@signed_in
def stop(request: HttpRequest, visitor: Visitor, subscription_id: UUID) -> HttpResponse:
    """Say what the end means, and end it."""
    found = _own(visitor, subscription_id)
    if request.method == "POST":
        subscriptions.stop(
            subscription_id=found.id, line_ids=[visitor.line.id], why=Why.OWNER, by=BY, at=now()
        )  # fmt: skip
        return HttpResponseRedirect(f"{HERE}{found.id}/?stopped")
    if not found.lives:
        return HttpResponseRedirect(f"{HERE}{found.id}/")
    facts, sentence = page.stopping(found, queries.rest_of(found, now()))
    context = {
        "visitor": visitor, "title": _("Stop “%(name)s”?") % {"name": words.name(found)}, "facts": facts,
        "notes": [sentence], "button_words": _("Stop it"), "back": (f"{HERE}{found.id}/", words.name(found)),
    }  # fmt: skip
    return render(request, f"{TEMPLATES}question.html", context)


@require_POST
@signed_in
def decline(_request: HttpRequest, visitor: Visitor, subscription_id: UUID) -> HttpResponse:
    """Say no to what waits for the owner's word."""
    try:
        subscriptions_consent.decline(subscription_id=subscription_id, line_ids=[visitor.line.id], at=now())
    except NoSuchSubscription:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?declined")


@page_view
@signed_in
def stop_all(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what all ends mean, and end them with one form; what became of each has an address that stays."""
    line = visitor.line
    if request.method == "POST":
        form_id = _form_id(request)
        if form_id is None or request.POST.get("line") != f"{line.id}":
            raise Http404
        subscriptions.stop_all(line_id=line.id, form_id=form_id, why=Why.OWNER, by=BY, at=now())
        return HttpResponseRedirect(f"{HERE}stopped/{form_id}/")
    found = [each for each in queries.overview(line.id).subscriptions if each.is_open]
    if not found:
        return HttpResponseRedirect(HERE)
    at = now()
    facts = [
        (words.name(each), _what_ends(queries.rest_of(each, at))) for each in found
    ]  # fmt: skip
    context = {
        "visitor": visitor, "title": _("Stop all subscriptions?"), "facts": facts,
        "notes": [
            _("None of them costs anything more. To subscribe anew you need a new code for each."),
            _("New ones can still be asked for. To refuse them, ban new subscriptions as well."),
        ],
        "button_words": _("Stop all"), "back": (HERE, _("Subscriptions")),
        "hidden": [("id", f"{uuid4()}"), ("line", f"{line.id}")],
    }  # fmt: skip
    return render(request, f"{TEMPLATES}question.html", context)


@require_safe
@signed_in
def stopped(request: HttpRequest, visitor: Visitor, form_id: UUID) -> HttpResponse:
    """Show what became of each that the form ended."""
    found = queries.batch(form_id, [line.id for line in visitor.lines])
    if not found:
        raise Http404
    context = {"visitor": visitor, "results": page.results(found), "count": page.count(len(found))}
    return render(request, f"{TEMPLATES}stopped.html", context)


@page_view
@signed_in
def ban(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ban new subscriptions, or let providers ask again."""
    line, at = visitor.line, now()
    is_banned = queries.overview(line.id).banned_since is not None
    if request.method == "POST":
        wanted = request.POST.get("ban")
        if wanted not in ("on", "off") or request.POST.get("line") != f"{line.id}":
            raise Http404
        change = subscriptions.ban if wanted == "on" else subscriptions.lift_ban
        change(line_id=line.id, by=BY, at=at)
        return HttpResponseRedirect(f"{HERE}?{'banned' if wanted == 'on' else 'allowed'}")
    notes = [
        _("Whoever asks for a subscription on this number is refused; you see it here."),
        _("What you are subscribed to goes on until you stop it."),
        _("It is free, and you can lift it at any time."),
    ]
    title, button = _("Ban new subscriptions?"), _("Ban new ones")
    if is_banned:
        notes = [_("Providers may ask again. Nothing begins, and nothing is charged, without the code of our SMS.")]
        title, button = _("Lift the ban on new subscriptions?"), _("Lift the ban")
    context = {
        "visitor": visitor, "title": title, "facts": [], "notes": notes, "button_words": button,
        "back": (HERE, _("Subscriptions")),
        "hidden": [("ban", "off" if is_banned else "on"), ("line", f"{line.id}")],
    }  # fmt: skip
    return render(request, f"{TEMPLATES}question.html", context)


@page_view
@signed_in
def disagree(request: HttpRequest, visitor: Visitor, subscription_id: UUID) -> HttpResponse:
    """Say that it was never agreed to: it ends, and the money comes back by the rules or a person looks at it."""
    found, at = _own(visitor, subscription_id), now()
    if found.agreed_at is None or found.disputed_at is not None:
        return HttpResponseRedirect(f"{HERE}{found.id}/")
    typed = request.POST.get("comment", "")[: COMMENT_LENGTH_MAX // 2]
    problem = ""
    if request.method == "POST":
        said = " ".join(part for part in typed.split() if part.isprintable()) or _("I did not agree to this")
        try:
            done = disputing.disagree(line=visitor.line, subscription_id=found.id, comment=said, at=at)
        except TooMany:
            problem = _("Ten of your requests wait for an answer. Wait for the first of them, or call us")
        else:
            to = f"/disputes/{done.dispute_id}/?new" if done.dispute_id else f"{HERE}{found.id}/?disagreed"
            return HttpResponseRedirect(to)
    context = {
        "visitor": visitor, "page": page.shown(found, []), "typed": typed, "problem": problem,
        "back": (f"{HERE}{found.id}/", words.name(found)),
        "limit": formats.money(queries.terms(at).dispute_minor), "days": queries.terms(at).dispute_within.days,
    }  # fmt: skip
    return render(request, f"{TEMPLATES}disagree.html", context, status=409 if problem else 200)


def _what_ends(rest: Rest | None) -> str:
    if rest is None:
        return _("ends at once")
    if rest.back_minor:
        return _("%(sum)s come back") % {"sum": formats.money(rest.back_minor)}
    return _("works until %(day)s") % {"day": page.last_day(rest.works_until)}


def _own(visitor: Visitor, subscription_id: UUID) -> Subscription:
    try:
        return queries.subscription(subscription_id, [visitor.line.id])
    except NoSuchSubscription:
        raise Http404 from None


def _form_id(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        return None
