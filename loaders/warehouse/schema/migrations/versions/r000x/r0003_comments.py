"""What each table, view and column of the ledger and the quarantine means, in the database itself."""

from __future__ import annotations

from alembic import op

revision = "r0003"
down_revision = "r0002"

_RELATIONS = {
    "table ops.pull": "一行＝对一个来源的一次查看。One row per look at a source",
    "table ops.submission": "一行＝一份报表文件的一次判定（一个填报单位、一个报告期、一个版次）。"
    "One row per judgement of a document of a report, reporting unit and period, with a revision number",
    "table ops.seen_offer": "一行＝来源处一份文件的一个已知状态，只改时间不改内容的文件不必再取。"
    "One row per state in which a document was offered; a file that was only touched is not fetched again",
    "table ops.reporting_unit": "一行＝一张报表的一个应报单位，取自报表合同。"
    "One row per report and unit that is expected to report",
    "table ops.issue": "一行＝在一次判定中发现的一个问题。One row per problem found in a submission",
    "table ops.watermark": "一行＝一张报表：来源处截至此处的内容均已入库。"
    "One row per report: all that the source held up to this cursor is loaded",
    "table ops.build": "一行＝一次完成的指标计算，及其依据的状态。"
    "One row per finished build of the indicators, and the state of ledger and models that it was made from",
    "table ops.notification": "一行＝发给报表负责人的一条消息。One row per message to a report owner",
    "table ops.notified_problem": "一行＝一个已告知的问题，不再重复告知。One row per problem that was told; it is not told again",
    "table quarantine.row": "一行＝被退回的一行数据，按读到的样子保存，个人信息已脱敏。"
    "One row per row held back, as it was read; personal values are masked",
    "view ops.raw_row_count": "一行＝一次判定在各原始表中的行数。"
    "One row per submission that has rows in raw, over all raw tables",
    "view ops.account": "一行＝一份文件（报表、内容、单位、报告期）：每一行要么已入库，要么已退回，要么属于表头、合计等非数据行。"
    "difference 为三者之外的行数，按各表实际行数计算；整份退回的文件全部计为退回。"
    "One row per landed file, report, unit and period: its rows are in raw, in quarantine, or furniture. difference is what is "
    "none of these, counted in the tables themselves; a refused document is held back whole",
    "view ops.expected_submission": "一行＝一张报表、一个应报单位、一个应报期（从最早到最近一期）。"
    "One row per report, expected unit and period between the first and the last period that any unit sent",
    "view ops.missing_submission": "一行＝一份从未收到的报表。One row per report, unit and period of which nothing ever came",
    "view ops.reporting_rate": "一行＝一张报表的一期：应报、实报、按时上报的单位数。"
    "One row per report and period: how many of the expected units reported, and in time",
}
_COLUMNS = {
    "ops.pull.cursor_from": "查看开始时的水位。The watermark when the look began",
    "ops.pull.cursor_to": "本次所见全部入库后的水位。The watermark once all that was seen is loaded",
    "ops.pull.closed_at": "所见文件全部登记的时间。When every document that it offered was in the ledger",
    "ops.pull.loaded_at": "所见文件全部判定的时间。When every one of them was loaded or refused",
    "ops.submission.pull_id": "首次取得该文件的查看；重新判定时为空。The look that brought it; null when it is judged once more",
    "ops.submission.unit_code": "填报单位代码。The reporting unit",
    "ops.submission.period": "报告期，如 2023-06、2023Q2。The period as reports write it",
    "ops.submission.revision": "同一单位同一报告期的版次。Counts the submissions of one unit and period",
    "ops.submission.source_uri": "文件在来源处的位置。Where the document came from",
    "ops.submission.source_modified_at": "文件在来源处的修改时间。When it was last changed there",
    "ops.submission.sha256": "文件内容的 SHA-256，也是落地文件的名称。"
    "The hash of its bytes, which is also its name in the landing",
    "ops.submission.state": "状态：landed 待入库，accepted 已入库，accepted_with_rejects 部分入库，rejected 整份退回，"
    "duplicate 重复，superseded 已被替代。Where it stands; landed waits to be loaded",
    "ops.submission.rows_total": "文件总行数，按独立读取者的算法。Rows of the document as an independent reader counts them",
    "ops.submission.rows_loaded": "已入库行数。Rows in raw",
    "ops.submission.rows_quarantined": "退回行数。Rows held back",
    "ops.submission.rows_furniture": "表头、合计、空行等非数据行数。Titles, totals, blanks and the like",
    "ops.submission.rows_accepted": "校验通过的行数（含主键被他处占用而暂存的行）。"
    "Rows that validation accepted, among them those whose key is held elsewhere",
    "ops.submission.furniture": "非数据行按种类的行数。Rows of furniture by kind",
    "ops.submission.claim": "有权入库的那次运行的令牌，最新者有效。The token of the run that may load it; the newest wins",
    "ops.submission.duplicate_of": "内容相同而计入的那一份。The submission of the same bytes that counts",
    "ops.submission.superseded_by": "替代它的那一份。The submission that speaks in its stead",
    "ops.submission.contract_sha256": "判定所依据的合同的散列。The contract that it was judged by",
    "ops.issue.problem_key": "问题的身份：同一身份只告知一次。The identity of a problem: it is told once",
    "ops.issue.found": "实际内容，个人信息已脱敏。What was found; personal values are masked",
    "ops.issue.resolved_at": "问题因其他文件的变化而消失的时间。When it was gone because another document changed",
    "ops.notification.unit_code": "消息所涉单位；涉及多个单位时为空。The unit it speaks of; null for several",
    "ops.notification.sent_at": "送达发送服务器的时间。When the server took it",
    "quarantine.row.state": "open 待告知，notified 已告知，corrected 已由新文件更正，overridden 人工放行，"
    "replayed 已重新判定，released 主键已空出、该行已入库。Where the row stands",
    "quarantine.row.held_by": "占用其主键的那一份。The submission whose current row has its key",
    "ops.raw_row_count.rows_count": "计为已入库的行数（含已被替代的）。Rows that count as loaded, superseded ones among them",
    "ops.raw_row_count.current_rows_count": "当前有效的行数。Rows that are current",
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    places = _RELATIONS | {f"column {name}": text for name, text in _COLUMNS.items()}
    for place, text in places.items():
        op.execute("comment on {} is '{}'".format(place, text.replace("'", "''")))
