"""Digest and form stay within Slack's limits, whatever people wrote."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.answers.blocks import SlackBlock
from bot.gaps.card_plans import CardPlan, CardPlans, in_words
from bot.gaps.digest_message import digest
from bot.gaps.form import FilledGap, filled_gap, gap_form
from bot.gaps.overview import GapView, NearDocument
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversation, Conversations
from bot.slack.people import People
from domain.gaps import BadAnswer, FailedQuestion, Gap, GapQuestion
from domain.questions import Fault, Rating, Verdict
from tests.bot.gap_makers import NOW, asked
from tests.payloads import payload
from tests.slack_limits import wrong_blocks, wrong_view

TEXT = st.text(max_size=3_000)
CHANNEL = st.from_regex(r"C[A-Z0-9]{8,12}", fullmatch=True)


def view(texts: list[str], title: str, owner: str, address: str) -> GapView:
    """A gap with a question for each text, of which every second is asked twice."""
    people = ("U2", "W3", "cli:ann", "", "a person")
    readable = []
    for n, text in enumerate([*texts, *texts[::2]]):
        question = asked(n, text, people[n % len(people)])
        failed = FailedQuestion(question, is_refused=True, failed_at=NOW)
        readable.append(GapQuestion("g1", failed, text[:9], "m", [1.0]))
    reopened = Gap("g1", "T1", NOW, closed_at=NOW, reopened_at=NOW, awaited=address[:2_000])
    return GapView(
        reopened,
        questions=len(readable) + 3,
        people=4,
        new=1,
        refused=2,
        rated_bad=1,
        first_at=NOW - timedelta(days=9),
        last_at=NOW,
        name=" ".join(texts[0].split()) if texts else "",
        readable=tuple(readable),
        documents=(NearDocument(address, title, owner),) * 3,
        owner=owner,
        bad={one.question.id: BadAnswer(title, (said(title, address),) * 9) for one in readable},
    )


def said(text: str, source: str) -> Rating:
    wrong = Rating("a1", "U2", Verdict.DOWN, NOW, text, text, source=source)
    return replace(wrong, fault=Fault.OUTDATED)


@given(
    st.lists(TEXT, max_size=20),
    TEXT,
    st.sampled_from(["", "U8", "cli:x"]),
    TEXT,
    st.integers(1, 10),
)
def test_digest(texts: list[str], title: str, owner: str, name: str, count: int) -> None:
    views = [view(texts, title, owner, "https://a.example/")] * count
    message = digest(views, lambda _: name[:80])
    assert not wrong_blocks(list(message.blocks))
    assert message.text


def filled(form: SlackBlock) -> FilledGap:
    """The form as it is sent."""
    body = payload("view_submission")
    chosen = {"how": {"how": {"selected_option": {"value": "answered"}}}}
    body["view"] |= {"private_metadata": form["private_metadata"], "state": {"values": chosen}}
    return filled_gap(body)


@given(
    st.lists(TEXT, max_size=20),
    TEXT,
    TEXT,
    st.lists(st.tuples(CHANNEL, st.sampled_from(ChannelKind)), max_size=8),
)
def test_form_and_what_it_carries(
    texts: list[str], title: str, address: str, channels: list[tuple[str, ChannelKind]]
) -> None:
    shown = view(texts, title, "U8", address)
    places = [
        CardPlan(
            f"slack:T012ABCDEFGH:{channel}:1763900000.000100",
            Conversation("T012ABCDEFGH", channel, kind).readers("U012ABCDEFGH"),
            kind,
        )
        for channel, kind in channels
    ]
    form = gap_form(shown, places, in_words(places))
    assert not wrong_view(form)
    if not texts:
        assert "submit" not in form
        return
    sent = filled(form)
    assert sent.gap_id == "g1"
    assert list(sent.places) == places


def test_form_carries_all_places_however_many_channels_the_gap_is_from() -> None:
    channels = [*(f"C{n:010}" for n in range(90)), *(f"CPRIVATE{n}" for n in range(7))]
    questions = [
        GapQuestion("g1", FailedQuestion(one, is_refused=True, failed_at=NOW), "k", "m", [1.0])
        for n, channel in enumerate(channels)
        for one in (asked(n, "Where is the key?", channel=channel),)
    ]

    def look(channel: str) -> dict[str, object]:
        return {"is_channel": True, "is_private": channel.startswith("CPRIVATE")}

    people = People(lambda _: {"is_restricted": True}, Me("T1", "UBOT"))
    places = CardPlans(Conversations(look, "T1"), people).of(questions)
    assert len(places) == 8
    shown = replace(view(["Where is the key?"], "", "", ""), readable=tuple(questions))
    form = gap_form(shown, places, in_words(places))
    assert not wrong_view(form)
    assert list(filled(form).places) == places
