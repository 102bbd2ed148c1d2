"""The page Sources, over the real index and reader: documents are added, found and removed."""

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, expect

from cli.forgetting import forget_source
from cli.targets import Wanted, collection_of
from cli.wiring import Container
from domain.console import ConsoleRole
from domain.documents import SourceState
from domain.questions import Audience, Citation, Passage, Question
from knowledge.sources import uploads
from records.answers import Answers
from records.audit import AuditLog
from records.source_pages import SourcePages
from records.sources import Sources
from tests.console.browsers import look_at, signed_in_page
from tests.console.made_data import HOSTILE
from tests.console.running_console import RunningConsole, post
from tests.records.makers import answer, question, source

TEXT = "The office dog is called Biscuit. He sleeps under the printer."


def read_due(container: Container) -> None:
    """What `phi3 sync` does every few seconds."""
    for collection in container.collections.due(datetime.now(UTC)):
        container.collection_reader.read(collection)


def found(container: Container, text: str = "What is the office dog called?") -> list[str]:
    asked = Question("q", text, "U1", datetime.now(UTC), Audience.everyone())
    return [passage.source for passage in container.searcher.search(asked).passages]


def texts(container: Container) -> list[str]:
    asked = Question("q", "What is the dog called?", "U1", datetime.now(UTC), Audience.everyone())
    return [passage.text for passage in container.searcher.search(asked).passages]


def upload(client: httpx.Client, name: str, content: bytes, **fields: str) -> httpx.Response:
    token = client.get("/sources/add").text.split('name="csrf" value="')[1].split('"')[0]
    files = {"file": (name, content)}
    return client.post("/sources/upload", data={"csrf": token, **fields}, files=files)


def files_in(container: Container) -> list[Path]:
    """The files that were sent, the oldest first."""
    return sorted(path for path in container.settings.uploads.rglob("*") if path.is_file())


@pytest.mark.slow
def test_an_upload_that_fails_keeps_who_may_read_it(console_of: RunningConsole) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        refused = upload(client, "pay.md", b"Pay.", upload_readers="channel:t1:c1")
        assert refused.status_code == 422
        assert 'value="channel:t1:c1"' in refused.text
        none = post(client, "/sources/upload", "/sources/add", file="", upload_readers="team:T1")
        assert "Choose a file." in none.text
        assert 'value="team:T1"' in none.text
        kept = upload(client, "pay.md", b"Pay.", upload_readers="channel:T1:C1")
        assert "Who may: " in kept.text


@pytest.mark.slow
def test_what_was_added_for_fewer_is_not_opened_by_adding_it_again(
    console_of: RunningConsole, container: Container
) -> None:
    address, few = "https://wiki.example/pay", Audience.of("channel:T1:C9")
    new = collection_of(address, Wanted(few), "U9")
    container.collections.add(new)
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        path = "/sources/add"
        said = post(client, path, path, target=address, readers="everyone").text
        assert "who may read that stays as it is" in said
        refused = post(client, path, path, target=address, readers="everyone", wider="true")
        assert "only one of them can open it" in refused.text
    assert container.collections.get(new.uri).readers == few


@pytest.mark.slow
def test_removing_the_first_page_of_a_site_says_what_goes_with_it(
    console_of: RunningConsole, container: Container
) -> None:
    start = "https://docs.example/"
    new = collection_of(start, Wanted(Audience.everyone(), site=True), "U1")
    uri = container.collections.add(new).uri
    pages = [source(uri), source(f"{uri}tea"), source(f"{uri}cake")]
    container.sources.save_all(pages)
    container.sources.join(uri, pages, Audience.everyone(), datetime.now(UTC))
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        path = f"/sources/remove?uri={quote(uri)}"
        assert "all 3 documents" in client.get(path).text
        assert "whole site" in post(client, "/sources/again", path, uri=uri).text
        one = f"/sources/remove?uri={quote(pages[1].uri)}"
        assert "whole site" not in client.get(one).text


