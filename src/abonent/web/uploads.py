"""Files in forms: where one is asked for they are held in memory, few and small; anywhere else they are let go."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

FILE_MAX = 10 * 1024 * 1024
FILES_MAX = 5
# The files, the words around them, and what the form puts between.
FORM_MAX = FILES_MAX * FILE_MAX + 512 * 1024
REFUSED = "abonent.uploads.refused"
_TAKEN_AT = "/requests/"


def limit_of(path: str, otherwise: int) -> int:
    """Return how large a request to the address may be."""
    return FORM_MAX if path.startswith(_TAKEN_AT) else otherwise


def too_large(request: HttpRequest) -> list[str]:
    """Return the names of files that were let go because they, or all of them together, were too much."""
    return list(request.META.get(REFUSED, ()))


class FewAndSmall(FileUploadHandler):
    """Counts while it takes in: what is over the limit is forgotten at once, and its name is kept to say so."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.taken = 0
        self.held = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.request is None or not self.request.path.startswith(_TAKEN_AT):
            raise SkipFile
        if self.taken == FILES_MAX:
            self._refuse()
        self.held = BytesIO()
        self.taken += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > FILE_MAX:
            self.held = BytesIO()
            self._refuse()
        self.held.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.held.seek(0)
        return InMemoryUploadedFile(
            self.held, self.field_name, self.file_name or "", self.content_type, file_size, self.charset,
            self.content_type_extra,
        )  # fmt: skip

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.META.setdefault(REFUSED, []).append(self.file_name or "")
        raise SkipFile
