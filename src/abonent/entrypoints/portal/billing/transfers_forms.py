"""What people type to send money: whom to, how much."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.lines.rules import Holder, holder_of
from abonent.entrypoints.portal.identity.forms import OnceForm
from abonent.foundation.values import InvalidAmount, InvalidNumber, Msisdn, parse_amount
from abonent.foundation.values.amount import AMOUNT_MINOR_MAX
from abonent.web import format as formats


class ReceiverForm(OnceForm):
    """Whose number gets something, as the sender may type it: of numbers at home none is told apart."""

    number = forms.CharField(
        label=gettext_lazy("Whose number"),
        help_text=gettext_lazy("Type the number any way you like"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def clean_number(self) -> Msisdn:
        try:
            number = Msisdn.parse(self.cleaned_data["number"], settings.NUMBER_REGION)
        except InvalidNumber as error:
            raise forms.ValidationError(bad_number(error.reason)) from None
        # Whose they are asks for a fresh proof.
        if holder_of(number, ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION) is Holder.FOREIGN:
            raise forms.ValidationError(
                _("This is a number of another country. Enter one that starts with +7, a subscriber of ours")
            )
        return number


class MoneyForm(ReceiverForm):
    """A number and a sum."""

    amount = forms.CharField(
        label=gettext_lazy("Sum, ₽"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None = None, *, hint: str = "", label: str = "", **options: object) -> None:
        super().__init__(data, **options)
        self.fields["amount"].help_text = hint
        if label:
            self.fields["amount"].label = label

    def clean_amount(self) -> int:
        try:
            return parse_amount(self.cleaned_data["amount"])
        except InvalidAmount as error:
            raise forms.ValidationError(bad_amount(error.reason)) from None


def bad_amount(reason: str) -> str:
    """Return what to do about a sum that cannot be understood; `reason` is `InvalidAmount`'s."""
    return {
        "empty": _("Enter the sum in roubles"),
        "unreadable": _("Enter the sum in digits, for example 250 or 250,50"),
        "negative": _("Enter the sum without a minus"),
        "zero": _("Enter a sum above zero"),
        "too_exact": _("Enter roubles and kopecks: two digits after the comma, for example 250,50"),
        "too_large": _("This sum is too large. Enter less than %(sum)s") % {"sum": formats.money(AMOUNT_MINOR_MAX)},
    }[reason]


def bad_number(reason: str, empty: str = "") -> str:
    """Return what to do about a number that is none; `empty` is what to type when nothing was."""
    return {
        "empty": empty or _("Enter the number of who gets it"),
        "letters": _("Enter the number in digits, without letters"),
        "too_short": _("Enter the whole number: 10 digits after +7"),
        "too_long": _("There are too many digits: 10 are needed after +7"),
        "impossible": _("There is no such number. Check the digits"),
    }[reason]
