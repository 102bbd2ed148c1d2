"""Embeds with a BERT on this machine by onnxruntime, which needs no torch.

It takes a second to start and 130 MB of memory; sentence-transformers takes ten and 1.3 GB.
"""

import os
from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.capi import onnxruntime_pybind11_state
from tokenizers import Encoding, Tokenizer

from domain.embeddings import Embedding, QuestionEmbedding, Vector
from domain.errors import ConfigError, RetrievalError
from domain.tokens import Reach
from knowledge.embedders.bert_files import Bert
from knowledge.embedders.bert_graph import IDS, MASK, STATES, BertGraph
from knowledge.embedders.local import LocalEmbedder
from knowledge.embedders.token_vectors import signs, vectors_of_words

_BATCH = 8  # measured on two quiet cores: a tenth more chunks a second than with 4
_ONLY_ERRORS = 3

# The library's exceptions share no class of their own.
VENDOR_ERRORS: tuple[type[Exception], ...] = tuple(
    each
    for each in vars(onnxruntime_pybind11_state).values()
    if isinstance(each, type) and issubclass(each, Exception)
)
_UNREADABLE: tuple[type[Exception], ...] = (KeyError, *VENDOR_ERRORS)  # or a tensor is missing


class OnnxEmbedder(LocalEmbedder):
    """Gives the vectors that sentence-transformers computes from the same files.

    ``name`` is the model's name in the index. Raises ConfigError.
    """

    def __init__(self, name: str, bert: Bert) -> None:
        reach = Reach(bert.tokens, str(bert.tokenizer))
        # A model whose own vector is a mean of its tokens' vectors was trained to give them.
        self._is_mean = bert.pooling == "mean"
        super().__init__(name, bert.dimension, reach, _BATCH, gives_tokens=self._is_mean)
        self._tokenizer = _tokenizer(bert.tokenizer, bert.tokens)
        try:
            self._session = _session(bert)
        except _UNREADABLE as e:
            raise ConfigError(
                "The embedding model's files cannot be read.", str(bert.weights)
            ) from e

    def _passages(self, texts: list[str]) -> list[Embedding]:
        read = self._tokenizer.encode_batch(texts)
        states, vectors = self._computed(read)
        return [
            Embedding(vector, signs(of_tokens[_written(one)]) if self._is_mean else b"")
            for one, vector, of_tokens in zip(read, vectors, states, strict=True)
        ]

    def _question(self, text: str) -> QuestionEmbedding:
        [read] = self._tokenizer.encode_batch([text])
        [states], [vector] = self._computed([read])
        if not self._is_mean:
            return QuestionEmbedding(vector)
        written = _written(read)
        tokens = [read.tokens[n] for n in written]
        return QuestionEmbedding(vector, vectors_of_words(text, tokens, states[written]))

    def _computed(self, read: list[Encoding]) -> tuple[NDArray[np.float32], list[Vector]]:
        """The model's last hidden states (text, token, dimension), and a vector for each text."""
        mask = np.array([one.attention_mask for one in read], dtype=np.int64)
        states = self._states(np.array([one.ids for one in read], dtype=np.int64), mask)
        pooled = states[:, 0]
        if self._is_mean:
            counted = mask[:, :, None].astype(np.float32)
            pooled = (states * counted).sum(axis=1) / counted.sum(axis=1)
        pooled = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return states, [array("f", row.tobytes()) for row in pooled.astype(np.float32)]

    def _states(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        try:
            [states] = self._session.run([STATES], {IDS: ids, MASK: mask})
        except VENDOR_ERRORS as e:
            raise RetrievalError("The embedding model failed.", self._name) from e
        return np.asarray(states, np.float32)


def _written(read: Encoding) -> list[int]:
    """Where the tokens of the text are, without those that the model adds."""
    marks = zip(read.special_tokens_mask, read.attention_mask, strict=True)
    return [n for n, (is_added, counts) in enumerate(marks) if counts and not is_added]


def _tokenizer(file: Path, tokens: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(tokens)
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(
        pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]")
    )
    return tokenizer


def _session(bert: Bert) -> InferenceSession:
    options = SessionOptions()
    options.log_severity_level = _ONLY_ERRORS
    options.intra_op_num_threads = _cores()
    # Threads that wait sleep, so that others can compute.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(bert.weights.parent)
    )
    return InferenceSession(BertGraph(bert).build(), options, providers=["CPUExecutionProvider"])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
