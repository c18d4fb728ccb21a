"""Settings come from the environment only, and are checked all together."""

from __future__ import annotations

from pathlib import Path

import pytest

from abonent.config.environment import WrongSettings, database_options, read

PRODUCTION = {
    "DATABASE_URL": "postgresql://abonent:secret@db.example:6432/cabinet",
    "ABONENT_SECRET_KEY": "k" * 50,
    "ABONENT_PASSWORD_PEPPER": "p" * 32,
    "ABONENT_HOSTS": "cabinet.example, www.cabinet.example",
    "ABONENT_SMS_GATEWAY": "example.Gateway",
}


def test_it_takes_a_whole_production() -> None:
    settings = read(PRODUCTION)
    assert settings.production
    assert settings.https
    assert not settings.demo
    assert settings.allowed_hosts == ("cabinet.example", "www.cabinet.example")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ABONENT_SECRET_KEY": ""}, "ABONENT_SECRET_KEY"),
        ({"ABONENT_SECRET_KEY": "short"}, "ABONENT_SECRET_KEY"),
        ({"ABONENT_HOSTS": ""}, "ABONENT_HOSTS"),
        ({"ABONENT_DEMO": "1"}, "ABONENT_DEMO"),
        ({"ABONENT_SMS_GATEWAY": "abonent.demo.phone.gateway.PhoneOnScreen"}, "phone on screen"),
        ({"DATABASE_URL": "mysql://x/y"}, "PostgreSQL"),
        ({"ABONENT_TIME_ZONE": "Mars/Olympus"}, "no such time zone"),
        ({"ABONENT_NUMBER_RANGES": "900"}, "no number prefix"),
        ({"ABONENT_BRAND_COLOR": "teal"}, "#rrggbb"),
        ({"ABONENT_BANK_ADDRESS": "http://bank.example/"}, "https://…"),
        ({"ABONENT_HTTPS": "maybe"}, "give 1 or 0"),
        ({"ABONENT_MAINTENANCE_UNTIL": "tomorrow"}, "give a time"),
        ({"ABONENT_MAINTENANCE_UNTIL": "2030-12-31T04:00"}, "offset"),
        ({"ABONENT_LOG_LEVEL": "LOUD"}, "DEBUG, INFO"),
        ({"ABONENT_MAIL_GATEWAY": "example.Mail"}, "ABONENT_EMAIL_FROM"),
        ({"ABONENT_MAIL_GATEWAY": "example.Mail", "ABONENT_EMAIL_FROM": "Orbita"}, "ABONENT_EMAIL_FROM"),
        (
            {"ABONENT_VOICE_GATEWAY": "abonent.demo.phone.gateway.CallOnScreen"},
            "ABONENT_VOICE_GATEWAY: the phone on screen",
        ),
        ({"ABONENT_GATEWAY_KEY": "short"}, "ABONENT_GATEWAY_KEY"),
        ({"ABONENT_ADDRESS": "my.orbita.example"}, "ABONENT_ADDRESS"),
        ({"ABONENT_ADDRESS": "https://my.orbita.example/cabinet"}, "ABONENT_ADDRESS"),
        ({"ABONENT_SMTP_SECURITY": "ssl"}, "starttls"),
        ({"ABONENT_SMTP_PORT": "smtp"}, "port number"),
        ({"ABONENT_SMTP_HOST": "mail.example", "ABONENT_SMTP_SECURITY": "none"}, "in clear"),
        ({"ABONENT_SMTP_PASSWORD": "пароль"}, "ASCII"),
    ],
)
def test_it_names_a_wrong_setting_and_what_to_do(change: dict[str, str], said: str) -> None:
    with pytest.raises(WrongSettings) as caught:
        read(PRODUCTION | change)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_links_in_messages_begin_with_the_first_host_or_the_address_named() -> None:
    assert read(PRODUCTION).channels.address == "https://cabinet.example"
    assert read(PRODUCTION | {"ABONENT_ADDRESS": "https://my.example/"}).channels.address == "https://my.example"
    assert read(PRODUCTION | {"ABONENT_HTTPS": "0"}).channels.address == "http://cabinet.example"


def test_no_way_but_sms_is_open_until_its_gateway_is_named() -> None:
    channels = read(PRODUCTION).channels
    assert (channels.mail_gateway, channels.voice_gateway, channels.gateway_key) == ("", "", "")
    assert (channels.sms_sender, channels.sms_service) == ("3339", "111")


def test_it_makes_one_key_outside_production_and_keeps_it(tmp_path: Path) -> None:
    first = read({"ABONENT_VAR": str(tmp_path / "var")})
    assert read({"ABONENT_VAR": str(tmp_path / "var")}).secret_key == first.secret_key
    assert len(first.secret_key) >= 50
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "name", "host", "port", "options"),
    [
        ("postgresql://a@/b?host=/run/pg", "b", "/run/pg", "", {}),
        ("postgresql://a:p%40ss@h:5433/b?sslmode=verify-full", "b", "h", "5433", {"sslmode": "verify-full"}),
    ],
)
def test_it_reads_a_database_address(url: str, name: str, host: str, port: str, options: dict[str, str]) -> None:
    read_options = database_options(url)
    found = tuple(read_options[key] for key in ("NAME", "HOST", "PORT", "OPTIONS"))
    assert found == (name, host, port, options)
    assert read_options["PASSWORD"] in ("", "p@ss")
