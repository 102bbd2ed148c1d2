"""What a team needs, by the number of its people: the table of docs/scale.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.queues import (
    ANSWER_TOKENS,
    BUSIEST_HOUR,
    H200,
    QUESTIONS_A_DAY,
    p95,
    servers_for,
    simulate,
)

PEOPLE = (10, 500, 50_000)

_DOCUMENTS = {10: 500, 500: 10_000, 50_000: 200_000}
"""Assumed."""

_PASSAGES_OF_A_DOCUMENT = 100_047 / 6_930  # docs/measured.md: mixed documents of an ingest
_BYTES_OF_A_PASSAGE = 11_000  # the sample handbook in LanceDB: 1.5 MB for 144 passages
_READ_A_SECOND = 17.6  # passages, on two cores
_EMBEDDED_A_SECOND = 670.0  # passages, on the H200; they are read on processors besides

_RATED = 0.1  # assumed: the share of answers that somebody rates
_ROW_TOKENS = 1_600 + ANSWER_TOKENS
_PASSES = 2  # training/recipe.py
_FIRST_NIGHT = 40  # rows: PHI3_MIN_EXAMPLES
_NIGHT_TOKENS = 2_000_000  # PHI3_NIGHT_TOKENS
_TRAINED_A_SECOND = 11_035.0  # tokens, QLoRA on the H200
_COMPARED = 2 * 300  # answers of both models to the most questions that are held back
_COMPARED_AT_ONCE = 8
_DAYS_OF_A_MONTH = 21
_HOURS_OF_A_MONTH = 730


@dataclass(frozen=True, slots=True)
class Need:
    """Times in seconds, the busiest hour's; the index in bytes.

    ``gpus`` are on all the time; ``used`` is the share of what they can answer in that hour.
    """

    people: int
    questions_a_day: float
    questions_in_busiest_hour: float
    gpus: int
    used: float
    first_word_p50: float
    first_word_p95: float
    whole_p95: float
    documents: int
    passages: int
    index_bytes: int
    reading_on_two_cores: float
    embedding_on_a_gpu: float
    days_to_first_night: float
    longest_night: float
    gpu_hours_a_month: int
    gpu_seconds_a_question: float


def need(people: int, *, questions: int = 20_000) -> Need:
    """Of ``people`` on H200s; ``questions`` are simulated."""
    a_day = people * QUESTIONS_A_DAY
    an_hour = a_day * BUSIEST_HOUR
    gpus = servers_for(H200, an_hour, questions=questions)
    waits = simulate(H200, gpus, an_hour, questions=questions)
    documents = _DOCUMENTS.get(people, 20 * people)
    passages = round(documents * _PASSAGES_OF_A_DOCUMENT)
    hours = gpus * _HOURS_OF_A_MONTH
    return Need(
        people=people,
        questions_a_day=a_day,
        questions_in_busiest_hour=an_hour,
        gpus=gpus,
        used=an_hour / 3600 / gpus / H200.rate(H200.together),
        first_word_p50=sorted(waits.first_word)[len(waits.first_word) // 2],
        first_word_p95=p95(waits.first_word),
        whole_p95=p95(waits.whole),
        documents=documents,
        passages=passages,
        index_bytes=passages * _BYTES_OF_A_PASSAGE,
        reading_on_two_cores=passages / _READ_A_SECOND,
        embedding_on_a_gpu=passages / _EMBEDDED_A_SECOND,
        days_to_first_night=_FIRST_NIGHT / (a_day * _RATED),
        longest_night=longest_night(),
        gpu_hours_a_month=hours,
        gpu_seconds_a_question=hours * 3600 / (a_day * _DAYS_OF_A_MONTH),
    )


def longest_night() -> float:
    """Seconds on the H200: the most tokens that a night trains on, and the most comparisons."""
    return _NIGHT_TOKENS / _TRAINED_A_SECOND + _COMPARED / H200.rate(_COMPARED_AT_ONCE)


def most_rows() -> int:
    """The most rows that a night trains on, of the length that was measured."""
    return _NIGHT_TOKENS // (_ROW_TOKENS * _PASSES)


def table(needs: Sequence[Need], price: float | None = None) -> Iterator[str]:
    """A table in Markdown, a column for each team; ``price`` is what a GPU costs an hour."""
    rows = [
        ("questions a day", [f"{one.questions_a_day:,.0f}" for one in needs]),
        ("in the busiest hour", [f"{one.questions_in_busiest_hour:,.0f}" for one in needs]),
        ("GPUs (H200)", [f"{one.gpus}" for one in needs]),
        ("of what they can answer, in that hour", [f"{one.used:.1%}" for one in needs]),
        (
            "first word, median and p95",
            [f"{one.first_word_p50:.1f} s, {one.first_word_p95:.1f} s" for one in needs],
        ),
        ("whole answer, p95", [f"{one.whole_p95:.1f} s" for one in needs]),
        (
            "documents, passages",
            [f"{one.documents:,}, {one.passages:,}" for one in needs],
        ),
        ("index", [_size(one.index_bytes) for one in needs]),
        ("first reading, on two cores", [_time(one.reading_on_two_cores) for one in needs]),
        ("embedding it on a GPU", [_time(one.embedding_on_a_gpu) for one in needs]),
        ("until the first night", [_days(one.days_to_first_night) for one in needs]),
        ("a night, at most", [_time(one.longest_night) for one in needs]),
        ("GPU-hours a month", [f"{one.gpu_hours_a_month:,}" for one in needs]),
        (
            "GPU-seconds a question",
            [f"{one.gpu_seconds_a_question:,.0f}" for one in needs],
        ),
    ]
    if price is not None:
        rows.append(("price a month", [f"{price * one.gpu_hours_a_month:,.0f}" for one in needs]))
    yield "| | " + " | ".join(f"{one.people:,} people" for one in needs) + " |"
    yield "|---" * (len(needs) + 1) + "|"
    for what, cells in rows:
        yield f"| {what} | {' | '.join(cells)} |"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _days(days: float) -> str:
    return f"{days:.0f} working days" if days >= 1.5 else "1 day"
