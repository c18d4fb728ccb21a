"""What nobody types who means well: addresses that lead elsewhere, texts that break forms, and the forms themselves."""

from __future__ import annotations

EVIL = "evil.example"

# Ways to write an address of another site, as browsers have read them.
ELSEWHERE = (
    f"https://{EVIL}/",
    f"http://{EVIL}",
    f"//{EVIL}",
    f"///{EVIL}",
    f"////{EVIL}//",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"\\/{EVIL}",
    f"/\t/{EVIL}",
    f"/\n/{EVIL}",
    f"/\r\n/{EVIL}",
    f"\t//{EVIL}",
    f" //{EVIL}",
    f"\x00//{EVIL}",
    f"/%09/{EVIL}/..//{EVIL}",
    f"https:{EVIL}",
    f"https:/{EVIL}",
    f"https:///{EVIL}",
    f"HTTPS://{EVIL}",
    f"javascript:alert('{EVIL}')",
    f"JaVaScRiPt://{EVIL}/%0aalert(1)",
    f"data:text/html,{EVIL}",
    f"http://localhost@{EVIL}/",
    f"//localhost@{EVIL}",
    f"//localhost:80@{EVIL}/",
    f"/home/\r\nLocation: //{EVIL}",
    f"/home/\r\nSet-Cookie: a={EVIL}",
    f"//{EVIL}/home/",
    f"/／{EVIL}",
    f"／／{EVIL}",
    f"//{EVIL}%2f..",
    f"/.//{EVIL}/",
    f".{EVIL}",
    f"@{EVIL}",
    f"//[::1]@{EVIL}",
    f"//{EVIL}\\@localhost",
    f"ftp://{EVIL}",
    f"//{EVIL}。",
    "/" + "a" * 5000 + EVIL,
)

# What no field expects.
NAUGHTY = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ufeff",
    "\u202e+79000000001",
    "٠١٢٣٤٥",
    "１２３４５６",
    "null",
    "undefined",
    "NaN",
    "-1",
    "1e999",
    "0x10",
    "9" * 400,
    "'; drop table identity_account; --",
    '" or ""="',
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${7*7}",
    "%s%n%x",
    "../../../etc/passwd",
    "a@b.c\r\nBcc: x@evil.example",
    "@",
    "a@" + "b" * 300 + ".ru",
    "👩‍👩‍👧‍👦",
    "Z̷̧a̶l̵g̸o̷",
    "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    "true",
    "[]",
    "+7" * 50,
    "я" * 1000,
)
# Forms that anybody may send, and their fields, the main one first.
FORMS = {
    "/login/": ("number", "remember", "next", "captcha"),
    "/login/code/": ("code", "request"),
    "/login/code/again/": ("channel", "captcha"),
    "/login/password/": ("login", "password", "remember", "next", "captcha"),
    "/login/forgot/": ("login", "channel", "next", "captcha"),
    "/login/forgot/code/": ("code", "request"),
    "/login/email/": ("email", "next", "captcha"),
    "/login/email/code/": ("code", "request"),
    "/login/contract/": ("number", "channel", "next", "captcha"),
    "/login/contract/code/": ("code", "request"),
    "/login/passkey/": ("passkey", "next"),
    "/login/second/": ("code", "recovery", "passkey"),
    "/login/captcha/another/": ("kind", "number", "remember"),
    "/login/with/vk/": ("next",),
    "/login/linking/": ("choice", "next"),
    "/language/": ("to", "next"),
    "/staff/login/": ("login", "password", "next"),
    "/staff/login/second/": ("code",),
    "/app/leave/": ("next",),
}

# Whole bodies, each with the type it claims; `%(token)s` is the form's token, `%(name)s` its main field.
FORM = "application/x-www-form-urlencoded"
BODIES = (
    (b"csrfmiddlewaretoken=%(token)s&%(name)s=" + b"9" * (1 << 20), FORM),
    (b"csrfmiddlewaretoken=%(token)s" + b"&%(name)s=1" * 2000, FORM),
    (b"csrfmiddlewaretoken=%(token)s&%(name)s=%%ff%%fe%%00\xff\xfe", FORM),
    (b"csrfmiddlewaretoken=%(token)s&%(name)s=1", f"{FORM}; charset=utf-7"),
    (b'{"%(name)s": {"a": [1]}, "csrfmiddlewaretoken": "%(token)s"}', "application/json"),
    (b'--x\r\nContent-Disposition: form-data; name="a\r\n\r\n', "multipart/form-data; boundary=x"),
    (b"abc", "multipart/form-data"),
    (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "text/xml"),
)

COOKIES = ("", "\xff\xfe", "a" * 3000, "a:b:c", "=;=", '"', "%00", "null", "{}", "eyJhIjoxfQ:1:x")
HEADERS = (
    {"Accept_Language": "x" * 5000},
    {"User_Agent": "\xff" * 3000},
    {"X_Forwarded_For": "x, \xff, ::::"},
    {"X_Forwarded_For": ","},
    {"X_Forwarded_Proto": "\x01"},
    {"Range": "bytes=0-0,1-1"},
    {"If_Modified_Since": "yesterday"},
    {"Referer": "http://[broken"},
    {"Content_Length": "0"},
    {"Accept": "\xff/*"},
    {"Cookie": ";" * 4000},
)

# Numbers that cost, at home and abroad, by air and by satellite.
DEAR_NUMBERS = (
    "+19005551234", "+442071838750", "+37167859000", "+8821612345678", "+88213123456", "+79161234567", "+74951234567",
    "+78091234567", "+77012345678", "+3725551234", "+252612345678", "+5352345678", "8 10 1 900 555 12 34",
)  # fmt: skip
