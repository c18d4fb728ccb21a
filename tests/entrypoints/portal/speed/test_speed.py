"""The page of the speed: open to everybody, what it tells before, pieces, results, the way on (CAB-14)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.lines import models
from abonent.domains.lines.speed.rules import MB, PIECE_DOWN_MAX, PIECE_UP_MAX
from abonent.entrypoints.portal.speed import tickets
from tests.factories import cabinet, fixed
from tests.factories.cabinet import queries_of, words

pytestmark = pytest.mark.django_db
HERE = "/speed/"
BYTES = "application/octet-stream"
DONE = {"down_ms": "4000", "up_ms": "1", "latency_us": "12000", "jitter_us": "2000"}
# Session, lines, the history.
QUERIES_MAX = 3


def begin(client: Client, size: str = "small") -> str:
    answer = client.post(f"{HERE}start/", {"size": size})
    assert answer.status_code == 200
    return str(answer.json()["ticket"])


def down(client: Client, ticket: str, number: int = 0, length: int = 1000, **headers: str) -> Any:
    return client.get(
        f"{HERE}down?stream=0&number={number}&bytes={length}", headers={"Speed-Ticket": ticket, **headers}
    )


def up(client: Client, ticket: str, body: bytes = b"x" * 1000) -> Any:
    return client.post(f"{HERE}up", body, content_type=BYTES, headers={"Speed-Ticket": ticket})


def measure(client: Client, ticket: str) -> Any:
    assert down(client, ticket, length=MB).status_code == 200
    assert up(client, ticket).status_code == 204
    row = models.SpeedTest.objects.latest("started_at")
    # As if it had begun a while ago.
    models.SpeedTest.objects.filter(id=row.id).update(started_at=row.started_at - timedelta(seconds=20))
    return client.post(f"{HERE}done/", DONE | {"ticket": ticket, "down_bytes": f"{MB}", "up_bytes": "1000"})


def wired() -> Client:
    own = cabinet.line()
    return fixed.browser(own, fixed.line(of=own))


def test_cab_14_it_is_open_to_everybody_and_says_before_what_it_costs(settings: Any) -> None:
    text = words(Client(), HERE)
    for said in ("До 40 МБ", "До 300 МБ", "до 16 секунд", "это обычный трафик", "нужен JavaScript", "Скачать 5 МБ"):
        assert said in text.replace("\xa0", " "), said
    assert "Прошлые измерения" not in text
    settings.SPEED_IS_FREE = True
    assert "этот трафик бесплатный" in words(Client(), HERE)


def test_cab_14_by_wire_much_is_proposed_and_by_phone_little() -> None:
    def chosen(client: Client) -> str:
        found = re.search(r'value="(\w+)" checked', client.get(HERE).content.decode())
        return found[1] if found else ""

    assert chosen(wired()) == "full"
    assert chosen(Client()) == "small"


def test_cab_14_pieces_are_random_whole_and_kept_nowhere() -> None:
    client = Client()
    ticket = begin(client)
    first = down(client, ticket, length=100_000)
    assert (first.status_code, len(first.content)) == (200, 100_000)
    assert first["Cache-Control"] == "no-store, no-transform"
    assert first["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Encoding" not in first
    second = down(client, ticket, 1, 100_000, **{"Speed-Receipt": first.content[-tickets.RECEIPT_BYTES :].hex()})
    assert second.status_code == 200
    assert second.content != first.content
    ping = client.get(f"{HERE}ping", headers={"Speed-Ticket": ticket})
    assert (ping.status_code, ping.content) == (204, b"")


def test_cab_14_nothing_moves_without_a_ticket_from_elsewhere_or_before_the_last_piece_arrived() -> None:
    client = Client()
    ticket = begin(client)
    for wrong in ("", "x", ticket[:-1], f"{ticket}x"):
        assert down(client, wrong).status_code == 403
        assert up(client, wrong).status_code == 403
    assert down(client, ticket, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert down(client, ticket, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert down(client, ticket, 1, **{"Speed-Receipt": "00" * tickets.RECEIPT_BYTES}).status_code == 410
    assert down(client, ticket).status_code == 410, "each piece once"
    for wrong in (0, PIECE_DOWN_MAX + 1, 15):
        assert down(client, ticket, 0, wrong).status_code == 400
    for query in ("", "?stream=9&number=0&bytes=1000", "?stream=0&number=-1&bytes=1000", "?stream=0&number=0&bytes=²"):
        assert client.get(f"{HERE}down{query}", headers={"Speed-Ticket": ticket}).status_code == 400
    assert up(client, ticket, b"").status_code == 413
    assert up(client, ticket, b"x" * (PIECE_UP_MAX + 1)).status_code == 413
    row = models.SpeedTest.objects.get()
    assert (row.down_bytes, row.up_bytes) == (1000, 0)


def test_cab_14_sending_needs_the_token_of_the_site() -> None:
    client = Client(enforce_csrf_checks=True)
    for address in ("start/", "stop/", "done/", "up"):
        assert client.post(f"{HERE}{address}", {}).status_code == 403


def test_cab_14_a_piece_takes_one_query_and_no_session(django_assert_num_queries: Any) -> None:
    ticket = begin(Client())
    with django_assert_num_queries(1):
        assert down(Client(), ticket).status_code == 200
    with django_assert_num_queries(1):
        assert up(Client(), ticket).status_code == 204


def test_cab_14_a_busy_server_says_so_and_begins_nothing(settings: Any) -> None:
    settings.SPEED_TESTS = 1
    client = Client()
    ticket = begin(client)
    other = wired()
    second = other.post(f"{HERE}start/", {"size": "small"})
    assert second.status_code == 503
    assert "через минуту" in second.json()["problem"]
    again = client.post(f"{HERE}start/", {"size": "small"})
    assert again.status_code == 409
    assert models.SpeedTest.objects.count() == 1
    assert client.post(f"{HERE}stop/", {"ticket": ticket}).status_code == 204
    assert begin(other)


def test_cab_14_a_result_says_what_it_is_enough_for_and_leads_to_a_request_that_is_filled_in() -> None:
    client = wired()
    answer = measure(client, begin(client, "full"))
    assert answer.status_code == 302
    text = words(client, answer["Location"]).replace("\xa0", " ")
    for said in ("2 Мбит/с", "Музыка и сайты", "здесь меньше половины", "12 мс", "90 дней"):
        assert said in text, said
    claim = re.search(r"/requests/new/equipment/\?speed=[0-9a-f-]{36}", client.get(answer["Location"]).content.decode())
    assert claim
    form = client.get(claim[0]).content.decode().replace("\xa0", " ")
    assert 'value="Медленный интернет"' in form
    assert "Загрузка: 2 Мбит/с" in form
    assert "до 100 Мбит/с" in form
    assert "загрузка 2 Мбит/с" in words(client, HERE).replace("\xa0", " ").replace("\N{WORD JOINER}", "")
    assert Client().get(answer["Location"]).status_code == 404, "nobody else's"
    assert "Загрузка: 2" not in form_of_another(claim[0])


def form_of_another(address: str) -> str:
    """Return the form as another subscriber sees it."""
    own = cabinet.line(number="+79000000077")
    return fixed.browser(own, own).get(address).content.decode()


def test_cab_14_a_result_of_nobody_can_be_opened_by_its_address() -> None:
    client = Client()
    answer = measure(client, begin(client))
    text = words(client, answer["Location"])
    assert "хранится сутки" in text
    assert "По тарифу" not in text
    assert "/requests/new/coverage/?speed=" in client.get(answer["Location"]).content.decode()
    assert client.get(f"{HERE}{uuid4()}/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"ticket": "x"}, 409, "слишком долго"),
        ({"down_bytes": "2000000"}, 422, "не целиком"),
        ({"down_bytes": ""}, 422, "не целиком"),
        ({"down_ms": "-5"}, 422, "не целиком"),
        ({"latency_us": "9" * 40}, 422, "не целиком"),
    ],
)
def test_cab_14_what_cannot_be_is_refused_and_nothing_is_kept(changed: dict[str, str], status: int, said: str) -> None:
    client = Client()
    ticket = begin(client)
    down(client, ticket, length=MB)
    up(client, ticket)
    form = DONE | {"ticket": ticket, "down_bytes": f"{MB}", "up_bytes": "1000"} | changed
    answer = client.post(f"{HERE}done/", form)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert models.SpeedTest.objects.get().down_kbps is None


def test_cab_14_what_was_stopped_is_not_kept() -> None:
    client = Client()
    ticket = begin(client)
    client.post(f"{HERE}stop/", {"ticket": ticket})
    answer = client.post(f"{HERE}done/", DONE | {"ticket": ticket, "down_bytes": "1", "up_bytes": "1"})
    assert answer.status_code == 409
    assert "остановлено" in answer.content.decode()


def test_cab_14_without_scripts_there_is_a_file_of_known_size_and_not_too_often(settings: Any) -> None:
    client = Client()
    answer = client.get(f"{HERE}5mb.bin")
    assert (answer.status_code, len(answer.content)) == (200, 5 * MB)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store, no-transform"
    settings.SPEED_TESTS = 1
    begin(Client())
    busy = client.get(f"{HERE}5mb.bin")
    assert busy.status_code == 409
    assert "через минуту" in busy.content.decode()


def test_cab_14_the_page_takes_few_queries_however_much_was_measured() -> None:
    client = wired()
    queries_of(client, HERE)
    before = queries_of(client, HERE)
    assert before <= QUERIES_MAX
    for _ in range(3):
        measure(client, begin(client))
    assert queries_of(client, HERE) == before
    assert client.get(HERE).content.decode().count("отдача") == 3


def test_cab_14_home_by_wire_and_calls_by_phone_lead_here() -> None:
    assert 'href="/speed/"' in wired().get("/home/").content.decode()
    assert 'href="/speed/"' in Client().get("/help/").content.decode()
