"""Forgotten data is deleted from the database, the index, the nights' reports and the logs."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from cli import forgetting, forgotten, log_files
from cli.commands.every import app
from cli.forgetting import (
    Forgotten,
    forget_answer,
    forget_correction,
    forget_person,
    forget_source,
)
from cli.indexes import Indexes
from cli.retention import delete_expired
from cli.settings import Settings
from cli.targets import Wanted, collection_of
from cli.wiring import Container
from domain.adapters import Adapter, AdapterState
from domain.collections import Collection
from domain.documents import Embedded
from domain.errors import DatabaseUnavailable, NotFound, RunInProgress
from domain.jobs import JobKind, JobState, NewJob
from domain.links import UPLOAD
from domain.questions import Answer, AnswerKind, Audience, Question, Timings, Verdict
from knowledge.ingest import Ingestor
from knowledge.sources.uploads import Uploads
from records.collections import Collections
from records.forgetting import Forgetting
from records.retention import Retention
from tests.cli.test_app import phi3
from tests.knowledge.doubles import WordEmbedder
from tests.records.makers import NOW, rating
from training.publish import CONFIG, WEIGHTS, publish
from training.recipe import Recipe
from training.report import files as report
from training.report.page import page

EVERYONE = Audience.everyone()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def documents(where: Path) -> Path:
    """Two documents; each has a word that is nowhere else."""
    folder = where / "documents"
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nThere are 30 days of leave, says Okapiland.\n")
    (folder / "pay.md").write_text("# Pay\n\nThe pay comes on the last day, says Quaggaburg.\n")
    return folder


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that each test uses a copy of; the first test fills it."""
    return tmp_path_factory.mktemp("forgetting") / "home"


@pytest.fixture
def container(home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    words = WordEmbedder()
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: words)
    if not filled.exists():
        with Container(settings(filled)) as made:
            fill(filled, made)
    copytree(filled, home)
    with Container(settings(home)) as made:
        yield made


def settings(home: Path) -> Settings:
    # Without a number, the model says how many passages there are; its libraries load slowly.
    return Settings(home=home, passages=1)


def fill(home: Path, container: Container) -> None:
    container.ingestor.ingest([documents(home.parent)], EVERYONE, "U1")
    ask(container, 1, "U1", "How much leave does Zebrafort give?", "leave")
    ask(container, 2, "U2", "When does the pay come to Yakville?", "pay")
    rated = container.answers.get(answer_id(2))
    container.ratings.rate(rating(rated, "U1", Verdict.DOWN, correction="Gnutown knows"))
    report_night(home, container)
    write_logs(home)
    train_adapter(home, container, "learned", answer_id(1))
    train_adapter(home, container, "innocent", "a0")
    container.adapters.promote("learned", NOW)


def answer_id(n: int) -> str:
    return asked(n, "", "").answer_id


def asked(n: int, by: str, text: str) -> Question:
    at = NOW + timedelta(minutes=n)
    return Question(f"slack:T1:C1:{n}.0", text, by, at, EVERYONE, (), "slack:T1:C1:1.0")


def ask(container: Container, n: int, by: str, text: str, words: str) -> None:
    question = asked(n, by, text)
    container.answers.ask(question)
    passages = container.searcher.search(replace(question, text=words), 1).passages
    container.answers.record(
        Answer(
            question.answer_id,
            question.id,
            AnswerKind.ANSWERED,
            f"{passages[0].text} So much for Impala{n}.",
            (),
            passages,
            "tiny",
            None,
            "0",
            Timings(),
            question.asked_at,
        )
    )


def report_night(home: Path, container: Container) -> None:
    rows = [
        {
            "answer_id": one.answer.id,
            "question": one.question.text,
            "accepted": next((r.correction for r in one.ratings), one.answer.text),
            "live": {"text": one.answer.text, "agreement": 0.5},
            "candidate": {"text": one.answer.text, "agreement": 0.75},
        }
        for one in container.answers.recent()
    ]
    folder = home / "nights" / "night-1"
    folder.mkdir(parents=True)
    read = {"run": {"id": "n"}, "questions": rows}
    (folder / "report.json").write_text(json.dumps(read))
    (folder / "report.html").write_text(page(read))


def write_logs(home: Path) -> None:
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "serve.log").write_text(
        "INFO starting\n"
        "ERROR cannot answer: How much leave does Zebrafort give?\n"
        "INFO U1 pressed something\n"
        "WARNING /slack:T1:C1:2.0 was slow\n"
    )


