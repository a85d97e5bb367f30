"""The address of a channel: which kinds there are, taken apart strictly. What is not on the list goes nowhere.

Apprise knows a hundred services, files, commands and a query string with which each can be bent; nothing of an address
reaches it but the parts that are named here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from uptake.domain.problems import Refused
from uptake.domain.secret import Secret

SERVICES = {
    "slack": "Slack, by webhook",
    "slack_bot": "Slack, by bot",
    "teams": "Microsoft Teams",
    "webhook": "Webhook",
}
_LONGEST = 1000
_TEAMS_HOSTS = (".logic.azure.com", ".api.powerplatform.com")
_SLACK_HOOK = re.compile(r"/services/([A-Z0-9]{6,20})/([A-Z0-9]{6,20})/([A-Za-z0-9]{16,40})/?")
_SLACK_HOOK_SHORT = re.compile(r"slack://([A-Z0-9]{6,20})/([A-Z0-9]{6,20})/([A-Za-z0-9]{16,40})/?")
_SLACK_BOT = re.compile(r"slack://(xoxb-[A-Za-z0-9-]{16,120})/#?([a-z0-9_-]{1,80}|[CG][A-Z0-9]{6,20})/?")
_TEAMS_PATH = re.compile(
    r"(/powerautomate/automations/direct(?:/cu/([0-9]{1,4}))?)?/workflows/([A-Za-z0-9]{8,80})/triggers/manual/paths/invoke/?"
)
_TEAMS_SHORT = re.compile(r"/([A-Za-z0-9]{8,80})/([A-Za-z0-9_-]{16,120})/?")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{16,120}")
_HOOK_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]{1,200}){0,12}/?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})

_ACCEPTED = (
    "Paste the webhook address of Slack (https://hooks.slack.com/services/…) or of a Teams workflow "
    "(https://….logic.azure.com/… or https://….api.powerplatform.com/…), or slack://<bot token>/<channel>. "
    "Other places: jsons://<host>/<path>, where the operator lists the host in UPTAKE_WEBHOOK_HOSTS."
)


@dataclass(frozen=True, slots=True)
class Target:
    """A channel's address, taken apart: the service, the host it goes to, and the parts Apprise gets."""

    service: str
    host: str
    parts: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Target({self.service})"


def cleaned(address: Secret) -> Secret:
    """An address as it was meant: without blanks around it. Raises Refused where it cannot be one."""
    text = address.expose().strip()
    if not text or len(text) > _LONGEST or not text.isascii() or any(ord(letter) < 33 for letter in text):
        raise Refused("This is not the address of a channel. Nothing was stored.", _ACCEPTED)
    return Secret(text)


def last_four(address: Secret) -> str:
    """The end of a cleaned address, by which people tell it from another one."""
    return address.expose().rstrip("/")[-4:]


def target(address: Secret, webhook_hosts: tuple[str, ...]) -> Target:
    """Where a cleaned address leads. Raises Refused for any kind that is not on the list; never repeats the address."""
    text = address.expose()
    found = _slack(text)
    if found is None:
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise _refused() from None
        if parts.fragment or "@" in parts.netloc or "\\" in text or "%" in parts.path:
            raise _refused()
        found = _teams(parts, port) or _webhook(parts, port, webhook_hosts)
    return found


def _refused() -> Refused:
    return Refused("Digests are not sent to an address of this kind. Nothing was stored.", _ACCEPTED)


def _slack(text: str) -> Target | None:
    hook = _SLACK_HOOK_SHORT.fullmatch(text)
    if hook is None and text.startswith("https://hooks.slack.com/"):
        hook = _SLACK_HOOK.fullmatch(text.removeprefix("https://hooks.slack.com"))
    plain = {"schema": "slack", "include_image": False, "include_footer": False}
    if hook is not None:
        tokens = dict(zip(("token_a", "token_b", "token_c"), hook.groups(), strict=True))
        return Target("slack", "hooks.slack.com", plain | tokens | {"targets": []})
    if bot := _SLACK_BOT.fullmatch(text):
        token, channel = bot.groups()
        to = channel if channel[0].isupper() else f"#{channel}"
        return Target("slack_bot", "slack.com", plain | {"access_token": token, "targets": [to]})
    return None


def _teams(parts: SplitResult, port: int | None) -> Target | None:
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"https", "workflows"} or not host.endswith(_TEAMS_HOSTS) or port not in {None, 443}:
        return None
    if not re.fullmatch(r"[a-z0-9.-]{1,200}", host):
        return None
    made: dict[str, Any] = {"schema": "workflows", "host": host, "include_image": False}
    if parts.scheme == "workflows" and not parts.query and (short := _TEAMS_SHORT.fullmatch(parts.path)):
        return Target("teams", host, made | {"workflow": short[1], "signature": short[2]})
    whole = _TEAMS_PATH.fullmatch(parts.path)
    # Of the query only the signature counts, and the version in its one form; Apprise writes the rest itself.
    asked = dict(parse_qsl(parts.query))
    if parts.scheme != "https" or whole is None or not _SIGNATURE.fullmatch(asked.get("sig", "")):
        return None
    made |= {"workflow": whole[3], "signature": asked["sig"], "power_automate": bool(whole[1])}
    made |= {"routing_id": whole[2]} if whole[2] else {}
    version = asked.get("api-version", "")
    return Target("teams", host, made | ({"version": version} if re.fullmatch(r"[0-9a-z-]{4,24}", version) else {}))


def _webhook(parts: SplitResult, port: int | None, hosts: tuple[str, ...]) -> Target:
    """A host of the operator's list, and in clear only on the machine itself."""
    host = (parts.hostname or "").lower()
    named = host if port in {None, 443} and parts.scheme == "jsons" else f"{host}:{port or 80}"
    if parts.scheme not in {"json", "jsons"} or parts.query or not _HOOK_PATH.fullmatch(parts.path):
        raise _refused()
    if named not in hosts:
        raise Refused(
            "Webhooks go to hosts that the operator listed, and this one is not. Nothing was stored.",
            "Ask the operator of this installation to add it to UPTAKE_WEBHOOK_HOSTS.",
        )
    if parts.scheme == "json" and host not in _LOOPBACK:
        raise Refused("A webhook must be jsons://: figures are never sent in clear. Nothing was stored.", _ACCEPTED)
    made: dict[str, Any] = {"schema": parts.scheme, "host": host, "fullpath": parts.path or "/"}
    return Target("webhook", named, made | ({"port": port} if port else {}))
