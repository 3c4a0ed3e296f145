"""The channels by their names, opened with the URLs of their connections."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from loaders.feedback.channels.apprise_channel import AppriseChannel
from loaders.feedback.channels.bot import BotChannel, bot_address
from loaders.feedback.channels.errors import ChannelDown
from loaders.feedback.channels.smtp import SmtpChannel
from loaders.feedback.channels.splitting import size_of, split_text
from loaders.feedback.channels.vendors import BOTS
from loaders.outgoing_messages import Message
from loaders.settings import Settings, SettingsError

MAIL, APPRISE = "mail", "apprise"
CHANNELS = (MAIL, *BOTS, APPRISE)


class Channel(Protocol):
    """What takes one message."""

    def send(self, message: Message) -> None:
        """Hands one message over; raises ChannelError when it is not taken."""
        ...


def open_channel(channel: str, server: str, settings: Settings, *, message_seconds: float = 60.0) -> Channel:
    """Opens a channel. `server` is the name of a bot's connection; empty for mail.

    Raises:
        ChannelDown: nobody set it up; the message names the setting.
    """
    if channel == MAIL:
        if settings.smtp_url is None:
            raise ChannelDown("no mail server is set: set HUIMIN_SMTP_URL")
        return SmtpChannel(settings.smtp_url, settings.mail_from, message_seconds=message_seconds)
    url = _connection(server, settings)
    if channel == APPRISE:
        return AppriseChannel(server, url)
    if channel not in BOTS:
        raise ChannelDown(f'no channel "{channel}" is known: there are {", ".join(CHANNELS)}')
    return BotChannel(BOTS[channel], server, url, answer_seconds=min(20.0, message_seconds))


def messages_per_minute(channel: str, server: str, settings: Settings) -> int | None:
    """Returns how many messages a minute a server takes; None where nothing limits them.

    Raises:
        ChannelDown: nobody set it up; the message names the setting.
    """
    open_channel(channel, server, settings)
    return bot_address(BOTS[channel], server, _connection(server, settings)).per_minute if channel in BOTS else None


def split_message(message: Message) -> list[Message]:
    """Splits a message into as many as the channel needs. Bots get no attachments and no HTML."""
    if message.channel == MAIL:
        return [message]
    plain = replace(message, body_html="", attachments=())
    if message.channel not in BOTS:
        return [plain]
    available = BOTS[message.channel].most_bytes - size_of(message.subject)
    return [replace(plain, body_text=part) for part in split_text(message.body_text, available)]


def _connection(name: str, settings: Settings) -> str:
    try:
        return settings.connection(name)
    except SettingsError as error:
        raise ChannelDown(str(error)) from None
