"""Language and theme of a page: as the address asks for, else as a cookie remembers, else as the browser prefers."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from loaders.pages.rendering import LANGUAGES

THEMES = ("auto", "light", "dark")
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """Language and theme. `asked` are those of the address, which the response lets the browser remember."""

    lang: str
    theme: str
    asked: tuple[tuple[str, str], ...] = ()

    def remember(self, request: Request, response: Response) -> None:
        """Sets a cookie for what the address asked for."""
        path = request.scope.get("root_path") or "/"
        for name, value in self.asked:
            response.set_cookie(f"huimin_{name}", value, max_age=_YEAR_SECONDS, path=path, httponly=True, samesite="strict")


def preferences_of(request: Request) -> Preferences:
    """Returns the preferences of whoever sends a request."""
    asked: list[tuple[str, str]] = []
    chosen: dict[str, str] = {}
    for name, allowed in (("lang", LANGUAGES), ("theme", THEMES)):
        wanted = request.query_params.get(name, "")
        if wanted in allowed:
            asked.append((name, wanted))
        remembered = request.cookies.get(f"huimin_{name}", "")
        chosen[name] = next((value for value in (wanted, remembered) if value in allowed), "")
    lang = chosen["lang"] or _preferred_language(request.headers.get("accept-language", ""))
    return Preferences(lang, chosen["theme"] or "auto", tuple(asked))


def _preferred_language(accepted: str) -> str:
    """The first language of `en-US,en;q=0.9,zh;q=0.8` that there is; Chinese when none is."""
    tags = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted.split(","))
    return next((tag for tag in tags if tag in LANGUAGES), "zh")
