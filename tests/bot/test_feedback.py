from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ratings.rating_notes import EXPLAIN, TAKE_BACK
from domain.questions import Fault, Rating, Verdict
from domain.ratings import InputKind, RatingInput
from records.consent import Consent
from tests.bot.running_bot import RunningBot
from tests.payloads import click, mention, payload
from tests.slack_double import SlackMessage


@pytest.fixture
def answered(running: RunningBot) -> RunningBot:
    running.send.event(mention())
    running.answered()
    return running


def id_of(running: RunningBot) -> str:
    return running.answers.recent(1)[0].answer.id


def rating(running: RunningBot, by: str = "U1") -> Rating | None:
    return next((each for each in running.ratings.of(id_of(running)) if each.by == by), None)


def verdicts(running: RunningBot) -> dict[str, Verdict]:
    return {each.by: each.verdict for each in running.ratings.of(id_of(running))}


def shown(running: RunningBot) -> SlackMessage:
    return running.slack.public()[0]


def reaction(
    running: RunningBot,
    name: str,
    kind: str = "reaction_added",
    by: str = "U1",
    at: int | None = None,
) -> None:
    """``at`` is how many seconds after the question it was given, or taken away."""
    item = {"type": "message", "channel": "C1", "ts": shown(running).ts}
    event = payload(kind, reaction=name, item=item, user=by)
    if at is not None:
        event["event"]["event_ts"] = f"{1763900000 + at}.000100"
    assert running.send.event(event).status == 200


def test_thumb_up_is_stored_and_confirmed_only_to_its_person(answered: RunningBot) -> None:
    assert answered.send.interaction(click(id_of(answered), "up")).status == 200

    assert verdicts(answered) == {"U1": Verdict.UP}
    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    assert "noted as good" in answered.slack.whispers("U1")[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "kept_out", "is_said"),
    [
        (mention(), "", True),
        (mention(), "U1", False),
        (mention(channel="CPRIVATE"), "", False),
        (payload("message_im"), "", False),
    ],
    ids=["public", "kept out", "private", "direct"],
)
def test_training_is_spoken_of_only_where_a_night_may_learn(
    running: RunningBot, body: dict[str, Any], kept_out: str, is_said: bool
) -> None:
    if kept_out:
        Consent(running.database).choose(kept_out, may_train=False)
    channel = body["event"]["channel"]
    running.send.event(body)
    running.answered()
    running.send.interaction(click(id_of(running), "up", channel=channel))
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert ("training" in running.slack.whispers("U1")[0]) is is_said
    form = payload("view_submission")
    form["view"]["private_metadata"] = id_of(running)
    assert ("nights" in running.send.interaction(form).body) is is_said


def test_buttons_of_the_answer_contain_only_its_id_and_the_verdict(
    answered: RunningBot,
) -> None:
    buttons = shown(answered).blocks[-1]["elements"][0]

    assert buttons["positive_button"]["value"] == f"{id_of(answered)}:up"
    assert buttons["negative_button"]["value"] == f"{id_of(answered)}:down"


def test_second_click_of_the_same_person_replaces_the_first(answered: RunningBot) -> None:
    for n, verdict in enumerate(("up", "down", "down")):
        pressed = click(id_of(answered), verdict)
        pressed["actions"][0]["action_ts"] = f"17639002{n:02}.000100"
        answered.send.interaction(pressed)
    answered.send.interaction(click(id_of(answered), "up", user="U2"))

    assert verdicts(answered) == {"U1": Verdict.DOWN, "U2": Verdict.UP}


def test_thumb_down_counts_at_once_and_asks_what_was_wrong(answered: RunningBot) -> None:
    answered.send.interaction(click(id_of(answered), "down"))

    assert verdicts(answered) == {"U1": Verdict.DOWN}
    answered.slack.wait_for(lambda: answered.slack.views)
    (view,) = answered.slack.views
    assert [block["block_id"] for block in view["blocks"]] == ["fault", "correction", "source"]


def test_form_asks_for_the_fault_the_right_answer_and_where_it_stands(
    answered: RunningBot,
) -> None:
    view = form_at(answered, 10)
    elements = {block["block_id"]: block["element"] for block in view["blocks"]}
    assert [option["text"]["text"] for option in elements["fault"]["options"]] == [
        "It is wrong",
        "It is out of date",
        "It is not complete",
        "It is from the wrong source",
        "I should not have answered",
    ]
    assert (elements["correction"]["max_length"], elements["source"]["max_length"]) == (3000, 1000)
    assert all(block["optional"] for block in view["blocks"])


