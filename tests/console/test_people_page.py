"""The page People: opting out, what is stored about somebody, and forgetting."""

import json
from dataclasses import replace
from typing import Any

import pytest

from console.needs.people import PeopleNeeds
from console.needs.slack_sign_in import SlackSignIn
from console.signed_in import COOKIE
from domain.cards import Card
from domain.console import ConsoleRole
from domain.errors import RunInProgress
from domain.golden import Golden
from domain.questions import Audience, Question, Verdict
from records.answers import Answers
from records.cards import Cards
from records.consent import Consent
from records.database import Database
from records.forgetting import Forgetting
from records.golden import GoldenQuestions
from records.person_data import PersonData
from records.ratings import Ratings
from records.sources import Sources
from tests.console.made_data import HOSTILE
from tests.console.running_console import RunningConsole, post, running
from tests.records.makers import PASSAGE, THREAD, answer, question, rating, source


def ask(database: Database, n: int, audience: Audience, **changed: str) -> Question:
    asked = replace(question(n, asked_by="U1"), audience=audience, **changed)  # type: ignore[arg-type]
    answers = Answers(database)
    answers.ask(asked)
    answers.record(answer(asked))
    return asked


@pytest.fixture
def told(console: RunningConsole) -> RunningConsole:
    """U1 asked in public, in a private channel and alone, rated, corrected and added a page."""
    database = console.database
    asked = ask(database, 1, Audience.of("everyone", "channel:T1:C1", public=True), text=HOSTILE)
    ask(database, 2, Audience.of("everyone", "channel:T1:C9"), text="the secret project")
    ask(database, 3, Audience.of("everyone", "person:T1:U1"), text="my own illness")
    ask(database, 4, Audience.of("everyone"), text="my own pay", asked_in="slack:T1:C1:9.0")
    ratings = Ratings(database)
    ratings.rate(rating(answer(asked), "U1", Verdict.DOWN, correction="Thirty days."))
    sources = Sources(database)
    for uri, label in (
        ("https://open.example/", "everyone"),
        ("https://x.example/", "channel:T1:C9"),
    ):
        sources.save(replace(source(uri), audience=Audience.of(label), requested_by="U1"))
    return console


