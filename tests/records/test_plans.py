"""The queries of each event use an index, also with many rows."""

from domain.adapters import Order
from domain.jobs import JobState
from domain.questions import Audience, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from domain.trials import TrialEnd
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.answers import Answers
from records.collections import Collections
from records.database import Database
from records.forgetting import Forgetting
from records.grants import Grants
from records.jobs import Jobs
from records.night_reports import NightReports
from records.questions import Questions
from records.ratings import Ratings
from records.retention import Retention
from records.runs import Runs
from records.sources import Sources
from records.trials import Trials
from tests.records.makers import (
    NOW,
    THREAD,
    adapter,
    answer,
    claim_of,
    collection,
    hold,
    later,
    question,
    rating,
    source,
    source_job,
)
from tests.records.plans import full_scans


def test_every_event_finds_its_rows_by_an_index(db: Database) -> None:
    assert full_scans(db, _ask_everything) == {}


def test_what_has_expired_is_found_by_an_index(db: Database) -> None:
    def work(db: Database) -> None:
        _ask_everything(db)
        Retention(db).delete_questions(later(100), lambda _: None)
        Retention(db).delete_jobs(later(100))

    assert full_scans(db, work) == {}


def test_answer_to_forget_is_found_by_an_index(db: Database) -> None:
    def work(db: Database) -> None:
        _ask_everything(db)
        Forgetting(db).find_answer(question().answer_id)
        Forgetting(db).delete_answer(question().answer_id)

    assert full_scans(db, work) == {}


def test_pages_of_rated_answers_are_found_by_an_index(db: Database) -> None:
    assert full_scans(db, lambda db: Ratings(db)._page(["a1", "a2"])) == {}


def _try_an_adapter(db: Database) -> None:
    adapters, changes, trials = Adapters(db), AdapterChanges(db, lambda _: None), Trials(db)
    adapters.add(adapter("night-2"))
    changes.promote_by_night("night-2", Order("night", NOW, "2"), 0.2)
    running = trials.running()
    assert running
    trials.votes(running)
    changes.end_trial("night-2", TrialEnd.WORSE, "Worse.", later(1))
    trials.ended(NOW)
    trials.ended_of("night-2")


def test_scan_of_a_whole_table_is_noticed(db: Database) -> None:
    def work(db: Database) -> None:
        with db.reading() as connection:
            connection.exec_driver_sql("SELECT * FROM questions WHERE text = 'x'").all()

    assert len(full_scans(db, work)) == 1


def _ask_everything(db: Database) -> None:
    questions, answers, ratings, sources = Questions(db), Answers(db), Ratings(db), Sources(db)
    questions.claim([claim_of(question())])
    answers.record(answer(question()))
    ratings.rate(rating(answer(question())))
    questions.set_reply(question().id, "r")
    questions.find(question().id)
    questions.unfinished()
    questions.reply_of(question().id)
    questions.answer_at("r")
    questions.is_reply("r")
    questions.set_audience(question().id, question().audience)
    answers.answer_to(question().id)
    answers.get(question().answer_id)
    answers.question_of(question().answer_id)
    answers.history(THREAD, NOW)
    answers.recent()
    ratings.of(question().answer_id)
    ratings.last_rated_at()
    key = question().answer_id, "U2"
    ratings.give(RatingInput(*key, InputKind.BUTTON, Verdict.UP, NOW, waiting=True))
    ratings.waiting()
    ratings.decide(*key, counts=True)
    ratings.decide(*key, counts=False)
    ratings.correct(Correction(*key, NOW, "31 days"))
    ratings.correction(*key)
    ratings.take_back(*key, NOW)
    sources.save(source())
    sources.find("/docs/leave.md")
    sources.under("/docs/")
    Grants(db).of("/docs/leave.md")
    Grants(db).readable_by_all(["/docs/leave.md"])
    queue = Jobs(db)
    queue.add([source_job()])
    queue.due("T1", later(100))
    (waiting,) = queue.of_request("request-1")
    taken = queue.take(waiting.id, hold(minutes=-1))
    assert taken
    queue.renew([taken.id], hold(minutes=-1))
    queue.due("T1", later(100))
    queue.finish(taken, NOW)
    queue.set_report("request-1", "r")
    queue.in_states([JobState.WAITING])
    kept = Collections(db)
    kept.add(collection())
    kept.due(later(100))
    kept.make_due("/docs", NOW)
    kept.record(collection(), collection())
    kept.withdraw("/docs", Audience.of("team:T1"))
    adapters, runs = Adapters(db), Runs(db)
    adapters.add(adapter())
    adapters.live()
    adapters.promote("night-1", NOW)
    runs.heartbeat(runs.begin("run-1", NOW).id, NOW)
    runs.latest()
    runs.find("run-1")
    adapters.live_since()
    adapters.answering()
    adapters.before("night-1")
    _try_an_adapter(db)
    changes, order = AdapterChanges(db, lambda _: None), Order("U1", NOW, "1")
    changes.hold(order)
    changes.on_hold()
    changes.find("1")
    changes.is_approved("night-1")
    NightReports(db).keep("run-1", "slack:T1:C1:1.0")
    NightReports(db).find("run-1")
