"""All files of an export, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from cds.bulk.download import Fetched, fetch
from cds.bulk.folder import ExportFolder
from cds.bulk.manifest import ManifestFile
from cds.bulk.pace import Pace, StoppedError
from cds.bulk.problems import ExportError
from cds.bulk.progress import Progress
from cds.bulk.server import BulkServer

AT_ONCE = 4
Done = tuple[ManifestFile, "Fetched | ExportError"]


class Files:
    """Fetches files; ``token``: whether they need the token of the server."""

    def __init__(
        self, server: BulkServer, folder: ExportFolder, pace: Pace, progress: Progress, *, token: bool
    ) -> None:
        self._server, self._folder, self._pace, self._progress, self._token = server, folder, pace, progress, token
        self._bytes = 0

    def fetched(self, files: Sequence[ManifestFile]) -> Iterator[Done]:
        """Each file as soon as it is here, or with what is wrong with it. A full disk ends them all."""
        pool = ThreadPoolExecutor(AT_ONCE)
        todo = {pool.submit(self._one, file): file for file in files}
        try:
            for done in self._finished(todo):
                yield todo[done], _result(todo[done], done)
        except BaseException:
            self._pace.stop.set()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _finished(self, todo: dict[Future[Fetched], ManifestFile]) -> Iterator[Future[Fetched]]:
        left = set(todo)
        while left:
            done, left = wait(left, timeout=1.0, return_when=FIRST_COMPLETED)
            yield from done
            self._progress.tick(f"{len(todo) - len(left)} of {len(todo)} files; {self._bytes:,} bytes fetched")

    def _one(self, file: ManifestFile) -> Fetched:
        place = self._folder.place(file)
        return self._pace.patiently(lambda: fetch(self._server, file, place, self._token, self._arrived))

    def _arrived(self, number: int) -> None:
        self._bytes += number
        if self._pace.stop.is_set():
            raise StoppedError


def _result(file: ManifestFile, done: Future[Fetched]) -> Fetched | ExportError:
    try:
        return done.result()
    except ExportError as error:
        if error.code == "disk":
            raise ExportError("disk", f"{file.name}: {error}") from None
        return error