def exported(console: RunningConsole, person: str = "U1", *, wide: bool = False) -> dict[str, Any]:
    with running(console.database, admins_read_all=wide) as other, other.signed_in() as client:
        if wide:
            post(client, "/you/reads-all", wanted="true")
        answer = post(client, f"/people/{person}/export", on=f"/people/{person}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{person}.json"'
        found: dict[str, Any] = json.loads(answer.text)
        return found


@pytest.mark.slow
def test_a_persons_data_is_given_as_json(told: RunningConsole) -> None:
    found = exported(told)
    [asked] = found["questions"]
    assert asked["text"] == HOSTILE
    assert [one["text"] for one in found["corrections"]] == ["Thirty days."]
    assert [one["verdict"] for one in found["ratings"]] == ["down"]
    assert found["sources"] == ["https://open.example/"]
    assert found["withheld"] == 4
    text = json.dumps(found)
    assert not any(secret in text for secret in ("secret project", "illness", "my own pay"))
    assert told.parts.audit.latest(1)[0].did == "exported the data of"


@pytest.mark.slow
def test_an_admin_who_reads_everything_exports_everything(told: RunningConsole) -> None:
    found = exported(told, wide=True)
    assert len(found["questions"]) == 4
    assert found["withheld"] == 0


@pytest.mark.slow
def test_a_person_of_whom_nothing_is_stored_has_an_empty_export(console: RunningConsole) -> None:
    with console.signed_in() as client:
        assert "Nothing is stored about this person." in client.get("/people?person= U9 ").text
        found = json.loads(post(client, "/people/U9/export", on="/people/U9").text)
    assert (found["questions"], found["sources"], found["withheld"]) == ([], [], 0)


def confirm(database: Database, n: int, audience: Audience, answer: str) -> None:
    """U5 confirms an answer to a question of U1 as an expert."""
    at = question(n).asked_at
    asked = Card(f"c{n}", f"slack-card:T1:C1:1.0:{n}.0", f"q{n}", THREAD, "U5", "U1", at)
    cards = Cards(database)
    cards.ask(asked)
    cards.verify(
        replace(asked, question="Where?", answer=answer, audience=audience, confirmed_by="U5"), at
    )


@pytest.fixture
def expert(console: RunningConsole) -> RunningConsole:
    """U5 never asked: U5 confirmed two answers, and added a golden question."""
    database = console.database
    confirm(database, 1, Audience.of("everyone"), "At the gate.")
    confirm(database, 2, Audience.of("channel:T1:C9"), "In the safe.")
    golden = Golden("g1", "How long?", "Thirty days.", (), (), "U5", question().asked_at)
    GoldenQuestions(database).add([golden])
    shown = replace(PASSAGE, source="slack-card:T1:C1:1.0:1.0")
    asked = question(3, asked_by="U2")
    Answers(database).ask(asked)
    Answers(database).record(replace(answer(asked), passages=(shown,), citations=()))
    return console


@pytest.mark.slow
def test_page_says_all_that_is_forgotten_of_an_expert(expert: RunningConsole) -> None:
    with expert.signed_in() as client:
        assert "Nothing is stored about this person." not in client.get("/people/U5").text
        shown = client.get("/people/U5/forget").text
    assert "2 answers that the person wrote or confirmed as an expert" in shown
    assert "1 questions of others go with them" in shown
    assert "the golden questions that the person added stay" in shown


@pytest.mark.slow
@pytest.mark.parametrize("wide", [False, True])
def test_export_has_what_an_expert_confirmed_and_golden_questions(
    expert: RunningConsole, wide: bool
) -> None:
    found = exported(expert, "U5", wide=wide)
    confirmed = [(one["question"], one["answer"]) for one in found["confirmed_answers"]]
    assert confirmed == [("Where?", "At the gate."), *([("Where?", "In the safe.")] * wide)]
    assert [one["answer"] for one in found["golden_questions"]] == ["Thirty days."]
    assert found["withheld"] == (not wide)


@pytest.mark.slow
def test_who_opts_out_is_kept_out_of_training(told: RunningConsole) -> None:
    with told.signed_in() as client:
        assert "Nobody opted out" in client.get("/people").text
        post(client, "/people/U1/training", on="/people/U1")
        assert Consent(told.database).kept_out() == {"U1"}
        assert 'href="/people/U1"' in client.get("/people").text
        post(client, "/people/U1/training", on="/people/U1", may_train="true")
    assert Consent(told.database).kept_out() == frozenset()
    did = [entry.did for entry in told.parts.audit.latest(2)]
    assert did == ["let into training", "kept out of training"]


@pytest.mark.slow
def test_a_person_is_forgotten_only_after_their_id_was_written_again(database: Database) -> None:
    forgotten: list[str] = []

    def forget(person: str) -> str:
        forgotten.append(person)
        return "Deleted: 1 questions."

    needs = PeopleNeeds(forget, [])
    with running(database, people=needs) as console, console.signed_in() as client:
        for written in ("", "U2"):
            wrong = post(client, "/people/U1/forget", on="/people/U1/forget", again=written)
            assert wrong.status_code == 422
            assert "There is a problem" in wrong.text
        assert forgotten == []
        done = post(client, "/people/U1/forget", on="/people/U1/forget", again="U1")
        assert "Deleted: 1 questions." in done.text
    assert forgotten == ["U1"]
    [entry] = console.parts.audit.latest(1)
    assert "U1" not in f"{entry.did} {entry.to}"


@pytest.mark.slow
@pytest.mark.parametrize("person", ["U1", "U2"])
def test_an_admin_who_forgets_themselves_is_not_named_afterwards(
    database: Database, person: str
) -> None:
    needs = PeopleNeeds(lambda one: str(Forgetting(database).delete_person(one)), [])
    sign_in = SlackSignIn("", "", "", "", lambda *_: ConsoleRole.ADMIN, lambda *_: False)
    with running(database, people=needs, slack=sign_in) as console, console.client() as client:
        secret, session = console.parts.sessions.begin(ConsoleRole.ADMIN, team="T1", person="U1")
        client.cookies.set(COOKIE, secret)
        post(client, f"/people/{person}/forget", on=f"/people/{person}/forget", again=person)
        [entry] = console.parts.audit.latest(1)
    assert entry.did == "forgot a person"
    assert entry.by == (f"console {session.id}" if person == "U1" else "U1")
    assert PersonData(database).in_numbers(person).is_nothing


@pytest.mark.slow
def test_during_a_night_nobody_is_forgotten_and_the_page_says_why(database: Database) -> None:
    def forget(person: str) -> str:
        raise RunInProgress("A night is training: forget once it is over.")

    needs = PeopleNeeds(forget, [])
    with running(database, people=needs) as console, console.signed_in() as client:
        answer = post(client, "/people/U1/forget", on="/people/U1/forget", again="U1")
    assert answer.status_code == 409
    assert "A night is training" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("person", ["<script>", "u1", "../../etc", "U" * 99, "'; DROP TABLE audit"])
def test_what_is_no_id_is_an_error_of_the_form(console: RunningConsole, person: str) -> None:
    with console.signed_in() as client:
        answer = client.get("/people", params={"person": person})
    assert answer.status_code == 422
    assert "as in U012ABC" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.slow
def test_people_and_the_audit_log_are_for_admins(console: RunningConsole) -> None:
    with console.signed_in(ConsoleRole.EDITOR) as client:
        for path in ("/people", "/people/U1", "/people/U1/forget", "/audit"):
            assert client.get(path).status_code == 403
        assert post(client, "/people/U1/export").status_code == 403


@pytest.mark.slow
def test_the_audit_log_is_paged(console: RunningConsole) -> None:
    for n in range(120):
        console.parts.audit.add("U1", "did", f"item {n}.")
    with console.signed_in() as client:
        first = client.get("/audit").text
        assert first.count("item") == 99  # the sign-in is the latest
        href = first.split('rel="next" href="')[1].split('"')[0]
        assert client.get(href).text.count("item") == 21
