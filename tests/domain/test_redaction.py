"""Passwords and keys in addresses are removed from texts."""

from time import process_time

import pytest

from domain.redaction import split_login, without_credentials


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://phi3:s3cret@db/x",
        "at http://phi3:s3cret@gpu:8000/v1 nothing answers",
        "http://s3cret@gpu",
        "postgresql://phi3:a/s3cret@db/x",
        "postgresql://phi3:a@s3cret@db/x",
        "postgresql://phi3:a?s3cret#b@db/x",
        "https://api/v1?api_key=s3cret&x=1",
        "host=db password=s3cret user=phi3",
        "PGPASSWORD=s3cret psql",
        "wss://wss-primary.slack.com/link/?ticket=s3cret&app_id=1234",
        "Bearer xoxb-12-s3cret",
        "xapp-1-s3cret",
        "two: http://a:s3cret@b and http://c:s3cret@d",
    ],
)
def test_a_secret_is_removed(text: str) -> None:
    assert "s3cret" not in without_credentials(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://gpu:8000/v1 does not answer",
        "http://host:80/@user/a@b",
        "https://medium.com/@user",
        "write to me@example.com",
        "sqlite:////home/x/phi3.db",
        "set SLACK_BOT_TOKEN (xoxb-…)",
        "set PHI3_SERVER_KEY and try again",
        "a == b, key == c",
    ],
)
def test_text_that_is_not_a_secret_stays(text: str) -> None:
    assert without_credentials(text) == text


def test_the_rest_of_the_address_stays() -> None:
    assert without_credentials("http://u:p@gpu:8000/v1?k=1") == "http://***@gpu:8000/v1?k=1"


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["://", "://a:", "password", "x" * 30 + "_", "://a:/", "xoxb"])
def test_the_time_is_linear_in_the_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        began = process_time()
        for _ in range(3):
            without_credentials(text)
        return process_time() - began

    small, large = (min(seconds(size) for _ in range(3)) for size in (20_000, 80_000))
    assert large < 12 * small + 0.01


@pytest.mark.parametrize(
    ("url", "address", "login"),
    [
        ("http://u:p%40w@gpu:8000/v1", "http://gpu:8000/v1", ("u", "p@w")),
        ("http://u@gpu", "http://gpu", ("u", "")),
        ("http://gpu:8000/v1", "http://gpu:8000/v1", None),
        ("http://gpu/a@b", "http://gpu/a@b", None),
        ("http://u:p@[::1]:80?x", "http://[::1]:80?x", ("u", "p")),
        ("", "", None),
    ],
)
def test_a_login_is_split_from_its_address(
    url: str, address: str, login: tuple[str, str] | None
) -> None:
    assert split_login(url) == (address, login)
