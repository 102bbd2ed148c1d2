from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.documents import VersionOf
from domain.errors import RecordsError
from domain.jobs import JobKind, JobState, NewJob
from domain.questions import Audience, Citation, Message, Newer, Question, Verdict
from domain.ratings import InputKind, RatingInput
from records.answers import Answers
from records.collections import Collections
from records.database import Database
from records.forgetting import FORGOTTEN, Deleted, Forgetting
from records.grants import Grants
from records.jobs import Jobs
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources
from records.tables import jobs
from tests.records.makers import (
    NOW,
    PASSAGE,
    answer,
    collection,
    hold,
    question,
    question_job,
    rating,
    source,
    source_job,
)
from training.privacy import Privacy

LEAVE = "/docs/leave.md"
PAY = "/docs/pay.md"


@pytest.fixture
def forgetting(db: Database) -> Forgetting:
    return Forgetting(db)


def keep(db: Database, asked: Question, uri: str = LEAVE, by: tuple[str, ...] = ()) -> str:
    """Stores a question that is answered from ``uri`` and rated; returns the answer's id."""
    Answers(db).ask(asked)
    passage = replace(PASSAGE, source=uri)
    cited = Citation(1, uri, "Title", "30 days", passage.id, (7,))
    told = replace(answer(asked), passages=(passage,), citations=(cited,))
    Answers(db).record(told)
    for person in by:
        Ratings(db).rate(rating(told, person, Verdict.DOWN, correction=f"{person} knows"))
    return told.id


def queue(db: Database, job: NewJob) -> None:
    """Adds a job and finishes it."""
    begin(db, job)
    with db.session() as connection:
        connection.execute(jobs.update().values(state=JobState.DONE))


def begin(db: Database, job: NewJob) -> None:
    [job_id] = Jobs(db).add([job])
    assert Jobs(db).take(job_id, hold())


def queued(db: Database) -> list[str]:
    with db.reading() as connection:
        return list(connection.execute(jobs.select().with_only_columns(jobs.c.key)).scalars())


def left(db: Database) -> dict[str, list[str]]:
    """The ids of the questions that are left, and who rated their answers."""
    return {
        one.question.id: [given.by for given in one.ratings] for one in Answers(db).recent(1_000)
    }


