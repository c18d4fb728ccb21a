"""What people type: a number, a code."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.identity.rules import digits_typed
from abonent.domains.lines.rules import Holder, holder_of
from abonent.foundation.values import InvalidNumber, Msisdn
from abonent.foundation.values.msisdn import TYPED_LENGTH_MAX
from abonent.web import format as formats

PREFIXES_SHOWN_MAX = 5


class TypedForm(forms.Form):
    """A form that keeps what was typed, up to a length that still looks like it."""

    use_required_attribute = False

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(None if data is None else {name: typed(data, name) for name in data}, **options)


class OnceForm(TypedForm):
    """A form that is taken once: `form` is the id that was made when it was shown."""

    form = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        if data is None:
            self.initial["form"] = str(uuid4())

    def clean_form(self) -> UUID:
        try:
            return UUID(self.cleaned_data["form"])
        except ValueError:
            # Nobody's page has such a form: it is taken for a new one.
            return uuid4()


class NumberForm(TypedForm):
    """The number to send a code to; any way of writing it is understood."""

    number = forms.CharField(
        label=gettext_lazy("Phone number"),
        help_text=gettext_lazy("We will send a code by SMS. Type the number any way you like"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    remember = forms.BooleanField(label=gettext_lazy("Remember the number on this device"), required=False)

    def clean_number(self) -> Msisdn:
        try:
            number = Msisdn.parse(self.cleaned_data["number"], settings.NUMBER_REGION)
        except InvalidNumber as error:
            raise forms.ValidationError(_malformed(error.reason)) from None
        # Codes of a contract may go to the number of another operator.
        holder = holder_of(number, ranges=settings.ALLOWED_RANGES, region=settings.NUMBER_REGION)
        if holder is not Holder.OURS:
            raise forms.ValidationError(_not_ours(holder))
        return number


class CodeForm(TypedForm):
    """The code from the message; spaces and hyphens do not matter."""

    code = forms.CharField(
        label=gettext_lazy("Code from the message"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        digits = settings.POLICY.code_digits
        self.fields["code"].label = _("Code of %(digits)s digits") % {"digits": digits}

    def clean_code(self) -> str:
        digits = settings.POLICY.code_digits
        code = digits_typed(self.cleaned_data["code"], digits)
        if code is None:
            raise forms.ValidationError(_("Enter the %(digits)s digits from the message") % {"digits": digits})
        return code


def typed(data: QueryDict, name: str) -> str:
    """Return what was typed into a field, without characters that nobody types, and not longer than is looked at."""
    value = data.get(name) or ""
    return "".join(c for c in value[: TYPED_LENGTH_MAX + 1] if c.isprintable() or c.isspace())


def _malformed(reason: str) -> str:
    return {
        "empty": _("Enter your phone number"),
        "letters": _("Enter the number in digits, without letters"),
        "too_short": _("Enter the whole number: 10 digits after +7"),
        "too_long": _("There are too many digits: 10 are needed after +7"),
        "impossible": _("There is no such number. Check the digits"),
    }[reason]


def _not_ours(holder: Holder) -> str:
    if holder is Holder.FOREIGN:
        return _("This is a number of another country. Enter your number that starts with +7")
    prefixes = [formats.phone(prefix) for prefix in settings.NUMBER_RANGES]
    if len(prefixes) > PREFIXES_SHOWN_MAX:
        return _("This is a number of another operator. Enter one of ours")
    return _("This is a number of another operator. Ours start with %(prefixes)s") % {"prefixes": ", ".join(prefixes)}
