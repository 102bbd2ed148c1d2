"""Builds the bot: the Bolt app, its listeners, and the threads that do its jobs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, perf_counter

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.error import BoltError

from bot.cards.build import CardParts, build_cards
from bot.cards.indexing import CardIndex
from bot.cards.listening import CardListeners
from bot.core import open_core
from bot.gaps.build import GapParts, GapPlan, build_gaps
from bot.home.build import build_choosing, build_home
from bot.ingest.build import DocumentWork, build_ingest
from bot.ingest.lists import IngestLists
from bot.ingest.refreshing import Refreshing
from bot.jobs.leases import LEASE
from bot.jobs.runner import Runner
from bot.jobs.upkeep import Upkeep
from bot.jobs.workers import Workers
from bot.listening.answers import AnswerListeners
from bot.listening.documents import DocumentListeners
from bot.listening.messages import MessageListeners
from bot.listening.others import acknowledge_others
from bot.metrics import event_handled
from bot.nights.build import build_nights
from bot.nights.judging import Judging
from bot.nights.reporting import NightRecords, Reporting
from bot.notices import Notices
from bot.outages import Outages
from bot.private.presses import MovingPresses
from bot.questions.asking_again import AskingAgain
from bot.questions.build import build_questions
from bot.questions.meant import Meaning
from bot.ratings.build import build_ratings
from bot.records import BotRecords
from bot.slack.arrivals import Arrivals
from bot.slack.client import SlackClient
from domain.admission import Access
from domain.answering import Answerer
from domain.errors import ConfigError, RecordsError
from records.database import WAIT
from records.patience import waiting_at_most
from records.questions import Questions

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bot:
    """The app with everything that it runs; `bot.slack.http` or `bot.slack.socket_mode` runs it."""

    app: App
    runner: Runner
    refreshing: Refreshing
    asking_again: AskingAgain
    gaps: GapParts
    reporting: Reporting
    judging: Judging
    outages: Outages
    cards: CardParts
    questions: Questions
    upkeep: Upkeep
    workers: tuple[Workers, ...]

    def start(self) -> None:
        """Starts to do the jobs of the queue, and to renew this process's leases."""
        self.upkeep.start()

    def resume(self) -> int:
        """Does the due jobs at once; returns how many. Raises DatabaseUnavailable."""
        return self.runner.resume()

    def close(self, grace: float) -> bool:
        """Ends the work; returns whether all of it ended within ``grace`` seconds.

        Unfinished jobs stay in the database.
        """
        ends = monotonic() + grace
        self.upkeep.take_no_more()
        self.runner.take_no_more()
        done = [workers.close(max(ends - monotonic(), 0.0)) for workers in self.workers]
        try:
            self.runner.release()
        except RecordsError as error:
            log.warning("Unfinished jobs wait until their leases end: %s", error)
        self.upkeep.stop()
        return all(done)


def build_bot(
    slack: SlackClient,
    *,
    signing_secret: str,
    answerer: Answerer,
    records: BotRecords,
    documents: DocumentWork,
    nights: NightRecords,
    gaps: GapPlan,
    forget: Callable[[str], object],
    ingest_allowed: frozenset[str],
    admins: frozenset[str],
    access: Access,
    meaning: Meaning | None = None,
    answers_at_once: int = 8,
    lease: timedelta = LEASE,
) -> Bot:
    """Everything of the bot, ready to run. Asks Slack who it is.

    ``forget`` deletes everything about a person. ``gaps`` says how gaps are found, and when they
    are told. ``meaning`` helps to tell whether a line of a thread is meant. Raises ConfigError for
    a wrong token, and MessengerUnavailable.
    """
    core = open_core(slack, records, admins=admins, answers_at_once=answers_at_once, lease=lease)
    app = _bolt(slack, signing_secret, core.threads.arrivals)
    collections = documents.reader.collections
    lists = IngestLists(core.me.team, collections, records.readable, records.jobs)
    choosing = build_choosing(core, lists, access)
    index = CardIndex(records.sources, documents.ingest, documents.withdraw)
    cards = build_cards(core, choosing.settings, index)
    expert, attached = cards.experts.name, documents.attached
    asked = build_questions(core, answerer, choosing, expert, attached, access, meaning)
    denial, settings = asked.admitting.denial, choosing.settings
    ingest = build_ingest(core, documents, lists, ingest_allowed, denial, settings)
    asking_again = AskingAgain(core.me, asked.later, records, core.runner)
    of_gaps = build_gaps(core, gaps, asked.later)
    Notices(
        *(slack, core.me, nights.channel, admins, records.jobs, core.runner),
        is_shared=nights.are_shared,
    )
    of_nights = build_nights(core, nights)
    ratings = build_ratings(core, of_nights.judging.look_soon, are_shared=nights.are_shared)
    home = build_home(core, choosing, nights, of_nights, collections, forget)
    telling, threads = core.telling, core.threads
    for listeners in (
        MessageListeners(
            *(slack, core.me, asked.taking, asked.asking, asked.edits, cards.keeping),
            *(ingest.ingesting, ingest.changes, ratings.feedback, telling, threads.thanks),
        ),
        DocumentListeners(ingest.ingesting, choosing, telling),
        AnswerListeners(ratings.feedback, asked.edits, cards.experts, denial, telling),
        CardListeners(cards.keeping, telling),
        MovingPresses(records.questions, asked.edits, telling),
        home.choices,
        home.admin,
        home.adapters,
        of_gaps.listeners,
    ):
        listeners.listen(app)
    acknowledge_others(app)
    outages = Outages(core.me, records.answers, records.jobs, nights.runs)
    upkeep = Upkeep(
        *(core.runner, core.leases, ingest.refreshing, ratings.counting, asking_again),
        *(of_gaps, of_nights.reporting, cards.narrowing, of_nights.judging),
        outages,
    )
    return Bot(
        *(app, core.runner, ingest.refreshing, asking_again, of_gaps),
        *(of_nights.reporting, of_nights.judging, outages, cards),
        *(records.questions, upkeep),
        threads.around(core.runner.workers),
    )


class _PromptApp(App):
    """Bolt's app, which says when it handles a request, and stores what it says before others."""

    arrivals: Arrivals

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        began = perf_counter()
        with self.arrivals, waiting_at_most(WAIT):
            response = super().dispatch(req)
        event_handled(req.body, response.status, perf_counter() - began)
        return response


def _bolt(slack: SlackClient, signing_secret: str, arrivals: Arrivals) -> App:
    try:
        # A listener runs before its event is acknowledged: what must not be lost is in SQL then.
        app = _PromptApp(
            name="phi3",  # for logs; Bolt would read the source of all callers for it
            client=slack.client(),
            authorize=slack.authorize,
            signing_secret=signing_secret,
            process_before_response=True,
            attaching_conversation_kwargs_enabled=False,
        )
    except BoltError as error:
        raise ConfigError("Slack does not accept SLACK_BOT_TOKEN.", str(error)) from error
    app.arrivals = arrivals
    if app.oauth_flow is not None:
        # Bolt does this if these two are in the environment, and no argument prevents it.
        raise ConfigError(
            "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set and would switch OAuth on; unset "
            "them, the bot needs only its tokens."
        )
    return app
