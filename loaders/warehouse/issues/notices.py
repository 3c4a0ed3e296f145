"""Notices: matters that somebody is notified of once besides the issues of documents, such as unavailable documents.

The open notices of a topic are those of the last check, whoever ran it and however often: new ones are added, missing ones are
resolved, all others stay. So each is sent once, again when its reason changes, and again when it reappears. A notice that cannot
be sent now is sent by the next run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from loaders.model import Notice
from loaders.outgoing_messages import Message
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.issues.notifications import AlreadyNotified, record_message
from loaders.warehouse.postgres_limits import sanitize_text

_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.notice.' || %s, 0))"
_FOUND = "select * from unnest(%(keys)s::text[], %(reasons)s::text[], %(messages)s::text[]) as f (notice_key, reason, message)"
_RESOLVE = f"""
    with found as ({_FOUND})
    update ops.notice as n set resolved_at = now()
    where n.topic = %(topic)s and n.resolved_at is null
      and (%(checked)s::text[] is null or n.notice_key = any(%(checked)s) or n.notice_key in (select notice_key from found))
      and not exists (select from found as f where f.notice_key = n.notice_key and f.reason = n.reason)
"""  # noqa: S608 - no value is put into the text
_UPDATE_MESSAGE = f"""
    with found as ({_FOUND})
    update ops.notice as n set message = f.message
    from found as f
    where n.topic = %(topic)s and n.resolved_at is null and n.notification_id is null
      and f.notice_key = n.notice_key and f.reason = n.reason and f.message <> n.message
"""  # noqa: S608 - no value is put into the text
_ADD = f"""
    insert into ops.notice (topic, notice_key, reason, message)
    select %(topic)s, f.notice_key, f.reason, f.message from ({_FOUND}) as f
    on conflict do nothing
"""  # noqa: S608 - no value is put into the text
_UNNOTIFIED = """
    select notice_key as key, reason, message from ops.notice
    where topic = %s and resolved_at is null and notification_id is null
    order by notice_id
"""
_RESERVE = """
    update ops.notice as n set notification_id = %s
    from unnest(%s::text[], %s::text[]) as f (notice_key, reason)
    where n.topic = %s and n.resolved_at is null and n.notification_id is null
      and n.notice_key = f.notice_key and n.reason = f.reason
"""


def sync_notices(
    connection: Connection, topic: str, notices: Iterable[Notice], *, checked: Collection[str] | None = None
) -> None:
    """Updates the open notices of a topic to those that were found.

    `checked` are the keys that were examined, when it was not the whole topic: other notices stay as they are.
    """
    found = {(sanitize_text(notice.key), sanitize_text(notice.reason)): sanitize_text(notice.message) for notice in notices}
    parameters = {
        "topic": topic,
        "keys": [key for key, _ in found],
        "reasons": [reason for _, reason in found],
        "messages": list(found.values()),
        "checked": None if checked is None else [sanitize_text(key) for key in checked],
    }
    connection.execute(_LOCK, [topic])
    for query in (_RESOLVE, _UPDATE_MESSAGE, _ADD):
        connection.execute(query, parameters)


def unnotified(connection: Connection, topic: str) -> list[Notice]:
    """Returns the open notices of a topic that were not sent yet, in the order of their creation."""
    return [Notice(**row) for row in fetch_all(connection, _UNNOTIFIED, [topic])]


def reserve(
    connection: Connection, topic: str, notices: Sequence[Notice], message: Message, *, report: str | None, channel: str
) -> int:
    """Records a message and its notices as notified, in the caller's transaction.

    Raises:
        AlreadyNotified: another run sent one of them meanwhile, or it is resolved.
    """
    notification_id = record_message(connection, report, message, channel)
    keys = [[notice.key for notice in notices], [notice.reason for notice in notices]]
    reserved = connection.execute(_RESERVE, [notification_id, *keys, topic])
    if reserved.rowcount != len(notices):
        already_notified = len(notices) - reserved.rowcount
        raise AlreadyNotified(
            f"topic={topic}: {already_notified} of {len(notices)} notices were told by another run meanwhile, or are gone; "
            "the message was not sent, the next run tells the others"
        )
    return notification_id
