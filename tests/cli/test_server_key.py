"""The key of our own model server is made once, kept in the home, and sent to no other server."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.server_key import own_key, server_key
from cli.settings import Settings
from cli.wiring import Container
from domain.errors import ConfigError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home")


def test_a_key_is_made_at_first_and_is_the_same_for_every_role(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as roles:
        keys = set(roles.map(lambda _: own_key(settings), range(8)))

    assert len(keys) == 1
    assert len(min(keys)) >= 32
    file = settings.home / "server-key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in settings.home.iterdir()] == [file.name]
    assert server_key(settings) in keys


def test_the_setting_is_the_key_where_it_is_set(settings: Settings) -> None:
    own = settings.model_copy(update={"server_key": SecretStr("given")})
    assert own_key(own) == server_key(own) == "given"
    assert not settings.home.exists()


@pytest.mark.parametrize("url", ["http://gpu.example:8000/v1", "https://10.0.0.9/v1"])
def test_another_machines_server_does_not_get_the_key(settings: Settings, url: str) -> None:
    own_key(settings)
    assert server_key(settings.model_copy(update={"server_url": url})) is None


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://localhost:8040/v1"), ("10.0.0.7", "http://10.0.0.7:8040/v1")],
)
def test_our_own_server_gets_it_by_whatever_address(
    settings: Settings, host: str, url: str
) -> None:
    chosen = settings.model_copy(update={"server_url": url, "server_host": host})
    assert server_key(chosen) == own_key(settings)


def test_the_client_of_every_role_has_it(settings: Settings) -> None:
    chosen = settings.model_copy(update={"server_url": "http://127.0.0.1:8040/v1"})
    with Container(chosen) as container:
        assert container.server._openai.api_key == own_key(settings)


def test_an_empty_key_is_no_key(settings: Settings) -> None:
    own_key(settings)
    (settings.home / "server-key").write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        own_key(settings)
