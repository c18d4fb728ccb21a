"""What is sold and said, with its versions; from each a draft begins, or from nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.queries import LISTED, ListState
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.rules import Offer
from abonent.domains.help import queries as helping
from abonent.domains.support.drafts import actions as drafts
from abonent.domains.support.drafts import offers as drafts_offers
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts import questions as drafts_questions
from abonent.domains.support.drafts import shops as drafts_shops
from abonent.domains.support.drafts import tariffs as drafts_tariffs
from abonent.domains.support.drafts.rules import Kind, State
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission
from abonent.entrypoints.staff import drafts_page, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now
from abonent.web import format as formats

ADDRESS = "/staff/catalogue/"
DRAFTS = f"{ADDRESS}drafts/"
STATES: tuple[ListState, ...] = ("in force", "coming", "withdrawn")
# What has no versions: it is said from when it is published.
OF_HELP = frozenset({Kind.QUESTION, Kind.SHOP})


@dataclass(frozen=True, slots=True)
class Row:
    """A version in the list; `since` is its first day, for the address of what is begun from it."""

    code: str
    since: str
    name: str
    about: str
    price: str


@require_safe
@only(Permission.DRAFTS)
def listing(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show drafts, and versions of services or tariffs in a state, questions or shops."""
    kind, state = _chosen(request, "kind", Kind), request.GET.get("state", "")
    state = state if state in STATES else STATES[0]
    typed = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows, following = _rows(kind, next(one for one in STATES if one == state), typed, _after(request))
    context = {
        "drafts": [drafts_page.row(one) for one in drafts_queries.drafts()],
        "published": [drafts_page.row(one) for one in drafts_queries.drafts([State.PUBLISHED])[:5]],
        "kinds": [(one.value, _kinds(one), one is kind) for one in Kind],
        "states": [(one, _states(one, kind), one == state) for one in STATES] if kind not in OF_HELP else [],
        "kind": kind.value, "state": state, "typed": typed, "rows": rows, "following": following,
        "discarded": "discarded" in request.GET,
    }  # fmt: skip
    return _render(request, agent, "staff/catalogue.html", context)


@require_POST
@only(Permission.DRAFTS)
def begin(request: HttpRequest, agent: Agent, kind: str, code: str) -> HttpResponseBase:
    """Begin a draft from what is there.

    `how` is anew (another version), same (corrected), end (sold no more) or, of what the help says, gone.
    """
    of, how = _kind(kind), request.POST.get("how", "")
    try:
        text = _begun(of, code, request.POST.get("since", ""), how)
    except (StopIteration, ValueError):
        raise NotThere(code) from None
    draft_id = drafts.make(agent=agent, kind=of, text=text, code=code, origin=origin_of(request), at=now())
    return HttpResponseRedirect(f"{DRAFTS}{draft_id}/" + ("" if how == "gone" else "edit/"))


def _begun(kind: Kind, code: str, since: str, how: str) -> str:
    """Return the text to begin with; raise `StopIteration` or `ValueError` for what is not there."""
    if how not in (("same", "gone") if kind in OF_HELP else ("anew", "same", "end")):
        raise ValueError(how)
    if kind in OF_HELP:
        told = drafts_questions.begin if kind is Kind.QUESTION else drafts_shops.begin
        return told(code, gone=how == "gone")
    day = first_day(localdate(now()))
    made = drafts_offers.begin if kind is Kind.OFFER else drafts_tariffs.begin
    return made(
        code, since=date.fromisoformat(since), anew=day if how == "anew" else None, until=day if how == "end" else None
    )


def first_day(today: date) -> date:
    """Return the first day that a draft begins with: that of the next month but a dozen days away at least."""
    at = today + timedelta(days=12)
    return (at.replace(day=1) + timedelta(days=32)).replace(day=1)


