"""Who looks at a page, and what they may read."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.console import ConsoleRole, ConsoleSession
from domain.labels import EVERYONE, is_team
from domain.questions import Audience, Question


@dataclass(frozen=True, slots=True)
class Visitor:
    """``audience`` are their labels: those of all members, and their own in Slack.

    ``reads`` says of the label of a channel whether they can read it, also one to which no document
    was given: for who signed in by a link, whether it is public now. Without it nobody knows what
    became of a channel, and those that were public count as such.
    """

    session: ConsoleSession
    audience: Audience
    reads: Callable[[str], bool] | None = None

    @property
    def by(self) -> str:
        """Who this is, where it is kept who did something."""
        return self.session.by

    @property
    def rater(self) -> str:
        """Who this is among those who rate answers."""
        return self.session.rater

    @property
    def role(self) -> ConsoleRole:
        return self.session.role

    @property
    def reads_all(self) -> bool:
        """Whether this admin chose to read what only others may."""
        return self.session.reads_all

    def may_read(self, audience: Audience) -> bool:
        """Whether they may read a document that was given to ``audience``."""
        return self.reads_all or self.audience.may_read(audience)

    def may_see(self, question: Question) -> bool:
        """Whether they may read a question and its answer where it was asked.

        What was answered to a person alone, or in a private channel, is for the readers of that
        place; its audience holds all labels that may be used there, also the wider ones. A channel
        that was public may be private by now. What was answered in one of several workspaces is for
        its members.
        """
        if self.reads_all or question.asked_by == self.by:
            return True
        if question.asked_in:
            return False
        labels, own = question.audience.labels, self.audience.labels
        teams = {label for label in labels if is_team(label)}
        if teams and teams.isdisjoint(own):
            return False
        narrow = labels - teams - {EVERYONE}
        if question.audience.is_everyone and (self.reads is None or not narrow):
            return True
        return bool(narrow) and all(label in own or self._reads(label) for label in narrow)

    def _reads(self, label: str) -> bool:
        return self.reads is not None and self.reads(label)
