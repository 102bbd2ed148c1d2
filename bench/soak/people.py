"""Made-up people who ask in many channels, threads and direct messages, and rate the answers."""

from collections import deque
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from tests.payloads import click, payload

_PEOPLE = 200
_CHANNELS = 80
"""Slack takes about one message a second in a channel, so there are many."""
_DIRECT = 0.1
_FOLLOWING = 0.2
"""The shares of questions in direct messages, and in threads that have an answer."""
_PRESSES = 0.3
_REACTS = 0.1
"""The shares of answers that somebody rates with a button, and with a reaction."""
_UP = 0.7
_REMEMBERED = 200
_OFF_TOPIC = (
    "Who won the football world cup in 1998?",
    "How do I tune a piano?",
    "What is the capital of Mongolia?",
)
_OFTEN = 0.1


@dataclass(frozen=True, slots=True)
class Question:
    """``thread`` is empty for one that begins a thread."""

    person: str
    channel: str
    ts: str
    thread: str
    text: str

    @property
    def is_direct(self) -> bool:
        return self.channel.startswith("D")

    def events(self) -> list[dict[str, Any]]:
        """What Slack sends for it: for a mention two events, in either order."""
        fields = {"user": self.person, "channel": self.channel, "ts": self.ts, "event_ts": self.ts}
        if self.thread:
            fields["thread_ts"] = self.thread
        if self.is_direct:
            return [_event("message_im", f"Ev{self.ts}", fields | {"text": self.text})]
        fields["text"] = f"<@UBOT> {self.text}"
        return [
            _event("app_mention", f"Ev{self.ts}", fields),
            _event("message_of_mention", f"EvM{self.ts}", fields),
        ]


@dataclass(frozen=True, slots=True)
class PressedThumb:
    """``is_reaction``: an emoji on the message, else one of the buttons under it."""

    answer: str
    person: str
    verdict: str
    channel: str
    ts: str
    is_reaction: bool

    def payload(self, at: float) -> dict[str, Any]:
        """``at`` is when it is given, in seconds since 1970."""
        if not self.is_reaction:
            pressed = click(self.answer, self.verdict, self.person, self.channel)
            pressed["actions"][0]["action_ts"] = f"{at:.6f}"
            pressed["container"]["message_ts"] = pressed["message"]["ts"] = self.ts
            return pressed
        reaction = "+1" if self.verdict == "up" else "-1"
        item = {"type": "message", "channel": self.channel, "ts": self.ts}
        fields = {"user": self.person, "reaction": reaction, "item": item}
        return _event("reaction_added", f"EvR{self.ts}", fields | {"event_ts": f"{at:.6f}"})


class People:
    """Asks the ``texts`` at random."""

    def __init__(self, texts: list[str], chance: Random) -> None:
        self._texts = texts
        self._chance = chance
        self._answered: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._numbers = count()

    def question(self, at: float) -> Question:
        """One that is asked ``at``, in seconds since 1970."""
        person = f"U{self._chance.randrange(_PEOPLE):04}"
        ts, text = f"{at:.6f}", self._text()
        kind = self._chance.random()
        if kind < _DIRECT:
            return Question(person, "D" + person[1:], ts, "", text)
        if kind < _DIRECT + _FOLLOWING and self._answered:
            channel, thread = self._chance.choice(self._answered)
            return Question(person, channel, ts, thread, text)
        return Question(person, f"C{self._chance.randrange(_CHANNELS):04}", ts, "", text)

    def thumb(self, answer: str, channel: str, thread: str, ts: str) -> PressedThumb | None:
        """How somebody rates an answer that was just shown, if anybody does."""
        if not channel.startswith("D"):
            self._answered.append((channel, thread))
        kind = self._chance.random()
        if kind > _PRESSES + _REACTS:
            return None
        person = f"U{self._chance.randrange(_PEOPLE):04}"
        if channel.startswith("D"):
            person = "U" + channel[1:]
        verdict = "up" if self._chance.random() < _UP else "down"
        return PressedThumb(answer, person, verdict, channel, ts, kind > _PRESSES)

    def _text(self) -> str:
        if self._chance.random() < _OFTEN:
            return self._chance.choice(_OFF_TOPIC)
        return self._chance.choice(self._texts)


def channels() -> dict[str, dict[str, Any]]:
    """What Slack knows of all the places in which they ask."""
    public = {"is_channel": True, "is_private": False}
    found: dict[str, dict[str, Any]] = {
        f"C{n:04}": public | {"name": f"team-{n}"} for n in range(_CHANNELS)
    }
    return found | {f"D{n:04}": {"is_im": True} for n in range(_PEOPLE)}


def _event(name: str, event_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    return payload(name, **fields) | {"event_id": event_id}
