"""What is typed into a draft of a service."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import LINE_SERVICES, PERS, Catalogue, Category, OfferVersion
from abonent.domains.catalog.rules_yaml import CODE, NAME_LENGTH_MAX, TEXT_LENGTH_MAX
from abonent.entrypoints.staff.drafts_forms import (
    CODE_LENGTH_MAX,
    LANGUAGES,
    DraftForm,
    code_field,
    day_field,
    sum_field,
    text_field,
)
from abonent.web import format as formats

LISTS = ("requires", "conflicts", "regions", "network")
FIRST = ("code", "category", "services")
SHELF = ("shelf_code", "shelf_ru", "shelf_en")


class SoldForm(DraftForm):
    """What is asked of all that is sold beside tariffs; it stands in a category that is there or in a new one."""

    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    shelf_code = text_field(
        gettext_lazy("Code of a new category"), CODE_LENGTH_MAX, hint=gettext_lazy("Empty: the one chosen above")
    )
    shelf_ru = text_field(gettext_lazy("The category in Russian"), NAME_LENGTH_MAX)
    shelf_en = text_field(gettext_lazy("The category in English"), NAME_LENGTH_MAX)
    valid_from = day_field(
        gettext_lazy("First day"), gettext_lazy("The version before it ends with this day by itself")
    )
    valid_until = day_field(
        gettext_lazy("Sold no more from"), gettext_lazy("Empty: it is sold until further notice. Who has it keeps it")
    )
    requires = text_field(gettext_lazy("Needs"), 500, hint=gettext_lazy("Codes of services, with a comma between"))
    conflicts = text_field(
        gettext_lazy("Not beside"), 500, hint=gettext_lazy("Codes of services, with a comma between")
    )
    regions = text_field(
        gettext_lazy("Regions"), 500, hint=gettext_lazy("Codes, with a comma between; empty: everywhere")
    )

    def _sold(self, version: OfferVersion) -> OfferVersion:
        """Return the version with what was typed into these fields."""
        shelf = self._shelf()
        return replace(
            version, category=shelf.code if shelf else self.cleaned_data.get("category", ""),
            valid_from=self._first_day(), valid_until=self.cleaned_data.get("valid_until"),
            requires=self._codes("requires"), conflicts=self._codes("conflicts"), regions=self._codes("regions"),
        )  # fmt: skip

    def _shelf(self) -> Category | None:
        """Return the new category, None: it stands in the one that was chosen."""
        typed = {name: str(self.cleaned_data.get(f"shelf_{name}") or "").strip() for name in ("code", *LANGUAGES)}
        self.cleaned_data["shelves"] = ()
        if not any(typed.values()):
            if not self.cleaned_data.get("category") and "category" not in self.errors:
                self.add_error("category", _("Choose a category, or name a new one"))
            return None
        code = self._said("shelf_code", _("Enter a code"))
        if code and not CODE.fullmatch(code):
            self.add_error("shelf_code", _("Small Latin letters, digits and hyphens, 40 at most"))
        shelf = Category(code, self._in_languages("shelf"))
        self.cleaned_data["shelves"] = (shelf,)
        return shelf


class OfferForm(SoldForm):
    """A version of a service; what is not asked for here (a package) stays as it was."""

    code = code_field()
    services = forms.MultipleChoiceField(
        label=gettext_lazy("For which connections"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=(
            ("mobile", gettext_lazy("Mobile")), ("internet", gettext_lazy("Home internet")), ("tv", gettext_lazy("TV")),
            ("satellite", gettext_lazy("Satellite TV")),
        ),
    )  # fmt: skip
    name_ru = text_field(gettext_lazy("Name in Russian"), NAME_LENGTH_MAX)
    name_en = text_field(gettext_lazy("Name in English"), NAME_LENGTH_MAX)
    text_ru = text_field(gettext_lazy("Text in Russian"), TEXT_LENGTH_MAX, area=True)
    text_en = text_field(gettext_lazy("Text in English"), TEXT_LENGTH_MAX, area=True)
    once = sum_field(gettext_lazy("To connect, once, ₽"))
    fee = sum_field(gettext_lazy("Fee, ₽"))
    per = forms.ChoiceField(
        label=gettext_lazy("The fee is for"), required=False,
        choices=(("month", gettext_lazy("a month")), ("day", gettext_lazy("a day"))),
    )  # fmt: skip
    network = text_field(gettext_lazy("Features of the network"), 500, hint=gettext_lazy("What is switched on with it"))

    def __init__(
        self, *args: Any, version: OfferVersion, shelves: tuple[Category, ...] = (), categories: tuple[Category, ...],
        language: str, is_new: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        """`shelves` are the categories that the draft itself says, `categories` those that are there."""
        super().__init__(*args, **options)
        self.version = version
        self.initial = _of_offer(version) | of_shelf(shelves)
        self._offer_choices("category", [(one.code, one.names.get(language, one.code)) for one in categories])
        if not is_new:
            del self.fields["code"]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the service, and what it stands on and beside."""
        others = [self[name] for name in LISTS]
        shown = [self[name] for name in FIRST if name in self.fields]
        return [
            ("", [*shown, *(one for one in self.visible_fields() if one.name not in (*FIRST, *SHELF, *LISTS))]),
            (_("Together with other services"), others),
            (_("Instead of that category, a new one"), [self[name] for name in SHELF]),
        ]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        code = self._code() if "code" in self.fields else self.version.code
        if not given.get("services"):
            self.add_error("services", _("Choose at least one"))
        given["version"] = replace(
            self._sold(self.version), code=code, services=tuple(given.get("services", ())),
            names=self._in_languages("name"),
            texts=self._in_languages("text"), once_minor=self._minor("once"),
            fee_minor=self._minor("fee"), per="day" if given.get("per") == PERS[1] else "month",
            network=self._codes("network"),
        )  # fmt: skip
        return given

    def written(self) -> str:
        """Return the draft's text."""
        return offers_yaml.write(Catalogue(self.cleaned_data["shelves"], (self.cleaned_data["version"],)))


def new_offer(valid_from: date, category: str) -> OfferVersion:
    """Return what a form without a service to begin with shows."""
    return OfferVersion("", category, LINE_SERVICES[:1], valid_from, None, {}, {})


def _of_offer(version: OfferVersion) -> dict[str, object]:
    lists = {name: ", ".join(getattr(version, name)) for name in LISTS}
    return {
        "category": version.category, "services": list(version.services), "valid_from": version.valid_from,
        "valid_until": version.valid_until, "once": formats.plain(version.once_minor),
        "fee": formats.plain(version.fee_minor), "per": version.per, **lists,
        **{f"name_{one}": version.names.get(one, "") for one in LANGUAGES},
        **{f"text_{one}": version.texts.get(one, "") for one in LANGUAGES},
    }  # fmt: skip


def of_shelf(shelves: tuple[Category, ...]) -> dict[str, object]:
    """Return what a form shows of a new category."""
    if not shelves:
        return {}
    return {"shelf_code": shelves[0].code, **{f"shelf_{one}": shelves[0].names.get(one, "") for one in LANGUAGES}}
