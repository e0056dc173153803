"""The rule files as they were at a git revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cds.errors import CdsError


@contextmanager
def rules_at(reference: str, folder: Path) -> Iterator[Path]:
    """The rule files of a folder as they were at a git revision; or another folder, if the reference names one.

    Raises:
        CdsError: when the reference is neither.

    """
    if Path(reference).is_dir():
        yield Path(reference)
        return
    command = ["git", "-C", str(folder), "archive", "--format=tar", "--end-of-options", reference, "."]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a fixed command, no shell
    if done.returncode:
        raise CdsError(f"'{reference}' is neither a folder nor a git revision of '{folder}'.")
    with TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(place, filter="data")
        yield Path(place)
