"""The adapter against the demo's network, over real HTTP, and against networks that misbehave (CAB-11)."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from abonent.config.environment_network import Network as Settings
from abonent.demo.network.__main__ import KEY, Handler, Server
from abonent.demo.network.switch import Asked, Switch
from abonent.domains.lines.ports import Answer, Command, NoAnswer
from abonent.integrations.provisioning.network import HttpNetwork

LINE = "+79000000001"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Switch, str]]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.switch = Switch(file=tmp_path / "switch.sqlite", key=KEY)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.switch, f"http://localhost:{server.server_address[1]}"
        server.shutdown()


def adapter(settings: Any, address: str, key: str = KEY) -> HttpNetwork:
    settings.NETWORK_ADAPTER = Settings("", f"{address}/provisioning/", key, "", "", "", "", "")
    return HttpNetwork()


def command(*on: str, off: tuple[str, ...] = ()) -> Command:
    return Command(uuid4(), LINE, on, off)


def test_cab_11_a_command_is_done_once_whatever_goes_wrong(served: tuple[Switch, str], settings: Any) -> None:
    switch, address = served
    ours, wanted = adapter(settings, address), command("clir", "cw")
    switch.set({"down": True})
    with pytest.raises(NoAnswer):
        ours.carry_out(wanted)
    assert ours_has(switch) == []
    switch.set({"down": False, "lose": 1})
    with pytest.raises(NoAnswer):
        ours.carry_out(wanted)
    assert ours_has(switch) == ["clir", "cw"], "it was done; only nobody knows"
    switch.set({"lose": 0})
    assert ours.carry_out(command(off=("cw",))).answer is Answer.DONE
    assert ours.carry_out(wanted).answer is Answer.DONE
    assert ours.features([LINE]) == {LINE: {"clir"}}, "what came again was answered and not done again"


def ours_has(switch: Switch) -> list[str]:
    return switch.store.features(LINE)


def test_cab_11_a_refusal_stays_one_and_what_is_slow_is_accepted(served: tuple[Switch, str], settings: Any) -> None:
    switch, address = served
    ours, refused, slow = adapter(settings, address), command("a"), command("b")
    switch.set({"refuse": True})
    assert ours.carry_out(refused).answer is Answer.REFUSED
    switch.set({"refuse": False, "accept_s": 60})
    told = ours.carry_out(refused)
    assert (told.answer, told.reason) == (Answer.REFUSED, "no free resources")
    assert ours.carry_out(slow).answer is Answer.ACCEPTED
    switch.set({"accept_s": 0, "forget": True})
    assert ours.carry_out(slow).answer is Answer.ACCEPTED, "it was taken when it was slow"
    assert ours.carry_out(command("c")).answer is Answer.DONE
    assert ours_has(switch) == []


def test_cab_11_what_is_not_signed_is_not_done(served: tuple[Switch, str], settings: Any) -> None:
    switch, address = served
    with pytest.raises(NoAnswer, match="HTTP 403"):
        adapter(settings, address, key="k" * 40).carry_out(command("a"))
    same = command("a")
    ours = adapter(settings, address)
    ours.carry_out(same)
    with pytest.raises(NoAnswer, match="HTTP 409"):
        ours.carry_out(Command(same.id, LINE, ("b",), ()))
    assert ours_has(switch) == ["a"]


def test_cab_11_the_network_remembers_after_it_was_killed(served: tuple[Switch, str], tmp_path: Path) -> None:
    switch, _ = served
    switch.set({"slow_ms": 5})
    with switch.store.changing():
        switch.store.switch(LINE, {"on": ["a"], "off": []})
    again = Switch(file=tmp_path / "switch.sqlite", key=KEY)
    assert again.store.features(LINE) == ["a"]
    found = again.answer(Asked("GET", "/control.json"))
    assert found
    assert json.loads(found.body)["slow_ms"] == 5


@pytest.mark.parametrize("wished", ["ru", "en"])
def test_cab_11_its_page_sets_what_goes_wrong_and_says_what_is_wrong(
    served: tuple[Switch, str], settings: Any, wished: str
) -> None:
    switch, address = served
    adapter(settings, address).carry_out(command("<b>"))
    asked = urllib.request.Request(f"{address}/control/", headers={"Accept-Language": wished})
    with urllib.request.urlopen(asked) as answer:
        text = answer.read().decode()
    assert f'lang="{wished}"' in text
    assert "&lt;b&gt;" in text
    wrong = switch.answer(Asked("POST", "/control/", b"slow_ms=-1", wished=wished))
    assert wrong
    assert (wrong.status, "from 0 to 60000" in wrong.body.decode()) == (422, True)
    done = switch.answer(Asked("POST", "/control/", b"down=on&slow_ms=0&accept_s=0&lose=0&act=set"))
    assert done
    assert done.status == 303
    assert switch.answer(Asked("POST", "/provisioning/features", b"{}")) is None
    assert switch.answer(Asked("POST", "/control/", b"act=reset"))
    assert switch.answer(Asked("POST", "/provisioning/features", b"{}")) is not None


SAID: dict[str, tuple[int, bytes]] = {
    "no JSON": (200, b"<html>"),
    "no object": (200, b"[]"),
    "no state": (200, b"{}"),
    "a strange state": (200, b'{"state": "perhaps"}'),
    "a strange type": (200, b'{"state": ["done"]}'),
    "an error": (500, b'{"state": "done"}'),
    "elsewhere": (302, b'{"state": "done"}'),
}


@contextmanager
def strange(status: int, body: bytes, settings: Any) -> Iterator[HttpNetwork]:
    """Give a network that answers everything alike."""

    class Strange(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Strange) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield adapter(settings, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


@pytest.mark.parametrize(("status", "body"), SAID.values(), ids=SAID)
def test_cab_11_what_cannot_be_understood_is_no_answer(status: int, body: bytes, settings: Any) -> None:
    with strange(status, body, settings) as ours:
        for question in (lambda: ours.carry_out(command("a")), lambda: ours.features([LINE])):
            with pytest.raises(NoAnswer) as told:
                question()
            assert LINE not in str(told.value)


def test_cab_11_a_reason_is_kept_without_what_nobody_can_store_or_read(settings: Any) -> None:
    with strange(200, json.dumps({"state": "refused", "reason": "no\0 \ud800way"}).encode(), settings) as ours:
        told = ours.carry_out(command("a"))
    assert (told.answer, told.reason) == (Answer.REFUSED, "no way")


@pytest.mark.parametrize("said", [{}, {"features": []}, {"features": {}}, {"features": {LINE: "clir"}}])
def test_cab_11_a_line_that_is_left_out_is_not_without_features(said: Mapping[str, Any], settings: Any) -> None:
    test_cab_11_what_cannot_be_understood_is_no_answer(200, json.dumps(said).encode(), settings)
