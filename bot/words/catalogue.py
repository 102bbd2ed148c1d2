"""What the bot says to those who ask, as one value that each language gives completely."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All texts, with placeholders in braces for `str.format`.

    Texts without a full stop at the end are parts of a sentence, headings or labels. Forms of Slack
    allow 24 characters for titles and their buttons, 75 for other buttons.
    """

    language: str
    """The language's own name for itself."""

    # While the answer is made
    placeholder: str
    status: str
    """Behind the bot's name."""

    # The answer and what is below it
    cut: str
    sources: str
    more: str
    newer: str
    conversation: str
    """The name of a source that has no other."""
    page: str
    slide: str
    sheet: str
    nearest: str
    nearest_of_refusal: str
    nearest_not_compared: str
    not_compared: str
    doubted: str
    newest: str
    on_trial: str
    """Behind the name of an adapter that answers only some threads, to be compared."""
    reference: str
    good: str
    bad: str
    good_answer: str
    bad_answer: str

    # Without an answer
    refused: str
    nearest_documents: str
    unsupported: str
    too_long: str
    english_only: str
    quoted: str
    unsure: str
    after_refusal: str
    after_quotation: str
    try_again: str
    question_gone: str
    ask_expert: str
    expert_asked: str
    expert_known: str
    expert_gone: str
    readers_unknown: str
    help: str
    help_thread: str
    help_documents: str

    # Who is not answered
    denied_person: str
    denied_channel: str
    quota_person: str
    quota_channel: str
    one_hour: str
    one_day: str
    minutes: str
    hours: str

    # What was not read
    message_cut: str
    no_words: str
    asked_already: str
    not_read: str

    # Failures
    failure: str
    model_failed: str
    search_failed: str
    records_failed: str
    messenger_failed: str
    something_failed: str
    closed: str
    thread_locked: str
    thread_gone: str
    archived: str
    not_member: str
    not_seen: str
    no_replies: str
    not_allowed: str

    # Ratings
    noted_good: str
    noted_only: str
    noted_bad: str
    undecided: str
    written: str
    deleted: str
    not_rated: str
    good_counts: str
    bad_counts: str
    say_what_was_wrong: str
    delete_what_i_wrote: str
    unknown_answer: str
    other_conversation: str
    rating_not_kept: str
    correction_not_kept: str
    answer_changed: str
    answer_again: str
    gap_answered: str

    # The form behind 👎
    what_was_wrong: str
    send: str
    skip: str
    fault_wrong: str
    fault_outdated: str
    fault_incomplete: str
    fault_source: str
    fault_unwanted: str
    right_answer: str
    where_it_stands: str
    too_many_characters: str
    thanks_title: str
    thanks: str
    thanks_only: str
    close: str

    # What an expert wrote, kept as an answer
    verified: str
    card_offered: str
    card_keep: str
    card_kept: str
    card_change: str
    card_withdraw: str
    card_sure: str
    card_withdrawn: str
    card_told: str
    card_not_yours: str
    card_gone: str
    card_confirmed: str
    form_is_older: str
    card_failed: str
    card_question: str
    card_answer: str
    card_link: str
    card_readers: str
    readers_all: str
    readers_here: str
    card_cut: str
    card_empty: str
    card_no_link: str

    # For one person alone
    only_for_me: str
    share_here: str
    only_asker: str
    asked_privately: str
    private_now: str
    shared_now: str
    not_shared: str
    not_moved: str
    taken_away: str
