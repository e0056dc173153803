"""How far an export is: what ``export.json`` holds, so that the same command goes on after whatever ended it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cds.bulk.download import Fetched
from cds.bulk.kick_off import ExportRequest
from cds.bulk.manifest import PLACE, ManifestFile
from cds.jsontypes import Json

FORMAT = 1
Stage = Literal["begun", "ready", "complete", "incomplete", "cancelled"]


@dataclass(frozen=True)
class ExportState:
    """One export. ``fetched``: the files that are here, by name. ``ended``: the server was told that it is done."""

    request: ExportRequest
    status: str
    begun: str
    stage: Stage = "begun"
    expires: str = ""
    requires_token: bool = False
    files: tuple[ManifestFile, ...] = ()
    fetched: dict[str, Fetched] = field(default_factory=dict)
    ended: bool = False


def is_whole(file: ManifestFile, fetched: Fetched | None) -> bool:
    """Whether a file is here, and with as many lines as the server says, if it says so."""
    return fetched is not None and file.expected in (None, fetched.lines)


def as_json(state: ExportState) -> Json:
    """The content of ``export.json``."""
    parameters = [{"name": name, "value": value} for name, value in state.request.parameters]
    return {
        "format": FORMAT,
        "stage": state.stage,
        "begun": state.begun,
        "request": {"url": state.request.url, "parameters": parameters},
        "status": state.status,
        "ended": state.ended,
        "expires": state.expires,
        "requiresAccessToken": state.requires_token,
        "files": [_file_json(file, state.fetched.get(file.name)) for file in state.files],
    }


def _file_json(file: ManifestFile, fetched: Fetched | None) -> Json:
    here = {"lines": fetched.lines, "bytes": fetched.bytes} if fetched else {"lines": None, "bytes": None}
    return {"list": file.part, "type": file.type, "file": file.name, "count": file.expected, "url": file.url, **here}


def state_from(data: Json) -> ExportState:
    """The state that ``export.json`` holds; raises KeyError, TypeError or AttributeError where it holds none."""
    if data["format"] != FORMAT:
        raise KeyError("format")
    asked = data["request"]
    parameters = tuple((item["name"], item["value"]) for item in asked["parameters"])
    entries = data["files"]
    if not all(PLACE.fullmatch(entry["file"]) for entry in entries):
        raise KeyError("file")
    return ExportState(
        request=ExportRequest(asked["url"], parameters),
        status=data["status"],
        begun=data["begun"],
        stage=data["stage"],
        expires=data["expires"],
        requires_token=data["requiresAccessToken"],
        files=tuple(ManifestFile(e["list"], e["type"], e["url"], e["file"], e["count"]) for e in entries),
        fetched={e["file"]: Fetched(e["lines"], e["bytes"]) for e in entries if e["lines"] is not None},
        ended=data["ended"],
    )
