"""Which form a draft has, and what it begins with: from its text, or from nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest
from django.utils.timezone import localdate

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog import tariffs_blank, tariffs_yaml
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import LINE_SERVICES
from abonent.domains.help import queries as helping
from abonent.domains.support.drafts import questions as drafts_questions
from abonent.domains.support.drafts.queries import Draft
from abonent.domains.support.drafts.rules import Kind
from abonent.domains.support.rules import NotThere
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.catalogue import first_day
from abonent.entrypoints.staff.drafts_forms import DraftForm, YamlForm
from abonent.entrypoints.staff.drafts_help_forms import QuestionForm, ShopForm
from abonent.entrypoints.staff.drafts_offer_forms import OfferForm, new_offer
from abonent.entrypoints.staff.drafts_package_forms import PackagesForm, is_one_package, new_package
from abonent.entrypoints.staff.drafts_tariff_forms import TariffForm
from abonent.entrypoints.staff.forms import given
from abonent.foundation.clock import now

PACKAGE = "package"
# What can be begun from nothing, and of which kind the draft is: a package is a service, too.
BEGUN: Mapping[str, Kind] = {PACKAGE: Kind.OFFER, **{kind.value: kind for kind in Kind}}


def blank(name: str, request: HttpRequest) -> DraftForm:
    """Return the form of something new; raise `NotThere` for what cannot be begun."""
    makers: Mapping[str, Callable[[HttpRequest], DraftForm]] = {
        PACKAGE: _new_package, Kind.OFFER: _new_offer, Kind.TARIFF: _new_tariff, Kind.QUESTION: _new_question,
        Kind.SHOP: _new_shop,
    }  # fmt: skip
    if name not in makers:
        raise NotThere(name)
    return makers[name](request)


def line_service(request: HttpRequest) -> str:
    """Return for which lines a new tariff is."""
    asked = request.GET.get("service", "")
    return asked if asked in LINE_SERVICES else LINE_SERVICES[0]


def form_of(request: HttpRequest, draft: Draft) -> DraftForm:
    """Return the form of a draft, or everything as YAML when it is more than a form holds."""
    form = _known_form(request, draft)
    if form is None:
        return yaml_form(request, draft)
    return _with_revision(form, draft)


def yaml_form(request: HttpRequest, draft: Draft) -> DraftForm:
    """Return the form of the whole text."""
    return _with_revision(YamlForm(given(request), initial={"text": draft.text}), draft)


def has_form(draft: Draft) -> bool:
    """Return whether a form holds the text."""
    if draft.kind is Kind.OFFER:
        catalogue = offers_yaml.parse(draft.text)
        shelves = {one.code for one in catalogue.categories}
        if not shelves <= {one.category for one in catalogue.versions} or len(shelves) > 1:
            return False
        return len(catalogue.versions) == 1 or is_one_package(catalogue.versions)
    if draft.kind is Kind.TARIFF:
        return True
    found = drafts_questions.read(draft.text)
    return len(found.questions or ()) + len(found.shops or ()) == 1


def _known_form(request: HttpRequest, draft: Draft) -> DraftForm | None:
    if not has_form(draft):
        return None
    sent = given(request)
    if draft.kind is Kind.OFFER:
        return _of_offers(request, draft)
    if draft.kind is Kind.TARIFF:
        return TariffForm(
            sent, sheet=tariffs_yaml.read(draft.text), is_known=bool(catalog.of_tariff(draft.code))
        )  # fmt: skip
    found = drafts_questions.read(draft.text)
    if draft.kind is Kind.SHOP:
        cities = {one.code: one for one in (*helping.cities(), *(found.cities or ()))}
        return ShopForm(sent, shop=(found.shops or (None,))[0], cities=cities, language=words.language())
    topics = {one.code: one for one in (*(found.topics or ()), *helping.topics())}
    return QuestionForm(sent, question=(found.questions or (None,))[0], topics=topics, language=words.language())


def _of_offers(request: HttpRequest, draft: Draft) -> DraftForm:
    catalogue = offers_yaml.parse(draft.text)
    versions, shelves, categories = catalogue.versions, catalogue.categories, offers_queries.categories()
    if not is_one_package(versions):
        return OfferForm(
            given(request), version=versions[0], shelves=shelves, categories=categories, language=words.language()
        )
    form = PackagesForm(
        given(request), versions=versions, shelves=shelves, categories=categories, language=words.language()
    )
    form.taken = _is_offer
    return form


def _new_offer(request: HttpRequest) -> DraftForm:
    categories = offers_queries.categories()
    version = new_offer(first_day(localdate(now())), categories[0].code if categories else "")
    form = OfferForm(
        given(request), version=version, categories=categories, language=words.language(), is_new=True
    )  # fmt: skip
    form.taken = _is_offer
    return form


def _new_package(request: HttpRequest) -> DraftForm:
    categories = offers_queries.categories()
    version = new_package(first_day(localdate(now())), categories[0].code if categories else "")
    form = PackagesForm(
        given(request), versions=[version], categories=categories, language=words.language(), is_new=True
    )  # fmt: skip
    form.taken = _is_offer
    return form


def _new_tariff(request: HttpRequest) -> DraftForm:
    sheet = tariffs_blank.blank(line_service(request), first_day(localdate(now())))
    form = TariffForm(given(request), sheet=sheet, is_known=False, is_new=True)
    form.taken = lambda code: bool(catalog.of_tariff(code))
    return form


def _new_question(request: HttpRequest) -> DraftForm:
    topics = {one.code: one for one in helping.topics()}
    form = QuestionForm(given(request), question=None, topics=topics, language=words.language(), is_new=True)
    form.taken = lambda code: any(one.code == code for one in helping.published().questions or ())
    return form


def _new_shop(request: HttpRequest) -> DraftForm:
    cities = {one.code: one for one in helping.cities()}
    form = ShopForm(given(request), shop=None, cities=cities, language=words.language(), is_new=True)
    form.taken = lambda code: any(one.code == code for one in helping.shops())
    return form


def _is_offer(code: str) -> bool:
    return bool(offers_queries.of_offers([code]))


def _with_revision(form: DraftForm, draft: Draft) -> DraftForm:
    form.initial["revision"] = draft.revision
    return form
