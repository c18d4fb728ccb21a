"""Words for the audit trail: who did what with what. The details stand on the page as they were recorded."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.support.rules import Deed
from abonent.entrypoints.staff import words
from abonent.foundation.audit import Actor


def action(recorded: str) -> str:
    """Return what a record is about; one without words of ours as it stands there."""
    if recorded.startswith("network: "):
        return _("Event of the network")
    if recorded in set(Deed):
        return words.deed(recorded)
    return {**_of_staff(), **_of_customers()}.get(recorded, recorded)


def _of_staff() -> dict[str, str]:
    return {
        "signed in": _("Signed in"),
        "search": _("Search"),
        "case opened": _("Talk opened"),
        "case closed": _("Talk closed"),
        "answer right": _("Right answer"),
        "answer wrong": _("Wrong answer"),
        "identity checked": _("Identity confirmed"),
        "document of another": _("Document of somebody else"),
        "closed for the day": _("Check closed for the day"),
        "approval asked": _("Second person asked"),
        "approval given": _("Second person agreed"),
        "approval refused": _("Second person refused"),
        "customer entered": _("Customer entered"),
        "staff added": _("Employee added"),
        "staff blocked": _("Employee blocked"),
        "staff reset": _("Employee begins anew"),
        "staff password set": _("Employee’s password set"),
        "difference worked off": _("Difference of a registry worked off"),
        "receipt sent anew": _("Fiscal receipt sent anew"),
        "money agreed": _("Money: second person agreed"),
        "money declined": _("Money: second person declined"),
        "refund done": _("Refund done by the gateway"),
        "refund failed": _("Refund not done"),
        "dispute opened": _("Customer does not agree with a charge"),
        "dispute taken": _("Request taken"),
        "dispute answered": _("Request answered"),
        "draft made": _("Draft begun"),
        "draft saved": _("Draft changed"),
        "draft handed over": _("Draft handed over"),
        "draft taken back": _("Draft taken back"),
        "draft sent back": _("Draft sent back by a second person"),
        "draft published": _("Draft published by a second person"),
        "draft discarded": _("Draft thrown away"),
        "service ordered": _("Service ordered for a customer"),
    }


def _of_customers() -> dict[str, str]:
    return {
        "it was not me": _("Customer said “it was not me”"),
        "cabinet deleted": _("Cabinet deleted"),
        "number shared": _("Somebody else may see a number"),
        "role of a shared number changed": _("Who sees a number sees more or less of it"),
        "number shared no more": _("Somebody else sees a number no more"),
        "port-out judged": _("Said whether a number leaves by its owner’s wish"),
        "port-in card handed out": _("Card handed out for a number that comes"),
        "port-in asked anew": _("Number asked for anew at another operator"),
        "port-in worked off": _("Refusal of another operator worked off"),
        "number request approved": _("Number added to its owner’s cabinet"),
        "number request refused": _("Number not added to a cabinet"),
        "request opened": _("Customer wrote to us"),
        "request taken": _("Question or complaint taken"),
        "request given back": _("Question or complaint given back"),
        "request assigned": _("Question or complaint given to a colleague"),
        "request closed": _("Question or complaint closed"),
        "request noted": _("Note for colleagues at a question or complaint"),
        "request asked": _("Customer asked for more"),
        "request answered": _("Question or complaint answered"),
        "request accepted": _("Customer accepted the answer"),
        "request opened again": _("Question or complaint opened again"),
        "request written": _("Customer wrote more"),
        "request reopened": _("Customer did not accept the answer"),
        "request called off": _("Customer called a request off"),
        "equipment given": _("Equipment handed out"),
        "equipment returned": _("Equipment taken back"),
        "equipment exchanged": _("Equipment exchanged"),
        "visit booked": _("Customer booked a technician’s visit"),
        "visit moved": _("Customer moved a technician’s visit"),
        "visit called off": _("Customer called a technician’s visit off"),
        "visit on the way": _("Technician on the way"),
        "visit done": _("Technician’s visit done"),
        "visit missed": _("Technician’s visit did not work out"),
        "provider proposal": _("Second person asked about a provider"),
        "provider agreed": _("Second person agreed about a provider"),
        "provider declined": _("Second person refused about a provider"),
        "request timed out": _("Question or complaint closed: the customer was silent"),
    }


def actor(who: Actor) -> str:
    """Return who did it: the login of staff, or which part of us, or the customer."""
    if who.kind != "system":
        return who.name or who.id
    return {"customer": _("Customer"), "sharing": _("Customer")}.get(who.id, _("By itself"))


def subject(recorded: str) -> str:
    """Return what it was done with, like `case 12`: the kind in words, its number as it is."""
    kind, _space, number = recorded.rpartition(" ")
    name = {
        "account": _("Cabinet"),
        "agent": _("Employee"),
        "approval": _("Second person"),
        "case": _("Talk"),
        "dispute": _("Dispute"),
        "draft": pgettext("draft", "Draft"),
        "line": _("Line"),
        "number request": _("Request for a number"),
        "party": _("Customer"),
        "provider": _("Provider"),
        "receipt": _("Fiscal receipt"),
        "registry": _("Registry"),
        "request": _("Question or complaint"),
        "visit": _("Technician’s visit"),
    }.get(kind)
    if name:
        return f"{name} {number}"
    return {"customers": _("Customers"), "network": _("Network")}.get(recorded, recorded)