def test_filled_form_becomes_fault_correction_and_source(answered: RunningBot) -> None:
    view = form_at(answered, 10)
    form = payload("view_submission")
    form["view"]["private_metadata"] = view["private_metadata"]
    text_message = answered.send.interaction(form).text_message

    assert text_message["response_action"] == "update"
    kept = rating(answered)
    assert kept is not None
    assert (kept.verdict, kept.fault, kept.correction, kept.source) == (
        Verdict.DOWN, Fault.OUTDATED, "Ask the service desk.", "https://acme.example/laptops",
    )  # fmt: skip
    shown = {block["block_id"]: block["element"] for block in form_at(answered, 20)["blocks"]}
    assert shown["fault"]["initial_option"] in shown["fault"]["options"]
    assert shown["fault"]["initial_option"]["value"] == "outdated"
    assert shown["source"]["initial_value"] == "https://acme.example/laptops"


def test_form_that_an_earlier_version_opened_is_kept(answered: RunningBot) -> None:
    form = payload("view_submission")
    form["view"]["private_metadata"] = id_of(answered)
    answered.send.interaction(form)
    kept = rating(answered)
    assert kept is not None
    assert (kept.verdict, kept.correction) == (Verdict.DOWN, "Ask the service desk.")


def test_fault_alone_is_no_correction_that_a_thumb_up_contradicts(answered: RunningBot) -> None:
    view = form_at(answered, 10)
    form = payload("view_submission")
    form["view"]["private_metadata"] = view["private_metadata"]
    del form["view"]["state"]["values"]["correction"], form["view"]["state"]["values"]["source"]
    answered.send.interaction(form)
    assert [one.fault for one in answered.ratings.of(id_of(answered))] == [Fault.OUTDATED]
    press(answered, 20, "up")
    kept = rating(answered)
    assert kept is not None
    assert (kept.verdict, kept.undecided) == (Verdict.UP, False)


def press(running: RunningBot, at: int, verdict: str, action: str = "") -> None:
    """``at`` is how many seconds after the question a button was pressed."""
    pressed = click(id_of(running), verdict)
    pressed["actions"][0]["action_ts"] = f"{1763900000 + at}.000100"
    if action:
        pressed["actions"][0] |= {"type": "button", "action_id": action}
    assert running.send.interaction(pressed).status == 200


def form_at(running: RunningBot, at: int) -> dict[str, Any]:
    """The form that a press on 👎 opens."""
    forms = len(running.slack.views)
    press(running, at, "down")
    running.slack.wait_for(lambda: len(running.slack.views) > forms)
    return running.slack.views[-1]


def send(running: RunningBot, view: dict[str, Any], **texts: str) -> dict[str, Any]:
    """Fills texts in and sends the form; the other fields stay as they were shown."""
    form = payload("view_submission")
    values = {
        block["block_id"]: {
            "value": {
                "type": block["element"]["type"],
                "value": block["element"].get("initial_value"),
                "selected_option": block["element"].get("initial_option"),
            }
        }
        for block in view["blocks"]
    }
    for field, text in texts.items():
        values[field]["value"]["value"] = text or None
    form["view"] |= {"private_metadata": view["private_metadata"], "state": {"values": values}}
    return running.send.interaction(form).text_message


def buttons(running: RunningBot, person: str = "U1") -> dict[str, str]:
    """The texts and actions of the buttons that the person was shown last."""
    last = [each for each in running.slack.messages if each.only_for == person][-1]
    return {
        element["text"]["text"]: element["action_id"]
        for block in last.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }


def told(running: RunningBot, words: str) -> None:
    running.slack.wait_for(lambda: any(words in said for said in running.slack.whispers("U1")))


def test_correction_outlives_a_later_thumb_up_and_the_person_is_told(
    answered: RunningBot,
) -> None:
    send(answered, form_at(answered, 10), correction="Ask the service desk.")
    press(answered, 20, "up")

    kept = rating(answered)
    assert kept is not None
    assert (kept.verdict, kept.correction, kept.undecided) == (
        Verdict.UP, "Ask the service desk.", True,
    )  # fmt: skip
    told(answered, "while both stand, neither counts")
    assert buttons(answered) == {"Delete what I wrote": "take_back", "Say what was wrong": EXPLAIN}


