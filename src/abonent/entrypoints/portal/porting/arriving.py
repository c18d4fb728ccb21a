"""A number is brought: the form, for anybody and in the cabinet; its request; calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.help import queries as help_queries
from abonent.domains.lines import esims
from abonent.domains.porting import gateway, queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing.actions import Refused, Wish
from abonent.domains.porting.queries import Rules
from abonent.domains.porting.rules import Form, Owner, Why
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.porting import one_page, proving, words
from abonent.entrypoints.portal.porting.forms import BringForm
from abonent.entrypoints.portal.sims.page import shops
from abonent.entrypoints.portal.tariffs import words as tariff_words
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in, visitor_of
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidNumber, Msisdn
from abonent.web import format as formats

HERE, OWN, MINE = "/port-in/", "/port-in/new/", "/port-in/mine/"
TYPED_MAX = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A request in a list."""

    address: str
    title: str
    about: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def newcomer(request: HttpRequest) -> HttpResponse:
    """Ask whoever is no customer for the number to bring; a customer asks in the cabinet."""
    if visitor_of(request) is not None:
        return HttpResponseRedirect(MINE)
    response = _asked(request, None)
    browser.mark(request, response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def own(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for the number that becomes one more on the contract of the one looked at."""
    return _asked(request, visitor)


@require_safe
@signed_in
def mine(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what was asked for in this cabinet, and what bringing a number means."""
    rows = [
        Row(f"{HERE}{one.ref}/", formats.phone(one.number), words.state_in(one.state))
        for one in queries.port_ins_of(visitor.account_id)
    ]
    context = {"visitor": visitor, "rows": rows, "terms": _terms(_offered()), "refused": _closed()}
    return render(request, "portal/porting/mine.html", context)


@require_safe
def one(request: HttpRequest, port_ref: UUID) -> HttpResponse:
    """Show a request to whoever has its address."""
    return one_page.show(request, port_ref)


@require_POST
def cancel(request: HttpRequest, port_ref: UUID) -> HttpResponse:
    """Call it off, as long as that is possible; that harms nobody, so whoever has its address may."""
    try:
        bringing.call_off(ref=port_ref, at=now())
    except queries.NoSuchPort:
        raise Http404 from None
    except bringing.TooLate:
        said = _("It is too late to call it off: the number is about to move, or has.")
        return one_page.show(request, port_ref, problem=said, status=409)
    return HttpResponseRedirect(f"{HERE}{port_ref}/")


def _asked(request: HttpRequest, visitor: Visitor | None) -> HttpResponse:
    found = _offered()
    if found is None:
        return _page(request, visitor, None, None)
    if request.method != "POST":
        return _page(request, visitor, found, _new_form(request, visitor, found))
    kept = _kept(request.POST.get("again", ""), request.POST.get("number", ""), visitor)
    form = _form(found, request, kept=kept)
    if not form.is_valid():
        return _page(request, visitor, found, form, status=422)
    given = form.cleaned_data
    wish = Wish(
        number=given["number"], tariff_code=given["tariff"], form=given["form"], shop=given["shop"][:TYPED_MAX],
        owner=form.owner(), day=given["day"], rules_id=given["rules"] or 0, price_minor=given["price_minor"] or 0,
        language=get_language() or "ru", account_id=visitor.account_id if visitor else None,
        line=visitor.line if visitor else None,
    )  # fmt: skip
    try:
        ref = bringing.draft(wish=wish, at=now())
    except Refused as refused:
        form.add_error(words.FIELD_OF.get(refused.why), words.refused(refused))
        if refused.why is Why.CHANGED:
            # What comes back shows the terms that hold now.
            form.data = {**form.data, "rules": found.id, "price_minor": found.terms.price_minor}
        return _page(request, visitor, found, form, status=409)
    return proving.ask(request, ref, f"{HERE}{ref}/")


def _offered() -> Rules | None:
    return queries.in_force(_today()) if gateway.is_there() else None


def _today() -> date:
    return queries.local_day(now())


def _kept(again: str, number: str, visitor: Visitor | None) -> Owner | None:
    """Return who the owner of the number is by the request that is asked anew, if that is kept."""
    try:
        ref, asked_for = UUID(again), Msisdn.parse(number, settings.NUMBER_REGION).e164
    except (ValueError, InvalidNumber):
        return None
    return bringing.owner_kept(ref=ref, number=asked_for, account_id=visitor.account_id if visitor else None)


def _form(
    found: Rules, request: HttpRequest | None = None, initial: dict[str, object] | None = None,
    kept: Owner | None = None,
) -> BringForm:  # fmt: skip
    tariffs = [
        (offer.version.tariff_code, f"{tariff_words.name(offer.version)}, {tariff_words.fee(offer.version)}")
        for offer in queries.tariffs(_today())
    ]
    sims = [(form.value, words.form(form)) for form in Form if form is not Form.ESIM or esims.is_there()]
    first, last = found.terms.first_day(_today()), found.terms.last_day(_today())
    return BringForm(
        request.POST if request else None, tariffs=tariffs, sims=sims, first=first, last=last, kept=kept,
        initial=initial or {},
    )  # fmt: skip


def _new_form(request: HttpRequest, visitor: Visitor | None, found: Rules) -> BringForm:
    initial = _initial(request, found)
    kept = _kept(str(initial.get("again", "")), str(initial.get("number", "")), visitor)
    return _form(found, initial=initial, kept=kept)


def _initial(request: HttpRequest, found: Rules) -> dict[str, object]:
    """Return what stands in a new form: of a request that was refused, all but who the owner is."""
    terms = found.terms
    first: dict[str, object] = {"rules": found.id, "price_minor": terms.price_minor, "day": terms.first_day(_today())}
    try:
        before = queries.port_in(UUID(request.GET.get("again", "")))
    except (ValueError, queries.NoSuchPort):
        return {**first, "tariff": request.GET.get("tariff", "")[:TYPED_MAX]}
    kept = {"number": formats.phone(before.number), "form": before.form.value, "shop": before.shop,
            "again": before.ref}  # fmt: skip
    day = before.day if terms.fits(before.day, _today()) else terms.first_day(_today())
    return {**first, **kept, "day": day}


def _terms(found: Rules | None) -> list[str]:
    if found is None:
        return []
    terms = found.terms
    price = formats.money(terms.price_minor) if terms.price_minor else _("free of charge")
    return [
        _("Price: %(price)s, once.") % {"price": price},
        _("The number moves in %(first)s days at the earliest: the other operator has to check the data.")
        % {"first": formats.number(terms.days_min)},
        _("You can call it off until %(hours)s hours before.") % {"hours": formats.number(terms.cutoff_h)},
        _("Nothing may be owed there, and the number must not be blocked."),
    ]


def _closed() -> str:
    return "" if _offered() else words.refused(Refused(Why.NOT_OFFERED))


def _page(
    request: HttpRequest, visitor: Visitor | None, found: Rules | None, form: BringForm | None, *, status: int = 200
) -> HttpResponse:
    chosen = str(form["shop"].value() or "") if form else ""
    context: dict[str, object] = {
        "form": form, "groups": shops(help_queries.shops(), help_queries.cities(), chosen), "address": request.path,
        "terms": _terms(found), "refused": _closed(), "cabinet": visitor is not None,
        "pays": _pays(visitor),
    }  # fmt: skip
    if visitor is not None:
        context["visitor"] = visitor
    return render(request, "portal/porting/bring.html", context, status=status)


def _pays(visitor: Visitor | None) -> str:
    if visitor is None:
        return _("The price comes off the balance of the number once it is with us.")
    said = _("It is held on the balance of %(number)s, and taken when the number is with us.")
    return said % {"number": formats.phone(visitor.line.number)}