def train_adapter(home: Path, container: Container, name: str, learned: str) -> None:
    def write(folder: Path) -> None:
        (folder / WEIGHTS).write_bytes(b"weights")
        (folder / CONFIG).write_text("{}")

    made = publish(home / "adapters", name, "tiny", Recipe(), [learned], write)
    folder = str(home / "adapters" / name)
    adapter = Adapter(name, "tiny", folder, made.sha256, AdapterState.TRAINED, "run", NOW)
    container.adapters.add(adapter)


def holding(home: Path, word: str) -> list[Path]:
    """The files in the home that contain a word, in upper or lower case."""
    wanted = word.lower().encode()
    return [
        file.relative_to(home)
        for file in sorted(home.rglob("*"))
        if file.is_file() and wanted in file.read_bytes().lower()
    ]


def person(container: Container) -> Forgotten:
    return forget_person(container, "U1")


def source(container: Container) -> Forgotten:
    [uri] = (row.uri for row in container.sources.all() if row.uri.endswith("leave.md"))
    return forget_source(container, uri)


def answer(container: Container) -> Forgotten:
    return forget_answer(container, answer_id(1))


CASES = [
    pytest.param(
        person, ["Zebrafort", "Gnutown", "Impala1"], ["Okapiland", "Yakville"], id="person"
    ),
    pytest.param(source, ["Okapiland", "Zebrafort"], ["Quaggaburg", "Yakville"], id="source"),
    pytest.param(answer, ["Zebrafort", "Impala1"], ["Okapiland", "Yakville"], id="answer"),
]


@pytest.mark.parametrize(("forget", "gone", "stays"), CASES)
def test_no_file_in_the_home_contains_it_any_more(
    home: Path,
    container: Container,
    forget: Callable[[Container], Forgotten],
    gone: list[str],
    stays: list[str],
) -> None:
    assert all(holding(home, word) for word in gone + stays)
    forget(container)
    assert {word: holding(home, word) for word in gone} == {word: [] for word in gone}
    assert all(holding(home, word) for word in stays)


@pytest.mark.parametrize("forget", [person, source, answer])
def test_adapters_that_were_trained_on_it_are_named_with_advice(
    container: Container, forget: Callable[[Container], Forgotten]
) -> None:
    done = forget(container)
    assert [(one.name, one.state) for one in done.adapters] == [("learned", AdapterState.LIVE)]
    assert "phi3 train" in done.advice
    assert "phi3 adapters rollback" in done.advice


def test_what_was_deleted_is_counted(container: Container) -> None:
    deleted = person(container).deleted
    assert deleted.pop("requests")
    assert {kind: n for kind, n in deleted.items() if n} == {
        "questions": 1,
        "answers": 1,
        "ratings": 1,
        "corrections": 1,
        "reports": 1,
        "log_lines": 2,
    }
    assert source(container).deleted["passages"] == 1


def test_forgotten_answer_is_not_read_by_the_next_night(container: Container) -> None:
    container.ratings.rate(rating(container.answers.get(answer_id(1)), "U3"))
    answer(container)
    assert [one.answer.id for one in container.ratings.rated()] == [answer_id(2)]


def test_correction_is_deleted_everywhere_and_the_thumb_stays(
    home: Path, container: Container
) -> None:
    done = forget_correction(container, answer_id(2), "U1")
    assert holding(home, "Gnutown") == []
    assert (done.deleted["corrections"], done.deleted["reports"]) == (1, 1)
    [kept] = container.ratings.of(answer_id(2))
    assert (kept.by, kept.verdict, kept.correction) == ("U1", Verdict.DOWN, "")
    with pytest.raises(NotFound):
        forget_correction(container, answer_id(2), "U1")


@pytest.mark.slow
def test_rest_of_the_report_does_not_change(home: Path, container: Container) -> None:
    answer(container)
    folder = home / "nights" / "night-1"
    [left] = json.loads((folder / "report.json").read_text())["questions"]
    assert left["answer_id"] == answer_id(2)
    assert "Yakville" in (folder / "report.html").read_text()


def test_report_that_a_killed_night_left_unfinished_is_deleted(
    home: Path, container: Container
) -> None:
    file = home / "nights" / "night-1" / "report.json"
    file.write_text(file.read_text()[:-20])
    answer(container)
    assert not file.exists()


def test_log_lines_of_others_stay(home: Path, container: Container) -> None:
    answer(container)
    assert (home / "logs" / "serve.log").read_text().splitlines() == [
        "INFO starting",
        "INFO U1 pressed something",
        "WARNING /slack:T1:C1:2.0 was slow",
    ]