def test_correction_is_deleted_by_the_button_and_the_thumb_stays(answered: RunningBot) -> None:
    send(answered, form_at(answered, 10), correction="Ask the service desk.")
    told(answered, "is kept")
    assert list(buttons(answered)) == ["Delete what I wrote"]
    press(answered, 20, "down", TAKE_BACK)

    kept = rating(answered)
    assert kept is not None
    assert (kept.verdict, kept.correction) == (Verdict.DOWN, "")
    told(answered, "is deleted. Your 👎 still counts.")
    press(answered, 30, "down", TAKE_BACK)
    assert rating(answered) == kept


def test_form_shows_what_the_person_wrote_and_sending_it_again_replaces_that(
    answered: RunningBot,
) -> None:
    send(answered, form_at(answered, 10), correction="Ask the desk.")
    again = form_at(answered, 20)
    shown = {block["block_id"]: block["element"].get("initial_value") for block in again["blocks"]}
    assert shown["correction"] == "Ask the desk."
    send(answered, again, correction="Ask the service desk.")
    kept = rating(answered)
    assert kept is not None
    assert kept.correction == "Ask the service desk."

    send(answered, form_at(answered, 30), correction="")
    kept = rating(answered)
    assert kept is not None
    assert kept.correction == ""


def test_empty_field_of_a_form_that_did_not_show_the_correction_keeps_it(
    answered: RunningBot,
) -> None:
    first, second = form_at(answered, 10), form_at(answered, 20)
    send(answered, second, correction="Ask the service desk.")
    send(answered, first)
    kept = rating(answered)
    assert kept is not None
    assert kept.correction == "Ask the service desk."


def test_thumb_after_the_form_counts_whatever_clock_this_computer_has(
    answered: RunningBot,
) -> None:
    send(answered, form_at(answered, 10), correction="Ask the service desk.")
    reaction(answered, "+1", at=11)
    assert verdicts(answered) == {"U1": Verdict.UP}


def test_form_left_empty_is_a_thumb_down(answered: RunningBot) -> None:
    form = payload("view_submission")
    form["view"]["private_metadata"] = id_of(answered)
    form["view"]["state"]["values"] = {
        "fault": {"value": {"type": "radio_buttons", "selected_option": None}},
        "source": {"value": {"type": "plain_text_input", "value": None}},
    }
    answered.send.interaction(form)

    kept = rating(answered)
    assert kept is not None
    assert (kept.reason, kept.correction) == ("", "")


def test_form_of_a_deleted_answer_says_so(answered: RunningBot) -> None:
    form = payload("view_submission")
    form["view"]["private_metadata"] = "a404"

    assert "deleted" in answered.send.interaction(form).text_message["errors"]["correction"]


@pytest.mark.slow
@pytest.mark.parametrize("became", ["another question", "another answer", "deleted"])
def test_form_about_an_answer_that_is_another_one_by_now_is_not_kept(
    answered: RunningBot, became: str
) -> None:
    view, old = form_at(answered, 10), answered.answers.recent(1)[0].answer
    new = replace(old, text="Two years.", created_at=old.created_at + timedelta(seconds=9))
    if became != "another answer":
        answered.questions.revise(old.question_id, "How long is the battery warranty?")
    if became != "deleted":
        answered.answers.record(new, instead_of=old)

    said = send(answered, view, correction="Ten years, for the frame.")
    assert "made anew" in said["errors"]["correction"]
    assert answered.ratings.correction(old.id, "U1") is None
    assert answered.ratings.of(old.id) == ()

    answered.answers.record(new)
    send(answered, form_at(answered, 20), correction="Three years.")
    assert [one.correction for one in answered.ratings.of(old.id)] == ["Three years."]


def test_form_that_came_too_late_is_replaced_by_an_ephemeral_message(answered: RunningBot) -> None:
    late = click(id_of(answered), "down") | {"trigger_id": "old"}
    answered.send.interaction(late)

    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    assert "noted as bad" in answered.slack.whispers("U1")[0]


@pytest.mark.parametrize("status", ["busy", "broken"])
def test_form_that_slack_does_not_open_is_replaced_too(answered: RunningBot, status: str) -> None:
    getattr(answered.slack, status)["views.open"] = 1
    answered.send.interaction(click(id_of(answered), "down"))

    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    assert "noted as bad" in answered.slack.whispers("U1")[0]


