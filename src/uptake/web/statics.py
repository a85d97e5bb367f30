"""The files of pages, made small on their first way out: there is no build step that would. They are the same for everybody."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

_TEXT = ("text/", "image/svg+xml", "application/javascript", "application/json")
_MANY = 64


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """WhiteNoise, with gzip for whoever takes it."""

    def serve(self, static_file: Any, request: HttpRequest) -> HttpResponseBase:
        response: StreamingHttpResponse = super().serve(static_file, request)
        taken = request.method == "GET" and "gzip" in request.headers.get("Accept-Encoding", "")
        if response.status_code != 200 or not response.headers.get("Content-Type", "").startswith(_TEXT):
            return response
        if not taken:
            response.headers["Vary"] = "Accept-Encoding"
            return response
        body = _pressed(b"".join(response))  # a file, read on the spot
        response.close()
        small = {"Content-Encoding": "gzip", "Content-Length": str(len(body)), "Vary": "Accept-Encoding"}
        return HttpResponse(body, headers=dict(response.headers.items()) | small)


@lru_cache(_MANY)
def _pressed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
