"""What people type to give something of theirs: whom to, what, how much."""

from __future__ import annotations

import re
from typing import cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.billing.gifts.rules import MEGABYTE, MINUTE
from abonent.domains.catalog.rules import Bucket
from abonent.entrypoints.portal.billing.transfers_forms import ReceiverForm

# What can be chosen, with the size of the unit it is typed in.
UNITS: dict[str, tuple[Bucket, int]] = {
    "gb": ("data", 1024 * MEGABYTE),
    "mb": ("data", MEGABYTE),
    "min": ("voice", MINUTE),
}
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


class GiftForm(ReceiverForm):
    """A number, how much, and of what."""

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

    def clean_amount(self) -> int:
        typed = cast("str", self.cleaned_data["amount"]).strip()
        if not _NUMBER.fullmatch(typed) or not int(typed):
            raise forms.ValidationError(_("Enter how much in digits, a whole number, for example 2"))
        return int(typed)

    def wish(self) -> tuple[Bucket, int]:
        """Return what is given, in bytes or seconds."""
        bucket, size = UNITS[self.cleaned_data["unit"]]
        return bucket, self.cleaned_data["amount"] * size
