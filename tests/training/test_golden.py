"""A candidate that answers a golden question worse than the live model does not go live."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from domain.adapters import AdapterState, Check, Evaluation, Outcome, Score, TrainingRun
from domain.errors import GenerationError, ServerBusy, ServerUnavailable
from domain.golden import Golden, id_of
from domain.prompt import REFUSAL
from domain.questions import Audience, Evidence, Message, Question
from records.adapters import Adapters
from records.database import Database
from tests.records.databases import migrated_sqlite
from tests.serving.conftest import running
from tests.training.makers import NOW, passage, rated
from tests.training.nights import keep, nightly, rows
from training.as_people_ask import AsPeopleAsk
from training.dataset import select
from training.golden import GoldenReply, GoldenSet, checked, same_as
from training.report import files
from training.report import golden as golden_report
from training.report.page import page
from training.selection.left_out import LeftOut

EVERYONE = Audience.everyone()
WARRANTY = "How long is the frame warranty?"
SCORE = Score(0.5, 0.5, 0.5, 0.5, 0.0, 20.0)
PASSED = Evaluation(50, SCORE, SCORE, 0.01, 0.1, 0.9, passed=True, reason="agreement rises")


def golden(question: str = WARRANTY, answer: str = "10 years") -> Golden:
    return Golden(id_of(question), question, answer, (), (), "cli:me", NOW)


class Documents:
    """Finds a text for each question that has its word, and remembers whose documents it used."""

    def __init__(self, **texts: str) -> None:
        self.texts, self.audiences = texts, set[Audience]()

    def search(self, question: Question, k: int | None = None) -> Evidence:
        self.audiences.add(question.audience)
        found = [passage(text) for word, text in self.texts.items() if word in question.text]
        return Evidence(tuple(found)[:k], sufficient=bool(found))


class Models:
    """Answers with each adapter's own text, or fails as often as it should."""

    model = "tiny"

    def __init__(self, base: str, night: str, failing: Sequence[Exception] = ()) -> None:
        self.texts: dict[str | None, str] = {None: base, "night-1": night}
        self.failing = list(failing)
        self.prompts: list[tuple[str | None, str]] = []

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        if self.failing:
            raise self.failing.pop(0)
        self.prompts.append((adapter, messages[-1].content))
        yield self.texts[adapter][: max_tokens * 8]


FRAMES = Documents(frame="The frame warranty is 10 years. The paint warranty is 5 years.")


def replies(
    models: Models, *questions: Golden, documents: Documents = FRAMES
) -> Sequence[GoldenReply]:
    asking = AsPeopleAsk(documents, EVERYONE)
    return GoldenSet(questions or (golden(),), asking).ask(models, None, "night-1")


def test_candidate_that_answers_a_golden_question_wrong_does_not_pass() -> None:
    wrong = "The paint warranty is 5 years."
    evaluation = checked(PASSED, replies(Models("10 years", wrong)))
    assert not evaluation.passed
    assert WARRANTY in evaluation.reason
    assert evaluation.reason.endswith("it should say “10 years”, and does not")


def test_refusal_in_place_of_a_right_answer_does_not_pass() -> None:
    evaluation = checked(PASSED, replies(Models("10 years", REFUSAL)))
    assert not evaluation.passed
    assert evaluation.reason.endswith("should say “10 years”, and says that the documents do not")


def test_nothing_in_place_of_a_right_answer_does_not_pass() -> None:
    assert not checked(PASSED, replies(Models("10 years", " "))).passed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("10 years", "Ten years."),
        ("5 years", "10 years"),
        ("5 years", REFUSAL),
        (REFUSAL, "5 years"),
    ],
)
def test_candidate_passes_that_is_wrong_only_where_the_live_one_is(before: str, after: str) -> None:
    found = checked(PASSED, replies(Models(before, after)))
    assert replace(found, checks=()) == PASSED
    assert found.checks == (Check("golden questions", True, ""),)


def test_candidate_that_did_not_pass_anyway_keeps_its_reason() -> None:
    failed = replace(PASSED, passed=False, reason="it is no better")
    found = checked(failed, replies(Models("10 years", "5 years")))
    assert replace(found, checks=()) == failed
    assert [(one.name, one.passed) for one in found.checks] == [("golden questions", False)]
    assert WARRANTY in found.checks[0].says
    assert checked(failed, ()) == failed


def test_reason_counts_the_others_and_is_short() -> None:
    long = golden("Is the frame " + "very " * 300 + "good?", "10 years")
    wrong = Models("10 years", "Paint has 5 years. " * 30)
    assert (
        "one more golden question became wrong"
        in checked(PASSED, replies(wrong, long, golden())).reason
    )
    reason = checked(PASSED, replies(wrong, long, golden(), golden("And the frame?"))).reason
    assert "2 more golden questions became wrong" in reason
    assert "Paint" not in reason, "not everybody may read what a model answered"
    assert len(reason) < 1_000


