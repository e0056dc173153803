"""What stands in deploy/: the image, the compose file, the manifests and the unit keep rules that are said here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from calls import REVIEW, call
from certificates import trusting, write_certificate
from click.testing import CliRunner
from containerfile import CONTAINERFILE, ROOT, Stage, instructions, stages
from ruamel.yaml import YAML
from serving import serving
from test_project import project
from tokens import bearer, key_set, token

from cds.cli import app

sys.path.insert(0, str(ROOT / "deploy"))
from runtime_lock import runtime_lock

Json = dict[str, Any]
DEPLOY = ROOT / "deploy"
UID = 65532
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
PROBES = {"startupProbe": "/startupz", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
CONFIGURATION = "/etc/calcium-cds/service.yaml"


def loaded(path: Path) -> list[Json]:
    return list(YAML(typ="safe", pure=True).load_all(path.read_text(encoding="utf-8")))


def manifest(kind: str) -> Json:
    (found,) = [one for path in MANIFESTS for one in loaded(path) if one["kind"] == kind]
    return found


@pytest.fixture(scope="module")
def image() -> Stage:
    """The last stage of the Containerfile: what runs."""
    return stages()[-1]


# The image


def test_the_image_runs_as_a_user_without_rights_and_needs_no_shell(image: Stage) -> None:
    assert [step.rest for step in image.all("USER")] == [f"{UID}:{UID}"]
    assert image.all("RUN") == []
    commands = [*image.all("ENTRYPOINT"), *image.all("CMD")]
    assert [step.plain for step in commands] == [["/opt/calcium-cds/bin/cds"], ["serve", "--config", CONFIGURATION]]
    (health,) = image.all("HEALTHCHECK")
    assert re.findall(r"CMD (\[.*\])", health.rest) == [
        f'["/opt/calcium-cds/bin/cds", "healthcheck", "--config", "{CONFIGURATION}"]'
    ]
    assert health.options.keys() == {"interval", "timeout", "start-period", "retries"}


def test_base_images_have_a_tag_that_says_a_release_and_both_stages_have_the_same() -> None:
    images = [stage.image for stage in stages()]
    assert len(set(images)) == 1
    assert all(re.fullmatch(r"[\w.]+/[\w./-]+:\d+\.\d+[\w.-]*", name) for name in images)
    assert "@sha256:" in CONTAINERFILE.read_text(encoding="utf-8")


def test_the_image_takes_nothing_from_a_url_and_holds_neither_secrets_nor_a_configuration(image: Stage) -> None:
    steps = list(instructions(CONTAINERFILE.read_text(encoding="utf-8")))
    assert {step.name for step in steps} & {"ADD", "MAINTAINER", "ONBUILD", "SHELL"} == set()
    assert [
        step for step in steps if re.search(r"https?://|curl|wget|password|secret", step.rest) and step.name != "LABEL"
    ] == []
    copied = [word for step in steps if step.name == "COPY" for word in step.words[:-1]]
    assert [word for word in copied if word in (".", "./") or word.endswith(("yaml", "key"))] == []
    assert [
        word
        for stage in stages()[:1]
        for step in stage.all("COPY")
        for word in step.words[:-1]
        if not (ROOT / word).exists()
    ] == []
    assert {step.options.get("from") for step in image.all("COPY")} == {"builder"}


def test_the_image_is_built_from_hashes_and_says_what_it_is(image: Stage) -> None:
    runs = " ".join(step.rest for step in stages()[0].all("RUN"))
    assert "--require-hashes --requirement requirements.lock" in runs
    assert 'CC="gcc -DPyEval_CallObject=PyObject_CallObject"' in runs
    labels = dict(
        re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', " ".join(s.rest for s in image.all("LABEL")))
    )
    assert {"title", "description", "licenses", "version", "source", "documentation"} <= labels.keys()
    assert (labels["licenses"], labels["source"]) == ("Apache-2.0", project()["project"]["urls"]["Source"])


def test_its_lock_file_is_the_part_of_the_lock_file_that_a_service_needs() -> None:
    written = (DEPLOY / "requirements.lock").read_text(encoding="utf-8")
    assert written == runtime_lock(), "run: python deploy/runtime_lock.py"
    names = set(re.findall(r"^([\w.-]+)==", written, re.MULTILINE))
    assert {"durable-rules", "fhir-resources", "psycopg-binary", "opentelemetry-sdk", "uvicorn", "anyio"} <= names
    assert names & {"pytest", "sphinx", "mypy", "z3-solver", "duckdb", "hypothesis", "cyclonedx-bom"} == set()


# Compose


@pytest.fixture(scope="module")
def compose() -> Json:
    (found,) = loaded(DEPLOY / "compose.yaml")
    return found


def test_two_replicas_a_proxy_and_a_database_that_is_reached_from_the_replicas_alone(compose: Json) -> None:
    services = compose["services"]
    assert services.keys() == {"cds-a", "cds-b", "proxy", "database"}
    assert services["cds-a"] == services["cds-b"]
    assert (services["database"]["networks"], services["proxy"]["networks"]) == (["records"], ["front"])
    assert compose["networks"]["records"] == {"internal": True}
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    named = re.findall(r"server (\S+):8080 resolve", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert named == ["cds-a", "cds-b"]


def test_each_service_has_a_health_check_a_release_and_no_rights(compose: Json) -> None:
    for name, one in compose["services"].items():
        assert one["healthcheck"]["test"][0] == "CMD", name
        assert re.fullmatch(r"[\w./-]+:\d+[\w.-]*", one["image"]), name
        assert one["restart"] == "unless-stopped"
    for name in ("cds-a", "cds-b", "proxy"):
        one = compose["services"][name]
        assert (one["read_only"], one["cap_drop"], one["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    replica = compose["services"]["cds-a"]
    assert (replica["user"], replica["depends_on"]) == (f"{UID}:{UID}", {"database": {"condition": "service_healthy"}})
    assert replica["healthcheck"]["test"][1:3] == ["/opt/calcium-cds/bin/cds", "healthcheck"]


def test_secrets_are_files_and_every_name_leads_to_something(compose: Json) -> None:
    assert all(one["file"].startswith("./secrets/") for one in compose["secrets"].values())
    assert all((DEPLOY / one["file"]).is_file() for one in compose["configs"].values())
    for one in compose["services"].values():
        assert set(one.get("secrets", ())) <= compose["secrets"].keys()
        assert {each["source"] for each in one.get("configs", ())} <= compose["configs"].keys()
        assert set(one["networks"]) <= compose["networks"].keys()
        values = [value for key, value in one.get("environment", {}).items() if re.search("PASS|KEY|SECRET", key)]
        assert all(value.startswith("/run/secrets/") for value in values)
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_the_proxy_is_of_the_network_that_the_replicas_trust(compose: Json) -> None:
    (configuration,) = loaded(DEPLOY / "compose" / "service.yaml")
    assert compose["networks"]["front"]["ipam"]["config"] == [{"subnet": configuration["trusted proxies"][0]}]


def test_the_commands_that_make_the_secrets_make_them(tmp_path: Path, compose: Json) -> None:
    (commands,) = re.findall(r"```sh\n(umask .*?)```", (DEPLOY / "README.md").read_text(encoding="utf-8"), re.S)
    (tmp_path / "deploy").mkdir()
    subprocess.run(["sh", "-euc", commands], cwd=tmp_path, check=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "deploy" / "secrets").iterdir()}
    assert made.keys() | {"tls.crt", "tls.key"} == compose["secrets"].keys()
    password = made["database.password"].decode()
    assert (len(made["pseudonym.key"]), re.fullmatch(r"[0-9a-f]{48}", password) is not None) == (32, True)
    assert f"password={password}\n".encode() in made["pg_service.conf"]
    assert (tmp_path / "deploy" / "secrets").stat().st_mode & 0o077 == 0


# Kubernetes


@pytest.mark.parametrize("path", MANIFESTS, ids=[path.stem for path in MANIFESTS])
def test_a_manifest_is_of_the_form_that_kubernetes_wants(path: Path) -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="the extra manifests is not installed")
    for one in loaded(path):
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_pods_have_probes_bounds_no_rights_and_stand_on_different_hosts() -> None:
    spec = manifest("Deployment")["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert {name: container[name]["httpGet"]["path"] for name in PROBES} == PROBES
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, UID)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert pod["automountServiceAccountToken"] is False
    assert (spec["replicas"], spec["strategy"]["rollingUpdate"]) == (2, {"maxUnavailable": 0, "maxSurge": 1})
    assert pod["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname"
    assert re.search(r":\d+\.\d+\.\d+$", container["image"])


def test_what_manifests_name_is_there() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert manifest("Service")["spec"]["selector"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    volumes = {one["name"]: one for one in pod["volumes"]}
    assert {one["name"] for one in pod["containers"][0]["volumeMounts"]} == volumes.keys()
    assert volumes["configuration"]["configMap"]["name"] == manifest("ConfigMap")["metadata"]["name"]
    assert volumes["secrets"]["secret"]["secretName"] == manifest("Secret")["metadata"]["name"]
    assert pod["serviceAccountName"] == manifest("ServiceAccount")["metadata"]["name"]
    mounted = {one["mountPath"] for one in pod["containers"][0]["volumeMounts"] if not one.get("readOnly")}
    assert mounted == {"/tmp", "/var/lib/calcium-cds"}  # noqa: S108 - what may be written


def test_the_example_of_the_secret_holds_no_value_and_its_keys_are_those_that_are_read() -> None:
    assert set(manifest("Secret")["data"].values()) == {""}
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    read = {
        pod["containers"][0]["env"][0]["value"],
        *re.findall(r"/run/\S+", manifest("ConfigMap")["data"]["service.yaml"]),
    }
    assert {path.rpartition("/")[2] for path in read} == manifest("Secret")["data"].keys()


def test_manifests_and_compose_file_have_one_configuration() -> None:
    (compose,) = loaded(DEPLOY / "compose" / "service.yaml")
    kubernetes = YAML(typ="safe", pure=True).load(manifest("ConfigMap")["data"]["service.yaml"])
    compose["pseudonym key"] = compose["pseudonym key"].replace("/run/secrets", "/run/secrets/calcium-cds")
    assert kubernetes.pop("trusted proxies") != compose.pop("trusted proxies")
    assert kubernetes == compose


# systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_is_one_that_systemd_takes_and_finds_hardened(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd" / "calcium-cds.service").read_text(encoding="utf-8")
    path = tmp_path / "calcium-cds.service"
    path.write_text(unit.replace("/opt/calcium-cds/bin/cds", shutil.which("true") or ""), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
    said = [line for line in checked.stderr.splitlines() if path.name in line]
    assert (checked.returncode, said) == (0, [])
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", path]
    looked = subprocess.run(command, capture_output=True, text=True)
    assert looked.returncode == 0, looked.stdout[-200:]


@pytest.mark.slow
def test_a_host_of_its_own_serves_over_tls_with_the_configuration_of_its_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd" / "calcium-cds.service").read_text(encoding="utf-8")
    assert f"ExecStart=/opt/calcium-cds/bin/cds serve --config {CONFIGURATION}\n" in unit
    write_certificate(tmp_path)
    text = (DEPLOY / "systemd" / "service.yaml").read_text(encoding="utf-8")
    for folder in ("/etc/calcium-cds", "/var/lib/calcium-cds", "/run/credentials/calcium-cds.service"):
        text = text.replace(folder, str(tmp_path))
    assert text.count(str(tmp_path)) == 5
    config = tmp_path / "service.yaml"
    # One process starts in a third of the time.
    text, count = re.subn("^workers: 2\n", "", text, flags=re.MULTILINE)
    assert (count, "ExecReload=/bin/kill -HUP $MAINPID" in unit) == (1, True)
    # Nobody has the keys of the example's EHR: a file stands for them.
    config.write_text(text.replace("keys url: https://ehr.hospital.example/jwks.json", "keys file: keys.json"), "utf-8")
    (tmp_path / "keys.json").write_text(json.dumps(key_set()), encoding="utf-8")
    with serving(tmp_path, "--config", str(config), "--host", "127.0.0.1", tls=trusting(tmp_path)) as served:
        found = httpx2.post(
            f"{served.url}{REVIEW}", json=call(), headers=signed(), verify=trusting(tmp_path), trust_env=False
        )
        assert found.json()["cards"]
        with pytest.raises(httpx2.TransportError):
            httpx2.get(served.url.replace("https", "http"), trust_env=False)
        port = served.url.rpartition(":")[2]
        config.write_text(config.read_text("utf-8").replace("port: 8443", f"port: {port}"), "utf-8")
        done = CliRunner().invoke(app, ["healthcheck", "--config", str(config), "--ready"])
        assert (done.exit_code, done.stdout.partition(":")[0].strip()) == (0, "ready")
    assert (tmp_path / "records.sqlite").is_file()


def signed() -> dict[str, str]:
    """The header of a call that the EHR of the example signs."""
    now, ehr, us = int(time.time()), "https://ehr.hospital.example", "https://cds.hospital.example"
    return bearer(token(iss=ehr, aud=f"{us}{REVIEW}", iat=now - 1, exp=now + 200, header={"jku": None}))
