"""Requests that were meant for another host are refused."""

import asyncio

import httpx
import pytest

from tests.serving.conftest import Running

FOREIGN = ["evil.example", "evil.example:8040", "localhost.evil.example", "8.8.8.8", "", "a/b@c"]


def status(host: str | None, names: tuple[str, ...] = (), own: str = "10.0.0.7") -> int:
    """The status for a request that came to the address ``own``."""
    from starlette.responses import PlainTextResponse

    from serving.hosts import AllowedHosts

    app = AllowedHosts(PlainTextResponse("passed"), names)

    async def ask() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{own}:80") as client:
            request = client.build_request("GET", "/")
            if host is None:
                del request.headers["host"]
            else:
                request.headers["host"] = host
            return (await client.send(request)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize("host", [*FOREIGN, None])
def test_a_foreign_host_is_refused(host: str | None) -> None:
    assert status(host) == 421


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8040",
        "127.0.0.1:1",
        "127.1.2.3",
        "[::1]:8040",
        "10.0.0.7:8040",
        "localhost:",
        " localhost ",
    ],
)
def test_loopback_and_the_address_that_the_request_came_to_are_allowed(host: str) -> None:
    assert status(host) == 200


def test_further_names_are_those_of_the_setting() -> None:
    assert status("phi3.internal:8040", ("Phi3.internal", "other")) == 200
    assert status("phi3.internal", ("other",)) == 421


def test_a_page_of_elsewhere_reaches_no_call_of_the_server(server: Running) -> None:
    for path in ("/health", "/v1/models", "/nothing"):
        reply = httpx.get(f"{server.url}{path}", headers={"host": "evil.example"})
        assert reply.status_code == 421
        assert "PHI3_SERVER_NAMES" in reply.json()["error"]["message"]
