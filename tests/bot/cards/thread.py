"""A channel with an expert: what people do there, and what they see."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.cards.form import CARD_FORM
from bot.cards.messages import KEEP_CARD, WITHDRAW_CARD
from bot.words import ENGLISH
from domain.cards import Card, card_id_of
from domain.channels import ChannelSettings
from domain.jobs import JobState
from domain.protocols import PassageIndex
from domain.questions import Audience
from records.cards import Cards
from records.channels import Channels
from tests.bot.running_bot import RunningBot, is_idle
from tests.bot.test_threads import say
from tests.knowledge.doubles import WordEmbedder
from tests.payloads import click, mention, payload
from tests.slack_double import SlackMessage

KEY = "Who has the key of the roof?"
ANSWER = "The key of the roof hangs at the reception, behind the plant."
EXPERT, ASKER = "U5", "U1"


@dataclass
class Channel:
    """U5 is its expert, and called Eve; Ann (U1) asks. ``index`` holds what can be found."""

    running: RunningBot
    index: PassageIndex
    name: str = "C1"
    _asked: "count[int]" = field(default_factory=lambda: count(1763900000))

    def __post_init__(self) -> None:
        self.running.slack.people |= {
            ASKER: {"profile": {"display_name": "Ann"}},
            EXPERT: {"profile": {"display_name": "Eve"}},
        }
        self.choose_expert()

    @property
    def cards(self) -> Cards:
        return Cards(self.running.database)

    def choose_expert(self, person: str = EXPERT) -> None:
        channels = Channels(self.running.database)
        channels.choose("T1", self.name, ChannelSettings(expert=person))

    def ask(self, text: str = KEY, person: str = ASKER, channel: str = "") -> str:
        """A mention with its answer; returns the question's id."""
        at = next(self._asked)
        event = mention(text=text, asked=at, user=person, channel=channel or self.name)
        assert self.running.send.event(event).status == 200
        self.running.answered()
        return f"slack:T1:{channel or self.name}:{at}.000100"

    def press(self, action: str, value: str, person: str = ASKER, at: str = "1.0") -> None:
        body = click("", "up", user=person, channel=self.name)
        body["container"]["message_ts"] = body["message"]["ts"] = "1763900001.000100"
        body["actions"] = [{"action_id": action, "value": value, "action_ts": at}]
        assert self.running.send.interaction(body).status == 200

    def ask_expert(self, question_id: str, person: str = ASKER) -> None:
        self.press("ask_expert", question_id, person)
        self.settle()

    def write(self, question_id: str, text: str = ANSWER, person: str = EXPERT) -> str:
        """A line in the question's thread, and what follows from it; returns its ts."""
        ts = self.say(question_id, text, person)
        self.settle()
        return ts

    def say(self, question_id: str, text: str = ANSWER, person: str = EXPERT) -> str:
        thread = self.thread(question_id)
        return say(self.running, text, person, thread=thread, channel=self.name)

    def thread(self, question_id: str) -> str:
        return question_id.rpartition(":")[2]

    def open_form(self, question_id: str, person: str = EXPERT) -> dict[str, Any]:
        """Presses the button of the offer; returns the form."""
        shown = len(self.running.slack.views)
        self.press(KEEP_CARD, card_id_of(question_id), person)
        self.running.slack.wait_for(lambda: len(self.running.slack.views) > shown)
        return self.running.slack.views[-1]

    def send_form(
        self, view: dict[str, Any], person: str = EXPERT, **changed: str
    ) -> dict[str, Any]:
        """Sends a form as it is shown, with some fields changed; returns what Slack is told."""
        fields = {
            block["block_id"]: block["element"].get("initial_value")
            for block in view["blocks"]
            if block["type"] == "input"
        }
        body = payload("view_submission")
        body["user"]["id"] = person
        body["view"] |= {
            "callback_id": CARD_FORM,
            "private_metadata": view["private_metadata"],
            "state": {
                "values": {
                    name: {"value": {"type": "plain_text_input", "value": text}}
                    for name, text in (fields | changed).items()
                }
            },
        }
        answer = self.running.send.interaction(body)
        assert answer.status == 200
        return dict(json.loads(answer.body)) if answer.body else {}

    def keep(self, question_id: str, **changed: str) -> Card:
        """The expert opens the form, and sends it; returns the card."""
        assert self.send_form(self.open_form(question_id), **changed) == {}
        self.settle()
        return self.card(question_id)

    def kept(self) -> Card:
        """A question that was refused, with the answer of the expert, confirmed."""
        question_id = self.ask()
        self.ask_expert(question_id)
        self.write(question_id)
        return self.keep(question_id)

    def withdraw(self, card: Card, person: str = EXPERT) -> None:
        self.press(WITHDRAW_CARD, card.id, person)
        self.settle()

    def card(self, question_id: str) -> Card:
        card = self.cards.find(card_id_of(question_id))
        assert card
        return card

    def settle(self) -> None:
        """Waits until no work is open."""
        running = self.running
        running.slack.wait_for(lambda: not running.open_jobs() and is_idle(running.bot.runner))
        assert not running.jobs.in_states([JobState.QUARANTINED])

    def offers(self) -> list[SlackMessage]:
        """The messages with the button that keeps an answer."""
        return [one for one in self.running.slack.public() if ENGLISH.card_keep in one.words]

    def texts(self, *labels: str) -> str:
        """Everything in the index that these labels may read."""
        vector = WordEmbedder().embed_question("key").vector
        found = self.index.search("key", vector, Audience.of(*labels), 100)
        return "\n".join(sorted(f"{passage.title}: {passage.text}" for passage in found))
