"""Pages by name, for templates: a link for whoever may open the page, plain words for everybody else."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from uptake.web.controls import controls, unheard
from uptake.web.policies import opens

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: dict[str, Any], name: str, said: str, part: str = "") -> SafeString:
    """`{% to "policy" "Privacy" %}`; `part` is the id of a section there."""
    if not opens(context["viewer"], name):
        return format_html("{}", said)
    return format_html('<a href="{}{}">{}</a>', reverse(name), f"#{part}" if part else "", said)


register.filter("controls", controls)
register.filter("unheard", unheard)
