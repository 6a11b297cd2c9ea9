# SPDX-License-Identifier: GPL-2.0-or-later
"""Small databases for ClamAV: a few signatures, known to the tests alone.

    write_database(folder, "one.ndb", [literal("Test.Eicar", EICAR)])

What these signatures find is called NAME.UNOFFICIAL, as with every database that isn't ClamAV's.
"""

import base64
import hashlib
import io
import os
import socket
import subprocess
import zipfile
from pathlib import Path

from support.processes import as_user

# The test string that all scanners agree on, in two pieces so that no scanner minds this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TEST_FILES = Path("/usr/share/clamav-testfiles")


def literal(name: str, content: bytes) -> str:
    """A line of an .ndb: these bytes, anywhere in any kind of file."""
    return f"{name}:0:*:{content.hex()}"


def whole_file(name: str, content: bytes) -> str:
    """A line of an .hdb: a file with just this content."""
    return f"{hashlib.md5(content).hexdigest()}:{len(content)}:{name}"


def write_database(folder: Path, file: str, lines: list[str]) -> None:
    """Whole, under its name at once, and for everybody to read: as freshclam does it."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    new = folder / f".{file}.new"
    new.write_text("".join(line + "\n" for line in lines))
    new.chmod(0o644)
    os.replace(new, folder / file)


def takes_long(beside: int = 0) -> bytes:
    """The end of a header, and a body that is scanned for seconds: an archive of what would be 300 MB.
    `beside`: so many octets more in it, which don't become smaller."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(300_000_000))
        file.writestr("noise", os.urandom(beside), zipfile.ZIP_STORED)
    return (b"MIME-Version: 1.0\r\nContent-Type: application/zip\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(archive.getvalue()).replace(b"\n", b"\r\n"))


def zipped(name: str, content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return archive.getvalue()


class Clamd:
    """A daemon of our own, on a unix socket. Ends with `end()`."""

    def __init__(self, folder: Path, database: Path, uid: int):
        folder.mkdir()
        os.chown(folder, uid, uid)
        self.socket = folder / "clamd.ctl"
        config = folder / "clamd.conf"
        config.write_text(f"Foreground yes\nLocalSocket {self.socket}\nDatabaseDirectory {database}\n"
                          f"TemporaryDirectory {folder}\nStreamMaxLength 200M\n"
                          "AlertExceedsMax yes\n")
        config.chmod(0o644)
        self.log = folder / "clamd.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(["/usr/sbin/clamd", "--config-file", str(config)],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             **as_user(uid))

    def answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(self.log.read_text())
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.socket))
            except OSError:
                return False
            connection.sendall(b"zPING\0")
            return connection.recv(16) == b"PONG\0"

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()