@pytest.mark.slow
def test_an_uploaded_file_is_read_found_and_removed(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        assert "dog.md is read within a minute." in upload(client, "dog.md", TEXT.encode()).text
        read_due(container)
        [uri] = found(container)
        [kept] = files_in(container)
        assert kept.read_text("utf-8") == TEXT
        listed = client.get("/sources?text=DOG&state=indexed").text
        assert f'href="/sources/one?uri={quote(uri)}"' in listed
        assert "Biscuit" in client.get("/sources/one", params={"uri": uri}).text
        path = f"/sources/remove?uri={quote(uri)}"
        assert "gone from every later answer" in client.get(path).text
        assert "removed" in post(client, "/sources/remove", path, uri=uri).text
        assert "There is none" in client.get("/sources?text=dog").text
    assert found(container) == []
    assert not files_in(container)
    did = [(entry.did, entry.to) for entry in console_of.parts.audit.latest(5)]
    assert {("uploaded", uri), ("removed", uri)} <= set(did)


@pytest.mark.slow
def test_a_file_that_is_sent_again_replaces_the_earlier_one_once_it_is_read(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        upload(client, "dog.md", TEXT.encode())
        read_due(container)
        upload(client, "dog.md", TEXT.replace("Biscuit", "Crumb").encode())
        assert any("Biscuit" in text for text in texts(container))  # until the new one is read
        assert len(files_in(container)) == 2
    for _ in range(2):
        read_due(container)
        container.collections.make_due(found(container)[0], datetime.now(UTC))
    assert [text for text in texts(container) if "Crumb" in text] == texts(container) != []
    [kept] = files_in(container)
    assert "Crumb" in kept.read_text("utf-8")
    assert len(container.collections.all()) == 1


@pytest.mark.slow
def test_a_forgotten_upload_is_gone_with_its_file(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        upload(client, "dog.md", TEXT.encode())
        read_due(container)
        forget_source(container, found(container)[0])
    assert (texts(container), files_in(container), container.collections.all()) == ([], [], [])


@pytest.mark.slow
def test_a_new_version_that_cannot_be_read_leaves_the_earlier_one(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        upload(client, "dog.pdf.md", TEXT.encode())
        read_due(container)
        upload(client, "dog.pdf.md", b"%PDF-1.7 and then nothing")
        read_due(container)
    assert any("Biscuit" in text for text in texts(container))
    assert len(files_in(container)) == 2


@pytest.mark.slow
def test_a_file_of_the_same_name_for_others_stands_beside_it(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        for readers in ("everyone", "channel:T1:C9"):
            upload(client, "dog.md", TEXT.encode(), upload_readers=readers)
    assert len({one.uri for one in container.collections.all()}) == len(files_in(container)) == 2


@pytest.mark.slow
def test_readers_see_the_name_of_an_upload_and_no_path_of_the_server(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        upload(client, "dog.md", TEXT.encode())
        read_due(container)
        [uri] = found(container)
    asked = replace(question(), audience=Audience.everyone())
    Answers(container.database).ask(asked)
    cited = Citation(1, uri, "", "Biscuit", "p", (6,))
    passage = Passage("p", uri, "", TEXT, 0.9, 0.9, Audience.everyone())
    made = replace(answer(asked), citations=(cited,), passages=(passage,))
    Answers(container.database).record(made)
    paths = [f"/answers/{made.id}{more}" for more in ("", "/source/1", "/why")]
    paths += ["/sources", f"/sources/one?uri={quote(uri)}", "/audit"]
    with console_of.signed_in() as client:
        shown = [client.get(path) for path in paths]
    assert [page.status_code for page in shown] == [200] * len(paths)
    assert all("dog.md" in page.text for page in shown)
    assert not any(str(container.settings.home) in page.text for page in shown)
    assert all(uri not in re.sub("<[^>]*>", "", page.text) for page in shown[:-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", "a\\b\\evil.md", "\u202egnp.md", "x" * 500 + ".md", HOSTILE]
)
def test_no_name_leaves_the_folder_for_uploads(
    console_of: RunningConsole, container: Container, name: str
) -> None:
    with console_of.signed_in() as client:
        assert upload(client, name, TEXT.encode()).status_code == 200
    [kept] = files_in(container)
    assert len(kept.name) <= 110
    assert kept.read_text("utf-8") == TEXT


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(
    console_of: RunningConsole, container: Container
) -> None:
    host = console_of.url.removeprefix("http://")
    with console_of.signed_in() as client, closing(HTTPConnection(host)) as raw:
        raw.putrequest("POST", "/sources/upload")
        raw.putheader("Content-Type", "multipart/form-data; boundary=x")
        raw.putheader("Content-Length", str(2 << 30))
        raw.putheader("Cookie", "; ".join(f"{k}={v}" for k, v in client.cookies.items()))
        raw.endheaders()
        refused = raw.getresponse()
        assert refused.status == 413
        assert "At most 200 MB" in refused.read().decode()
    assert not (container.settings.home / "uploads").exists()


@pytest.mark.slow
def test_a_full_disk_changes_nothing(
    console_of: RunningConsole, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "copyfileobj", full)
    with console_of.signed_in() as client:
        shown = upload(client, "dog.md", TEXT.encode())
    assert shown.status_code == 507
    assert "No space left on device" in shown.text
    assert not list((container.settings.home / "uploads").iterdir())
    assert container.collections.all() == []


@pytest.mark.slow
@pytest.mark.parametrize("target", ["/etc/passwd", "file:///etc/passwd", "ftp://a.example/", "x"])
def test_nobody_reads_this_machines_files_by_an_address(
    console_of: RunningConsole, container: Container, target: str
) -> None:
    with console_of.signed_in() as client:
        for do in ("add", "try"):
            shown = post(client, "/sources/add", "/sources/add", target=target, do=do)
            assert shown.status_code == 422
            assert "Only addresses that begin with" in shown.text
    assert container.collections.all() == []


@pytest.mark.slow
def test_nobody_leaves_the_uploads_or_gives_one_to_others(
    console_of: RunningConsole, container: Container
) -> None:
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        upload(client, "dog.md", TEXT.encode(), upload_readers="channel:T1:C9")
        [kept] = container.collections.all()
        for target in (kept.uri, f"{container.settings.home}/uploads/../phi3.db"):
            for do in ("add", "try"):
                shown = post(client, "/sources/add", "/sources/add", target=target, do=do)
                assert shown.status_code == 422
    [after] = container.collections.all()
    assert after.readers == Audience.of("channel:T1:C9")


@pytest.mark.slow
def test_an_address_is_added_for_its_readers_and_tried_without_change(
    console_of: RunningConsole, container: Container
) -> None:
    address = "https://127.0.0.1:1/page"  # no address of the private network is read
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        tried = post(client, "/sources/add", "/sources/add", target=address, do="try")
        assert "Nothing was changed." in tried.text
        assert container.collections.all() == []
        wrong = post(client, "/sources/add", "/sources/add", target=address, readers="all")
        assert wrong.status_code == 422
        fields = {"target": address, "readers": "channel:T1:C1"}
        assert "channel C1" in post(client, "/sources/add", "/sources/add", **fields).text
    [collection] = container.collections.all()
    assert collection.readers == Audience.of("channel:T1:C1")
    assert collection.next_at
    assert collection.next_at <= datetime.now(UTC)


@pytest.mark.slow
def test_an_address_with_a_password_is_kept_nowhere(
    console_of: RunningConsole, container: Container
) -> None:
    address = "git+https://bot:s3cret@git.example/r.git"
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        shown = post(client, "/sources/add", "/sources/add", target=address)
        assert shown.status_code == 422
        assert "an address with a password in it is not read" in shown.text
    assert container.collections.all() == []
    assert not any("s3cret" in one.to for one in AuditLog(container.database).latest(9))


@pytest.mark.slow
def test_a_page_does_not_silently_stay_one_where_a_site_is_added(
    console_of: RunningConsole, container: Container
) -> None:
    address = "https://127.0.0.1:1/docs/"
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        post(client, "/sources/add", "/sources/add", target=address)
        shown = post(client, "/sources/add", "/sources/add", target=address, site="true")
        assert shown.status_code == 422
        assert "it is known as a page" in shown.text
    assert [one.kind for one in container.collections.all()] == ["page"]


@pytest.mark.slow
def test_only_what_one_may_read_is_shown(console_of: RunningConsole, container: Container) -> None:
    secret = replace(source("https://secret.example/"), audience=Audience.of("channel:T1:C9"))
    Sources(container.database).save(secret)
    with console_of.signed_in() as client:
        assert "secret.example" not in client.get("/sources").text
        for path in ("/sources/one", "/sources/remove"):
            assert client.get(path, params={"uri": secret.uri}).status_code == 404
        for path in ("/sources/again", "/sources/remove"):
            assert post(client, path, uri=secret.uri).status_code == 404
    found = Sources(container.database).find(secret.uri)
    assert found
    assert found.state is not SourceState.REMOVED


@pytest.mark.slow
def test_who_removes_what_somebody_removed_just_before_is_told(
    console_of: RunningConsole, container: Container
) -> None:
    known = source("https://a.example/")
    Sources(container.database).save(known)
    with console_of.signed_in() as client:
        Sources(container.database).withdraw(known.uri, None, datetime.now(UTC))
        Sources(container.database).grant(known.uri, Audience.everyone(), "U1", datetime.now(UTC))
        for path in ("/sources/remove", "/sources/again"):
            late = post(client, path, uri=known.uri)
            assert late.status_code in (404, 409)
    assert {"removed", "read again"}.isdisjoint(
        entry.did for entry in console_of.parts.audit.latest(9)
    )


@pytest.mark.slow
def test_readers_change_nothing(console_of: RunningConsole) -> None:
    with console_of.signed_in(ConsoleRole.READER) as client:
        assert client.get("/sources/add").status_code == 403
        for path in ("/sources/add", "/sources/upload", "/sources/again", "/sources/remove"):
            assert post(client, path, uri="x").status_code in (403, 422)
        assert post(client, "/sources/add", target="https://a.example/").status_code == 403


def test_pages_of_sources_follow_each_other(container: Container) -> None:
    rows = [source(f"https://a.example/{n:02}", SourceState.INDEXED) for n in range(7)]
    Sources(container.database).save_all(rows)
    pages, seen, after = SourcePages(container.database), list[str](), ""
    while found := pages.page(None, 3, after=after):
        seen += [one.uri for one in found]
        after = seen[-1]
    assert seen == [one.uri for one in rows]
    assert pages.page(None, 9, text="%") == []


@pytest.mark.slow
@pytest.mark.browser
def test_a_source_is_added_found_and_removed_in_a_browser(
    console_of: RunningConsole, container: Container, browser: Browser, pictures: Path
) -> None:
    with signed_in_page(console_of, browser) as page:
        page.get_by_role("link", name="Sources", exact=True).click()
        page.get_by_role("link", name="Add a source").click()
        look_at(page, pictures, "source-add")
        (container.settings.home.parent / "dog.md").write_text(TEXT, "utf-8")
        file = page.get_by_label("File", exact=True)
        file.set_input_files(container.settings.home.parent / "dog.md")
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_text("is read within a minute.")).to_be_visible()
        read_due(container)
        page.reload()
        look_at(page, pictures, "sources")
        page.get_by_role("link", name="dog").click()
        look_at(page, pictures, "source-one")
        page.get_by_role("link", name="Remove it").click()
        page.get_by_role("button", name="Remove it").click()
        expect(page.get_by_text("There is none that you may read.")).to_be_visible()
    assert found(container) == []
