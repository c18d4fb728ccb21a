"""What people type to give something of theirs: whom to, what, how much."""

from __future__ import annotations

import re
from typing import cast
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.billing.gifts_rules import MEGABYTE, MINUTE
from abonent.domains.catalog.rules import Bucket
from abonent.domains.lines.rules import Holder, holder_of
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.foundation.values import InvalidNumber, Msisdn

# What can be chosen, with the size of the unit it is typed in.
UNITS: dict[str, tuple[Bucket, int]] = {
    "gb": ("data", 1024 * MEGABYTE),
    "mb": ("data", MEGABYTE),
    "min": ("voice", MINUTE),
}
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


class GiftForm(TypedForm):
    """A number, how much, and of what; `form` is the id that was made when the form was shown."""

    number = forms.CharField(
        label=gettext_lazy("Whose number"),
        help_text=gettext_lazy("Type the number any way you like"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    amount = forms.CharField(
        label=gettext_lazy("How much"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Of what"),
        choices=[
            ("gb", gettext_lazy("gigabytes")),
            ("mb", gettext_lazy("megabytes")),
            ("min", gettext_lazy("minutes of calls")),
        ],
        error_messages={
            "required": gettext_lazy("Choose what you give"),
            "invalid_choice": gettext_lazy("Choose what you give"),
        },
    )
    form = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: QueryDict | None = None, **options: object) -> None:
        super().__init__(data, **options)
        if data is None:
            self.initial["form"] = str(uuid4())

    def clean_number(self) -> Msisdn:
        try:
            number = Msisdn.parse(self.cleaned_data["number"], settings.NUMBER_REGION)
        except InvalidNumber as error:
            raise forms.ValidationError(_bad_number(error.reason)) from None
        # Of numbers at home none is told apart here: whose they are asks for a fresh proof.
        if holder_of(number, ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION) is Holder.FOREIGN:
            raise forms.ValidationError(
                _("This is a number of another country. Enter one that starts with +7, a subscriber of ours")
            )
        return number

    def clean_amount(self) -> int:
        typed = cast("str", self.cleaned_data["amount"]).strip()
        if not _NUMBER.fullmatch(typed) or not int(typed):
            raise forms.ValidationError(_("Enter how much in digits, a whole number, for example 2"))
        return int(typed)

    def clean_form(self) -> UUID:
        try:
            return UUID(self.cleaned_data["form"])
        except ValueError:
            # Nobody's page has such a form: it is taken for a new one.
            return uuid4()

    def wish(self) -> tuple[Bucket, int]:
        """Return what is given, in bytes or seconds."""
        bucket, size = UNITS[self.cleaned_data["unit"]]
        return bucket, self.cleaned_data["amount"] * size


def _bad_number(reason: str) -> str:
    return {
        "empty": _("Enter the number of who gets it"),
        "letters": _("Enter the number in digits, without letters"),
        "too_short": _("Enter the whole number: 10 digits after +7"),
        "too_long": _("There are too many digits: 10 are needed after +7"),
        "impossible": _("There is no such number. Check the digits"),
    }[reason]