def test_answer_cannot_be_rated_from_another_conversation(answered: RunningBot) -> None:
    answered.send.interaction(click(id_of(answered), "up", channel="C2"))

    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    assert verdicts(answered) == {}
    assert "rate it there" in answered.slack.whispers("U1")[0]


@pytest.mark.parametrize("value", ["a404:up", "a404:down"])
def test_person_is_told_that_an_answer_is_unknown(answered: RunningBot, value: str) -> None:
    answered.send.interaction(click(*value.split(":")))

    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    assert "no longer know that answer" in answered.slack.whispers("U1")[0]


def test_button_with_a_foreign_value_is_acknowledged_and_ignored(answered: RunningBot) -> None:
    assert answered.send.interaction(click(id_of(answered), "sideways")).status == 200
    assert verdicts(answered) == {}


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("+1", Verdict.UP),
        ("thumbsup", Verdict.UP),
        ("+1::skin-tone-2", Verdict.UP),
        ("-1", Verdict.DOWN),
        ("thumbsdown::skin-tone-6", Verdict.DOWN),
    ],
)
def test_reaction_with_any_skin_tone_is_a_rating(
    answered: RunningBot, name: str, verdict: Verdict
) -> None:
    reaction(answered, name)

    assert verdicts(answered) == {"U1": verdict}


def test_reaction_to_an_answer_that_is_still_written_is_sent_again_and_kept(
    running: RunningBot,
) -> None:
    running.script.go_on.clear()
    running.send.event(mention())
    running.slack.wait_for(running.slack.public)
    item = {"type": "message", "channel": "C1", "ts": shown(running).ts}
    early = payload("reaction_added", reaction="+1", item=item)
    assert running.send.event(early).status == 503
    elsewhere = payload("reaction_added", reaction="+1", item=item | {"channel": "C2"})
    of_a_person = payload("reaction_added", reaction="+1", item=item, item_user="U2")
    for other in (elsewhere, of_a_person):
        assert running.send.event(other).status == 200
    # Slack gives up after the third time, and must not switch the events off because of this.
    assert running.send.event(early, x_slack_retry_num="3").status == 200

    running.script.go_on.set()
    running.answered()
    assert running.send.event(early, x_slack_retry_num="1").status == 200
    assert verdicts(running) == {"U1": Verdict.UP}


@pytest.mark.slow
def test_reaction_to_an_answer_whose_post_slack_did_not_confirm_is_kept(
    running: RunningBot,
) -> None:
    slack = running.slack
    slack.refusals["chat.startStream"] = "unknown_method"

    def fate(method: str, given: dict[str, Any]) -> str:
        if method == "chat.postMessage":
            return "lost"
        # While the bot cannot look for what it lost, it cannot know which message is its answer.
        return "broken" if "include_all_metadata" in given else ""

    slack.fate = fate
    running.send.event(mention())
    slack.wait_for(lambda: slack.public())
    item = {"type": "message", "channel": "C1", "ts": shown(running).ts}
    assert running.send.event(payload("reaction_added", reaction="+1", item=item)).status == 503
    slack.fate = lambda *_: ""
    running.answered()
    item = {"type": "message", "channel": "C1", "ts": shown(running).ts}
    assert running.send.event(payload("reaction_added", reaction="+1", item=item)).status == 200
    assert verdicts(running) == {"U1": Verdict.UP}


def test_reaction_down_offers_the_form(answered: RunningBot) -> None:
    reaction(answered, "-1")
    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    post_ephemeral = next(each for each in answered.slack.messages if each.only_for)
    (button,) = post_ephemeral.blocks[-1]["elements"]

    pressed = click(id_of(answered), "down")
    pressed["actions"][0] |= {"type": "button", "action_id": button["action_id"]}
    answered.send.interaction(pressed)
    answered.slack.wait_for(lambda: answered.slack.views)


def test_removed_reaction_withdraws_only_its_own_verdict(answered: RunningBot) -> None:
    reaction(answered, "+1", at=10)
    reaction(answered, "-1", at=20)
    reaction(answered, "+1", "reaction_removed", at=30)
    assert verdicts(answered) == {"U1": Verdict.DOWN}

    reaction(answered, "-1", "reaction_removed", at=40)
    assert verdicts(answered) == {}


