"""One app in two workspaces: T1 and T2, each a double of Slack, behind one address."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.slack.client import SlackClient
from bot.slack.http import run_http
from bot.workspaces.bots import Workspaces
from bot.workspaces.installing import InstallPages
from bot.workspaces.store import SqlInstallationStore, SqlStateStore
from bot.workspaces.tokens import Tokens
from domain.installations import Installation
from domain.questions import Audience, Evidence, Passage, Question
from records.database import Database
from records.install_states import InstallStates
from records.installations import Installations
from records.token_cipher import TokenCipher
from tests.bot.running_bot import RunningBot, Script, build
from tests.bot.sender import Sender
from tests.slack_double import BOT_TOKEN, SECRET, SlackDouble

KEY, NEW_KEY = f"{'k' * 43}=", f"{'n' * 43}="
SECOND_TOKEN = "xoxb-second"


class Filtered(Script):
    """Finds what the audience of a question may read, as the index does."""

    def search(self, question: Question, k: int | None = None) -> Evidence:
        self.asked.append(question)
        found = tuple(one for one in self.passages if question.audience.may_read(one.audience))
        return Evidence(found, sufficient=bool(found))


def document(team: str) -> Passage:
    text = f"New laptops of {team} arrive within five days."
    audience = Audience.of(f"team:{team}")
    return Passage(f"p{team}", f"/docs/{team}.md", f"Laptops {team}", text, 1.0, 0.9, audience)


@dataclass(frozen=True)
class Page:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def cookie(self) -> str:
        return self.headers["set-cookie"].split(";")[0]

    @property
    def state(self) -> str:
        address = self.text.split('<a href="')[1].split('"')[0].replace("&amp;", "&")
        return parse_qs(urlsplit(address).query)["state"][0]


@dataclass
class RunningWorkspaces:
    first: SlackDouble
    second: SlackDouble
    script: Script
    installations: Installations
    workspaces: Workspaces
    database: Database
    bots: dict[str, RunningBot]
    send: Sender

    def get(self, path: str, cookie: str = "") -> Page:
        connection = HTTPConnection("127.0.0.1", self.send.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Page(response.status, response.read().decode(), headers)
        finally:
            connection.close()

    def install(self, code: str, **given: Any) -> Page:
        """Goes the way of a person who installs the app; Slack then gives ``given``."""
        self.first.codes[code] = access(**given)
        page = self.get("/slack/install")
        return self.get(f"/slack/oauth_redirect?code={code}&state={page.state}", page.cookie)

    def finished(self) -> None:
        for bot in list(self.bots.values()):
            self.first.wait_for(lambda bot=bot: not bot.open_jobs())  # type: ignore[misc]


def access(team: str = "T2", token: str = SECOND_TOKEN, **more: Any) -> dict[str, Any]:
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": "chat:write",
        "bot_user_id": "UBOT",
        "app_id": "A1",
        "team": {"id": team, "name": f"Company {team}"},
        "authed_user": {"id": "U1"},
    } | more


def installed(team: str, token: str, **more: Any) -> Installation:
    made = datetime.now(UTC)
    url = f"https://{team.lower()}.slack.com/"
    return Installation(team, f"Company {team}", "UBOT", "BBOT", "A1", url, made, token, **more)


def in_team(body: dict[str, Any], team: str) -> dict[str, Any]:
    """The same event in another workspace."""
    ours = [{"team_id": team, "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}]
    event = body["event"] | {"team": team}
    return body | {"team_id": team, "event": event, "authorizations": ours}


@pytest.fixture
def second(slack: SlackDouble) -> SlackDouble:
    double = SlackDouble(team="T2", token=SECOND_TOKEN, workspace="https://other.slack.com/")
    double.url = slack.url
    slack.others[SECOND_TOKEN] = double
    return double


@contextmanager
def serving(
    slack: SlackDouble, second: SlackDouble, file: Path, *keys: str, allowed: str = ""
) -> Iterator[RunningWorkspaces]:
    database = Database(f"sqlite:///{file}")
    script = Filtered(passages=(document("T1"), document("T2")))
    installations = Installations(database, TokenCipher(*keys))
    tokens = Tokens("1.2", "client-s3cret", installations, slack.url)
    bots: dict[str, RunningBot] = {}
    doubles = {"T1": slack, "T2": second}

    def bot_of(client: SlackClient) -> Any:
        team = client.me().team
        bots[team] = build(doubles[team], script, database, client=client)
        return bots[team].bot

    workspaces = Workspaces(installations, tokens, bot_of, slack.url)
    store = SqlInstallationStore(installations, allowed.split(), slack.url)
    states = SqlStateStore(InstallStates(database))
    pages = InstallPages("1.2", "client-s3cret", store, states, slack.url)
    stop, ports = Event(), SimpleQueue[int]()
    with ExitStack() as ending:
        ending.callback(database.close)
        thread = Thread(
            target=run_http,
            args=(workspaces, SECRET, stop),
            kwargs={"port": 0, "pages": pages, "ready": ports.put, "grace": 5},
        )
        thread.start()
        ending.callback(thread.join, 20)
        ending.callback(stop.set)
        sender = Sender(ports.get(timeout=60), SECRET)
        yield RunningWorkspaces(
            slack, second, script, installations, workspaces, database, bots, sender
        )


Serve = Callable[..., RunningWorkspaces]


@pytest.fixture
def both(
    slack: SlackDouble, second: SlackDouble, database_file: Path
) -> Iterator[RunningWorkspaces]:
    """The app is installed in both workspaces."""
    with serving(slack, second, database_file, KEY) as running:
        running.installations.save(installed("T1", BOT_TOKEN))
        running.installations.save(installed("T2", SECOND_TOKEN))
        yield running


@pytest.fixture
def none(
    slack: SlackDouble, second: SlackDouble, database_file: Path
) -> Iterator[RunningWorkspaces]:
    """Nobody has installed the app yet."""
    with serving(slack, second, database_file, KEY) as running:
        yield running
