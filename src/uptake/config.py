"""Every setting once: name, default, type, help. Read from the environment by the outermost shell and passed on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from uptake.domain.problems import Problem

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SENDER = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
ALL_DAYS = 10_000
"""UPTAKE_BACKFILL_DAYS=all: more days than the vendor has; the floor (2026-01-01) ends it."""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("UPTAKE_HOME", "./uptake-data", "Folder for database, lake, cache and master key. Nothing is written elsewhere."),
    Setting("UPTAKE_CLAUDE_URL", "https://api.anthropic.com", "Where Anthropic's API is. Set here only, never from the web."),
    Setting("UPTAKE_FIFTEEN_FIVE_URL", "https://my.15five.com", "Where 15Five's public API is. Set here only, never from the web."),
    Setting("UPTAKE_DATABASE_URL", "", "PostgreSQL URL for the records; empty: SQLite in home."),
    Setting("UPTAKE_LAKE_URL", "", "Folder of the lake; empty: `lake` in home."),
    Setting("UPTAKE_ENGINE", "duckdb", "Query engine. Only `duckdb` so far."),
    Setting("UPTAKE_MASTER_KEY_FILE", "", "Key that seals the API keys; empty: made in home with mode 0600."),
    Setting("UPTAKE_REQUESTS_PER_MINUTE", "50", "Requests to Anthropic a minute, evenly paced (Anthropic allows 60, shared)."),
    Setting("UPTAKE_BACKFILL_DAYS", "31", "Days read on first connect: a number, or `all` back to 2026-01-01."),
    Setting("UPTAKE_SYNC_HOURS", "4", "Hours between scheduled syncs."),
    Setting("UPTAKE_RESERVE_MB", "64", "Room kept back on the disk, so that people can be erased when it is full; `0` for none."),
    Setting("UPTAKE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", "Host names the web server answers to, comma-separated."),
    Setting("UPTAKE_REQUIRE_SECOND_FACTOR", "off", "`admins`: Company, HR and IT Admins open nothing before they have added a second factor. `off`: it is up to everybody."),
    Setting("UPTAKE_SSO_FILE", "", "TOML file with the identity providers that may sign people in (decisions/0011); empty: none."),
    Setting("UPTAKE_SCIM_ACCOUNTS", "", "`1`: SCIM also makes an Employee account, without a password, for everybody it provisions."),
    Setting("UPTAKE_PUBLIC_URL", "", "Where people open uptake, such as `https://uptake.example.com`: links in mails and messages lead there. Empty: the first of UPTAKE_ALLOWED_HOSTS. Mails need it."),
    Setting("UPTAKE_SMTP_URL", "", "The mail server for digests: `smtp+starttls://user@mail.example.com:587` or `smtps://user@mail.example.com:465`; `smtp://` on loopback only. Empty: no mail is sent."),
    Setting("UPTAKE_SMTP_PASSWORD_FILE", "", "File with the mail server's password; empty: it asks for none."),
    Setting("UPTAKE_MAIL_FROM", "", "The sender's address of mails; needed with UPTAKE_SMTP_URL."),
    Setting("UPTAKE_WEBHOOK_HOSTS", "", "Hosts, or `host:port`, that digests may go to by webhook besides Slack and Microsoft Teams, comma-separated. Empty: none."),
    Setting("UPTAKE_SECURE_COOKIES", "", "`1` behind HTTPS: cookies only over TLS, HSTS on."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server that digests are given to. `security`: tls, starttls, or none on loopback."""

    host: str
    port: int
    security: str
    user: str
    password_file: Path | None
    sender: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, typed. `source` notes nothing secret: secrets are never settings, only files."""

    home: Path
    claude_url: str
    fifteen_five_url: str
    database_url: str
    lake: Path
    master_key_file: Path
    requests_per_minute: float
    backfill_days: int
    sync_hours: float
    reserve: int  # bytes
    allowed_hosts: tuple[str, ...]
    secure_cookies: bool
    sso_file: Path | None
    scim_accounts: bool
    admins_need_second_factor: bool
    public_url: str
    mail: Mail | None
    webhook_hosts: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where people open this installation in a browser, as far as the settings tell."""
        if self.public_url:
            return self.public_url
        host = self.allowed_hosts[0] if self.allowed_hosts else "localhost"
        return f"https://{host}" if self.secure_cookies else f"http://{host}:8321"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def aside(self) -> Path:
        return self.home / "aside"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def temp(self) -> Path:
        return self.home / "tmp"


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment. Raises Problem on a value that makes no sense."""
    raw = {setting.name: environ.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
    home = _path(raw["UPTAKE_HOME"])
    if raw["UPTAKE_ENGINE"] != "duckdb":
        raise Problem("UPTAKE_ENGINE knows only `duckdb`.", "Unset it or set it to duckdb.")
    if "://" in raw["UPTAKE_LAKE_URL"]:
        raise Problem("UPTAKE_LAKE_URL takes a folder so far, not an object store.", "Unset it or name a folder.")
    return Settings(
        home=home,
        claude_url=_web_address("UPTAKE_CLAUDE_URL", raw),
        fifteen_five_url=_web_address("UPTAKE_FIFTEEN_FIVE_URL", raw),
        database_url=raw["UPTAKE_DATABASE_URL"],
        lake=_path(raw["UPTAKE_LAKE_URL"]) if raw["UPTAKE_LAKE_URL"] else home / "lake",
        master_key_file=_path(raw["UPTAKE_MASTER_KEY_FILE"]) if raw["UPTAKE_MASTER_KEY_FILE"] else home / "master.key",
        requests_per_minute=_number("UPTAKE_REQUESTS_PER_MINUTE", raw, at_least=0.1),
        backfill_days=_backfill(raw),
        sync_hours=_number("UPTAKE_SYNC_HOURS", raw, at_least=0.01),
        reserve=int(_number("UPTAKE_RESERVE_MB", raw, at_least=0) * 2**20),
        allowed_hosts=tuple(host.strip() for host in raw["UPTAKE_ALLOWED_HOSTS"].split(",") if host.strip()),
        secure_cookies=raw["UPTAKE_SECURE_COOKIES"] == "1",
        sso_file=_path(raw["UPTAKE_SSO_FILE"]) if raw["UPTAKE_SSO_FILE"] else None,
        scim_accounts=raw["UPTAKE_SCIM_ACCOUNTS"] == "1",
        admins_need_second_factor=_one_of("UPTAKE_REQUIRE_SECOND_FACTOR", raw, "off", "admins") == "admins",
        public_url=_web_address("UPTAKE_PUBLIC_URL", raw) if raw["UPTAKE_PUBLIC_URL"] else "",
        mail=_mail(raw) if raw["UPTAKE_SMTP_URL"] else None,
        webhook_hosts=_listed("UPTAKE_WEBHOOK_HOSTS", raw),
    )


_MAIL_LINES = {"smtps": ("tls", 465), "smtp+starttls": ("starttls", 587), "smtp": ("none", 25)}


def _mail(raw: Mapping[str, str]) -> Mail:
    """The mail server. Raises Problem."""
    text = raw["UPTAKE_SMTP_URL"]
    try:
        parts = urlsplit(text)
        security, usual = _MAIL_LINES[parts.scheme]
        host, port = parts.hostname or "", parts.port or usual
    except (ValueError, KeyError):
        host = ""
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise Problem(
            "UPTAKE_SMTP_URL is not the address of a mail server.", "Such as smtp+starttls://user@mail.example.com:587."
        )
    if parts.password is not None:
        raise Problem(
            "UPTAKE_SMTP_URL holds a password.", "Put it in a file and name that in UPTAKE_SMTP_PASSWORD_FILE."
        )
    if security == "none" and host not in _LOOPBACK:
        raise Problem("UPTAKE_SMTP_URL must be smtps or smtp+starttls.", "Mails go in clear on loopback only.")
    if not _SENDER.fullmatch(raw["UPTAKE_MAIL_FROM"]) or not raw["UPTAKE_PUBLIC_URL"]:
        raise Problem(
            "Mails need a sender and the address that their links lead to.",
            "Set UPTAKE_MAIL_FROM and UPTAKE_PUBLIC_URL too, or unset UPTAKE_SMTP_URL.",
        )
    file = raw["UPTAKE_SMTP_PASSWORD_FILE"]
    return Mail(
        host, port, security, unquote(parts.username or ""), _path(file) if file else None, raw["UPTAKE_MAIL_FROM"]
    )


def _listed(name: str, raw: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(one.strip().lower() for one in raw[name].split(",") if one.strip())


def _one_of(name: str, raw: Mapping[str, str], *values: str) -> str:
    if raw[name] not in values:
        raise Problem(f"{name} knows only {' and '.join(f'`{value}`' for value in values)}.", "Unset it, or use one.")
    return raw[name]


def _web_address(name: str, raw: Mapping[str, str]) -> str:
    """Where a key may go. Raises Problem."""
    text = raw[name]
    default = next(setting.default for setting in SETTINGS if setting.name == name)
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # half a bracket, a port that is none
        whole = False
    if not whole or parts.query or parts.fragment or "@" in parts.netloc:
        raise Problem(
            f"{name} is not a web address.",
            f"Unset it to use {default}." if default else "Such as https://uptake.example.com.",
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Problem(f"{name} must be https: nothing is sent in clear.", "http is for loopback only.")
    return text.rstrip("/")


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:  # ~somebody whom this machine does not know
        raise Problem(f"There is no home folder for {text}.", "Write the folder in full.") from None


def _backfill(raw: Mapping[str, str]) -> int:
    if raw["UPTAKE_BACKFILL_DAYS"] == "all":
        return ALL_DAYS
    return int(_number("UPTAKE_BACKFILL_DAYS", raw, at_least=1))


def _number(name: str, raw: Mapping[str, str], at_least: float) -> float:
    try:
        value = float(raw[name])
    except ValueError:
        value = float("nan")
    if not at_least <= value <= 1e9:
        raise Problem(f"{name} must be a number of at least {at_least:g}.", "Unset it to use the default.")
    return value
