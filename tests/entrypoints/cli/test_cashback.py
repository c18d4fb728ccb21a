"""`abonent cashback`: terms from a day on, a partner's key, files (CAB-17)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abonent.domains.billing import models
from abonent.domains.billing.cashback import actions as cashback
from abonent.entrypoints.cli import cashback as command
from tests.factories import cashback as make
from tests.factories import lines

pytestmark = pytest.mark.django_db(transaction=True)
TERMS = (
    "--from",
    "2024-01-01",
    "--purchase-cap",
    "100",
    "--month-cap",
    "150",
    "--hold-days",
    "3",
    "--excluded",
    "табак",
)


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(command.app, list(words))
    return done.exit_code, done.output


def test_cab_17_a_partner_is_published_and_its_files_come_in(tmp_path: Path) -> None:
    line = lines.line()
    assert run("import", make.CODE, str(tmp_path / "none"))[0] == 1
    assert run("key", make.CODE)[0] == 1
    for _ in range(2):
        assert run("publish", make.CODE, "--name", "«Комета»", "--rate", "500", *TERMS)[0] == 0
    other = run("publish", make.CODE, "--name", "«Комета»", "--rate", "501", *TERMS)
    assert (other[0], "never edited" in other[1]) == (1, True)
    assert cashback.terms_of(models.CashbackTerms.objects.get()) == make.TERMS
    assert cashback.partner_key(make.CODE) in run("key", make.CODE)[1]
    path = make.file(tmp_path, [make.row(line), make.row(line, "0", purchase_id="T-2")])
    code, said = run("import", make.CODE, str(path), "--json")
    assert code == 0
    assert "line 3: amount is roubles above zero" in said
    [told] = json.loads(said.splitlines()[-1])
    assert (told["read"], told["new"], len(told["refused"])) == (2, 1, 1)
    path.write_text("nonsense")
    code, said = run("import", make.CODE, str(path))
    assert (code, "nothing of it was taken" in said) == (1, True)
    assert models.CashbackPurchase.objects.count() == 1
