"""Loading the operator: whole, once, and the same after being killed anywhere."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from abonent.demo import load as demo
from abonent.demo.catalogue import geography, tariffs
from abonent.demo.people import number_of
from abonent.domains.billing import queries as billing
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Offer, Refusal, Why
from abonent.domains.catalog import queries as catalog
from abonent.domains.customers import queries as customers
from abonent.domains.lines.queries import Line, find, served_by_number
from tests import migrated
from tests.demo.worlds import NOW, usage, world, written

KILLED = {"subscribers": 120, "days": 120, "seed": 5}
FACTS = """
    select 'balance ' || contract.number, ledger.balance_minor::text
      from customers_contract contract join billing_account account on account.contract_id = contract.id
      join ledger_account ledger on ledger.id = account.ledger_account_id
    union all select 'left ' || line.number || bucket || period_start, used::text
      from billing_bucket join lines_line line on line.id = line_id
    union all select 'records', count(*) || '/' || coalesce(sum(bytes), 0) from usage_record
    union all select 'charges', count(*) || '/' || coalesce(sum(amount_minor), 0) from billing_charge
    union all select 'payments', count(*) || '/' || coalesce(sum(amount_minor), 0) from billing_payment
    union all select 'people', count(*)::text from customers_party
    union all select 'waiting', count(*)::text from billing_rerating
"""
PROGRAM = """
import json, sys
from datetime import datetime
from pathlib import Path
from abonent.entrypoints.cli import runtime
with runtime.database() as settings:
    from django.db import connection
    from abonent.demo import load
    given = json.loads(sys.argv[1])
    load.load(now=datetime.fromisoformat(sys.argv[2]), folder=settings.var / "files",
              progress=lambda *step: print(json.dumps(step), flush=True), **given)
    with connection.cursor() as cursor:
        cursor.execute(sys.argv[3])
        print(json.dumps(cursor.fetchall()), flush=True)
