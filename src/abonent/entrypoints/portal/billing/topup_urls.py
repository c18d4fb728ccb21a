"""Addresses of the hub of payments, top-ups, saved cards and the history of payments."""

from django.urls import path, re_path

from abonent.entrypoints.portal.billing import cards, pay, payments, topup

urlpatterns = [
    path("pay/", pay.pay, name="pay"),
    path("topup/", topup.choose, name="topup"),
    path("topup/confirm/", topup.confirm, name="topup-confirm"),
    path("topup/<uuid:topup_id>/", topup.order, name="topup-order"),
    path("cards/", cards.cards, name="cards"),
    path("cards/first/", cards.first, name="cards-first"),
    path("cards/remove/", cards.remove, name="cards-remove"),
    path("payments/", payments.payments, name="payments"),
    path("payments/<uuid:payment_id>/", payments.receipt, name="payments-receipt"),
    path("payments/<uuid:payment_id>/receipt.pdf", payments.receipt_file, name="payments-receipt-file"),
    re_path(r"^payments/payments\.(?P<extension>pdf|xlsx|csv)$", payments.file, name="payments-file"),
]
