"""The phone on screen: what a subscriber's handset and mailbox would show."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.demo.people import number_of
from abonent.demo.phone import dialling, documents, messages, rules
from abonent.demo.phone.forms import AnswerForm

NUMBERS_OFFERED = 3


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Show the handset of `?number=` and the talk with `?with=` on it, or send the answer typed there."""
    if request.method != "POST":
        return _page(request, request.GET.get("number", ""), request.GET.get("with", ""), None)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, request.POST.get("number", ""), "", form)
    try:
        sent = messages.send(form.typed, key=form.key_given)
    except rules.BadMessage:
        form.add_error(None, _("The message was not sent. Try again"))
        return _page(request, request.POST.get("number", ""), "", form)
    return _back(sent.sender, sent.recipient)


@require_http_methods(["POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Switch the handset `number` on (`on` is 1) or off."""
    try:
        number = rules.handset(request.POST.get("number"))
    except rules.BadMessage:
        return HttpResponseRedirect("/phone/")
    messages.switch(number, on=request.POST.get("on") == "1")
    return _back(number)


@require_http_methods(["POST"])
def call(request: HttpRequest) -> HttpResponse:
    """Press 1 in the call `call` to the handset `number`; a call that ended meanwhile is shown as missed."""
    try:
        number = rules.handset(request.POST.get("number"))
    except rules.BadMessage:
        return HttpResponseRedirect("/phone/")
    with suppress(ValueError):
        # `BadMessage` is a ValueError, too.
        messages.press(number, UUID(request.POST.get("call", "")))
    return _back(number)


@never_cache
@require_http_methods(["GET", "HEAD"])
def mail(request: HttpRequest) -> HttpResponse:
    """Show the mailbox of `?address=`."""
    typed = request.GET.get("address", "")
    address, wrong = "", False
    if typed.strip():
        try:
            address = rules.mailbox(typed)
        except rules.BadMessage:
            wrong = True
    context = {
        "address": address,
        "typed": typed[:254].replace("\0", ""),
        "wrong": wrong,
        "letters": messages.of_mailbox(address) if address else [],
        "offered": messages.mailboxes(),
    }
    return render(request, "demo/mailbox.html", context)


def _back(number: str, other: str = "") -> HttpResponseRedirect:
    query = {"number": number} | ({"with": other} if other else {})
    return HttpResponseRedirect(f"/phone/?{urlencode(query)}")


def _page(request: HttpRequest, typed: str, chosen: str, form: AnswerForm | None) -> HttpResponse:
    number, wrong = "", False
    if typed.strip():
        try:
            number = rules.handset(typed)
        except rules.BadMessage:
            wrong = True
    held = messages.of_handset(number) if number else []
    calls = messages.calls(number) if number else []
    is_on = not number or messages.is_on(number)
    talks = messages.talks(number, held)
    other = chosen if chosen in talks else next(iter(talks), settings.SMS_SENDER)
    if form is None:
        form = AnswerForm(initial={"number": number, "recipient": other, "key": uuid4()})
    context = {
        "number": number,
        "typed": typed[: rules.TEXT_LENGTH_MAX],
        "wrong": wrong,
        "talks": talks,
        "calls": calls,
        "is_on": is_on,
        "newest": documents.newest(held, calls, is_on),
        "other": other,
        "form": form,
        "service": settings.SMS_SENDER,
        "quick_key": uuid4(),
        "service_number": settings.SMS_SERVICE,
        "ussd": dialling.shown(number, request.GET.get("ussd", "")) if number else None,
        "ussd_key": uuid4(),
        "words_key": uuid4(),
        "words": (_("BALANCE"), _("SERVICES"), _("SUBSCRIPTIONS"), _("PACKAGES")),
        "codes": ("*100#", "*111#"),
        "voice": request.GET.get("voice", ""),
        "offered": [number_of(place) for place in range(NUMBERS_OFFERED)],
    }
    return render(request, "demo/phone.html", context)
