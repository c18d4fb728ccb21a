"""Lines as their pages show them, and what the pages say."""

from __future__ import annotations

import html
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.domains.lines.queries import Line
from tests.factories import catalog, lines
from tests.factories.statement import line

__all__ = ["another", "line", "queries_of", "words"]


def another(of: Line, number: str, tariff: str, service: str = "mobile") -> Line:
    """Open one more line for the person who holds `of`, on the same contract."""
    version_id = catalog.of_the_demo(tariff)
    return lines.line(
        number=number, contract_id=of.contract_id, tariff_version_id=version_id, service=service, is_main=False
    )


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
