"""The lines above a template's table, in the words by which the reader finds the unit and the period. They are Chinese always."""

from __future__ import annotations

from loaders.messages import phrase
from loaders.period import Period, PeriodKind
from loaders.template.request import TemplateRequest

_PERIOD_LABELS = {
    PeriodKind.MONTH: "template.month",
    PeriodKind.QUARTER: "template.quarter",
    PeriodKind.HALF: "template.half",
    PeriodKind.YEAR: "template.year",
}


def preamble_lines(request: TemplateRequest) -> tuple[str, str, list[tuple[str, bool]]]:
    """The title, a remark on how to fill in, and the labels with their values, each with whether it is left open."""
    places = [(f"{phrase('template.unit').zh}{request.unit_name or ''}", request.unit_name is None)]
    if request.report.period_kind is not None:
        printed = printed_period(request.period) if request.period is not None else ""
        places.append((f"{phrase(_PERIOD_LABELS[request.report.period_kind]).zh}{printed}", request.period is None))
    places.append((phrase("template.filed").zh, True))
    remarks = [phrase("template.remark")]
    if request.known:
        remarks.append(phrase("template.known", sources="、".join(request.sources)))
    if request.withheld:
        remarks.append(phrase("template.withheld"))
    return request.report.title.zh, " ".join(getattr(remark, request.lang) for remark in remarks), places


def printed_period(period: Period) -> str:
    """A period as forms print it: `2023年6月`, `2023年第2季度`, `2023年上半年`, `2023年`."""
    if period.kind is PeriodKind.YEAR:
        return f"{period.year}年"
    if period.kind is PeriodKind.HALF:
        return f"{period.year}年{'上' if period.ordinal == 1 else '下'}半年"
    return f"{period.year}年第{period.ordinal}季度" if period.kind is PeriodKind.QUARTER else f"{period.year}年{period.ordinal}月"
