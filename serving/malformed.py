"""What is no HTTP at all is answered in OpenAI's shape, too."""

import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from serving.api import error_body

_Base: Any = H11Protocol
_VERSIONS = (b"1.0", b"1.1")
_LONGEST_HEAD = 2**16
_BODY = json.dumps(
    error_body("The request is no valid HTTP, or its head is too long.", "invalid_request_error"),
    separators=(",", ":"),
).encode()
_REPLY = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class HttpProtocol(_Base):  # type: ignore[misc]
    """uvicorn's own on h11, which would answer in plain text.

    uvicorn's other one, on httptools, takes heads of any length: one of 40 MB kept the whole server
    from answering for half a minute. And it loses the body of a request that offers another
    protocol, as Java's client does.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = _Connection(h11.SERVER, _LONGEST_HEAD)

    def send_400_response(self, _msg: str) -> None:
        """Answers what could not be read, and closes the connection."""
        self.transport.write(_REPLY)
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """A client that offers another protocol is answered as any other."""


class _Connection(h11.Connection):
    """h11's own, which reads other versions as if they were 1.1, and a body of two lengths."""

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            is_ambiguous = {b"transfer-encoding", b"content-length"} <= names
            if is_ambiguous or event.http_version not in _VERSIONS:
                raise h11.RemoteProtocolError("It is no plain HTTP/1.")
        return event
