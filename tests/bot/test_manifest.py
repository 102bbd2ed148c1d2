import json
import re
from pathlib import Path

import pytest

import bot
from bot.slack.manifest import EVENTS, SCOPES, manifest

# The scope that each method of the Web API needs, from Slack's method reference.
NEEDS: dict[str, set[str]] = {
    "auth_test": set(),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_stream": {"chat:write"},
    "chat_stopStream": {"chat:write"},
    "chat_delete": {"chat:write"},
    "agents_sessions_setStatus": {"chat:write"},
    "assistant_threads_setStatus": {"chat:write"},
    "views_open": set(),
    "views_publish": set(),
    "conversations_history": {f"{kind}:history" for kind in ("channels", "groups", "im", "mpim")},
    "conversations_replies": {f"{kind}:history" for kind in ("channels", "groups", "im", "mpim")},
    "conversations_list": {"channels:read"},
    "conversations_info": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations_members": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "files_info": {"files:read"},
    "files_upload_v2": {"files:write"},
    "reactions_add": {"reactions:write"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
}
HEARS = {
    "agent_session_stopped": "chat:write",
    "app_home_opened": "",  # needs none
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
CALL = re.compile(
    r"\.((?:agents|auth|chat|assistant|views|conversations|files|users|reactions|apps)_\w+)\("
)


def test_scopes_are_exactly_those_that_are_used() -> None:
    source = "".join(file.read_text() for file in Path(*bot.__path__).glob("**/*.py"))
    called = set(CALL.findall(source))
    used = set().union(*(NEEDS[method] for method in called))

    assert set(SCOPES) == used | ({HEARS[event] for event in EVENTS} - {""}) | {"commands"}


@pytest.mark.parametrize("url", ["", "https://bot.example.com/"])
def test_manifest_stays_within_slacks_limits(url: str) -> None:
    made = manifest(url)
    info, features = made["display_information"], made["features"]

    assert len(info["name"]) <= 35
    assert len(info["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert len(features["slash_commands"][0]["usage_hint"]) <= 1000
    assert len(features["shortcuts"][0]["name"]) <= 24
    assert len(features["shortcuts"][0]["description"]) <= 150
    assert "assistant_view" not in features
    json.dumps(made)


def test_socket_mode_needs_no_address() -> None:
    made = manifest()

    assert made["settings"]["socket_mode_enabled"]
    assert "request_url" not in json.dumps(made)


def test_several_workspaces_install_it_and_say_when_they_remove_it() -> None:
    made = manifest("https://bot.example.com", "https://bot.example.com/")
    there = "https://bot.example.com/slack/oauth_redirect"
    assert made["oauth_config"]["redirect_urls"] == [there]
    assert made["settings"]["token_rotation_enabled"]
    heard = made["settings"]["event_subscriptions"]["bot_events"]
    assert {"app_uninstalled", "tokens_revoked"} <= set(heard)

    alone = manifest("https://bot.example.com")
    assert "redirect_urls" not in alone["oauth_config"]
    assert not alone["settings"]["token_rotation_enabled"]


def test_http_mode_tells_slack_where_to_send() -> None:
    made = manifest("https://bot.example.com/")
    there = "https://bot.example.com/slack/events"

    assert not made["settings"]["socket_mode_enabled"]
    assert made["settings"]["event_subscriptions"]["request_url"] == there
    assert made["settings"]["interactivity"]["request_url"] == there
    assert made["features"]["slash_commands"][0]["url"] == there
