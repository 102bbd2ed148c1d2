"""Asks, answers, rates, and reads documents that come, change and go, until it is killed.

python -m tests.cli.backup.writing_meanwhile FOLDER
"""

import sys
from itertools import count
from pathlib import Path

from cli.environment import read_settings
from cli.indexes import Indexes
from cli.wiring import Container
from domain.questions import Audience
from tests.knowledge.doubles import WordEmbedder
from tests.records.makers import answer, claim_of, question, rating


def main(folder: Path) -> None:
    Indexes._embedder = lambda *_: WordEmbedder()  # type: ignore[method-assign]
    with Container(read_settings()) as container:
        for n in count(100):
            container.questions.claim([claim_of(question(n))])
            container.answers.record(answer(question(n)))
            container.ratings.rate(rating(answer(question(n))))
            file = folder / f"meanwhile-{n % 7}.md"
            text = "".join(f"## Part {part}\n\nRound {n} of part {part}.\n\n" for part in range(4))
            file.write_text(f"# Document {n % 7}\n\n{text}")
            container.ingestor.ingest([file], Audience.everyone(), "U1")
            if n % 5 == 0:
                container.ingestor.remove(str(file))
            print(n, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
