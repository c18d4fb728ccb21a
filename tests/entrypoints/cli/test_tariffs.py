"""`abonent tariffs`, as an operator runs it: CAB-2."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from abonent.demo import catalogue
from abonent.foundation.clock import now
from abonent.foundation.embedded_postgres import EmbeddedPostgres
from tests.entrypoints.cli.test_commands import abonent

VAR = Path(os.environ["ABONENT_VAR"]) / f"tariffs-command-{os.getpid()}"
WHY = ("--why", "ru=Сеть стала дороже", "--why", "en=The network costs more")
DAY = f"{(now() + timedelta(days=15)).date()}"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return abonent("tariffs", *arguments, ABONENT_VAR=str(VAR))


@pytest.fixture(scope="module", autouse=True)
def _one_tariff():
    """Keep the embedded database up between the commands, with one tariff in it."""
    server = EmbeddedPostgres(VAR / "postgres", durable=False)
    with server.in_use():
        assert run("show").stdout == ""
        sold = catalogue.tariffs()[0]
        with psycopg.connect(server.url()) as database:
            database.execute(
                "insert into catalog_tariff values (%s, %s, %s, %s, %s)",
                [sold.tariff_code, sold.service, sold.category, sold.names["ru"], sold.names["en"]],
            )
            database.execute(
                "insert into catalog_tariffversion (tariff_id, valid_from, fee_minor, terms) values (%s, %s, %s, %s)",
                [sold.tariff_code, sold.valid_from, sold.fee_minor, json.dumps(sold.terms.to_json())],
            )
        yield
    subprocess.run(["rm", "-rf", VAR], check=True)


def test_cab_2_terms_are_shown_changed_in_advance_and_else_refused_in_a_line(tmp_path: Path) -> None:
    document = json.loads(run("show", "svobodny").stdout)
    assert document["fee_minor"] == 650_00
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(document | {"fee_minor": 700_00}))
    soon = f"{(now() + timedelta(days=3)).date()}"
    refused = run("change", "svobodny", str(file), "--from", soon, *WHY)
    assert refused.returncode == 1
    assert "told in advance" in refused.stderr
    done = run("change", "svobodny", str(file), "--from", DAY, *WHY)
    assert done.returncode == 0, done.stderr
    file.write_text('{"fee_minor": "700", "terms": {}}')
    broken = run("change", "svobodny", str(file), "--from", DAY, *WHY)
    assert broken.returncode == 1
    assert "fee_minor is a whole number" in broken.stderr
    assert "Traceback" not in broken.stderr
