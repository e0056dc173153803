"""A Spark session: the one that is there already, else one of this process, quiet, that ends with it.

Where Spark runs is said as everywhere: by spark-submit, by ``spark-defaults.conf``, by the variable ``MASTER``. Where
nothing says it, it runs in this process, with so many threads as workers were ordered.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from py4j.java_gateway import JavaGateway
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from cds.population.books.finished_run import RunError

JAVA = 17
UNSAID = "local[*]"
"""The master of Spark where nothing says one."""
LOG = "spark.log"
ONE_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
"""What is set on one machine, where nothing says otherwise: nothing listens to other machines."""
OURS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "2000",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.session.timeZone": "UTC",
}
"""What a run needs of a session, whatever the cluster has: small batches, parts kept apart, no file passed over."""


def session_of(workers: int, work: Path) -> SparkSession:
    """A session of the Spark that is there, or of one that is started; what that one says goes to a file in ``work``.

    Raises:
        RunError: there is no Java that is new enough, or Spark cannot be started.

    """
    if os.environ.get("SPARK_REMOTE"):
        raise RunError("The engine spark cannot work by Spark Connect. Unset SPARK_REMOTE, and use spark-submit.")
    if SparkContext._active_spark_context is None:
        _start(workers, work)
    session = SparkSession.builder.getOrCreate().newSession()
    for name, value in OURS.items():
        session.conf.set(name, value)
    return session


def is_running() -> bool:
    """Whether this process has a Spark already."""
    return SparkContext._active_spark_context is not None


def _start(workers: int, work: Path) -> None:
    try:
        gateway = SparkContext._gateway or _launched(work)  # a Java is used again, after its Spark has ended
        conf = SparkConf(_jvm=gateway.jvm)
        if conf.get("spark.master", UNSAID) == UNSAID:
            conf.setMaster(f"local[{workers}]")
        if re.match(r"local(\[|$)", str(conf.get("spark.master"))):
            _set_for_one_machine(conf, work)
        os.environ.setdefault("PYSPARK_PYTHON", conf.get("spark.pyspark.python") or sys.executable)
        SparkContext(conf=conf, gateway=gateway)
    except PySparkException as error:
        raise RunError(f"Spark cannot be started ({error.getCondition()}). What it says is in {work / LOG}.") from None


def _launched(work: Path) -> JavaGateway:
    """A Java that ends when this process does, however that ends: it waits at a pipe from it."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # spark-submit has found its Java
        _need_java()
    work.mkdir(parents=True, exist_ok=True)
    with (work / LOG).open("ab") as log:
        return launch_gateway(popen_kwargs={"stdout": log, "stderr": log})  # type: ignore[no-untyped-call]


def _set_for_one_machine(conf: SparkConf, work: Path) -> None:
    """Its files stay in the folder of the run, and its processes find this program, in a checkout too."""
    here = str(Path(__file__).resolve().parents[4])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    own = {"spark.local.dir": str(work / "spilled"), "spark.executorEnv.PYTHONPATH": path}
    for name, value in (ONE_MACHINE | own).items():
        conf.setIfMissing(name, value)


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home, "bin", "java")) if home else "java")
    where = f"JAVA_HOME is {home}" if home else "it is not on the PATH, and JAVA_HOME is not set"
    todo = "Install it (Debian: apt-get install default-jre-headless), or set JAVA_HOME."
    if java is None:
        raise RunError(f"The engine spark needs Java {JAVA} or newer: there is none ({where}). {todo}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA:
        found = f"{java} is version {version[1]}" if version else f"{java} does not say its version"
        raise RunError(f"The engine spark needs Java {JAVA} or newer: {found}. {todo}")
