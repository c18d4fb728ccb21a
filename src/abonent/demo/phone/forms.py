"""What is typed on the phone page."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.demo.phone import messages, rules


class AnswerForm(forms.Form):
    """A message from the handset `number`; `key` makes a form sent twice one message."""

    use_required_attribute = False

    number = forms.CharField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    recipient = forms.CharField(
        label=gettext_lazy("Send to"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    text = forms.CharField(
        label=gettext_lazy("Message"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        try:
            self.typed = rules.message({**fields, "sender": fields.get("number")})
        except rules.BadMessage as error:
            self.add_error({"recipient": "recipient", "text": "text"}.get(error.field), _words(error.field))
        else:
            if not messages.is_on(self.typed.sender):
                self.add_error(None, _("Switch the phone on first"))
        return fields

    @property
    def key_given(self) -> UUID:
        return self.cleaned_data.get("key") or uuid4()


def _words(field: str) -> str:
    if field == "recipient":
        return _("Enter a number, for example %(number)s") % {"number": "3339"}
    if field == "text":
        return _("Write a message of up to %(count)s characters") % {"count": rules.TEXT_LENGTH_MAX}
    return _("Choose a phone first")
