"""Addresses of one's numbers."""

from django.urls import path

from abonent.entrypoints.portal.numbers import add, own, views

urlpatterns = [
    path("numbers/", views.listing, name="numbers"),
    path("numbers/line/<int:line_id>/", views.line, name="numbers-line"),
    path("numbers/share/<int:share_id>/", views.share, name="numbers-share"),
    path("numbers/share/<int:share_id>/role/", views.role, name="numbers-role"),
    path("numbers/end/", views.end, name="numbers-end"),
    path("numbers/add/", add.start, name="numbers-add"),
    path("numbers/add/<uuid:wish_id>/", add.confirm, name="numbers-confirm"),
    path("numbers/add/<uuid:wish_id>/code/", add.code, name="numbers-code"),
    path("numbers/add/<uuid:wish_id>/code/again/", add.code_again, name="numbers-code-again"),
    path("numbers/own/", own.ask, name="numbers-own"),
    path("numbers/own/call-off/", own.call_off, name="numbers-call-off"),
    path("numbers/own/object/", own.object_to, name="numbers-object"),
]
