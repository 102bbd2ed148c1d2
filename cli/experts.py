"""Who is known to know better: the admins that are set, and a channel's expert."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.questions import Question


def known_experts(container: "Container") -> "Callable[[str, Question], bool]":
    """Says whether a person is known to know what a question's channel is about.

    Each channel is looked up once. What it returns raises DatabaseUnavailable.
    """
    from records.channels import Channels

    admins, channels = container.settings.admins, Channels(container.database)

    @cache
    def expert_of(team: str, channel: str) -> str:
        return channels.settings(team, channel).expert

    def is_expert(person: str, question: "Question") -> bool:
        if person in admins:
            return True
        messenger, *place = question.place.split(":")
        return messenger == "slack" and len(place) > 1 and expert_of(*place[:2]) == person

    return is_expert
