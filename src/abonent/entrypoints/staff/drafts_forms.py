"""What is typed into a draft: the common fields of a service, a tariff, a question; the whole of it as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.catalog import offers_yaml, tariffs_yaml
from abonent.domains.catalog.offers_rules import LINE_SERVICES, PERS, Catalogue, Category, OfferVersion
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.catalog.rules_yaml import CODE, NAME_LENGTH_MAX, TEXT_LENGTH_MAX
from abonent.domains.catalog.tariffs_yaml import ABOUT_LENGTH_MAX, WHY_LENGTH_MAX, Sheet
from abonent.domains.help import rules_text, rules_yaml
from abonent.domains.help.rules import Help, Question, Text, Topic
from abonent.domains.help.rules_text import BadText
from abonent.domains.support.drafts_rules import REASON_LENGTH_MAX
from abonent.domains.support.drafts_rules import TEXT_LENGTH_MAX as DRAFT_LENGTH_MAX
from abonent.entrypoints.staff.forms import StaffForm
from abonent.foundation.values import InvalidAmount, parse_amount
from abonent.web import format as formats

LANGUAGES = ("ru", "en")
_AREA = {"rows": 4}


def _text(label: Any, length: int, *, area: bool = False, hint: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs=_AREA) if area else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=length, required=False, widget=widget, help_text=hint)


def _sum(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=40, required=False, widget=widget)


def _day(label: Any, hint: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=False, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"], help_text=hint,
        error_messages={"invalid": gettext_lazy("Enter a day, for example 31.12.2026")},
    )  # fmt: skip


class DraftForm(StaffForm):
    """A form of a draft; `revision` is the one that was looked at."""

    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def written(self) -> str:
        """Return the draft's text; the form is valid."""
        raise NotImplementedError

    def _offer_choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        field.error_messages["invalid_choice"] = _("Choose from what this page offers")

    def _said(self, name: str, what: str = "") -> str:
        """Return what was typed; nothing is a mistake, told by `what` or by the field's own name."""
        typed = str(self.cleaned_data.get(name) or "").strip()
        if not typed and name not in self.errors:
            self.add_error(name, what or _("Fill in “%(field)s”") % {"field": self.fields[name].label})
        return typed

    def _minor(self, name: str) -> int:
        """Return a sum of nothing or more; an empty field is nothing."""
        typed = str(self.cleaned_data.get(name) or "").strip()
        if typed in ("", "0", "0.00", "0,00"):
            return 0
        try:
            return parse_amount(typed)
        except InvalidAmount as error:
            words = _("A price is not negative") if f"{error}" == "negative" else _(
                "Enter the sum in roubles, for example 120.50"
            )  # fmt: skip
            self.add_error(name, words)
            return 0

    def _codes(self, name: str) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(str(self.cleaned_data.get(name) or "").replace(",", " ").split()))
        if wrong := [one for one in codes if not CODE.fullmatch(one)]:
            words = _("“%(code)s” is no code: small Latin letters, digits and hyphens")
            self.add_error(name, words % {"code": wrong[0][:40]})
        return codes