class TestPerson:
    @pytest.fixture(autouse=True)
    def what_two_people_asked(self, db: Database) -> None:
        everybody = ("U1", "U2", "U3")
        keep(db, question(1, asked_by="U1"), by=everybody)
        keep(db, question(2, asked_by="U2"), by=everybody)
        keep(db, question(3, asked_by="U2", thread="slack:T1:C1:other"), by=everybody)
        queue(db, question_job(question(1, asked_by="U1")))
        queue(db, question_job(question(2, asked_by="U2")))
        Sources(db).save(source(LEAVE))

    def test_their_questions_and_ratings_are_deleted_and_the_rest_stays(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        assert forgetting.delete_person("U1") == Deleted(
            questions=1, answers=1, ratings=5, jobs=1, histories=1, requests=2, corrections=5
        )
        assert left(db) == {question(2).id: ["U2", "U3"], question(3).id: ["U2", "U3"]}
        assert queued(db) == [question(2).id]

    def test_history_that_may_quote_them_is_emptied(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        forgetting.delete_person("U1")
        histories = {one.question.id: one.question.history for one in Answers(db).recent()}
        assert histories == {question(2).id: FORGOTTEN, question(3).id: question(3).history}

    def test_sources_no_longer_name_them(self, db: Database, forgetting: Forgetting) -> None:
        forgetting.delete_person("U1")
        [kept] = Sources(db).all()
        assert (kept.uri, kept.requested_by) == (LEAVE, "")

    def test_collections_no_longer_name_them_and_tell_nobody(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        kept = Collections(db)
        kept.add(replace(collection(), requested_by="U9"))
        kept.add(replace(collection("/other"), requested_by="U8"))
        kept.add(replace(collection("/other"), audience=Audience.of("team:T1"), requested_by="U9"))
        assert forgetting.find_person("U9")
        assert forgetting.delete_person("U9").requests == 3
        assert forgetting.find_person("U9") is None
        assert [(one.requested_by, one.report) for one in kept.all()] == [
            ("", ""),
            ("U8", collection().report),
        ]

    def test_find_names_their_answers_and_those_that_they_rated(
        self, forgetting: Forgetting
    ) -> None:
        kept = forgetting.find_person("U1")
        assert kept is not None
        assert kept.questions == {question(1).id}
        assert kept.answers == {question(n).answer_id for n in (1, 2, 3)}
        given = {f"{by} knows" for by in ("U1", "U2", "U3")}
        assert kept.texts == {question(1).text, answer(question(1)).text, *given}

    def test_afterwards_nothing_is_found_and_nothing_changes(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        forgetting.delete_person("U1")
        before = left(db)
        assert forgetting.find_person("U1") is None
        assert forgetting.delete_person("U1") == Deleted()
        assert left(db) == before

    def test_jobs_for_their_sources_are_deleted(self, db: Database, forgetting: Forgetting) -> None:
        Jobs(db).add([replace(source_job(), person="U5"), source_job(2, uri="/other")])
        assert forgetting.find_person("U5") is not None
        assert forgetting.delete_person("U5") == Deleted(jobs=1)
        assert source_job(2, uri="/other").key in queued(db)

    def test_person_who_only_rated_is_found(self, forgetting: Forgetting) -> None:
        assert forgetting.find_person("U3") is not None
        assert forgetting.delete_person("U3") == Deleted(ratings=3, corrections=3)

    def test_whoever_only_took_a_rating_back_is_found(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        key = question(1).answer_id, "U6"
        Ratings(db).give(RatingInput(*key, InputKind.THUMB_UP, Verdict.UP, NOW, stands=False))
        assert forgetting.find_person("U6") is not None
        forgetting.delete_person("U6")
        assert forgetting.find_person("U6") is None

    def test_unknown_person_is_not_found(self, db: Database, forgetting: Forgetting) -> None:
        assert forgetting.find_person("U") is None
        assert forgetting.find_person("") is None


class TestSource:
    @pytest.fixture(autouse=True)
    def what_two_documents_answered(self, db: Database) -> None:
        for uri in (LEAVE, PAY):
            Sources(db).save(source(uri))
            queue(db, source_job(uri=uri))
        keep(db, question(1), LEAVE, by=("U2",))
        keep(db, question(2), PAY, by=("U2",))
        keep(db, replace(question(3), thread=""), LEAVE)

    def forget(self, forgetting: Forgetting, uri: str = LEAVE) -> Deleted:
        kept = forgetting.find_source(uri)
        assert kept is not None
        return forgetting.delete_source(uri, kept)

    def test_answers_from_it_are_deleted_with_it(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        assert self.forget(forgetting) == Deleted(
            questions=2, answers=2, ratings=1, jobs=1, sources=1, histories=1, corrections=1
        )
        assert left(db) == {question(2).id: ["U2"]}
        assert [one.uri for one in Sources(db).all()] == [PAY]
        assert queued(db) == [PAY]

    def test_find_returns_its_texts(self, forgetting: Forgetting) -> None:
        kept = forgetting.find_source(LEAVE)
        assert kept is not None
        assert {PASSAGE.text, "30 days"} <= kept.texts

    def test_answer_given_in_between_is_deleted_too(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        kept = forgetting.find_source(LEAVE)
        assert kept is not None
        late = replace(question(9), asked_at=datetime.now(UTC))
        keep(db, late, LEAVE)
        assert forgetting.delete_source(LEAVE, kept).questions == 3
        assert list(left(db)) == [question(2).id]

    def test_answer_that_names_it_as_a_newer_version_is_deleted_too(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        asked = question(11)
        Answers(db).ask(asked)
        passage = replace(PASSAGE, source="/docs/old.md", newer=Newer(LEAVE, "Leave 2026"))
        Answers(db).record(replace(answer(asked), passages=(passage,), citations=()))
        assert self.forget(forgetting).questions == 3

    def test_what_is_known_of_its_versions_is_deleted(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        kept = [VersionOf(document, "leave", LEAVE, (1, 2), ()) for document in (LEAVE, "other")]
        Sources(db).save(replace(source("/docs/other.md"), document="other"))
        Sources(db).keep_versions(kept)
        self.forget(forgetting)
        assert Sources(db).versions_about("leave") == kept[1:]

    def test_similar_name_is_another_source(self, db: Database, forgetting: Forgetting) -> None:
        for n, uri in enumerate(["/DOCS/LEAVE.MD", "/docs/leave_md", f"{LEAVE}.bak"], 10):
            keep(db, question(n), uri)
        assert self.forget(forgetting).questions == 2

    @pytest.mark.parametrize("uri", ["/100%_done/ü.md", '/a "quoted" \\ path', "/nul\x00\ud800"])
    def test_any_name_is_found(self, db: Database, forgetting: Forgetting, uri: str) -> None:
        keep(db, question(7), uri)
        assert self.forget(forgetting, uri).questions == 1

    def test_unknown_source_is_not_found(self, forgetting: Forgetting) -> None:
        assert forgetting.find_source("/docs/") is None

    def test_source_that_is_being_read_is_refused_and_stays(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        kept = forgetting.find_source(LEAVE)
        assert kept is not None
        begin(db, source_job(2, uri=LEAVE))
        for call in (
            lambda: forgetting.find_source(LEAVE),
            lambda: forgetting.delete_source(LEAVE, kept),
        ):
            _refused(call)
        assert len(left(db)) == 3

    def test_source_of_a_collection_that_is_being_read_is_refused(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        Sources(db).save(source(LEAVE))
        Collections(db).add(collection())
        Sources(db).join("/docs", [source(LEAVE)], Audience.everyone(), NOW)
        begin(db, replace(source_job(3, uri="/docs"), kind=JobKind.COLLECTION))
        _refused(lambda: forgetting.find_source(LEAVE))

    def test_collection_of_the_same_name_reads_it_no_more(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        Collections(db).add(collection(LEAVE))
        queue(db, replace(source_job(3, uri=LEAVE), kind=JobKind.COLLECTION))
        assert self.forget(forgetting).jobs >= 1
        assert Collections(db).all() == []
        assert LEAVE not in queued(db)


def _refused(call: Callable[[], object]) -> None:
    with pytest.raises(RecordsError, match="is being read"):
        call()


class TestAnswer:
    def test_question_and_ratings_are_deleted_with_it(
        self, db: Database, forgetting: Forgetting
    ) -> None:
        quoting = (Message("user", question(1).text),)
        gone = keep(db, question(1), by=("U2", "U3"))
        keep(db, replace(question(2), history=quoting))
        assert forgetting.delete_answer(gone) == Deleted(1, 1, 2, histories=1, corrections=2)
        [kept] = Answers(db).recent()
        assert (kept.question.id, kept.question.history) == (question(2).id, FORGOTTEN)

    def test_unknown_answer_is_not_found(self, db: Database, forgetting: Forgetting) -> None:
        keep(db, question(1))
        assert forgetting.find_answer("a0") is None
        assert forgetting.delete_answer("a0") == Deleted()
        assert len(left(db)) == 1


_MOVED = {
    "the deleted one": {1: "slack:T1:D1:9.0"},
    "the one that quotes it": {2: "slack:T1:D2:9.0"},
    "both": {1: "slack:T1:D1:9.0", 2: "slack:T1:D2:9.0"},
}


@pytest.mark.parametrize("moved", _MOVED.values(), ids=_MOVED)
def test_history_is_emptied_also_if_an_answer_is_for_its_person_alone(
    db: Database, forgetting: Forgetting, moved: dict[int, str]
) -> None:
    for n, by in ((1, "U1"), (2, "U2")):
        keep(db, question(n, asked_by=by))
        if n in moved:
            asked = question(n, asked_by=by)
            Questions(db).move(replace(asked, thread=moved[n], asked_in=asked.thread))
    assert forgetting.delete_person("U1").histories == 1
    [kept] = Answers(db).recent()
    assert (kept.question.id, kept.question.history) == (question(2).id, FORGOTTEN)


def test_question_without_history_keeps_none(db: Database, forgetting: Forgetting) -> None:
    gone = keep(db, question(1))
    keep(db, replace(question(2), history=()))
    assert forgetting.delete_answer(gone).histories == 0
    [kept] = Answers(db).recent()
    assert kept.question.history == ()


def test_question_after_a_deleted_one_is_not_trained_on(
    db: Database, forgetting: Forgetting
) -> None:
    Sources(db).save(source(LEAVE))
    everyone = Audience.everyone()
    first = replace(question(1), audience=everyone, history=())
    told = Message("assistant", answer(first).text)
    then = replace(question(2), audience=everyone, history=(Message("user", first.text), told))
    gone = keep(db, first)
    keep(db, then, by=("U2",))

    def may_train() -> bool:
        [rated] = Ratings(db).rated()
        return Privacy(Grants(db), Answers(db)).may_train(rated)

    assert may_train()
    forgetting.delete_answer(gone)
    assert not may_train()


def test_more_rows_than_fit_into_one_statement_are_deleted(
    db: Database, forgetting: Forgetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.forgetting._AT_ONCE", 2)
    for n in range(5):
        keep(db, question(n, asked_by="U1", thread=f"slack:T1:C1:{n % 3}"), by=("U2",))
    keep(db, question(9, asked_by="U2", thread="slack:T1:C1:2"))
    assert forgetting.delete_person("U1") == Deleted(5, 5, 5, histories=1, corrections=5)
