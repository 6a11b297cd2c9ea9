# SPDX-License-Identifier: GPL-2.0-or-later
"""A private PostgreSQL server in a folder of its own, on a unix socket alone.

    server = Postgresql(Path("/tmp/x/postgresql"))
    server.create("alfa")                  # a database; server.uri("alfa") is its connection
    server.query("alfa", "SELECT ...")     # rows of texts, by psql
    server.rows("alfa", "SELECT ... WHERE x = ?", x)   # rows of values, as sqlite3 gives them
    server.stop(); server.start(); server.end()
"""

import json
import os
import pwd
import shutil
import subprocess
from pathlib import Path

USER = "pec"  # within the server; everybody on this socket may be it


def uri_of(folder: Path, database: str) -> str:
    """`folder`: of the server's socket."""
    return f"postgresql://{USER}@/{database}?host={folder}"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian keeps out of PATH; None: not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


class Postgresql:
    def __init__(self, folder: Path):
        self._folder = folder
        self._data = folder / "data"
        # PostgreSQL refuses root.
        self._account = pwd.getpwnam("postgres")
        folder.mkdir()
        os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        folder.chmod(0o755)  # the service's user connects
        self._run("initdb", "--pgdata", self._data, "--username", USER, "--auth", "trust",
                  "--encoding", "UTF8", "--no-locale", "--no-sync")
        self.start()

    def _run(self, program: str, *arguments) -> None:
        done = subprocess.run(
            [programs() / program, *map(str, arguments)], user=self._account.pw_uid,
            group=self._account.pw_gid, extra_groups=[], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{program}: {done.stdout}")

    def start(self) -> None:
        """Returns when it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "start", "--wait", "--pgdata", self._data, "--log",
                  self._folder / "log", "--options", options)

    def stop(self) -> None:
        """Sessions are cut off."""
        self._run("pg_ctl", "stop", "--wait", "--mode", "fast", "--pgdata", self._data)

    def end(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder)

    def uri(self, database: str) -> str:
        return uri_of(self._folder, database)

    def create(self, database: str) -> None:
        self.query("postgres", f"CREATE DATABASE {database}")

    def query(self, database: str, sql: str) -> list[list[str]]:
        output = subprocess.run(
            ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t",
             "--set=ON_ERROR_STOP=1", self.uri(database), "--command", sql],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if output.returncode != 0:
            raise AssertionError(output.stderr)
        return [line.split("\t") for line in output.stdout.splitlines()]

    def rows(self, database: str, sql: str, *values: str) -> list[tuple]:
        """No question mark may stand in the statement but those for values; columns have names."""
        literals = iter("'" + value.replace("'", "''") + "'" for value in values)
        filled = "".join(next(literals) if each == "?" else each for each in sql)
        lines = self.query(database, f"SELECT row_to_json(answer) FROM ({filled}) AS answer")
        return [tuple(json.loads(line).values()) for [line] in lines]
