"""What openai, and httpx2 that it uses, raise: turned into this program's errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

import httpx2
import openai

from domain.errors import (
    AdapterNotLoaded,
    AdapterUnfit,
    GenerationError,
    NoAdapters,
    ServerBusy,
    ServerUnavailable,
)
from domain.errors import GenerationTimedOut as TimedOut

NO_SERVER = "What answers at the model server's address is no model server."

# Why vLLM loads none, if it was started without --enable-lora.
_WITHOUT_LORA = "LoRA is not enabled"


@contextmanager
def translated(
    root: str, *, adapter: str | None = None, begun: bool = False, refusing: bool = False
) -> Iterator[None]:
    """Turns the exceptions of openai, and of httpx2 that it uses, into this program's errors.

    ``begun``: the answer had begun. ``refusing``: a 4xx or 500 means that the adapter was refused.
    """
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException) as e:
        raise TimedOut("The model server took too long.", root) from e
    except openai.APIStatusError as e:
        raise _of_status(e, adapter, refusing) from e
    except (openai.APIConnectionError, httpx2.TransportError) as e:
        if begun:
            raise GenerationError("The model server broke off in the middle of the answer.") from e
        raise ServerUnavailable("The model server does not answer.", f"{root}: {e}") from e
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as e:
        raise GenerationError("The model server failed.", f"{root}: {e}") from e
    except JSONDecodeError as e:
        raise GenerationError(NO_SERVER, root) from e


def _of_status(
    error: openai.APIStatusError, adapter: str | None, refusing: bool
) -> GenerationError:
    status, message = error.status_code, _message(error)
    if status in (408, 504):
        return TimedOut("The model server took too long.", message)
    if status == 502 or (status == 503 and error.code == "not_ready"):
        return ServerUnavailable("The model server is not ready.", message)
    if status in (429, 503):
        return ServerBusy("The model server is busy.", message)
    if status in (401, 403):
        return GenerationError("The model server does not accept PHI3_SERVER_KEY.", message)
    if adapter is not None and refusing and _loads_none(error):
        return NoAdapters(message)
    if adapter is not None and error.code == "adapter_unfit":
        return AdapterUnfit(f"The adapter {adapter} does not fit the model server.", message)
    unknown = status == 404 or error.code == "adapter_not_loaded"
    # vLLM says 500 for an adapter that it cannot use.
    if adapter is not None and (unknown or (refusing and status <= 500)):
        what = "has" if unknown else "loads"
        return AdapterNotLoaded(f"The model server {what} no adapter {adapter}.", message)
    return GenerationError(f"The model server refused the question ({status}).", message)


def _loads_none(error: openai.APIStatusError) -> bool:
    """Whether vLLM would load no adapter: where updating is off, the path is unknown to it."""
    is_unknown_path = error.status_code == 404 and not _has_message(error)
    return is_unknown_path or _WITHOUT_LORA in _message(error)


def _message(error: openai.APIStatusError) -> str:
    """The server's message, if it sent one."""
    return str(error.body["message"]) if _has_message(error) else error.message  # type: ignore[index]


def _has_message(error: openai.APIStatusError) -> bool:
    """Whether the server's program answered, and not only its web framework."""
    return isinstance(error.body, dict) and isinstance(error.body.get("message"), str)
