"""The identity providers for templates: those that sign in here, and what is linked to the account that looks."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from uptake.actions import single_sign_on
from uptake.domain.access import may
from uptake.domain.identity_providers import Provider

register = template.Library()


@register.simple_tag
def providers() -> tuple[Provider, ...]:
    found: tuple[Provider, ...] = settings.UPTAKE_SSO.providers
    return found


@register.simple_tag(takes_context=True)
def own_providers(context: dict[str, Any]) -> list[Provider]:
    """Those that the account which looks is linked to: by them it can prove again who it is."""
    viewer, sign_on = context["viewer"], settings.UPTAKE_SSO
    linked = {(one.kind, one.issuer) for one in single_sign_on.listed(viewer, sign_on) if one.owner == viewer.name}
    return [one for one in sign_on.providers if (one.kind, one.issuer) in linked]


@register.inclusion_tag("uptake/identities.html", takes_context=True)
def identities(context: dict[str, Any]) -> dict[str, Any]:
    """The section of Your account; as Company Admin with everybody's. Empty where there is nothing of the kind."""
    viewer, sign_on = context["viewer"], settings.UPTAKE_SSO
    found = single_sign_on.listed(viewer, sign_on)
    return {
        "csrf_token": context["csrf_token"],
        "now": context.get("now"),
        "viewer": viewer,
        "own": [one for one in found if one.owner == viewer.name],
        "others": [one for one in found if one.owner != viewer.name],
        "providers": [one for one in sign_on.providers if one not in own_providers(context)],
        "known": sign_on.providers,
        "vouching": [one for one in sign_on.providers if one.email_domains] if may(viewer, "identity.expect") else [],
    }
