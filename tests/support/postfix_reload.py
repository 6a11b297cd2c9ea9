# SPDX-License-Identifier: GPL-2.0-or-later
"""`postfix reload`, and all that has to be over before a test can go on.

    reload_postfix(Path(provider.info["postfix_config"]), Path(provider.info["maillog"]))

Postfix answers at once and reloads in its own time. Three things can go wrong meanwhile:
- A queue manager that ends while a message is being delivered leaves it to the next one, which skips it
  ("still being delivered") and puts it back among what is incoming, dated five minutes ahead: it is not due
  until then. So the queue is idle before. What is incoming for long after is made due, and Postfix reloads again.
- A file of the last second counts as being written still, and is not read. So the files are made older.
- A server process that has read the old files can take one more client before it ends. So those are
  waited for that serve nobody.
"""

import json
import os
import re
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from support.processes import stat_of, wait_for_end
from support.waiting import PATIENCE, holds_within, wait_until

SHORT_PATIENCE = 5.0  # for what a client or a server of a test's own may keep waiting


def reload_postfix(config: Path, log: Path) -> None:
    master = int((queue_folder(config) / "pid" / "master.pid").read_text())
    _reload(config, log, master)
    # Something may have been taken up just then.
    if not holds_within(SHORT_PATIENCE, lambda: not _is_delivering(config)):
        for file in (queue_folder(config) / "incoming").iterdir():
            with suppress(FileNotFoundError):  # it was taken up at last
                _make_older(file)
        _reload(config, log, master)


def queue_folder(config: Path) -> Path:
    return Path(_run(["/usr/sbin/postconf", "-c", config, "-h", "queue_directory"]).strip())


def _reload(config: Path, log: Path, master: int) -> None:
    holds_within(SHORT_PATIENCE, lambda: not _is_delivering(config))
    for file in config.iterdir():
        if file.is_file():
            _make_older(file)

    def reloads() -> int:
        return len(re.findall(r"reload -- version", log.read_text()))

    before, old = reloads(), _children(master)
    _run(["/usr/sbin/postfix", "-c", config, "reload"])
    wait_until(lambda: reloads() > before, "Postfix has read its files again")
    wait_for_end(old, SHORT_PATIENCE)


def _make_older(file: Path) -> None:
    past = time.time() - 60
    os.utime(file, (past, past))


def _is_delivering(config: Path) -> bool:
    queue = _run(["/usr/sbin/postqueue", "-c", config, "-j"])
    return any(json.loads(line)["queue_name"] in ("active", "incoming") for line in queue.splitlines())


def _children(master: int) -> list[int]:
    pids = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return [pid for pid in pids if (stat := stat_of(pid)) and stat.parent == master]


def _run(command: list) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          timeout=PATIENCE, check=True).stdout
