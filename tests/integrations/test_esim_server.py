"""The server of eSIM profiles by HTTP, against the demo's own: same wish, same profile; no answer for nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from abonent.demo.network import esims
from abonent.demo.network.switch import Asked, Switch
from abonent.domains.lines.numbers.rules import is_iccid
from abonent.domains.lines.ports import Fetched, NoAnswer
from abonent.foundation.clock import now
from abonent.integrations.provisioning.esim import HttpEsimServer
from abonent.integrations.provisioning.network import signature

KEY = "k" * 32


class Near(HttpEsimServer):
    """Asks the switch without a wire between."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.answers: dict[str, object] | None = None

    def _ask(self, what: str, said: object) -> dict[str, object]:
        if self.answers is not None:
            return self.answers
        path, body, at = f"/provisioning/{what}", json.dumps(said).encode(), f"{int(now().timestamp())}"
        answer = self.switch.answer(Asked("POST", path, body, at, signature(KEY, at, path, body)))
        assert answer is not None
        if answer.status != 200:
            raise NoAnswer(f"HTTP {answer.status}")
        found: dict[str, object] = json.loads(answer.body)
        return found


@pytest.fixture
def server(tmp_path: Path) -> Near:
    return Near(Switch(file=tmp_path / "network.db", key=KEY))


def install(server: Near, code: str) -> bool:
    answer = server.switch.answer(Asked("POST", esims.PHONES, json.dumps({"code": code}).encode()))
    assert answer is not None
    return bool(json.loads(answer.body)["installed"])


def test_cab_16_a_profile_is_kept_for_a_wish_and_installed_once(server: Near) -> None:
    wish, other = uuid4(), uuid4()
    profile = server.prepare(wish)
    assert server.prepare(wish) == profile
    assert server.prepare(other) != profile
    assert is_iccid(profile.iccid)
    assert server.state(wish) is Fetched.WAITING
    code = f"LPA:1${profile.address}${profile.matching_id}"
    for wrong in ("", code[:-1], f"LPA:1$elsewhere${profile.matching_id}", f"LPA:1${profile.address}$"):
        assert not install(server, wrong)
    assert [install(server, code) for _ in range(2)] == [True, False]
    assert (server.state(wish), server.state(other)) == (Fetched.INSTALLED, Fetched.WAITING)


def test_cab_16_what_is_withdrawn_nobody_installs(server: Near) -> None:
    wish = uuid4()
    profile = server.prepare(wish)
    server.withdraw(wish)
    assert server.state(wish) is Fetched.GONE
    assert not install(server, f"LPA:1${profile.address}${profile.matching_id}")
    with pytest.raises(NoAnswer):
        server.state(UUID(int=0))
    never = uuid4()
    server.withdraw(never)
    server.prepare(never)
    assert server.state(never) is Fetched.GONE, "an answer that was lost may come after it"


@pytest.mark.parametrize(
    "broken",
    [
        {}, {"iccid": 1}, {"iccid": "89", "imsi": "1" * 15, "address": "a", "matching_id": "b"},
        {"iccid": "8" * 19, "imsi": "1" * 15, "address": "a$b", "matching_id": "b"},
        {"iccid": "8" * 19, "imsi": "1" * 14, "address": "a", "matching_id": "b"},
        {"iccid": "8" * 19, "imsi": "1" * 15, "address": "a", "matching_id": ""},
        {"iccid": "8" * 19, "imsi": "1" * 15, "address": "a\0", "matching_id": "b"},
        {"iccid": "\u0668" * 19, "imsi": "1" * 15, "address": "a", "matching_id": "b"},
    ],
)  # fmt: skip
def test_an_answer_that_is_no_profile_is_none(server: Near, broken: dict[str, object]) -> None:
    server.answers = broken
    with pytest.raises(NoAnswer):
        server.prepare(uuid4())
    server.answers = {"state": "lost"}
    with pytest.raises(NoAnswer):
        server.state(uuid4())


def test_cab_16_a_number_goes_on_with_all_that_the_line_has(server: Near) -> None:
    store = server.switch.store
    with store.changing():
        store.switch("+79000000001", {"on": ["roaming", "sim:250990000000001"], "off": []})
        store.switch("+79000000001", {"on": ["number:+79007001852"], "off": []})
    assert store.features("+79000000001") == []
    assert store.features("+79007001852") == ["roaming", "sim:250990000000001"]
