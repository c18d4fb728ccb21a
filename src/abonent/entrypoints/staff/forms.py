"""What staff type. Answers of a caller are never shown again."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.customers.actions import Identity
from abonent.domains.support import rules
from abonent.domains.support.corrections import rules as corrections_rules
from abonent.domains.support.disputes import rules as disputes_rules
from abonent.foundation.values import InvalidAmount, InvalidNumber, Msisdn, parse_amount

TYPED_LENGTH_MAX = 200


class StaffForm(forms.Form):
    """A form whose errors say what to do, shown by us and not by the browser."""

    use_required_attribute = False


class LoginForm(StaffForm):
    """The first proof."""

    login = forms.CharField(
        label=gettext_lazy("Login"), required=False, max_length=TYPED_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), required=False, max_length=1024, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip

    def clean_login(self) -> str:
        return _typed(self.cleaned_data["login"], _("Enter your login"))

    def clean_password(self) -> str:
        return _typed(self.cleaned_data["password"], _("Enter your password"))


class CodeForm(StaffForm):
    """The code of the authenticator app."""

    code = forms.CharField(
        label=gettext_lazy("Code from the app"), required=False, max_length=TYPED_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if not (len(code) == 6 and code.isascii() and code.isdecimal()):
            raise forms.ValidationError(_("Enter the 6 digits that the app shows"))
        return code


class PasswordForm(StaffForm):
    """A password of one's own in place of the first one."""

    password = forms.CharField(
        label=gettext_lazy("New password"), required=False, max_length=1024, strip=False,
        help_text=gettext_lazy("8 characters or more; a few words in a row are easy to remember and hard to guess"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_password(self) -> str:
        return _typed(self.cleaned_data["password"], _("Enter a new password"))


class SearchForm(StaffForm):
    """Whom the talk is about."""

    text = forms.CharField(
        label=gettext_lazy("Number, contract, account or name"), required=False, max_length=TYPED_LENGTH_MAX,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_text(self) -> str:
        return _typed(self.cleaned_data["text"].strip(), _("Enter a number, a contract, an account or a name"))


class AnswerForm(StaffForm):
    """What the caller says to one question."""

    said = forms.CharField(
        label=gettext_lazy("What the caller says"), required=False, max_length=rules.ANSWER_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_said(self) -> str:
        return _typed(self.cleaned_data["said"].strip(), _("Type what the caller says"))


class DocumentForm(StaffForm):
    """The document that lies before the agent."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Document"),
        choices=(
            ("passport", gettext_lazy("Passport")),
            ("foreign passport", gettext_lazy("Passport of another country")),
            ("residence permit", gettext_lazy("Residence permit")),
            ("military card", gettext_lazy("Military card")),
        ),
    )
    number = forms.CharField(
        label=gettext_lazy("Series and number"), required=False, max_length=rules.ANSWER_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    birth_date = forms.CharField(
        label=gettext_lazy("Birth date"), help_text=gettext_lazy("For example 31.12.1980"), required=False,
        max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    owner = forms.BooleanField(label=gettext_lazy("The person before me is the one in the document"), required=False)

    def clean_number(self) -> str:
        return _typed(self.cleaned_data["number"].strip(), _("Type the series and number from the document"))

    def clean_birth_date(self) -> object:
        found = rules.birth_date_typed(self.cleaned_data["birth_date"])
        if found is None:
            raise forms.ValidationError(_("Type the birth date as day, month and year, for example 31.12.1980"))
        return found

    def clean_owner(self) -> bool:
        if not self.cleaned_data["owner"]:
            raise forms.ValidationError(_("Only the owner may ask: compare the person with the photo and tick here"))
        return True


class CustomerForm(DocumentForm):
    """Who the customer of a contract is, from the document."""

    contract_number = forms.CharField(
        label=gettext_lazy("Number of the contract"), required=False, max_length=40,
        help_text=gettext_lazy("As it stands on the customer’s copy"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    family_name = forms.CharField(label=gettext_lazy("Family name"), required=False, max_length=100)
    given_name = forms.CharField(label=gettext_lazy("Given name"), required=False, max_length=100)
    patronymic = forms.CharField(label=gettext_lazy("Patronymic, if there is one"), required=False, max_length=100)
    contact_number = forms.CharField(
        label=gettext_lazy("Mobile number for codes"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    field_order = ("contract_number", "kind", "number", "family_name", "given_name", "patronymic", "birth_date",
                   "contact_number", "owner")  # fmt: skip

    def clean_contract_number(self) -> str:
        return _typed(self.cleaned_data["contract_number"].strip(), _("Type the number of the contract"))

    def clean_family_name(self) -> str:
        return _typed(self.cleaned_data["family_name"].strip(), _("Type the family name from the document"))

    def clean_given_name(self) -> str:
        return _typed(self.cleaned_data["given_name"].strip(), _("Type the given name from the document"))

    def clean_contact_number(self) -> str:
        try:
            return Msisdn.parse(self.cleaned_data["contact_number"], settings.NUMBER_REGION).e164
        except InvalidNumber:
            raise forms.ValidationError(_("Enter the whole number: 10 digits after +7")) from None

    def identity(self) -> Identity:
        """Return what was typed, all of it right."""
        given = self.cleaned_data
        return Identity(
            contract_number=given["contract_number"], given_name=given["given_name"], patronymic=given["patronymic"],
            family_name=given["family_name"], birth_date=given["birth_date"], document=given["number"],
            contact_number=given["contact_number"],
        )  # fmt: skip


class DeedForm(StaffForm):
    """One thing to do; `key` tells a form sent twice from two forms."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    imsi = forms.CharField(
        label=gettext_lazy("Number of the new SIM (IMSI)"), required=False, max_length=40,
        help_text=gettext_lazy("15 digits, from the card’s package"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    event = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: Any, needs_imsi: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.needs_imsi = needs_imsi

    def clean_imsi(self) -> str:
        imsi = "".join(self.cleaned_data["imsi"].split())
        if self.needs_imsi and not (len(imsi) == 15 and imsi.isascii() and imsi.isdecimal()):
            raise forms.ValidationError(_("Enter the 15 digits of the new SIM"))
        return imsi

    def clean_event(self) -> int | None:
        typed = self.cleaned_data["event"]
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


class MoneyForm(StaffForm):
    """Money to move: the sum, why, and the charge or payment that it is about; `key` as in `DeedForm`."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    thing = forms.ChoiceField(required=False)
    amount = forms.CharField(
        label=gettext_lazy("Sum, ₽"), required=False, max_length=TYPED_LENGTH_MAX,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    comment = forms.CharField(
        label=gettext_lazy("What happened"), required=False, max_length=corrections_rules.COMMENT_LENGTH_MAX,
        help_text=gettext_lazy("For who decides; the customer is told the reason only"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, kind: Kind, things: list[tuple[str, str]], reasons: list[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.needs_thing = kind is Kind.REFUND
        thing, reason = self.fields["thing"], self.fields["reason"]
        thing.label = _("Which payment") if self.needs_thing else _("Which charge it puts right")
        nothing = _("Choose a payment") if self.needs_thing else _("None")
        for field, choices in ((thing, [("", nothing), *things]), (reason, [("", _("Choose a reason")), *reasons])):
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
            field.error_messages["invalid_choice"] = _("Choose from what this page offers")

    def clean_thing(self) -> str:
        thing: str = self.cleaned_data["thing"]
        if self.needs_thing and not thing:
            raise forms.ValidationError(_("Choose the payment that goes back"))
        return thing

    def clean_amount(self) -> int:
        try:
            return parse_amount(self.cleaned_data["amount"])
        except InvalidAmount:
            raise forms.ValidationError(_("Enter the sum in roubles, for example 120.50")) from None

    def clean_reason(self) -> str:
        return _typed(self.cleaned_data["reason"], _("Choose the reason: the customer is told it"))

    def clean_comment(self) -> str:
        return _typed(self.cleaned_data["comment"].strip(), _("Write what happened: somebody else decides by it"))


class AnswerToDisputeForm(StaffForm):
    """What the customer is told."""

    answer = forms.CharField(
        label=gettext_lazy("Answer to the customer"), required=False,
        max_length=disputes_rules.COMMENT_LENGTH_MAX,
        help_text=gettext_lazy("Explain what the sum is made of and what the customer can do"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip

    def clean_answer(self) -> str:
        return _typed(self.cleaned_data["answer"].strip(), _("Write the answer: the customer reads it in the cabinet"))


class DeclineForm(StaffForm):
    """Why a second person does not agree."""

    reason = forms.CharField(
        label=gettext_lazy("Why not"), required=False, max_length=corrections_rules.COMMENT_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean_reason(self) -> str:
        return _typed(self.cleaned_data["reason"].strip(), _("Write why not: who proposed it goes on from there"))


class OutcomeForm(StaffForm):
    """How the talk ended."""

    outcome = forms.CharField(
        label=gettext_lazy("What it was about and how it ended"), required=False,
        max_length=rules.OUTCOME_LENGTH_MAX,
        help_text=gettext_lazy("Without numbers of documents, passwords or codes"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean_outcome(self) -> str:
        return _typed(self.cleaned_data["outcome"].strip(), _("Write a few words: colleagues will read them"))


class NetworkForm(StaffForm):
    """What the network says about a number."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=(
            ("sim replaced", gettext_lazy("The SIM was replaced")),
            ("forwarding changed", gettext_lazy("Forwarding was changed")),
            ("number released", gettext_lazy("The number was released")),
            ("line terminated", gettext_lazy("The contract was terminated")),
            ("line unused", gettext_lazy("Not used for 183 days")),
            ("line used again", gettext_lazy("In use again")),
        ),
    )
    number = forms.CharField(
        label=gettext_lazy("Phone number"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    value = forms.CharField(
        label=gettext_lazy("New SIM (IMSI), or where calls go"), required=False, max_length=40,
        help_text=gettext_lazy("Empty: forwarding is off"), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_number(self) -> str:
        return _typed(self.cleaned_data["number"].strip(), _("Enter the phone number"))


def new_key() -> UUID:
    """Return the key of a form about to be shown."""
    return uuid4()


def given(request: HttpRequest) -> Any:
    """Return what was sent, None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def _typed(text: str, otherwise: str) -> str:
    if not text:
        raise forms.ValidationError(otherwise)
    return text