@pytest.mark.parametrize("forget", [forget_person, forget_source, forget_answer])
def test_unknown_id_is_an_error_and_changes_nothing(
    home: Path, container: Container, forget: Callable[[Container, str], Forgotten]
) -> None:
    def state() -> list[object]:
        return [*container.answers.recent(), *container.sources.all(), *container.adapters.all()]

    before, words = state(), holding(home, "Zebrafort")
    with pytest.raises(NotFound, match="Nothing is stored about"):
        forget(container, "U404")
    assert state() == before
    assert holding(home, "Zebrafort") == words


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(
    "forget",
    [
        forget_person,
        forget_source,
        forget_answer,
        lambda container, blank: forget_correction(container, blank, "U1"),
        lambda container, blank: forget_correction(container, answer_id(2), blank),
    ],
)
def test_blank_id_forgets_nobody(
    home: Path, container: Container, forget: Callable[[Container, str], Forgotten], blank: str
) -> None:
    of_nobody = NewJob(JobKind.SOURCE, "/a.md", "r1", "T1", "", "", "{}", NOW)
    container.jobs.add([of_nobody])
    log = (home / "logs" / "serve.log").read_bytes()
    with pytest.raises(NotFound, match="is empty, so nothing is forgotten"):
        forget(container, blank)
    again = forgotten.Forgetting(forgotten.Subject.PERSON, blank, NOW)
    forgetting.forget_again(container, again)
    assert [job.key for job in container.jobs.in_states(JobState)] == ["/a.md"]
    assert len(container.answers.recent()) == 2
    assert (home / "logs" / "serve.log").read_bytes() == log
    assert not container.settings.forgotten_list.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("forget", "gone", "stays"), CASES)
@pytest.mark.parametrize(
    "step",
    [
        (report, "forget"),
        (log_files, "forget"),
        (report, "_replace"),
        (Forgetting, "delete_person"),
        (Forgetting, "delete_source"),
        (Forgetting, "delete_answer"),
    ],
)
def test_killed_call_is_completed_by_another_call(
    home: Path,
    container: Container,
    monkeypatch: pytest.MonkeyPatch,
    forget: Callable[[Container], Forgotten],
    gone: list[str],
    stays: list[str],
    step: tuple[object, str],
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*step, killed)
        try:
            forget(container)
        except KeyboardInterrupt:
            forget_again = True
        else:
            forget_again = False  # this kind does not call it
    if forget_again:
        forget(container)
    assert not [word for word in gone if holding(home, word)]


