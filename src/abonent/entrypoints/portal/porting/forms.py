"""What people type to bring a number."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from abonent.domains.customers.rules import BadIdentity, document_of
from abonent.domains.porting.rules import Form, Owner
from abonent.entrypoints.portal.billing.transfers_forms import bad_number
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.foundation.values import InvalidNumber, Msisdn

NAME_MAX = 100
_NAMES = ("family_name", "given_name")
FIRST_BIRTH = date(1900, 1, 1)
_NAME = {"autocomplete": "off", "maxlength": NAME_MAX}


def _words(label: Any, hint: Any = "", **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", **attrs})
    )


def _day(label: Any, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=hint, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
    )  # fmt: skip


class OwnerForm(TypedForm):
    """Whose number it is, as the operator it comes from knows them.

    With `kept`, what is left empty is as it was typed before; that itself is shown to nobody.
    """

    kept: Owner | None = None

    family_name = _words(gettext_lazy("Family name"), **_NAME)
    given_name = _words(gettext_lazy("Given name"), **_NAME)
    patronymic = _words(gettext_lazy("Patronymic"), gettext_lazy("If you have one"), **_NAME)
    birth_date = _day(gettext_lazy("Birth date"))
    document = _words(
        gettext_lazy("Series and number of the passport"),
        gettext_lazy("Of the document that your operator knows. We keep it sealed"),
    )

    def clean_family_name(self) -> str:
        return self._name("family_name", _("Enter the family name as your operator knows it"))

    def clean_given_name(self) -> str:
        return self._name("given_name", _("Enter the given name as your operator knows it"))

    def clean_birth_date(self) -> date:
        born: date | None = self.cleaned_data["birth_date"]
        if born is None and self.kept:
            return self.kept.birth_date
        if born is None or born < FIRST_BIRTH:
            raise forms.ValidationError(_("Enter the birth date, for example 17.05.1990"))
        return born

    def clean_document(self) -> str:
        if self.kept and not self.cleaned_data["document"].strip():
            return self.kept.document
        try:
            return document_of(self.cleaned_data["document"])
        except BadIdentity:
            raise forms.ValidationError(_("Enter the series and number, for example 45 09 123456")) from None

    def owner(self) -> Owner:
        """Return who the owner is, once the form is valid."""
        given = self.cleaned_data
        patronymic = " ".join(given["patronymic"].split())[:NAME_MAX]
        if self.kept and not patronymic and not any(self.data.get(one, "").strip() for one in _NAMES):
            # Of a name that was typed anew, an empty patronymic means that there is none.
            patronymic = self.kept.patronymic
        return Owner(given["family_name"], given["given_name"], patronymic, given["birth_date"], given["document"])

    def _name(self, field: str, problem: str) -> str:
        said = " ".join(self.cleaned_data[field].split())[:NAME_MAX]
        if not said and self.kept:
            return str(getattr(self.kept, field))
        if not said:
            raise forms.ValidationError(problem)
        return said


class BringForm(OwnerForm):
    """The number to bring, its tariff, SIM and day. Choices come from what is on sale now."""

    number = forms.CharField(
        label=gettext_lazy("Number to bring"),
        help_text=gettext_lazy("A code comes to it by SMS. Type the number any way you like"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    shop = forms.CharField(label=gettext_lazy("Shop"), required=False)
    day = _day(gettext_lazy("Day on which the number comes"))
    rules = forms.IntegerField(required=False, widget=forms.HiddenInput())
    price_minor = forms.IntegerField(required=False, widget=forms.HiddenInput())
    again = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(
        self, data: QueryDict | None = None, *, tariffs: list[tuple[str, str]], sims: list[tuple[str, str]],
        first: date, last: date, kept: Owner | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **options)
        self.kept = kept
        self.fields["tariff"] = forms.ChoiceField(label=_("Tariff"), choices=tariffs, required=False)
        self.fields["form"] = forms.ChoiceField(
            label=pgettext("how the SIM is taken", "SIM"), choices=sims, required=False
        )
        # As on the page: what is wrong is told in that order.
        self.order_fields(["number", "tariff", "form", "shop", "day"])
        self.first, self.last = first, last
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_number(self) -> Msisdn:
        try:
            return Msisdn.parse(self.cleaned_data["number"], settings.NUMBER_REGION)
        except InvalidNumber as error:
            problem = _("Enter the number to bring") if error.reason == "empty" else bad_number(error.reason)
            raise forms.ValidationError(problem) from None

    def clean_tariff(self) -> str:
        if not self.cleaned_data["tariff"]:
            raise forms.ValidationError(_("Choose a tariff"))
        return str(self.cleaned_data["tariff"])

    def clean_form(self) -> Form:
        if not self.cleaned_data["form"]:
            raise forms.ValidationError(_("Choose how you take the SIM"))
        return Form(self.cleaned_data["form"])

    def clean_day(self) -> date:
        day: date | None = self.cleaned_data["day"]
        if day is None or not self.first <= day <= self.last:
            raise forms.ValidationError(
                _("Choose a day from %(first)s to %(last)s")
                % {"first": f"{self.first:%d.%m.%Y}", "last": f"{self.last:%d.%m.%Y}"}
            )
        return day
