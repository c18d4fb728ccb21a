"""Addresses of money to other subscribers."""

from django.urls import path

from abonent.entrypoints.portal.billing import family_pays, transfers

urlpatterns = [
    path("transfer/", transfers.start, name="transfer"),
    path("transfer/history/", transfers.history),
    path("transfer/<uuid:transfer_id>/", transfers.receipt, name="transfer-receipt"),
    path("transfer/<uuid:transfer_id>/confirm/", transfers.confirm),
    path("transfer/<uuid:transfer_id>/confirm/code/", transfers.code),
    path("transfer/<uuid:transfer_id>/confirm/code/again/", transfers.code_again),
    path("transfer/<uuid:transfer_id>/receipt.pdf", transfers.paper),
    path("transfer/<uuid:transfer_id>/ask-back/", transfers.ask_back),
    path("transfer/<uuid:transfer_id>/answer/", transfers.answer_back),
    path("family/", family_pays.family, name="family"),
    path("family/<uuid:pay_id>/confirm/", family_pays.confirm),
    path("family/<uuid:pay_id>/confirm/code/", family_pays.code),
    path("family/<uuid:pay_id>/confirm/code/again/", family_pays.code_again),
    path("family/<uuid:pay_id>/agree/", family_pays.agree),
    path("family/<uuid:pay_id>/end/", family_pays.end),
]
