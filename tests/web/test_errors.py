"""What goes wrong, said calmly and alike to everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from abonent.config import urls as site
from abonent.foundation import clock
from abonent.web import stylesheet
from tests.factories import identity, lines


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("+79000000001 must not be shown")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def strange(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


urlpatterns = [
    path("broken/", broken),
    path("refused/", refused),
    path("strange/", strange),
    path("form/", form),
    *site.urlpatterns,
]
handler400, handler403, handler404, handler500 = site.handler400, site.handler403, site.handler404, site.handler500
here = pytest.mark.urls("tests.web.test_errors")


def without_nonce(page: bytes) -> str:
    return re.sub(r"\s+", " ", page.decode())


@pytest.mark.django_db
def test_it_says_not_found_the_same_way_to_everybody() -> None:
    stranger = Client().get("/no-such-page/")
    somebody = identity.browser(lines.line()).get("/no-such-page/")
    assert stranger.status_code == somebody.status_code == 404
    assert without_nonce(stranger.content) == without_nonce(somebody.content)
    assert "Такой страницы нет" in stranger.content.decode()


def test_it_speaks_the_language_of_the_cookie() -> None:
    client = Client()
    client.cookies["language"] = "en"
    page = client.get("/no-such-page/").content.decode()
    assert '<html lang="en">' in page
    assert "There is no such page" in page


@here
def test_it_answers_an_error_of_ours_without_the_database_and_without_details(caplog: pytest.LogCaptureFixture) -> None:
    # No database mark: any query would fail this test.
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "У нас что-то сломалось" in response.content.decode()
    assert "must not be shown" not in response.content.decode()


@here
@pytest.mark.parametrize(("address", "status"), [("/refused/", 403), ("/strange/", 400)])
def test_it_has_a_page_for_the_forbidden_and_the_strange(
    address: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    response = Client().get(address)
    assert response.status_code == status
    assert '<main id="main"' in response.content.decode()


@here
def test_it_offers_a_stale_form_anew_and_takes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    response = Client(enforce_csrf_checks=True).post("/form/", {"text": "kept by nobody"})
    assert response.status_code == 403
    assert "Форма была открыта слишком долго" in response.content.decode()
    assert 'href="/form/"' in response.content.decode()


def test_id_20_it_closes_for_maintenance_and_says_until_when() -> None:
    with override_settings(MAINTENANCE_UNTIL=clock.now() + timedelta(hours=2)):
        response = Client().get("/home/")
        assert Client().get(stylesheet.address()).status_code == 200
    assert response.status_code == 503
    assert 7100 < int(response["Retry-After"]) <= 7200
    assert response["Cache-Control"] == "no-store"
    page = response.content.decode()
    assert "Идут технические работы" in page
    assert "*100#" in page


def test_it_opens_by_itself_when_maintenance_should_be_over() -> None:
    with override_settings(MAINTENANCE_UNTIL=clock.now() - timedelta(seconds=1)):
        assert Client().get("/offline/").status_code == 200
