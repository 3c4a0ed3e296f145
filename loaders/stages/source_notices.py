"""What a look at a source shows and no row can carry: files that no contract knows, and documents that vanished in numbers.

Each is told once: to the owner of the report, because it is the office that names and removes files; a folder that looks emptied
to the data engineers as well. What is put right is resolved by the next look.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from loaders.contract import Contracts, FileDrop, Report, load_contracts
from loaders.model import Notice, Pull
from loaders.settings import Settings
from loaders.sources import FileNamePattern, PatternDescription, place_of
from loaders.stages.notifications import Mailer, record_waiting_files, send_notices
from loaders.warehouse import UnconfirmedGone, Warehouse

_MOST_NAMED = 10
_log = logging.getLogger(__name__)


def record_source_notices(
    report: Report, warehouse: Warehouse, pull: Pull, unconfirmed: UnconfirmedGone, settings: Settings
) -> None:
    """Keep what a whole look left lying and what it did not find, each to be told once by `notify_owners`."""
    for uri in pull.waiting:
        _log.info("%s is still being written and waits for the next run", uri)
    for uri in pull.unmatched:
        _log.info("%s has a name that the contract does not know and is left where it is", uri)
    record_waiting_files(report, warehouse, pull.waiting_files)
    note_unconfirmed_gone(report, warehouse, unconfirmed)
    record_unmatched_files(report, warehouse, pull, settings)


def record_unmatched_files(report: Report, warehouse: Warehouse, pull: Pull, settings: Settings) -> None:
    """Keep which files a whole look left lying because no contract knows their names, to be told by `send_source_notices`."""
    notices: list[Notice] = []
    if pull.unmatched:
        contracts = load_contracts(settings.expectations)
        if _may_be_of_stopped(report, contracts):
            return
        notices = [_unmatched(uri, report, contracts) for uri in pull.unmatched if not _is_of_another(uri, report, contracts)]
    warehouse.sync_notices(_unmatched_topic(report), notices)


def note_unconfirmed_gone(report: Report, warehouse: Warehouse, unconfirmed: UnconfirmedGone) -> None:
    """Keep that too many documents vanished at once to be believed, to be told by `send_source_notices`; or that none did."""
    notices = [_unconfirmed_notice(report, unconfirmed)] if unconfirmed.uris else []
    for topic in _unconfirmed_gone_topics(report):
        warehouse.sync_notices(topic, notices)


def send_source_notices(report: Report, warehouse: Warehouse, mailer: Mailer) -> int:
    """Tell what looks at the report's source showed; the number of messages sent."""
    sent = send_notices(
        _unmatched_topic(report),
        warehouse,
        mailer,
        recipient=report.owner.email,
        subject=f"【文件未读取】{report.title.zh}",
        opening=f"{report.owner.role.zh}：\n以下文件的名称不符合约定，没有读取，也没有入库。改名或移走后不再提示；每个文件只通知一次。\n"
        "The names of these files are not as agreed: they were not read. Each is told once.",
        report=report.report,
    )
    for topic, recipient in zip(_unconfirmed_gone_topics(report), (report.owner.email, mailer.operators), strict=True):
        sent += send_notices(
            topic,
            warehouse,
            mailer,
            recipient=recipient,
            subject=f"【来源文件大量减少】{report.title.zh}",
            opening="来源处一次少了很多已入库的文件。 / Many loaded documents vanished from their source at once.",
            report=report.report,
        )
    return sent


def _unmatched_topic(report: Report) -> str:
    """One for all reports of an owner that share a folder, so that a file is told once."""
    place = place_of(report.source) if isinstance(report.source, FileDrop) else report.report
    return f"unmatched:{place}:{report.owner.email}"


def _unconfirmed_gone_topics(report: Report) -> tuple[str, str]:
    return f"vanished:{report.report}", f"vanished:{report.report}:operators"


def _may_be_of_stopped(report: Report, contracts: Contracts) -> bool:
    """Whether a contract that cannot be read may know the files of this folder: then nobody is told of them yet."""
    return isinstance(report.source, FileDrop) and bool(contracts.stopped)


def _is_of_another(uri: str, report: Report, contracts: Contracts) -> bool:
    """Whether another report knows a file, or has the folder below in which it lies: then that one's owner is told."""
    if not isinstance(report.source, FileDrop):
        return False
    own = place_of(report.source)
    for other, source in _drops(contracts):
        place = place_of(source)
        if other.report != report.report and uri.startswith(place):
            is_deeper = len(place) > len(own)
            if is_deeper or FileNamePattern(other, source).read(uri.removeprefix(place)) is not None:
                return True
    return False


def _drops(contracts: Contracts) -> Iterator[tuple[Report, FileDrop]]:
    for report in contracts.reports.values():
        if isinstance(report.source, FileDrop):
            yield report, report.source


def _unmatched(uri: str, report: Report, contracts: Contracts) -> Notice:
    if not isinstance(report.source, FileDrop):
        return Notice(
            uri,
            f"“{uri}”中的报告期无法识别，这些行没有读取；应为“2023-06”“2023Q2”这样的报告期。 / "
            f"the rows of {uri} name no period and were not read; expected one like 2023-06 or 2023Q2",
        )
    own = place_of(report.source)
    sharing = [(other, source) for other, source in _drops(contracts) if place_of(source) == own]
    expected = "；".join(_expected(other, source) for other, source in sharing or [(report, report.source)])
    name = uri.removeprefix(own)
    return Notice(uri, f"“{name}”（{own}）：{expected} / {name} in {own} has a name that no contract knows and was not read")


def _expected(report: Report, source: FileDrop) -> str:
    description = PatternDescription.of(report, source)
    if description.example is None:
        return f"《{report.title.zh}》应为 {description.description.zh}（{description.description.en}）"
    words = description.description
    return f"《{report.title.zh}》应为 {description.example} 这样的名称：{words.zh}（{words.en}）"


def _unconfirmed_notice(report: Report, unconfirmed: UnconfirmedGone) -> Notice:
    shown = "、".join(uri.rsplit("/", 1)[-1] for uri in unconfirmed.uris[:_MOST_NAMED])
    more = "…" if len(unconfirmed.uris) > _MOST_NAMED else ""
    limit = f"{report.gone_limit_pct:g}%"
    return Notice(
        report.report,
        f"《{report.title.zh}》已入库的{unconfirmed.current_count}份文件中，有{len(unconfirmed.uris)}份在来源处一次不见了（{shown}{more}），"
        f"超过{limit}或来源处已空，为避免误判，全部仍计入结果。请核对文件夹或来源系统是否正常；"
        "如确已移走，请联系系统管理员（约定中的 gone_limit_pct）。 / "
        f"{report.report}: {len(unconfirmed.uris)} of {unconfirmed.current_count} loaded documents vanished "
        f"from the source at once, more than {limit} or all of them; all still count. Look at the folder or "
        "the source system; if they are really gone, raise gone_limit_pct in the contract, and the next run takes it so",
    )
