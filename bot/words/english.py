"""English."""

from bot.words.catalogue import Words
from domain.answering import ENGLISH_ONLY
from domain.errors import DatabaseUnavailable, GenerationError, RetrievalError

ENGLISH = Words(
    language="English",
    placeholder="Reading the documents …",
    status="is reading the documents …",
    cut="… (cut here: the answer is too long for a message in Slack; the sources have it all)",
    sources="Sources",
    more="… and {count} more.",
    newer="There is a newer version:",
    conversation="a conversation in Slack",
    page="page {number}",
    slide="slide {number}",
    sheet="sheet {name}",
    nearest="The nearest passage (it does not say this, so check before you rely on the answer)",
    nearest_of_refusal="The nearest passages",
    nearest_not_compared="The nearest passage",
    not_compared=(
        "I could not compare all of this with the documents, because of its language: check what "
        "is marked {mark} before you rely on it."
    ),
    doubted="{mark} means that no passage says this; check it before you rely on it.",
    newest="newest source: {date}",
    on_trial="on trial",
    reference="reference {id}",
    good="Good",
    bad="Bad",
    good_answer="Good answer",
    bad_answer="Bad answer",
    refused="The documents do not say.",
    nearest_documents="The nearest documents that I found: {titles}.",
    unsupported=(
        "The model wrote something that no passage supports, so it is not shown. These passages "
        "are the nearest."
    ),
    too_long=(
        "Your question is too long to be read together with the documents. Please ask again, in "
        "fewer words."
    ),
    english_only=ENGLISH_ONLY,
    quoted="The model is not answering just now. The nearest passages:",
    unsure="I am not sure that the documents answer this. The passage that fits best says:",
    after_refusal=(
        "Ask in other words, or have the document that holds the answer added with /phi3-ingest."
    ),
    try_again="Try again",
    question_gone="The question is gone, so I cannot answer it again.",
    ask_expert="Ask {name}",
    expert_asked=(
        "the documents do not say what {asker} asked: “{question}”. Could you answer "
        "here, in this thread?"
    ),
    expert_known="{name} was asked already: look into this thread.",
    expert_gone="{name} has left, so I asked nobody.",
    after_quotation="Ask again in a few minutes for an answer in a sentence.",
    readers_unknown=(
        "Slack did not tell me who can read this conversation, and without that I show no "
        "document. Invite me to it, and ask again."
    ),
    help=(
        "Ask me a question in a sentence, such as: How do I get a new laptop? I answer from the "
        "team's documents."
    ),
    help_thread="In this thread you need not mention me again.",
    help_documents="/phi3-ingest help says how documents are added.",
    denied_person=(
        "Thank you for asking, but I am not set up to answer you; the person who runs me can "
        "change that."
    ),
    denied_channel=(
        "Thank you for asking, but I am not set up to answer in this channel; please ask me "
        "elsewhere, or in a direct message."
    ),
    quota_person=(
        "Thank you for your question; I have answered {most} of yours within {period}, which is "
        "the limit for one person, so please ask me again in {wait}."
    ),
    quota_channel=(
        "Thank you for your question; I have answered {most} in this channel within {period}, "
        "which is its limit, so please ask me again in {wait}."
    ),
    one_hour="one hour",
    one_day="one day",
    minutes="{count} min",
    hours="{count} h",
    message_cut="I read only the first {count} characters of your message.",
    no_words="That message has no words that I could answer.",
    asked_already="I was asked that already: look into the thread of the message.",
    not_read=(
        "I did not read what you attached ({names}). To ask about it, add it: in the menu (⋮) of "
        "your message choose “{entry}”."
    ),
    failure=(
        "I could not answer. {what}\nAsk again in a minute; if the error stays, give the person "
        "who runs me the reference {reference}."
    ),
    model_failed=GenerationError.told,
    search_failed=RetrievalError.told,
    records_failed=DatabaseUnavailable.told,
    messenger_failed="Slack did not let me answer.",
    something_failed="Something went wrong on my side.",
    closed="I cannot answer your question “{question}”, because {why}.",
    thread_locked="the thread is locked",
    thread_gone="the thread is gone",
    archived="the channel is archived",
    not_member="I am not a member of that channel",
    not_seen="I do not see that conversation any more",
    no_replies="Slack allows no replies to that message",
    not_allowed="I am not allowed to write there",
    noted_good="Thank you: noted as good. Tonight's training may learn from it.",
    noted_only="Thank you: noted as good.",
    noted_bad="Thank you: noted as bad.",
    undecided=(
        "Noted as good. You wrote earlier what was wrong with this answer: while both stand, "
        "neither counts. Delete what you wrote, or send the form again."
    ),
    written=(
        "What you wrote about this answer is kept. You can change it with 👎, or delete it here."
    ),
    deleted="What you wrote about this answer is deleted.",
    not_rated="You have not rated the answer otherwise.",
    good_counts="Your 👍 counts.",
    bad_counts="Your 👎 still counts.",
    say_what_was_wrong="Say what was wrong",
    delete_what_i_wrote="Delete what I wrote",
    unknown_answer="I no longer know that answer, so it cannot be rated. Ask again for a new one.",
    other_conversation="That answer is in another conversation; rate it there.",
    rating_not_kept=(
        "Your rating is not kept: {why} Press again in a minute (reference {reference})."
    ),
    correction_not_kept="Not kept: {why} Send again (reference {reference}).",
    answer_changed=(
        "Not kept: my answer was made anew, or deleted, after you opened this form. Copy what you "
        "wrote, look at the answer that stands there now, and rate that one."
    ),
    answer_again="You said that my answer to “{question}” was wrong. Now I answer:",
    gap_answered="You asked “{question}”, and I had no good answer. Now I answer:",
    what_was_wrong="What was wrong?",
    send="Send",
    skip="Skip",
    fault_wrong="It is wrong",
    fault_outdated="It is out of date",
    fault_incomplete="It is not complete",
    fault_source="It is from the wrong source",
    fault_unwanted="I should not have answered",
    right_answer="The right answer, as I should have given it",
    where_it_stands="Where it stands: a link, or the name of a document",
    too_many_characters="This has {count} characters; at most {most} are allowed.",
    thanks_title="Noted",
    thanks="Thank you. With a right answer, the next nights can learn from it.",
    thanks_only="Thank you.",
    close="Close",
    verified="verified by {name} on {date}",
    card_offered=(
        "Thank you, {name}. Shall I keep what you wrote as the answer to “{question}”? Then I "
        "give it to others who ask, with your name."
    ),
    card_keep="Keep as an answer",
    card_kept=(
        "{name} confirmed the answer to “{question}”. I give it from now on to those who ask."
    ),
    card_change="Change",
    card_withdraw="Withdraw",
    card_sure="Then I give this answer to nobody any more.",
    card_withdrawn="The answer that was kept here is withdrawn: I no longer give it.",
    card_told="{name} confirmed an answer to your question “{question}”: {answer}",
    card_not_yours="Only {name}, who was asked, or an admin can do that.",
    card_gone="That question is gone, so nothing is kept of it.",
    card_confirmed="{name} confirmed an answer meanwhile.",
    form_is_older="This form is older than that: close it, and open it again.",
    card_failed=(
        "Your answer is confirmed, but I cannot give it yet: {why} Press “{change}” and send it "
        "again."
    ),
    card_question="The question",
    card_answer="The answer, as others are to read it",
    card_link="Where it stands, if anywhere: a link",
    card_readers=(
        "Who can read it: {readers}. It may also be trained on, if everybody here can read it "
        "and you allow that in my Home tab."
    ),
    readers_all="all members of this workspace",
    readers_here="everyone in this channel",
    card_cut="You wrote more than this form takes, so the end is missing.",
    card_empty="Please write something here.",
    card_no_link="Please write one whole link, beginning with https://",
    only_for_me="Only for me",
    share_here="Share where I asked",
    only_asker="Only the person who asked can do that.",
    asked_privately="For you alone, to your question:",
    private_now="Only you see my answer: it is in our direct messages.",
    shared_now="My answer stands now in the thread where you asked.",
    not_shared="I did not share it: not everybody there may read all of its sources.",
    not_moved="I could not do that: {why}",
    taken_away="Whoever asked has this answer for themselves now.",
)
