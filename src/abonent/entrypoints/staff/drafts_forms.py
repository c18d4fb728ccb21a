"""What is typed into a draft: what all of its forms share, and the whole of it as YAML."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.catalog.rules_yaml import CODE
from abonent.domains.support.drafts.rules import REASON_LENGTH_MAX
from abonent.domains.support.drafts.rules import TEXT_LENGTH_MAX as DRAFT_LENGTH_MAX
from abonent.entrypoints.staff.forms import StaffForm
from abonent.foundation.values import InvalidAmount, parse_amount

LANGUAGES = ("ru", "en")
CODE_LENGTH_MAX = 40
_AREA = {"rows": 4}


def text_field(label: Any, length: int, *, area: bool = False, hint: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs=_AREA) if area else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=length, required=False, widget=widget, help_text=hint)


def sum_field(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=40, required=False, widget=widget)


def day_field(label: Any, hint: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=False, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"], help_text=hint,
        error_messages={"invalid": gettext_lazy("Enter a day, for example 31.12.2026")},
    )  # fmt: skip


def code_field() -> forms.CharField:
    """Return the field of what something new is called."""
    return text_field(
        gettext_lazy("Code in the catalogue"),
        CODE_LENGTH_MAX,
        hint=gettext_lazy("Small Latin letters, digits and hyphens; it never changes"),
    )


class DraftForm(StaffForm):
    """A form of a draft; `revision` is the one that was looked at. Of something new `taken` says whether a code is."""

    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    taken: Callable[[str], bool] | None = None

    @property
    def code_typed(self) -> str:
        """Return what something new is called."""
        return str(self.cleaned_data["code"])

    @property
    def asks_for_more(self) -> bool:
        """Return whether the form is to be shown with more fields, before anything is kept."""
        return False

    @property
    def can_have_more(self) -> bool:
        """Return whether there can be more fields."""
        return False

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields in their parts, each with its name; the first has none."""
        return [("", self.visible_fields())]

    def written(self) -> str:
        """Return the draft's text; the form is valid."""
        raise NotImplementedError

    def _code(self, name: str = "code") -> str:
        """Return the code of something new: nothing else is called so."""
        code = self._said(name, _("Enter a code"))
        if code and not CODE.fullmatch(code):
            self.add_error(name, _("Small Latin letters, digits and hyphens, 40 at most"))
        elif code and self.taken is not None and self.taken(code):
            self.add_error(name, _("There is something called “%(code)s” already") % {"code": code})
        return code

    def _first_day(self) -> date:
        if not self.cleaned_data.get("valid_from") and "valid_from" not in self.errors:
            self.add_error("valid_from", _("Enter the first day"))
        return self.cleaned_data.get("valid_from") or date.max

    def _in_languages(self, name: str, what: str = "") -> dict[str, str]:
        return {one: self._said(f"{name}_{one}", what) for one in LANGUAGES}

    def _offer_choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        field.error_messages["invalid_choice"] = _("Choose from what this page offers")

    def _said(self, name: str, what: str = "") -> str:
        """Return what was typed; nothing is a mistake, told by `what` or by the field's own name."""
        typed = str(self.cleaned_data.get(name) or "").replace("\r\n", "\n").strip()
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

    reason = text_field(gettext_lazy("What is to be changed"), REASON_LENGTH_MAX, area=True)

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise forms.ValidationError(_("Write what is to be changed: who wrote it goes on from there"))
        return reason
