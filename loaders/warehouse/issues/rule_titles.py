"""The titles of rules, as the catalogue of messages has them, for those who read issues in the warehouse."""

from __future__ import annotations

from loaders.messages import message_codes, message_template
from loaders.warehouse.connection import Connection

_SYNC = """
    insert into ops.rule_title as t (rule, title_zh, title_en)
    select n.* from unnest(%s::text[], %s::text[], %s::text[]) as n (rule, title_zh, title_en)
    on conflict (rule) do update set title_zh = excluded.title_zh, title_en = excluded.title_en
    where (t.title_zh, t.title_en) is distinct from (excluded.title_zh, excluded.title_en)
"""


def sync_rule_titles(connection: Connection) -> int:
    """Writes the titles that are new or changed; returns their number. What an older catalogue named keeps its title.

    Of the variants of a rule, the one without a name of its own, else the first, has its title.
    """
    templates = sorted(map(message_template, message_codes()), key=lambda template: template.code != template.rule)
    titles = {template.rule: template.title for template in reversed(templates)}
    columns = [list(titles), [title.zh for title in titles.values()], [title.en for title in titles.values()]]
    return connection.execute(_SYNC, columns).rowcount
