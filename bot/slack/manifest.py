"""The app manifest: paste it at api.slack.com/apps, and Slack creates the whole app."""

from typing import Any

COMMAND = "/phi3-ingest"
ADD_FILES = "Add to expert's docs"
"""The entry in a message's menu that reads its files."""

SHORTCUT = "ingest_files"
ANSWER_SHORTCUT = "answer_message"
THREAD_SHORTCUT = "ingest_thread"
STOPPED = "agent_session_stopped"
"""The event that a person pressed Stop."""

_PATH = "/slack/events"
INSTALL = "/slack/install"
"""The page on which people install the app in their workspace."""
REDIRECT = "/slack/oauth_redirect"
"""Where Slack sends their browser then."""

SCOPES = (
    "app_mentions:read",  # mentions
    "channels:history",  # follow-ups in threads, and channels that are read as documents
    "channels:read",  # who can read what stands in a channel, and which channel has a name
    "chat:write",  # answers, streams, status, ephemeral messages
    "commands",  # /phi3-ingest and the shortcut
    "files:read",  # files to be ingested
    "files:write",  # the picture in a night's report
    "groups:history",
    "groups:read",
    "im:history",  # direct messages
    "im:read",
    "mpim:history",
    "mpim:read",
    "reactions:read",  # thumbs as reactions
    "reactions:write",  # a thumb for thanks
    "users:read",  # who is a guest, and reads only what they were given
)

EVENTS = (
    STOPPED,
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
)


REMOVALS = ("app_uninstalled", "tokens_revoked")
"""The events that a workspace removed the app; they need no scope."""


def manifest(url: str = "", install_url: str = "") -> dict[str, Any]:
    """The manifest as Slack reads it.

    ``url`` is the public https address of HTTP mode (its path is added); empty: Socket Mode.
    ``install_url`` is where several workspaces install the app; empty: it is for one.
    """
    there = {"request_url": url.rstrip("/") + _PATH} if url else {}
    events = [*EVENTS, *(REMOVALS if install_url else ())]
    back = {"redirect_urls": [install_url.rstrip("/") + REDIRECT]} if install_url else {}
    settings = {
        "event_subscriptions": {"bot_events": events, **there},
        "interactivity": {"is_enabled": True, **there},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not url,
        "token_rotation_enabled": bool(install_url),
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Phi-3 Expert",
            "description": "Answers from the team's own documents, and learns from your thumbs.",
        },
        "features": _features(url),
        "oauth_config": {**back, "scopes": {"bot": list(SCOPES)}},
        "settings": settings,
    }


def _features(url: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "description": "Add documents to the expert",
        "usage_hint": "https://… | site https://… | #channel | list | status | settings | help",
        "should_escape": True,  # so that channels come with their ids
    }
    if url:
        command["url"] = url.rstrip("/") + _PATH
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "agent_view": {
            "agent_description": "Answers from the team's own documents, with its sources.",
            "suggested_prompts": [
                {"title": "How do I …?", "message": "How do I get a new laptop?"},
                {"title": "Who …?", "message": "Who approves expenses?"},
            ],
        },
        "bot_user": {"display_name": "Phi-3 Expert", "always_online": True},
        "slash_commands": [command],
        "shortcuts": [
            {
                "name": "Answer this",
                "type": "message",
                "callback_id": ANSWER_SHORTCUT,
                "description": "The expert answers this message in its thread",
            },
            {
                "name": ADD_FILES,
                "type": "message",
                "callback_id": SHORTCUT,
                "description": "Lets the expert answer from the files of this message",
            },
            {
                "name": "Add thread to docs",
                "type": "message",
                "callback_id": THREAD_SHORTCUT,
                "description": "Lets the expert answer from this thread",
            },
        ],
    }
