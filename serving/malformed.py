"""What is no HTTP at all is answered in OpenAI's shape, too."""

import json
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from serving.api import error_body

_Base: Any = AutoHTTPProtocol
_BODY = json.dumps(
    error_body("The request is no valid HTTP.", "invalid_request_error"), separators=(",", ":")
).encode()
_REPLY = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class HttpProtocol(_Base):  # type: ignore[misc]
    """uvicorn's own, which would answer in plain text."""

    def send_400_response(self, _msg: str) -> None:
        """Answers what could not be read, and closes the connection."""
        self.transport.write(_REPLY)
        self.transport.close()
