"""What an expert writes in a thread becomes an answer, once somebody has confirmed it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cards.experts import card_of
from bot.words import ENGLISH
from domain.cards import CardState
from domain.channels import ChannelSettings, From
from domain.documents import SourceState
from domain.links import link_to
from domain.questions import Audience
from records.cards import keep_verified
from records.channels import Channels
from tests.bot.cards.thread import ANSWER, ASKER, EXPERT, KEY, Channel
from tests.bot.test_home import open_home, words_of
from tests.payloads import payload


@pytest.mark.slow
def test_what_an_expert_wrote_is_the_answer_of_the_next_person(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    assert not channel.offers()
    first = channel.write(question_id, "The key of the roof hangs at the reception.")
    (offer,) = channel.offers()
    assert offer.thread == channel.thread(question_id)
    channel.write(question_id, "Behind the plant; bring it back by <https://acme.example|six>.")
    assert len(channel.offers()) == 1

    view = channel.open_form(question_id)
    question, answer, link = (block for block in view["blocks"] if block["type"] == "input")
    assert question["element"]["initial_value"] == KEY
    assert answer["element"]["initial_value"].startswith(
        "The key of the roof hangs at the reception.\n\nBehind the plant;"
    )
    assert "<https" not in answer["element"]["initial_value"]
    assert link["optional"]
    assert ENGLISH.readers_all in str(view["blocks"])

    assert channel.send_form(view, answer=ANSWER) == {}
    channel.settle()
    card = channel.card(question_id)
    assert (card.state, card.confirmed_by, card.name) == (CardState.VERIFIED, EXPERT, "Eve")
    assert card.audience.labels == {"team:T1", "channel:T1:C1"}
    source = channel.running.sources.find(card.source)
    assert source
    assert (source.state, source.title) == (SourceState.INDEXED, KEY)

    channel.running.script.words = ANSWER.split(" ")
    channel.ask("Where is the key of the roof?", person="U2")
    answered = channel.running.answers.recent(1)[0].answer
    assert [passage.text for passage in answered.passages] == [ANSWER]
    (cited,) = answered.citations
    assert cited.supports
    today = datetime.now(UTC).date().isoformat()
    shown = channel.running.slack.public()[-1]
    line = shown.blocks[-2]["elements"][0]["text"]
    assert line == (
        f"scripted · newest source: {today} · verified by Eve on {today} · reference {answered.id}"
    )
    address = link_to(cited.source, cited.where, "https://acme.slack.com/")
    thread = channel.thread(question_id)
    assert address == (
        f"https://acme.slack.com/archives/C1/p{first.replace('.', '')}?thread_ts={thread}&cid=C1"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Wer hat den Schlüssel für das Dach?", "bestätigt von Eve am "),
        ("Qui a la clé du toit de la maison ?", "confirmé par Eve le "),
    ],
)
def test_who_confirmed_an_answer_is_said_in_the_language_of_the_question(
    channel: Channel, question: str, said: str
) -> None:
    first = channel.ask(question)
    channel.ask_expert(first)
    channel.write(first)
    channel.keep(first)
    channel.running.script.words = ANSWER.split(" ")
    channel.ask(f"{question} Noch einmal, bitte." if "Wer" in question else question, person="U2")

    assert said in channel.running.slack.public()[-1].words


@pytest.mark.slow
def test_answer_that_rests_on_no_card_names_nobody(channel: Channel) -> None:
    channel.kept()
    channel.running.script.searches = None
    channel.ask("How do I get a new laptop?")

    assert "verified by" not in channel.running.slack.public()[-1].words


@pytest.mark.slow
def test_whoever_asked_is_told_once(channel: Channel) -> None:
    card = channel.kept()
    channel.send_form(channel.open_form(card.question_id), answer=f"{ANSWER} Ask Bob.")
    channel.settle()

    shown = [one for one in channel.running.slack.public() if ANSWER in one.words]
    told = [one for one in shown if one.text.startswith("<@")]
    assert len(told) == 1
    (kept,) = (one for one in shown if one not in told)
    assert f"{ANSWER} Ask Bob." in kept.words  # whoever changed it sees that
    assert told[0].text.startswith(f"<@{ASKER}>, Eve confirmed")
    assert told[0].thread == channel.thread(card.question_id)
    assert channel.card(card.question_id).told_at


@pytest.mark.slow
def test_home_of_whoever_asked_has_the_experts_answer_while_they_can_read_it(
    channel: Channel,
) -> None:
    channel.kept()
    assert f"Eve answered: {ANSWER}" in words_of(open_home(channel.running, ASKER))
    slack = channel.running.slack
    slack.channels["C1"] |= {"is_private": True, "is_channel": False}
    slack.members["C1"] = [EXPERT]
    channel.running.bot.cards.narrowing._conversations.as_it_is_now("C1")
    assert ANSWER not in words_of(open_home(channel.running, ASKER))


def test_nobody_is_offered_to_ask_themselves(channel: Channel) -> None:
    channel.ask(person=EXPERT)
    assert "Ask Eve" not in channel.running.slack.public()[-1].words
    channel.ask(person=ASKER)
    assert "Ask Eve" in channel.running.slack.public()[-1].words


@pytest.mark.slow
def test_expert_who_has_left_is_not_offered_and_not_asked(channel: Channel) -> None:
    before = channel.ask()
    leave(channel)
    channel.ask()
    assert "Ask Eve" not in channel.running.slack.public()[-1].words

    channel.ask_expert(before)  # with the button that was shown before
    assert channel.cards.of_question(before) is None
    assert channel.running.slack.whispers(ASKER) == [ENGLISH.expert_gone.format(name="Eve")]


@pytest.mark.slow
def test_new_expert_is_asked_what_one_was_asked_who_has_left(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    leave(channel)
    channel.press("ask_expert", question_id)
    channel.running.slack.wait_for(lambda: channel.running.slack.whispers(ASKER))
    assert channel.running.slack.whispers(ASKER) == [ENGLISH.expert_gone.format(name="Eve")]

    channel.choose_expert("U6")
    channel.press("ask_expert", question_id)
    channel.running.slack.wait_for(lambda: asked(channel, "U6"))
    channel.settle()
    assert channel.card(question_id).expert == "U6"
    assert (asked(channel, EXPERT), asked(channel, "U6")) == (1, 1)


def leave(channel: Channel) -> None:
    """The expert leaves the workspace, and Slack is asked about that."""
    channel.running.slack.people[EXPERT]["deleted"] = True
    channel.running.bot.cards.experts._people._known.clear()


def asked(channel: Channel, person: str) -> int:
    """How often a person is asked in a thread."""
    return sum(one.text.startswith(f"<@{person}>") for one in channel.running.slack.public())


@pytest.mark.slow
def test_offer_says_that_the_answer_is_kept(channel: Channel) -> None:
    channel.kept()

    assert not channel.offers()
    (kept,) = [
        one for one in channel.running.slack.public() if "I give it from now on" in one.words
    ]
    assert "Eve confirmed the answer to “Who has the key of the roof?”" in kept.words
    assert ANSWER not in kept.words  # the next message tells it
    assert [button["text"]["text"] for button in kept.blocks[-1]["elements"]] == [
        ENGLISH.card_change,
        ENGLISH.card_withdraw,
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["thanks!", "Which roof is that?", "I'll have a look", ":eyes:", "<@UBOT> who knows?"]
)
def test_lines_that_say_nothing_are_not_offered_to_be_kept(channel: Channel, text: str) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id, text)
    assert not channel.offers()

    channel.write(question_id)
    assert len(channel.offers()) == 1
    answer = channel.open_form(question_id)["blocks"][1]["element"]["initial_value"]
    assert answer == ANSWER


def test_line_of_anybody_else_or_elsewhere_is_not_offered_to_be_kept(channel: Channel) -> None:
    question_id = channel.ask()
    channel.write(question_id)
    channel.ask_expert(question_id)
    channel.write(question_id, person="U2")
    channel.write("slack:T1:C1:1763000000.000100")

    assert not channel.offers()


def test_line_that_becomes_an_answer_by_an_edit_is_offered_to_be_kept(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    ts = channel.write(question_id, "Which roof?")
    before = {"type": "message", "user": EXPERT, "ts": ts, "text": "Which roof?"}
    before["thread_ts"] = channel.thread(question_id)
    edited = payload("message_changed", previous_message=before, message=before | {"text": ANSWER})
    assert channel.running.send.event(edited).status == 200
    channel.settle()

    assert len(channel.offers()) == 1


@pytest.mark.slow
def test_offer_is_gone_when_the_expert_deletes_all_lines(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    delete(channel, question_id, channel.write(question_id))
    assert not channel.offers()

    channel.write(question_id)
    assert len(channel.offers()) == 1


def delete(channel: Channel, question_id: str, ts: str) -> None:
    slack = channel.running.slack
    slack.written["C1"] = [one for one in slack.written["C1"] if one["ts"] != ts]
    before = {"user": EXPERT, "ts": ts, "thread_ts": channel.thread(question_id)}
    event = payload("message_deleted", deleted_ts=ts, previous_message=before)
    assert channel.running.send.event(event).status == 200
    channel.settle()


@pytest.mark.slow
def test_only_the_expert_and_admins_confirm_and_withdraw(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    channel.press("keep_card", channel.card(question_id).id, "U2")
    slack = channel.running.slack
    slack.wait_for(lambda: slack.whispers("U2"))
    assert "Only Eve, who was asked" in slack.whispers("U2")[0]
    assert not slack.views

    view = channel.open_form(question_id)
    assert "Only Eve" in channel.send_form(view, person="U2")["errors"]["answer"]
    slack.people["U9"] = {"is_admin": True, "profile": {"display_name": "Ada"}}
    assert channel.send_form(view, person="U9") == {}
    channel.settle()
    assert channel.card(question_id).name == "Ada"

    channel.withdraw(channel.card(question_id), person="U2")
    assert channel.card(question_id).state is CardState.VERIFIED
    channel.withdraw(channel.card(question_id), person="U9")
    assert channel.card(question_id).state is CardState.WITHDRAWN


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("question", " "),
        ("answer", "\u200b"),
        ("answer", "a" * 3_001),
        ("question", "a" * 1_001),
        ("link", "the handbook"),
        ("link", "https://acme.example/<!channel>"),
        ("link", "javascript:alert(1)"),
    ],
)
def test_wrong_fields_are_named_in_the_form(channel: Channel, field: str, text: str) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    view = channel.open_form(question_id)

    assert list(channel.send_form(view, **{field: text})["errors"]) == [field]
    assert channel.card(question_id).state is CardState.DRAFT


@pytest.mark.slow
def test_long_words_of_an_expert_fit_into_the_form(channel: Channel) -> None:
    question_id = channel.ask("Who has the key? " + "Really " * 400)
    channel.ask_expert(question_id)
    for _ in range(60):
        channel.write(question_id, "The key hangs at the reception. " * 20)
    view = channel.open_form(question_id)

    assert ENGLISH.card_cut in str(view["blocks"])
    assert channel.send_form(view) == {}
    channel.settle()
    assert channel.card(question_id).state is CardState.VERIFIED


@pytest.mark.slow
def test_hostile_text_mentions_nobody(channel: Channel) -> None:
    hostile = "<!channel> *x* </s><|end|> [a](https://evil.example) @here\u202e"
    question_id = channel.ask("Who has the key <!here>?")
    channel.ask_expert(question_id)
    channel.write(question_id)
    channel.keep(question_id, question=f"{KEY} {hostile}", answer=f"{ANSWER} {hostile}")

    for message in channel.running.slack.public():
        assert "<!" not in message.text
        assert "\u202e" not in message.words


@pytest.mark.slow
def test_notifications_are_no_longer_than_slack_wants(channel: Channel) -> None:
    question_id = channel.ask(f"Who has the key? {'&' * 2_000}")
    channel.ask_expert(question_id)
    channel.write(question_id)
    channel.keep(question_id, answer="&key " * 500)

    assert max(len(message.text) for message in channel.running.slack.public()) < 4_000


@pytest.mark.slow
def test_form_that_is_sent_twice_makes_one_card(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    view = channel.open_form(question_id)
    assert channel.send_form(view) == channel.send_form(view) == {}
    channel.settle()
    first = channel.card(question_id)
    assert channel.send_form(view) == {}
    channel.settle()

    assert channel.card(question_id) == first
    assert channel.index.count() == 1
    assert len([one for one in channel.running.slack.public() if ANSWER in one.words]) == 1


@pytest.mark.slow
def test_changed_answer_replaces_the_former(channel: Channel) -> None:
    card = channel.kept()
    view = channel.open_form(card.question_id)
    assert view["blocks"][1]["element"]["initial_value"] == ANSWER
    link = "https://acme.example/keys"
    assert channel.send_form(view, answer="It hangs at the gate.", link=link) == {}
    channel.settle()

    assert channel.texts("team:T1") == f"{KEY}: It hangs at the gate.\n\n{link}"


@pytest.mark.slow
def test_older_form_changes_nothing_that_was_confirmed_since(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    before = channel.open_form(question_id)
    channel.write(question_id, "Bring it back by six, please.")  # confirms nothing
    assert channel.send_form(channel.open_form(question_id), answer="It hangs at the gate.") == {}
    channel.settle()
    assert channel.send_form(before)["errors"] == {
        "answer": f"{ENGLISH.card_confirmed.format(name='Eve')} {ENGLISH.form_is_older}"
    }
    assert channel.card(question_id).answer == "It hangs at the gate."


@pytest.mark.slow
def test_answer_that_is_withdrawn_stays_so_when_an_older_form_is_sent(channel: Channel) -> None:
    card = channel.kept()
    view = channel.open_form(card.question_id)
    channel.withdraw(card)
    assert channel.send_form(view, answer=f"{ANSWER} Ask Bob.")["errors"] == {
        "answer": f"{ENGLISH.card_withdrawn} {ENGLISH.form_is_older}"
    }
    channel.settle()
    assert channel.card(card.question_id).state is CardState.WITHDRAWN
    assert channel.send_form(channel.open_form(card.question_id), answer=ANSWER) == {}


@pytest.mark.slow
def test_form_of_an_earlier_version_is_taken(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    view = channel.open_form(question_id)
    state = json.loads(view["private_metadata"])
    del state["version"]
    assert channel.send_form(view | {"private_metadata": json.dumps(state)}) == {}
    channel.settle()
    assert channel.card(question_id).state is CardState.VERIFIED


@pytest.mark.slow
def test_withdrawn_answer_is_found_no_more_and_its_words_are_deleted(channel: Channel) -> None:
    card = channel.kept()
    assert ANSWER in channel.texts("team:T1")
    channel.withdraw(card)

    withdrawn = channel.card(card.question_id)
    assert (withdrawn.state, withdrawn.answer, withdrawn.question) == (CardState.WITHDRAWN, "", "")
    assert not channel.texts("team:T1", "channel:T1:C1")
    assert any(ENGLISH.card_withdrawn in one.words for one in channel.running.slack.public())
    channel.keep(card.question_id)
    assert ANSWER in channel.texts("team:T1")
    shown = [one.text for one in channel.running.slack.public() if ANSWER in one.words]
    assert len([text for text in shown if text.startswith("<@")]) == 1


@pytest.mark.slow
def test_answer_goes_with_the_message_that_it_came_from(channel: Channel) -> None:
    card = channel.kept()
    delete(channel, card.question_id, "1763000000.000900")
    assert ANSWER in channel.texts("team:T1")
    delete(channel, card.question_id, card.lines)

    assert channel.card(card.question_id).state is CardState.WITHDRAWN
    assert not channel.texts("team:T1", "channel:T1:C1")


@pytest.mark.slow
def test_answer_of_a_private_channel_is_for_nobody_else(channel: Channel) -> None:
    channel.name = "CPRIVATE"
    channel.choose_expert()
    card = channel.kept()
    assert card.audience.labels == {"channel:T1:CPRIVATE"}
    assert not channel.texts("everyone", "team:T1", "channel:T1:C1", "person:T1:U5")

    channel.running.script.words = ANSWER.split(" ")
    channel.ask(KEY, person="U2", channel="C1")
    outside = channel.running.answers.recent(1)[0].answer
    assert outside.refused
    assert not outside.passages
    assert not any(ANSWER in str(prompt) for prompt in channel.running.script.prompts)
    channel.ask(KEY, person="U2")
    assert not channel.running.answers.recent(1)[0].answer.refused


@pytest.mark.slow
def test_channel_that_chose_its_sources_has_its_own_answers_too(channel: Channel) -> None:
    card = channel.kept()
    channel.running.script.words = ANSWER.split(" ")
    chosen = ChannelSettings(sources=From.CHOSEN, chosen=("/docs/other.md",))
    channels = Channels(channel.running.database)
    for name in ("C1", "C2"):
        channels.choose("T1", name, chosen)
    channel.ask(KEY, person="U2")
    (passage,) = channel.running.answers.recent(1)[0].answer.passages
    assert passage.source == card.source

    channel.ask(KEY, person="U2", channel="C2")
    assert channel.running.answers.recent(1)[0].answer.refused


@pytest.mark.slow
def test_channel_that_became_public_meanwhile_does_not_widen_an_answer(channel: Channel) -> None:
    channel.name = "CPRIVATE"
    channel.choose_expert()
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    view = channel.open_form(question_id)
    channel.running.slack.channels["CPRIVATE"]["is_private"] = False
    assert channel.send_form(view) == {}
    channel.settle()

    assert not channel.texts("team:T1")
    assert ANSWER in channel.texts("channel:T1:CPRIVATE")


@pytest.mark.slow
def test_channel_that_became_private_meanwhile_narrows_an_answer(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    view = channel.open_form(question_id)
    channel.running.slack.channels["C1"]["is_private"] = True
    assert channel.send_form(view) == {}
    channel.settle()

    assert not channel.texts("team:T1")
    assert ANSWER in channel.texts("channel:T1:C1")


def test_question_that_was_deleted_is_not_kept(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    channel.write(question_id)
    card = channel.card(question_id)
    channel.running.questions.drop(question_id)
    channel.press("keep_card", card.id, EXPERT)
    slack = channel.running.slack
    slack.wait_for(lambda: slack.whispers(EXPERT))

    assert slack.whispers(EXPERT) == [ENGLISH.card_gone]
    assert not slack.views


@pytest.mark.slow
@pytest.mark.parametrize("is_written", [False, True])
def test_question_that_whoever_asked_deletes_is_quoted_no_more(
    channel: Channel, *, is_written: bool
) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    if is_written:
        channel.write(question_id)
    assert KEY in texts(channel)
    take_away(channel, question_id)

    assert channel.cards.of_question(question_id) is None
    assert KEY not in texts(channel)


@pytest.mark.slow
def test_what_an_earlier_expert_was_asked_goes_with_the_question(channel: Channel) -> None:
    question_id = channel.ask()
    channel.ask_expert(question_id)
    leave(channel)
    channel.choose_expert("U6")
    channel.ask_expert(question_id)
    channel.running.slack.wait_for(lambda: asked(channel, "U6"))
    take_away(channel, question_id)
    assert asked(channel, EXPERT) == asked(channel, "U6") == 0


@pytest.mark.slow
def test_answer_stays_when_whoever_asked_deletes_the_question(channel: Channel) -> None:
    card = channel.kept()
    take_away(channel, card.question_id)
    assert channel.card(card.question_id).state is CardState.VERIFIED
    assert asked(channel, EXPERT) == 0
    assert "Eve confirmed the answer" in texts(channel)


@pytest.mark.slow
def test_expert_who_is_asked_while_the_question_is_deleted_is_asked_nothing(
    channel: Channel,
) -> None:
    question_id = channel.ask()

    def deletes_it(method: str, given: dict[str, Any]) -> str:
        if method == "chat.postMessage" and f"<@{EXPERT}>" in str(given.get("text")):
            channel.running.questions.drop(question_id)
        return ""

    channel.running.slack.fate = deletes_it
    channel.ask_expert(question_id)
    assert asked(channel, EXPERT) == 0


def take_away(channel: Channel, question_id: str) -> None:
    """Whoever asked deletes the question."""
    ts = question_id.rpartition(":")[2]
    before = {"user": ASKER, "ts": ts}
    event = payload("message_deleted", deleted_ts=ts, previous_message=before)
    assert channel.running.send.event(event).status == 200
    channel.settle()


def texts(channel: Channel) -> str:
    return "\n".join(one.words for one in channel.running.slack.public())


@pytest.mark.slow
def test_index_can_be_made_again_from_the_cards(channel: Channel) -> None:
    card = channel.kept()
    source = channel.running.sources.find(card.source)
    assert source
    channel.index.remove(source.document)
    assert not channel.texts("team:T1")
    ingestor = channel.running.ingestor
    assert ingestor
    report = ingestor.refresh([card.source], now=datetime.now(UTC))

    assert not report.failed
    assert ANSWER in channel.texts("team:T1")


@pytest.mark.slow
def test_answers_of_a_channel_that_is_private_now_are_taken_from_others(channel: Channel) -> None:
    card = channel.kept()
    narrowing = channel.running.bot.cards.narrowing
    narrowing.narrow()
    assert ANSWER in channel.texts("team:T1")
    channel.running.slack.refusals["conversations.info"] = "ratelimited"
    narrowing.narrow()
    assert ANSWER in channel.texts("team:T1")
    del channel.running.slack.refusals["conversations.info"]
    channel.running.slack.channels["C1"]["is_private"] = True
    narrowing.narrow()

    assert not channel.texts("team:T1")
    assert ANSWER in channel.texts("channel:T1:C1")
    assert channel.card(card.question_id).audience.labels == {"channel:T1:C1"}


def test_answer_to_a_direct_message_is_for_whoever_asked(channel: Channel) -> None:
    ask = payload("message_im", channel="D1", text=KEY, ts="1763900000.000100", user=ASKER)
    assert channel.running.send.event(ask).status == 200
    answered = channel.running.answered()
    question = channel.running.questions.find(answered.question_id)
    assert question
    shown = len(channel.running.slack.public())
    now, own = datetime.now(UTC), Audience.of("person:T1:U1")
    card = replace(
        card_of(question, "U9"),
        state=CardState.VERIFIED,
        question=KEY,
        answer=ANSWER,
        audience=own,
        confirmed_by="U9",
        confirmed_at=now,
    )
    with channel.running.database.session() as connection:
        keep_verified(connection, card, now)
    channel.running.resume_now()
    channel.settle()

    assert ANSWER in channel.texts("person:T1:U1")
    assert not channel.texts("team:T1", "person:T1:U9")
    assert len(channel.running.slack.public()) == shown
