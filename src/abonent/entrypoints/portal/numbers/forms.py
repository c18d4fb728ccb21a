"""What people type to add a number."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.lines.rules import Holder, holder_of
from abonent.domains.lines.sharing.rules import Role
from abonent.entrypoints.portal.billing.transfers_forms import bad_number
from abonent.entrypoints.portal.identity.forms import OnceForm
from abonent.entrypoints.portal.identity.passwords.forms import Password, PasswordsForm
from abonent.foundation.values import InvalidNumber, Msisdn


class NumberForm(OnceForm):
    """A number of ours to add."""

    number = forms.CharField(
        label=gettext_lazy("Number to add"),
        help_text=gettext_lazy("Type the number any way you like"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def clean_number(self) -> Msisdn:
        try:
            number = Msisdn.parse(self.cleaned_data["number"], settings.NUMBER_REGION)
        except InvalidNumber as error:
            raise forms.ValidationError(bad_number(error.reason, _("Enter the number to add"))) from None
        if holder_of(number, ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION) is not Holder.OURS:
            raise forms.ValidationError(_("This is a number of another operator. Only ours can be added"))
        return number


class RelativeForm(NumberForm):
    """A relative's number, and what to ask for."""

    role = forms.CharField(required=False)

    def clean_role(self) -> Role:
        try:
            return Role(self.cleaned_data["role"])
        except ValueError:
            raise forms.ValidationError(_("Choose what to ask for")) from None


class OwnersPasswordForm(PasswordsForm):
    """The password of the number's own cabinet, typed by its owner."""

    password = Password(new=False, label=gettext_lazy("Password of this number"))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password:
            raise forms.ValidationError(_("Let the owner of the number type the password"))
        return password