def test_reaction_that_comes_late_does_not_replace_a_later_one(answered: RunningBot) -> None:
    reaction(answered, "-1", at=20)
    reaction(answered, "+1", at=10)
    reaction(answered, "-1", "reaction_removed", at=15)
    assert verdicts(answered) == {"U1": Verdict.DOWN}
    answered.slack.wait_for(lambda: answered.slack.whispers("U1"))
    assert not any("noted as good" in words for words in answered.slack.whispers("U1"))


def test_reaction_that_comes_after_it_was_taken_away_rates_nothing(answered: RunningBot) -> None:
    reaction(answered, "+1", "reaction_removed", at=20)
    reaction(answered, "+1", at=10)
    assert verdicts(answered) == {}

    reaction(answered, "+1", at=30)
    assert verdicts(answered) == {"U1": Verdict.UP}


def test_late_reaction_does_not_replace_a_click(answered: RunningBot) -> None:
    pressed = click(id_of(answered), "up")
    pressed["actions"][0]["action_ts"] = "1763900030.000100"
    answered.send.interaction(pressed)
    reaction(answered, "-1", at=20)
    assert verdicts(answered) == {"U1": Verdict.UP}

    reaction(answered, "-1", at=40)
    assert verdicts(answered) == {"U1": Verdict.DOWN}


def test_taking_back_a_thumb_down_lets_the_thumb_up_count_that_still_stands(
    answered: RunningBot,
) -> None:
    reaction(answered, "+1", at=10)
    reaction(answered, "-1", at=20)
    assert verdicts(answered) == {"U1": Verdict.DOWN}
    reaction(answered, "-1", "reaction_removed", at=30)
    assert verdicts(answered) == {"U1": Verdict.UP}


def test_thumb_of_another_skin_tone_stands_by_itself(answered: RunningBot) -> None:
    reaction(answered, "+1", at=10)
    reaction(answered, "+1::skin-tone-3", at=20)
    reaction(answered, "+1::skin-tone-3", "reaction_removed", at=30)
    assert verdicts(answered) == {"U1": Verdict.UP}
    reaction(answered, "thumbsup", "reaction_removed", at=40)
    assert verdicts(answered) == {}


def test_reaction_without_a_person_rates_nothing(answered: RunningBot) -> None:
    item = {"type": "message", "channel": "C1", "ts": shown(answered).ts}
    event = payload("reaction_added", item=item)
    del event["event"]["user"]
    assert answered.send.event(event).status == 200
    assert verdicts(answered) == {}


def test_taking_back_a_reaction_leaves_the_press_of_the_button(answered: RunningBot) -> None:
    pressed = click(id_of(answered), "up")
    pressed["actions"][0]["action_ts"] = "1763900020.000100"
    answered.send.interaction(pressed)
    reaction(answered, "+1", at=30)
    reaction(answered, "+1", "reaction_removed", at=40)
    assert verdicts(answered) == {"U1": Verdict.UP}


def test_form_counts_also_where_the_clock_of_slack_is_ahead(answered: RunningBot) -> None:
    pressed = click(id_of(answered), "up")
    pressed["actions"][0]["action_ts"] = "4000000000.000100"
    answered.send.interaction(pressed)
    form = payload("view_submission")
    form["view"]["private_metadata"] = id_of(answered)
    answered.send.interaction(form)

    kept = rating(answered)
    assert kept is not None
    assert (kept.verdict, kept.correction) == (Verdict.DOWN, "Ask the service desk.")


@pytest.mark.parametrize("bot", ["UBOT", "USLACKBOT", "UAPP", "UFLOW"])
def test_reaction_of_a_bot_is_no_vote(answered: RunningBot, bot: str) -> None:
    answered.slack.people |= {"UAPP": {"is_bot": True}, "UFLOW": {"is_workflow_bot": True}}
    reaction(answered, "+1", by=bot)
    counted(answered)
    assert verdicts(answered) == {}
    assert answered.slack.whispers(bot) == []


def counted(running: RunningBot) -> None:
    """Waits until it is decided about every input."""
    running.slack.wait_for(lambda: not running.ratings.waiting())


def test_guest_counts_only_in_channels_that_they_are_in(answered: RunningBot) -> None:
    answered.slack.people |= {"UG1": {"is_restricted": True}, "UG2": {"is_restricted": True}}
    answered.slack.members["C1"] = ["UBOT", *(f"U{n}" for n in range(5)), "UG2"]
    answered.slack.members_page = 3
    for guest in ("UG1", "UG2"):
        reaction(answered, "+1", by=guest)
    counted(answered)
    assert verdicts(answered) == {"UG2": Verdict.UP}


