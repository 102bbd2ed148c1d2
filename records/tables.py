"""The tables. Columns for fields of a dataclass have the same names as the fields.

migrations/ creates the same schema step by step; a test compares the two. The partial indexes are
in partial_indexes.py.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    false,
    text,
)

from domain.adapters import AdapterState, ChangeKind, Outcome
from domain.cards import CardState
from domain.causes import Cause
from domain.channels import From, When
from domain.collections import Trouble
from domain.console import ConsoleRole
from domain.documents import SourceState
from domain.gaps import Closing, GapState
from domain.jobs import JobKind, JobState
from domain.night_rows import Became
from domain.questions import AnswerKind, Fault, Verdict
from domain.ratings import InputKind
from domain.trials import TrialEnd
from records.codecs import (
    AUDIENCE,
    CITATIONS,
    COUNTS,
    DIFFERENCES,
    EVALUATION,
    MESSAGES,
    PASSAGES,
    RULES,
    SENTENCES,
    TEXTS,
    TIMINGS,
)
from records.columns import AsJson, Choice, ExactText, Seconds, UtcTime

SCHEMA = "0051"
"""The revision of migrations/ that creates these tables; ``Database.check`` compares it."""

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
"""The names of constraints, so that each can be dropped by name on both databases."""

metadata = MetaData(naming_convention=NAMES)

LEFT_OUT = "left out of backups"
"""A table whose ``info`` has this is not part of a backup: what it holds is true for this machine,
or for a moment, or is a secret."""

# Conditions of the indexes in partial_indexes.py. A query uses one only with exactly its words.
LIVE = text("state = 'live'")
ON_TRIAL = text("state = 'canary'")
RUNNING = text("outcome = 'running'")
DONE = text("state = 'done'")
NOT_DONE = text("state <> 'done'")
JOB_RUNNING = text("state = 'running'")
WAITING = text("waiting")
OPEN_CARD = text("state in ('asked', 'draft')")


questions = Table(
    "questions",
    metadata,
    Column("id", ExactText, primary_key=True),
    Column("text", ExactText, nullable=False),
    Column("asked_by", ExactText, nullable=False, index=True),
    Column("asked_at", UtcTime, nullable=False, index=True),
    Column("audience", AsJson(AUDIENCE), nullable=False),
    Column("history", AsJson(MESSAGES), nullable=False),
    Column("thread", ExactText, nullable=False),
    # The Slack message that shows the answer.
    Column("reply", ExactText, nullable=False, server_default="", index=True),
    Column("rules", AsJson(RULES), nullable=False, server_default="{}"),
    # Where it was asked, if its answer is for the person alone.
    Column("asked_in", ExactText, nullable=False, server_default="", index=True),
    Index(None, "thread", "asked_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("id", ExactText, primary_key=True),
    Column(
        "question_id",
        ExactText,
        ForeignKey("questions.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column("kind", Choice(AnswerKind), nullable=False),
    Column("text", ExactText, nullable=False),
    Column("citations", AsJson(CITATIONS), nullable=False),
    Column("passages", AsJson(PASSAGES), nullable=False),
    Column("model", ExactText, nullable=False),
    Column("adapter", ExactText),
    Column("prompt_version", ExactText, nullable=False),
    Column("timings", AsJson(TIMINGS), nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("sentences", AsJson(SENTENCES), nullable=False, server_default="[]"),
    Column("on_trial", Boolean, nullable=False, server_default=false()),
)

# What answers are found by, such as ``kind:refused`` (records.answer_marks); ``at`` is when the
# answer was made.
answer_marks = Table(
    "answer_marks",
    metadata,
    Column("mark", ExactText, primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column(
        "answer_id",
        ExactText,
        ForeignKey("answers.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sqlite_with_rowid=False,
)

# The last input of each kind that a person gave or took back. One that was taken back stays, since
# an event about an earlier one may still arrive.
rating_inputs = Table(
    "rating_inputs",
    metadata,
    Column("answer_id", ExactText, ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    Column("by", ExactText, primary_key=True, index=True),
    Column("kind", Choice(InputKind), primary_key=True),
    Column("verdict", Choice(Verdict), nullable=False),
    # Slack's time.
    Column("at", UtcTime, nullable=False, index=True),
    Column("stands", Boolean, nullable=False),
    # Nobody knows yet whether the person can read the answer.
    Column("waiting", Boolean, nullable=False),
)

# What people wrote about answers; no later button or reaction changes it.
corrections = Table(
    "corrections",
    metadata,
    Column("answer_id", ExactText, ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    Column("by", ExactText, primary_key=True, index=True),
    Column("at", UtcTime, nullable=False),
    *(Column(name, ExactText, nullable=False) for name in ("text", "reason", "source")),
    Column("fault", Choice(Fault)),
    Column("stands", Boolean, nullable=False),
    # When the question was last asked again for the person, and when they were told it is right.
    Column("asked_again_at", UtcTime, index=True),
    Column("told_at", UtcTime),
)

sources = Table(
    "sources",
    metadata,
    Column("uri", ExactText, primary_key=True),
    Column("state", Choice(SourceState), nullable=False, index=True),
    Column("requested_by", ExactText, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("title", ExactText, nullable=False),
    Column("checksum", ExactText, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", ExactText, nullable=False),
    Column("notes", ExactText, nullable=False, server_default=""),
    # The key of the passages in the index; equal sources share one.
    Column("document", ExactText, nullable=False, server_default="", index=True),
    Column("version", ExactText, nullable=False, server_default=""),
    Column("modified", UtcTime),
)

# Which documents are versions of one text: they have the same family.
versions = Table(
    "versions",
    metadata,
    Column("document", ExactText, primary_key=True),
    Column("subject", ExactText, nullable=False, index=True),
    Column("family", ExactText, nullable=False, index=True),
    Column("sketch", LargeBinary, nullable=False),
    Column("codes", LargeBinary, nullable=False),
)

# The words of the documents, and in how many passages each was written.
words = Table(
    "words",
    metadata,
    Column("word", ExactText, primary_key=True),
    Column("first", ExactText, nullable=False),  # its first letter
    Column("length", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Index("ix_words_first_length", "first", "length"),
)

# The index that answers: one row, or none.
live_index = Table(
    "live_index",
    metadata,
    Column("model", ExactText, primary_key=True),
    Column("name", ExactText, nullable=False),
    Column("since", UtcTime, nullable=False),
    info={LEFT_OUT: True},
)

# Who may read a source: one row for each audience label.
grants = Table(
    "grants",
    metadata,
    Column("source", ExactText, ForeignKey("sources.uri", ondelete="CASCADE"), primary_key=True),
    Column("label", ExactText, primary_key=True, index=True),
    Column("by", ExactText, nullable=False),
    Column("since", UtcTime, nullable=False),
)

# From whom a person took a source: collections do not give it to them again.
withheld = Table(
    "withheld",
    metadata,
    Column("source", ExactText, ForeignKey("sources.uri", ondelete="CASCADE"), primary_key=True),
    Column("label", ExactText, primary_key=True),
    Column("since", UtcTime, nullable=False),
)

collections = Table(
    "collections",
    metadata,
    Column("uri", ExactText, primary_key=True),
    Column("kind", ExactText, nullable=False),
    Column("requested_by", ExactText, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("every", Seconds),
    Column("next_at", UtcTime, index=True),
    Column("read_at", UtcTime),
    *(
        Column(name, ExactText, nullable=False)
        for name in ("title", "options", "cursor", "reason", "report")
    ),
    Column("failures", Integer, nullable=False),
    # What the person who added it was told of last.
    Column("told", Choice(Trouble), nullable=False, server_default=""),
)

# How far the readings are that run now; a row that is old is of a process that has ended.
collection_progress = Table(
    "collection_progress",
    metadata,
    Column(
        "collection", ExactText, ForeignKey("collections.uri", ondelete="CASCADE"), primary_key=True
    ),
    Column("began_at", UtcTime, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    info={LEFT_OUT: True},
)

# Who may read the documents of a collection: one row for each audience label.
collection_grants = Table(
    "collection_grants",
    metadata,
    Column(
        "collection", ExactText, ForeignKey("collections.uri", ondelete="CASCADE"), primary_key=True
    ),
    Column("label", ExactText, primary_key=True),
    Column("by", ExactText, nullable=False),
    Column("since", UtcTime, nullable=False),
    # Documents that others may read already are not given to these.
    Column("only_new", Boolean, nullable=False, server_default=false()),
)

# The documents that were found in a collection; a document may be in several.
members = Table(
    "members",
    metadata,
    Column(
        "collection", ExactText, ForeignKey("collections.uri", ondelete="CASCADE"), primary_key=True
    ),
    Column(
        "source",
        ExactText,
        ForeignKey("sources.uri", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Choice(JobKind), nullable=False),
    Column("key", ExactText, nullable=False, index=True),
    Column("request", ExactText, nullable=False),
    Column("team", ExactText, nullable=False),
    Column("person", ExactText, nullable=False, index=True),
    Column("report", ExactText, nullable=False),
    Column("payload", ExactText, nullable=False),
    Column("state", Choice(JobState), nullable=False),
    # Attempts are counted when the job is taken, so that one that kills its process is counted.
    Column("attempts", Integer, nullable=False),
    Column("held_by", ExactText, nullable=False),
    Column("held_until", UtcTime),
    Column("not_before", UtcTime, nullable=False),
    Column("reason", ExactText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    # A second request is another job; the same request, sent again, is not.
    Index("uq_jobs_request_key", "request", "key", unique=True),
    # A process may still hold a deleted job by its id, so no other job may get that.
    sqlite_autoincrement=True,
)

adapters = Table(
    "adapters",
    metadata,
    Column("name", ExactText, primary_key=True),
    Column("base_model", ExactText, nullable=False),
    Column("path", ExactText, nullable=False),
    Column("sha256", ExactText, nullable=False),
    Column("state", Choice(AdapterState), nullable=False),
    Column("run_id", ExactText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # The adapter that was live before this one and is live again after a rollback.
    Column("replaced", ExactText, ForeignKey("adapters.name"), index=True),
    Column("promoted_at", UtcTime),
    Column("refuse_above", Float),
)

# Adapters that first answer a share of the threads, and how that ended.
trials = Table(
    "trials",
    metadata,
    Column("adapter", ExactText, ForeignKey("adapters.name"), primary_key=True),
    # What answers the other threads: an adapter, perhaps the starter, or nothing for the base.
    Column("against", ExactText),
    Column("share", Float, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, index=True),
    Column("ending", Choice(TrialEnd)),
    Column("reason", ExactText, nullable=False),
    # The thumbs that counted when it ended.
    *(
        Column(name, Integer, nullable=False)
        for name in ("trial_up", "trial_down", "others_up", "others_down")
    ),
)

training_runs = Table(
    "training_runs",
    metadata,
    Column("id", ExactText, primary_key=True),
    Column("outcome", Choice(Outcome), nullable=False),
    Column("started_at", UtcTime, nullable=False, index=True),
    Column("heartbeat_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("reason", ExactText, nullable=False),
    Column("adapter", ExactText),
    Column("examples", Integer, nullable=False),
    Column("report", ExactText, nullable=False),
    Column("evaluation", AsJson(EVALUATION)),
    Column("left_out", AsJson(COUNTS), nullable=False, server_default="{}"),
)

# Who did what with the adapters. Whether nights are on hold is what was last done about that.
adapter_changes = Table(
    "adapter_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Choice(ChangeKind), nullable=False),
    Column("adapter", ExactText),
    Column("by", ExactText, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("request", ExactText, nullable=False, unique=True),
    Index(None, "kind", "id"),
)

# What became of each rated answer, or card, in a night, and why.
night_rows = Table(
    "night_rows",
    metadata,
    Column("run", ExactText, ForeignKey("training_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("answer_id", ExactText, primary_key=True, index=True),
    Column("became", Choice(Became), nullable=False),
    Column("reason", ExactText, nullable=False),
    Column("cause", Choice(Cause)),
)

# Bad answers whose right passage was not found, and whether the last night found it.
retrieval_cases = Table(
    "retrieval_cases",
    metadata,
    Column("answer_id", ExactText, ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    Column("found", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# The Slack message that reports a night, and the file in Slack with its picture.
night_reports = Table(
    "night_reports",
    metadata,
    Column("run", ExactText, ForeignKey("training_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("message", ExactText, nullable=False),
    Column("picture", ExactText, nullable=False),
)

# What a night saw of its candidate, question by question, for the decisions of later nights.
compared_nights = Table(
    "compared_nights",
    metadata,
    Column("run", ExactText, ForeignKey("training_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("live", ExactText),
    Column("candidate", ExactText, nullable=False),
    Column("differences", AsJson(DIFFERENCES), nullable=False),
)

channel_settings = Table(
    "channel_settings",
    metadata,
    Column("team", ExactText, primary_key=True),
    Column("channel", ExactText, primary_key=True),
    Column("when", Choice(When), nullable=False),
    Column("emoji", ExactText, nullable=False),
    Column("expert", ExactText, nullable=False),
    Column("wishes", ExactText, nullable=False, server_default=""),
    Column("sources", Choice(From), nullable=False, server_default="all"),
    Column("chosen", AsJson(TEXTS), nullable=False, server_default="[]"),
    Column("language", ExactText, nullable=False, server_default=""),
    Column("adders", AsJson(TEXTS), nullable=False, server_default="[]"),
)

# People who do not want what they ask and say to be trained on.
kept_out_of_training = Table(
    "kept_out_of_training",
    metadata,
    Column("person", ExactText, primary_key=True),
)

# The questions of the last day that count for the quotas of their person and channel; one stays
# here when it is deleted.
counted_questions = Table(
    "counted_questions",
    metadata,
    Column("question", ExactText, primary_key=True),
    Column("team", ExactText, nullable=False),
    Column("person", ExactText, nullable=False),
    Column("channel", ExactText, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Index(None, "person", "at"),
    Index(None, "channel", "at"),
)

# What the documents do not answer, or answer badly; `domain.gaps` describes the states.
gaps = Table(
    "gaps",
    metadata,
    Column("id", ExactText, primary_key=True),
    Column("team", ExactText, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("state", Choice(GapState), nullable=False),
    Column("closing", Choice(Closing)),
    Column("closed_at", UtcTime),
    Column("closed_by", ExactText, nullable=False),
    Column("closed_with", ExactText, nullable=False),
    Column("reopened_at", UtcTime),
    Column("asked_before", Integer, nullable=False),
    Column("awaited", ExactText, nullable=False, index=True),
    Column("awaited_at", UtcTime),
    Column("awaited_by", ExactText, nullable=False),
)

# All that is known of a gap besides comes from its questions, so that it is deleted with them.
gap_questions = Table(
    "gap_questions",
    metadata,
    Column(
        "question_id", ExactText, ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("gap", ExactText, ForeignKey("gaps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("failed_at", UtcTime, nullable=False),
    Column("is_refused", Boolean, nullable=False),
    Column("cause", Choice(Cause)),
    Column("key", ExactText, nullable=False),
    Column("model", ExactText, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    # Whether somebody may have been told already, and when they were.
    Column("telling", Boolean, nullable=False, server_default=false()),
    Column("told_at", UtcTime),
)

# What experts were asked, and what they confirmed: the truth of which the index has a copy.
cards = Table(
    "cards",
    metadata,
    Column("id", ExactText, primary_key=True),
    Column("source", ExactText, nullable=False, unique=True),
    Column("question_id", ExactText, nullable=False, index=True),
    Column("thread", ExactText, nullable=False, index=True),
    Column("expert", ExactText, nullable=False),
    Column("asked_by", ExactText, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("state", Choice(CardState), nullable=False),
    *(
        Column(name, ExactText, nullable=False)
        for name in ("asking", "offer", "question", "answer", "link")
    ),
    Column("audience", AsJson(AUDIENCE), nullable=False),
    *(Column(name, ExactText, nullable=False) for name in ("lines", "confirmed_by", "name")),
    Column("confirmed_at", UtcTime),
    Column("told_at", UtcTime),
)

# The questions of admins whose right answers no night may unlearn.
golden = Table(
    "golden",
    metadata,
    Column("id", ExactText, primary_key=True),
    *(Column(name, ExactText, nullable=False) for name in ("question", "answer")),
    Column("must_not", AsJson(TEXTS), nullable=False),
    Column("history", AsJson(MESSAGES), nullable=False),
    Column("by", ExactText, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# The workspaces that installed the app; ``tokens`` is encrypted.
installations = Table(
    "installations",
    metadata,
    Column("team", ExactText, primary_key=True),
    *(Column(name, ExactText, nullable=False) for name in ("name", "user", "bot", "app", "url")),
    Column("installed_at", UtcTime, nullable=False),
    Column("tokens", ExactText, nullable=False),
    Column("expires_at", UtcTime),
    # Until then another process renews the token.
    Column("renewed_until", UtcTime),
)

# The installations that people began.
install_states = Table(
    "install_states",
    metadata,
    Column("state", ExactText, primary_key=True),
    Column("until", UtcTime, nullable=False, index=True),
    info={LEFT_OUT: True},
)

# One-time links into the console. Of secrets only the hash is kept.
console_links = Table(
    "console_links",
    metadata,
    Column("hash", ExactText, primary_key=True),
    Column("role", Choice(ConsoleRole), nullable=False),
    Column("until", UtcTime, nullable=False, index=True),
    Column("used_at", UtcTime),
    info={LEFT_OUT: True},
)

# Who is signed in to the console.
console_sessions = Table(
    "console_sessions",
    metadata,
    Column("hash", ExactText, primary_key=True),
    Column("id", ExactText, nullable=False, unique=True),
    Column("role", Choice(ConsoleRole), nullable=False),
    Column("team", ExactText, nullable=False),
    Column("person", ExactText, nullable=False, index=True),
    Column("began_at", UtcTime, nullable=False, index=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("reads_all", Boolean, nullable=False),
    info={LEFT_OUT: True},
)

# Who changed what in the console.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("by", ExactText, nullable=False, index=True),
    Column("did", ExactText, nullable=False),
    Column("to", ExactText, nullable=False),
)
