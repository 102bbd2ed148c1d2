"""A cluster that cannot be reached or started is an error of one line."""

import pytest
import ray

from cluster.connecting import LOCAL, connected
from domain.errors import ConfigError


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "ray://[::1", "x:99999"])
def test_an_address_without_a_cluster_is_one_line(address: str) -> None:
    with pytest.raises(ConfigError, match=r"^The cluster does not answer"), connected(address):
        pytest.fail("there is no cluster")


def test_a_node_that_starts_too_slowly_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def time_out(**_: object) -> None:
        raise Exception("The current node timed out during startup.\nLook at …")  # noqa: TRY002

    monkeypatch.setattr(ray, "init", time_out)
    with (
        pytest.raises(ConfigError, match=r"^Ray did not start on this machine") as found,
        connected(LOCAL),
    ):
        pytest.fail("it did not start")
    assert found.value.detail == "local: Exception: The current node timed out during startup."
