"""The owner of a number that is brought, as the operator it comes from knows them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.customers.rules import BadIdentity, document_of
from abonent.domains.porting.rules import Owner
from abonent.domains.support import rules
from abonent.entrypoints.staff.forms import StaffForm

LENGTH_MAX = 100


def _field(label: Any, hint: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, help_text=hint, required=False, max_length=LENGTH_MAX, widget=widget)


class OwnerForm(StaffForm):
    """Who it is, as told on the phone or read from a document."""

    family_name = _field(gettext_lazy("Family name"))
    given_name = _field(gettext_lazy("Given name"))
    patronymic = _field(gettext_lazy("Patronymic, if there is one"))
    birth_date = _field(gettext_lazy("Birth date"), gettext_lazy("For example 31.12.1980"))
    document = _field(gettext_lazy("Series and number"))

    def clean_family_name(self) -> str:
        return self._typed("family_name", _("Type the family name from the document"))

    def clean_given_name(self) -> str:
        return self._typed("given_name", _("Type the given name from the document"))

    def clean_birth_date(self) -> date:
        found = rules.birth_date_typed(self.cleaned_data["birth_date"])
        if found is None:
            raise forms.ValidationError(_("Type the birth date as day, month and year, for example 31.12.1980"))
        return found

    def clean_document(self) -> str:
        try:
            return document_of(self.cleaned_data["document"])
        except BadIdentity:
            raise forms.ValidationError(_("Type the series and number from the document")) from None

    def owner(self) -> Owner:
        """Return who the owner is, once the form is valid."""
        given = self.cleaned_data
        return Owner(
            given["family_name"], given["given_name"], given["patronymic"].strip(), given["birth_date"],
            given["document"],
        )  # fmt: skip

    def _typed(self, field: str, problem: str) -> str:
        said = str(self.cleaned_data[field]).strip()
        if not said:
            raise forms.ValidationError(problem)
        return said