def _rows(
    kind: Kind, state: ListState, typed: str, after: tuple[str, date] | None
) -> tuple[list[Row], tuple[str, str] | None]:
    """Return the rows, and after which code and day the next page begins."""
    today = localdate(now())
    if kind is Kind.OFFER:
        found = offers_queries.listed(day=today, state=state, words=typed, after=after)
        last = found[-1] if len(found) == LISTED else None
        return [_of_offer(one) for one in found], (last.code, f"{last.valid_from}") if last else None
    low = typed.casefold()
    if kind is Kind.TARIFF:
        rows = _tariffs(catalog.all_tariffs(), state, today)
    else:
        rows = _questions() if kind is Kind.QUESTION else _shops()
    rows = [one for one in rows if low in f"{one.code} {one.name}".casefold()]
    if after is not None:
        rows = [one for one in rows if (one.code, one.since) > (after[0], f"{after[1]}")]
    last_row = rows[LISTED - 1] if len(rows) > LISTED else None
    return rows[:LISTED], (last_row.code, last_row.since) if last_row else None


def _of_offer(one: OfferVersion) -> Row:
    name = one.names.get(words.language()) or one.code
    return Row(one.code, f"{one.valid_from}", name, _lasts(one.valid_from, one.valid_until), drafts_page.price(one))


def _tariffs(every: Sequence[Offer], state: ListState, today: date) -> list[Row]:
    """Return versions: in force is the last one that began, unless the tariff is sold no more."""
    ends: dict[tuple[str, date], date | None] = {}
    for one, following in zip(every, [*every[1:], None], strict=True):
        version = one.version
        same = following is not None and following.version.tariff_code == version.tariff_code
        until = [following.version.valid_from] if following is not None and same else []
        until += [one.sold_until] if one.sold_until else []
        ends[version.tariff_code, version.valid_from] = min(until, default=None)
    rows = []
    for one in every:
        version = one.version
        until_day = ends[version.tariff_code, version.valid_from]
        over = until_day is not None and until_day <= today
        stands = "coming" if version.valid_from > today else "withdrawn" if over else "in force"
        if stands == state:
            rows.append(
                Row(
                    version.tariff_code, f"{version.valid_from}",
                    version.names.get(words.language()) or version.tariff_code,
                    _lasts(version.valid_from, until_day), drafts_page.tariff_price(version),
                )
            )  # fmt: skip
    return rows


def _questions() -> list[Row]:
    shelves = helping.shelves(words.language())
    found = [Row(code, "", title, shelf.name, "") for shelf in shelves for code, title in shelf.questions]
    return sorted(found, key=lambda one: one.code)


def _shops() -> list[Row]:
    language = words.language()
    cities = {one.code: one.names.get(language) or one.code for one in helping.cities()}
    found = [Row(one.code, "", one.addresses[language], cities[one.city], "") for one in helping.shops()]
    return sorted(found, key=lambda one: one.code)


def _lasts(since: date, until: date | None) -> str:
    if until is None:
        return _("from %(day)s") % {"day": formats.day(since, year=True)}
    return formats.days(since, until - timedelta(days=1)) if until > since else formats.day(since, year=True)


def _after(request: HttpRequest) -> tuple[str, date] | None:
    code, _sep, day = request.GET.get("after", "").partition(" ")
    try:
        return (code[:60], date.fromisoformat(day) if day else date.min) if code else None
    except ValueError:
        return None


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise NotThere(name)
    return Kind(name)


def _chosen(request: HttpRequest, name: str, known: type[Kind]) -> Kind:
    wanted = request.GET.get(name, "")
    return known(wanted) if wanted in set(known) else Kind.OFFER


def _kinds(of: Kind) -> str:
    return {
        Kind.OFFER: _("Services"), Kind.TARIFF: _("Tariffs"), Kind.QUESTION: _("Questions"), Kind.SHOP: _("Shops"),
    }[of]  # fmt: skip


def _states(of: ListState, kind: Kind) -> str:
    if of == "withdrawn" and kind is Kind.TARIFF:
        return _("Archive")
    return {
        "in force": pgettext("versions", "In force"),
        "coming": pgettext("versions", "Coming"),
        "withdrawn": pgettext("versions", "Withdrawn"),
    }[of]


def _render(request: HttpRequest, agent: Agent, template: str, context: Mapping[str, object]) -> HttpResponseBase:
    everywhere: dict[str, object] = {"agent": agent, "place": words.place(agent.roles), "form": None, "problem": ""}
    return render(request, template, everywhere | dict(context))
