"""Addresses of the consoles."""

from django.urls import path

from abonent.entrypoints.staff import cases, desk, disputes, entry, money, numbers, orders, oversight, registries

urlpatterns = [
    path("staff/login/", entry.login),
    path("staff/login/second/", entry.second),
    path("staff/login/factor/", entry.new_factor),
    path("staff/login/password/", entry.new_password),
    path("staff/logout/", entry.logout),
    path("staff/", desk.desk),
    path("staff/search/", desk.search),
    path("staff/case/", desk.open_case),
    path("staff/case/<int:case_id>/", cases.case),
    path("staff/case/<int:case_id>/answer/", cases.answer),
    path("staff/case/<int:case_id>/document/", cases.document),
    path("staff/case/<int:case_id>/customer/", cases.customer),
    path("staff/case/<int:case_id>/close/", cases.close),
    path("staff/case/<int:case_id>/application.pdf", cases.application),
    path("staff/case/<int:case_id>/request/answer/", disputes.answer),
    path("staff/case/<int:case_id>/services/", orders.services),
    path("staff/case/<int:case_id>/services/<slug:code>/", orders.service),
    path("staff/case/<int:case_id>/<slug:name>/", cases.deed),
    path("staff/case/<int:case_id>/<slug:name>/ask/", cases.ask),
    path("staff/approvals/", oversight.approvals),
    path("staff/approvals/<uuid:approval_id>/", oversight.decide),
    path("staff/money/", money.queue),
    path("staff/money/<uuid:approval_id>/", money.proposal),
    path("staff/numbers/", numbers.queue),
    path("staff/numbers/<int:request_id>/", numbers.answer),
    path("staff/disputes/", disputes.queue),
    path("staff/disputes/<int:dispute_id>/", disputes.take),
    path("staff/audit/", oversight.trail),
    path("staff/network/", oversight.events),
    path("staff/registries/", registries.listing),
    path("staff/registries/<int:registry_id>/", registries.registry),
    path("staff/registries/<int:registry_id>/<int:difference_id>/", registries.resolve),
    path("staff/receipts/<uuid:receipt_id>/", registries.send_receipt),
]
