"""Lines with money behind them, and what their pages say."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.demo import catalogue
from abonent.domains.billing.actions import open_accounts
from abonent.domains.catalog import actions as catalog
from abonent.domains.lines import queries as lines
from abonent.domains.lines.actions import NewLine, open_lines
from abonent.foundation import clock
from tests.factories import statement


def line(number: str = "+79000000001") -> lines.Line:
    """Open a main mobile line on «Свободный» with an account in the ledger."""
    opened = statement.line(number)
    with connection.cursor() as cursor:
        cursor.execute("delete from billing_account where contract_id = %s", [opened.contract_id])
    open_accounts(contract_ids=[opened.contract_id])
    return opened


def another(of: lines.Line, number: str, tariff: str, service: str = "mobile") -> lines.Line:
    """Open one more line for the person who holds `of`, on the same contract."""
    version = next(version for version in catalogue.tariffs() if version.tariff_code == tariff)
    opened = clock.now() - timedelta(days=100)
    open_lines([NewLine(of.contract_id, service, number, catalog.publish(version), 5, opened, False)])
    found = lines.served_by_number(number)
    assert found
    return found


def words(client: Client, address: str = "/home/") -> str:
    """Return what the page says, without tags, with plain blanks."""
    response = client.get(address)
    assert response.status_code == 200
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


def queries_of(client: Client, address: str = "/home/") -> int:
    """Return how many queries the page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
