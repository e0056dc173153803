"""The bill of materials (SBOM) that CI makes names every package of a running service, with version and hashes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from serving import ROOT
from test_project import project

cyclonedx = pytest.importorskip("cyclonedx.validation.json", reason="cyclonedx-bom is not installed")
from cyclonedx.schema import SchemaVersion  # noqa: E402 - after it is known to be there

LOCK = (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8")
BLOCKS = re.split(r"^(?=[a-z])", LOCK, flags=re.MULTILINE)[1:]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What CI makes."""
    path = tmp_path_factory.mktemp("sbom") / "sbom.cdx.json"
    around = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run([ROOT / ".ci" / "sbom", path], env=around, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sbom(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def test_it_names_every_package_that_a_service_needs_with_its_version_and_all_its_hashes(sbom: dict[str, Any]) -> None:
    wanted = {
        (block.split("==")[0], re.split(r"[ ;]", block.split("==")[1], maxsplit=1)[0]): set(
            re.findall(r"sha256:([0-9a-f]{64})", block)
        )
        for block in BLOCKS
    }
    assert len(wanted) > 40
    told = {
        (one["name"], one["version"]): {
            each["content"] for reference in one["externalReferences"] for each in reference.get("hashes", ())
        }
        for one in sbom["components"]
    }
    assert told == wanted
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in sbom["components"])


def test_it_is_of_the_project_and_valid(text: str, sbom: dict[str, Any]) -> None:
    about = project()["project"]
    root = sbom["metadata"]["component"]
    assert (root["name"], root["version"]) == (about["name"], about["version"])
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    assert cyclonedx.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_ci_makes_it_and_the_same_lock_gives_the_same(sbom: dict[str, Any]) -> None:
    assert ".ci/sbom build/sbom.cdx.json" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "timestamp" not in sbom["metadata"]
