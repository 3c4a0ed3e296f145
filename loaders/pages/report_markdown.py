"""A contract as the Markdown that Airflow shows of its load: source, due day, units, rules in words, and links to the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from loaders.contract import Database, FileDrop, LocalizedText, Mailbox, Report
from loaders.divisions import Divisions
from loaders.messages import phrase
from loaders.pages.report_facts import RuleFacts, due_words, rule_facts
from loaders.period import local_today

Words = Callable[[LocalizedText], str]
_LANGUAGES: tuple[tuple[str, Words, str], ...] = (("zh", lambda text: text.zh, "、"), ("en", lambda text: text.en, ", "))


def report_markdown(report: Report, divisions: Divisions, pages: str) -> str:
    """Returns the text of a report, in Chinese and then in English. `pages` is the path below which the pages are."""
    rules = rule_facts(report)
    return "\n\n---\n\n".join("\n".join(_lines(report, rules, divisions, pages, *language)) for language in _LANGUAGES)


def _lines(
    report: Report, rules: list[RuleFacts], divisions: Divisions, pages: str, lang: str, words: Words, comma: str
) -> Iterator[str]:
    def text(code: str) -> str:
        return words(phrase(code))

    yield f"### {report.code} {_escaped(words(report.title))}\n"
    links = {
        f"/reports/{report.report}?lang={lang}": "page.report",
        f"/completeness/{report.report}?lang={lang}": "page.completeness",
        f"/issues?report={report.report}&lang={lang}": "page.issues",
    }
    yield " · ".join(f"[{text(code)}]({pages}{path})" for path, code in links.items()) + "\n"
    for code, value in _facts(report, divisions, words, comma).items():
        yield f"- **{text(code)}**: {_escaped(value)}"
    yield f"\n#### {text('page.reports.rules')}\n" if rules else ""
    for rule in rules:
        effect = text(f"page.severity.{rule.severity}")
        yield f"- **{_escaped('、'.join(rule.headers))}**: {_escaped(words(rule.words))} · {effect}"


def _facts(report: Report, divisions: Divisions, words: Words, comma: str) -> Mapping[str, str]:
    """What the contract says, by the code of its name."""
    owner = report.owner_on(local_today())
    units = comma.join(divisions.by_code[unit].name if unit in divisions.by_code else unit for unit in report.units)
    return {
        "page.reports.source": words(_source(report)),
        "page.reports.grain": words(report.grain),
        "page.reports.cadence": words(phrase(f"page.cadence.{report.cadence}")),
        "page.due_date": words(due_words(report)),
        "page.reports.owner": words(owner.role),
        "page.reports.units": units,
        "page.reports.key_columns": comma.join(column.header for column in report.columns if column.key),
        "page.reports.contract": f"expectations/{report.system}/{report.report}.yml",
    }


def _source(report: Report) -> LocalizedText:
    """What the source is, and where in it the report is found."""
    source = report.source
    match source:
        case FileDrop():
            place = f"{source.folder or '/'} {source.pattern}"
        case Mailbox():
            place = f"{source.folder} {source.attachments}"
        case Database():
            place = source.relation or source.kind
        case _:
            place = ""
    return phrase(f"page.source.{source.kind}", connection=source.connection, place=place.strip())


def _escaped(text: str) -> str:
    """The text as Markdown shows it: a pattern such as `^a_[b]*$` is no markup."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>#" else sign for sign in " ".join(text.split()))
