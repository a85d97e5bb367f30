"""dlt: its REST API source into DuckDB, as its documentation sets it up. Run by the Python of the peers' environment.

`dlt_load.py load FOLDER URL KEY FIRST LAST` reads the days; `dlt_load.py rows FOLDER` prints what the database holds.
Parquet as loader format is its recommendation for DuckDB and several times faster than its default of inserts.
"""

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path


def load(folder: str, url: str, key: str, first: str, last: str) -> None:
    """One run of the pipeline: a request chain a day, merged by member and day. It keeps no cursor for such a source."""
    import dlt
    from dlt.sources.rest_api import rest_api_source

    days = [str(date.fromisoformat(first) + timedelta(number)) for number in range(_days(first, last))]

    @dlt.resource(selected=False)
    def day_list():
        yield [{"day": day} for day in days]

    source = rest_api_source(
        {
            "client": {
                "base_url": f"{url}/v1/organizations/",
                "auth": {"type": "bearer", "token": key},
                "headers": {"anthropic-version": "2023-06-01"},
                "paginator": {"type": "cursor", "cursor_path": "next_page", "cursor_param": "page"},
            },
            "resources": [
                day_list(),
                {
                    "name": "usage",
                    "primary_key": ["user__id", "_day_list_day"],
                    "write_disposition": {"disposition": "merge", "strategy": "upsert"},
                    "include_from_parent": ["day"],
                    "endpoint": {
                        "path": "analytics/users",
                        "params": {"date": "{resources.day_list.day}", "limit": 1000},
                        "data_selector": "data",
                    },
                },
            ],
        }
    )
    pipeline = dlt.pipeline(
        "claude",
        pipelines_dir=f"{folder}/pipelines",
        destination=dlt.destinations.duckdb(f"{folder}/facts.duckdb"),
        dataset_name="claude",
    )
    pipeline.run(source, loader_file_format="parquet")


def rows(folder: str) -> None:
    """Each row held as a line of JSON."""
    import duckdb

    database = Path(folder) / "facts.duckdb"
    if not database.exists():
        return
    found = duckdb.connect(str(database), read_only=True).sql("SELECT * FROM claude.usage").to_arrow_table()
    for row in found.to_pylist():
        print(json.dumps(row, default=str))


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


if __name__ == "__main__":
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")
    {"load": load, "rows": rows}[sys.argv[1]](*sys.argv[2:])
