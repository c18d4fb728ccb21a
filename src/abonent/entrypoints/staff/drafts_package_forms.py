"""What is typed into a draft of a package: what all of its sizes share, and each size with its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Catalogue, Category, OfferVersion
from abonent.domains.catalog.packages_rules import DAYS_MAX, Hours, Package
from abonent.domains.catalog.rules_yaml import NAME_LENGTH_MAX, TEXT_LENGTH_MAX
from abonent.entrypoints.staff import drafts_sizes
from abonent.entrypoints.staff.drafts_forms import LANGUAGES, code_field, sum_field, text_field
from abonent.entrypoints.staff.drafts_offer_forms import SHELF, SoldForm, of_shelf
from abonent.web import format as formats

LISTS = ("requires", "conflicts", "regions")
SIZES_MOST = 20
# What a size has of its own; the rest is that of all.
OWN = ("code", "name_ru", "name_en", "text_ru", "text_en", "amount", "price")


class PackagesForm(SoldForm):
    """A package in its sizes: each is a service of its own, and they share all but size, name, text and price."""

    bucket = forms.ChoiceField(
        label=gettext_lazy("A package of"),
        choices=(("data", gettext_lazy("Internet")), ("voice", gettext_lazy("Minutes")), ("sms", gettext_lazy("SMS"))),
    )  # fmt: skip
    days = text_field(gettext_lazy("For how many days"), 3)
    hours = text_field(
        gettext_lazy("Only in these hours"),
        5,
        hint=gettext_lazy("For example 1-7, from one at night to seven; empty: always"),
    )
    renews = forms.BooleanField(label=gettext_lazy("When it ends it is bought again"), required=False)
    rows = forms.IntegerField(required=False, min_value=1, max_value=SIZES_MOST, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, versions: Sequence[OfferVersion], shelves: tuple[Category, ...] = (),
        categories: tuple[Category, ...], language: str, is_new: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.versions, self.is_new = versions, is_new
        known = 0 if is_new else len(versions)
        self.known = {f"size_{place}": version for place, version in enumerate(versions[:known])}
        self.row_count = min(SIZES_MOST, max(self._rows_sent(), known, 1) + ("more" in self.data))
        for place in range(self.row_count):
            self._add_row(f"size_{place}")
        self.initial = _shared(versions[0]) | of_shelf(shelves) | {"rows": self.row_count}
        for row, version in self.known.items():
            self.initial |= _of_size(row, version)
        self._offer_choices("category", [(one.code, one.names.get(language, one.code)) for one in categories])
        if "more" in self.data:
            # The number of rows is ours to say, not what was sent.
            self.data = {**self.data.dict(), "rows": f"{self.row_count}"} if isinstance(self.data, QueryDict) else {}

    @property
    def asks_for_more(self) -> bool:
        """Return whether another size is to be typed before anything is kept."""
        return "more" in self.data

    @property
    def can_have_more(self) -> bool:
        """Return whether there is room for another size."""
        return self.row_count < SIZES_MOST

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return what all sizes share, then each size."""
        shared = [one for one in self.visible_fields() if not one.name.startswith(("bucket", "size_", "shelf_"))]
        parts = [("", [self["bucket"], *shared])]
        for number, row in enumerate(self._rows(), 1):
            title = _("Size %(number)s") % {"number": number}
            title = f"{title} · {self.known[row].code}" if row in self.known else title
            parts.append((title, [self[f"{row}_{name}"] for name in OWN if f"{row}_{name}" in self.fields]))
        return [*parts, (_("Instead of that category, a new one"), [self[name] for name in SHELF])]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        package = Package(given.get("bucket", "data"), None, self._days(), self._hours(), bool(given.get("renews")))
        base = replace(self._sold(self.versions[0]), id=None)
        typed = [row for row in self._rows() if any(str(given.get(f"{row}_{name}") or "").strip() for name in OWN)]
        if not typed:
            self.add_error("size_0_amount", _("Enter one size at least"))
        given["versions"] = tuple(self._size(row, base, package) for row in typed)
        codes = [one.code for one in given["versions"]]
        for row, code in zip(typed, codes, strict=True):
            if code and codes.count(code) > 1 and f"{row}_code" in self.fields:
                self.add_error(f"{row}_code", _("Each size has a code of its own"))
        return given

    @property
    def code_typed(self) -> str:
        """Return what the first size is called."""
        return str(self.cleaned_data["versions"][0].code)

    def written(self) -> str:
        """Return the draft's text."""
        return offers_yaml.write(Catalogue(self.cleaned_data["shelves"], self.cleaned_data["versions"]))

    def _rows(self) -> list[str]:
        return [f"size_{place}" for place in range(self.row_count)]

    def _rows_sent(self) -> int:
        sent = str(self.data.get("rows", ""))
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 4 else 0

    def _add_row(self, row: str) -> None:
        if row not in self.known:
            self.fields[f"{row}_code"] = code_field()
        self.fields[f"{row}_name_ru"] = text_field(gettext_lazy("Name in Russian"), NAME_LENGTH_MAX)
        self.fields[f"{row}_name_en"] = text_field(gettext_lazy("Name in English"), NAME_LENGTH_MAX)
        self.fields[f"{row}_text_ru"] = text_field(gettext_lazy("Text in Russian"), TEXT_LENGTH_MAX, area=True)
        self.fields[f"{row}_text_en"] = text_field(gettext_lazy("Text in English"), TEXT_LENGTH_MAX, area=True)
        hint = gettext_lazy("For example 5 GB, 100 min, 300; or “unlimited”")
        self.fields[f"{row}_amount"] = text_field(gettext_lazy("Size"), 40, hint=hint)
        self.fields[f"{row}_price"] = sum_field(gettext_lazy("Price, ₽"))

    def _size(self, row: str, base: OfferVersion, package: Package) -> OfferVersion:
        known = self.known.get(row)
        version = replace(
            base, code=known.code if known else self._code(f"{row}_code"),
            names=self._in_languages(f"{row}_name", _("Enter the name")),
            texts=self._in_languages(f"{row}_text", _("Enter the text")), once_minor=self._minor(f"{row}_price"),
        )  # fmt: skip
        typed = self._said(f"{row}_amount", _("Enter the size"))
        try:
            amount = drafts_sizes.read(package.bucket, typed) if typed else 1
        except drafts_sizes.BadSize:
            self.add_error(f"{row}_amount", _("Enter a size, for example 5 GB, 100 min, 300, or “unlimited”"))
            amount = 1
        return replace(version, package=replace(package, amount=amount))

    def _days(self) -> int:
        typed = str(self.cleaned_data.get("days") or "").strip()
        if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= DAYS_MAX:
            return int(typed)
        self.add_error("days", _("Enter 1 to %(most)s days") % {"most": DAYS_MAX})
        return 1

    def _hours(self) -> Hours | None:
        typed = "".join(str(self.cleaned_data.get("hours") or "").split()).replace("–", "-")
        if not typed:
            return None
        first, _sep, end = typed.partition("-")
        if all(one.isascii() and one.isdecimal() and int(one) < 24 for one in (first, end)) and first != end:
            return Hours(int(first), int(end))
        self.add_error("hours", _("Write hours as 1-7"))
        return None


