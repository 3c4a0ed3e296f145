"""Releases: drafts and the decision on them, what was published, and what two releases have differently."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from loaders.contract.release_rules import ReleaseRules, load_release_rules
from loaders.operations.releases import Answer, CannotBeReleased, compare_releases, prepare, record_approval, record_return
from loaders.operations.releases.preconditions import objections
from loaders.pages.page import CityPage, NothingThere, OperatorPage, Page
from loaders.period import Period
from loaders.release import release_hash
from loaders.warehouse.queries.figure_page_queries import areas_with_values, indicators, is_built
from loaders.warehouse.releases import Draft, ReleaseLog

router = APIRouter()
_MOST_WORDS = 500
_MOST_LISTED = 300
_PLACE = "huimin pages"
_log = logging.getLogger(__name__)
_Words = Annotated[str, Form(min_length=1, max_length=_MOST_WORDS)]


@router.get("/releases", name="releases")
def show_releases(page: CityPage) -> Response:
    """Lists drafts that wait, releases, and returned drafts."""
    return _render_list(page)


@router.post("/releases/prepare", name="prepare_draft")
def prepare_draft(page: OperatorPage, period: Annotated[str, Form(max_length=20)]) -> Response:
    """Prepares a draft of a period, and leads to it."""
    try:
        draft = prepare(page.services.settings, Period.parse(period))
    except (ValueError, CannotBeReleased) as error:
        _log.info("no draft of %r was prepared: %s", period, error)
        return _render_list(page, page.text("page.releases.no_values", period=period), 409)
    return RedirectResponse(page.link(f"/releases/drafts/{draft}"), 303)


@router.get("/releases/drafts/{draft_id}", name="draft")
def show_draft(page: CityPage, draft_id: int) -> Response:
    """Shows what a draft would publish, what is missing, and whether it may be published."""
    return _render_draft(page, _draft(page, draft_id))


@router.post("/releases/drafts/{draft_id}/publish", name="publish_draft")
def publish_draft(page: OperatorPage, draft_id: int, words: _Words) -> Response:
    """Freezes the values of a draft in the words of whoever approves it."""
    return _decide(page, draft_id, words, is_approval=True)


@router.post("/releases/drafts/{draft_id}/return", name="return_draft")
def return_draft(page: OperatorPage, draft_id: int, words: _Words) -> Response:
    """Returns a draft, with what must be put right first."""
    return _decide(page, draft_id, words, is_approval=False)


@router.get("/releases/compare", name="compare_releases")
def show_comparison(page: CityPage, earlier: int, later: int) -> Response:
    """Shows the values that two releases have differently, and why."""
    try:
        compared = compare_releases(page.services.settings, *sorted((earlier, later)))
    except CannotBeReleased as error:
        raise NothingThere from error
    names = _names(page)
    return page.render("releases_compared.html.j2", compared=compared, most=_MOST_LISTED, **names)


@router.get("/releases/{number}", name="release")
def show_release(page: CityPage, number: int) -> Response:
    """Shows the header of a release, how many values it published, and the draft that was decided on."""
    log = ReleaseLog(page.services.settings.warehouse_url)
    release = next((one for one in log.releases() if one.release_number == number), None)
    if release is None:
        raise NothingThere
    draft = next(one for one in log.drafts() if one.release_number == number)
    return page.render(
        "release.html.j2",
        release=release,
        hash=release_hash(release),
        draft=draft,
        values_count=len(log.values_of(number)),
        submissions_count=len(log.submissions_of(number)),
    )


def _render_list(page: Page, refusal: str = "", status: int = 200) -> Response:
    log = ReleaseLog(page.services.settings.warehouse_url)
    drafts = log.drafts()
    return page.render(
        "releases.html.j2",
        status,
        refusal=refusal,
        releases=[(release, release_hash(release)) for release in reversed(log.releases())],
        waiting=[draft for draft in reversed(drafts) if draft.state == "open"],
        returned=[draft for draft in reversed(drafts) if draft.state == "returned"],
        may_decide=_may_decide(page, _rules(page)),
    )


def _render_draft(page: Page, draft: Draft, refusal: str = "", status: int = 200) -> Response:
    rules = _rules(page)
    return page.render(
        "draft.html.j2",
        status,
        draft=draft,
        summary=draft.summary,
        objections=[page.localized(one) for one in objections(draft.summary, rules)],
        refusal=refusal,
        may_decide=draft.state == "open" and _may_decide(page, rules),
        **_names(page),
    )


def _decide(page: Page, draft_id: int, words: str, *, is_approval: bool) -> Response:
    draft = _draft(page, draft_id)
    if not _may_decide(page, _rules(page)):
        return _render_draft(page, draft, page.text("page.releases.not_approver"), 403)
    if not words.strip():
        return _render_draft(page, draft, page.text("page.releases.words_needed"), 400)
    answer = Answer(page.viewer.name, words.strip(), dt.datetime.now(dt.UTC), _PLACE)
    record = record_approval if is_approval else record_return
    try:
        record(page.services.settings, draft_id, answer)
    except CannotBeReleased as error:
        _log.info("the decision on draft %s was refused: %s", draft_id, error)
        return _render_draft(page, _draft(page, draft_id), page.text("page.releases.refused"), 409)
    return RedirectResponse(page.link("/releases"), 303)


def _draft(page: Page, draft_id: int) -> Draft:
    try:
        return ReleaseLog(page.services.settings.warehouse_url).draft(draft_id)
    except CannotBeReleased as error:
        raise NothingThere from error


def _rules(page: Page) -> ReleaseRules:
    return load_release_rules(page.services.settings.release_rules)


def _may_decide(page: Page, rules: ReleaseRules) -> bool:
    """Whether whoever looks decides on releases: an operator, one of the approvers where the deployment names some."""
    approvers = {known for one in rules.approvers for known in (one.user, one.name)}
    return page.viewer.role.name == "OPERATOR" and (not approvers or page.viewer.name in approvers)


def _names(page: Page) -> dict[str, Any]:
    """Names of indicators and areas by their codes."""
    with page.reading_figures() as connection:
        if not is_built(connection):
            return {"indicator_names": {}, "area_names": {}}
        name = "name_en" if page.lang == "en" else "name_zh"
        return {
            "indicator_names": {row["indicator_code"]: row[name] for row in indicators(connection)},
            "area_names": {row["area_code"]: row["area_name"] for row in areas_with_values(connection)},
        }
