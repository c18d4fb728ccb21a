"""The page of a case and what is done on it: check, deeds, the application, the end."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.customers.rules import BadIdentity
from abonent.domains.support import actions, checks, deeds, papers, queries, rules
from abonent.domains.support.equipment import actions as equipment
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Contact, Deed, NotThere, Permission, Question, Refusal, Refused
from abonent.entrypoints.staff import console, money, words
from abonent.entrypoints.staff.admission import host_of, only, origin_of
from abonent.entrypoints.staff.forms import (
    AnswerForm,
    AnswerToDisputeForm,
    CustomerForm,
    DeedForm,
    DocumentForm,
    OutcomeForm,
    SearchForm,
    given,
    new_key,
)
from abonent.foundation.clock import now
from abonent.web import format as formats


@require_safe
@only(Permission.CASES)
def case(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Show the case."""
    return page(request, agent, case_id)


@require_POST
@only(Permission.QUESTIONS)
def answer(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Compare what the caller said; the page says only right or wrong."""
    asked = request.POST.get("question", "")
    if asked not in set(Question):
        raise NotThere(asked)
    form = AnswerForm(request.POST, auto_id=f"{asked.replace(' ', '-')}-%s")
    if not form.is_valid():
        return page(request, agent, case_id, wrong_answer=(Question(asked), form))
    try:
        checks.answer(
            agent=agent, case_id=case_id, question=Question(asked), said=form.cleaned_data["said"],
            origin=origin_of(request), at=now(),
        )  # fmt: skip
    except Refused as refused:
        return refused_page(request, agent, case_id, refused)
    return _back(case_id)


@require_POST
@only(Permission.DOCUMENT)
def document(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Compare the owner's document with what is known."""
    form = DocumentForm(request.POST)
    if not form.is_valid():
        return page(request, agent, case_id, document_form=form)
    shown = checks.Document(form.cleaned_data["kind"], form.cleaned_data["number"], form.cleaned_data["birth_date"])
    try:
        right = checks.show_document(agent=agent, case_id=case_id, document=shown, origin=origin_of(request), at=now())
    except Refused as refused:
        return refused_page(request, agent, case_id, refused)
    return _back(case_id) if right else HttpResponseRedirect(f"/staff/case/{case_id}/?another")


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.DOCUMENT)
def customer(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Enter who the customer of a contract is: until then its cabinet opens to nobody."""
    found = queries.case(case_id, agent.id)
    if not checks.may_enter(found):
        raise NotThere(case_id)
    form = CustomerForm(given(request))
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            checks.enter_customer(
                agent=agent, case_id=case_id, kind=form.cleaned_data["kind"], identity=form.identity(),
                origin=origin_of(request), at=now(),
            )  # fmt: skip
        except BadIdentity as wrong:
            form.add_error("number" if wrong.field == "document" else wrong.field, words.cannot_be(wrong.field))
        except Refused as refused:
            problem = words.another() if refused.refusal is Refusal.NOT_CHECKED else words.refusal(refused)
        else:
            return _back(case_id)
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "customer_form": form, "problem": problem,
        "page": console.present(agent, found, "all"),
    }  # fmt: skip
    return render(request, "staff/customer.html", context, status=409 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.CASES)
def deed(request: HttpRequest, agent: Agent, case_id: int, name: str) -> HttpResponseBase:
    """Say what follows from a deed, and do it."""
    asked = _deed_of(name, agent)
    found = queries.case(case_id, agent.id)
    if asked in rules.MONEY:
        return money.propose(request, agent, found, asked)
    form = DeedForm(given(request), initial={"key": new_key()}, needs_imsi=asked is Deed.SIM)
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            deeds.do(
                deeds.Order(
                    agent=agent, case_id=case_id, deed=asked, key=form.cleaned_data["key"],
                    origin=origin_of(request), host=host_of(request), at=now(), imsi=form.cleaned_data["imsi"],
                    event_id=form.cleaned_data["event"],
                )
            )  # fmt: skip
        except Refused as refused:
            problem = words.refusal(refused)
        else:
            return HttpResponseRedirect(f"/staff/case/{case_id}/?done={asked.name.lower()}")
    return _deed_page(request, agent, found, asked, form, problem)


@require_POST
@only(Permission.CASES)
def ask(request: HttpRequest, agent: Agent, case_id: int, name: str) -> HttpResponseBase:
    """Ask a second person for a deed."""
    asked = _deed_of(name, agent)
    if asked in rules.MONEY:
        # The proposal itself asks for the second person.
        raise NotThere(name)
    found = queries.case(case_id, agent.id)
    try:
        actions.ask_approval(agent=agent, case_id=case_id, deed=asked, origin=origin_of(request), at=now())
    except Refused as refused:
        form = DeedForm(initial={"key": new_key()})
        return _deed_page(request, agent, found, asked, form, words.refusal(refused))
    return HttpResponseRedirect(f"/staff/case/{case_id}/{asked.name.lower()}/")


@require_safe
@only(Permission.RESTORE)
def application(_request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Give the form to sign out, once it was made in this case."""
    found = queries.case(case_id, agent.id)
    customer = queries.customer(found.line_id)
    if customer is None or not found.is_checked(now()) or Deed.APPLICATION not in queries.done_in(case_id):
        raise NotThere(case_id)
    filled = papers.Application(
        number=str(case_id),
        operator=settings.OPERATOR_NAME.get(words.language(), settings.OPERATOR_NAME[settings.LANGUAGE_CODE]),
        name=customer.name,
        phone=formats.phone(customer.number),
        contract=customer.contract_number,
        account=customer.account_number or "—",
        document=words.document(found.checked_by),
        agent=agent.name,
        position=agent.position,
        at=now(),
        language=words.language(),
    )
    response = HttpResponse(papers.application(filled), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="application-{case_id}.pdf"'
    return response


@require_POST
@only(Permission.CASES)
def close(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """End the talk with a note."""
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return page(request, agent, case_id, outcome_form=form)
    actions.close_case(
        agent=agent, case_id=case_id, outcome=form.cleaned_data["outcome"], origin=origin_of(request), at=now()
    )
    return HttpResponseRedirect("/staff/?closed")


def page(
    request: HttpRequest,
    agent: Agent,
    case_id: int,
    *,
    wrong_answer: tuple[Question, AnswerForm] | None = None,
    document_form: DocumentForm | None = None,
    outcome_form: OutcomeForm | None = None,
    answer_form: AnswerToDisputeForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponseBase:
    found = queries.case(case_id, agent.id)
    shown = console.present(agent, found, request.GET.get("show", "all"))
    forms = {
        asked.question: AnswerForm(auto_id=f"{asked.question.replace(' ', '-')}-%s")
        for asked in shown.questions
        if asked.right is None
    }
    if wrong_answer:
        forms[wrong_answer[0]] = wrong_answer[1]
    wrong = (document_form, outcome_form, answer_form, wrong_answer and wrong_answer[1])
    bound = next((form for form in wrong if form), None)
    done = request.GET.get("done", "").upper()
    context = {
        "agent": agent,
        "place": words.place(agent.roles),
        "form": SearchForm(auto_id="search_%s") if Permission.SEARCH in agent.permissions else None,
        "page": shown,
        "may_check": console.may_check(agent, found),
        "visit": found.contact is Contact.VISIT,
        "handles_equipment": Permission.EQUIPMENT in agent.permissions and equipment.is_wired(found.line_id),
        "unknown": found.contact is Contact.VISIT and shown.is_contract and checks.may_enter(found),
        "answer_forms": forms,
        "document_form": document_form or DocumentForm(),
        "outcome_form": outcome_form or OutcomeForm(),
        "answer_form": answer_form or AnswerToDisputeForm(),
        "bound": bound,
        "problem": problem or (words.another() if "another" in request.GET else ""),
        "done": words.deed(Deed[done]) if done in Deed.__members__ else "",
    }
    return render(request, "staff/case.html", context, status=status)


def _deed_page(
    request: HttpRequest, agent: Agent, found: queries.Case, asked: Deed, form: DeedForm, problem: str
) -> HttpResponseBase:
    page = console.present(agent, found, "all")
    offered = next((action for action in (*page.actions, *page.steps) if action.deed is asked), None)
    if offered is None:
        raise NotThere(found.id)
    held = queries.is_held(found.line_id, asked, now())
    context = {
        "agent": agent,
        "place": words.place(agent.roles),
        "form": None,
        "page": page,
        "deed": offered,
        "slug": asked.name.lower(),
        "deed_form": form,
        "needs_imsi": asked is Deed.SIM,
        "needs_two": rules.needs_two(asked, held=held) and not offered.granted,
        "problem": problem,
        "disputable": console.disputable(found) if asked is Deed.PROTECT and page.checked else [],
    }
    return render(request, "staff/deed.html", context, status=409 if problem else 200)


def refused_page(request: HttpRequest, agent: Agent, case_id: int, refused: Refused) -> HttpResponseBase:
    status = 403 if refused.refusal is Refusal.NOT_ALLOWED else 409
    return page(request, agent, case_id, problem=words.refusal(refused), status=status)


def _deed_of(name: str, agent: Agent) -> Deed:
    """Return the deed of that name; raise `NotThere` for one that is none, or none of the agent's."""
    asked = Deed.__members__.get(name.upper())
    if asked is None or rules.NEEDS[asked] not in agent.permissions:
        raise NotThere(name)
    return asked


def _back(case_id: int) -> HttpResponseBase:
    return HttpResponseRedirect(f"/staff/case/{case_id}/")