@pytest.mark.parametrize("kind", [{"is_private": True}, {"is_ext_shared": True}])
def test_only_its_members_count_in_a_channel_that_not_everybody_can_open(
    running: RunningBot, kind: dict[str, bool]
) -> None:
    running.slack.channels["C1"] = {"is_channel": True, "is_private": False, **kind}
    running.slack.members["C1"] = ["UBOT", "U1"]
    running.send.event(mention())
    running.answered()
    for person in ("U1", "U7"):
        reaction(running, "+1", by=person)
    counted(running)
    assert verdicts(running) == {"U1": Verdict.UP}

    running.slack.members["C1"].append("U7")
    reaction(running, "-1", by="U7", at=300)
    counted(running)
    assert verdicts(running) == {"U1": Verdict.UP, "U7": Verdict.DOWN}


def test_only_the_person_counts_in_a_direct_message(running: RunningBot) -> None:
    running.send.event(payload("message_im"))
    running.answered()
    for person in ("U1", "U7"):
        running.send.interaction(click(id_of(running), "up", user=person, channel="D1"))
    counted(running)
    assert verdicts(running) == {"U1": Verdict.UP}
    assert running.slack.count("conversations.members") == 0


@pytest.mark.slow
@pytest.mark.parametrize("method", ["users.info", "conversations.members"])
def test_rating_waits_while_slack_does_not_say_whose_it_is_and_counts_then(
    answered: RunningBot, method: str
) -> None:
    answered.slack.people |= {"U7": {"is_restricted": True}}
    answered.slack.members["C1"] = ["UBOT", "U7"]
    answered.slack.broken[method] = 1
    reaction(answered, "+1", by="U7")
    assert verdicts(answered) == {}
    assert answered.ratings.waiting() == [(id_of(answered), "U7")]
    counted(answered)
    assert verdicts(answered) == {"U7": Verdict.UP}


@pytest.mark.slow
def test_rating_that_a_killed_process_left_waiting_counts_later(answered: RunningBot) -> None:
    at = datetime.fromtimestamp(1763900100, UTC)
    given = RatingInput(id_of(answered), "U1", InputKind.BUTTON, Verdict.UP, at, waiting=True)
    answered.ratings.give(given)
    counted(answered)
    assert verdicts(answered) == {"U1": Verdict.UP}


def test_what_somebody_wrote_who_cannot_read_the_answer_is_deleted(running: RunningBot) -> None:
    running.slack.people |= {"U1": {"is_restricted": True}}
    running.send.event(mention())
    running.answered()
    running.slack.members["C1"] = ["UBOT", "U2"]
    send(running, form_at(running, 10), correction="Ask at evil.example.")
    counted(running)
    assert verdicts(running) == {}
    assert running.ratings.correction(id_of(running), "U1") is None


def test_other_reactions_and_other_messages_rate_nothing(answered: RunningBot) -> None:
    reaction(answered, "tada")
    answered.send.event(payload("reaction_added"))
    answered.send.event(payload("reaction_added", item={"type": "file", "file": "F1"}))

    assert verdicts(answered) == {}


def test_other_buttons_are_acknowledged(answered: RunningBot) -> None:
    other = click(id_of(answered), "up")
    other["actions"][0] |= {"type": "button", "action_id": "of another app"}

    assert answered.send.interaction(other).status == 200


def test_form_with_too_long_texts_says_so_and_rates_nothing(answered: RunningBot) -> None:
    answered.send.interaction(click(id_of(answered), "up"))
    form = payload("view_submission")
    form["view"]["private_metadata"] = id_of(answered)
    form["view"]["state"]["values"]["correction"] = {
        "value": {"type": "plain_text_input", "value": "x" * 3_001}
    }
    form["view"]["state"]["values"]["source"]["value"]["value"] = "x" * 1_001
    text_message = answered.send.interaction(form).text_message

    assert text_message["response_action"] == "errors"
    assert text_message["errors"] == {
        "correction": "This has 3,001 characters; at most 3,000 are allowed.",
        "source": "This has 1,001 characters; at most 1,000 are allowed.",
    }
    assert verdicts(answered) == {"U1": Verdict.UP}
