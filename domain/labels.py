"""The labels of an audience: how they are written and checked, and how people see them.

    everyone      all members of every workspace that this installation serves
    team:T        all members of workspace T; guests are not among them
    channel:T:C   everyone who can read channel C of workspace T
    person:T:U    person U of workspace T

Rows of earlier versions may have ``channel:C`` and ``person:U``. They are read unchanged. Such a
label equals none that is written today, so no question that is asked now can read with it.
"""

import re

EVERYONE = "everyone"

_TEAM, _CHANNEL, _PERSON = "team", "channel", "person"
_LABEL = re.compile(r"everyone|team:[A-Z0-9]+|(channel|person):[A-Z0-9]+:[A-Z0-9]+")


def team_label(team: str) -> str:
    return f"{_TEAM}:{team}"


def channel_label(team: str, channel: str) -> str:
    return f"{_CHANNEL}:{team}:{channel}"


def person_label(team: str, person: str) -> str:
    return f"{_PERSON}:{team}:{person}"


def of_team(label: str, team: str) -> bool:
    """Whether some or all people of workspace ``team`` have this label."""
    return label in (EVERYONE, team_label(team)) or label.startswith(
        (f"{_CHANNEL}:{team}:", f"{_PERSON}:{team}:")
    )


def is_label(text: str) -> bool:
    """Whether ``text`` is a label as it is written today."""
    return _LABEL.fullmatch(text) is not None


def is_team(label: str) -> bool:
    return label.startswith(f"{_TEAM}:")


def is_person(label: str) -> bool:
    return label.startswith(f"{_PERSON}:")


def channel_of(label: str, team: str) -> str:
    """The channel of workspace ``team`` that has this label; empty for any other label."""
    begins = f"{_CHANNEL}:{team}:"
    return label.removeprefix(begins) if label.startswith(begins) else ""


def is_channel(label: str) -> bool:
    return label.startswith(f"{_CHANNEL}:")


def describe(label: str) -> str:
    """The label in words: ``channel C1 of workspace T1``."""
    kind, *ids = label.split(":")
    match kind, ids:
        case "everyone", []:
            return "everyone"
        case "team", [team]:
            return f"all members of workspace {team}"
        case (("channel" | "person"), [team, name]):
            return f"{kind} {name} of workspace {team}"
        case (("channel" | "person"), [name]):
            return f"{kind} {name} of an unknown workspace"
    return label
