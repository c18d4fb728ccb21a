"""The Jinja2 environments of the pages: one per language, so that words are set when a template is compiled.

`_("…")`, `icon("…")` and `static("…")` with constant arguments cost nothing at request time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.backends.jinja2 import Jinja2, Template
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined, TemplateNotFound, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from abonent.web import format as formats
from abonent.web import icons, stylesheet

LANGUAGE_NAMES = dict(settings.LANGUAGES)


class PageEnvironment(Environment):
    """An environment that speaks one language."""

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(**options)
        self.add_extension("jinja2.ext.i18n")
        self.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        self.language = language
        self.constant_calls: dict[str, Callable[..., Any]] = {
            # Jinja always treats a message as a format, even without values: "%%" is a per cent sign.
            "_": lambda text: Markup(gettext(text) % {}),  # noqa: S704 - our own words, not a person's
            "icon": icons.icon,
            "static": static,
        }
        self.globals |= _globals(language)
        self.filters |= {"phone": formats.phone, "moment": formats.moment}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        with translation.override(self.language):
            return _Folding(self.constant_calls).visit(tree)  # type: ignore[no-any-return]


class _Folding(NodeTransformer):
    """Replaces calls of known functions with constant arguments by their results."""

    def __init__(self, calls: dict[str, Callable[..., Any]]) -> None:
        self.calls = calls

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's visitor wants this name
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        constant = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        plain = not node.kwargs and not node.dyn_args and not node.dyn_kwargs and len(constant) == len(node.args)
        if name not in self.calls or not plain:
            return node
        return nodes.Const(self.calls[name](*constant), lineno=node.lineno)


class Pages(Jinja2):
    """Django's template engine over one environment per language."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {"autoescape": True, "loader": self.env.loader, "auto_reload": False, "undefined": StrictUndefined}
        layout = {"trim_blocks": True, "lstrip_blocks": True}
        self.environment_of = cache(lambda language: PageEnvironment(language, **options, **layout))

    def get_template(self, template_name: str) -> Template:
        # Django's own way goes through one environment; ours goes through the language's.
        speaking = translation.get_language()
        language = speaking if speaking in LANGUAGE_NAMES else settings.LANGUAGE_CODE
        return _template(self, self.environment_of(language), template_name)


def _template(engine: Pages, environment: PageEnvironment, name: str) -> Template:
    try:
        return Template(environment.get_template(name), engine)
    except TemplateNotFound as error:
        raise TemplateDoesNotExist(str(error.name), backend=engine) from error


def _globals(language: str) -> dict[str, Any]:
    names = settings.OPERATOR_NAME
    others = [(code, name) for code, name in settings.LANGUAGES if code != language]
    return {
        "static": static,
        "icon": icons.icon,
        "language": language,
        "other_languages": others,
        "operator": names.get(language) or names[settings.LANGUAGE_CODE],
        "support_number": settings.SUPPORT_NUMBER,
        "stylesheet": stylesheet.address(),
        "cabinet_stylesheet": stylesheet.cabinet_address(),
        "theme_colors": stylesheet.theme_colors(),
    }
