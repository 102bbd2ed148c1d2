"""`phi3 sources` and `phi3 forget` treat an expert's answer as any other source."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cards.indexing import CardIndex
from cli.commands.questions import _answer
from cli.forgetting import forget_person, forget_source
from cli.indexes import Indexes
from cli.reading import read_again
from cli.removing import remove_target
from cli.settings import Settings
from cli.wiring import Container
from domain.cards import Card, CardState
from domain.errors import NotFound
from domain.questions import Answer, AnswerKind, Audience, Citation, Question
from records.person_data import PersonData
from tests.cli.test_forgetting import holding
from tests.knowledge.doubles import WordEmbedder
from tests.records.makers import PASSAGE, answer, question

SOURCE = "slack-card:T1:C1:1.0:1.0"
NOW = datetime.now(UTC)


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    words = WordEmbedder()
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: words)
    with Container(Settings(home=tmp_path / "home", passages=1)) as made:
        asked = Card("c1", SOURCE, "slack:T1:C1:1.0", "slack:T1:C1:1.0", "U5", "U1", NOW)
        made.cards.ask(asked)
        made.cards.verify(
            Card(
                *("c1", SOURCE, asked.question_id, asked.thread, "U5", "U1", NOW),
                question="Where is the Zebrafort key?",
                answer="It hangs in Quaggaburg.",
                audience=Audience.of("team:T1"),
                lines="2.0",
                confirmed_by="U5",
            ),
            NOW,
        )
        index = CardIndex(made.sources, made.ingestor.ingest_one, made.ingestor.withdraw)
        (card,) = made.cards.verified()
        index.add(card)
        assert made.index.count() == 1
        yield made


def test_source_that_is_removed_withdraws_its_card(container: Container) -> None:
    removed = remove_target(container, SOURCE)

    assert (removed.kind, removed.count) == ("source", 1)
    card = container.cards.of_source(SOURCE)
    assert card
    assert card.state is CardState.WITHDRAWN
    assert container.index.count() == 0
    assert not container.collections.alone()


@pytest.mark.parametrize("forget", [forget_person, forget_source])
def test_nothing_is_left_of_what_is_forgotten(container: Container, forget: object) -> None:
    home = container.settings.home
    assert holding(home, "Quaggaburg")
    forgotten = (
        forget_person(container, "U5")
        if forget is forget_person
        else forget_source(container, SOURCE)
    )

    assert (forgotten.deleted["cards"], forgotten.deleted["passages"]) == (1, 1)
    assert not holding(home, "Quaggaburg")
    assert not holding(home, "Zebrafort")
    with pytest.raises(NotFound):
        forget_person(container, "U5")


@pytest.mark.slow
def test_numbers_of_an_expert_say_what_is_forgotten_with_them(container: Container) -> None:
    alone = container.settings.home.parent / "alone.md"
    alone.write_text("# Notes\n\nSomething of Aloneville.\n")
    container.ingestor.ingest([alone], Audience.of("person:T1:U5"), "U5")
    for n, source in enumerate((SOURCE, SOURCE, "/docs/keys.md")):
        asked = question(n, asked_by="U2")
        container.answers.ask(asked)
        shown = replace(PASSAGE, source=source)
        container.answers.record(replace(answer(asked), passages=(shown,), citations=()))
    found = PersonData(container.database).in_numbers("U5")

    assert not found.is_nothing
    assert (found.questions, found.cards, found.alone, found.resting) == (0, 1, 1, 2)
    deleted = forget_person(container, "U5").deleted
    assert (deleted["cards"], deleted["sources"], deleted["questions"]) == (1, 2, 2)
    assert PersonData(container.database).in_numbers("U5").is_nothing


def test_card_that_the_index_lost_is_read_again(container: Container) -> None:
    source = container.sources.find(SOURCE)
    assert source
    container.index.remove(source.document)
    report = container.ingestor.refresh(sorted(container.collections.alone()))

    assert not report.failed
    assert container.index.count() == 1


def test_answer_in_json_says_who_verified_its_source(container: Container) -> None:
    (card,) = container.cards.verified()
    container.cards.note(card.id, name="Eve")
    asked = Question("q1", "Where is the key?", "U2", NOW, card.audience)
    cited = Citation(1, SOURCE, card.question, "It hangs", "p1", (5,))
    other = Citation(2, "/docs/keys.md", "Keys", "It hangs", "p2", (5,))
    told = Answer.of(asked, AnswerKind.ANSWERED, "It hangs.", (), "1")
    shown = _answer(replace(told, citations=(cited, other)), container.cards)

    verified = [citation["verified"] for citation in shown["citations"]]
    assert verified == [{"by": "Eve", "on": f"{NOW:%Y-%m-%d}"}, None]
    assert shown["citations"][0]["link"] == "https://app.slack.com/client/T1/C1/p10"


def test_card_is_read_again_by_its_name(container: Container) -> None:
    report = read_again(container, [SOURCE])

    assert not report.failed
    assert report.unchanged == 1
