"""What the people of channels chose for them."""

from collections.abc import Collection

from sqlalchemy import select, update

from domain.channels import ChannelSettings
from records.database import Database
from records.rows import columns, first, insert, values
from records.tables import channel_settings

_CHOSEN = columns(channel_settings, ChannelSettings)


class Channels:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def settings(self, team: str, channel: str) -> ChannelSettings:
        """What was chosen for a channel, or else the defaults."""
        return self.chosen(team, [channel]).get(channel) or ChannelSettings()

    def chosen(self, team: str, channels: Collection[str]) -> dict[str, ChannelSettings]:
        """What was chosen, by channel, for those of ``channels`` for which something was."""
        query = select(channel_settings.c.channel, *_CHOSEN).where(
            channel_settings.c.team == team, channel_settings.c.channel.in_(channels)
        )
        with self._db.reading() as connection:
            return {
                channel: ChannelSettings(*chosen)
                for channel, *chosen in connection.execute(query).all()
            }

    def choose(
        self,
        team: str,
        channel: str,
        chosen: ChannelSettings,
        instead_of: ChannelSettings | None = None,
    ) -> bool:
        """Replaces what was chosen for a channel.

        With ``instead_of`` only if that is what holds; False if it does not.
        """
        its = (channel_settings.c.team == team) & (channel_settings.c.channel == channel)
        row = {"team": team, "channel": channel} | values(ChannelSettings())
        with self._db.session() as connection:
            # The lock lets only one of two people replace the same settings, also the first ones.
            new = insert(connection, channel_settings).values(row)
            connection.execute(new.on_conflict_do_nothing())
            held = select(*_CHOSEN).where(its).with_for_update()
            if instead_of not in (None, first(connection, ChannelSettings, held)):
                return False
            connection.execute(update(channel_settings).where(its).values(values(chosen)))
            return True
