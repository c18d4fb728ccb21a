"""PDF, XLSX and CSV hold what the page shows: the same entries, the same totals."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import unquote

import openpyxl
import pypdf
import pytest
import time_machine
from django.test import Client
from django.utils import translation

from abonent.domains.billing.statement import reading as billing
from abonent.domains.billing.statement.rules import Entry, Filters, Totals
from abonent.web import format as formats
from tests.factories import identity
from tests.factories import statement as make
from tests.factories.statement import MOSCOW, NOW, TODAY, Used

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Anna = tuple[Client, make.lines.Line]


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), translation.override("ru"):
        yield


@pytest.fixture
def anna() -> Anna:
    line = make.line()
    return identity.browser(line), line


def download(client: Client, extension: str, query: str = "") -> bytes:
    response = client.get(f"/statement/statement.{extension}{query}")
    assert response.status_code == 200
    return b"".join(response)


def entries_of(line: make.lines.Line, **typed: str) -> tuple[list[Entry], Totals]:
    filters = Filters.parse({name: [value] for name, value in typed.items()}, TODAY)
    with billing.whole(line=line, filters=filters, zone=MOSCOW) as found:
        totals = found.totals
        return list(found.entries), totals


def plain(text: str) -> str:
    return text.replace(formats.NBSP, " ")


def local(entry: Entry) -> datetime:
    return entry.at.astimezone(MOSCOW).replace(tzinfo=None)


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize(
    ("query", "typed"), [("", {}), ("?type=calls", {"type": "calls"}), ("?search=79", {"search": "79"})]
)
def test_cab_4_all_files_hold_the_entries_and_totals_of_the_page(anna: Anna, query: str, typed: dict[str, str]) -> None:
    client, line = anna
    make.life(line, 250)
    entries, totals = entries_of(line, **typed)
    assert entries

    _, *rows = csv_rows(download(client, "csv", query))
    assert [(row[0], int(row[3]), round(float(row[7].replace(",", ".")) * 100)) for row in rows] == [
        (f"{local(e):%Y-%m-%d %H:%M:%S}", e.quantity, e.amount_minor) for e in entries
    ]

    sheet = openpyxl.load_workbook(io.BytesIO(download(client, "xlsx", query))).active
    assert sheet is not None
    cells = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    begin = next(n for n, row in enumerate(cells) if row[0] == "Дата и время") + 1
    assert [round(float(str(row[7])) * 100) for row in cells[begin:]] == [e.amount_minor for e in entries]
    assert [row[0].replace(microsecond=0) for row in cells[begin:] if isinstance(row[0], datetime)] == [
        (local(e) + timedelta(microseconds=500)).replace(microsecond=0) for e in entries
    ]
    facts = {str(row[0]): str(row[1]) for row in cells[:begin]}
    assert facts["Записей"] == formats.number(totals.count)
    assert facts["Списано"] == formats.money(totals.charged_minor)

    pdf = pypdf.PdfReader(io.BytesIO(download(client, "pdf", query)))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    lines = text.splitlines()
    assert [line[:19] for line in lines if line[2:3] == "." and line[13:14] == ":" and line[16:17] == ":"] == [
        f"{local(e):%d.%m.%Y %H:%M:%S}" for e in entries
    ]
    assert plain(formats.money(totals.charged_minor)) in plain(text)
    assert plain(formats.money(totals.paid_minor)) in plain(text)
    assert f"Страница {len(pdf.pages)} из {len(pdf.pages)}" in pdf.pages[-1].extract_text()
    page = client.get(f"/statement/{query}").content.decode()
    assert formats.money(totals.charged_minor) in page


@pytest.mark.parametrize("count", [0, 1, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 90, 91, 92])
def test_cab_4_the_pdf_knows_its_number_of_pages(anna: Anna, count: int) -> None:
    client, line = anna
    make.use(line, [Used(NOW - timedelta(hours=n + 1)) for n in range(count)])
    pdf = pypdf.PdfReader(io.BytesIO(download(client, "pdf")))
    for number, page in enumerate(pdf.pages, 1):
        assert f"Страница {number} из {len(pdf.pages)}" in page.extract_text()


def test_sec_no_cell_is_a_formula(anna: Anna) -> None:
    client, line = anna
    evil = ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\tx", "+79001234567", "+380 44"]
    make.use(line, [Used(NOW - DAY, peer=peer, record_id=f"{n}") for n, peer in enumerate(evil)])
    _, *rows = csv_rows(download(client, "csv"))
    assert [row[2] for row in rows] == [
        "'=cmd|' /C calc'!A0", "'+1+cmd", "'-2+3", "'@SUM(A1)", "'\tx", "+7 900 123-45-67", "+380 44",
    ]  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(download(client, "xlsx"))).active
    assert sheet is not None
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_cab_4_files_have_a_name_that_says_what_they_are(anna: Anna) -> None:
    client, line = anna
    make.use(line, [Used(NOW - DAY)])
    for extension in ("pdf", "xlsx", "csv"):
        response = client.get(f"/statement/statement.{extension}?from=2026-11-01")
        disposition = unquote(response["Content-Disposition"])
        assert disposition.startswith("attachment; filename*=utf-8''")
        assert disposition.endswith(f"Детализация 79000000001 2026-11-01 2026-11-22.{extension}")
        assert response["Cache-Control"] == "private, no-store"
        b"".join(response)


def test_bad_input_an_unclear_filter_leads_to_the_page_that_says_so(anna: Anna) -> None:
    client, _ = anna
    response = client.get("/statement/statement.pdf?from=31.02&search=900")
    assert (response.status_code, response["Location"]) == (302, "/statement/?from=31.02&search=900")


def test_cab_4_names_in_every_alphabet_and_marks_get_into_every_file(anna: Anna) -> None:
    client, line = anna
    peers = ["田中さん", "👾🙇", "‮test", "Ωmega", "\\(x)", "a" * 40, "Ш" * 40]
    peers += ["a;b", 'say "a"', "two\nlines", "cr\rlf", "\\.", "null"]
    make.use(line, [Used(NOW - DAY, make.CONTENT, peer=peer, record_id=f"{n:02}") for n, peer in enumerate(peers)])
    for extension in ("pdf", "xlsx", "csv"):
        assert download(client, extension)
    assert [row[2] for row in csv_rows(download(client, "csv"))[1:]] == peers
