"""What a press is answered with: the state between two presses in, the next screen out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.catalog.words import actions as words
from abonent.domains.catalog.words.rules import Kind as WordKind
from abonent.domains.lines import handset as handsets
from abonent.domains.lines import queries as lines
from abonent.domains.lines.handset import Handset
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.messaging import ussd
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.messaging.ussd import NoSuchSession, Screen
from abonent.domains.orders.handset import actions as handset
from abonent.domains.orders.handset import content as handset_content
from abonent.domains.orders.handset import queries as handset_queries
from abonent.domains.orders.handset.queries import Choice
from abonent.domains.orders.handset.rules import Kind, Said, Wanted
from abonent.entrypoints.ussd import content, menu, pages
from abonent.entrypoints.ussd.menu import Deed, Option
from abonent.web import format as formats

CHANNEL = "ussd"
MORE, BACK = "0", "*"
# From what was chosen there one may come back; looking at it again does nothing.
_LEADS = frozenset({"menu", "list"})


class _Talk:
    """One press of a person, answered."""

    def __init__(self, person: Handset, line: Line, at: datetime) -> None:
        self.person, self.line, self.at = person, line, at
        self.language = person.language
        # The menus that led here, the nearest last.
        self.way: list[Deed] = []

    def answer(self, state: Mapping[str, Any], typed: str) -> Screen:
        """Return the next screen for what was typed: a code at first, then a line of the screen before."""
        if not state:
            deed = self._dialled(typed)
            return self.do(deed) if deed else self._end(_("There is no such code. The menu: *111#"))
        if typed == MORE and state["page"] + 1 < len(state["pages"]):
            return _shown({**state, "page": state["page"] + 1})
        here, *self.way = [(what, about) for what, about in [state["here"], *state["way"]]]
        if typed == BACK and self.way:
            return self.do(self.way.pop())
        chosen = _chosen(state, typed)
        if chosen is None:
            return self._again(state)
        if here[0] in _LEADS:
            self.way.append(here)
        return self.do(chosen)

    def _dialled(self, code: str) -> Deed | None:
        if code in menu.CODES:
            return menu.CODES[code]
        found = words.meant(code[5:-1]) if code.startswith("*111*") and code.endswith("#") else None
        if found is None or not code[5:-1].isdecimal():
            return None
        return ("tariff" if found.kind is WordKind.TARIFF else "connect", found.code)

    def do(self, deed: Deed) -> Screen:
        what, about = deed
        self.here = deed
        return self._deeds[what](self, about)

    def _menu(self, name: str) -> Screen:
        found = menu.MENUS[name]
        return self._screen(f"{found.title}:", [(f"{item.label}", item.deed) for item in found.items])

    def _tell(self, what: str) -> Screen:
        if what == "content":
            return self._say(handset_content.account(self.line))
        tell = {"balance": handset_queries.balance, "left": handset_queries.left}[what]
        return self._say(tell(self.line, self.at))

    def _list(self, what: str) -> Screen:
        return self._screen(*_LISTS[what](self))

    def _ask(self, kind: Kind, about: str) -> Screen:
        wanted = Wanted(kind, about)
        if kind is Kind.PROMISE:
            wanted = Wanted(kind, "", int(about))
        return self._say(
            handset.ask(
                line=self.line, account_id=self.person.account_id, channel=CHANNEL, wanted=wanted,
                language=self.language, at=self.at,
            )
        )  # fmt: skip

    def _call_off(self, _about: str) -> Screen:
        found = handset.last_of(self.line, self.at)
        if found is None:
            return self._say(Said("order refused", {"why": "nothing to call off"}))
        told = _("Call off the last order, “%(service)s”?") % {"service": found.params["service"]}
        return self._question(told, (_("Yes"), ("called off", "")))

    def _called_off(self, _about: str) -> Screen:
        return self._finish(handset.call_off(line=self.line, at=self.at))

    def _unsubscribe(self, about: str) -> Screen:
        asked = content.ask_to_stop(self.line, about, self.language, self.at)
        return self._question(*asked) if asked else self._say(Said("subscription nothing", {}))

    def _unsubscribed(self, about: str) -> Screen:
        return self._finish(content.stop(self.line, about, self.language, self.at))

    def _unsubscribe_all(self, _about: str) -> Screen:
        asked = content.ask_to_stop_all(self.line, self.at)
        return self._question(*asked) if asked else self._say(Said("subscription nothing", {}))

    def _unsubscribed_all(self, about: str) -> Screen:
        return self._finish(content.stop_all(self.line, about, self.at))

    def _ban(self, _about: str) -> Screen:
        return self._question(*content.ask_to_ban())

    def _banned(self, _about: str) -> Screen:
        return self._finish(handset_content.ban(line=self.line, at=self.at))

    def _yes(self, wish_id: str) -> Screen:
        return self._finish(handset.confirm(wish_id=UUID(wish_id), line=self.line, language=self.language, at=self.at))

    def _no(self, _about: str) -> Screen:
        return self._end(_("Nothing was ordered."))

    def _numbers(self, _about: str) -> Screen:
        outcome = sharing_requests.ask_from_number(line_id=self.line.id, at=self.at)
        return self._say(Said("keyword numbers", {"outcome": str(outcome)}))

    def _say(self, said: Said) -> Screen:
        """Show what is said; a question goes on with a second press, at the end of all that it says."""
        text = texts.render(said.template, said.params, None, self.language)
        if said.wish_id is None:
            return self._screen(text, [])
        return self._question(text, (_("Yes"), ("yes", str(said.wish_id))))

    def _question(self, text: str, yes: Option) -> Screen:
        return self._screen(text, [yes, (_("No"), ("no", ""))])

    def _finish(self, said: Said | str) -> Screen:
        """Say what was done: from there no press leads back, as if it could be undone so."""
        self.way = []
        return self._screen(said, []) if isinstance(said, str) else self._say(said)

    def _screen(self, text: str, options: Sequence[Option]) -> Screen:
        turn, turned = pgettext("a page of a phone", "More"), _("Back")
        lines_shown = [pages.plain(f"{number} {label}") for number, (label, _) in enumerate(options, 1)]
        back = [f"{BACK} {turned}"] if self.way else []
        cut = pages.cut(pages.plain(text), lines_shown + back, f"{MORE} {turn}")
        keys, shown, seen = [], [], 0
        for page, count in cut:
            seen += count
            shown.append(page)
            keys.append(min(seen, len(options)))
        state = {
            "pages": shown, "seen": keys, "deeds": [list(deed) for _, deed in options], "page": 0,
            "here": list(self.here), "way": [list(deed) for deed in self.way],
        }  # fmt: skip
        return _shown(state)

    def _again(self, state: Mapping[str, Any]) -> Screen:
        """Show the same once more after a press that means nothing; after the second the session ends."""
        if state.get("wrong"):
            return self._end(_("That is no line of this menu. Nothing was ordered."))
        screen = _shown({**state, "wrong": True})
        return screen if screen.goes_on else self._end(_("Nothing was ordered."))

    def _end(self, text: str) -> Screen:
        return Screen(pages.plain(text), goes_on=False, state={})

    _deeds: ClassVar[Mapping[str, Callable[..., Screen]]] = {
        "menu": _menu,
        "tell": _tell,
        "list": _list,
        "numbers": _numbers,
        "call off": _call_off,
        "called off": _called_off,
        "unsubscribe": _unsubscribe,
        "unsubscribed": _unsubscribed,
        "unsubscribe all": _unsubscribe_all,
        "unsubscribed all": _unsubscribed_all,
        "ban content": _ban,
        "content banned": _banned,
        "yes": _yes,
        "no": _no,
        "connect": lambda self, about: self._ask(Kind.CONNECT, about),
        "disconnect": lambda self, about: self._ask(Kind.DISCONNECT, about),
        "tariff": lambda self, about: self._ask(Kind.TARIFF, about),
        "promise": lambda self, about: self._ask(Kind.PROMISE, about),
        "ask": lambda self, about: self._ask(Kind(about), ""),
    }


def _packages(talk: _Talk) -> tuple[str, list[Option]]:
    found = handset_queries.for_sale(talk.line, talk.at, talk.language, packages=True)
    return (_("Packages:") if found else _("No packages are sold for this number.")), _options(found, "connect")


def _services(talk: _Talk) -> tuple[str, list[Option]]:
    found = handset_queries.for_sale(talk.line, talk.at, talk.language, packages=False)
    return (_("Connect:") if found else _("There is nothing else to connect.")), _options(found, "connect")


def _connected(talk: _Talk) -> tuple[str, list[Option]]:
    found = handset_queries.connected(talk.line, talk.at, talk.language)
    return (_("To disconnect one, choose it:") if found else _("Nothing is connected.")), _options(found, "disconnect")


def _tariffs(talk: _Talk) -> tuple[str, list[Option]]:
    found = handset_queries.other_tariffs(talk.line, talk.at, talk.language)
    own = texts.render("told tariffs", {"own": handset_queries.tariffs(talk.line, talk.at, talk.language).params["own"],
                                        "items": "[]"}, None, talk.language)  # fmt: skip
    return own, _options(found, "tariff")


def _promises(talk: _Talk) -> tuple[str, list[Option]]:
    found = handset_queries.promises(talk.line, talk.at)
    if not found:
        # Why there is none is what the question would say.
        said = handset.ask(
            line=talk.line, account_id=talk.person.account_id, channel=CHANNEL, wanted=Wanted(Kind.PROMISE),
            language=talk.language, at=talk.at,
        )  # fmt: skip
        return texts.render(said.template, said.params, None, talk.language), []
    options = [
        (
            _("%(sum)s, fee %(fee)s") % {"sum": formats.money(amount), "fee": formats.money(fee)},
            ("promise", f"{amount}"),
        )
        for amount, fee in found
    ]
    return _("Promised payment:"), options


_LISTS: dict[str, Callable[[_Talk], tuple[str, list[Option]]]] = {
    "packages": _packages,
    "services": _services,
    "connected": _connected,
    "tariffs": _tariffs,
    "promises": _promises,
    "subscriptions": lambda talk: content.listed(talk.line, talk.language),
}


def _options(found: Sequence[Choice], deed: str) -> list[Option]:
    return [(f"{one.name}{_price(one)}", (deed, one.code)) for one in found]


def _price(one: Choice) -> str:
    if one.fee_minor:
        said = _("%(sum)s a day") if one.per == "day" else _("%(sum)s a month")
        return f" {said % {'sum': formats.money(one.fee_minor)}}"
    return f" {formats.money(one.once_minor)}" if one.once_minor else ""


def _shown(state: dict[str, Any]) -> Screen:
    last = state["page"] + 1 == len(state["pages"])
    goes_on = not last or bool(state["deeds"] or state["way"])
    return Screen(state["pages"][state["page"]], goes_on=goes_on, state=state if goes_on else {})


def _chosen(state: Mapping[str, Any], typed: str) -> Deed | None:
    """Return what the press means; of a screen only the lines that were shown can be chosen."""
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > 2:
        return None
    place = int(typed) - 1
    if not 0 <= place < state["seen"][state["page"]]:
        return None
    what, about = state["deeds"][place]
    return what, about


def press(*, session: str, step: int, number: str, subscriber: str, text: str, at: datetime) -> Screen:
    """Answer a press. Who is not served here learns nothing; a session that is none any more ends in words."""
    person = handsets.of(number=number, subscriber=subscriber)
    line = lines.served_by_id(person.line_id) if person else None
    language = person.language if person else settings.LANGUAGE_CODE
    with translation.override(language):
        if person is None or line is None:
            return Screen(pages.plain(_("This does not work from this number. Call us.")), goes_on=False, state={})
        try:
            return ussd.press(
                key=session, number=number, step=step, text=text, at=at, answer=_Talk(person, line, at).answer
            )
        except NoSuchSession:
            over = _("This session is over. This press ordered nothing. Again: *111#")
            return Screen(pages.plain(over), goes_on=False, state={})