@pytest.mark.slow
@pytest.mark.parametrize("step", ["withdraw", "forget_source", "delete_person", ""])
def test_documents_that_only_they_could_read_go_and_others_stay(
    home: Path, container: Container, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    own = Audience.of("person:T1:U7")
    for name, readers in (
        ("alone.md", own),
        ("both.md", own.together_with(Audience.of("channel:T1:C1"))),
        ("like.md", Audience.of("person:T1:XU7")),
    ):
        file = home.parent / name
        file.write_text(f"# Notes\n\nSomething of {file.stem}ville.\n")
        page = collection_of(str(file), Wanted(readers), "U7")
        container.collections.add(page)
        container.collection_reader.read(page)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    if step:
        with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
            of = {"withdraw": Ingestor, "forget_source": forgetting, "delete_person": Forgetting}
            patched.setattr(of[step], step, killed)
            forget_person(container, "U7")
    forget_person(container, "U7")
    assert not holding(home, "aloneville")
    assert [holding(home, word) != [] for word in ("bothville", "likeville")] == [True, True]
    assert not holding(home, ":U7")
    both = container.sources.find(str(home.parent / "both.md"))
    assert both
    assert both.audience == Audience.of("channel:T1:C1")
    with pytest.raises(NotFound):
        forget_person(container, "U7")


@pytest.mark.slow
@pytest.mark.parametrize("is_read", [True, False])
def test_file_that_only_they_could_read_goes_also_if_that_is_killed(
    home: Path, container: Container, monkeypatch: pytest.MonkeyPatch, is_read: bool
) -> None:
    own, file = Audience.of("person:T1:U7"), BytesIO(b"# Notes\n\nSomething of Sentville.\n")
    uri = Uploads(container.settings.uploads).keep(file, "notes.md", "U7", own)
    sent = Collection(uri, UPLOAD, own, "U7", NOW)
    container.collections.add(sent)
    if is_read:
        container.collection_reader.read(sent)
    assert holding(home, "Sentville")
    withdraw = Collections.withdraw

    def killed(*given: object) -> None:
        withdraw(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(Collections, "withdraw", killed)
        forget_person(container, "U7")
    with suppress(NotFound):
        forget_person(container, "U7")
    assert not holding(home, "Sentville")


@pytest.mark.slow
def test_source_that_is_only_left_in_the_index_is_forgotten(
    home: Path, container: Container
) -> None:
    """Earlier versions named documents by their sources."""
    uri = next(row.uri for row in container.sources.all() if row.uri.endswith("leave.md"))
    source(container)
    [document] = container.index.documents()
    chunks = [replace(one, document=uri) for one in container.index.chunks(document)]
    vectors = [container.index.embeddings(document)[one.id] for one in chunks]
    container.index.replace(Embedded(uri, chunks, vectors))
    assert forget_source(container, uri).deleted["passages"] == 1


def test_what_other_programs_hold_is_no_error_and_is_said(container: Container) -> None:
    with container.database.reading() as reader:
        reader.exec_driver_sql("SELECT * FROM questions").fetchone()
        done = person(container)
    assert done.deleted["questions"] == 1
    assert "restart them" in done.advice
    with pytest.raises(NotFound):
        person(container)


def test_nothing_is_forgotten_during_a_night(container: Container) -> None:
    container.runs.begin("night-9", datetime.now(UTC))
    with pytest.raises(RunInProgress, match="night-9 is in progress"):
        person(container)
    assert len(container.answers.recent()) == 2


@pytest.mark.slow
class TestCommand:
    def test_it_prints_what_it_deleted_and_exits_with_0(
        self, home: Path, container: Container
    ) -> None:
        container.database.close()
        done = phi3("forget", "answer", answer_id(1), "--json", home=home)
        assert done.returncode == 0, done.stderr
        printed = json.loads(done.stdout)
        assert (printed["subject"], printed["id"]) == ("answer", answer_id(1))
        assert printed["deleted"]["questions"] == 1
        assert printed["adapters"] == [{"name": "learned", "state": "live"}]
        assert "rollback" in printed["advice"]

    @pytest.mark.slow
    def test_unknown_id_is_one_line_and_exits_with_1(
        self, home: Path, container: Container
    ) -> None:
        done = phi3("forget", "person", "U404", home=home)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "phi3: Nothing is stored about person U404.\n"

    def test_wrong_usage_exits_with_2(self) -> None:
        assert CliRunner().invoke(app, ["forget", "planet", "x"]).exit_code == 2
        assert CliRunner().invoke(app, ["forget", "person"]).exit_code == 2
        for words in (
            ["person", ""],
            ["source", " "],
            ["answer", ""],
            ["correction", "a1", "--by="],
        ):
            done = CliRunner().invoke(app, ["forget", *words])
            assert (done.exit_code, "the id is empty" in done.output) == (2, True)


def test_log_keeps_its_lines_if_an_id_is_empty(tmp_path: Path) -> None:
    (tmp_path / "serve.log").write_text("INFO starting\n")
    assert log_files.forget(tmp_path, {"", "U1"}, {""}) == 0
    assert (tmp_path / "serve.log").read_text() == "INFO starting\n"


class TestRetention:
    @pytest.mark.slow
    def test_old_questions_go_with_their_copies_in_reports(
        self, home: Path, container: Container
    ) -> None:
        delete_expired(container, NOW + timedelta(days=365, minutes=1, seconds=30))
        assert [one.answer.id for one in container.answers.recent()] == [answer_id(2)]
        container.database.empty_log()
        assert holding(home, "Zebrafort") == []

    def test_failure_of_one_kind_does_not_stop_the_others(
        self, home: Path, container: Container, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise DatabaseUnavailable("The database is away.")

        monkeypatch.setattr(Retention, "delete_jobs", fail)
        delete_expired(container, NOW + timedelta(days=10_000))
        assert not container.answers.recent()
        assert not list((home / "logs").iterdir())

    def test_empty_settings_keep_everything(self, home: Path, container: Container) -> None:
        for_ever = container.settings.model_copy(
            update={"keep_questions_days": None, "keep_jobs_days": None, "keep_logs_days": None}
        )
        container.settings = for_ever
        delete_expired(container, NOW + timedelta(days=10_000))
        assert len(container.answers.recent()) == 2
        assert (home / "logs" / "serve.log").exists()

    def test_there_is_one_log_a_day_and_old_ones_are_deleted(self, tmp_path: Path) -> None:
        today = datetime.now(UTC)
        month_ago = today - timedelta(days=30)
        (tmp_path / "serve.log").write_text("today\n")
        assert log_files.expire(tmp_path, month_ago, today) == 0
        (tmp_path / "serve.log").write_text("later today\n")
        assert log_files.expire(tmp_path, month_ago, today) == 0
        assert {file.name for file in tmp_path.iterdir()} == {
            "serve.log",
            f"serve.{today:%Y-%m-%d}.log",
        }
        assert log_files.expire(tmp_path, today + timedelta(minutes=1), today) == 2

    def test_settings_may_be_empty(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PHI3_KEEP_QUESTIONS_DAYS", "")
        monkeypatch.setenv("PHI3_KEEP_JOBS_DAYS", "7")
        read = Settings()
        assert (read.keep_questions_days, read.keep_jobs_days) == (None, 7)
