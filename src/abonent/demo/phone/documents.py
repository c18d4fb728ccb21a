"""The phone on screen for programs: the same as the pages, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import uuid4

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.demo.phone import messages, rules

Answer = Callable[[HttpRequest], JsonResponse]


def document(*methods: str) -> Callable[[Answer], Answer]:
    """Make a view that takes `methods` and answers what it cannot do with `{"error": …}`; needs no form's token."""

    def decorator(answer: Answer) -> Answer:
        @csrf_exempt
        @never_cache
        @wraps(answer)
        def view(request: HttpRequest) -> JsonResponse:
            if request.method not in methods:
                refused = _json({"error": f"use {' or '.join(name for name in methods if name != 'HEAD')}"}, status=405)
                refused["Allow"] = ", ".join(methods)
                return refused
            try:
                return answer(request)
            except rules.BadMessage as error:
                return _json({"error": str(error)}, status=400)
            except RequestDataTooBig:
                return _json({"error": "the body is too long"}, status=400)

        return view

    return decorator


@document("GET", "HEAD", "POST")
def messages_json(request: HttpRequest) -> JsonResponse:
    """GET `?number=`: the handset's messages, newest last. POST: a message from a handset, answered with itself."""
    if request.method == "POST":
        return _json(_fields(messages.send(rules.from_json(request.body), key=uuid4())), status=201)
    return _json([_fields(message) for message in messages.of_handset(_number(request))])


@document("GET", "HEAD", "POST")
def calls_json(request: HttpRequest) -> JsonResponse:
    """GET `?number=`: the handset's calls, newest first. POST `number`, `id`: press 1, answered with what was heard."""
    if request.method == "POST":
        return _json(_fields(messages.press(*rules.pressed(request.body))))
    return _json([_fields(call) for call in messages.calls(_number(request))])


@document("POST")
def switch_json(request: HttpRequest) -> JsonResponse:
    """POST `number`, `on`: switch the handset on or off."""
    number, on = rules.switched(request.body)
    messages.switch(number, on=on)
    return _json({"number": number, "on": on})


@document("GET", "HEAD")
def mail_json(request: HttpRequest) -> JsonResponse:
    """GET `?address=`: the mailbox's letters, newest first."""
    return _json([_fields(letter) for letter in messages.of_mailbox(rules.mailbox(request.GET.get("address")))])


@document("GET", "HEAD")
def newest_json(request: HttpRequest) -> JsonResponse:
    """GET `?number=`: a word that changes whenever the page of the handset would."""
    number = _number(request)
    return _json({"newest": newest(messages.of_handset(number), messages.calls(number), messages.is_on(number))})


def newest(held: list[messages.Message], calls: list[messages.Ring], is_on: bool) -> str:
    """Return what tells one state of a handset from another."""
    return ":".join([held[-1].id if held else "", *(f"{call.id} {call.state}" for call in calls), str(is_on)])


def _number(request: HttpRequest) -> str:
    return rules.handset(request.GET.get("number"))


def _fields(value: Any) -> dict[str, str]:
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in asdict(value).items()}


def _json(found: object, status: int = 200) -> JsonResponse:
    return JsonResponse(found, safe=False, status=status, json_dumps_params={"ensure_ascii": False})
