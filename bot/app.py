"""Builds the bot: the Bolt app, its listeners, and the threads that do its jobs."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from time import monotonic

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.error import BoltError

from bot.admission.admitting import Admitting
from bot.answers.closed import DirectMessages
from bot.answers.delivery import Delivery
from bot.cards.build import CardParts, build_cards
from bot.cards.indexing import CardIndex
from bot.cards.listening import CardListeners
from bot.gaps.build import GapParts, GapPlan, build_gaps
from bot.gaps.closing import ClosingRecords
from bot.history.calls import Download
from bot.history.changes import HistoryChanges
from bot.history.connecting import SlackCollections
from bot.history.names import Names
from bot.home.admin import AdminPart, AdminRecords
from bot.home.admin_listening import AdminListeners
from bot.home.choosing import Choosing
from bot.home.forgetting import Forgetting
from bot.home.offered import Offered
from bot.home.retrying import Retrying
from bot.home.tab import Home
from bot.ingest.collecting import CollectionReader
from bot.ingest.collection_reports import CollectionReports
from bot.ingest.lists import IngestLists
from bot.ingest.outcomes import Outcomes
from bot.ingest.preview import Previews
from bot.ingest.reading import Reading
from bot.ingest.refreshing import Refreshing
from bot.ingest.removing import Removing
from bot.ingest.report_messages import ReportMessages
from bot.ingest.requests import Ingesting
from bot.ingest.wanted import Targets
from bot.jobs.leases import LEASE, Leases
from bot.jobs.runner import Runner
from bot.jobs.upkeep import Upkeep
from bot.jobs.workers import Workers
from bot.listening.answers import AnswerListeners
from bot.listening.choices import ChoiceListeners
from bot.listening.documents import DocumentListeners
from bot.listening.messages import MessageListeners
from bot.listening.others import acknowledge_others
from bot.listening.telling import Telling
from bot.nights.deciding import Deciding
from bot.nights.judging import Judging
from bot.nights.listening import AdapterListeners
from bot.nights.notices import Notices
from bot.nights.reporting import NightRecords, Reporting
from bot.nights.showing import ShownAnswers
from bot.private.moving import Moving
from bot.private.presses import MovingPresses
from bot.questions.asking import Asking
from bot.questions.asking_again import AskingAgain, AskingAgainRecords
from bot.questions.earlier import Earlier
from bot.questions.edits import Edits
from bot.questions.later_answers import LaterAnswers
from bot.questions.meant import Meaning
from bot.questions.places import Places
from bot.questions.taking import Taking
from bot.questions.unasked import Unasked
from bot.ratings.counting import Counting
from bot.ratings.feedback import Feedback
from bot.ratings.rating_notes import RatingNotes
from bot.ratings.readers import Readers
from bot.slack.arrivals import Arrivals
from bot.slack.client import SlackClient
from bot.slack.conversations import Conversations
from bot.slack.people import People
from domain.admission import Access
from domain.answering import Answerer
from domain.documents import Source
from domain.errors import ConfigError, RecordsError
from domain.jobs import JobKind
from domain.questions import Audience, Question
from knowledge.attachments import Attached
from records.answers import Answers
from records.asked_again import AskedAgain
from records.cards import Cards
from records.channels import Channels
from records.consent import Consent
from records.database import WAIT
from records.grants import Grants
from records.jobs import Jobs
from records.patience import waiting_at_most
from records.questions import Questions
from records.quotas import Quotas
from records.ratings import Ratings
from records.readable import ReadableSources
from records.sources import Sources
from records.waiting import Waiting
from records.weeks import Weeks

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
    cards: CardParts
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
    questions: Questions,
    answers: Answers,
    ratings: Ratings,
    asked_again: AskedAgain,
    sources: Sources,
    channels: Channels,
    cards: Cards,
    consent: Consent,
    grants: Grants,
    jobs: Jobs,
    reader: CollectionReader,
    ingest: Callable[[Source], Source],
    readable: ReadableSources,
    withdraw: Callable[[str, Audience], object],
    withdraw_collection: Callable[[str, Audience], object],
    download: Download,
    attached: Callable[[Sequence[str], Question], Attached],
    forget: Callable[[str], object],
    ingest_allowed: frozenset[str],
    admins: frozenset[str],
    access: Access,
    quotas: Quotas,
    gaps: GapPlan,
    nights: NightRecords,
    weeks: Weeks,
    waiting: Waiting,
    meaning: Meaning | None = None,
    answers_at_once: int = 8,
    lease: timedelta = LEASE,
) -> Bot:
    """Everything of the bot, ready to run. Asks Slack who it is.

    ``reader`` reads collections; ``ingest`` reads one requested source and returns it as it is
    then. ``withdraw`` takes one from some of its readers, ``withdraw_collection`` what is in a
    collection. ``download`` gives the name and content of a file in Slack, ``attached`` reads
    those that came with a question. ``forget`` deletes everything about a person. ``gaps`` says
    how gaps are found, and when they are told. ``meaning`` helps to tell whether a line of a thread
    is meant. Raises ConfigError for a wrong token, and
    MessengerUnavailable.
    """
    me = slack.me()
    arrivals = Arrivals()
    app = _bolt(slack, signing_secret, arrivals)
    conversations = Conversations(slack.conversation, me.team)
    people = People(slack.person, me, admins)
    # What people see first never waits behind what may take longer. A first sign takes as long as
    # Slack needs to answer, so many are shown at the same time.
    signs, forms, thanks = (
        Workers("sign", 32, arrivals.let_pass),
        Workers("form", 4),
        Workers("thanks", 4),
    )

    def let_pass() -> None:
        arrivals.let_pass()
        signs.let_begin()

    leases = Leases(jobs, lease)
    pools = {
        JobKind.QUESTION: Workers("answer", answers_at_once, let_pass),
        JobKind.SOURCE: Workers("ingest", 2),
        # A collection may take hours, so that nothing else waits for these.
        JobKind.COLLECTION: Workers("collection", 2),
        JobKind.AGAIN: Workers("again", 1),
        JobKind.FORGET: Workers("forget", 1),
        JobKind.DIGEST: Workers("digest", 1),
        JobKind.GAP: Workers("gap", 1),
        JobKind.CARD: Workers("card", 2),
        JobKind.ADAPTER: Workers("adapter", 1),
        JobKind.REPORT: Workers("report", 1),
        JobKind.RETRY: Workers("retry", 1),
        JobKind.NOTICE: Workers("notice", 1),
        JobKind.OWNER: Workers("owner", 1),
    }
    runner = Runner(jobs, leases, me.team, pools)
    soon = partial(signs.submit, runner.resume, _taken_later)
    edits = Edits(me, questions, jobs, soon)
    names = Names(slack.profile)
    lists = IngestLists(me.team, reader.collections, readable, jobs)
    offered = Offered(conversations, lists, readable, sources)
    choosing = Choosing(slack, me, people, names, channels, offered.to, forms)
    places = Places(conversations, people, choosing.settings, me.team)
    card_parts = build_cards(
        *(slack, me, conversations, people, names, choosing.settings, cards, questions),
        *(CardIndex(sources, ingest, withdraw), forms, soon, runner),
    )
    delivery = Delivery(slack, me, questions, sources, cards, card_parts.experts.name)
    earlier = Earlier(slack, me, names, answers, questions, meaning)
    direct = DirectMessages(slack)
    moving = Moving(slack, me, places, questions, answers, grants, delivery)
    admitting = Admitting(slack, me, access, quotas, delivery, direct)
    taking = Taking(
        me,
        questions,
        answers,
        choosing,
        admitting,
        delivery,
        runner,
        leases,
        signs,
        arrivals.count,
    )
    asking = Asking(
        me,
        places,
        answerer,
        questions,
        answers,
        earlier,
        attached,
        grants,
        delivery,
        direct,
        edits,
        Unasked(me, people, earlier, answerer, questions, answers),
        admitting,
        moving,
        taking.was_sign_lost,
        runner,
        leases,
        signs,
    )
    messages = ReportMessages(slack, jobs)
    collections = reader.collections
    of_slack = SlackCollections(slack, me, download, collections, withdraw_collection)
    reader = replace(
        reader, connect=of_slack.or_else(reader.connect), connect_changed=of_slack.connector
    )
    outcomes = Outcomes(sources, collections)
    Reading(messages, outcomes, sources, jobs, ingest, runner)
    reports = CollectionReports(messages, outcomes, collections, sources, jobs)
    refreshing = Refreshing(collections, jobs, reader, reports, runner)
    looks = Workers("look", 1)
    ingesting = Ingesting(
        me,
        conversations,
        people,
        Targets(me, conversations, slack.conversation, slack.public_channel),
        lists,
        Previews(slack, reader, sources, looks),
        Removing(
            me, conversations, collections, sources, withdraw, withdraw_collection, reader.forget
        ),
        collections,
        sources,
        jobs,
        runner,
        slack.open_view,
        ingest_allowed,
        admitting.denial,
        choosing.settings,
    )
    changes = HistoryChanges(me.team, collections, jobs)
    readers = Readers(people, conversations, slack.members)
    later = LaterAnswers(slack, me, places, people, readers, answerer, answers, questions, cards)
    again = AskingAgainRecords(asked_again, answers, ratings, sources, jobs)
    asking_again = AskingAgain(me, later, again, runner)
    of_gaps = ClosingRecords(gaps.gaps, cards, sources, answers, ratings, asked_again, jobs)
    gap_parts = build_gaps(
        *(slack, me, people, conversations, readers, names, later),
        *(gaps, of_gaps, channels, questions, grants),
        *(forms, soon, runner),
    )
    notices = Notices(slack, me, nights, admins, jobs, runner)
    judging = Judging(nights.trials, nights.changes, notices)
    counting = Counting(me, readers, answers, ratings, judging.look_soon)
    notes, checks = RatingNotes(slack, thanks), Workers("check", 4)
    feedback = Feedback(slack, me, counting, questions, answers, ratings, notes, forms, checks)
    showing = ShownAnswers(me, conversations, people, answers, grants, consent, slack.members)
    reporting = Reporting(slack, me, nights, showing, names, jobs, leases, runner)
    admin = AdminPart(
        me,
        people,
        readers,
        names,
        showing,
        AdminRecords(nights, weeks, waiting, sources, collections, jobs),
    )
    home = Home(slack, me, answers, consent, admin, forms)
    retrying = Retrying(slack, me, admin, home, jobs, runner)
    forgetting = Forgetting(slack, me, home, forget, reporting.refresh, jobs, runner)
    telling = Telling(slack, thanks)

    def decided(person: str) -> None:
        judging.look_soon()
        reporting.refresh()
        home.opened(person)

    deciding = Deciding(slack, me, people, nights, jobs, runner, decided)
    for listeners in (
        MessageListeners(
            slack,
            me,
            taking,
            asking,
            edits,
            card_parts.keeping,
            ingesting,
            changes,
            feedback,
            telling,
            thanks,
        ),
        DocumentListeners(ingesting, choosing, telling),
        AnswerListeners(feedback, edits, card_parts.experts, telling),
        CardListeners(card_parts.keeping, telling),
        MovingPresses(questions, edits, telling),
        ChoiceListeners(home, forgetting, choosing),
        AdminListeners(slack, admin, retrying, telling, forms, runner.resume),
        AdapterListeners(slack, people, nights, deciding, telling, forms, runner.resume),
        gap_parts.listeners,
    ):
        listeners.listen(app)
    acknowledge_others(app)
    # They are closed in this order, since the work of ``signs`` gives jobs to the runner.
    workers = (signs, *runner.workers, looks, forms, checks, thanks)
    upkeep = Upkeep(
        *(runner, leases, refreshing, counting, asking_again),
        *(gap_parts, reporting, card_parts.narrowing, judging),
    )
    return Bot(
        *(app, runner, refreshing, asking_again, gap_parts, reporting, judging, card_parts),
        *(upkeep, workers),
    )


def _taken_later(error: Exception) -> None:
    log.warning("Work waits until the queue is asked again: %s", error)


class _PromptApp(App):
    """Bolt's app, which says when it handles a request, and stores what it says before others."""

    arrivals: Arrivals

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        with self.arrivals, waiting_at_most(WAIT):
            return super().dispatch(req)


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
