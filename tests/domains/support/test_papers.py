"""The application and the sealed letter: what stands on the paper, and who can read the spool."""

from __future__ import annotations

import stat
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from pypdf import PdfReader

from abonent.demo.phone.printer import PrinterOnScreen
from abonent.demo.phone.printer import papers as printed
from abonent.domains.identity import models as identity
from abonent.domains.identity import temporary
from abonent.domains.lines import queries as served
from abonent.domains.support import actions, deeds, embedded, jobs, papers, queries
from abonent.domains.support.ports import Letter
from abonent.domains.support.rules import Deed, Role
from abonent.foundation.clock import now
from tests.factories import support


def text_of(pdf: bytes) -> str:
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    page = reader.pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    fonts = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
    assert all("Golos" in font for font in fonts), fonts
    return " ".join(page.extract_text().split())


def letter(**given: object) -> Letter:
    return Letter(**({"id": uuid4(), "operator": "Орбита", "number": "+79001234534", "password": "k7mpq2xv9a",
                      "valid_until": now(), "language": "ru"} | given))  # type: ignore[arg-type] # as given  # fmt: skip


@pytest.mark.parametrize("name", ["Ковалёва Мария Сергеевна", "Ковалёва " * 12, "#set page() *x* _y_ $z$ \\ <a>"])
def test_id_11_the_application_is_one_page_with_everything_to_sign(name: str) -> None:
    filled = papers.Application(
        number="48", operator="Орбита", name=name, phone="+7 900 123-45-34", contract="100000001", account="—",
        document="Паспорт", agent="А. Гущин", position="", at=now(), language="ru",
    )  # fmt: skip
    text = text_of(papers.application(filled))
    for part in ("Заявление № 48", "о восстановлении доступа в личный кабинет", "+7 900 123-45-34", "100000001",
                 "Паспорт", "Подпись абонента", "А. Гущин", "Орбита", " ".join(name.split())):  # fmt: skip
        assert part in text.replace("- ", "-"), part


def test_the_letter_says_what_to_do_in_both_languages() -> None:
    assert "k7mpq2xv9a" in text_of(papers.envelope(letter()))
    english = text_of(papers.envelope(letter(language="en", operator="Orbita")))
    assert "One-time password" in english


def test_only_the_printer_can_read_the_spool_and_nothing_is_printed_twice(settings, tmp_path: Path) -> None:
    settings.SEALED_FOLDER = tmp_path / "sealed"
    sealed = letter()
    for _ in range(2):
        embedded.SpoolFolder().print(sealed)
    [paper] = settings.SEALED_FOLDER.iterdir()
    assert stat.S_IMODE(settings.SEALED_FOLDER.stat().st_mode) == 0o700
    assert stat.S_IMODE(paper.stat().st_mode) == 0o600
    assert "k7mpq2xv9a" in text_of(paper.read_bytes())


@pytest.mark.django_db
def test_id_11_the_envelopes_password_opens_the_cabinet_once_and_stands_nowhere_else(settings, tmp_path: Path) -> None:
    settings.SEALED_FOLDER = tmp_path / "sealed"
    settings.SEALED_PRINTER = f"{PrinterOnScreen.__module__}.PrinterOnScreen"
    shop, line = support.agent(Role.SHOP), support.customer()
    case_id = support.visited(shop, line)
    for deed in (Deed.APPLICATION, Deed.FORM_RECEIVED, Deed.ENVELOPE):
        deeds.do(support.order(shop, case_id, deed))
    challenge = identity.Challenge.objects.get(purpose="temporary")
    jobs.print_envelope(str(challenge.pk), line.id, "ru")
    [words] = printed()
    account_id = served.account_of(line.id)
    right = temporary.check(account_id=account_id, typed=words["password"], at=now())
    assert right is not None
    temporary.use(right, account_id=account_id or 0, language="ru", at=now())
    assert temporary.check(account_id=account_id, typed=words["password"], at=now()) is None
    jobs.print_envelope(str(challenge.pk), line.id, "ru")
    assert len(list(settings.SEALED_FOLDER.glob("*.pdf"))) == 1, "a used password is not printed"
    assert words["password"] not in str(list(identity.Challenge.objects.values()))
    assert queries.case(case_id, shop.id).closed_at is None
    actions.close_case(agent=shop, case_id=case_id, outcome="x", origin="", at=now())
