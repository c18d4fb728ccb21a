"""What people type: the code of an authenticator app, a recovery code, a passkey's name."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.identity.factors.rules import DIGITS, PASSKEY_NAME_LENGTH_MAX, recovery_code_typed
from abonent.domains.identity.rules import digits_typed
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.entrypoints.portal.identity.passwords.forms import Password, PasswordsForm


class AppCodeForm(TypedForm):
    """The six digits that an authenticator app shows now."""

    code = forms.CharField(
        label=gettext_lazy("Code from the authenticator app"),
        help_text=gettext_lazy("6 digits; the app shows new ones every 30 seconds"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        code = digits_typed(self.cleaned_data["code"], DIGITS)
        if code is None:
            raise forms.ValidationError(_("Enter the 6 digits that the app shows now"))
        return code


class RecoveryCodeForm(TypedForm):
    """One of the ten codes on paper."""

    recovery = forms.CharField(
        label=gettext_lazy("Recovery code"),
        help_text=gettext_lazy("10 letters and digits; hyphen and capitals do not matter. Each code is good once"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_recovery(self) -> str:
        code = recovery_code_typed(self.cleaned_data["recovery"])
        if code is None:
            raise forms.ValidationError(_("Enter the 10 letters and digits of an unused code, for example K7QPM-2XV9A"))
        return code


class OwnPasswordForm(PasswordsForm):
    """The password of somebody who is signed in."""

    password = Password(new=False, label=gettext_lazy("Password"))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password:
            raise forms.ValidationError(_("Enter your password"))
        return password


class NameForm(TypedForm):
    """What the owner calls a passkey."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": PASSKEY_NAME_LENGTH_MAX}),
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise forms.ValidationError(_("Give a name by which you will know the device"))
        if len(name) > PASSKEY_NAME_LENGTH_MAX:
            raise forms.ValidationError(
                _("The name is too long: %(most)s characters fit") % {"most": PASSKEY_NAME_LENGTH_MAX}
            )
        return name
