"""Answers of the server: JSON, and bytes piece by piece."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse

_PIECE = 2**16  # bytes


def json_response(value: Mapping[str, Any], status: int = 200) -> Response:
    """Return one JSON object."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "backslashreplace"), status, media_type="application/json")


def in_pieces(
    content: bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return bytes, of which a slow client holds only a piece in memory."""

    async def pieces() -> AsyncIterator[memoryview]:
        view = memoryview(content)
        for start in range(0, len(content), _PIECE):
            yield view[start : start + _PIECE]
            await asyncio.sleep(0)  # the connection hears here that its client has left

    length = {"content-length": str(len(content))}
    return StreamingResponse(pieces(), headers={**length, **(headers or {})}, media_type=media_type)