def is_one_package(versions: Sequence[OfferVersion]) -> bool:
    """Return whether these are sizes of one package, which a form holds."""
    return bool(versions) and len(versions) <= SIZES_MOST and len({_alike(one) for one in versions}) == 1 and (
        versions[0].package is not None and not versions[0].network and versions[0].family is None
    )  # fmt: skip


def new_package(valid_from: date, category: str) -> OfferVersion:
    """Return what a form without a package to begin with shows."""
    return OfferVersion("", category, ("mobile",), valid_from, None, {}, {}, package=Package("data", None, 30))


def _alike(version: OfferVersion) -> object:
    """Return all of a size that is the same in each."""
    package = replace(version.package, amount=None) if version.package else None
    return replace(version, code="", names=(), texts=(), once_minor=0, package=package, id=None)  # type: ignore[arg-type] # compared, no more


def _shared(version: OfferVersion) -> dict[str, object]:
    package = version.package or Package("data", None, 30)
    return {
        "bucket": package.bucket, "category": version.category, "valid_from": version.valid_from,
        "valid_until": version.valid_until, "days": package.days, "renews": package.renews,
        "hours": f"{package.hours.first}-{package.hours.end}" if package.hours else "",
        **{name: ", ".join(getattr(version, name)) for name in LISTS},
    }  # fmt: skip


def _of_size(row: str, version: OfferVersion) -> dict[str, object]:
    package = version.package or Package("data", None, 30)
    return {
        f"{row}_amount": drafts_sizes.told(package.bucket, package.amount),
        f"{row}_price": formats.plain(version.once_minor),
        **{f"{row}_name_{one}": version.names.get(one, "") for one in LANGUAGES},
        **{f"{row}_text_{one}": version.texts.get(one, "") for one in LANGUAGES},
    }
