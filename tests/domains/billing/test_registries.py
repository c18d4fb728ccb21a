"""Registries of the gateway: every line compared, each disagreement kept once, nothing left of a file cut off."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing import models
from abonent.domains.billing.registries import actions as registries
from abonent.domains.billing.registries import queries as registries_queries
from abonent.domains.billing.registries import rules
from abonent.domains.billing.registries.actions import AlreadyResolved, Taken, TakenBefore
from abonent.domains.billing.registries.rules import BadRegistry, Kind, Line, Ours
from abonent.domains.payments.states import State
from tests.factories import registries as make
from tests.factories.bills import local

AT = datetime(2026, 11, 30, 6, tzinfo=UTC)


def take(path: Path) -> Taken:
    return registries.take_in(path=path, at=AT)


def found() -> list[tuple[str, int | None, int | None, int | None]]:
    rows = models.RegistryDifference.objects.order_by("id")
    return sorted(
        rows.values_list("kind", "line_number", "theirs_minor", "ours_minor"), key=lambda row: (row[1] or 0, row[0])
    )


def everything() -> list[int]:
    tables = (models.Registry, models.RegistryMatch, models.RegistryDifference)
    return [table.objects.count() for table in tables]


@pytest.mark.django_db
def test_cab_6_lines_that_agree_leave_no_difference(tmp_path: Path) -> None:
    paid = [make.payment(amount) for amount in (100, 25_050)]
    refunded = make.refund(paid[1], 5_000)
    lines = [make.line(paid[0], 100), make.line(paid[1].hex.upper(), 25_050), make.line(paid[1], 5_000, "refund")]
    taken = take(make.registry(tmp_path, lines))
    assert (taken.line_count, taken.matched_count, taken.difference_count, taken.amount_minor) == (3, 3, 0, 20_150)
    assert found() == []
    assert set(models.RegistryMatch.objects.values_list("id", flat=True)) == {*paid, refunded}


@pytest.mark.django_db
def test_cab_6_every_way_to_disagree_has_its_name(tmp_path: Path) -> None:
    fine, other, double, absent, given_back = (make.payment() for _ in range(5))
    make.payment(at=make.NOON - timedelta(days=3))
    declined = make.payment(state=State.DECLINED)
    make.refund(given_back, 1_000)
    lines = [
        make.line(fine),
        make.line(uuid4(), 77),
        make.line("ORDER-5", 88),
        make.line(other, 10_001),
        make.line(declined),
        make.line(double),
        make.line(double),
        make.line(given_back),
        make.line(fine, 300, "refund"),
    ]
    taken = take(make.registry(tmp_path, lines))
    assert Counter(found()) == Counter(
        [
            ("missing here", 4, 77, None),
            ("missing here", 5, 88, None),
            ("other sum", 6, 10_001, 10_000),
            ("not settled", 7, 10_000, None),
            ("doubled", 9, 10_000, 10_000),
            ("refund here", 11, 300, 10_000),
            ("missing there", None, None, 10_000),
            ("refund there", None, None, 1_000),
        ]
    )
    assert models.RegistryDifference.objects.get(kind="missing there").payment_id == absent
    assert (taken.matched_count, taken.difference_count) == (3, 8)
    [registry] = registries_queries.registries()
    assert (registry.matched_count, registry.difference_count, registry.open_count) == (3, 8, 8)


@pytest.mark.django_db
def test_cab_6_the_same_file_is_taken_once_whatever_it_is_called(tmp_path: Path) -> None:
    lines = [make.line(make.payment())]
    first = take(make.registry(tmp_path, lines))
    before = everything()
    with pytest.raises(TakenBefore) as refused:
        take(make.registry(tmp_path, lines, name="again.csv"))
    assert refused.value.registry_id == first.registry_id
    assert everything() == before


@pytest.mark.django_db
def test_cab_6_a_line_that_stood_in_an_earlier_file_is_a_double(tmp_path: Path) -> None:
    paid = make.payment()
    take(make.registry(tmp_path, [make.line(paid)]))
    take(make.registry(tmp_path, [make.line(paid), make.line(make.payment())], name="again.csv"))
    assert found() == [("doubled", 3, 10_000, 10_000)]


@pytest.mark.django_db
def test_cab_6_what_was_paid_around_midnight_may_stand_in_either_file(tmp_path: Path) -> None:
    late, early = make.payment(at=local(2026, 11, 29, 23, 59)), make.payment(at=local(2026, 11, 28, 23, 59))
    gone = make.payment(at=local(2026, 11, 28, 23, 45))
    take(make.registry(tmp_path, [make.line(early)]))
    assert [row[0] for row in found()] == ["missing there"], "of the evening before; tonight's may come tomorrow"
    assert models.RegistryDifference.objects.get().payment_id == gone
    next_day = "registry;1;2026-11-30;2026-11-30"
    take(make.registry(tmp_path, [make.line(late), make.line(gone)], header=next_day, name="next.csv"))
    assert len(found()) == 1
    closed = models.RegistryDifference.objects.get()
    assert (closed.resolved_at, closed.reason, closed.resolved_by) == (AT, registries.CAME_LATER, "")


GOOD = make.line("ORDER-1", 100)
BAD_FILES = {
    "empty": (b"", "the file is empty"),
    "no header": (b"operation;order\n", "a registry begins with"),
    "another version": (b"registry;2;2026-11-29;2026-11-29\n", "only version 1"),
    "days turned round": (b"registry;1;2026-11-29;2026-11-28\n", "the first one first"),
    "no such day": (b"registry;1;2026-11-31;2026-11-31\n", "written as 2026-11-29"),
    "other columns": (f"{make.HEADER}\namount;order\n".encode(), "line 2: the columns are"),
    "cut off in a line": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD[:20]}".encode(), "line 3: 6 fields are wanted"),
    "cut off between lines": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD}\n".encode(), "the totals are missing"),
    "a line is missing": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD}\ntotal;2;2.00\n".encode(), "speak of 2 lines"),
    "another total": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD}\ntotal;1;1.01\n".encode(), "add up to 1.00"),
    "totals unreadable": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD}\ntotal;1;one\n".encode(), "the totals are"),
    "two files in one": (
        f"{make.HEADER}\n{make.COLUMNS}\n{GOOD}\ntotal;1;1.00\n{make.HEADER}\n".encode(), "nothing comes after",
    ),
    "utf-16": (f"{make.HEADER}\n".encode("utf-16"), "UTF-16"),
    "windows-1251": (f"{make.HEADER}\n{make.COLUMNS}\nоплата;1;1;1.00;RUB;x\n".encode("cp1251"), "line 3: this is not"),
    "a NUL": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD}\0\n".encode(), "damaged"),
    "a huge line": (f"{make.HEADER}\n{'x' * 5_000_000}".encode(), "line 2: a line is longer"),
    **{
        f"a sum of {amount}": (
            f"{make.HEADER}\n{make.COLUMNS}\n{GOOD.replace('1.00', amount)}\ntotal;1;1.00\n".encode(),
            "line 3: a sum is written as",
        )
        for amount in ("0.00", "-1.00", "1", "1,00", "1.000", "1e3", "٣.00", "9" * 13 + ".00", "")
    },
    "no operation": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD.replace('payment', 'pay')}\n".encode(), "is payment or"),
    "no currency": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD.replace('RUB', 'рубль')}\n".encode(), "three letters"),
    "no time": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD.replace('+03:00', '')}\n".encode(), "the time is written"),
    "no order": (f"{make.HEADER}\n{make.COLUMNS}\n{GOOD.replace('ORDER-1', '')}\n".encode(), "an order's number"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", BAD_FILES)
def test_cab_6_a_file_that_cannot_be_believed_says_where_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    content, why = BAD_FILES[name]
    make.payment()
    path = tmp_path / "registry.csv"
    path.write_bytes(content)
    with pytest.raises(BadRegistry) as refused:
        take(path)
    assert why in str(refused.value)
    assert everything() == [0, 0, 0]
    take(make.registry(tmp_path, [GOOD]))
    assert everything()[0] == 1, "and the next file goes in"


@pytest.mark.django_db
def test_cab_6_a_mark_of_utf_8_and_ends_of_line_of_windows_do_no_harm(tmp_path: Path) -> None:
    path = make.registry(tmp_path, [make.line(make.payment())])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert take(path).difference_count == 0


@pytest.mark.django_db
def test_cab_6_a_difference_is_worked_off_once_and_with_a_reason(tmp_path: Path) -> None:
    take(make.registry(tmp_path, [GOOD]))
    [difference] = models.RegistryDifference.objects.values_list("id", flat=True)
    for reason in ("", "   "):
        with pytest.raises(ValueError, match="with a reason"):
            registries.resolve(difference_id=difference, by="А. Гущин", reason=reason, at=AT)
    registries.resolve(difference_id=difference, by="А. Гущин", reason=" Чужой заказ ", at=AT)
    with pytest.raises(AlreadyResolved):
        registries.resolve(difference_id=difference, by="Б. Ким", reason="x", at=AT)
    known = registries_queries.difference(difference)
    assert (known.resolved_by, known.reason, known.resolved_at) == ("А. Гущин", "Чужой заказ", AT)


@pytest.mark.django_db(transaction=True)
def test_cab_6_the_same_file_given_by_many_at_once_is_taken_once(tmp_path: Path) -> None:
    path = make.registry(tmp_path, [make.line(make.payment()), GOOD])

    def run(_: int) -> bool:
        try:
            take(path)
        except TakenBefore:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [False, False, False, True]
    assert everything() == [1, 1, 1]


@pytest.mark.django_db
def test_cab_6_a_long_file_is_compared_in_flat_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries, "LINES_AT_ONCE", 1_000)
    paid = [make.payment() for _ in range(30)]
    peaks = []
    for length in (2_000, 40_000):
        lines = [make.line(uuid4()) for _ in range(length)]
        path = make.registry(tmp_path, [*lines, *map(make.line, paid[:3])], name=f"{length}.csv")
        del lines
        tracemalloc.start()
        taken = take(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert taken.difference_count == length + (27 if length == 2_000 else 3)
    assert peaks[1] < 1.5 * peaks[0]


AMOUNTS = st.integers(1, 5)
IDS = [UUID(int=number) for number in range(1, 5)]


@given(
    st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(["payment", "refund"]), AMOUNTS), max_size=12),
    st.dictionaries(st.sampled_from(IDS), st.tuples(st.none() | AMOUNTS, st.lists(AMOUNTS, max_size=3)), max_size=4),
)
def test_cab_6_each_line_either_agrees_or_differs_and_nothing_agrees_twice(
    said: list[tuple[UUID, str, int]], known: dict[UUID, tuple[int | None, list[int]]]
) -> None:
    lines = [Line(n, operation, id_, str(id_), amount, "RUB") for n, (id_, operation, amount) in enumerate(said, 3)]
    ours = {
        id_: Ours("settled", "RUB", settled, [(uuid4(), amount) for amount in refunds])
        for id_, (settled, refunds) in known.items()
    }
    compared = rules.compare(lines, ours, set())
    differing = [difference.line for difference in compared.differences]
    assert len(set(differing)) == len(differing)
    agreed = {line.number for line in lines} - set(differing)
    assert agreed <= set(compared.matched.values())
    for line in lines:
        if line.number in agreed and line.operation == "payment":
            assert ours[line.payment_id or IDS[0]].settled_minor == line.amount_minor
    given_back = Counter((line.payment_id, line.amount_minor) for line in lines
                         if line.operation == "refund" and line.number in agreed)  # fmt: skip
    for (id_, amount), times in given_back.items():
        assert times <= known[id_ or IDS[0]][1].count(amount)
    assert {difference.kind for difference in compared.differences} <= set(Kind)
