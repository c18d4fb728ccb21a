"""Files in forms: where they are asked for, few and small ones are held; anywhere else they are let go."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

FILE_MAX = 10 * 1024 * 1024
FILES_MAX = 5
# The files, the words around them, and what the form puts between.
FORM_MAX = FILES_MAX * FILE_MAX + 512 * 1024
REFUSED = "abonent.uploads.refused"
_TAKEN_AT = ("/requests/", "/calls/voicemail/greeting/")
# One recording; and what the voicemail platform sends: one of them as text, with words around it.
_SMALLER = {"/calls/voicemail/greeting/": 3 * 1024 * 1024 + 512 * 1024, "/callbacks/voicemail/message": 5 * 1024 * 1024}
# What is larger waits on the disk until somebody who is signed in has it read.
_IN_MEMORY = 256 * 1024


def limit_of(path: str, otherwise: int) -> int:
    """Return how large a request to the address may be."""
    if path in _SMALLER:
        return _SMALLER[path]
    return FORM_MAX if path.startswith(_TAKEN_AT) else otherwise


def refused(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names of files that were let go, each with why: `large` or `many`."""
    return list(request.META.get(REFUSED, ()))


class FewAndSmall(FileUploadHandler):
    """Counts while it takes in: what is over the limit is forgotten at once, and its name is kept to say so."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.taken = 0
        self.held = _empty()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # Nobody who was never let in has anything held here.
        cookies = self.request.COOKIES if self.request is not None else {}
        if self.request is None or not (
            self.request.path.startswith(_TAKEN_AT) and settings.SESSION_COOKIE_NAME in cookies
        ):
            raise SkipFile
        if self.taken == FILES_MAX:
            self._refuse("many")
        self.held = _empty()
        self.taken += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > FILE_MAX:
            self.held = _empty()
            self._refuse("large")
        self.held.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.held.seek(0)
        return InMemoryUploadedFile(
            self.held, self.field_name, self.file_name or "", self.content_type, file_size, self.charset,
            self.content_type_extra,
        )  # fmt: skip

    def _refuse(self, why: str) -> None:
        if self.request is not None:
            self.request.META.setdefault(REFUSED, []).append((self.file_name or "", why))
        raise SkipFile


def _empty() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY)
