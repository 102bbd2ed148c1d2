"""Builds the Home tab, and what people and admins choose there."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.core import Core
from bot.home.admin import AdminPart
from bot.home.admin_listening import AdminListeners
from bot.home.choosing import Choosing
from bot.home.forgetting import Forgetting
from bot.home.offered import Offered
from bot.home.retrying import Retrying
from bot.home.tab import Home
from bot.ingest.lists import IngestLists
from bot.listening.choices import ChoiceListeners
from bot.nights.build import NightParts
from bot.nights.deciding import Deciding
from bot.nights.listening import AdapterListeners
from bot.nights.reporting import NightRecords
from domain.admission import Access
from records.collections import Collections


@dataclass(frozen=True, slots=True)
class HomeParts:
    choices: ChoiceListeners
    admin: AdminListeners
    adapters: AdapterListeners


def build_choosing(core: Core, lists: IngestLists, access: Access) -> Choosing:
    """The choice of a channel's settings."""
    records = core.records
    offered = Offered(core.conversations, lists, records.readable, records.sources)
    return Choosing(
        *(core.slack, core.me, core.people, core.names, records.channels),
        *(offered.to, core.telling, core.threads.forms, access),
    )


def build_home(
    core: Core,
    choosing: Choosing,
    nights: NightRecords,
    parts: NightParts,
    collections: Collections,
    forget: Callable[[str], object],
) -> HomeParts:
    """``forget`` deletes everything about a person."""
    slack, me, forms, telling = core.slack, core.me, core.threads.forms, core.telling
    records, jobs, runner = core.records, core.records.jobs, core.runner
    admin = AdminPart(core, parts.showing, nights, collections)
    home = Home(
        *(slack, me, records.answers, records.consent, records.cards),
        *(core.readers, admin, core.threads.homes),
    )
    retrying = Retrying(slack, me, admin, home, jobs, runner)
    forgetting = Forgetting(slack, me, home, forget, parts.reporting.refresh, jobs, runner)

    def decided(person: str) -> None:
        parts.judging.look_soon()
        parts.reporting.refresh()
        home.opened(person)

    deciding = Deciding(slack, me, core.people, nights, jobs, runner, decided)
    return HomeParts(
        ChoiceListeners(home, forgetting, choosing),
        AdminListeners(slack, admin, retrying, telling, forms, runner.resume),
        AdapterListeners(slack, core.people, nights, deciding, telling, forms, runner.resume),
    )
