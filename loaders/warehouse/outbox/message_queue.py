"""Writes messages into the outbox, in the caller's transaction: somebody is told if, and only if, that is committed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from loaders.outgoing_messages import Attachment, Message
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.postgres_limits import sanitize_text

_INSERT = """
    insert into ops.outbox_message (
        idempotency_key, topic, channel, server, address, conversation_key, notification_id, header_id, subject, body_text,
        body_html, next_attempt_at
    ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()))
    on conflict (idempotency_key) do nothing
    returning message_id
"""
_INSERT_ATTACHMENT = """
    insert into ops.outbox_attachment (message_id, position, name, media_type, sha256, bytes_count, content)
    values (%s, %s, %s, %s, %s, %s, %s)
"""
_LIST = """
    select m.message_id, m.state, m.topic, m.channel, m.address, m.subject, m.attempts_count, m.queued_at, m.next_attempt_at,
        m.sent_at, m.last_error
    from ops.outbox_message as m
    where %(state)s::text is null or m.state = %(state)s
    order by m.message_id desc limit %(limit)s
"""
_RETRY = """
    update ops.outbox_message set state = 'queued', attempts_count = 0, next_attempt_at = now()
    where state <> 'sent' and (%(ids)s::bigint[] is null or message_id = any(%(ids)s))
    returning message_id
"""
MAIL = "mail"


def enqueue(
    connection: Connection,
    message: Message,
    *,
    topic: str,
    key: str,
    notification_id: int | None = None,
) -> bool:
    """Writes a message that is to be sent; returns False when one with this idempotency key was written before.

    Its Message-ID follows from the key, so that it is the same however often the message is sent.
    """
    texts = [sanitize_text(text) for text in (message.subject, message.body_text, message.body_html)]
    server = "" if message.channel == MAIL else message.recipient
    values = [key, topic, message.channel, server, message.recipient, message.conversation, notification_id]
    row = fetch_one(connection, _INSERT, [*values, header_id(key), *texts, message.not_before])
    if row is None:
        return False
    for position, attachment in enumerate(message.attachments, start=1):
        digest = hashlib.sha256(attachment.content).hexdigest()
        described = [attachment.name, attachment.media_type, digest, len(attachment.content)]
        connection.execute(_INSERT_ATTACHMENT, [row["message_id"], position, *described, attachment.content])
    return True


def header_id(key: str) -> str:
    """Returns the Message-ID of an idempotency key or of a conversation."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@huimin>"


def read_attachments(connection: Connection, message_id: int) -> tuple[Attachment, ...]:
    """Returns the attachments of a message that was not sent yet, in their order."""
    query = "select name, content, media_type from ops.outbox_attachment where message_id = %s order by position"
    return tuple(Attachment(**row) for row in fetch_all(connection, query, [message_id]))


def listed(connection: Connection, state: str | None, limit: int) -> list[dict[str, Any]]:
    """Returns the newest messages, of one state or of all, without their texts."""
    return fetch_all(connection, _LIST, {"state": state, "limit": limit})


def waiting_servers(connection: Connection) -> list[tuple[str, str]]:
    """Returns the channel and server of all messages that wait."""
    query = "select distinct channel, server from ops.outbox_message where state = 'queued'"
    return [(row["channel"], row["server"]) for row in fetch_all(connection, query)]


def retry(connection: Connection, message_ids: Sequence[int] | None) -> int:
    """Queues messages that are dead or wait for their next attempt, to be sent now; None: all. Returns their number."""
    connection.execute("update ops.outbox_server set retry_at = null")
    return len(fetch_all(connection, _RETRY, {"ids": None if message_ids is None else list(message_ids)}))
