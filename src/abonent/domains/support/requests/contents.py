"""What a file holds, told by its bytes and never by its name; pictures are painted anew. Knows no database, no clock.

What is not plainly one of four kinds is refused with the reason, for a file is opened by our staff.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

from PIL import Image, ImageOps

SIZE_MAX = 10 * 1024 * 1024
FILES_MAX = 5
NAME_LENGTH_MAX = 100
PIXELS_MAX = 40_000_000
SIDE_MAX = 12_000
# A screen, and enough to read the small print of a photographed paper.
SIDE_KEPT = 3_000
UNPACKED_MAX = 64 * 1024 * 1024
TAIL = 66_000


class Kind(StrEnum):
    """The kinds that are taken."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    TEXT = "text/plain"


class Fault(StrEnum):
    """Why a file is refused."""

    EMPTY = "empty"
    LARGE = "large"
    KIND = "kind"
    LIES = "lies"
    BROKEN = "broken"
    BOMB = "bomb"
    ACTIVE = "active"
    LOCKED = "locked"
    TWO_IN_ONE = "two in one"
    MANY = "many"


class BadFile(ValueError):
    """The file is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it is kept."""

    name: str
    kind: Kind
    content: bytes


_ENDINGS = {
    ".jpg": Kind.JPEG, ".jpeg": Kind.JPEG, ".jpe": Kind.JPEG, ".jfif": Kind.JPEG, ".png": Kind.PNG,
    ".pdf": Kind.PDF, ".txt": Kind.TEXT, ".log": Kind.TEXT, "": None,
}  # fmt: skip
_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG"}
_ZIP_END = b"PK\x05\x06"
_MARKUP = re.compile(r"<\s*(?:[!?]|svg|html|script|body|head|iframe|img|math|object|embed|xml|style|meta|link)", re.I)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def check(name: str, content: bytes) -> Checked:
    """Return the file as it is kept; raise `BadFile`."""
    if not content:
        raise BadFile(Fault.EMPTY)
    if len(content) > SIZE_MAX:
        raise BadFile(Fault.LARGE)
    kind = _kind(content)
    ending = PurePath(name.replace("\\", "/")).suffix.lower()
    if ending not in _ENDINGS or _ENDINGS[ending] not in (None, kind):
        raise BadFile(Fault.LIES)
    if kind in _FORMATS:
        content = _painted_anew(content, kind)
    elif kind is Kind.PDF:
        _check_pdf(content)
    return Checked(shown_name(name), kind, content)


def shown_name(name: str) -> str:
    """Return a name that can be shown and saved anywhere: no folders, nothing unseen, not too long."""
    base = PurePath(name.replace("\\", "/")).name
    kept = re.sub(r"[^\w.,()\[\] +=@№-]|[\u202a-\u202e\u2066-\u2069]", "_", base).strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:NAME_LENGTH_MAX]
    return f"{stem[: NAME_LENGTH_MAX - len(ending) - 1]}.{ending}"[-NAME_LENGTH_MAX:]


def _kind(content: bytes) -> Kind:
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if re.match(rb"%PDF-[12]\.\d", content):
        return Kind.PDF
    return _text(content)


def _text(content: bytes) -> Kind:
    """Return the kind of text; raise `BadFile` for what is none, or what a browser could take for a page."""
    try:
        said = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(Fault.KIND) from None
    if _UNSEEN.search(said) or _MARKUP.search(said) or b"%PDF-" in content:
        raise BadFile(Fault.KIND)
    return Kind.TEXT


