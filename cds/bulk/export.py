"""The whole way of an export: begun once, followed, fetched, and ended on the server when all of it is here.

What happened is written down before the next step, so that the same command goes on wherever it ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import NamedTuple

from cds.bulk.files import Done, Files
from cds.bulk.folder import ExportFolder
from cds.bulk.kick_off import ExportRequest, begin
from cds.bulk.manifest import ManifestFile, manifest_of
from cds.bulk.pace import Pace
from cds.bulk.polling import ANEW, end, ready
from cds.bulk.problems import ExportError
from cds.bulk.progress import Progress
from cds.bulk.server import BulkServer
from cds.bulk.state import ExportState, Stage, is_whole
from cds.bulk.verdict import Verdict, verdict_of


class Exporting(NamedTuple):
    """An export of one server into one folder."""

    server: BulkServer
    folder: ExportFolder
    pace: Pace
    progress: Progress

    def fetched(self, state: ExportState) -> Verdict:
        """Go on from a state until all is here that can be had.

        Raises:
            ExportError: the export was cancelled, failed, or is there no more.

        """
        if state.stage == "cancelled":
            raise ExportError("export-cancelled", f"The export in '{self.folder.path}' was cancelled. {ANEW}")
        state = self._ready(state) if state.stage == "begun" else state
        state, failed = self._with_files(state)
        verdict = verdict_of(state, self.folder, failed)
        state = self._kept(replace(state, stage="incomplete" if verdict.problems else "complete"))
        remark = "" if verdict.problems else self._ended(state)
        return verdict._replace(remarks=(*verdict.remarks, *([remark] if remark else [])))

    def begun(self, request: ExportRequest, before: ExportState | None, *, post: bool) -> ExportState:
        """An export that was just begun, in place of what was in the folder before.

        Raises:
            ExportError: the server begins none.

        """
        if before and not before.ended:
            end(self.server, before.status)
        status = self.pace.patiently(lambda: begin(self.server, request, post=post))
        if before:
            self.folder.clear(before)
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        state = self._kept(ExportState(request, status, now))
        self.progress.line("The server prepares the export.")
        return state

    def cancelled(self, state: ExportState) -> str:
        """Cancel an export that is not complete; what the server says against it, else nothing.

        Of one that is complete, the server is only told that it is done.
        """
        remark = "" if state.ended else end(self.server, state.status)
        if not remark:
            stage: Stage = "complete" if state.stage == "complete" else "cancelled"
            self._kept(replace(state, stage=stage, ended=True))
        return remark

    def _ready(self, state: ExportState) -> ExportState:
        first = ready(self.server, state.status, self.pace, self.progress)
        found = manifest_of(
            state.status, first.data, lambda url: ready(self.server, url, self.pace, self.progress).data
        )
        self.folder.keep_manifest(found.data)
        known = replace(state, stage="ready", expires=first.expires, files=found.files)
        return self._kept(replace(known, requires_token=found.requires_token))

    def _with_files(self, state: ExportState) -> tuple[ExportState, dict[str, ExportError]]:
        fetched = dict(self.folder.fetched(state))
        missing = [file for file in state.files if not is_whole(file, fetched.get(file.name))]
        failed: dict[str, ExportError] = {}
        for file, found in self._arriving(state, missing):
            if isinstance(found, ExportError):
                failed[file.name] = found
                fetched.pop(file.name, None)
            else:
                fetched[file.name] = found
        self.progress.line(f"{len(fetched)} of {len(state.files)} files are here.")
        return replace(state, fetched=fetched), failed

    def _arriving(self, state: ExportState, missing: Sequence[ManifestFile]) -> Iterator[Done]:
        if missing:
            self.progress.line(f"{len(missing)} of {len(state.files)} files are to be fetched.")
            files = Files(self.server, self.folder, self.pace, self.progress, token=state.requires_token)
            yield from files.fetched(missing)

    def _ended(self, state: ExportState) -> str:
        if state.ended:
            return ""
        remark = end(self.server, state.status)
        self._kept(replace(state, ended=not remark))
        return f"The server keeps its files: {remark}" if remark else ""

    def _kept(self, state: ExportState) -> ExportState:
        self.folder.keep(state)
        return state
