"""Commits claims that come at the same moment together.

A transaction costs the disk and the processor as much for fifty questions as for a few. So a thread
that commits first waits for the other events that are being handled, a few milliseconds at most,
and stores their claims too. What comes while it commits, one of those threads commits together.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from time import sleep

from bot.jobs.leases import Leases
from bot.slack.message_ref import message_ref
from domain.channels import ChannelSettings
from domain.errors import AlreadyAsked
from domain.jobs import NewJob
from domain.questions import Question
from records.questions import Questions

_LOOKS = 10
_PAUSE = 0.001
"""Seconds between two looks at whether others come; with ``_LOOKS`` the longest wait for them."""


@dataclass(slots=True)
class _Claim:
    question: Question
    job: NewJob
    has_turn: Event = field(default_factory=Event)
    """Is set once the claim is stored, or once its own thread is to store those that wait."""
    is_done: bool = False
    job_id: int | None = None


class Claims:
    """Claims questions for this process, which will take their jobs.

    ``settings`` are those that were chosen for channels, by channel. ``arriving`` says how many
    events are being handled at this moment.
    """

    def __init__(
        self,
        questions: Questions,
        leases: Leases,
        settings: Callable[[Collection[str]], Mapping[str, ChannelSettings]],
        arriving: Callable[[], int],
    ) -> None:
        self._questions = questions
        self._leases = leases
        self._settings = settings
        self._arriving = arriving
        self._lock = Lock()
        self._waiting: list[_Claim] = []
        self._is_led = False

    def claim(self, question: Question, job: NewJob) -> tuple[Question, int]:
        """Stores the question and its job; returns it with its channel's rules, and the job's id.

        Raises AlreadyAsked and DatabaseUnavailable.
        """
        mine = _Claim(question, job)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.has_turn.wait()
        if not mine.is_done:
            self._lead(mine)
        if mine.job_id is None:
            raise AlreadyAsked(f"The question {question.id} was taken before.")
        return mine.question, mine.job_id

    def _lead(self, mine: _Claim) -> None:
        self._let_come()
        with self._lock:
            together, self._waiting = self._waiting, []
        try:
            self._commit(together)
        except BaseException:
            # Each of the others then tries alone, and gets its own error.
            with self._lock:
                self._waiting[:0] = [claim for claim in together if claim is not mine]
            raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._is_led = following is not None
            if following:
                following.has_turn.set()

    def _let_come(self) -> None:
        for _ in range(_LOOKS):
            if self._arriving() <= len(self._waiting):
                return
            sleep(_PAUSE)

    def _commit(self, together: list[_Claim]) -> None:
        channels = [message_ref(claim.question.id).channel for claim in together]
        chosen = self._settings(set(channels))
        for claim, channel in zip(together, channels, strict=True):
            if channel in chosen:
                claim.question = replace(claim.question, rules=chosen[channel].rules)
        wanted = [(claim.question, claim.job) for claim in together]
        taken = dict(self._questions.claim(wanted, self._leases.hold()))
        for claim in together:
            claim.job_id = taken.pop(claim.question.id, None)
            claim.is_done = True
            claim.has_turn.set()
