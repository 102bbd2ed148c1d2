from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Content, Heading, Item, ItemList, Paragraph
from domain.errors import EmptySource, UnreadableSource, UnsupportedSource
from knowledge.readers import kinds, mailboxes, outlook
from knowledge.readers.base import File
from knowledge.readers.mail import read
from tests.hostile import is_linear
from tests.knowledge.readers.noise import damaged, file, survives

FILES = {
    "wind.eml": kinds.EML,
    "wind.msg": kinds.MSG,
    "forwarded.msg": kinds.MSG,
    "sent.mbox": kinds.MBOX,
}


def read_part(part: File) -> Content:
    if part.name.endswith(".png"):
        raise UnsupportedSource("pictures")
    if part.name.endswith(".bad"):
        raise UnreadableSource("it is damaged")
    return Content((Paragraph(f"{part.kind}: {part.content.decode('utf-8', 'replace')[:40]}"),))


def content(made: bytes, kind: str = kinds.EML) -> Content:
    return read(File(made, "mail", kind=kind), read_part)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [getattr(block, "text", "") for block in blocks]


def mail(text: str = "words", **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in ({"From": "jo@x.example", "Subject": "S"} | headers).items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


@pytest.mark.parametrize(
    ("name", "date"), [("wind.eml", "2026-11-26 16:48"), ("wind.msg", "2026-03-02 09:15")]
)
def test_a_mail_says_who_wrote_to_whom_and_when(name: str, date: str) -> None:
    found = content(file(name), FILES[name])
    assert found.title == "Wind limits für Kräne"
    assert found.blocks[0] == Paragraph(
        "From: Petra Lang (petra.lang@nordwind.example); To: Jo Ahmadi "
        "(jo.ahmadi@nordwind.example); Cc: Ada Roth (ada.roth@nordwind.example); "
        f"Date: {date} +00:00"
    )


def test_the_text_of_a_mail_is_paragraphs_and_lists() -> None:
    found = content(file("wind.eml")).blocks
    assert found[1:5] == (
        Paragraph("Hello Jo,"),
        Paragraph(
            "from March on the cranes at the harbour stop at wind force 7, not 8. "
            "The prices of March are attached. Please tell:"
        ),
        ItemList((Item("the early shift"), Item("the drivers from Köln"))),
        Paragraph("Kind regards Petra Lang Nordwind Logistics, Hafenweg 3"),
    )


@pytest.mark.parametrize("name", ["wind.eml", "wind.msg"])
def test_what_is_attached_stands_under_its_name(name: str) -> None:
    found = content(file(name), FILES[name])
    assert found.blocks[-2:] == (
        Heading("prices.csv", 1),
        Paragraph("text/csv: Site,Crane,Price\nHarbour,KX-01,340\n"),
    )
    assert found.notes == ()  # the picture in the text is no attachment


def test_an_earlier_mail_below_an_answer_comes_last() -> None:
    found = texts(content(file("wind.msg"), kinds.MSG).blocks)
    assert found[1:4] == ["Hello Jo,", "the cranes at the harbour stop at wind force 7.", "Petra"]
    assert found[5] == "When do they stop?"


def test_a_mailbox_holds_threads_in_the_order_of_their_mails() -> None:
    found = content(file("sent.mbox"), kinds.MBOX)
    assert [
        (block.level, block.text)
        for block in found.blocks
        if isinstance(block, Heading) and block.level < 3
    ] == [
        (1, "Wind limits für Kräne"),
        (2, "Petra Lang, 2026-11-26"),
        (2, "Jo Ahmadi, 2026-11-26"),
        (2, "Petra Lang, 2026-11-26"),
        (1, "Canteen"),
        (2, "Ada Roth, 2026-11-26"),
    ]
    assert "From next week the canteen opens at 11:30." in texts(found.blocks)


def test_what_a_thread_quotes_stands_once_but_before_an_answer_to_it() -> None:
    found = "\n".join(texts(content(file("sent.mbox"), kinds.MBOX).blocks))
    assert found.count("Does that hold for KX-07 in the yard too?") == 1
    assert found.index("The prices of March", 600) < found.index("Does that hold")


def test_answers_without_ids_join_the_thread_of_their_subject() -> None:
    made = b""
    for subject, date in (("Crane", "1"), ("AW: Crane", "3"), ("Other", "2")):
        letter = mail(f"text of {subject}", Subject=subject, Date=f"{date} Mar 2026 10:00 +0000")
        made += b"From x Sun Mar  1 10:00:00 2026\n" + letter.as_bytes() + b"\n"
    found = content(made, kinds.MBOX)
    headings = [block.text for block in found.blocks if isinstance(block, Heading)]
    assert headings == [
        "Crane",
        "jo@x.example, 2026-03-01",
        "jo@x.example, 2026-03-03",
        "Other",
        "jo@x.example, 2026-03-02",
    ]


def test_a_mailbox_of_very_many_mails_is_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "MAILS", 2)
    made = b"".join(b"From x\n" + mail(f"text {n}").as_bytes() + b"\n" for n in range(5))
    found = content(made, kinds.MBOX)
    assert found.notes == ("only the first 2 of 5 mails are read",)
    assert "text 2" not in texts(found.blocks)


