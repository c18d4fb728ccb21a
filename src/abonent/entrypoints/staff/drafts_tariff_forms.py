"""What is typed into a draft of a tariff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.catalog import tariffs_yaml
from abonent.domains.catalog.rules import Access, Allowance, Bucket, FeeTerms, Switching, Terms
from abonent.domains.catalog.rules_yaml import NAME_LENGTH_MAX
from abonent.domains.catalog.tariffs_yaml import ABOUT_LENGTH_MAX, WHY_LENGTH_MAX, Sheet
from abonent.entrypoints.staff import drafts_sizes
from abonent.entrypoints.staff.drafts_forms import LANGUAGES, DraftForm, code_field, day_field, sum_field, text_field
from abonent.web import format as formats

# What a tariff keeps for ever once it was published.
ONCE = ("category", "name_ru", "name_en")
ACCESS = ("down_kbps", "up_kbps", "channels")
# A form has something else that is called `data`.
FIELDS: Mapping[Bucket, str] = {"voice": "voice", "data": "data_", "sms": "sms"}


def _choice(label: Any, *choices: tuple[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices)


def _size(label: Any) -> forms.CharField:
    return text_field(label, 40, hint=gettext_lazy("For example 5 GB, 100 min, 300; or “unlimited”; empty: nothing"))


class TariffForm(DraftForm):
    """A version of a tariff; of one that was never published what it keeps for ever, too.

    Rules of prices are those of the draft: another rule stands in the YAML.
    """

    code = code_field()
    category = forms.ChoiceField(label=gettext_lazy("Category"))
    name_ru = text_field(gettext_lazy("Name in Russian"), NAME_LENGTH_MAX)
    name_en = text_field(gettext_lazy("Name in English"), NAME_LENGTH_MAX)
    valid_from = day_field(
        gettext_lazy("First day"), gettext_lazy("Who pays more is told ten days before at least, who pays less one day")
    )
    sold_until = day_field(gettext_lazy("Sold no more from"), gettext_lazy("Empty: it is sold. Who has it keeps it"))
    about_ru = text_field(gettext_lazy("Text in Russian"), ABOUT_LENGTH_MAX, area=True)
    about_en = text_field(gettext_lazy("Text in English"), ABOUT_LENGTH_MAX, area=True)
    why_ru = text_field(
        gettext_lazy("Why, in Russian"), WHY_LENGTH_MAX, area=True,
        hint=gettext_lazy("Told to everybody who has the tariff, with what becomes different"),
    )  # fmt: skip
    why_en = text_field(gettext_lazy("Why, in English"), WHY_LENGTH_MAX, area=True)
    fee = sum_field(gettext_lazy("Fee, ₽"))
    per = _choice(gettext_lazy("The fee is for"), ("month", gettext_lazy("a month")), ("day", gettext_lazy("a day")))
    by_days = forms.BooleanField(label=gettext_lazy("Of a month only its days are paid"), required=False)
    shortage = _choice(
        gettext_lazy("When the money is short"),
        ("charge", gettext_lazy("It is taken all the same")), ("wait", gettext_lazy("The line waits for money")),
        ("daily", gettext_lazy("It is taken day by day")),
    )  # fmt: skip
    resumes = _choice(
        gettext_lazy("A fee that waited is paid"),
        ("period", gettext_lazy("for the whole period")), ("payment", gettext_lazy("from the payment on")),
    )  # fmt: skip
    switching = sum_field(gettext_lazy("Change to this tariff, ₽"))
    personal = forms.BooleanField(label=gettext_lazy("Made for who has it, on sale for nobody"), required=False)
    voice = _size(gettext_lazy("Minutes"))
    data_ = _size(gettext_lazy("Internet"))
    sms = _size(gettext_lazy("SMS"))
    down_kbps = text_field(gettext_lazy("Speed to the customer, kbit/s"), 9)
    up_kbps = text_field(gettext_lazy("Speed from the customer, kbit/s"), 9)
    channels = text_field(gettext_lazy("Channels"), 9)

    def __init__(self, *args: Any, sheet: Sheet, is_known: bool, is_new: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial = _of_tariff(sheet)
        self.sheet, self.is_new = sheet, is_new
        categories = ("fixed",) if sheet.version.category == "fixed" else ("phone", "computer", "special")
        self._offer_choices("category", [(one, _category(one)) for one in categories])
        for price in sheet.version.terms.prices:
            label = _("Price “%(code)s”, ₽ for %(unit)s") % {
                "code": price.code, "unit": _unit(price.kind, price.unit_size),
            }  # fmt: skip
            self.fields[f"price_{price.code}"] = sum_field(label)
        if is_new:
            self.initial |= {name: "" for name in self.fields if name == "fee" or name.startswith("price_")}
        # Of a tariff that nobody has yet, nobody is told why.
        gone = (*ONCE, "code") if is_known else ("why_ru", "why_en", *(() if is_new else ("code",)))
        for name in (*gone, *(ACCESS if sheet.version.service == "mobile" else ())):
            del self.fields[name]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the tariff, its fee, what it includes, its prices by use."""
        parts = {
            _("Fee"): ("fee", "per", "by_days", "shortage", "resumes", "switching", "personal"),
            _("Included"): ("voice", "data_", "sms", *ACCESS),
            _("Prices by use"): tuple(name for name in self.fields if name.startswith("price_")),
        }
        named = {name for names in parts.values() for name in names}
        first = [one for one in self.visible_fields() if one.name not in named]
        return [("", first), *((part, [self[one] for one in names if one in self.fields])
                               for part, names in parts.items())]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given, version = self.cleaned_data, self.sheet.version
        why = {one: str(given.get(f"why_{one}") or "").strip() for one in LANGUAGES}
        if "why_ru" not in self.fields:
            why = dict(self.sheet.why)
        elif any(why.values()):
            why = self._in_languages("why", _("Say why in both languages"))
        kept: dict[str, Any] = {}
        if "name_ru" in self.fields:
            kept = {"names": self._in_languages("name"), "category": given.get("category", "")}
        if "code" in self.fields:
            kept["tariff_code"] = self._code()
        given["sheet"] = Sheet(
            version=replace(
                version, valid_from=self._first_day(), fee_minor=self._price("fee"), terms=self._terms(version.terms),
                **kept,
            ),
            about=self._in_languages("about"),
            sold_until=given.get("sold_until"),
            why=why if any(why.values()) else {},
        )  # fmt: skip
        return given

    def written(self) -> str:
        """Return the draft's text."""
        return tariffs_yaml.write(self.cleaned_data["sheet"])

    def _terms(self, before: Terms) -> Terms:
        given = self.cleaned_data
        prices = tuple(replace(price, price_minor=self._price(f"price_{price.code}")) for price in before.prices)
        allowances = [self._allowance(bucket, before.allowance(bucket)) for bucket in self._buckets(before)]
        access = before.access
        if ACCESS[0] in self.fields:
            access = Access(**{name: self._whole(name) for name in ACCESS})
        return Terms(
            tuple(one for one in allowances if one is not None), prices,
            FeeTerms(given.get("per") or "month", bool(given.get("by_days")), given.get("shortage") or "charge",
                     given.get("resumes") or "period"),
            Switching(self._minor("switching"), bool(given.get("personal"))), access,
        )  # fmt: skip

    def _buckets(self, before: Terms) -> list[Bucket]:
        """Return the kinds of allowances in the order they had, then the others."""
        had = [one.bucket for one in before.allowances]
        return [*had, *(one for one in FIELDS if one not in had)]

    def _allowance(self, bucket: Bucket, before: Allowance | None) -> Allowance | None:
        """Return the allowance with what else was said of it: how it goes on, what of it is left."""
        name = FIELDS[bucket]
        typed = str(self.cleaned_data.get(name) or "").strip()
        if typed in ("", "0"):
            return None
        try:
            amount = drafts_sizes.read(bucket, typed)
        except drafts_sizes.BadSize:
            self.add_error(name, _("Enter a size, for example 5 GB, 100 min, 300, or “unlimited”"))
            return None
        return replace(before, amount=amount) if before else Allowance(bucket, amount)

    def _price(self, name: str) -> int:
        if self.is_new:
            self._said(name, _("“%(name)s”: enter the price, 0 when it is free") % {"name": self.fields[name].label})
        return self._minor(name)

    def _whole(self, name: str) -> int:
        typed = str(self.cleaned_data.get(name) or "0").strip()
        if typed.isascii() and typed.isdecimal():
            return int(typed)
        self.add_error(name, _("Enter a whole number"))
        return 0


