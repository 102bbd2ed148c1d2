"""A Weaviate server: the connection to it, the wait until it has started, and its errors."""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar
from urllib.parse import urlsplit

import grpc  # type: ignore[import-untyped]
import httpx
import weaviate
from weaviate.classes.init import AdditionalConfig, Auth, GrpcConfig, Timeout
from weaviate.exceptions import (
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateInsertManyAllFailedError,
    WeaviateProtobufIncompatibility,
)

from domain.errors import ConfigError, IndexUnavailable

VENDOR_ERRORS = (
    WeaviateBaseError,
    WeaviateProtobufIncompatibility,
    grpc.RpcError,
    httpx.HTTPError,
    json.JSONDecodeError,
)

PAUSE = 0.5
"""Seconds before a server that is not ready is asked again."""

# Messages of a server that has just started and has not loaded its collections yet, or of a node
# that has not heard yet what another one has created.
_NOT_READY = (
    "tried to browse non-existing index",
    "not ready",
    "leader not found",
    "no such prop with name",
)

_NO_KEY = (401, 403)

Result = TypeVar("Result")


class WeaviateServer:
    """A connected server; close it at the end. Several threads may use it.

    The arguments are as in WeaviateIndex. Raises ConfigError and
    IndexUnavailable.
    """

    def __init__(
        self,
        http_url: str,
        grpc_port: int,
        api_key: str | None,
        wait: float,
        authorities: str = "",
    ) -> None:
        self.url = http_url
        self._wait = wait
        self.client = self.ask(lambda: _connect(http_url, grpc_port, api_key, authorities))

    def ask(self, call: Callable[[], Result]) -> Result:
        """What ``call`` returns; it is repeated for ``wait`` seconds while the server starts.

        Raises IndexUnavailable.
        """
        until = monotonic() + self._wait
        while True:
            try:
                return call()
            except VENDOR_ERRORS as e:
                starting = any(sign in str(e) for sign in _NOT_READY)
                if not starting or monotonic() > until:
                    raise self.unavailable(e) from e
                sleep(PAUSE)

    def close(self) -> None:
        self.client.close()

    def unavailable(self, error: Exception) -> IndexUnavailable:
        """What to raise for an error of the library."""
        if getattr(error, "status_code", None) in _NO_KEY:
            what = "refused the key: correct PHI3_WEAVIATE_KEY"
            return IndexUnavailable(f"Weaviate {what}.", self.url)
        answered = isinstance(error, (WeaviateInsertManyAllFailedError, UnexpectedStatusCodeError))
        what = (
            "refused; its log says why"
            if answered
            else "does not answer: start it, or correct PHI3_WEAVIATE_URL"
        )
        return IndexUnavailable(f"Weaviate {what}.", f"{self.url}: {one_line(str(error))}")


def _connect(
    http_url: str, grpc_port: int, api_key: str | None, authorities: str
) -> weaviate.WeaviateClient:
    try:
        address = urlsplit(http_url)
        host, port = address.hostname, address.port
    except ValueError as e:
        raise _no_address(str(e)) from e
    if host is None or address.scheme not in ("http", "https"):
        raise _no_address(http_url)
    secure = address.scheme == "https"
    client = weaviate.connect_to_custom(
        http_host=host,
        http_port=port or (443 if secure else 80),
        http_secure=secure,
        grpc_host=host,
        grpc_port=grpc_port,
        grpc_secure=secure,
        auth_credentials=Auth.api_key(api_key) if api_key else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(init=5, query=20, insert=120),
            grpc_config=GrpcConfig(credentials=_trusted(authorities)) if secure else None,
            trust_env=secure and bool(authorities),  # http reads SSL_CERT_FILE itself
        ),
        # These checks also ask PyPI whether there is a newer client.
        skip_init_checks=True,
    )
    if not client.is_ready():
        client.close()
        raise WeaviateBaseError("it is not ready")
    return client


def _trusted(authorities: str) -> grpc.ChannelCredentials:
    """For gRPC the authorities of SSL_CERT_FILE too, as http has them."""
    try:
        return grpc.ssl_channel_credentials(Path(authorities).read_bytes() if authorities else None)
    except OSError as e:
        raise ConfigError("The file of SSL_CERT_FILE cannot be read.", authorities) from e


def _no_address(why: str) -> ConfigError:
    return ConfigError(
        "Weaviate's address cannot be read: write PHI3_WEAVIATE_URL as http://host:8080.", why
    )


def one_line(text: str) -> str:
    return " ".join(text.split())[:200]
