"""Every setting once: name, default, type, help. Read from the environment by the outermost shell and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from uptake.domain.problems import Problem

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
    Setting("UPTAKE_SECURE_COOKIES", "", "`1` behind HTTPS: cookies only over TLS, HSTS on."),
)  # fmt: skip


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
    )


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
        raise Problem(f"{name} is not a web address.", f"Unset it to use {default}.")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise Problem(f"{name} must be https: keys are never sent in clear.", "http is for loopback only.")
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
