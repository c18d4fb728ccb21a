"""Settings of other services and of recognition."""

from __future__ import annotations

import json
from typing import Any

import pytest

from abonent.config.environment import WrongSettings, read
from tests.config.test_environment import PRODUCTION

BANK = {"id": "bank", "name": "Bank", "issuer": "https://id.bank.example", "client_id": "c", "secret": "s"}


def logins(**settings: str) -> list[str]:
    return [login.id for login in read(PRODUCTION | settings).logins]


def test_id_14_services_are_on_when_configured_and_those_abroad_only_when_allowed() -> None:
    every = {
        "ABONENT_LOGIN_VK": "1:s", "ABONENT_LOGIN_ODNOKLASSNIKI": "1:s:k", "ABONENT_LOGIN_FACEBOOK": "1:s",
        "ABONENT_LOGIN_MICROSOFT": "1:s", "ABONENT_LOGINS_OPENID": json.dumps([BANK]),
    }  # fmt: skip
    assert logins() == []
    assert logins(**every) == ["vk", "odnoklassniki", "bank"]
    assert logins(**every, ABONENT_FOREIGN_LOGINS="1") == ["vk", "odnoklassniki", "facebook", "microsoft", "bank"]


def test_the_demos_own_services_are_for_the_demo() -> None:
    assert logins(ABONENT_DEMO_SERVICES="http://localhost:8002") == []
    demo = read({"ABONENT_DEMO": "1", "ABONENT_DEMO_SERVICES": "http://localhost:8002", "ABONENT_LOGIN_VK": "1:s"})
    assert [(login.id, bool(login.address)) for login in demo.logins] == [
        ("vk", False), ("odnoklassniki", True), ("other", False)
    ]  # fmt: skip
    assert demo.recogniser.url == ""


OPENID: list[Any] = [
    "x", "{}", "[1]", "[{}]", json.dumps([BANK | {"id": "vk"}]), json.dumps([BANK, BANK]),
    json.dumps([BANK | {"id": "A b"}]),
    json.dumps([BANK | {"issuer": "http://id.bank.example"}]), json.dumps([BANK | {"issuer": "https://x/?a=b"}]),
    json.dumps([BANK | {"issuer": "ftp://x"}]), json.dumps([BANK | {"secret": 5}]), json.dumps([BANK | {"more": "x"}]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        *[({"ABONENT_LOGINS_OPENID": value}, "ABONENT_LOGINS_OPENID") for value in OPENID],
        ({"ABONENT_LOGIN_VK": "only-an-id"}, "client_id:secret"),
        ({"ABONENT_LOGIN_VK": "id:"}, "client_id:secret"),
        ({"ABONENT_LOGIN_ODNOKLASSNIKI": "id:secret"}, "public_key"),
        ({"ABONENT_FOREIGN_LOGINS": "some"}, "give 1 or 0"),
        ({"ABONENT_RECOGNISER_URL": "javascript:x"}, "ABONENT_RECOGNISER_URL"),
        ({"ABONENT_RECOGNISER_URL": "https://id.example/?x=y"}, "ABONENT_RECOGNISER_URL"),
        ({"ABONENT_RECOGNISER_PEERS": "10.0.0.1, gateway"}, "'gateway' is no address"),
        ({"ABONENT_RECOGNISER_KEY": "short"}, "shorter than 50"),
        ({"ABONENT_RECOGNISER_LINE_HEADER": "X LINE"}, "name of a header"),
    ],
)
def test_it_names_a_wrong_setting_and_no_secret(change: dict[str, str], said: str) -> None:
    with pytest.raises(WrongSettings) as caught:
        read(PRODUCTION | change)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert '"s"' not in str(caught.value)
