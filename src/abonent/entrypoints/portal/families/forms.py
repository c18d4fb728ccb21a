"""What the owner of a family types: whom to ask, what to call a member, how much it may take."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.lines.sharing import rules as sharing_rules
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.entrypoints.portal.numbers.forms import NumberForm

GIB = 1024**3
# The field for each kind, and the size of the unit it is typed in.
FIELDS = {"data": "gigabytes", "voice": "minutes", "sms": "messages"}
UNITS = {"data": GIB, "voice": 60, "sms": 1}
_COUNT = re.compile(r"[0-9]{1,5}", re.ASCII)


def _amount(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    )


class InviteForm(NumberForm):
    """A number of ours to ask, and what its owner calls it."""

    name = forms.CharField(
        label=gettext_lazy("What you call it"),
        help_text=gettext_lazy("For example “Son” or “Tablet”. Only you see it"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        return _name(self.cleaned_data["name"])


class MemberForm(TypedForm):
    """Name, colour and limits of a member; an empty limit is none, 0 is nothing."""

    name = forms.CharField(
        label=gettext_lazy("What you call it"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    colour = forms.CharField(required=False)
    gigabytes = _amount(gettext_lazy("Internet, GB"))
    minutes = _amount(gettext_lazy("Calls, minutes"))
    messages = _amount(gettext_lazy("SMS, pieces"))

    def __init__(self, data: QueryDict | None = None, *, kinds: tuple[str, ...] = (), **options: object) -> None:
        super().__init__(data, **options)
        for kind in UNITS.keys() - set(kinds):
            del self.fields[FIELDS[kind]]

    def clean_name(self) -> str:
        return _name(self.cleaned_data["name"])

    def clean_colour(self) -> str:
        colour: str = self.cleaned_data["colour"]
        if colour not in ("", *sharing_rules.COLOURS):
            raise forms.ValidationError(_("Choose one of these colours"))
        return colour

    def clean_gigabytes(self) -> int | None:
        return self._limit("data")

    def clean_minutes(self) -> int | None:
        return self._limit("voice")

    def clean_messages(self) -> int | None:
        return self._limit("sms")

    def _limit(self, kind: str) -> int | None:
        typed = str(self.cleaned_data[FIELDS[kind]]).strip()
        if not typed:
            return None
        if not _COUNT.fullmatch(typed):
            raise forms.ValidationError(_("Enter a whole number in digits, for example 5; empty is without limit"))
        return int(typed) * UNITS[kind]


def _name(typed: str) -> str:
    try:
        return sharing_rules.name(typed)
    except ValueError:
        raise forms.ValidationError(
            _("The name is too long: %(length)s characters at most") % {"length": sharing_rules.NAME_LENGTH_MAX}
        ) from None
