"""Headless LibreOffice: converts many workbooks in one call, in a Chinese locale, with a profile of its own."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.support.debian_packages import soffice

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>zh-CN</value></prop></item>
</oor:items>
"""
# Comma, quotes, UTF-8, from line 1, language 2052 (zh-CN), no quotes about all texts, cells as shown, no formulas, all sheets.
_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,2052,false,false,true,false,false,-1"
_FILES_A_CALL = 60
_SECONDS = 180


class Office:
    """LibreOffice with a new profile below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._profile = folder / "profile"
        (self._profile / "user").mkdir(parents=True)
        (self._profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")

    def converted(self, files: Sequence[Path], to: str, folder: Path) -> list[Path]:
        """Converts the files to another format (`xls`, `ods`), in the same order."""
        self._convert(files, to, folder)
        return [folder / f"{file.stem}.{to.partition(':')[0]}" for file in files]

    def shown(self, files: Sequence[Path], folder: Path) -> dict[Path, dict[str, list[list[str]]]]:
        """Returns the displayed text of every cell by file and sheet, as rows from A1 on."""
        self._convert(files, _SHOWN, folder)
        return {file: dict(_sheets(file, folder)) for file in files}

    def _convert(self, files: Sequence[Path], to: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(soffice()), f"-env:UserInstallation=file://{self._profile}", "--headless", "--norestore"]
        for start in range(0, len(files), _FILES_A_CALL):
            some = [str(file) for file in files[start : start + _FILES_A_CALL]]
            subprocess.run(
                [*command, "--convert-to", to, "--outdir", str(folder), *some], check=True, capture_output=True, timeout=_SECONDS
            )


def _sheets(file: Path, folder: Path) -> Iterable[tuple[str, list[list[str]]]]:
    for path in sorted(folder.glob(f"{file.stem}-*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            yield path.stem.removeprefix(f"{file.stem}-"), list(csv.reader(lines))
