"""Files that are sent to us (CAB-18): told by their bytes, painted anew, refused with the reason."""

from __future__ import annotations

import re
import struct
import zlib
from io import BytesIO
from time import monotonic
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from reportlab.pdfgen.canvas import Canvas

from abonent.domains.support.requests.contents import SIDE_KEPT, SIZE_MAX, BadFile, Fault, Kind, check, shown_name


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (180, 40, 40)).save(out, kind, **more)
    return out.getvalue()


def paper() -> bytes:
    out = BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, "Receipt")
    canvas.save()
    return out.getvalue()


def assembled(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a paper of these objects, with its table right."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, table)
    return bytes(out)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [] /Count 0 >>"


def stream(content: bytes, about: bytes = b"/Filter /FlateDecode", *, packed: bool = True) -> bytes:
    body = zlib.compress(content, 9) if packed else content
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (about, len(body), body)


def zipped() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as file:
        file.writestr("a.html", "<script>1</script>")
    return out.getvalue()


def huge_png() -> bytes:
    """Return a picture of a few bytes that says it is 50,000 by 50,000 points."""
    small = picture("PNG")
    head = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", picture(), Kind.JPEG), ("А.JPEG", picture(), Kind.JPEG), ("b.png", picture("PNG"), Kind.PNG),
        ("c.pdf", paper(), Kind.PDF), ("d.pdf", assembled(CATALOG, PAGES), Kind.PDF),
        ("e.txt", "Адрес: Ленина, 12 < вход со двора".encode(), Kind.TEXT), ("f.log", b"10:00 no signal\n", Kind.TEXT),
        ("no ending", picture(), Kind.JPEG), ("bom.txt", b"\xef\xbb\xbfhello", Kind.TEXT),
    ],
    ids=["jpg", "jpeg", "png", "pdf", "pdf by hand", "txt", "log", "no ending", "bom"],
)  # fmt: skip
def test_cab_18_it_takes_pictures_papers_and_text(name: str, content: bytes, kind: Kind) -> None:
    checked = check(name, content)
    assert checked.kind is kind
    # What it gives can be taken once more.
    assert check(name, checked.content).kind is kind


