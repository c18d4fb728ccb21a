"""An act of reconciliation as a file: PDF to sign, XLSX to count with. Both have what the page has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

from abonent.domains.billing.acts_rules import Act
from abonent.entrypoints.portal.billing import account_page
from abonent.entrypoints.portal.billing.bills_paper import seller, sheet
from abonent.web import format as formats

_WIDTHS = (13, 30, 44, 14, 14)


def pdf(act: Act, made_at: datetime) -> bytes:
    """Return the act on paper, with places for two signatures."""
    shown = account_page.act_page(act)
    return sheet(
        "act",
        {
            "seller": seller(),
            "title": _("Act of reconciliation"),
            "period": formats.days(act.first, act.last),
            "number": _("Contract %(number)s") % {"number": act.payer.contract_number},
            "payer": _payer(act, made_at),
            "opening": [shown.opening_name, shown.opening],
            "closing": [shown.closing_name, shown.closing],
            "head": _columns(),
            "rows": [[row.day, row.what, row.about, row.debit, row.credit] for row in shown.rows],
            "nothing": _("Nothing moved in these days."),
            "total": [_("Total"), "", "", shown.debit, shown.credit],
            "sides": [seller()[0], act.payer.name],
            "sign": _("Signature, date"),
        },
    )


def xlsx(act: Act, made_at: datetime) -> bytes:
    """Return the act as a spreadsheet: days and sums are numbers, all words plain text."""
    # Slow to load: no page has to wait for it.
    import xlsxwriter

    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet_of = book.add_worksheet(_("Act")[:31])
    looks = _Looks(
        bold=book.add_format({"bold": True}),
        day=book.add_format({"num_format": "dd.mm.yyyy"}),
        money=book.add_format({"num_format": "#,##0.00"}),
    )
    for column, width in enumerate(_WIDTHS):
        sheet_of.set_column(column, column, width)
    shown = account_page.act_page(act)
    sheet_of.write_string(0, 0, shown.title, looks.bold)
    line = 1
    for name, value in _payer(act, made_at):
        sheet_of.write_string(line, 0, name)
        sheet_of.write_string(line, 2, value)
        line += 1
    line = _sums(sheet_of, line + 1, shown.opening_name, (act.opening_minor,), looks)
    for column, name in enumerate(_columns()):
        sheet_of.write_string(line, column, name, looks.bold)
    line = _movements(sheet_of, line + 1, act, looks)
    line = _sums(sheet_of, line, _("Total"), (act.debit_minor, act.credit_minor), looks)
    _sums(sheet_of, line, shown.closing_name, (act.closing_minor,), looks)
    book.close()
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Looks:
    bold: Any
    day: Any
    money: Any


def _movements(sheet_of: Any, line: int, act: Act, looks: _Looks) -> int:
    for movement in act.movements:
        sheet_of.write_datetime(line, 0, datetime.combine(movement.day, time.min), looks.day)
        sheet_of.write_string(line, 1, account_page.what(movement))
        sheet_of.write_string(line, 2, account_page.about(movement))
        column, minor = (4, movement.credit_minor) if movement.is_payment else (3, movement.debit_minor)
        sheet_of.write_number(line, column, minor / 100, looks.money)
        line += 1
    return line


def _sums(sheet_of: Any, line: int, name: str, sums: Sequence[int], looks: _Looks) -> int:
    """Write a line of sums, the last of them in the last column, and return the line after it."""
    sheet_of.write_string(line, 0, name, looks.bold)
    for column, minor in zip(range(len(_WIDTHS) - len(sums), len(_WIDTHS)), sums, strict=True):
        sheet_of.write_number(line, column, minor / 100, looks.money)
    return line + 1


def _columns() -> list[str]:
    return [_("Day"), _("What"), _("Document"), _("Charged"), _("Paid in")]


def _payer(act: Act, made_at: datetime) -> list[tuple[str, str]]:
    found = [(_("Subscriber"), act.payer.name), (_("Contract"), act.payer.contract_number)]
    if act.payer.account_number:
        found.append((_("Account number"), act.payer.account_number))
    return [*found, (_("Made on"), formats.moment(made_at))]


WRITERS: Mapping[str, tuple[str, Callable[[Act, datetime], bytes]]] = {
    "pdf": ("application/pdf", pdf),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
}