def test_html_is_read_where_there_is_no_text() -> None:
    made = mail("Your program shows no HTML.")
    made.add_alternative("<p>" + "Good words. " * 50 + "</p>", subtype="html")
    assert texts(content(made.as_bytes()).blocks)[1].startswith("text/html: <p>Good words.")


def test_text_is_read_where_both_say_the_same() -> None:
    made = mail("Cranes stop at wind force 7.")
    made.add_alternative("<p>Cranes stop at wind force 7.</p>", subtype="html")
    assert texts(content(made.as_bytes()).blocks)[1:] == ["Cranes stop at wind force 7."]


def test_every_part_of_a_mail_is_read_in_its_order() -> None:
    made = mail()
    made.set_content("<p>The gate opens at six.</p>", subtype="html")
    made.make_mixed()
    for text in ("This mail is for its addressee alone. " * 9, "Ask Petra."):
        part = EmailMessage()
        part.set_content(text)
        made.attach(part)
    page = EmailMessage()
    page.set_content("<p>The key code is 4711-B.</p>", subtype="html")
    made.attach(page)
    assert texts(content(made.as_bytes()).blocks)[1:] == [
        "text/html: <p>The gate opens at six.</p>\n",
        ("This mail is for its addressee alone. " * 9).strip(),
        "Ask Petra.",
        "text/html: <p>The key code is 4711-B.</p>\n",
    ]


def test_a_long_text_that_says_little_of_the_page_hides_it_not() -> None:
    made = mail("This letter is best seen in HTML: open it in your browser, or write to us. " * 3)
    made.add_alternative(
        "<style>p {}</style><p>" + "Depot 4 opens at six from May on. " * 20 + "</p>",
        subtype="html",
    )
    assert "<p>Depot 4" in read_whole(made)
    made = mail("Depot 4 opens at six from May on. " * 20)
    made.add_alternative(
        f"<style>{'p {} ' * 999}</style><p>Depot 4 opens at six.</p>", subtype="html"
    )
    assert "<p>" not in read_whole(made)


def read_whole(made: EmailMessage) -> str:
    found = read(
        File(made.as_bytes(), "mail", kind=kinds.EML),
        lambda part: Content((Paragraph(part.content.decode()),)),
    )
    return "\n".join(texts(found.blocks))


def test_an_invitation_is_read_once() -> None:
    made = mail("See below.")
    event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Stand-up\r\nEND:VEVENT\r\n"
    made.add_alternative(event, subtype="calendar")
    made.add_attachment(
        event.encode(), maintype="application", subtype="ics", filename="invite.ics"
    )
    found = content(made.as_bytes())
    assert found.blocks[1:3] == (Paragraph("See below."), Heading("Invitation", 1))
    assert len(found.blocks) == 4


def test_a_mail_whose_page_is_empty_says_so() -> None:
    made = mail()
    made.set_content("<p>", subtype="html")
    found = read(File(made.as_bytes(), "mail", kind=kinds.EML), refuse_as_empty)
    assert found.notes == ("the text of a mail could not be read: it holds no text",)


def refuse_as_empty(_: File) -> Content:
    raise EmptySource("it holds no text")


def test_pictures_are_counted_and_broken_files_are_named() -> None:
    made = mail()
    made.add_attachment(b"x", maintype="image", subtype="png", filename="crane.png")
    made.add_attachment(b"x", maintype="application", subtype="pdf", filename="plan.bad")
    made.add_attachment(b"x", maintype="image", subtype="png", filename="logo.png", cid="<logo>")
    assert content(made.as_bytes()).notes == (
        "attachments left out: 1 × pictures",
        "not read: plan.bad: it is damaged",
    )


def test_a_mail_within_a_mail_is_an_attachment() -> None:
    made = mail()
    made.add_attachment(mail("inner", Subject="Inner mail"))
    found = content(made.as_bytes())
    assert found.blocks[-2] == Heading("Inner mail.eml", 1)
    assert texts(found.blocks)[-1].startswith("message/rfc822: From: jo@x.example")


