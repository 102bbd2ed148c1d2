"""Reads and embeds the files of an ingest on a cluster, with Ray Data.

This process lists, fetches and writes, as without a cluster; other machines get a file's bytes, and
give back its chunks with their embeddings. So they need neither the files nor the passwords of
sources, the index has one writer, and an ingest that was killed goes on as any other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from cluster.connecting import first_line, gpus_and_cpus
from domain.errors import RetrievalError
from domain.protocols import Embedder
from domain.tokens import Reach
from knowledge.chunk import embedded_text
from knowledge.reading import Readers
from knowledge.reading_steps import Step, WasRead, read_file

_MOST = 4_000  # files of a part
_BYTES = 256_000_000  # of a part
_SECONDS = 60.0  # that a part is collected, where files come slowly
_TOGETHER = 16  # files embedded at once
_HANDED_OVER = 64  # files given back at once

MakeEmbedder = Callable[[], Embedder]


@dataclass(frozen=True, slots=True)
class ReadOnCluster:
    """Reads the files of a run on the cluster that this process is connected to.

    They are taken in parts, which are at most so large that they fit into the cluster's memory.
    ``embedder`` is this machine's; ``make_embedder`` makes the same one on another machine. None:
    chunks are not embedded there.
    """

    embedder: Embedder
    make_embedder: MakeEmbedder | None = None

    def __call__(self, steps: Iterator[Step]) -> Iterator[tuple[Step, WasRead | None]]:
        """Each step, in order. Raises RetrievalError if the cluster fails."""
        for part in _parts(steps):
            read = self._read([_row(step) for step in part if step.file])
            for step in part:
                yield step, next(read) if step.file else None

    def _read(self, rows: list[dict[str, Any]]) -> Iterator[WasRead]:
        if not rows:
            return
        import ray

        part, reach = None, self.embedder.reach
        try:
            part = ray.remote(num_cpus=0)(_Part).remote(
                ray.put(rows), reach.tokens, _bytes_of(reach.tokenizer), self.make_embedder
            )
            coming = part.some.remote()
            while some := ray.get(coming):
                coming = part.some.remote()
                yield from some
        except ray.exceptions.RayError as e:
            raise RetrievalError(
                "The cluster stopped in the middle of the ingest; what is written stays, and the "
                "same command goes on.",
                f"{type(e).__name__}: {first_line(e)}",
            ) from e
        finally:
            if part:
                ray.kill(part)


class _Part:
    """Reads a part, on the cluster: Ray Data does not run from outside of it."""

    def __init__(
        self,
        rows: list[dict[str, Any]],
        tokens: int,
        tokenizer: bytes,
        make_embedder: MakeEmbedder | None,
    ) -> None:
        self._rows = iter(_dataset(rows, tokens, tokenizer, make_embedder).iter_rows())

    def some(self) -> list[WasRead]:
        """The next ones, in order; none at the end."""
        return [row["read"] for row in islice(self._rows, _HANDED_OVER)]


def _dataset(
    rows: list[dict[str, Any]], tokens: int, tokenizer: bytes, make_embedder: MakeEmbedder | None
) -> Any:
    """Readers take a quarter of each processor, embedders the rest, or a GPU each."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    gpus, cpus = gpus_and_cpus()
    files = ray.data.from_items(rows, override_num_blocks=-(-len(rows) // _TOGETHER))
    read = files.map(
        _Read,
        fn_constructor_kwargs={"tokens": tokens, "tokenizer": tokenizer},
        compute=ray.data.ActorPoolStrategy(size=cpus),
        num_cpus=0.25,
    )
    if make_embedder is None:
        return read
    return read.map_batches(
        _Embed,
        fn_constructor_kwargs={"make_embedder": make_embedder},
        batch_size=_TOGETHER,
        compute=ray.data.ActorPoolStrategy(size=gpus or cpus),
        **({"num_gpus": 1, "num_cpus": 0.5} if gpus else {"num_cpus": 0.75}),
    )


class _Read:
    """Reads files, in a process of its own with limits, as without a cluster."""

    def __init__(self, tokens: int, tokenizer: bytes) -> None:
        self._readers = Readers()
        self._folder = TemporaryDirectory()
        file = Path(self._folder.name) / "tokenizer.json"
        file.write_bytes(tokenizer)
        self._reach = Reach(tokens, str(file) if tokenizer else "")

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        read = read_file(self._readers, row["file"], row["source"], self._reach)
        return {"known": row["known"], "read": read}


class _Embed:
    """Embeds the chunks of documents, those of several together."""

    def __init__(self, make_embedder: MakeEmbedder) -> None:
        self._embedder = make_embedder()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        read: list[WasRead] = list(batch["read"])
        new = [
            [chunk for chunk in one.document.chunks if chunk.id not in known]
            if one.document
            else []
            for one, known in zip(read, batch["known"], strict=True)
        ]
        texts = [embedded_text(chunk) for chunks in new for chunk in chunks]
        embeddings = iter(self._embedder.embed_passages(texts))
        made = [{chunk.id: next(embeddings) for chunk in chunks} for chunks in new]
        return {"read": [replace(one, made=its) for one, its in zip(read, made, strict=True)]}


def _bytes_of(tokenizer: str) -> bytes:
    """The file of a tokenizer, which need not be in the same place on another machine."""
    return Path(tokenizer).read_bytes() if tokenizer else b""


def _parts(steps: Iterator[Step]) -> Iterator[list[Step]]:
    part: list[Step] = []
    held, since = 0, monotonic()
    for step in steps:
        part.append(step)
        held += len(step.file.content) if step.file else 0
        if len(part) >= _MOST or held >= _BYTES or monotonic() - since > _SECONDS:
            yield part
            part, held, since = [], 0, monotonic()
    if part:
        yield part


def _row(step: Step) -> dict[str, Any]:
    known = frozenset(step.changed.known) if step.changed else frozenset()
    return {"file": step.file, "source": step.request.uri, "known": known}
