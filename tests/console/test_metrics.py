"""What the console tells Prometheus of its pages."""

import pytest

from tests.console.running_console import RunningConsole
from tests.figures import Counted, exposition

NAME = "phi3_console_request_seconds_count"


@pytest.mark.slow
def test_each_page_is_timed_by_its_path_and_status(console: RunningConsole) -> None:
    counted = Counted()
    with console.signed_in() as client:
        assert client.get("/").status_code == 200
        assert client.get("/jobs").status_code == 200
    assert counted(NAME, page="/", status="2xx") >= 1
    assert counted(NAME, page="/jobs", status="2xx") == 1


@pytest.mark.slow
def test_paths_that_nobody_wrote_are_one_page(console: RunningConsole) -> None:
    counted = Counted()
    with console.client() as client:
        for n in range(3):
            client.get(f"/quetzal-{n}")
    assert sum(counted(NAME, page="other", status=status) for status in ("3xx", "4xx")) == 3
    assert "quetzal" not in exposition()
