"""The client of a server with an API like OpenAI's: for embeddings, and for re-ranking."""

from httpx2 import InvalidURL
from openai import DefaultHttpxClient, OpenAI, OpenAIError

from domain.errors import ConfigError
from domain.redaction import split_login

VENDOR_ERRORS = (OpenAIError,)
ADDRESS_ERRORS = (InvalidURL, ValueError)


def open_client(url: str, key: str | None, timeout: float, if_unreadable: str) -> OpenAI:
    """``url`` may have a name and a password. Raises ConfigError, which says ``if_unreadable``."""
    address, login = split_login(url)
    try:
        return OpenAI(
            base_url=address,
            api_key=key or "none",
            timeout=timeout,
            http_client=DefaultHttpxClient(auth=login),
        )
    except ADDRESS_ERRORS as e:
        raise ConfigError(if_unreadable, str(e)) from e


def in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
