from domain.channels import ChannelSettings
from records.channels import Channels
from records.consent import Consent
from records.database import Database
from records.forgetting import Forgetting


def test_people_keep_out_of_training_and_come_back(db: Database) -> None:
    consent = Consent(db)
    assert consent.may_train("U1")
    for _ in range(2):
        consent.choose("U1", may_train=False)
    consent.choose("U2", may_train=False)
    assert consent.kept_out() == {"U1", "U2"}
    assert not consent.may_train("U1")

    consent.choose("U1", may_train=True)
    consent.choose("U3", may_train=True)
    assert consent.kept_out() == {"U2"}


def test_choice_of_a_person_is_found_and_forgotten(db: Database) -> None:
    Consent(db).choose("U1", may_train=False)
    assert Forgetting(db).find_person("U1")
    Forgetting(db).delete_person("U1")
    assert Consent(db).kept_out() == frozenset()
    assert Forgetting(db).find_person("U1") is None


def test_expert_of_a_channel_is_found_and_forgotten(db: Database) -> None:
    Channels(db).choose("T1", "C1", ChannelSettings(expert="U1", emoji="eyes"))
    assert Forgetting(db).find_person("U1")
    Forgetting(db).delete_person("U1")
    assert Channels(db).settings("T1", "C1") == ChannelSettings(emoji="eyes")
    assert Forgetting(db).find_person("U1") is None


def test_who_may_add_documents_is_forgotten_and_nobody_may_instead(db: Database) -> None:
    Channels(db).choose("T1", "C1", ChannelSettings(adders=("U1",)))
    Channels(db).choose("T1", "C2", ChannelSettings(adders=("U11", "U1")))
    assert Forgetting(db).find_person("U1")
    Forgetting(db).delete_person("U1")
    assert Forgetting(db).find_person("U1") is None
    one, both = Channels(db).settings("T1", "C1"), Channels(db).settings("T1", "C2")
    assert not one.lets_add("U1")
    assert not one.lets_add("U2")
    assert both.lets_add("U11")