def _painted_anew(content: bytes, kind: Kind) -> bytes:
    """Return the picture and nothing else: no place, no camera, no comments, nothing behind its end."""
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as found:
            # Known before a single pixel is unpacked.
            if found.width * found.height > PIXELS_MAX or max(found.size) > SIDE_MAX:
                raise BadFile(Fault.BOMB)
            # Made small while it is unpacked, before anything is copied.
            found.thumbnail((SIDE_KEPT, SIDE_KEPT))
            found.load()
            turned = ImageOps.exif_transpose(found)
    except BadFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise BadFile(Fault.BOMB) from None
    except Exception:  # noqa: BLE001 - a damaged picture fails in the library in more ways than it names
        raise BadFile(Fault.BROKEN) from None
    see_through = kind is Kind.PNG and (turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info)
    plain = turned.convert("RGBA" if see_through else "RGB")
    painted = Image.new(plain.mode, plain.size)
    painted.paste(plain)
    out = BytesIO()
    if kind is Kind.JPEG:
        painted.save(out, "JPEG", quality=88)
    else:
        painted.save(out, "PNG")
    return out.getvalue()


# --- Papers ---

_STREAM = re.compile(rb">>[\s]{0,8}stream\r?\n")
# A dictionary before a stream is not longer; what is further back belongs to something else.
_BEFORE = 4096
# Long enough not to stand in a photo by chance.
_RUNS = rb"JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|Rendition"
_ACTIVE = re.compile(rb"/(?:" + _RUNS + rb"|JS|XFA|GoToE|Movie)(?![A-Za-z0-9])")
_ACTIVE_ANYWHERE = re.compile(rb"/(?:" + _RUNS + rb")(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def _check_pdf(content: bytes) -> None:
    """Raise `BadFile` for a paper that is damaged, locked, another file as well, or does something when opened."""
    if _ZIP_END in content[-TAIL:]:
        raise BadFile(Fault.TWO_IN_ONE)
    if not content.rstrip(b"\r\n\t \x00").endswith(b"%%EOF"):
        raise BadFile(Fault.TWO_IN_ONE if b"%%EOF" in content else Fault.BROKEN)
    place = re.search(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z", content[-2048:].rstrip(b"\x00"))
    if place is None or not re.match(rb"\s*(?:xref|\d+\s+\d+\s+obj)", content[int(place[1]) : int(place[1]) + 40]):
        raise BadFile(Fault.BROKEN)
    for said in _said(content):
        if _ENCRYPTED.search(said):
            raise BadFile(Fault.LOCKED)
        if _ACTIVE.search(said):
            raise BadFile(Fault.ACTIVE)


def _said(content: bytes) -> Iterator[bytes]:
    """Yield what says something in a paper, names spelled out: all but its streams, and those that hold objects."""
    at, left = 0, UNPACKED_MAX
    while (found := _STREAM.search(content, at)) is not None:
        yield _spelled_out(content[at : found.start()])
        ends = content.find(b"endstream", found.end())
        if ends < 0:
            raise BadFile(Fault.BROKEN)
        about = _spelled_out(content[max(at, found.start() - _BEFORE) : found.start()]).rpartition(b" obj")[2]
        packed, holds_objects = content[found.end() : ends], b"/ObjStm" in about
        if b"/FlateDecode" in about and b"/ASCII" not in about:
            unpacked, left = _unpacked(packed, left)
            if holds_objects:
                yield _spelled_out(unpacked)
        elif holds_objects:
            # Packed in a way that nobody uses, but to hide something.
            raise BadFile(Fault.BROKEN)
        elif _ACTIVE_ANYWHERE.search(packed):
            # What looks like a stream to us may look like objects to another reader.
            raise BadFile(Fault.ACTIVE)
        at = ends
    yield _spelled_out(content[at:])


def _spelled_out(part: bytes) -> bytes:
    """Return it with `/J#53` written as `/JS`."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), part)


def _unpacked(packed: bytes, left: int) -> tuple[bytes, int]:
    """Return the stream unpacked, and how much more may be; raise `BadFile` for one that is damaged or never ends."""
    out, unpacking, rest = bytearray(), zlib.decompressobj(), packed
    try:
        while rest and not unpacking.eof:
            out += unpacking.decompress(rest, 1024 * 1024)
            rest = unpacking.unconsumed_tail
            if len(out) > left:
                raise BadFile(Fault.BOMB)
    except zlib.error:
        raise BadFile(Fault.BROKEN) from None
    if not unpacking.eof or unpacking.unused_data.strip():
        raise BadFile(Fault.BROKEN)
    return bytes(out), left - len(out)
