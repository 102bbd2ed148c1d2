"""Runs the roles with all parts wired."""

from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING

from cli.alive import Role, marking
from cli.environment import hide_from_bolt
from cli.extras import lacks_console
from cli.garbage import kept
from cli.local_server import is_loopback, own_url
from cli.printing import say
from cli.processes import exiting_on_sigterm
from cli.settings import Settings
from cli.traces import traces_if_wanted
from cli.wiring import Container, adapter_cache
from domain.errors import ConfigError
from domain.spans import watching

if TYPE_CHECKING:
    from serving.process import App


def run_bot(settings: Settings) -> None:
    """Runs the Slack bot until a signal ends it. Raises ConfigError without Slack's tokens."""
    if not settings.slack_mode:
        raise ConfigError(
            "Slack is not configured: set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN for Socket Mode or "
            "SLACK_SIGNING_SECRET for HTTP mode (`phi3 manifest` prints the app to make). For "
            "several workspaces set SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and PHI3_TOKEN_KEY "
            "instead of SLACK_BOT_TOKEN."
        )
    from bot.metrics import step_done
    from bot.run import until_stopped
    from bot.slack.http import run_http
    from bot.slack.http_server import serving
    from bot.slack.socket_mode import run_socket_mode
    from bot.slack.wsgi import WsgiApp
    from cli.bots import install_pages, workspaces
    from cli.readiness import Readiness
    from cli.status import telling_status

    hide_from_bolt()
    with (
        Container(with_default_server(settings)) as container,
        until_stopped() as stop,
        ExitStack() as told,
        marking(settings.home, Role.BOT) as alive,
        kept() as objects,
    ):

        def mark() -> None:
            alive()
            objects.renew()

        ready = Readiness(container.database.check, is_socket=settings.slack_mode == "socket")
        told.enter_context(telling_status(settings, Role.BOT, ready.check))
        told.enter_context(watching(timer=step_done))
        told.enter_context(traces_if_wanted("phi3-bot"))
        is_many = settings.has_workspaces
        bot = workspaces(container) if is_many else container.bot
        pages = install_pages(container) if is_many else None
        host, port, check = (
            settings.slack_http_host,
            settings.slack_http_port,
            container.database.check,
        )
        if settings.slack_mode == "http":
            secret = settings.slack_signing_secret.get_secret_value()
            run_http(bot, secret, stop, host=host, port=port, check=check, pages=pages, mark=mark)
            return
        # The pages of an installation need an address also in Socket Mode.
        served = serving(WsgiApp(bot.app, "", check, pages), stop, host, port)
        with served if pages else nullcontext():
            token = settings.slack_app_token.get_secret_value()
            run_socket_mode(bot, token, stop, mark=mark, heard=ready.heard)


def run_schedule(settings: Settings) -> None:
    """Runs the scheduler until a signal ends it. Raises DatabaseUnavailable."""
    from cli.run_night import JOB
    from cli.status import telling_status
    from records.figure_metrics import DatabaseFigures
    from training.schedule import run_schedule as run

    with Container(settings) as container, marking(settings.home, Role.SCHEDULE) as mark:
        database = container.database
        database.check()
        # There is one scheduler, so that what is the same for all processes is told once.
        figures = DatabaseFigures(database)
        with telling_status(settings, Role.SCHEDULE, database.check, figures):
            run(settings.database, JOB, settings.night_at, settings.time_zone, mark)


def run_sync(settings: Settings) -> None:
    """Reads collections when they are due until a signal ends it. Raises DatabaseUnavailable."""
    from bot.ingest.due_collections import read_due_collections
    from bot.run import GRACE, until_stopped
    from cli.status import telling_status

    with (
        Container(settings) as container,
        until_stopped() as stop,
        marking(settings.home, Role.SYNC) as mark,
    ):
        check = container.database.check
        check()
        with telling_status(settings, Role.SYNC, check):
            # The embedding model is loaded when the first collection is due.
            reader, jobs = container.collection_reader, container.jobs
            read_due_collections(reader, jobs, stop, GRACE, mark=mark)


def serve_model(settings: Settings) -> None:
    """Runs the model server until a signal ends it.

    Raises ConfigError for an unknown model, if the port is taken, and where other machines could
    use it with a key that they cannot know.
    """
    if not settings.server_key.get_secret_value() and not is_loopback(settings.server_host):
        raise ConfigError(
            "PHI3_SERVER_HOST lets other machines use the model server: set PHI3_SERVER_KEY too."
        )
    from cli.server_key import own_key
    from serving.listening import listen

    key = own_key(settings)
    with listen(settings.server_host, settings.server_port) as listener:
        from serving.process import serve

        # uvicorn sends itself the signal again that ended it.
        with exiting_on_sigterm(), traces_if_wanted("phi3-server"):
            serve(lambda: _model_app(settings, key), listener)


def _model_app(settings: Settings, key: str) -> "App":
    """Loads the model. Raises ConfigError."""
    from cli.memory import plan_if_known
    from serving.adapter_loader import AdapterLoader
    from serving.default_model import default_model
    from serving.engine import Engine
    from serving.memory.server import GRAPHS
    from serving.models import load, resolve
    from serving.server import create_app
    from serving.starter import FOLDER as STARTER
    from serving.starter import starter_of

    copies = adapter_cache(settings)
    files = resolve(settings.model or default_model(), settings.home)
    model, tokenizer = load(files)
    own = (settings.home / "adapters", STARTER, *([copies.folder] if copies else []))
    folders = (*own, *settings.adapter_folders)
    plan = plan_if_known(settings)
    engine = Engine(
        *(model, tokenizer, files.name),
        folders=folders,
        cache_tokens=plan.server.cache_tokens if plan else None,
        graphs=plan.graphs if plan else GRAPHS,
        reload=lambda: load(files)[0],
    )
    loader = AdapterLoader(engine, copies, starter_of(files.name)) if copies else None
    names = (settings.server_host, *settings.server_names)
    return create_app(engine, key, names=names, loader=loader)


def run_all(settings: Settings, *, opens: bool = False) -> None:
    """Every role that this machine is configured for, until Ctrl-C.

    With ``opens`` the browser opens the console, where there is a screen.
    """
    from cli.supervisor import run_roles

    with Container(settings) as container:
        container.database.check()  # here, so that not every role creates the tables
    roles = ["schedule"]
    if not settings.server_url:
        roles.insert(0, "serve")
    if settings.slack_mode:
        roles.append("bot")
    else:
        # With Slack, the bot reads the collections that are due.
        roles.append("sync")
        say("No Slack tokens are set, so the bot does not run (docs/into-slack.md).")
    if lacking := lacks_console():
        say(str(lacking))
    else:
        roles.append("console")
        if opens:
            from cli.run_console import open_when_it_answers

            open_when_it_answers(settings)
    run_roles(roles, settings)


def with_default_server(settings: Settings) -> Settings:
    """The settings, with our own server's usual address if no other is configured."""
    url = settings.server_url or own_url(settings.server_port, settings.server_host)
    return settings.model_copy(update={"server_url": url})