def test_a_mail_within_a_mail_of_outlook_is_read_with_what_is_attached_to_it() -> None:
    found = content(file("forwarded.msg"), kinds.MSG)
    assert found.title == "FW: Wind limits für Kräne"
    assert found.blocks[4:] == (
        Heading("Wind limits für Kräne", 1),
        Paragraph(
            "From: Harbour office (office@harbour.example); To: Petra Lang "
            "(petra.lang@nordwind.example); Date: 2026-03-01 08:00 +00:00"
        ),
        Paragraph("The cranes stop at wind force 7."),
        Heading("prices.csv", 2),
        Paragraph("text/csv: Site,Crane,Price\nHarbour,KX-01,340\n"),
        Heading("Storm of February", 2),
        Paragraph(
            "From: Ada Roth (ada.roth@nordwind.example); To: Petra Lang "
            "(petra.lang@nordwind.example); Date: 2026-02-11 07:30 +00:00"
        ),
        Paragraph("It was wind force 9."),
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_mail_may_be_saved_in_another_encoding_than_it_was_sent(encoding: str) -> None:
    sent = mail(Subject="Kräne").as_bytes()
    assert content(sent.decode("ascii").encode(encoding)) == content(sent)


def test_names_in_a_mail_of_outlook_may_be_encoded_or_missing() -> None:
    changed = file("wind.msg")
    for name, other in (
        ("Petra Lang", "=?l1?q?P?="),
        ("Ada Roth", " " * 8),
        ("ada.roth@nordwind.example", " " * 25),
    ):
        changed = changed.replace(name.encode("utf-16-le"), other.encode("utf-16-le"))
    assert texts(content(changed, kinds.MSG).blocks)[0] == (
        "From: P (petra.lang@nordwind.example); To: Jo Ahmadi (jo.ahmadi@nordwind.example); "
        "Date: 2026-03-02 09:15 +00:00"
    )


def test_what_is_attached_to_a_mail_of_outlook_and_not_read_is_in_its_notes() -> None:
    assert content(file("forwarded.msg"), kinds.MSG).notes == (
        "attachments left out: 1 × files that are only linked are not read; "
        "1 × objects of other programs are not read",
    )


def test_mails_that_lie_too_deep_in_mails_of_outlook_are_in_the_notes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlook, "_DEEPEST", 1)
    found = content(file("forwarded.msg"), kinds.MSG)
    assert "It was wind force 9." not in texts(found.blocks)
    assert found.notes[0] == (
        "Wind limits für Kräne: attachments left out: 1 × it lies in too many files within files"
    )


def test_old_encodings_of_headers_and_text_are_read() -> None:
    made = "From: Jörg <j@x.example>\r\nSubject: Öltank\r\n\r\nDie Größe des Tanks ist 40 m³.\r\n"
    for encoding in ("utf-8", "cp1252"):
        found = content(made.encode(encoding))
        assert found.title == "Öltank"
        assert texts(found.blocks) == ["From: Jörg (j@x.example)", "Die Größe des Tanks ist 40 m³."]


def test_flowing_lines_are_joined() -> None:
    made = mail(Content_Language="en")
    made.set_content("One sentence \nin two lines.\nAnother.", params={"format": "flowed"})
    assert texts(content(made.as_bytes()).blocks)[-1] == "One sentence in two lines. Another."


@pytest.mark.parametrize("kind", list(FILES.values()))
def test_nothing_is_an_error_for_people(kind: str) -> None:
    with pytest.raises((EmptySource, UnreadableSource)):
        content(b"", kind)


@pytest.mark.slow
def test_mails_that_nest_too_deep_cost_only_themselves() -> None:
    depth = 2_000
    made = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)
    )
    survives(lambda: content(made.encode()))
    survives(lambda: content(b"Content-Type: message/rfc822\n\n" * depth))
    survives(lambda: content(b"From: " + b"(" * 9_000 + b"\n\nwords"))


@pytest.mark.slow
def test_time_grows_with_the_text() -> None:
    for piece in (
        "> ",
        ">\n",
        "- ",
        "On a wrote:\n",
        "From: a\n",
        "-----",
        "\n\n",
        "=?u?q?",
        "<a ",
    ):
        for before in ("Subject: a\n\n", "Subject: ", "To: ", "References: "):
            assert is_linear(
                lambda text: survives(lambda: content(text.encode())),
                lambda size, before=before, piece=piece: (  # type: ignore[misc]
                    before + piece * (size // len(piece))
                ),
            )


@pytest.mark.parametrize("name", list(FILES))
def test_damaged_mails_cost_only_themselves(name: str) -> None:
    @given(damaged(file(name)))
    @settings(deadline=None)
    def check(made: bytes) -> None:
        survives(lambda: content(made, FILES[name]))

    check()


@given(st.binary(max_size=1_000))
@settings(deadline=None)
def test_any_bytes_cost_only_themselves(made: bytes) -> None:
    for kind in FILES.values():
        survives(lambda kind=kind: content(made, kind))  # type: ignore[misc]
