"""What the targets of a command name here, and who will be able to read it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.answers.render import name_of
from bot.history.connecting import title_of
from bot.history.uris import CHANNEL, SlackPlace, is_ts
from bot.ingest.command import Target, TargetKind
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversation, Conversations
from bot.slack.errors import may_pass
from bot.slack.events import Request
from domain.documents import fault_of_address
from domain.errors import MessengerRefused
from domain.links import THREAD
from domain.questions import Audience
from domain.text import truncate
from knowledge.sources.addresses import plain_address

NOT_TOLD = (
    "Slack did not tell me who can read this conversation, so I cannot know who may read the "
    "documents. Invite me to it, and ask again."
)


class Refused(Exception):
    """Nothing is done with a target; the message is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A collection that a target names. ``conversation`` is where its readers are.

    ``written`` is its address as it was written: earlier versions knew pages by that.
    """

    uri: str
    kind: str
    title: str
    conversation: Conversation
    options: str = ""
    written: str = ""

    @property
    def name(self) -> str:
        return truncate(self.title or name_of(self.uri) or self.uri, 200)

    def readers(self, person: str) -> Audience:
        return self.conversation.readers(person)


class Targets:
    """Finds out what targets name. ``describe`` asks conversations.info, ``find`` a channel's id.

    Pages, sites and repositories are for those who can read the conversation of the request. A
    channel, and a thread, is for those who can read that channel, whoever adds it where; so only a
    public one can be added elsewhere. Every method raises MessengerError.
    """

    def __init__(
        self,
        me: Me,
        conversations: Conversations,
        describe: Callable[[str], dict[str, object]],
        find: Callable[[str], str],
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._describe = describe
        self._find = find

    def here(self, request: Request) -> Conversation:
        """The conversation of the request, as it is now. Raises Refused if nobody knows it."""
        here = self._conversations.as_it_is_now(request.channel, shared=request.is_shared)
        if here.kind is ChannelKind.UNKNOWN:
            raise Refused(NOT_TOLD)
        return here

    def wanted(self, target: Target, request: Request, here: Conversation) -> Wanted:
        """Raises Refused."""
        match target.kind:
            case TargetKind.CHANNEL:
                return self._channel(target.name, request, here)
            case TargetKind.THREAD:
                return self._thread(target.name, request, here)
            case TargetKind.GIT:
                address = target.name.removeprefix("git+")
                if not address.startswith("https://"):
                    raise Refused("A git repository needs an address that starts with https://.")
                base, sign, branch = address.partition("#")
                return Wanted(_storable(f"git+{_plain(base)}{sign}{branch}"), "git", "", here)
            case TargetKind.SITE:
                options = {} if target.depth is None else {"depth": target.depth}
                return Wanted(
                    _plain(target.name), "site", "", here, json.dumps(options) if options else ""
                )
        return Wanted(_plain(target.name), "page", "", here, written=target.name)

    def _channel(self, name: str, request: Request, here: Conversation) -> Wanted:
        there, about = self._readable(self._id_of(name, request), name, request, here)
        place = SlackPlace(CHANNEL, self._me.team, there.channel)
        return Wanted(str(place), CHANNEL, title_of(about), there)

    def _thread(self, name: str, request: Request, here: Conversation) -> Wanted:
        channel, _, ts = name.partition(":")
        if not name:
            channel, ts = request.channel, request.thread
            if not ts:
                raise Refused(
                    "A command does not tell me which thread it is in. Mention me in the thread "
                    "with “ingest this thread”, or choose “Add thread to docs” in the menu (⋮) of "
                    "one of its messages."
                )
        if not is_ts(ts):
            raise Refused("That is not the link of a message.")
        if ts == request.id:
            raise Refused("There is no thread here yet: ask in the replies to a message.")
        there, about = self._readable(channel, "", request, here)
        place = SlackPlace(THREAD, self._me.team, channel, ts)
        return Wanted(str(place), THREAD, f"A thread in {title_of(about)}", there)

    def _id_of(self, name: str, request: Request) -> str:
        """The id of a channel; ``name`` is one already unless it begins with ``#``."""
        if not name.startswith("#"):
            return name
        if name == f"#{request.channel_name.casefold()}":
            return request.channel
        if found := self._find(name[1:]):
            return found
        raise Refused(_unknown(name))

    def _readable(
        self, channel: str, name: str, request: Request, here: Conversation
    ) -> tuple[Conversation, dict[str, object]]:
        """A channel that may be added from here, and what Slack says of it."""
        is_here = channel == request.channel
        there = here if is_here else self._conversations.as_it_is_now(channel)
        if not is_here and there.kind is not ChannelKind.PUBLIC:
            raise Refused(_unknown(name))
        try:
            about = self._describe(channel)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            raise Refused(_unknown(name)) from error
        if about.get("is_member") is False:
            raise Refused(
                f"I am not in {title_of(about)}: invite me there with /invite, and ask again."
            )
        return there, about


def _unknown(name: str) -> str:
    shown = f" {truncate(name, 80)}" if name.startswith("#") else ""
    return (
        f"I know no public channel{shown} by that. A private channel can only be added in the "
        "channel itself, after I was invited there."
    )


def _storable(address: str) -> str:
    """``address``. Raises Refused if it cannot be stored."""
    if fault := fault_of_address(address):
        raise Refused(f"That cannot be added: {fault}.")
    return address


def _plain(address: str) -> str:
    """An address as it is known by. Raises Refused."""
    try:
        return _storable(plain_address(address))
    except ValueError as error:
        raise Refused(
            "That address cannot be read: it has a password in it, or is not complete."
        ) from error
