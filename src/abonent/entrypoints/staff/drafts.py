"""One draft: what it changes, its forms, how a customer will see it, and what is decided about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.catalog.offers.rules import LINE_SERVICES, BadCatalogue
from abonent.domains.support.drafts import actions as drafts
from abonent.domains.support.drafts import contents as drafts_contents
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts.actions import Step
from abonent.domains.support.drafts.queries import Draft
from abonent.domains.support.drafts.rules import Kind, State
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import drafts_page, drafts_shown, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.entrypoints.staff.catalogue import ADDRESS, DRAFTS
from abonent.entrypoints.staff.drafts_forms import DraftForm, ReasonForm, YamlForm
from abonent.foundation.clock import now

# No id of PostgreSQL's is larger.
ID_MAX = 2**63


@require_safe
@only(Permission.DRAFTS)
def one(request: HttpRequest, agent: Agent, draft_id: int) -> HttpResponseBase:
    """Show what a draft changes, what was done with it, and what can be done now."""
    return _page(request, agent, draft_id)


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.DRAFTS)
def new(request: HttpRequest, agent: Agent, kind: str) -> HttpResponseBase:
    """Begin a service, a package in its sizes, a tariff, a question or a shop from nothing."""
    form = drafts_shown.blank(kind, request)
    of = drafts_shown.BEGUN[kind]
    problems: list[str] = []
    if form.is_bound and not form.asks_for_more and form.is_valid():
        try:
            text = form.written()
            drafts_contents.check(of, text, form.code_typed, now())
            draft_id = drafts.make(agent=agent, kind=of, text=text, origin=origin_of(request), at=now())
        except BadCatalogue as error:
            problems = [drafts_page.problem(found) for found in error.problems]
        else:
            return HttpResponseRedirect(f"{DRAFTS}{draft_id}/")
    title = _("Package") if kind == drafts_shown.PACKAGE else drafts_page.kind(of)
    context = {
        "draft": None, "kind": of.value, "title": title, "draft_form": form, "problems": problems,
        "services": _services(request) if of is Kind.TARIFF else [],
    }  # fmt: skip
    return _render(request, agent, "staff/draft_edit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.DRAFTS)
def edit(request: HttpRequest, agent: Agent, draft_id: int) -> HttpResponseBase:
    """Show the form of the common fields, or everything when it is more than a form holds; keep what is sent."""
    return _edited(request, agent, draft_id, drafts_shown.form_of)


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.DRAFTS)
def whole(request: HttpRequest, agent: Agent, draft_id: int) -> HttpResponseBase:
    """Show everything as YAML; keep what is sent."""
    return _edited(request, agent, draft_id, drafts_shown.yaml_form)


@require_safe
@only(Permission.DRAFTS)
def file(_request: HttpRequest, _agent: Agent, draft_id: int) -> HttpResponseBase:
    """Hand the text out as a file, byte for byte what is kept."""
    draft = _draft(draft_id)
    response = HttpResponse(draft.text.encode(), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{draft.kind}-{draft.code}.yaml") or ""
    return response


@require_safe
@only(Permission.DRAFTS)
def preview(request: HttpRequest, agent: Agent, draft_id: int) -> HttpResponseBase:
    """Show it as customers will see it, in both languages."""
    draft = _draft(draft_id)
    return _render(
        request, agent, "staff/draft_preview.html",
        {"draft": draft, "row": drafts_page.row(draft), "seen": drafts_page.seen(draft), "languages": ("ru", "en")},
    )  # fmt: skip


@require_POST
@only(Permission.DRAFTS)
def act(request: HttpRequest, agent: Agent, draft_id: int, name: str) -> HttpResponseBase:
    """Hand over, take back, throw away; as a second person send back or publish."""
    step = _step(request, agent, draft_id)
    form = ReasonForm(request.POST) if name == "send-back" else None
    if form is not None and not form.is_valid():
        return _page(request, agent, draft_id, form=form)
    acts: Mapping[str, Callable[[], None]] = {
        "hand-over": lambda: drafts.hand_over(replace(step, reason=request.POST.get("note", "").replace("\0", ""))),
        "take-back": lambda: drafts.take_back(step),
        "discard": lambda: drafts.discard(step),
        "send-back": lambda: drafts.send_back(replace(step, reason=form.cleaned_data["reason"] if form else "")),
        "publish": lambda: drafts.publish(step, seen=request.POST.get("seen", "")[:64]),
    }
    if name not in acts:
        raise NotThere(name)
    try:
        acts[name]()
    except Refused as refused:
        return _page(request, agent, draft_id, [words.refusal(refused)], status=409)
    except BadCatalogue as error:
        return _page(request, agent, draft_id, [drafts_page.problem(found) for found in error.problems], status=409)
    return HttpResponseRedirect(f"{ADDRESS}?discarded" if name == "discard" else f"{DRAFTS}{draft_id}/?{name}")


def _edited(
    request: HttpRequest, agent: Agent, draft_id: int, form_of: Callable[[HttpRequest, Draft], DraftForm]
) -> HttpResponseBase:
    draft = _draft(draft_id)
    if draft.state is not State.DRAFT and request.method != "POST":
        return HttpResponseRedirect(f"{DRAFTS}{draft_id}/")
    form = form_of(request, draft)
    problems: list[str] = []
    status = 200
    if form.is_bound and not form.asks_for_more and form.is_valid():
        try:
            drafts.save(_step(request, agent, draft_id), text=form.written())
        except BadCatalogue as error:
            problems = [drafts_page.problem(found) for found in error.problems]
        except Refused as refused:
            problems, status = [words.refusal(refused)], 409
        else:
            return HttpResponseRedirect(f"{DRAFTS}{draft_id}/?saved")
    context = {
        "draft": draft, "kind": draft.kind.value, "title": drafts_page.row(draft).title, "draft_form": form,
        "problems": problems, "is_yaml": isinstance(form, YamlForm), "has_form": drafts_shown.has_form(draft),
    }  # fmt: skip
    return _render(request, agent, "staff/draft_edit.html", context, status)


def _page(
    request: HttpRequest, agent: Agent, draft_id: int, problems: list[str] | None = None, *,
    form: ReasonForm | None = None, status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    draft = _draft(draft_id)
    pairs = drafts_contents.pairs(draft.kind, draft.text, draft.code)
    things, more = drafts_page.things(pairs)
    mine = agent.id in draft.writers
    context = {
        "draft": draft, "row": drafts_page.row(draft), "things": things if draft.state is not State.PUBLISHED else [],
        "more": more, "seen": drafts_contents.seen(draft.text, pairs), "problems": problems or [],
        "steps": drafts_page.steps(drafts_queries.steps(draft_id)), "mine": mine,
        "decides": Permission.PUBLISH in agent.permissions and not mine,
        "reason_form": form or ReasonForm(), "said": _said(request),
    }  # fmt: skip
    return _render(request, agent, "staff/draft.html", context, status)


def _services(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Return for which lines a new tariff can be: their prices differ."""
    here = drafts_shown.line_service(request)
    return [(one, drafts_page.line_service(one), one == here) for one in LINE_SERVICES]


def _said(request: HttpRequest) -> str:
    told = {
        "saved": _("The draft is kept."),
        "hand-over": _("It waits for a second person now. Nothing can be changed until it is taken back."),
        "take-back": _("It is a draft again."),
        "send-back": _("It was sent back. Who wrote it sees why."),
        "publish": _("It is published. It holds from its first day on."),
    }
    return next((words_of for name, words_of in told.items() if name in request.GET), "")


def _draft(draft_id: int) -> Draft:
    if draft_id >= ID_MAX:
        raise NotThere(draft_id)
    return drafts_queries.draft(draft_id)


def _step(request: HttpRequest, agent: Agent, draft_id: int) -> Step:
    """Return who does it as they saw it; a form without its revision saw none."""
    typed = request.POST.get("revision", "")
    revision = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
    return Step(agent, _draft(draft_id).id, revision, origin_of(request), now())


def _render(
    request: HttpRequest, agent: Agent, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponseBase:
    everywhere: dict[str, object] = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "problem": "", "is_yaml": False,
        "has_form": True, "services": [],
    }  # fmt: skip
    return render(request, template, everywhere | dict(context), status=status)
