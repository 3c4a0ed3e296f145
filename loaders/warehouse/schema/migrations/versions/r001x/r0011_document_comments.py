"""Comments on the tables of pulls, documents and what becomes of them, and on all their columns."""

from __future__ import annotations

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0011"
down_revision = "r0010"

_W = "loaders.warehouse"
_RELATIONS: dict[str, Relation] = {
    "ops.pull": Relation(
        "table",
        "一行＝对一个来源的一次拉取。One row per pull from a source",
        f"{_W}.ledger.pulls",
        {
            "pull_id": "主键。The key",
            "report": "报表。The report",
            "started_at": "开始时间。When the pull began",
            "cursor_from": "拉取开始时的水位。The watermark when the pull began",
            "cursor_to": "本次所见全部入库后的水位；为空表示不移动水位。"
            "The watermark once all documents of the pull are loaded; null: this pull does not move it",
            "closed_at": "所见文件全部登记的时间。When every document of the pull was in the ledger",
            "loaded_at": "所见文件全部判定的时间。When every document of the pull was loaded or refused",
            "is_full": "是否为全量比对：不论来源自称有无变化。"
            "Whether all documents of the source were compared, whatever it says of changes",
        },
    ),
    "ops.submission": Relation(
        "table",
        "一行＝一份报表文件的一次判定（一个填报单位、一个报告期、一个版次）。"
        "One row per validation of a document of a report, reporting unit and period, with a revision number",
        f"{_W}.ledger.submissions; state: {_W}.ledger.transitions",
        {
            "submission_id": "主键。The key",
            "pull_id": "首次取得该文件的拉取；重新判定时为空。The pull that brought it; null when it is validated once more",
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期，如 2023-06、2023Q2；名册可为空。The period as reports write it; null for a register without one",
            "period_start": "报告期首日。The first day of the period",
            "period_end": "报告期末日。The last day of the period",
            "revision": "同一单位同一报告期的版次。Counts the submissions of one unit and period",
            "source_uri": "文件在来源处的位置。The location of the document at its source",
            "source_modified_at": "文件在来源处的修改时间。When it was last modified there",
            "sha256": "文件内容的 SHA-256，也是落地文件的名称。The hash of its bytes, and the name of the landed file",
            "byte_size": "文件字节数。The size of the landed file in bytes",
            "landed_at": "本次登记的时间。When this row was inserted",
            "state": "状态：landed 待入库，accepted 已入库，accepted_with_rejects 部分入库，rejected 整份退回，duplicate 重复，"
            "superseded 已被替代，withdrawn 来源处已不存在、数据不再计入。"
            "The state; landed waits to be loaded; withdrawn has gone from its source",
            "state_reason": "状态的原因。The reason of the state",
            "rows_total": "文件总行数，按独立读取者的算法。Rows of the document as an independent reader counts them",
            "rows_loaded": "已入库行数。Rows in raw",
            "rows_quarantined": "退回行数。Rows in quarantine; all rows of a refused document",
            "rows_furniture": "表头、合计、空行等非数据行数。Titles, headers, totals, blank rows and the like",
            "rows_accepted": "校验通过的行数（含主键被他处占用而暂存的行）；整份退回而未计数时为空。"
            "Rows that passed validation, those with a key conflict included; null: refused before they were counted",
            "furniture": "非数据行按种类的行数。Rows of furniture by kind",
            "due_date": "应报截止日。The last day on which it is on time",
            "is_on_time": "是否按时上报。Whether it arrived on time",
            "claim_token": "有权入库的那次运行的令牌，最新者有效。The token of the run that may load it; the newest one is valid",
            "claimed_at": "取得令牌的时间。When the token was taken",
            "duplicate_of": "内容相同而计入的那一份。The original with the same bytes",
            "superseded_by": "替代它的那一份。The submission that is current instead",
            "loaded_at": "判定完成的时间。When it was loaded or refused",
            "contract_sha256": "判定所依据的约定的散列。The hash of the contract that it was validated by",
            "arrived_at": "到达时间；重新判定时不变。When it arrived; kept when the document is validated again",
            "effective_at": "排序所用时间：来源所示修改时间，不早于同一位置此前各份；未来的时间不作数。"
            "The time that decides precedence: the modification time, but not before earlier documents of its location; "
            "a time in the future is replaced by that of the current document",
        },
    ),
    "ops.known_version": Relation(
        "table",
        "一行＝来源处一份文件的一个已知版本；只改时间不改内容的文件不必再取。"
        "One row per known version of a document at its source; a known one is not fetched again",
        f"{_W}.ledger.pulls",
        {
            "report": "报表。The report",
            "source_uri": "文件在来源处的位置。The location of the document",
            "byte_size": "来源所示字节数；来源未说明时为空。The size that the source shows; null: it shows none",
            "source_modified_at": "来源所示修改时间。The modification time that the source shows",
            "seen_at": "最近一次见到的时间。When it was last seen in this version",
        },
    ),
    "ops.reporting_unit": Relation(
        "table",
        "一行＝一张报表的一个应报单位，取自报表约定。One row per report and unit that is expected to report",
        f"{_W}.ledger.pulls",
        {"report": "报表。The report", "unit_code": "填报单位代码。The reporting unit"},
    ),
    "ops.watermark": Relation(
        "table",
        "一行＝一张报表：来源处截至此处的内容均已入库。One row per report: all documents up to this cursor are loaded",
        f"{_W}.ledger.pulls",
        {
            "report": "报表。The report",
            "cursor": "来源的游标。The cursor of the source",
            "pull_id": "移动水位的拉取。The pull that moved the watermark",
            "moved_at": "移动时间。When it was moved",
        },
    ),
    "ops.decision": Relation(
        "table",
        "一行＝一次人工决定，只增不改。One row per decision of a person; append-only",
        f"{_W}.currency.decisions",
        {
            "decision_id": "主键。The key",
            "submission_id": "当时所指的报送。The submission that the person named",
            "report": "报表。The report",
            "source_uri": "文件在来源处的位置。The location of the document",
            "sha256": "决定所及的文件内容；同一位置、同一内容今后重新判定时仍然有效。"
            "The bytes that the decision is about; it holds whenever they are validated again",
            "decision": "accept 表示放行。accept: the document may be loaded",
            "reason": "理由。The reason, in the words of the person",
            "decided_by": "决定人。The person",
            "decided_at": "决定时间。When it was made",
        },
    ),
    "ops.waiting_file": Relation(
        "table",
        "一行＝来源处一份可能仍在上传的文件及其首次以此状态出现的时间。"
        "One row per file that may still be uploading, and when it was first seen in its present version",
        f"{_W}.ledger.pulls",
        {
            "report": "报表。The report",
            "source_uri": "文件在来源处的位置。The location of the file",
            "byte_size": "来源所示字节数。The size that the source shows",
            "source_modified_at": "来源所示修改时间。The modification time that the source shows",
            "first_seen_at": "首次以此状态出现的时间。When this version was first seen",
        },
    ),
    "ops.gone_document": Relation(
        "table",
        "一行＝一份曾取得的文件（或报告期）从来源处消失的一次，自发现至重新出现。"
        "One row per disappearance of a document from its source, until it is back",
        f"{_W}.currency.gone_documents",
        {
            "gone_id": "主键。The key",
            "report": "报表。The report",
            "source_uri": "文件在来源处的位置。The location of the document",
            "gone_at": "发现消失的时间。When a pull first missed it",
            "pull_id": "发现消失的拉取。The pull that missed it",
            "returned_at": "重新出现的时间；为空表示仍未出现。When it was back; null: it is still gone",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    write_comments(_RELATIONS)
