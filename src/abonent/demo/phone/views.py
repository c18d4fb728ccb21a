"""The phone on screen: what a subscriber's handset would show, for people and for programs."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from abonent.demo.people import number_of
from abonent.demo.phone import messages, rules
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
    sent = messages.send(form.typed, key=form.key_given)
    return HttpResponseRedirect(f"/phone/?{urlencode({'number': sent.sender, 'with': sent.recipient})}")


@csrf_exempt
@never_cache
def messages_json(request: HttpRequest) -> HttpResponse:
    """GET `?number=`: the handset's messages, newest last. POST: a message from a handset, answered with itself."""
    try:
        if request.method in ("GET", "HEAD"):
            number = rules.handset(request.GET.get("number"))
            return _json([_document(message) for message in messages.of_handset(number)])
        if request.method == "POST":
            return _json(_document(messages.send(rules.from_json(request.body), key=uuid4())), status=201)
    except rules.BadMessage as error:
        return _json({"error": str(error)}, status=400)
    except RequestDataTooBig:
        return _json({"error": "the body is too long"}, status=400)
    refused = _json({"error": "use GET or POST"}, status=405)
    refused["Allow"] = "GET, HEAD, POST"
    return refused


def _page(request: HttpRequest, typed: str, chosen: str, form: AnswerForm | None) -> HttpResponse:
    number, wrong = "", False
    if typed.strip():
        try:
            number = rules.handset(typed)
        except rules.BadMessage:
            wrong = True
    held = messages.of_handset(number) if number else []
    talks = messages.talks(number, held)
    other = chosen if chosen in talks else next(iter(talks), settings.SMS_SENDER)
    if form is None:
        form = AnswerForm(initial={"number": number, "recipient": other, "key": uuid4()})
    context = {
        "number": number,
        "typed": typed[: rules.TEXT_LENGTH_MAX],
        "wrong": wrong,
        "talks": talks,
        "newest": held[-1].id if held else "",
        "other": other,
        "form": form,
        "offered": [number_of(place) for place in range(NUMBERS_OFFERED)],
    }
    return render(request, "demo/phone.html", context)


def _document(message: messages.Message) -> dict[str, str]:
    return {
        "id": message.id,
        "sender": message.sender,
        "recipient": message.recipient,
        "text": message.text,
        "sent_at": message.sent_at.isoformat(),
    }


def _json(document: object, status: int = 200) -> JsonResponse:
    return JsonResponse(document, safe=False, status=status, json_dumps_params={"ensure_ascii": False})
