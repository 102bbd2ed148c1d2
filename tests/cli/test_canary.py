"""Adapters on trial at the terminal, and the last resort."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.checks import check_all
from cli.forgetting import forget_answer
from cli.settings import Settings
from cli.wiring import Container
from domain.adapters import Order
from domain.errors import AdapterNotLoaded, PublishFailed
from domain.questions import Verdict
from domain.trials import Chosen
from serving.default_model import SMOLLM2
from tests.cli.test_adapters import home, made, phi3
from tests.records.makers import adapter, question
from tests.records.test_trials import asked, thumb
from training.publish import WEIGHTS

__all__ = ["home"]


@pytest.fixture
def tried(home: Path) -> Path:
    """``night-1`` is live, and ``night-2`` is on trial."""
    now = datetime.now(UTC)
    with Container(Settings(home=home)) as container:
        container.adapters.promote("night-1", now)
        asked(container.database, "0", None, now)
        order = Order("night", now - timedelta(minutes=1), "1")
        container.adapter_changes.promote_by_night("night-2", order, 0.3)
    return home


def test_list_shows_the_trial_and_its_thumbs(tried: Path) -> None:
    now = datetime.now(UTC)
    with Container(Settings(home=tried)) as container:
        for n, (by, verdict) in enumerate((("night-1", Verdict.UP), ("night-2", Verdict.DOWN))):
            thumb(container.database, asked(container.database, f"9{n}", by, now), "U1", verdict)
    shown = {one["name"]: one for one in phi3("adapters", "list")["adapters"]}
    trial = shown["night-2"]["trial"]
    assert (shown["night-2"]["state"], trial["share"], trial["against"]) == (
        "canary",
        0.3,
        "night-1",
    )
    assert trial["thumbs"] == {"trial": {"up": 0, "down": 1}, "others": {"up": 1, "down": 0}}
    assert (trial["ended_at"], trial["ending"]) == (None, None)
    assert shown["night-1"]["trial"] is None


def test_rollback_ends_the_trial_and_the_list_keeps_how(tried: Path) -> None:
    assert phi3("rollback") == {"live": "night-1"}
    shown = {one["name"]: one for one in phi3("adapters", "list")["adapters"]}
    assert (shown["night-2"]["state"], shown["night-2"]["trial"]["ending"]) == (
        "retired",
        "stopped",
    )


def test_promotion_of_what_is_on_trial_makes_it_live(tried: Path) -> None:
    assert phi3("promote", "night-2") == {"live": "night-2"}
    (ended,) = [one["trial"] for one in phi3("adapters", "list")["adapters"] if one["trial"]]
    assert ended["ending"] == "live"


def test_terminal_is_answered_by_what_is_on_trial(tried: Path) -> None:
    with Container(Settings(home=tried)) as container:
        assert container.live_adapter() == "night-2"
        cli = replace(question(), id="cli:1", thread="")
        assert container.adapter_choice.of(cli) == Chosen("night-2", on_trial=True)


@pytest.mark.parametrize(("token", "share"), [("", 0.0), ("xoxb-1", 0.2)])
def test_only_with_slack_an_adapter_is_on_trial(home: Path, token: str, share: float) -> None:
    chosen = Settings(
        _env_file=None,
        home=home,
        slack_bot_token=SecretStr(token),
        slack_app_token=SecretStr("xapp-1" if token else ""),
    )
    with Container(chosen) as container:
        assert container.canary._share == share


def test_adapters_of_another_base_model_do_not_answer(home: Path) -> None:
    now = datetime.now(UTC)
    with Container(Settings(home=home, model=SMOLLM2)) as container:
        for n, name in enumerate(("old-1", "old-2")):
            other = replace(adapter(name, now), base_model="another-base")
            container.adapters.add(other)
            if n == 0:
                container.adapters.promote(name, now)
        asked(container.database, "0", None, now)
        container.adapter_changes.promote_by_night("old-2", Order("night", now, "1"), 0.9)
        starter = container.starter.name if container.starter else None
        assert container.live_adapter() == starter
        assert container.adapter_choice.of(question()) == Chosen(starter)
        with pytest.raises(PublishFailed, match="was trained for another-base"):
            container.adapter_changes.approve("old-2", Order("U1", now, "2"))


def test_last_resort_is_what_was_live_before_then_the_starter_then_the_base(home: Path) -> None:
    now = datetime.now(UTC)
    with Container(Settings(home=home)) as container:
        container.adapters.add(made(home, "night-3"))
        for n in (1, 2, 3):
            container.adapters.promote(f"night-{n}", now + timedelta(minutes=n))
        broken = Chosen("night-3")
        found = [
            one.adapter for one in container.adapter_choice.instead_of(broken, AdapterNotLoaded())
        ]
        starter = container.starter.name if container.starter else None
    assert found == ["night-2", "night-1", *filter(None, [starter]), None]


def test_doctor_finds_damaged_files_of_what_answers(tried: Path) -> None:
    (tried / "adapters" / "night-2" / WEIGHTS).write_bytes(b"others")
    (found,) = [one for one in check_all() if one.part == "adapter"]
    assert not found.ok
    assert "not those that were published" in found.says


def test_who_is_forgotten_hears_of_the_adapter_on_trial(
    tried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Container(Settings(home=tried)) as container:
        answer_id = asked(container.database, "77", "night-1", datetime.now(UTC))
        manifest = tried / "adapters" / "night-2" / "manifest.json"
        read = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(read | {"example_ids": [answer_id]}))
        done = forget_answer(container, answer_id)
    assert "night-2 is on trial and was trained on it" in done.advice
    assert "phi3 adapters rollback" in done.advice
