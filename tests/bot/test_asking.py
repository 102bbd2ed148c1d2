from domain.errors import GenerationError, IndexUnavailable, ServerUnavailable
from domain.questions import Audience
from tests.bot.house import TEXT, House
from tests.payloads import mention, payload


def test_mention_is_answered_in_its_thread_with_sources_and_thumbs(house: House) -> None:
    assert house.send.event(mention()).status == 200

    answer = house.answered()
    (message,) = house.slack.public()
    assert message.thread == "1763900000.000100"
    assert "service desk. [1] New laptops arrive within five days. [1]" in message.words
    assert "[1] Laptops (laptops.md): “Open a ticket with the service desk.”" in message.words
    assert f"scripted · reference {answer.id}" in message.words
    assert message.blocks[-1]["elements"][0]["type"] == "feedback_buttons"
    assert not message.streaming


def test_answer_is_streamed_while_it_is_made(house: House) -> None:
    house.script.go_on.clear()
    house.script.pause = 0.06
    house.send.event(mention())

    house.slack.wait_for(lambda: any("ticket" in shown.text for shown in house.slack.public()))
    assert house.slack.public()[0].streaming
    house.script.go_on.set()
    house.answered()
    assert house.slack.count("chat.startStream") == 1
    assert house.slack.count("chat.postMessage") == 0


def test_status_is_shown_before_the_answer(house: House) -> None:
    house.send.event(mention())
    house.answered()

    methods = [method for method, _ in house.slack.calls]
    assert methods.index("assistant.threads.setStatus") < methods.index("chat.startStream")


def test_same_event_twice_is_answered_once(house: House) -> None:
    for _ in range(3):
        assert house.send.event(mention(), x_slack_retry_num="1").status == 200

    house.answered()
    assert len(house.slack.public()) == 1


def test_mention_and_its_message_event_are_one_question(house: House) -> None:
    house.send.event(payload("message_of_mention"))
    house.send.event(mention())
    house.answered()

    assert len(house.slack.public()) == 1


def test_direct_message_needs_no_mention(house: House) -> None:
    house.send.event(payload("message_im"))
    house.answered()

    (question,) = house.script.asked
    assert question.text == "How do I get a new laptop?"
    assert question.audience == Audience.of("everyone", "person:U1")


def test_follow_up_in_a_thread_needs_no_mention_and_knows_what_was_said(house: House) -> None:
    house.send.event(mention())
    house.answered()
    house.send.event(payload("message_in_thread"))
    house.answered()

    assert [turn.content for turn in house.script.asked[1].history] == [
        "How do I get a new laptop?",
        TEXT,
    ]
    assert len(house.slack.public()) == 2


def test_messages_that_are_not_for_the_bot_are_left_alone(house: House) -> None:
    house.send.event(mention())
    house.answered()
    others = [
        payload("message_in_thread", thread_ts="1763000000.000100"),
        payload("message_in_thread", text="<@U2> you know that"),
        payload("message_in_thread", thread_ts=None),
        payload("message_changed"),
        payload("message_deleted"),
        payload("message_of_bot"),
        payload("message_im", user="UBOT", ts="1763900009.000100"),
        payload("message_im", bot_id="B2", ts="1763900009.000200"),
        payload("user_change"),
    ]
    assert [house.send.event(body).status for body in others] == [200] * len(others)

    assert not house.questions.unfinished()
    assert len(house.script.asked) == 1


def test_empty_mention_gets_a_line_of_help(house: House) -> None:
    house.send.event(mention(text=" "))

    house.slack.wait_for(lambda: len(house.slack.public()) == 1)
    assert "Ask me a question" in house.slack.public()[0].words
    assert not house.script.asked


def test_attachment_is_not_ignored_silently(house: House) -> None:
    house.send.event(payload("message_with_file"))
    house.answered()

    assert "I did not read what you attached (laptops.md)" in house.slack.public()[0].words


def test_refusal_says_what_to_do_and_can_be_rated(house: House) -> None:
    house.script.sufficient = False
    house.send.event(mention())
    answer = house.answered()

    (message,) = house.slack.public()
    assert "The documents do not say. The nearest that I found: Laptops." in message.words
    assert "/phi3-ingest" in message.words
    assert answer.id in message.words


def test_passages_are_quoted_while_no_model_answers(house: House) -> None:
    house.script.words, house.script.error = (), ServerUnavailable("no server")
    house.send.event(mention())
    house.answered()

    (message,) = house.slack.public()
    assert "The model is not answering just now" in message.words
    assert "Ask again in a few minutes" in message.words


def test_error_is_told_once_with_its_reference(house: House) -> None:
    house.script.error = GenerationError("The model <!channel> broke off.")
    house.send.event(mention())
    house.slack.wait_for(lambda: not house.questions.unfinished())

    (message,) = house.slack.public()
    assert "The model <!channel> broke off. " not in message.text
    assert "&lt;!channel&gt;" in message.text
    question = house.questions.find("slack:T1:C1:1763900000.000100")
    assert question is not None
    assert question.answer_id in message.words
    assert not message.streaming


def test_error_that_nobody_foresaw_is_told_without_its_insides(house: House) -> None:
    house.script.error = ZeroDivisionError("secret detail")
    house.send.event(mention())
    house.slack.wait_for(lambda: not house.questions.unfinished())

    (message,) = house.slack.public()
    assert "Something inside me broke" in message.words
    assert "secret" not in message.words


def test_search_that_fails_is_told(house: House) -> None:
    def search(*_: object) -> None:
        raise IndexUnavailable("The index does not answer.")

    house.script.search = search  # type: ignore[method-assign, assignment]
    house.send.event(mention())
    house.slack.wait_for(lambda: not house.questions.unfinished())

    assert "The index does not answer." in house.slack.public()[0].words


def test_private_and_shared_channels_narrow_what_is_searched(house: House) -> None:
    for n, channel in enumerate(("C1", "CPRIVATE", "CSHARED")):
        house.send.event(mention(n, channel=channel))
    house.answered()

    assert {question.id.split(":")[2]: question.audience for question in house.script.asked} == {
        "C1": Audience.everyone(),
        "CPRIVATE": Audience.of("everyone", "channel:CPRIVATE"),
        "CSHARED": Audience.of("channel:CSHARED"),
    }


def test_what_the_event_says_of_a_shared_channel_outweighs_what_was_known(house: House) -> None:
    house.send.event(mention() | {"is_ext_shared_channel": True})
    house.answered()

    assert house.script.asked[0].audience == Audience.of("channel:C1")


def test_nothing_is_searched_where_nobody_knows_who_reads(house: House) -> None:
    house.slack.refusals["conversations.info"] = "missing_scope"
    house.send.event(mention())
    house.slack.wait_for(lambda: not house.questions.unfinished() and house.slack.public())

    assert "did not tell me who can read" in house.slack.public()[0].words
    assert not house.script.asked


def test_question_that_cannot_be_kept_is_told(house: House) -> None:
    from domain.errors import DatabaseUnavailable

    def claim(*_: object) -> None:
        raise DatabaseUnavailable("The database does not answer.")

    house.questions.claim = claim  # type: ignore[method-assign, assignment]
    assert house.send.event(mention()).status == 200

    house.slack.wait_for(lambda: len(house.slack.public()) == 1)
    assert "The database does not answer." in house.slack.public()[0].words
