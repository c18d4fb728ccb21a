"""What a browser calls itself, in words its owner knows."""

from __future__ import annotations

import pytest

from abonent.domains.identity.rules_agents import named

ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
            "Chrome",
            "Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/128.0 YaBrowser/24.10 Safari/537.36", "Yandex", "Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/129.0 Safari/537.36 OPR/115.0", "Opera", "Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox", "Linux"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1",
            "Safari",
            "Mac",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/130.0 Mobile Safari/604.1", "Chrome", "iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1", "Safari", "iPad"),
        (ANDROID + "Chrome/130.0 Mobile Safari/537.36", "Chrome", "Android"),
        (ANDROID + "SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36", "Samsung Internet", "Android"),
        ("curl/8.5.0", "program", ""),
        ("", "", ""),
        ("\N{SMILING FACE WITH SMILING EYES}" * 50, "", ""),
        ("<script>alert(1)</script>", "", ""),
    ],
)
def test_a_device_is_named_as_its_owner_would(agent: str, browser: str, system: str) -> None:
    assert named(agent) == (browser, system)
    assert named(agent).handheld == (system in {"iPhone", "iPad", "Android"})
