"""Every route has a policy: looked through once, before the process starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver

from uptake.domain.access import PERMISSIONS
from uptake.web.policies import BEARER, POLICIES, PUBLIC, SIGNED_IN, policy_of


def routes(patterns: Iterable[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """The full names of all routes below, unnamed ones by their pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}"


def require_policies(patterns: Iterable[URLPattern | URLResolver]) -> None:
    """Stop the start if a route has no policy or a policy names no action."""
    bare = [name for name in routes(patterns) if policy_of(name) is None]
    unknown = [policy for policy in POLICIES.values() if policy not in {PUBLIC, SIGNED_IN, BEARER, *PERMISSIONS}]
    if bare or unknown:
        raise ImproperlyConfigured(f"Routes without a policy: {bare}; policies that are no action: {unknown}")
