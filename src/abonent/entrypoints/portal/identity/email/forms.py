"""What people type: an e-mail address."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.identity.rules_email import LENGTH_MAX, InvalidAddress, address_of


class EmailForm(forms.Form):
    """An address to send a code to; keeps what was typed, up to a length that still looks like it."""

    use_required_attribute = False
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email", "inputmode": "email"}),
    )

    def __init__(self, data: QueryDict | None = None, initial: dict[str, str] | None = None, hint: str = "") -> None:
        super().__init__(None if data is None else {"email": _typed(data)}, initial=initial)
        self.fields["email"].help_text = hint

    def clean_email(self) -> str:
        try:
            return address_of(self.cleaned_data["email"])
        except InvalidAddress as error:
            raise forms.ValidationError(_malformed(error.reason)) from None


def _typed(data: QueryDict) -> str:
    value = data.get("email") or ""
    return "".join(c for c in value[: LENGTH_MAX + 2] if c.isprintable() or c.isspace())


def _malformed(reason: str) -> str:
    return {
        "empty": _("Enter your e-mail address"),
        "too_long": _("The address is too long. Check it"),
        "no_sign": _("Enter the whole address, with @, for example name@mail.ru"),
        "letters": _("Type the address in Latin letters: check the keyboard layout"),
        "impossible": _("There is no such address. Check the signs, for example name@mail.ru"),
    }[reason]
