"""How good the answers are: on the unseen questions, and to those with planted falsehoods.

Questions are answered as people's are, and nothing is recorded. Each answer is kept in a file: the
same model gives the same answer to the same prompt, so what is known is not asked again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from threading import Lock

from bench.month.arms import AT_ONCE
from bench.month.questions import Asked
from bench.month.values import holds
from cli.wiring import Container
from domain.prompt import REFUSAL
from domain.questions import AnswerKind
from training.agreement import contains, f1


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over the unseen questions, from 0 to 1."""

    f1: float
    contained: float
    refused: float


class Measures:
    """Keeps the answers in ``file``. ``done`` is called after each answer that a model gave."""

    def __init__(self, file: Path, done: Callable[[], None] = lambda: None) -> None:
        self._file = file
        self._done = done
        self._lock = Lock()
        lines = file.read_text("utf-8").splitlines(keepends=True) if file.exists() else []
        whole = [line for line in lines if line.endswith("\n")]
        if whole != lines:
            file.write_text("".join(whole), "utf-8")
        self._known = {row["key"]: str(row["text"]) for row in map(json.loads, whole)}

    def quality(
        self, container: Container, adapter: str | None, unseen: Sequence[Asked]
    ) -> Quality:
        """What ``adapter``, or the base model if it is None, answers from the documents of now.

        Raises GenerationError and RetrievalError.
        """
        answers = self.answers(container, adapter, unseen)
        pairs = list(zip(answers, unseen, strict=True))
        return Quality(
            f1=fmean(f1(text, one.accepted) for text, one in pairs),
            contained=fmean(contains(text, one.accepted) for text, one in pairs),
            refused=fmean(text == REFUSAL for text in answers),
        )

    def answered_lies(
        self,
        container: Container,
        adapter: str | None,
        asked: Sequence[Asked],
        lies: Mapping[str, str],
    ) -> list[str]:
        """The ids of the questions to which a planted falsehood is the answer."""
        wanted = [one for one in asked if one.id in lies]
        answers = self.answers(container, adapter, wanted)
        return [
            one.id
            for one, text in zip(wanted, answers, strict=True)
            if holds(text, lies[one.id]) and not holds(one.accepted, lies[one.id])
        ]

    def answers(
        self, container: Container, adapter: str | None, asked: Sequence[Asked]
    ) -> list[str]:
        """The answers' texts; all refusals are the plain one."""
        asker = container.as_people_ask()

        def ask(one: Asked) -> str:
            question = asker.question(one.text)
            evidence = asker.search(question)
            shown = [passage.text for passage in evidence.passages]
            key = sha256(json.dumps([adapter, one.text, shown]).encode()).hexdigest()
            if key not in self._known:
                answer = asker.answer(question, evidence, container.server, adapter)
                is_refusal = answer.kind is AnswerKind.REFUSED
                self._keep(key, REFUSAL if is_refusal else answer.text, one, adapter)
                self._done()
            return self._known[key]

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(ask, asked))

    def _keep(self, key: str, text: str, asked: Asked, adapter: str | None) -> None:
        row = {"key": key, "adapter": adapter, "question": asked.text, "text": text}
        with self._lock, self._file.open("a", encoding="utf-8") as written:
            written.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._known[key] = text
