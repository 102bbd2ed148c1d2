"""The pages with which people install the app in their workspace."""

import logging
from html import escape

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore

from bot.slack.errors import translated
from bot.slack.manifest import INSTALL, REDIRECT, SCOPES
from bot.workspaces.store import NotInstalled
from domain.errors import Phi3Error, public_text

log = logging.getLogger(__name__)

_WHY = {
    "access_denied": "You did not allow it.",
    "invalid_browser": "It was begun in another browser, or this page was loaded twice.",
    "invalid_state": "It was begun more than ten minutes ago, or is done already.",
}
_HTML = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}


class InstallPages:
    """Bolt's flow does the work: the state, the browser's cookie, and the exchange of the code."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        installations: InstallationStore,
        states: OAuthStateStore,
        url: str,
    ) -> None:
        """``url`` is the address of Slack's API."""
        self._flow = OAuthFlow(
            client=WebClient(base_url=url),
            logger=log,
            settings=OAuthSettings(
                client_id=client_id,
                client_secret=client_secret,
                scopes=list(SCOPES),
                user_scopes=[],
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                installation_store=installations,
                state_store=states,
                callback_options=CallbackOptions(_installed, _not_installed),
            ),
        )

    def answer(self, path: str, request: BoltRequest) -> BoltResponse:
        """The page at ``INSTALL`` or ``REDIRECT``; none raises an error of ours or of Slack's."""
        try:
            with translated("the installation"):
                if path == INSTALL:
                    return self._flow.handle_installation(request)
                return self._flow.handle_callback(request)
        except Phi3Error as error:
            log.exception("An installation failed")
            return _page(503, "Not installed", f"{public_text(error)} Try again in a minute.")


def _installed(args: SuccessArgs) -> BoltResponse:
    team = args.installation.team_name or "your workspace"
    said = f"The expert is installed in {team}. Invite it to a channel, and mention it."
    response = _page(200, "Installed", said, "Install it in another workspace")
    response.headers["set-cookie"] = [args.settings.state_utils.build_set_cookie_for_deletion()]
    return response


def _not_installed(args: FailureArgs) -> BoltResponse:
    if isinstance(args.error, NotInstalled):
        return _page(403, "Not installed", str(args.error))
    said = _WHY.get(args.reason, "Slack did not accept it.")
    return _page(args.suggested_status_code, "Not installed", said)


def _page(status: int, title: str, text: str, again: str = "Try again") -> BoltResponse:
    """``again`` is the text of a link to where it begins."""
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(text)}</p>"
        f'<p><a href="{INSTALL}">{escape(again)}</a></p></html>'
    )
    return BoltResponse(status=status, body=body, headers=dict(_HTML))
