"""Forms with passwords: what is typed there is taken as it is, and is never written back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.identity.passwords.rules import TYPED_LENGTH_MAX
from abonent.domains.identity.rules import Channel
from abonent.domains.identity.rules_email import LENGTH_MAX
from abonent.domains.lines import logins
from abonent.domains.lines.rules_logins import Login, NoLogin
from abonent.entrypoints.portal.identity import codes
from abonent.entrypoints.portal.identity.forms import typed


class Password(forms.Field):
    """A password in any characters, blanks included; too long a one stays too long."""

    def __init__(self, *, new: bool, **options: Any) -> None:
        attributes = {
            "autocomplete": "new-password" if new else "current-password",
            "autocapitalize": "none",
            "autocorrect": "off",
            "spellcheck": "false",
        }
        super().__init__(required=False, widget=forms.PasswordInput(attrs=attributes), **options)

    def to_python(self, value: str | None) -> str:
        return value or ""


class PasswordsForm(forms.Form):
    """A form that keeps what was typed, but for passwords."""

    use_required_attribute = False

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(None if data is None else {name: self._taken(data, name) for name in data}, **options)

    def _taken(self, data: QueryDict, name: str) -> str:
        if isinstance(self.base_fields.get(name), Password):
            return _password(data, name)
        return _login(data) if name == "login" else typed(data, name)


def _password(data: QueryDict, name: str) -> str:
    return (data.get(name) or "")[: TYPED_LENGTH_MAX + 1]


def _login(data: QueryDict) -> str:
    # An address is longer than a number.
    value = (data.get("login") or "")[: LENGTH_MAX + 2]
    return "".join(c for c in value if c.isprintable() or c.isspace())


class LoginForm(PasswordsForm):
    """Whatever names a person: a number in any form, a contract or account number, an e-mail address."""

    login = forms.CharField(
        label=gettext_lazy("Phone number, contract or e-mail"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_login(self) -> Login:
        try:
            return logins.parse(self.cleaned_data["login"])
        except NoLogin as error:
            if error.empty:
                raise forms.ValidationError(_("Enter your number, contract number or e-mail address")) from None
            raise forms.ValidationError(
                _("This is no number, contract or address. Type a number in digits, an address in Latin letters")
            ) from None


class EntryForm(LoginForm):
    """Login and password."""

    password = Password(new=False, label=gettext_lazy("Password"))
    remember = forms.BooleanField(label=gettext_lazy("Remember the number on this device"), required=False)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password:
            raise forms.ValidationError(_("Enter the password"))
        return password


def entered(data: QueryDict) -> tuple[Login, str, bool] | None:
    """Return login, password and whether to remember the number as `EntryForm` reads them, without making one.

    None: something is missing or no login, and a form says what.
    """
    password = _password(data, "password")
    try:
        login = logins.parse(_login(data).strip())
    except NoLogin:
        return None
    return (login, password, typed(data, "remember") not in ("", "False", "false", "0")) if password else None


class ForgotForm(LoginForm):
    """Whose password is forgotten, and how the code shall come."""

    channel = forms.CharField(required=False)

    def clean_channel(self) -> Channel:
        # Nobody types this: what is neither means the first.
        wanted = self.cleaned_data["channel"] == Channel.EMAIL and codes.by_email()
        return Channel.EMAIL if wanted else Channel.SMS


class OldPasswordForm(PasswordsForm):
    """The last password that the person remembers."""

    old = Password(new=False, label=gettext_lazy("Your password"))

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not old:
            raise forms.ValidationError(_("Enter the present password"))
        return old


class NewPasswordForm(PasswordsForm):
    """A new password; the classic profile wants it twice."""

    password = Password(new=True, label=gettext_lazy("New password"))
    repeated = Password(new=True, label=gettext_lazy("The same once more"))

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        if not settings.POLICY.typed_twice:
            del self.fields["repeated"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if settings.POLICY.typed_twice and cleaned.get("password") != cleaned.get("repeated"):
            self.add_error("repeated", _("The two are not the same. Type the new password once more"))
        return cleaned

    def suggest(self, password: str) -> None:
        """Write a password made by us into the fields, to be read and kept."""
        for name in self.fields:
            if name in ("password", "repeated"):
                self.initial[name] = password
                self.fields[name].widget = forms.TextInput(attrs=self.fields[name].widget.attrs)


class ChangeForm(NewPasswordForm):
    """The present password and the new one."""

    old = Password(new=False, label=gettext_lazy("Present password"))
    field_order = ("old", "password", "repeated")

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not old:
            raise forms.ValidationError(_("Enter the present password"))
        return old