def test_cab_18_a_picture_keeps_neither_place_nor_camera_nor_what_hangs_behind_it() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (55.0, 45.0, 0.0)
    sent = picture(exif=exif, comment=b"secret comment") + zipped()
    kept = check("photo.jpg", sent).content
    for trace in (b"Camera of somebody", b"Exif", b"secret comment", b"PK\x05\x06", b"<script>"):
        assert trace not in kept, trace
    with Image.open(BytesIO(kept)) as seen:
        # It was turned as the camera held it.
        assert seen.size == (48, 64)
        assert not seen.getexif()
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "somebody")
    assert b"somebody" not in check("a.png", picture("PNG", pnginfo=info)).content
    with Image.open(BytesIO(check("big.png", picture("PNG", (4000, 1000))).content)) as seen:
        assert seen.size == (SIDE_KEPT, SIDE_KEPT // 4)


HOSTILE = (
    ("empty", "a.txt", b"", Fault.EMPTY),
    ("too large", "a.txt", b"a" * (SIZE_MAX + 1), Fault.LARGE),
    ("a program", "a.exe", b"MZ\x90\x00" + bytes(100), Fault.KIND),
    ("a program with the name of a picture", "a.png", b"\x7fELF" + bytes(100), Fault.KIND),
    ("a page", "a.txt", b"<!DOCTYPE html><script>alert(1)</script>", Fault.KIND),
    ("a page that begins late", "a.txt", b"hello\n" * 500 + b"< ScRiPt>alert(1)</script>", Fault.KIND),
    ("a drawing with a script", "a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', Fault.KIND),
    ("a drawing that says it is text", "a.txt", b'<?xml version="1.0"?><svg/>', Fault.KIND),
    ("text in another coding", "a.txt", "привет".encode("utf-16"), Fault.KIND),
    ("text that turns its direction", "a.txt", "счёт \u202etxt.exe".encode(), Fault.KIND),
    ("text with zeros", "a.txt", b"abc\x00def", Fault.KIND),
    ("an archive", "a.zip", zipped(), Fault.KIND),
    ("a moving picture", "a.gif", b"GIF89a" + bytes(50), Fault.KIND),
    ("a picture named as a paper", "a.pdf", picture(), Fault.LIES),
    ("a paper named as a picture", "a.jpg", paper(), Fault.LIES),
    ("a picture named as a page", "a.html", picture("PNG"), Fault.LIES),
    ("a picture with two endings", "a.png.exe", picture("PNG"), Fault.LIES),
    ("half a picture", "a.jpg", picture(size=(400, 400))[:900], Fault.BROKEN),
    ("the head of a picture", "a.png", b"\x89PNG\r\n\x1a\n", Fault.BROKEN),
    ("a head with something else behind", "a.jpg", b"\xff\xd8\xff" + b"<script>alert(1)</script>" * 9, Fault.BROKEN),
    ("a picture that unpacks to gigabytes", "a.png", huge_png(), Fault.BOMB),
    ("a picture that is too long", "a.png", picture("PNG", (12_001, 1)), Fault.BOMB),
    ("a paper with an archive behind", "a.pdf", paper() + zipped(), Fault.TWO_IN_ONE),
    ("a paper with a page behind", "a.pdf", paper() + b"<script>alert(1)</script>", Fault.TWO_IN_ONE),
    ("a paper behind something", "a.pdf", b"\n\n" + paper(), Fault.KIND),
    ("half a paper", "a.pdf", paper()[:300], Fault.BROKEN),
    ("a paper whose table is elsewhere", "a.pdf", re.sub(rb"startxref\s+\d+", b"startxref\n7", paper()), Fault.BROKEN),
    ("a paper with a program", "a.pdf",
     assembled(CATALOG, PAGES, b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"), Fault.ACTIVE),
    ("a paper whose program is spelled otherwise", "a.pdf",
     assembled(CATALOG, PAGES, b"<< /S /J#61vaScript /#4aS (1) >>"), Fault.ACTIVE),
    ("a paper that starts something", "a.pdf",
     assembled(CATALOG, PAGES, b"<< /S /Launch /F (cmd.exe) >>"), Fault.ACTIVE),
    ("a paper with a file in it", "a.pdf",
     assembled(CATALOG, PAGES, b"<< /Type /Filespec /EF << >> /EmbeddedFiles 1 >>"),
     Fault.ACTIVE),
    ("a paper whose program is packed", "a.pdf",
     assembled(CATALOG, PAGES, stream(b"4 0 << /S /JavaScript /JS (1) >>", b"/Type /ObjStm /N 1 /Filter /FlateDecode")),
     Fault.ACTIVE),
    ("a paper whose program looks like a stream", "a.pdf",
     assembled(CATALOG, PAGES, stream(b"<< /S /JavaScript >>", b"", packed=False)), Fault.ACTIVE),
    ("a paper whose program stands behind a stream's end", "a.pdf",
     assembled(CATALOG, b"<< /Filter /FlateDecode >>\nstream\n" + zlib.compress(b"x") + b"<< /JS (1) >>endstream"),
     Fault.BROKEN),
    ("a paper with objects packed in an odd way", "a.pdf",
     assembled(CATALOG, PAGES, stream(b"4 0 << >>", b"/Type /ObjStm /Filter /LZWDecode", packed=False)), Fault.BROKEN),
    ("a paper that unpacks to gigabytes", "a.pdf", assembled(CATALOG, PAGES, stream(bytes(80_000_000))), Fault.BOMB),
    ("a paper under a password", "a.pdf", assembled(CATALOG, PAGES, trailer=b"/Encrypt 9 0 R"), Fault.LOCKED),
)  # fmt: skip


@pytest.mark.parametrize(("name", "content", "fault"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_cab_18_a_hostile_file_is_refused_with_its_reason(name: str, content: bytes, fault: Fault) -> None:
    began = monotonic()
    with pytest.raises(BadFile) as bad:
        check(name, content)
    assert bad.value.fault is fault
    assert monotonic() - began < 10


@given(st.sampled_from([picture(), picture("PNG"), paper(), b"plain text"]), st.data())
def test_cab_18_a_damaged_file_is_taken_or_refused_and_breaks_nothing(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    damaged = content[:place] + data.draw(st.binary(max_size=40)) + content[place + data.draw(st.integers(0, 9)) :]
    try:
        checked = check("x", damaged)
    except BadFile:
        return
    assert checked.kind in set(Kind)


@given(st.text(max_size=300))
def test_cab_18_any_name_becomes_one_that_can_be_saved(name: str) -> None:
    shown = shown_name(name)
    assert 1 <= len(shown) <= 100
    assert not re.search(r'[\x00-\x1f/\\"<>|:*?;\u202a-\u202e]', shown)
    assert shown not in (".", "..")


def test_cab_18_many_open_brackets_take_no_time() -> None:
    for body in (b"<<" * 2_000_000, b">>" * 2_000_000, b">> stream\n" * 400_000, b"#" * 4_000_000):
        began = monotonic()
        with pytest.raises(BadFile):
            check("a.pdf", b"%PDF-1.4 " + body + b"startxref\n0\n%%EOF")
        assert monotonic() - began < 10
