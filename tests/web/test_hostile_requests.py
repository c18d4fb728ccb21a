"""Requests that no browser of an honest person sends: a page with words, the usual headers, one line in the log."""

from __future__ import annotations

import io
import logging

import pytest
from django.test import Client

from abonent.web import log

pytestmark = pytest.mark.django_db
ADDRESSES = ["/", "/login/", "/home/", "/statement/", "/language/", "/logout/", "/line/", "/expenses/"]


def assert_guarded(response) -> None:  # type: ignore[no-untyped-def]
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Permissions-Policy"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("language", "words"), [("ru", "Мы не поняли запрос"), ("en", "did not understand")])
def test_a_method_that_is_not_known_gets_words_in_the_right_language(address: str, language: str, words: str) -> None:
    client = Client()
    client.cookies["language"] = language
    for method in ("put", "patch", "delete"):
        response = getattr(client, method)(address)
        assert response.status_code == 405
        assert "GET" in response["Allow"]
        assert words in response.content.decode()
        assert_guarded(response)


@pytest.mark.parametrize("address", [*ADDRESSES, "/sw.js", "/manifest.webmanifest", "/offline/", "/nowhere/"])
def test_asking_for_the_head_answers_as_asking_for_the_page(address: str) -> None:
    head, page = Client().head(address), Client().get(address)
    assert head.status_code == page.status_code
    assert head.content == b""


@pytest.mark.parametrize("https", [False, True])
def test_a_forged_host_gets_a_page_in_the_right_language_with_every_guard(settings, https: bool) -> None:  # type: ignore[no-untyped-def]
    settings.ALLOWED_HOSTS = ["lk.orbita.test"]
    settings.SECURE_SSL_REDIRECT = https
    client = Client()
    client.cookies["language"] = "en"
    response = client.get("/login/", headers={"host": "evil.test"})
    assert response.status_code == 400
    assert "did not understand" in response.content.decode()
    assert "evil.test" not in response.content.decode()
    assert_guarded(response)


@pytest.mark.parametrize(
    "address", ["/login/", "/nowhere/", "/static/app.js", "/static/nothing.js", "/style-00000000.css", "/sw.js"]
)
def test_every_answer_is_guarded(address: str) -> None:
    assert_guarded(Client().get(address))


def test_a_refusal_is_one_line_in_the_log() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(log.Refusals())
    loggers = [logging.getLogger(name) for name in ("django.security", "django.request")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        Client().get("/login/", headers={"host": "evil test"})
        Client().post("/login/", {f"field{n}": "x" for n in range(200)})
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
    assert "Invalid HTTP_HOST" in written.getvalue()
    assert "Traceback" not in written.getvalue()
    assert "ERROR" not in written.getvalue()


def test_an_error_of_ours_keeps_its_stack() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "", (), (ValueError, ValueError(), None))
    assert log.Refusals().filter(record)
    assert record.exc_info


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_form_that_is_too_large_is_read_to_its_end_so_that_the_browser_shows_the_answer(size: int) -> None:
    response = Client().post("/login/", {"number": "9" * size})
    assert response.status_code == 400
    assert response.wsgi_request.META["wsgi.input"].read() == b""
