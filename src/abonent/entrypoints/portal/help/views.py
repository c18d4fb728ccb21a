"""Questions and answers, their search, contacts: the same to everybody, signed in or not."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.help import actions, queries, queries_search, rules_text
from abonent.domains.help.rules_search import TYPED_LENGTH_MAX
from abonent.foundation.clock import now

TEMPLATES = "portal/help/"
# Which answers this browser has judged: one browser counts once. It names questions, not people.
JUDGED = "helped"
JUDGED_MAX = 40
JUDGED_FOR_S = 30 * 24 * 60 * 60


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show every question by topic, or what a search gives."""
    typed = " ".join(request.GET.get("q", "")[:TYPED_LENGTH_MAX].split())
    found = queries_search.search(typed, language()) if typed else None
    shelves = queries.shelves(language()) if found is None or not found.hits else []
    context = {"typed": typed, "found": found, "shelves": shelves}
    return render(request, f"{TEMPLATES}overview.html", context)


@require_safe
def question(request: HttpRequest, code: str) -> HttpResponse:
    """Show one answer."""
    answer = _answer(code)
    context = {
        "answer": answer,
        "blocks": rules_text.read(answer.body),
        "judged": code in _judged(request),
        "thanks": request.GET.get("thanks", ""),
    }
    return render(request, f"{TEMPLATES}question.html", context)


@require_POST
def helped(request: HttpRequest, code: str) -> HttpResponse:
    """Count whether the answer helped, once a browser; lead on when it did not."""
    said = request.POST.get("helped", "")
    answer, judged = _answer(code), _judged(request)
    if said not in ("yes", "no"):
        return HttpResponseRedirect(f"/help/q/{code}/")
    response = HttpResponseRedirect(f"/help/q/{code}/?thanks={said}")
    if answer.code not in judged:
        actions.note_helped(code=answer.code, helped=said == "yes", day=localdate(now()))
        response.set_cookie(
            JUDGED, ".".join([*judged, answer.code][-JUDGED_MAX:]), max_age=JUDGED_FOR_S, path="/help/",
            secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip
    return response


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """Show how we are reached."""
    speaking = language()
    rows = [(one.kind, one.value, one.names[speaking], _address(one.kind, one.value)) for one in queries.contacts()]
    return render(request, f"{TEMPLATES}contacts.html", {"rows": rows})


def language() -> str:
    """Return the language that is spoken, one in which there are texts."""
    return translation.get_language() or str(settings.LANGUAGE_CODE)


def _answer(code: str) -> queries.Answer:
    try:
        return queries.answer(code, language())
    except queries.NoSuchQuestion:
        raise Http404 from None


def _judged(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(JUDGED, "").split(".")[-JUDGED_MAX:]


def _address(kind: str, value: str) -> str:
    if kind == "phone":
        return "tel:" + "".join(c for c in value if c.isdigit() or c in "+*#")
    return f"mailto:{value}" if kind == "email" else ""
