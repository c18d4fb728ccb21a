"""The language switch and the installable site."""

from __future__ import annotations

import json

import pytest
from django.contrib.staticfiles import finders
from django.test import Client


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_switches_the_language_and_stays_on_the_page(method: str) -> None:
    client = Client()
    response = getattr(client, method)("/language/", {"to": "en", "next": "/offline/?a=1"})
    assert (response.status_code, response["Location"]) == (302, "/offline/?a=1")
    assert client.cookies["language"].value == "en"
    assert client.cookies["language"]["samesite"] == "Lax"
    page = client.get("/offline/").content.decode()
    assert "No internet connection" in page
    assert '<a class="language" href="/language/?to=ru&amp;next=/offline/" lang="ru" hreflang="ru"' in page


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "home/",
        "/a\nb",
        "/" + "a" * 9000,
    ],
)
def test_it_never_leads_to_another_site(address: str) -> None:
    response = Client().get("/language/", {"to": "en", "next": address})
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("code", ["", "xx", "ru" * 5000, "../en"])
def test_it_knows_only_its_own_languages(code: str) -> None:
    client = Client()
    client.get("/language/", {"to": code, "next": "/offline/"})
    assert "language" not in client.cookies
    client.cookies["language"] = code[:50]
    assert '<html lang="ru">' in client.get("/offline/").content.decode()


def test_it_ignores_what_the_browser_guesses() -> None:
    response = Client().get("/offline/", headers={"accept-language": "en"})
    assert response["Content-Language"] == "ru"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(("language", "name"), [("ru", "Орбита"), ("en", "Orbita")])
def test_it_can_be_installed_in_each_language(language: str, name: str) -> None:
    response = Client().get("/manifest.webmanifest", {"lang": language})
    assert response["Content-Type"] == "application/manifest+json"
    manifest = json.loads(response.content)
    assert (manifest["short_name"], manifest["lang"], manifest["display"]) == (name, language, "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/").partition("?")[0])


def test_it_keeps_no_personal_page_in_the_service_worker() -> None:
    response = Client().get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    script = response.content.decode()
    kept = json.loads(script.partition("const KEPT = ")[2].partition(";\n")[0])
    assert all(address.startswith(("/static/", "/style-")) for address in kept)
    for address in kept:
        answer = Client().get(address)
        assert answer.status_code == 200, address
        assert answer.getvalue()


def test_it_says_offline_how_to_learn_the_balance() -> None:
    page = Client().get("/offline/").content.decode()
    assert "*100#" in page
    assert "data-state hidden" in page


def test_it_sends_the_strict_headers_with_each_page() -> None:
    response = Client().get("/offline/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response["Permissions-Policy"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
