"""`phi3 memory`: what the server and a night need, and what docs/gpu.md says about it."""

import json
import re
from pathlib import Path

import pytest

from cli.memory import HEADINGS, check_fits, memory_plan, rows
from cli.settings import Settings
from domain.errors import ConfigError
from serving.default_model import PHI3, SMOLLM2
from serving.memory.card import Card, card_named
from tests.cli.test_app import phi3

GPU_PAGE = (Path(__file__).parents[2] / "docs" / "gpu.md").read_text("utf-8")
GB = 1_000_000_000


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def test_the_table_in_the_docs_is_the_one_that_the_program_prints() -> None:
    plans = [memory_plan(settings(), card_named(size)) for size in ("16", "24", "48", "80")]
    shown = [HEADINGS, ("---",) * len(HEADINGS), *rows(plans)]
    for row in shown:
        assert "|" + "|".join(f" {cell} " if cell != "---" else cell for cell in row) + "|" in (
            GPU_PAGE
        )


def test_the_command_in_the_docs_prints_a_row_for_each_card(tmp_path: Path) -> None:
    (command,) = re.findall(r"^    phi3 (memory --card .*)$", GPU_PAGE, re.MULTILINE)
    done = phi3(*command.split(), "--json", home=tmp_path / "home")
    plans = json.loads(done.stdout)["plans"]
    assert [plan["card"] for plan in plans] == [16 * GB, 24 * GB, 48 * GB, 80 * GB]
    assert all(plan["fits"] for plan in plans)
    assert all(plan["server"]["total"] <= plan["card"] for plan in plans)


@pytest.mark.parametrize("size", [16, 24, 48, 80])
def test_by_default_server_and_night_fit_together(size: int) -> None:
    plan = memory_plan(settings(), card_named(f"{size}GB"))
    check_fits(plan)
    at_night = {
        "nothing": plan.server.total,
        "cache": plan.server.fixed,
        "model": plan.server.process,
    }
    assert plan.night
    assert at_night[plan.gives] + plan.night.total < plan.card.bytes


def test_only_cards_of_less_than_24_gb_need_what_the_docs_say_of_compose() -> None:
    taken = {size: memory_plan(settings(), card_named(f"{size}GB")).gives for size in (16, 20, 24)}
    assert taken == {16: "model", 20: "cache", 24: "nothing"}


def test_the_share_that_is_set_is_kept_to_within_a_page_of_the_cache() -> None:
    plan = memory_plan(settings(memory_share=0.6), card_named("48GB"))
    assert plan.server.total <= 0.6 * plan.card.bytes < plan.server.total + 0.4 * GB


def test_what_does_not_fit_names_settings_that_exist() -> None:
    known = {f"PHI3_{name.upper()}" for name in Settings.model_fields}
    told = []
    for chosen, card in (
        (settings(), card_named("8GB")),
        (settings(memory_share=0.9, night_takes="nothing"), card_named("24GB")),
        (settings(prompt_budget=90_000), card_named("16GB")),
        (settings(model=PHI3), Card(6 * GB, is_gpu=False)),
    ):
        with pytest.raises(ConfigError) as raised:
            check_fits(memory_plan(chosen, card))
        told.append(raised.value.public)
    named = set(re.findall(r"PHI3_\w+", " ".join(told)))
    assert {"PHI3_MODEL", "PHI3_NIGHT_TAKES", "PHI3_MEMORY_SHARE"} <= named <= known


def test_a_config_alone_is_enough(tmp_path: Path) -> None:
    config: dict[str, object] = {
        "hidden_size": 5120,
        "intermediate_size": 17920,
        "num_hidden_layers": 40,
    }
    config |= {"num_attention_heads": 40, "num_key_value_heads": 10, "vocab_size": 32064}
    config |= {"max_position_embeddings": 4096, "model_type": "phi3"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    plan = memory_plan(settings(model=str(tmp_path)), card_named("80GB"))
    assert plan.server.weights == 2 * 13_960_238_080  # Phi-3-medium


def test_a_model_that_is_not_here_is_named(tmp_path: Path) -> None:
    done = phi3("memory", home=tmp_path / "home", PHI3_MODEL="someone/unknown")
    assert done.returncode == 1
    assert "someone/unknown" in done.stderr


@pytest.mark.parametrize("size", ["x", "0", "-4GB", "24MB", "", "1" * 40])
def test_a_wrong_size_of_a_card_is_refused(size: str) -> None:
    with pytest.raises(ValueError, match="no size of a card"):
        card_named(size)


def test_a_wrong_size_is_wrong_usage(tmp_path: Path) -> None:
    done = phi3("memory", "--card=x", home=tmp_path / "home")
    assert done.returncode == 2
    assert "write it as 24GB" in done.stderr


def test_smollm2_and_its_night_fit_on_a_small_machine() -> None:
    plan = memory_plan(settings(model=SMOLLM2), Card(8 * GB, is_gpu=False))
    check_fits(plan)
    assert plan.gives == "nothing"
    assert plan.server.cache_tokens == 16_384
