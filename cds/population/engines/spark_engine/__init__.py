"""The engine for a cluster: Apache Spark reads, groups by patient and answers; the folder of the run is the same.

All machines have to see the inputs, the rules and the folder of the run under one name, and have this program in the
Python of their workers. A file is written whole, or not at all: what is tried again or twice does no harm.
"""

from __future__ import annotations

from cds.population.engines.processes import Workers
from cds.population.engines.spark_engine.executors import SparkEngine


def engine(workers: Workers) -> SparkEngine:
    """The engine; so many workers as processes were ordered, where nothing else says where Spark runs."""
    return SparkEngine(workers.number)
