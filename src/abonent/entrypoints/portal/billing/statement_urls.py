"""Addresses of the statement."""

from django.urls import path, re_path

from abonent.entrypoints.portal.billing import statement

urlpatterns = [
    path("statement/", statement.statement, name="statement"),
    path("statement/charge/<uuid:charge_id>/", statement.charge, name="statement-charge"),
    re_path(r"^statement/statement\.(?P<extension>pdf|xlsx|csv)$", statement.file, name="statement-file"),
]
