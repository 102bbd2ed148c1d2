"""Installations on both databases: who has which token, and which process renews it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import sleep

import pytest

from domain.installations import Installation
from records.database import Database
from records.install_states import InstallStates
from records.installations import Installations
from records.token_cipher import TokenCipher
from tests.records.makers import NOW

KEY = f"{'k' * 43}="
MADE = Installation("T1", "Acme", "UBOT", "BBOT", "A1", "https://acme.slack.com/", NOW, "xoxb-1")
EXPIRING = replace(MADE, refresh_token="xoxe-1", expires_at=NOW + timedelta(hours=12))


@pytest.fixture
def installations(db: Database) -> Installations:
    return Installations(db, TokenCipher(KEY))


def test_workspace_has_one_installation_until_it_is_removed(installations: Installations) -> None:
    other = replace(MADE, team="T2")
    for each in (MADE, other, EXPIRING):
        installations.save(each)
    assert installations.all() == [EXPIRING, other]
    assert installations.find("T1") == EXPIRING
    assert installations.find("T3") is None
    assert not installations.remove("T1", NOW - timedelta(seconds=1))
    assert installations.remove("T1", NOW)
    assert not installations.remove("T1", NOW)
    assert installations.all() == [other]


def test_one_process_renews_a_token_and_another_one_if_it_fails(
    installations: Installations,
) -> None:
    installations.save(EXPIRING)
    assert installations.begin_renewal(EXPIRING, NOW)
    assert not installations.begin_renewal(EXPIRING, NOW + timedelta(seconds=30))
    assert installations.begin_renewal(EXPIRING, NOW + timedelta(minutes=2))
    new = replace(EXPIRING, token="xoxb-2", expires_at=NOW + timedelta(hours=24))
    installations.renewed(EXPIRING, new)
    assert installations.all() == [new]
    # Who still knows the old one renews nothing.
    assert not installations.begin_renewal(EXPIRING, NOW + timedelta(hours=1))


def test_new_key_keeps_the_tokens_that_are_renewed_meanwhile(
    db: Database, installations: Installations
) -> None:
    installations.save(EXPIRING)
    new = replace(EXPIRING, token="xoxb-2", refresh_token="xoxe-2")
    other = f"{'n' * 43}="
    sealing = Installations(db, TokenCipher(other, KEY))
    with ThreadPoolExecutor(1) as pool:
        with db.together():
            installations.renewed(EXPIRING, new)
            sealed = pool.submit(sealing.seal_again)
            sleep(0.2)  # it waits for these tokens, or has read those before
        assert sealed.result() == 1
    assert Installations(db, TokenCipher(other)).all() == [new]


def test_state_is_good_once(db: Database) -> None:
    states = InstallStates(db)
    state = states.issue(NOW)
    assert states.consume(state, NOW)
    assert not states.consume(state, NOW)
