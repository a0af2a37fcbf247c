"""How long the program takes until people can write, and how much memory it holds then."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

PATIENCE = 30.0  # seconds


def measure(runs: int) -> dict[str, float]:
    """Start the demo that many times on the same data, after a first start that makes it."""
    with tempfile.TemporaryDirectory() as folder:
        first_seconds, _ = _start(folder)
        started = [_start(folder) for _ in range(runs)]
    return {
        "start_first_seconds": first_seconds,
        "start_seconds": median(seconds for seconds, _ in started),
        "start_megabytes": median(megabytes for _, megabytes in started),
    }


def _start(folder: str) -> tuple[float, float]:
    """Seconds from the process's start to the first answer, and its resident memory in MB at that moment."""
    port = _free_port()
    settings = {"MINSHENG_DATA_DIR": folder, "MINSHENG_HTTP_PORT": str(port), "MINSHENG_LOG_LEVEL": "error"}
    began = time.perf_counter()
    bot = subprocess.Popen([sys.executable, "-m", "bot", "demo"], env=os.environ | settings, stdout=subprocess.DEVNULL)
    try:
        while not _answers(f"http://127.0.0.1:{port}/readyz"):
            if bot.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError("the demo did not start")
            time.sleep(0.005)
        return time.perf_counter() - began, megabytes(bot.pid)
    finally:
        bot.terminate()
        bot.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def megabytes(process_id: int) -> float:
    """The resident memory of a process, in MB of 1024 kB as Linux counts them (proc(5), VmRSS)."""
    status = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
