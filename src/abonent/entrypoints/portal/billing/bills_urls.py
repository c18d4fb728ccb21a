"""Addresses of bills, of the state of the account and of acts of reconciliation."""

from django.urls import path, re_path

from abonent.entrypoints.portal.billing import account, bills, fiscal

urlpatterns = [
    path("bills/", bills.bills),
    path("bills/<int:bill_id>/", bills.bill),
    path("bills/<int:bill_id>/bill.pdf", bills.bill_file),
    path("account/", account.account),
    path("account/receipts/<uuid:receipt_id>/", fiscal.fiscal_receipt),
    path("account/act/", account.act),
    re_path(r"^account/act/act\.(?P<extension>pdf|xlsx)$", account.act_file),
]