def test_reason_holds_no_secret() -> None:
    asked = golden("What is the door code?", "4711")
    documents = Documents(door="The door code is 4711.")
    reason = checked(PASSED, replies(Models("4711", REFUSAL), asked, documents=documents)).reason
    assert "What is the door code?" in reason
    assert "4711" not in reason


def test_both_models_get_the_passages_that_all_members_may_read() -> None:
    models = Models("10 years", "10 years")
    documents = Documents(frame="The frame warranty is 10 years.")
    (one,) = replies(models, documents=documents)
    assert one.found == ("/docs/stock.md",)
    assert documents.audiences == {EVERYONE}
    assert [adapter for adapter, _ in models.prompts] == [None, "night-1"]
    assert len({prompt for _, prompt in models.prompts}) == 1
    assert "The frame warranty is 10 years." in models.prompts[0][1]


def test_question_for_which_nothing_is_found_is_named_and_counts_as_neither() -> None:
    models = Models("10 years", "5 years")
    found = replies(models, golden("Who has the key?"), golden())
    assert models.prompts[0][1].count("key") == 0
    assert not found[0].found
    assert not found[0].was_right
    rows = golden_report.rows(found)
    assert golden_report.summary(rows) == (
        "Of 1 golden question the live model answers 1 right, the candidate 0. "
        "The search finds nothing for “Who has the key?”."
    )
    text = page({"questions": [], "golden": rows})
    assert text.index("after: wrong") < text.rindex("Who has the key?") < text.index("not asked")


def test_busy_server_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.patient.sleep", lambda _: None)
    models = Models("10 years", "10 years", failing=[ServerBusy("busy")] * 3)
    assert replies(models)[0].is_right


@pytest.mark.parametrize("error", [ServerUnavailable("It is away."), GenerationError("It failed.")])
def test_server_that_dies_ends_it_with_one_error(error: Exception) -> None:
    with pytest.raises(GenerationError, match=str(error)):
        replies(Models("10 years", "10 years", failing=[error]))


def test_without_golden_questions_nobody_is_asked() -> None:
    assert GoldenSet().ask(Models("", ""), None, "night-1") == ()


def test_rated_question_that_means_the_same_is_not_trained_on() -> None:
    asked = [
        rated(1, question="how long is the frame warranty"),
        rated(2, question="How long is the warranty of the frame?"),
        rated(3, question="Where is the frame?"),
    ]
    left: dict[str, LeftOut] = {}
    is_golden = same_as([golden(), golden("Who are you?", "A bot")])
    selection = select(
        asked, is_golden=is_golden, leave_out=lambda why, one: left.update({one: why})
    )
    assert {row.question for row in selection.examples} == {"Where is the frame?"}
    assert left == {one.answer.id: LeftOut.GOLDEN for one in asked[:2]}
    assert selection.left_out == {LeftOut.GOLDEN: 2}


def test_answer_from_a_forgotten_document_leaves_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "night-1"
    folder.mkdir()
    found = golden_report.rows(replies(Models("10 years", "5 years")))
    other = golden_report.rows(replies(Models("1", "2"), golden("Who?", "Tom")))
    read = {"questions": [], "golden": found + other}
    files.write(folder, read)
    run = TrainingRun("night-1", Outcome.REJECTED, NOW, NOW, report=str(folder))
    assert files.read_files(run).golden.startswith("Of 1 golden question the live model answers 1")
    assert files.forget(tmp_path, [], "/docs/other.md") == 0
    assert files.forget(tmp_path, [], "/docs/stock.md") == 1
    text = (folder / "report.html").read_text()
    assert WARRANTY not in text + (folder / "report.json").read_text()
    assert "Who?" in text
    assert json.loads((folder / "report.json").read_text())["golden"] == other
    assert files.forget(tmp_path, [], "/docs/stock.md") == 0


@pytest.mark.slow
def test_night_whose_adapter_unlearns_a_golden_question_rejects_it(
    tmp_path: Path, tiny: Path
) -> None:
    """The tiny model's answers are supported by nothing, so people see a refusal."""
    url = migrated_sqlite(tmp_path / "phi3.db", tmp_path / "template.db")
    kept = golden("Which is the brake?", REFUSAL)
    documents = Documents(brake="The brake, number 70.")
    with closing(Database(url)) as db, running(tiny) as server:
        keep(db, rows(60))
        asking = AsPeopleAsk(documents, EVERYONE, max_tokens=8)
        run = nightly(db, tmp_path, server.client, tiny, golden=GoldenSet([kept], asking)).run(NOW)
        assert run.evaluation is not None
        assert run.evaluation.candidate.f1 > run.evaluation.live.f1
        assert run.outcome is Outcome.REJECTED
        assert "Which is the brake?" in run.reason
        assert Adapters(db).find(run.adapter or "").state is AdapterState.REJECTED
    (row,) = json.loads((Path(run.report) / "report.json").read_text())["golden"]
    assert (row["before"]["right"], row["after"]["right"]) == (True, False)
    assert "after: wrong" in (Path(run.report) / "report.html").read_text()
