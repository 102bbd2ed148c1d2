"""Embedding passages with sentence-transformers on a GPU compared with onnxruntime on the CPU.

``python -m bench.gpu_embedding FOLDER``. The model has all-MiniLM-L6-v2's size and random weights.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from sentence_transformers import SentenceTransformer

from bench import HANDBOOK
from bench.gpu import report
from bench.random_models import MINILM_SIZE
from knowledge.embedders.bert_files import read_bert
from knowledge.embedders.onnx import OnnxEmbedder
from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder

_CHARACTERS = 800
_ROUNDS = 3


def passages(count: int) -> list[str]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(HANDBOOK.glob("*.md")))
    step = (len(text) - _CHARACTERS) // count
    return [text[n * step :][:_CHARACTERS] for n in range(count)]


def speed(embed: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Passages a second, after a first call."""
    embed(texts[:32])
    seconds = []
    for _ in range(_ROUNDS):
        began = perf_counter()
        embed(texts)
        seconds.append(perf_counter() - began)
    return len(texts) / median(seconds)


def main() -> None:
    folder = Path(sys.argv[1]) / MINILM_SIZE
    bare_model = SentenceTransformer(str(folder), device="cuda")

    def encode(texts: Sequence[str]) -> None:
        bare_model.encode(list(texts), batch_size=32, show_progress_bar=False)

    on_gpu = SentenceTransformersEmbedder(str(folder), device="cuda")
    on_cpu = OnnxEmbedder(MINILM_SIZE, read_bert(folder))
    found = speed(on_gpu.embed_passages, passages(1_024))
    bare = speed(encode, passages(1_024))
    other = speed(on_cpu.embed_passages, passages(256))
    report(
        "passages embedded a second",
        f"{found:.0f} on the GPU",
        f"onnxruntime on the CPU: {other:.0f}",
        f"{found / other:.1f}",
    )
    report(
        "passages embedded a second on the GPU",
        f"{found:.0f}, with the signs of their tokens",
        f"bare encode: {bare:.0f}",
        f"{found / bare:.2f}",
    )


if __name__ == "__main__":
    main()
