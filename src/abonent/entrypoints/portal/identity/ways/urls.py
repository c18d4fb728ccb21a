"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.ways import contract, no_access

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/contract/", contract.contract, name="login-contract"),
    path("login/contract/code/", contract.code, name="login-contract-code"),
    path("login/contract/code/again/", contract.again, name="login-contract-code-again"),
    path("login/no-access/", no_access.no_access, name="no-access"),
]