class OfferForm(DraftForm):
    """A version of a service; what is not asked for here (a package) stays as it was."""

    code = _text(
        gettext_lazy("Code in the catalogue"),
        40,
        hint=gettext_lazy("Small Latin letters, digits and hyphens; it never changes"),
    )
    category = forms.ChoiceField(label=gettext_lazy("Category"))
    services = forms.MultipleChoiceField(
        label=gettext_lazy("For which connections"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=(
            ("mobile", gettext_lazy("Mobile")), ("internet", gettext_lazy("Home internet")), ("tv", gettext_lazy("TV")),
            ("satellite", gettext_lazy("Satellite TV")),
        ),
    )  # fmt: skip
    valid_from = _day(gettext_lazy("First day"), gettext_lazy("The version before it ends with this day by itself"))
    valid_until = _day(
        gettext_lazy("Sold no more from"), gettext_lazy("Empty: it is sold until further notice. Who has it keeps it")
    )
    name_ru = _text(gettext_lazy("Name in Russian"), NAME_LENGTH_MAX)
    name_en = _text(gettext_lazy("Name in English"), NAME_LENGTH_MAX)
    text_ru = _text(gettext_lazy("Text in Russian"), TEXT_LENGTH_MAX, area=True)
    text_en = _text(gettext_lazy("Text in English"), TEXT_LENGTH_MAX, area=True)
    once = _sum(gettext_lazy("To connect, once, ₽"))
    fee = _sum(gettext_lazy("Fee, ₽"))
    per = forms.ChoiceField(
        label=gettext_lazy("The fee is for"), required=False,
        choices=(("month", gettext_lazy("a month")), ("day", gettext_lazy("a day"))),
    )  # fmt: skip
    requires = _text(gettext_lazy("Needs"), 500, hint=gettext_lazy("Codes of services, with a comma between"))
    conflicts = _text(gettext_lazy("Not beside"), 500, hint=gettext_lazy("Codes of services, with a comma between"))
    regions = _text(gettext_lazy("Regions"), 500, hint=gettext_lazy("Empty: everywhere"))
    network = _text(gettext_lazy("Features of the network"), 500, hint=gettext_lazy("What is switched on with it"))

    def __init__(self, *args: Any, version: OfferVersion, categories: tuple[Category, ...], language: str,
                 is_new: bool = False, **options: Any) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.initial = _of_offer(version)
        self.version = version
        self._offer_choices("category", [(one.code, one.names.get(language, one.code)) for one in categories])
        if not is_new:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        code = self.version.code
        if "code" in self.fields:
            code = self._said("code", _("Enter a code"))
            if code and not CODE.fullmatch(code):
                self.add_error("code", _("Small Latin letters, digits and hyphens, 40 at most"))
        if not given.get("services"):
            self.add_error("services", _("Choose at least one"))
        if not given.get("valid_from") and "valid_from" not in self.errors:
            self.add_error("valid_from", _("Enter the first day"))
        given["version"] = replace(
            self.version, code=code, category=given.get("category", ""), services=tuple(given.get("services", ())),
            valid_from=given.get("valid_from") or date.max, valid_until=given.get("valid_until"),
            names={one: self._said(f"name_{one}") for one in LANGUAGES},
            texts={one: self._said(f"text_{one}") for one in LANGUAGES},
            once_minor=self._minor("once"), fee_minor=self._minor("fee"),
            per="day" if given.get("per") == PERS[1] else "month",
            requires=self._codes("requires"), conflicts=self._codes("conflicts"), regions=self._codes("regions"),
            network=self._codes("network"),
        )  # fmt: skip
        return given

    @property
    def code_typed(self) -> str:
        """Return what it is called."""
        return str(self.cleaned_data["version"].code)

    def written(self) -> str:
        """Return the draft's text."""
        return offers_yaml.write(Catalogue((), (self.cleaned_data["version"],)))


def new_offer(valid_from: date, category: str) -> OfferVersion:
    """Return what a form without a service to begin with shows."""
    return OfferVersion("", category, LINE_SERVICES[:1], valid_from, None, {}, {})


def _of_offer(version: OfferVersion) -> dict[str, object]:
    lists = {name: ", ".join(getattr(version, name)) for name in ("requires", "conflicts", "regions", "network")}
    return {
        "category": version.category, "services": list(version.services), "valid_from": version.valid_from,
        "valid_until": version.valid_until, "once": formats.plain(version.once_minor),
        "fee": formats.plain(version.fee_minor), "per": version.per, **lists,
        **{f"name_{one}": version.names.get(one, "") for one in LANGUAGES},
        **{f"text_{one}": version.texts.get(one, "") for one in LANGUAGES},
    }  # fmt: skip


class TariffForm(DraftForm):
    """A version of a tariff: its day, fee, prices by use, and texts; what it includes stands in the YAML."""

    valid_from = _day(
        gettext_lazy("First day"), gettext_lazy("Who pays more is told ten days before at least, who pays less one day")
    )
    sold_until = _day(gettext_lazy("Sold no more from"), gettext_lazy("Empty: it is sold. Who has it keeps it"))
    fee = _sum(gettext_lazy("Fee, ₽"))
    about_ru = _text(gettext_lazy("Text in Russian"), ABOUT_LENGTH_MAX, area=True)
    about_en = _text(gettext_lazy("Text in English"), ABOUT_LENGTH_MAX, area=True)
    why_ru = _text(
        gettext_lazy("Why, in Russian"), WHY_LENGTH_MAX, area=True,
        hint=gettext_lazy("Told to everybody who has the tariff, with what becomes different"),
    )  # fmt: skip
    why_en = _text(gettext_lazy("Why, in English"), WHY_LENGTH_MAX, area=True)

    def __init__(self, *args: Any, sheet: Sheet, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial = _of_tariff(sheet)
        self.sheet = sheet
        for price in sheet.version.terms.prices:
            label = _("Price “%(code)s”, ₽ for %(unit)s") % {
                "code": price.code,
                "unit": _unit(price.kind, price.unit_size),
            }
            self.fields[f"price_{price.code}"] = _sum(label)

    @property
    def prices(self) -> list[forms.BoundField]:
        """Return the fields of prices by use."""
        return [self[name] for name in self.fields if name.startswith("price_")]

    def clean(self) -> dict[str, Any]:
        given, version = self.cleaned_data, self.sheet.version
        if not given.get("valid_from") and "valid_from" not in self.errors:
            self.add_error("valid_from", _("Enter the first day"))
        prices = tuple(replace(price, price_minor=self._minor(f"price_{price.code}")) for price in version.terms.prices)
        why = {one: str(given.get(f"why_{one}") or "").strip() for one in LANGUAGES}
        if any(why.values()):
            why = {one: self._said(f"why_{one}", _("Say why in both languages")) for one in LANGUAGES}
        given["sheet"] = Sheet(
            version=replace(
                version, valid_from=given.get("valid_from") or date.max, fee_minor=self._minor("fee"),
                terms=replace(version.terms, prices=prices),
            ),
            about={one: self._said(f"about_{one}") for one in LANGUAGES},
            sold_until=given.get("sold_until"),
            why=why if any(why.values()) else {},
        )  # fmt: skip
        return given

    def written(self) -> str:
        """Return the draft's text."""
        return tariffs_yaml.write(self.cleaned_data["sheet"])


def _unit(kind: str, size: int) -> str:
    if kind == "voice":
        return formats.duration(size)
    return formats.data_size(size) if kind == "data" else _("one")


def _of_tariff(sheet: Sheet) -> dict[str, object]:
    version: TariffVersion = sheet.version
    return {
        "valid_from": version.valid_from, "sold_until": sheet.sold_until, "fee": formats.plain(version.fee_minor),
        **{f"about_{one}": sheet.about.get(one, "") for one in LANGUAGES},
        **{f"why_{one}": sheet.why.get(one, "") for one in LANGUAGES},
        **{f"price_{one.code}": formats.plain(one.price_minor) for one in version.terms.prices},
    }  # fmt: skip


class QuestionForm(DraftForm):
    """A question of the help in both languages."""

    code = _text(
        gettext_lazy("Code in the catalogue"),
        40,
        hint=gettext_lazy("Small Latin letters, digits and hyphens; it never changes"),
    )
    topic = forms.ChoiceField(label=gettext_lazy("Topic"))
    title_ru = _text(gettext_lazy("Question in Russian"), 200)
    also_ru = _text(gettext_lazy("Other words for it, in Russian"), 500, hint=gettext_lazy("What people type"))
    body_ru = _text(gettext_lazy("Answer in Russian"), 6000, area=True)
    title_en = _text(gettext_lazy("Question in English"), 200)
    also_en = _text(gettext_lazy("Other words for it, in English"), 500)
    body_en = _text(gettext_lazy("Answer in English"), 6000, area=True)

    def __init__(
        self, *args: Any, question: Question | None, topics: Mapping[str, Topic], language: str, is_new: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.initial = _of_question(question)
        self.known, self.topics = question, topics
        self._offer_choices("topic", [(one.code, one.names.get(language, one.code)) for one in topics.values()])
        if not is_new:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        code = self.known.code if self.known else self._said("code", _("Enter a code"))
        if code and not CODE.fullmatch(code):
            self.add_error("code", _("Small Latin letters, digits and hyphens, 40 at most"))
        texts = {}
        for one in LANGUAGES:
            body = self._said(f"body_{one}")
            try:
                rules_text.read(body)
            except BadText:
                self.add_error(
                    f"body_{one}", _("A link leads to a page of this site, as /help/, or to a number, as tel:0890")
                )
            title = self._said(f"title_{one}", _("Enter the question"))
            texts[one] = Text(title, str(given.get(f"also_{one}") or "").strip(), body.replace("\r\n", "\n"))
        given["question"] = Question(code, given.get("topic", ""), texts)
        return given

    @property
    def code_typed(self) -> str:
        """Return what it is called."""
        return str(self.cleaned_data["question"].code)

    def written(self) -> str:
        """Return the draft's text."""
        question: Question = self.cleaned_data["question"]
        return rules_yaml.write(Help(topics=(self.topics[question.topic],), questions=(question,)))


def _of_question(question: Question | None) -> dict[str, object]:
    if question is None:
        return {}
    said = {
        f"{name}_{one}": getattr(text, name)
        for one, text in question.texts.items()
        for name in ("title", "also", "body")
    }
    return {"topic": question.topic, **said}


class YamlForm(DraftForm):
    """The whole of a draft."""

    text = forms.CharField(
        label=gettext_lazy("Everything, as YAML"), max_length=DRAFT_LENGTH_MAX, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "autocapitalize": "none", "class": "code"}),
    )  # fmt: skip

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").replace("\0", "")
        if not text.strip():
            raise forms.ValidationError(_("Enter the text"))
        return text

    def written(self) -> str:
        """Return the draft's text."""
        return str(self.cleaned_data["text"])


class ReasonForm(DraftForm):
    """Why a draft is sent back."""

    reason = _text(gettext_lazy("What is to be changed"), REASON_LENGTH_MAX, area=True)

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise forms.ValidationError(_("Write what is to be changed: who wrote it goes on from there"))
        return reason
