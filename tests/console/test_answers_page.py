"""The page Answers: every filter finds its own, and only what one may see is shown."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from domain.console import ConsoleRole
from domain.questions import AnswerKind, Audience, Sentence, Verdict
from domain.ratings import InputKind, RatingInput
from records.answer_pages import AnswerFilter, AnswerPages
from records.answers import Answers
from records.database import Database
from records.golden import GoldenQuestions
from records.ratings import Ratings
from records.sources import Sources
from tests.console.browsers import look_at, signed_in_page
from tests.console.running_console import RunningConsole, post, running
from tests.console.small_expert import PASSAGE
from tests.records.makers import answer, question, source

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def keep(
    database: Database,
    n: int,
    text: str,
    audience: Audience = Audience.everyone(),  # noqa: B008 - it is frozen
    **changed: Any,
) -> str:
    """The n-th newest answer; returns its id."""
    at = NOW - timedelta(minutes=n)
    asked = replace(question(n), id=f"slack:T1:C{n % 2}:{n}.1", text=text, asked_at=at)
    asked = replace(asked, audience=audience)
    Answers(database).ask(asked)
    made = replace(answer(asked), created_at=at, **{"sentences": ()} | changed)
    Answers(database).record(made)
    return made.id


@pytest.fixture
def some(console: RunningConsole) -> RunningConsole:
    database = console.database
    keep(database, 1, "Is this one refused?", kind=AnswerKind.REFUSED)
    bad = keep(database, 2, "Is this one bad?", adapter="night-7")
    Ratings(database).give(RatingInput(bad, "U7", InputKind.BUTTON, Verdict.DOWN, NOW))
    keep(database, 3, "Is this one unsupported?", sentences=(Sentence(0, 4, False),))
    keep(database, 4, "Does this one cite leave?", passages=(PASSAGE,))
    keep(database, 5, "Is this one secret?", audience=Audience.of("channel:T1:C9"))
    return console


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"refused", "bad", "unsupported", "cite leave"}),
        ("kind=&rated=&adapter=&channel=&source=", {"refused", "bad", "unsupported", "cite leave"}),
        ("kind=refused", {"refused"}),
        ("rated=down", {"bad"}),
        ("rated=up", set()),
        ("unsupported=true", {"unsupported"}),
        ("adapter=night-7", {"bad"}),
        ("channel=T1/C1", {"refused", "unsupported"}),
        ("channel=%25", set()),
        (f"source={PASSAGE.source}", {"cite leave"}),
        ("source=https://docs.example/l_ave", set()),
        ("kind=answered&adapter=night-7&rated=down", {"bad"}),
    ],
)
def test_a_filter_finds_its_own(some: RunningConsole, query: str, found: set[str]) -> None:
    with some.signed_in(ConsoleRole.READER) as client:
        shown = client.get(f"/answers?{query}")
    assert shown.status_code == 200
    words = ("refused", "bad", "unsupported", "cite leave", "secret")
    assert {word for word in words if f"one {word}?" in shown.text} == found


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "x", "2026-11-20/a1", "/", "2026-11-20T00:00:00+00:00"])
def test_a_place_that_nobody_wrote_is_the_beginning(some: RunningConsole, text: str) -> None:
    with some.signed_in() as client:
        assert client.get("/answers", params={"after": text}).status_code == 200


@pytest.mark.slow
def test_an_answer_of_slack_is_shown_with_its_ratings_to_editors(some: RunningConsole) -> None:
    bad = AnswerPages(some.database).page(AnswerFilter(adapter="night-7"), None, 1).rows[0]
    secret = f"/answers/{question_id_of(some.database, 'secret')}"
    with some.signed_in(ConsoleRole.EDITOR) as client:
        shown = client.get(f"/answers/{bad.answer.id}").text
        assert "What people say" in shown
        assert "U7" in shown
        assert "Ask more about this" not in shown  # it goes on in Slack
        assert client.get(secret).status_code == 404
        assert client.get("/answers/a0000000000000000").status_code == 404
    with some.signed_in(ConsoleRole.READER) as client:
        assert "U7" not in client.get(f"/answers/{bad.answer.id}").text


def question_id_of(database: Database, word: str) -> str:
    return next(
        one.answer.id for one in Answers(database).recent(9) if f"one {word}?" in one.question.text
    )


@pytest.mark.slow
def test_an_editor_makes_a_question_golden(some: RunningConsole) -> None:
    answer_id = keep(some.database, 6, "Is this one open?", passages=(PASSAGE,))
    Sources(some.database).save(source(PASSAGE.source))
    with some.signed_in(ConsoleRole.EDITOR) as client:
        path = f"/answers/{answer_id}/golden"
        assert "It is not golden" in post(client, path, golden=" ").text
        assert "No night may unlearn" in post(client, path, golden="25 days").text
        again = post(client, path, golden="30 days")
        assert again.status_code >= 400
        assert "with another answer" in again.text
    [golden] = GoldenQuestions(some.database).all()
    assert (golden.question, golden.answer) == ("Is this one open?", "25 days")
    follows = question_id_of(some.database, "cite leave")  # it follows one of a private channel
    with some.signed_in(ConsoleRole.EDITOR) as client:
        assert "It is not golden" in post(client, f"/answers/{follows}/golden", golden="25").text
    with some.signed_in(ConsoleRole.READER) as client:
        assert post(client, path, golden="25 days").status_code == 403


@pytest.mark.slow
def test_no_question_becomes_golden_that_not_everyone_may_read(console: RunningConsole) -> None:
    database = console.database
    narrow = Audience.of("channel:T1:C9")
    private = keep(database, 1, "Private?", audience=narrow)
    from_narrow = keep(database, 2, "Narrow?", passages=(replace(PASSAGE, audience=narrow),))
    narrowed = keep(database, 3, "Narrowed since?", passages=(PASSAGE,))
    with running(database, admins_read_all=True) as wide, wide.signed_in() as client:
        post(client, "/you/reads-all", wanted="true")
        for answer_id in (private, from_narrow, narrowed):
            said = post(client, f"/answers/{answer_id}/golden", golden="25 days").text
            assert "It is not golden" in said
        assert GoldenQuestions(database).all() == []
        Sources(database).save(source(PASSAGE.source))  # for everyone again
        said = post(client, f"/answers/{narrowed}/golden", golden="25 days").text
        assert "No night may unlearn" in said


@pytest.mark.slow
def test_thumb_is_taken_back_and_what_was_written_is_said_to_stand(some: RunningConsole) -> None:
    answer_id = keep(some.database, 7, "Is this one rated?")
    ratings, at = Ratings(some.database), f"/answers/{answer_id}"
    with some.signed_in() as client:
        post(client, f"{at}/rate", verdict="up")
        assert "Nothing was kept" in post(client, f"{at}/correct").text
        assert [one.verdict for one in ratings.of(answer_id)] == [Verdict.UP]
        assert "is kept" in post(client, f"{at}/correct", right="25\r\n\r\ndays").text
        [said] = ratings.of(answer_id)
        assert (said.verdict, said.correction) == (Verdict.DOWN, "25\n\ndays")
        assert "What you wrote still says" in post(client, f"{at}/rate", verdict="back").text
        assert [one.verdict for one in ratings.of(answer_id)] == [Verdict.DOWN]
        assert "is deleted" in post(client, f"{at}/correct").text  # all was emptied
        assert ratings.of(answer_id) == ()


@pytest.mark.slow
def test_correction_of_an_answer_that_was_made_anew_is_shown_again(some: RunningConsole) -> None:
    answer_id = keep(some.database, 9, "Is this one corrected?")
    answers, at = Answers(some.database), f"/answers/{answer_id}"
    with some.signed_in() as client:
        seen = re.findall(r'name="seen" value="([^"]*)"', client.get(at).text)
        assert "is kept" in post(client, f"{at}/correct", right="25 days", seen=seen[0]).text
        old = answers.get(answer_id)
        answers.record(replace(old, text="Yes.", created_at=old.created_at + HOUR), instead_of=old)
        said = post(client, f"{at}/correct", right="26 days", seen=seen[0])
    assert said.status_code == 409
    assert "26 days" in said.text
    assert Ratings(some.database).of(answer_id) == ()


@pytest.mark.slow
def test_thumbs_that_were_given_elsewhere_are_taken_back_too(some: RunningConsole) -> None:
    answer_id = keep(some.database, 8, "Is this one rated?")
    ratings = Ratings(some.database)
    for kind in (InputKind.THUMB_DOWN, InputKind.THUMB_UP_3, InputKind.FORM):
        ratings.give(RatingInput(answer_id, "U7", kind, Verdict.DOWN, NOW))
    assert ratings.take_back_thumbs(answer_id, "U7", NOW - timedelta(days=1)) is None
    late = RatingInput(answer_id, "U7", InputKind.THUMB_DOWN, Verdict.DOWN, NOW)
    assert ratings.give(late) is None  # Slack sent it again


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "field", "most"), [("correct", "right", 3_000), ("golden", "golden", 2_000)]
)
def test_too_long_text_is_shown_again_to_be_copied(
    some: RunningConsole, path: str, field: str, most: int
) -> None:
    answer_id = keep(some.database, 9, "Is this one open?", passages=(PASSAGE,))
    Sources(some.database).save(source(PASSAGE.source))
    fits, too_long = "one line\r\n" * (most // 9), "a word " * (most // 6)
    with some.signed_in(ConsoleRole.EDITOR) as client:
        refused = post(client, f"/answers/{answer_id}/{path}", **{field: too_long})
        assert refused.status_code == 422
        assert too_long.strip() in refused.text
        assert post(client, f"/answers/{answer_id}/{path}", **{field: fits}).status_code == 200


@pytest.mark.slow
@pytest.mark.browser
def test_a_bad_answer_is_found_and_corrected_in_a_browser(
    some: RunningConsole, browser: Browser, pictures: Path
) -> None:
    with signed_in_page(some, browser) as page:
        page.get_by_role("link", name="Answers").click()
        look_at(page, pictures, "answers")
        page.get_by_label("Rated").select_option("down")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="Is this one bad?").click()
        page.get_by_text("Say what is right").click()
        page.get_by_label("The right answer").fill("25 days")
        page.get_by_role("button", name="Keep this").click()
        expect(page.get_by_text("What you wrote is kept.")).to_be_visible()
        look_at(page, pictures, "bad-answer")
    answer_id = question_id_of(some.database, "bad")
    assert {one.correction for one in Ratings(some.database).of(answer_id)} == {"", "25 days"}
