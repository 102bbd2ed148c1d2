"""What may be trained on, checked in a real database when the night begins."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.documents import Source, SourceState
from domain.questions import Audience, Message, RatedAnswer
from records.answers import Answers
from records.database import Database
from records.grants import Grants
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources
from tests.training.makers import NOW, passage, rated
from training.privacy import LONGEST, Privacy

DOCS = "/docs/stock.md"
PUBLIC = Audience.of("everyone", "team:T1", "channel:T1:C1", public=True)
PRIVATE = Audience.of("everyone", "team:T1", "channel:T1:C1")
THREAD = "slack:T1:C1:1.0"


class Story:
    """A stored conversation."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.answers, self.sources = Answers(db), Sources(db)
        self.give(DOCS, "team:T1", "channel:T1:C1")

    def give(self, source: str, *labels: str) -> None:
        row = Source(source, Audience.of(*labels), SourceState.INDEXED, "U1", NOW)
        self.sources.save(row)

    def ask(
        self, n: int, audience: Audience = PUBLIC, source: str = DOCS, thread: str = THREAD
    ) -> RatedAnswer:
        """Asks the ``n``-th question of a conversation, with its history at that time."""
        one = rated(n, audience=audience)
        history = self.answers.history(thread, one.question.asked_at)
        asked = replace(one.question, history=history, thread=thread)
        shown = replace(passage("It is here."), source=source, audience=Audience.of("team:T1"))
        answered = replace(one.answer, passages=(shown,))
        return self.keep(replace(one, question=asked, answer=answered))

    def keep(self, one: RatedAnswer) -> RatedAnswer:
        self.answers.ask(one.question)
        self.answers.record(one.answer)
        Ratings(self.db).rate(one.ratings[0])
        return one

    def may_train(self, one: RatedAnswer, kept_out: Collection[str] = ()) -> bool:
        privacy = Privacy(Grants(self.db), self.answers, kept_out)
        (found,) = (each for each in Ratings(self.db).rated() if each.answer.id == one.answer.id)
        return privacy.may_train(found)


@pytest.fixture
def story(db: Database) -> Story:
    return Story(db)


def test_public_conversation_about_documents_of_the_workspace_is_trained_on(story: Story) -> None:
    turns = [story.ask(n) for n in range(1, 6)]
    assert turns[-1].question.history
    assert all(map(story.may_train, turns))


@pytest.mark.parametrize(
    "audience",
    [
        PRIVATE,
        Audience.of("everyone", "team:T1", "person:T1:U1"),
        Audience.of("channel:T1:C1"),
        Audience.of("everyone", "channel:C1"),
        Audience.of(),
    ],
)
def test_question_with_a_narrower_audience_is_never_trained_on(
    story: Story, audience: Audience
) -> None:
    assert not story.may_train(story.ask(1, audience))


def test_question_that_an_earlier_version_stored_as_for_everyone_is_trained_on(
    story: Story,
) -> None:
    assert story.may_train(story.ask(1, Audience.everyone()))


def test_after_a_private_answer_in_a_channel_that_became_public_nothing_is_trained_on(
    story: Story,
) -> None:
    assert not story.may_train(story.ask(1, PRIVATE))
    later = [story.ask(n) for n in range(2, 8)]
    assert Message("user", rated(1).question.text) not in later[-1].question.history
    assert not any(map(story.may_train, later))
    elsewhere = story.ask(9, thread="slack:T1:C1:9.0")
    assert story.may_train(elsewhere)


def test_after_an_answer_from_a_document_of_the_channel_nothing_is_trained_on(
    story: Story,
) -> None:
    story.give("/channel.md", "channel:T1:C1")
    assert not story.may_train(story.ask(1, source="/channel.md"))
    assert not story.may_train(story.ask(2))


def test_untraceable_history_is_never_trained_on(story: Story) -> None:
    one = rated(2, audience=PUBLIC)
    history = (Message("user", "What does Ann earn?"), Message("assistant", "Ninety thousand."))
    asked = replace(one.question, history=history, thread=THREAD)
    assert not story.may_train(story.keep(replace(one, question=asked)))


def test_history_whose_question_was_deleted_is_never_trained_on(story: Story) -> None:
    first, second = story.ask(1), story.ask(2)
    third = replace(story.ask(3).question, id="slack:T1:C1:4.0")
    with story.db.session() as connection:
        connection.exec_driver_sql(f"DELETE FROM questions WHERE id = '{first.question.id}'")
    assert third.history
    assert not story.may_train(second)


def test_history_that_was_given_in_the_terminal_is_trained_on(story: Story) -> None:
    history = (Message("user", "Where is the bell?"), Message("assistant", "In the attic."))
    one = rated(1, history=history)
    asked = replace(one.question, id="cli:1")
    answered = replace(one.answer, question_id="cli:1", id=asked.answer_id)
    rating = replace(one.ratings[0], answer_id=asked.answer_id)
    assert story.may_train(story.keep(RatedAnswer(asked, answered, (rating,))))


@pytest.mark.slow
def test_conversation_that_is_too_long_to_check_is_never_trained_on(story: Story) -> None:
    for n in range(LONGEST + 1):
        one = rated(n, audience=PUBLIC)
        asked = replace(one.question, thread=THREAD)
        story.answers.ask(asked)
        story.answers.record(one.answer)
    assert not story.may_train(story.ask(LONGEST + 2))


def test_answer_from_a_document_with_fewer_readers_now_is_not_trained_on(story: Story) -> None:
    one = story.ask(1)
    assert story.may_train(one)
    story.sources.withdraw(DOCS, Audience.of("team:T1"), NOW)
    assert not story.may_train(one)


def test_answer_from_a_removed_document_is_not_trained_on(story: Story) -> None:
    one = story.ask(1)
    story.sources.withdraw(DOCS, None, NOW + timedelta(days=1))
    assert not story.may_train(one)


def test_answer_from_an_unknown_document_is_not_trained_on(story: Story) -> None:
    assert not story.may_train(story.ask(1, source="/never-ingested.md"))


def test_passage_that_not_everyone_could_read_then_is_not_trained_on(story: Story) -> None:
    one = rated(1, audience=PUBLIC, may_read=Audience.of("channel:T1:C1"))
    assert not story.may_train(story.keep(one))


def test_question_of_one_of_several_workspaces_is_not_trained_on(story: Story) -> None:
    one = story.ask(1)
    story.give("/open.md", "everyone")
    other = replace(story.ask(2, source="/open.md").question, id="slack:T2:C9:1.0")
    assert story.may_train(one)
    Answers(story.db).ask(other)
    assert Questions(story.db).find(other.id)
    assert not story.may_train(one)


def test_what_follows_a_question_of_somebody_who_keeps_out_is_not_trained_on(story: Story) -> None:
    first, second = story.ask(1), story.ask(2)
    own = first.question.asked_by
    assert not story.may_train(first, {own})
    assert not story.may_train(second, {own})
    assert story.may_train(second, {"somebody else"})
