"""A draft of a shop: read, set beside what is published, published with its city's map; without a shop, it goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from abonent.domains.catalog.offers.rules import BadCatalogue, Problem
from abonent.domains.help import actions, queries, rules_yaml
from abonent.domains.help.rules import City, Help, Shop
from abonent.domains.support.drafts.questions import read
from abonent.domains.support.drafts.rules import Pair
from abonent.foundation.said import N_, said


def subject(text: str) -> tuple[tuple[str, ...], date | None]:
    """Return the code of the shop; of one that is to go the draft knows it. Raises `BadCatalogue`."""
    return tuple(one.code for one in read(text).shops or ()), None


def publish(text: str, code: str, _at: datetime) -> None:
    """Publish the shop among the others, in its place, or take it away; raises `BadCatalogue`."""
    try:
        actions.change_shop(code=code, becomes=read(text))
    except queries.NoSuchShop:
        raise BadCatalogue([Problem(0, said(N_("there is no such shop")), code)]) from None


def pairs(text: str, code: str) -> list[Pair]:
    """Return the shop and its city beside those that are published."""
    becomes = read(text)
    shops, cities = ({one.code: one for one in every} for every in (queries.shops(), queries.cities()))
    found = [_pair(one.code, shops.get(one.code), one) for one in becomes.shops or ()]
    if not becomes.shops:
        found = [_pair(code, shops.get(code), None)]
    return [*found, *(_pair(one.code, cities.get(one.code), one) for one in becomes.cities or ())]


def begin(code: str, *, gone: bool = False) -> str:
    """Return the text of a published shop, or of its absence."""
    shop = next(one for one in queries.shops() if one.code == code)
    cities = tuple(one for one in queries.cities() if one.code == shop.city)
    return rules_yaml.write(Help(cities=() if gone else cities, shops=() if gone else (shop,)))


def _pair(code: str, was: City | Shop | None, becomes: City | Shop | None) -> Pair:
    return Pair(code, _document(was), _document(becomes))


def _document(one: City | Shop | None) -> Mapping[str, object] | None:
    if one is None:
        return None
    told = rules_yaml.told_city(one) if isinstance(one, City) else rules_yaml.told_shop(one)
    # Whole lines are compared, not each of their numbers.
    if isinstance(one, City):
        drawn = [
            f"{line.kind}, {line.names['ru']}, {line.names['en']}: {[*map(list, line.points)]}" for line in one.drawn
        ]
        return {**told, "drawn": drawn}
    return {**told, "at": f"{one.latitude}, {one.longitude}"}
