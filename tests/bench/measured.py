"""Run a command and write what it used as JSON: `python -S measured.py RESULT OUTPUT COMMAND…`.

A process of its own because the kernel counts the size of whoever starts a command into the command's peak memory.
"""

import json
import os
import subprocess
import sys
import time

result, output, *command = sys.argv[1:]
with open(output, "wb") as out:  # noqa: PTH123
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=out)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
spent = {
    "code": os.waitstatus_to_exitcode(status),
    "cpu": used.ru_utime + used.ru_stime,
    "wall": wall,
    "peak_mb": used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024),
}
with open(result, "w") as file:  # noqa: PTH123
    json.dump(spent, file)
