"""Queries run on Spark through Spark Connect; run by the Python of `.bench/spark`, which knows nothing of uptake.

`spark_answers.py sail|cluster FOLDER` reads FOLDER/*.parquet as tables and FOLDER/queries.json ({name: SQL}), and writes the
rows to FOLDER/<engine>.json. `sail` is the engine in Rust; `cluster` starts Spark's own master, two workers and a Connect
server that hands its work to them. Both listen on loopback only and end with this program.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


def main(engine: str, folder: Path) -> None:
    from pyspark.sql import SparkSession

    with {"sail": sail, "cluster": cluster}[engine](folder) as port:
        spark = SparkSession.builder.remote(f"sc://{HOST}:{port}").getOrCreate()
        for table in sorted(folder.glob("*.parquet")):
            spark.read.parquet(str(table)).createOrReplaceTempView(table.stem)
        told: dict[str, Any] = {"version": spark.version, "answers": {}, "refused": {}}
        for name, sql in json.loads((folder / "queries.json").read_text()).items():
            try:
                told["answers"][name] = [[plain(value) for value in row] for row in spark.sql(sql).collect()]
            except Exception as error:  # noqa: BLE001  whatever it is: the test shows it
                told["refused"][name] = f"{type(error).__name__}: {error}"[:400]
        (folder / f"{engine}.json").write_text(json.dumps(told))
        spark.stop()


def plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else float(value)  # type: ignore[arg-type]


@contextmanager
def sail(folder: Path) -> Iterator[int]:
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(HOST, 0)
    server.start(background=True)
    yield server.listening_address[1]
    server.stop()


@contextmanager
def cluster(folder: Path) -> Iterator[int]:
    import pyspark

    home = Path(pyspark.__file__).parent
    master, port = free_port(), free_port()
    with ExitStack() as ending:

        def start(name: str, *command: str) -> None:
            where = folder / name
            where.mkdir()
            log = ending.enter_context((folder / f"{name}.log").open("wb"))
            environ = os.environ | {"SPARK_LOCAL_IP": HOST, "SPARK_HOME": str(home), "SPARK_NO_DAEMONIZE": "1",
                                    "SPARK_LOCAL_DIRS": str(where), "PYSPARK_PYTHON": sys.executable}  # fmt: skip
            process = subprocess.Popen(command, cwd=where, env=environ, stdout=log, stderr=log)
            ending.callback(process.wait)
            ending.callback(process.terminate)

        run = str(home / "bin" / "spark-class")
        deploy = "org.apache.spark.deploy"
        start("master", run, f"{deploy}.master.Master", "--host", HOST, "--port", str(master), "--webui-port", "0")
        wait(master)
        for number in (1, 2):
            start(f"worker{number}", run, f"{deploy}.worker.Worker", "--host", HOST, "--webui-port", "0", "--cores", "1",
                  "--memory", "700m", "--work-dir", str(folder / f"worker{number}"), f"spark://{HOST}:{master}")  # fmt: skip
        settings = {
            "spark.connect.grpc.binding.port": port, "spark.connect.grpc.binding.address": HOST,
            "spark.driver.host": HOST, "spark.driver.bindAddress": HOST, "spark.executor.memory": "512m",
            "spark.sql.shuffle.partitions": 2, "spark.ui.enabled": "false", "spark.sql.warehouse.dir": folder / "warehouse",
            "spark.cores.max": 2, "spark.executor.cores": 1, "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        }  # fmt: skip
        start("connect", str(home / "bin" / "spark-submit"), "--master", f"spark://{HOST}:{master}",
              *[part for name, value in settings.items() for part in ("--conf", f"{name}={value}")],
              "--driver-memory", "600m",
              "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal")  # fmt: skip
        wait(port)
        yield port


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def wait(port: int, seconds: int = 120) -> None:
    for _ in range(seconds * 5):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"nothing listens on port {port} after {seconds} s")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
