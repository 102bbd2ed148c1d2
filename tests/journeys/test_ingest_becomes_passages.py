"""/phi3-ingest becomes searchable passages, through every real part; only Slack is a double."""

from time import time

import pytest

from cli.asking import question_of, readable
from domain.documents import SourceState
from domain.jobs import JobState
from domain.links import link_to
from tests.bot.running_bot import is_idle
from tests.journeys.conftest import Office
from tests.payloads import payload


def command(office: Office, text: str, channel: str = "C1") -> None:
    text_message = office.send.form(payload("slash_command", text=text, channel_id=channel))
    assert text_message.status == 200


def settled(office: Office) -> None:
    jobs = office.container.jobs
    office.slack.wait_for(
        lambda: {job.state for job in jobs.in_states(JobState)} <= {JobState.DONE}
    )
    office.slack.wait_for(lambda: is_idle(office.container.bot.runner))


@pytest.mark.slow
def test_page_is_read_and_searched_and_read_again_only_if_it_changed(office: Office) -> None:
    page = office.documents / "menu.html"
    page.write_text("<title>Canteen</title><h1>Canteen</h1><p>On Fridays there is pike.</p>")
    address = f"{office.website}/menu.html"

    command(office, address)
    settled(office)
    here = readable(office.container)
    ask = question_of("What does the canteen serve on Fridays?", audience=here)
    assert "✓ Canteen" in office.slack.public()[-1].words
    assert "pike" in office.container.searcher.search(ask).passages[0].text
    first = office.container.index.count()

    command(office, address)
    settled(office)
    assert office.container.index.count() == first

    page.write_text("<title>Canteen</title><h1>Canteen</h1><p>On Fridays there is carp.</p>")
    command(office, address)
    settled(office)
    found = office.container.searcher.search(ask).passages
    assert "carp" in found[0].text
    assert not any("pike" in passage.text for passage in found)


@pytest.mark.slow
def test_document_of_a_private_channel_is_found_only_there(office: Office) -> None:
    (office.documents / "pay.html").write_text("<h1>Pay</h1><p>Ann earns ninety thousand.</p>")
    command(office, f"{office.website}/pay.html", channel="CPRIVATE")
    settled(office)

    (source,) = office.container.sources.all()
    assert source.state is SourceState.INDEXED
    assert source.audience.labels == {"channel:T1:CPRIVATE"}
    asked = question_of("What does Ann earn?", audience=readable(office.container))
    assert office.container.searcher.search(asked).passages == ()


@pytest.mark.slow
def test_address_inside_the_network_is_refused_unless_it_is_allowed(office: Office) -> None:
    command(office, "http://192.168.0.1/secret.html")
    settled(office)

    assert office.container.index.count() == 0
    (source,) = office.container.sources.all()
    assert source.state is SourceState.FAILED
    assert "private" in source.reason


@pytest.mark.slow
def test_thread_of_a_channel_is_read_and_its_link_opens_it(office: Office) -> None:
    now = time()
    root, reply = f"{now - 90:.6f}", f"{now - 60:.6f}"
    question = {"type": "message", "user": "U1", "ts": root, "text": "Who has the <#C2|van> key?"}
    told = {"type": "message", "user": "U2", "ts": reply, "thread_ts": root}
    told |= {"text": "The key of the van hangs in the *canteen*, behind the door."}
    office.slack.written["C1"] = [question, told]
    command(office, "<#C1|general>", channel="C2")
    settled(office)

    ask = question_of("Where does the key of the van hang?", audience=readable(office.container))
    found = office.container.searcher.search(ask).passages[0]
    assert found.title == "#general: Who has the #van key?"
    assert "U2" in found.text
    assert "hangs in the canteen" in found.text
    link = link_to(found.source, found.where, office.slack.workspace)
    assert link == f"https://acme.slack.com/archives/C1/p{root.replace('.', '')}"
