"""How long `phi3 ingest` takes to its first embedded chunks, compared with the bare model.

Both are processes of their own, since most of the time goes into their imports. The bare one
imports sentence-transformers, loads the same model and embeds one text.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import Figure
from bench.mixed import write_mixed
from cli.app import main
from domain.embeddings import Embedding
from knowledge.embedders.onnx import OnnxEmbedder as Embedder

Embed = Callable[[Embedder, Sequence[str]], list[Embedding]]

_ROUNDS = 3
_BARE = """
from bench.embedder import model_folder
from sentence_transformers import SentenceTransformer
SentenceTransformer(str(model_folder())).encode(["warm up"])
"""


def measure(folder: Path, documents: int) -> list[Figure]:
    write_mixed(folder / "documents", documents)
    ours, bare = [], []
    for n in range(_ROUNDS):
        home = f"PHI3_HOME={folder / f'home-{n}'}"
        ours.append(_seconds(home, "-m", "bench.first_chunk", str(folder / "documents")))
        bare.append(_seconds(home, "-c", _BARE))
    ratio = median(one / other for one, other in zip(ours, bare, strict=True))
    return [
        Figure(
            f"phi3 ingest of {documents:,} mixed documents, to the first chunks embedded",
            f"{median(ours):.1f} s",
            f"bare model, to one text: {median(bare):.1f} s",
            f"{ratio:.2f}",
            "at most 1.5",
        )
    ]


def _seconds(setting: str, *arguments: str) -> float:
    began = perf_counter()
    subprocess.run(
        ["env", setting, sys.executable, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return perf_counter() - began


def _ends_after(embed: Embed) -> Embed:
    def embed_once(self: Embedder, texts: Sequence[str]) -> list[Embedding]:
        made = embed(self, texts)
        if made:
            os._exit(0)
        return made

    return embed_once


if __name__ == "__main__":
    first = _ends_after(Embedder.embed_passages)
    Embedder.embed_passages = first  # type: ignore[method-assign, assignment]
    sys.argv = ["phi3", "ingest", *sys.argv[1:]]
    main()
    sys.exit("nothing was embedded")
