"""The files of pages travel small to whoever takes them so, and as they are to everybody else."""

from __future__ import annotations

import gzip

from django.test import Client

from uptake.web import context, style


def test_every_style_sheet_comes_small_and_whole(db: None) -> None:
    client = Client(headers={"host": "localhost"})
    for sheet in context.STYLESHEETS:
        plain = b"".join(client.get(f"/static/{sheet}"))  # type: ignore[arg-type]
        small = client.get(f"/static/{sheet}", headers={"accept-encoding": "br, gzip"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert small.headers["Content-Type"].startswith("text/css")
        assert int(small.headers["Content-Length"]) == len(small.content) < len(plain)
        assert gzip.decompress(small.content) == plain == (style.SHEETS.parent / sheet).read_bytes()


def test_who_has_the_file_is_sent_none(db: None) -> None:
    client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
    first = client.get("/static/uptake/text.css")
    again = client.get("/static/uptake/text.css", headers={"if-modified-since": first.headers["Last-Modified"]})
    assert again.status_code == 304
    assert "Content-Encoding" not in again.headers


def test_who_asks_for_the_head_alone_gets_it(db: None) -> None:
    found = Client(headers={"host": "localhost", "accept-encoding": "gzip"}).head("/static/uptake/text.css")
    assert found.status_code == 200
    assert "Content-Encoding" not in found.headers