def _unit(kind: str, size: int) -> str:
    if kind == "voice":
        return formats.duration(size)
    return formats.data_size(size) if kind == "data" else _("one")


def _of_tariff(sheet: Sheet) -> dict[str, object]:
    version, terms = sheet.version, sheet.version.terms
    return {
        "valid_from": version.valid_from, "sold_until": sheet.sold_until, "fee": formats.plain(version.fee_minor),
        **{f"about_{one}": sheet.about.get(one, "") for one in LANGUAGES},
        **{f"why_{one}": sheet.why.get(one, "") for one in LANGUAGES},
        **{f"name_{one}": version.names.get(one, "") for one in LANGUAGES}, "category": version.category,
        "per": terms.fee.per, "by_days": terms.fee.by_days, "shortage": terms.fee.shortage,
        "resumes": terms.fee.resumes, "switching": formats.plain(terms.switching.price_minor),
        "personal": terms.switching.personal, **{name: getattr(terms.access, name) or "" for name in ACCESS},
        **{FIELDS[one.bucket]: drafts_sizes.told(one.bucket, one.amount) for one in terms.allowances},
        **{f"price_{one.code}": formats.plain(one.price_minor) for one in version.terms.prices},
    }  # fmt: skip


def _category(code: str) -> str:
    return {
        "phone": _("For phones"), "computer": _("For tablets and computers"), "special": _("For special cases"),
        "fixed": _("By wire or from a satellite"),
    }[code]  # fmt: skip
