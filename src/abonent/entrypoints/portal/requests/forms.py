"""What a customer types, and the files that come with it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.lines.queries import Line
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import rules as requests_rules
from abonent.domains.support.requests.contents import BadFile, Fault
from abonent.domains.support.requests.files import Sent
from abonent.domains.support.requests.rules import SUBJECT_LENGTH_MAX, TEXT_LENGTH_MAX, Channel, Unclear
from abonent.entrypoints.portal.requests import words
from abonent.foundation.clock import now
from abonent.web import format as formats
from abonent.web import uploads

NO_LINE = "none"


class WordForm(forms.Form):
    """A text with the form's own id: sent twice it is one."""

    use_required_attribute = False
    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(label=gettext_lazy("Your message"), required=False, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, data: QueryDict | None, *, label: str = "", hint: str = "") -> None:
        given = None if data is None else {name: _typed(data.get(name) or "") for name in data}
        if given is not None and not _is_key(given.get("key", "")):
            given["key"] = str(uuid4())
        super().__init__(given, initial={"key": uuid4()})
        if label:
            self.fields["text"].label = label
        self.fields["text"].help_text = hint

    @property
    def id(self) -> UUID:
        """Return the form's own id."""
        return UUID(str(self["key"].value()))

    def clean_text(self) -> str:
        try:
            return requests_rules.text(self.cleaned_data["text"])
        except Unclear as unclear:
            raise forms.ValidationError(words.unclear(unclear)) from None


class RequestForm(WordForm):
    """A new request."""

    subject = forms.CharField(label=gettext_lazy("In a few words"), required=False)
    line = forms.ChoiceField(label=gettext_lazy("Which number it is about"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("How we tell you that there is an answer"), required=False)
    field_order = ("key", "subject", "text", "line", "channel")

    def __init__(
        self, data: QueryDict | None, *, lines: list[Line], line: Line, channels: list[Channel], hint: str,
        written: tuple[str, str] = ("", ""),
    ) -> None:  # fmt: skip
        super().__init__(data, label=_("What happened"), hint=hint)
        self.fields["subject"].initial, self.fields["text"].initial = written
        about, tell = self.fields["line"], self.fields["channel"]
        if isinstance(about, forms.ChoiceField) and isinstance(tell, forms.ChoiceField):
            about.choices = [(str(one.id), formats.phone(one.number)) for one in lines] + [(NO_LINE, _("None of them"))]
            tell.choices = [(one.value, words.channel(one)) for one in channels]
        about.initial, tell.initial = str(line.id), channels[0].value
        for field in (about, tell):
            field.error_messages["invalid_choice"] = _("Choose from what this page offers")

    def clean_subject(self) -> str:
        try:
            return requests_rules.subject(self.cleaned_data["subject"])
        except Unclear as unclear:
            raise forms.ValidationError(words.unclear(unclear)) from None

    def clean_line(self) -> int | None:
        chosen = self.cleaned_data["line"]
        return None if chosen in ("", NO_LINE) else int(chosen)

    def clean_channel(self) -> Channel:
        return Channel(self.cleaned_data["channel"] or Channel.CABINET)


def take_files(request: HttpRequest, account_id: int, key: UUID) -> list[str]:
    """Keep the files that came with the form, let go those that were ticked; return what is wrong with the others."""
    for ticked in request.POST.getlist("remove"):
        if _is_key(ticked):
            requests_files.let_go(account_id=account_id, key=key, file_id=UUID(ticked))
    problems = [(name, Fault(why)) for name, why in uploads.refused(request)]
    for sent in request.FILES.getlist("files"):
        name = sent.name or ""
        try:
            requests_files.receive(account_id=account_id, key=key, sent=Sent(name, sent.read()), at=now())
        except BadFile as bad:
            problems.append((name, bad.fault))
    return [f"{_name(name)}: {words.fault(fault)}" for name, fault in problems]


def _name(name: str) -> str:
    shown = "".join(c for c in name if c.isprintable())[:60]
    return f"«{shown}»" if shown else _("A file")


def _typed(text: str) -> str:
    kept = text[: max(TEXT_LENGTH_MAX, SUBJECT_LENGTH_MAX) * 2]
    return "".join(c for c in kept if c.isprintable() or c in "\n\r\t")


def _is_key(typed: str) -> bool:
    try:
        return str(UUID(typed)) == typed.lower()
    except ValueError:
        return False