"""


def load(folder: Path, **changed: int) -> demo.Loaded:
    wanted = {"subscribers": 10, "days": 40, "seed": 1} | changed
    return demo.load(now=NOW, folder=folder, progress=lambda *step: None, **wanted)


def facts() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
        return dict(cursor.fetchall())


def line_of(place: int) -> Line:
    line = served_by_number(number_of(place))
    assert line
    return line


@pytest.mark.django_db
@pytest.mark.parametrize("subscribers", [10, 300])
def test_ops_4_every_row_of_every_file_goes_in_and_the_sums_add_up(subscribers: int, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    demo.load(
        subscribers=subscribers, days=40, seed=1, now=NOW, folder=tmp_path / "loaded",
        progress=lambda *step: steps.append(step),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from usage_record join usage_source on id = source_id where name = 'network'")
        assert cursor.fetchone()[0] == usage(written(world(subscribers, 40), tmp_path / "again")).height
        cursor.execute("select count(*) from usage_parked")
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            """select account.id from billing_account account
                 join ledger_account ledger on ledger.id = account.ledger_account_id
                where ledger.balance_minor is distinct from
                      coalesce((select sum(amount_minor) from billing_payment where account_id = account.id), 0)
                    - coalesce((select sum(amount_minor) from billing_charge where account_id = account.id), 0)"""
        )
        assert cursor.fetchall() == []
        cursor.execute("select count(*) from billing_payment where booked_at > %s", [NOW])
        assert cursor.fetchone()[0] == 0
    assert all(0 <= done <= total for _, done, total in steps)
    assert {phase for phase, done, total in steps if done == total} == {demo.PEOPLE, demo.USAGE, demo.MONEY}


@pytest.mark.django_db
def test_cab_10_the_catalogue_is_published_as_it_is_written(tmp_path: Path) -> None:
    load(tmp_path)
    stored = {version.tariff_code: version for version in catalog.tariff_versions().values()}
    assert {code: version.terms for code, version in stored.items()} == {v.tariff_code: v.terms for v in tariffs()}
    written = sorted(geography().destinations, key=lambda destination: destination.code)
    assert list(catalog.geography().destinations) == written


@pytest.mark.django_db
def test_the_first_three_numbers_tell_their_stories(tmp_path: Path) -> None:
    loaded = load(tmp_path, subscribers=10, days=90)
    assert [number for number, _ in loaded.numbers][:3] == [number_of(place) for place in range(3)]
    busy, contract, pensioner = (billing.overview(line_of(place), NOW) for place in range(3))
    assert busy.balance_minor > 0
    assert {expense.category for expense in busy.expenses.items} >= {"content", "fee"}
    assert all(0 < over.left < over.amount for over in busy.left_overs if over.left is not None and over.amount)
    assert contract.balance_minor < 0
    assert pensioner.balance_minor < 0
    shares = [over.left / over.amount for over in pensioner.left_overs if over.left is not None and over.amount]
    assert min(shares) < 0.3


@pytest.mark.django_db
def test_cab_8_one_owes_a_promised_payment_one_may_take_it_and_two_may_not(tmp_path: Path) -> None:
    loaded = load(tmp_path, subscribers=10, days=90)
    number, story = loaded.numbers[3]
    assert story == "a promised payment to repay"
    owes = served_by_number(number)
    assert owes
    owed = promised_queries.standing(owes, NOW).active
    assert owed
    assert (owed.amount_minor, owed.taken_at) == (10_000, NOW - timedelta(days=2))
    decisions = [promised_queries.standing(line_of(place), NOW).decision for place in range(3)]
    assert isinstance(decisions[0], Offer)
    assert [decision.why for decision in decisions[1:] if isinstance(decision, Refusal)] == [Why.POSTPAID, Why.BALANCE]


@pytest.mark.django_db
def test_id_12_it_tells_what_else_opens_a_cabinet_and_what_people_answer(tmp_path: Path) -> None:
    loaded = load(tmp_path, subscribers=20)
    assert loaded.contracts[0] == ("200000001 / 7700000001", number_of(0))
    assert loaded.contracts[-1] == ("300000001 / 8800000001", "+79009990001")
    for told, contact in loaded.contracts:
        contract = customers.contract_by_number(told.partition(" / ")[2])
        assert contract
        assert contract.number == told.partition(" / ")[0]
        assert contract.entered_at
        assert contract.contact_number == contact
    name, born, document, word = loaded.people[0].split(", ")
    line = line_of(0)
    assert find(name)[0].party_id == line.party_id
    born_on = datetime.strptime(born, "%d.%m.%Y").date()  # noqa: DTZ007 - a day
    said = {"birth_date": born_on, "document": document, "code_word": word.strip("«»")}
    assert set(customers.verify(line.party_id, **said).values()) == {True}


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_takes_the_first_now(tmp_path: Path) -> None:
    first = load(tmp_path)
    before = facts()
    later = demo.load(
        subscribers=10, days=40, seed=1, now=NOW + timedelta(days=3), folder=tmp_path, progress=lambda *step: None
    )
    assert later == first
    assert facts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [{"subscribers": 11}, {"days": 41}, {"seed": 2}])
def test_another_operator_is_refused_and_nothing_changes(changed: dict[str, int], tmp_path: Path) -> None:
    load(tmp_path)
    before = facts()
    with pytest.raises(demo.DifferentOperator, match="make reset") as refusal:
        load(tmp_path, **changed)
    assert "\n" not in str(refusal.value)
    assert facts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"subscribers": 0}, {"subscribers": 10**8}, {"days": 0}])
def test_an_operator_that_cannot_be_is_refused(wrong: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="subscribers"):
        load(tmp_path, **wrong)
    assert facts()["people"] == "0"


@pytest.mark.slow
@pytest.mark.django_db
def test_ops_4_killed_anywhere_it_goes_on_to_the_same_kopeck(tmp_path: Path) -> None:
    var = Path(os.environ["ABONENT_VAR"]) / "killed"
    shutil.rmtree(var, ignore_errors=True)
    migrated.lay(var)
    chance = random.Random(20)
    environment = os.environ | {"ABONENT_VAR": str(var)}
    asked = [sys.executable, "-c", PROGRAM, json.dumps(KILLED), NOW.isoformat(), FACTS]
    killed = 0
    for steps in (2, 5, 8, 12):
        with subprocess.Popen(asked, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            seen = [line for _, line in zip(range(steps), process.stdout, strict=False)]
            time.sleep(chance.uniform(0, 0.15))
            killed += len(seen) == steps and process.poll() is None
            process.kill()
    assert killed >= 2
    done = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True)
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    shutil.rmtree(var)
    demo.load(now=NOW, folder=tmp_path, progress=lambda *step: None, **KILLED)
    assert found == facts()
    assert found["waiting"] == "0"
