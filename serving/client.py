"""The client of a model server with OpenAI's API: ours, or vLLM. It is fast to import."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk

from domain.errors import (
    AdapterNotLoaded,
    ConfigError,
    GenerationError,
    NoAdapters,
    Phi3Error,
)
from domain.protocols import CUT
from domain.questions import Message
from domain.redaction import split_login
from domain.spans import trace_headers
from serving.client_errors import NO_SERVER, translated
from serving.likely_tokens import LikelyToken, tokens_of
from serving.repeating import is_repeating, until_repeating

_CONNECT_SECONDS = 5
_HEALTH_SECONDS = 5
_NOBODY = "phi3-doctor-looks-whether-adapters-load"
_ROOM_SECONDS = 300  # running answers end first, and then a model may have to be loaded
_MARK = "\x1e"  # the record separator

_LIKELY: Mapping[str, Any] = {"logprobs": True, "top_logprobs": 20}
_GOING_ON: Mapping[str, Any] = {
    "extra_body": {"add_generation_prompt": False, "continue_final_message": True}
}
_REFUSED = (openai.BadRequestError, openai.UnprocessableEntityError)


class RoomRefused(GenerationError):
    """The model server has no call with which it gives memory back."""


class ServerClient:
    """A Generator over HTTP; several threads may use it at once.

    ``base_url`` may end in ``/v1`` or not. ``model`` is the base model's name there; if it is empty
    or a folder, the server is asked for it. ``timeout`` is the longest wait for the next piece of
    an answer, in seconds. ``adapter_folder`` returns the folder of an adapter that the server does
    not know: the adapter is then loaded, and the question asked once more. Nothing else is retried.
    That folder may be an address (``s3://…``); ``adapter_copy`` returns the folder of a copy, for a
    server that reads no addresses, as vLLM.
    """

    def __init__(
        self,
        base_url: str,
        model: str = "",
        key: str | None = None,
        timeout: float = 120,
        adapter_folder: Callable[[str], str] | None = None,
        adapter_copy: Callable[[str], str] | None = None,
    ) -> None:
        address, login = split_login(base_url)
        self._root = _root_of(address)
        self._model = "" if model.startswith(("/", ".", "~")) else model
        self._adapter_folder = adapter_folder
        self._adapter_copy = adapter_copy
        self._gives_likely = True
        try:
            self._openai = OpenAI(
                base_url=f"{self._root}/v1",
                api_key=key or "none",
                max_retries=0,
                # A proxy cannot reach this machine's loopback addresses.
                http_client=httpx2.Client(
                    auth=login,
                    timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
                    trust_env=not _is_loopback(self._root),
                    limits=httpx2.Limits(max_connections=None),
                ),
            )
        except (httpx2.InvalidURL, ValueError) as e:
            raise ConfigError(
                "The model server's address cannot be read: write PHI3_SERVER_URL as "
                "http://host:port/v1.",
                str(e),
            ) from e

    @property
    def model(self) -> str:
        """The base model's name on the server. Asking for it may raise GenerationError."""
        if not self._model:
            self._model = next((c["id"] for c in self._cards() if not c.get("parent")), "")
        return self._model

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        """The pieces of the answer, as they come; with ``adapter`` None, the base model's.

        An answer that reaches ``max_tokens`` ends with ``CUT``. So does one that repeats itself, as
        those of small models may: greedy decoding would repeat it up to the last token. Closing the
        iterator ends the request on the server. Raises GenerationError, also if the connection ends
        in the middle of the answer.
        """
        for piece, _ in self._pieces(messages, adapter, max_tokens, {}):
            if piece:
                yield piece

    def stream_likely(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int, begun: str = ""
    ) -> Iterator[tuple[str, Sequence[LikelyToken]]]:
        """As ``stream``, and with each piece its tokens; none if the server gives no probabilities.

        A server that refuses to give them is asked without, then and later. ``begun`` is how the
        answer begins, which goes on from there; a server may refuse that.
        """
        if begun:
            messages = (*messages, Message("assistant", begun))
            yield from self._pieces(messages, adapter, max_tokens, {**_LIKELY, **_GOING_ON})
            return
        if self._gives_likely:
            try:
                yield from self._pieces(messages, adapter, max_tokens, _LIKELY)
            except GenerationError as e:
                # An adapter that cannot be loaded now says nothing of probabilities.
                if isinstance(e, AdapterNotLoaded) or not isinstance(e.__cause__, _REFUSED):
                    raise
            else:
                return
        for piece in self._pieces(messages, adapter, max_tokens, {}):
            self._gives_likely = False  # it was not the question that was refused
            yield piece

    def _pieces(
        self,
        messages: Sequence[Message],
        adapter: str | None,
        max_tokens: int,
        options: Mapping[str, Any],
    ) -> Iterator[tuple[str, Sequence[LikelyToken]]]:
        try:
            stream = self._open(messages, adapter, max_tokens, options)
        except AdapterNotLoaded:
            if adapter is None or self._adapter_folder is None:
                raise
            self.load_adapter(adapter, self._folder_of(adapter))
            stream = self._open(messages, adapter, max_tokens, options)
        with translated(self._root, begun=True), stream:
            text, finish = "", None
            for choice in (choice for chunk in stream for choice in chunk.choices):
                finish = choice.finish_reason or finish
                tokens = tokens_of(choice.logprobs)
                piece = choice.delta.content or ""
                if piece or tokens:
                    kept = until_repeating(text, piece)
                    yield kept, tokens
                    text += kept
                    if is_repeating(text):
                        finish = "length"
                        break
            if finish is None:
                raise GenerationError("The model server broke off in the middle of the answer.")
            if finish == "length" and text.strip():
                yield CUT, ()

    def move_to(self, base_url: str) -> None:
        """Asks the server at another address from now on, with the same key and password."""
        self._root = _root_of(split_login(base_url)[0])
        self._openai.base_url = f"{self._root}/v1"

    def state(self) -> str | None:
        """How the server says that it is, as "ready", "starting" or "resting". Raises nothing.

        None if no model server answers. Other ones than ours only say that they are ready.
        """
        try:
            self._probe("health")
        except GenerationError as e:
            why = e.__cause__
            body = why.body if isinstance(why, openai.InternalServerError) else None
            found = body.get("state") if isinstance(body, dict) else None
            return found if isinstance(found, str) else None
        return "ready"

    def healthy(self) -> bool:
        """Whether the server is ready to answer. Raises nothing."""
        return self._is_well("health")

    def lives(self) -> bool:
        """Whether it is ready, or will be without a new start: it may rest. Raises nothing."""
        return self._is_well("ping")

    def _is_well(self, call: str) -> bool:
        try:
            self._probe(call)
        except GenerationError:
            return False
        return True

    def _probe(self, call: str) -> None:
        with translated(self._root):
            self._openai.get(
                f"{self._root}/{call}",
                cast_to=httpx2.Response,
                options={"timeout": _HEALTH_SECONDS},
            )

    def models(self) -> tuple[str, ...]:
        """The names of the base model and then of the loaded adapters."""
        return tuple(card["id"] for card in self._cards())

    def context(self) -> int | None:
        """How many tokens prompt and answer may have together, if the server says so.

        Raises GenerationError.
        """
        lengths = {c["id"]: c.get("max_model_len") for c in self._cards() if not c.get("parent")}
        length = lengths.get(self.model)
        return length if isinstance(length, int) and length > 0 else None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text, from one request. Raises GenerationError, also if the server has
        no /tokenize.
        """
        # The texts are separated by a control character, which is one token in every tokenizer.
        marked = _MARK.join(["", *(text.replace(_MARK, " ") for text in texts), ""])
        with translated(self._root):
            body = self._openai.post(
                f"{self._root}/tokenize",
                body={"model": self.model, "prompt": marked, "add_special_tokens": False},
                cast_to=httpx2.Response,
                options={"timeout": _HEALTH_SECONDS},
            ).json()
        tokens = body.get("tokens") if isinstance(body, dict) else None
        if not isinstance(tokens, list) or not tokens:
            raise GenerationError("The model server counts no tokens.")
        marks = [at for at, token in enumerate(tokens) if token == tokens[-1]]
        if len(marks) != len(texts) + 1:
            raise GenerationError("The model server's tokens cannot be told apart.")
        return [end - start - 1 for start, end in pairwise(marks)]

    def load_adapter(self, name: str, path: str) -> None:
        """Loads the adapter in the folder ``path``; loading the same one again does nothing.

        Raises AdapterNotLoaded if the server refuses it, and GenerationError.
        """
        try:
            self._load(name, path)
        except AdapterNotLoaded:
            if "://" not in path or self._adapter_copy is None:
                raise
            try:
                copy = self._adapter_copy(name)
            except Phi3Error as e:
                raise AdapterNotLoaded(f"The adapter {name} is not loaded.", str(e)) from e
            self._load(name, copy)

    def _load(self, name: str, path: str) -> None:
        try:
            self._post("load_lora_adapter", {"lora_name": name, "lora_path": path}, name)
        except AdapterNotLoaded:
            # vLLM refuses to load an adapter that is already loaded.
            if not any(card["id"] == name and card.get("root") == path for card in self._cards()):
                raise

    def check_loads_adapters(self) -> None:
        """Raises NoAdapters if the server would load no adapter, and GenerationError."""
        try:
            # A folder that cannot exist: a server that loads adapters says so.
            self._load(_NOBODY, f"/{_NOBODY}")
        except NoAdapters:
            raise
        except AdapterNotLoaded:
            return

    def unload_adapter(self, name: str) -> None:
        """Unloads the adapter. Raises AdapterNotLoaded if it is not loaded."""
        self._post("unload_lora_adapter", {"lora_name": name}, name)

    def make_room(self, what: str, seconds: float) -> None:
        """Lets our own server give back its ``cache`` or its ``model`` for so many seconds.

        Raises GenerationError; RoomRefused if the server has no such call, as vLLM.
        """
        try:
            self._post_admin("make_room", {"what": what, "seconds": seconds})
        except GenerationError as e:
            if isinstance(e.__cause__, openai.NotFoundError):
                raise RoomRefused("This model server gives no memory back.", self._root) from e
            raise

    def take_back(self) -> None:
        """Lets the server have again what it gave back. Raises GenerationError."""
        self._post_admin("take_back", {})

    def _post_admin(self, call: str, body: Mapping[str, object]) -> None:
        with translated(self._root):
            self._openai.post(
                f"{self._root}/admin/{call}",
                body=body,
                cast_to=httpx2.Response,
                options={"timeout": _ROOM_SECONDS},
            )

    def close(self) -> None:
        """Closes the connections."""
        self._openai.close()

    def _open(
        self,
        messages: Sequence[Message],
        adapter: str | None,
        max_tokens: int,
        options: Mapping[str, Any],
    ) -> "openai.Stream[ChatCompletionChunk]":
        model = adapter or self.model
        with translated(self._root, adapter=adapter):
            stream: openai.Stream[ChatCompletionChunk] = self._openai.chat.completions.create(
                model=model,
                messages=[_turn(message) for message in messages],
                max_tokens=max_tokens,
                temperature=0,
                stream=True,
                extra_headers=trace_headers(),
                **options,
            )
            return stream

    def _folder_of(self, adapter: str) -> str:
        assert self._adapter_folder is not None
        try:
            return self._adapter_folder(adapter)
        except Phi3Error as e:
            raise AdapterNotLoaded(
                f"The adapter {adapter} is not loaded, and unknown.", str(e)
            ) from e

    def _cards(self) -> list[Mapping[str, Any]]:
        with translated(self._root):
            body = self._openai.get("/models", cast_to=httpx2.Response).json()
        cards = body.get("data") if isinstance(body, dict) else None
        if not isinstance(cards, list) or not all(
            isinstance(card, dict) and "id" in card for card in cards
        ):
            raise GenerationError(NO_SERVER, self._root)
        return cards

    def _post(self, path: str, body: Mapping[str, str], adapter: str) -> None:
        with translated(self._root, adapter=adapter, refusing=True):
            self._openai.post(f"/{path}", body=body, cast_to=httpx2.Response)


def _root_of(address: str) -> str:
    return address.rstrip("/").removesuffix("/v1")


def _turn(message: Message) -> Any:
    return {"role": message.role, "content": message.content}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
