from concurrent.futures import ThreadPoolExecutor

from domain.channels import ChannelSettings, When
from records.channels import Channels
from records.database import Database


def test_only_what_somebody_has_seen_is_replaced(db: Database) -> None:
    channels, first = Channels(db), ChannelSettings(adders=("U1",))
    assert channels.choose("T1", "C1", first, ChannelSettings())
    assert not channels.choose("T1", "C1", ChannelSettings(emoji="eyes"), ChannelSettings())
    assert channels.settings("T1", "C1") == first
    assert channels.choose("T1", "C1", ChannelSettings(When.MENTIONS), first)
    assert channels.chosen("T1", ["C1", "C2"]) == {"C1": ChannelSettings(When.MENTIONS)}


def test_one_of_two_people_chooses_first(db: Database) -> None:
    channels, before = Channels(db), ChannelSettings()

    def choose(person: str) -> bool:
        return channels.choose("T1", "C1", ChannelSettings(expert=person), before)

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(choose, ["U1", "U2", "U3", "U4"])) == [False, False, False, True]
