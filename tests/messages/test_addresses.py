"""Which addresses digests may go to: a short list, and nothing that could be bent into another place."""

from __future__ import annotations

import pytest

from uptake.domain.problems import Refused
from uptake.domain.secret import Secret
from uptake.messages.addresses import cleaned, target

HOSTS = ("hooks.acme.example", "127.0.0.1:8123")
SLACK = "T0AAAAAAA/B0BBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC"
TEAMS = "prod-1.westeurope.logic.azure.com"
FLOW = "643e69f83c8944438d68119179a10a64"
SIGNATURE = "KODuebWbDGYFr0z0eu-6Rj8aUKz7108W3wrNJZxFE5A"
_QUERY = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIGNATURE}"
INVOKE = f"workflows/{FLOW}/triggers/manual/paths/invoke?{_QUERY}"


@pytest.mark.parametrize(
    ("address", "service", "host"),
    [
        (f"https://hooks.slack.com/services/{SLACK}", "slack", "hooks.slack.com"),
        (f"slack://{SLACK}", "slack", "hooks.slack.com"),
        ("slack://xoxb-1234-1234-4ddbc191d40ee098/#leaders", "slack_bot", "slack.com"),
        ("slack://xoxb-1234-1234-4ddbc191d40ee098/C0123456", "slack_bot", "slack.com"),
        (f"https://{TEAMS}:443/{INVOKE}", "teams", TEAMS),
        (f"https://default0.11.environment.api.powerplatform.com:443/powerautomate/automations/direct/{INVOKE}", "teams",
         "default0.11.environment.api.powerplatform.com"),
        (f"https://default0.11.environment.api.powerplatform.com/powerautomate/automations/direct/cu/7/{INVOKE}", "teams",
         "default0.11.environment.api.powerplatform.com"),
        (f"workflows://{TEAMS}:443/{FLOW}/{SIGNATURE}", "teams", TEAMS),
        ("jsons://hooks.acme.example/a/b-c_d", "webhook", "hooks.acme.example"),
        ("json://127.0.0.1:8123/a", "webhook", "127.0.0.1:8123"),
    ],
)  # fmt: skip
def test_what_is_taken(address: str, service: str, host: str) -> None:
    found = target(cleaned(Secret(f" {address}\n")), HOSTS)
    assert (found.service, found.host) == (service, host)
    assert "?" not in str(found.parts.get("host", ""))
    assert address not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "exec://rm", "file:///etc/passwd", "syslog://", "dbus://", "glib://", "windows://", "macosx://", "gnome://", "rsyslog://127.0.0.1",
        "script://x", "mqtt://127.0.0.1", "irc://127.0.0.1", "smtp://127.0.0.1", "mailto://a:b@example.com", "xml://127.0.0.1",
        "form://127.0.0.1", "apprise://127.0.0.1/token", "config://127.0.0.1", "http://hooks.slack.com/services/" + SLACK,
        f"https://hooks.slack.com.evil.example/services/{SLACK}",
        f"https://evil.example/services/{SLACK}",
        f"https://hooks.slack.com@evil.example/services/{SLACK}",
        f"https://hooks.slack.com/services/{SLACK}?template=/etc/passwd",
        f"slack://{SLACK}?verify=no", f"slack://{SLACK}?mode=workflow", f"slack://{SLACK}/#a/#b", f"slack://bot@{SLACK}",
        "slack://xoxb-1234-1234-4ddbc191d40ee098/@everybody,#b", "slack://xoxp-1234-1234-4ddbc191d40ee098/#leaders",
        f"https://169.254.169.254/{INVOKE}", f"https://logic.azure.com.evil.example/{INVOKE}", f"https://evil-logic.azure.com/{INVOKE}",
        f"https://{TEAMS}:8443/{INVOKE}", f"http://{TEAMS}/{INVOKE}", f"https://a@{TEAMS}/{INVOKE}", f"https://{TEAMS}/x/{INVOKE}",
        f"https://{TEAMS}/{INVOKE}#x", f"https://{TEAMS}\\@evil.example/{INVOKE}", f"workflows://127.0.0.1:443/{FLOW}/{SIGNATURE}",
        f"workflows://{TEAMS}/{FLOW}/{SIGNATURE}?template=file:///etc/passwd",
        "json://hooks.acme.example/", "jsons://127.0.0.1/", "json://127.0.0.1:22/a", "json://localhost:8123/a", "jsons://[::1]:8123/",
        "jsons://hooks.acme.example:8443/", "jsons://user:pass@hooks.acme.example/", "jsons://hooks.acme.example/?verify=no",
        "jsons://hooks.acme.example/?:x=y&-method=GET&+Host=evil", "jsons://hooks.acme.example/a%2f..%2fb", "jsons://evil.example/",
        "json://127.0.0.1:8123/a\r\nHost: x", "json://127.0.0.1:8123/a b",
        "jsons://hooks.acme.exämple/", "jsons://" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_not(address: str) -> None:
    with pytest.raises(Refused) as refused:
        target(cleaned(Secret(address)), HOSTS)
    said = str(refused.value)
    assert not [part for part in (SLACK, SIGNATURE, FLOW, "evil", "passwd", "4ddbc191d40ee098") if part in said]


def test_without_a_list_no_webhook_goes_anywhere() -> None:
    for address in ("jsons://hooks.acme.example/", "json://127.0.0.1:8123/"):
        with pytest.raises(Refused, match="operator listed"):
            target(Secret(address), ())
