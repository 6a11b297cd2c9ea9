# SPDX-License-Identifier: GPL-2.0-or-later
"""pec-milter alone, with a provider of its own: for what drives it over its socket (milter_client.py).

    program = Program()
    with Milter(program.socket, "pec-access") as milter: ...
    program.stop()          # its exit status; program.log() says more
    program.remove()
"""

import base64
import hashlib
import os
import signal
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from support.milter_client import Milter
from support.paths import BUILD_DIR
from support.pki import Pki

START_LIMIT, STOP_LIMIT = 60.0, 60.0  # seconds; sanitizers are slow
NAME, DOMAIN = "PEC Alfa S.p.A.", "pec.alfa.example"
SERVICE = f"ricevute@{DOMAIN}"
SIGNING = f"posta-certificata@{DOMAIN}"


class Program:
    """`sections`: more of the configuration. `open_files`: how many it may have, if not as many as we.
    `environment`: its own, if not ours. `wait`: until its socket answers."""

    def __init__(self, sections: str = "", open_files: int | None = None,
                 environment: dict[str, str] | None = None, wait: bool = True):
        self._keeper = tempfile.TemporaryDirectory(prefix="pec-")
        self.folder = Path(self._keeper.name) / "site"
        pki = Pki(self.folder)
        pki.begin_signing("signing", NAME, SIGNING)
        pki.finish()
        for secret in ("internal", "delivery"):
            (self.folder / secret).write_text(os.urandom(32).hex() + "\n")
            (self.folder / secret).chmod(0o400)
        self.write_directory()
        self.socket = self.folder / "socket"
        (self.folder / "pec.toml").write_text(self._config() + sections)
        with (self.folder / "log").open("wb") as log:
            self._command = [*(["prlimit", f"--nofile={open_files}:{open_files}"] if open_files else []),
                             BUILD_DIR / "milter" / "pec-milter", "--config", self.folder / "pec.toml"]
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment)
        if wait:
            self._wait_for_socket()

    def _config(self) -> str:
        here = self.folder
        return (f'[milter]\nsocket = "unix:{self.socket}"\ntemp_dir = "{here}"\n'
                f'[provider]\nname = "{NAME}"\ndomain = "{DOMAIN}"\n'
                f'certificate_file = "{here}/signing.pem"\nkey_file = "{here}/signing.key"\n'
                f'[trust]\nca_file = "{here}/ca.pem"\n'
                f'[directory]\nsource = "ldif:{here}/directory.ldif"\n'
                f'[ledger]\nconnection = "sqlite3://{here}/ledger.db"\n'
                f'[internal]\nsecret_file = "{here}/internal"\ndelivery_secret_file = "{here}/delivery"\n'
                '[antivirus]\nengine = "none"\n[log]\ndestination = "stderr"\n')

    def write_directory(self) -> None:
        """The same again is a new file, which is read again."""
        der = ssl.PEM_cert_to_DER_cert((self.folder / "signing.pem").read_text())
        fresh = self.folder / "directory.new"
        fresh.write_text(
            f"dn: providerName={NAME},o=postacert\nobjectClass: provider\nproviderName: {NAME}\n"
            f"providerCertificateHash: {hashlib.sha1(der).hexdigest()}\n"
            f"providerCertificate;binary:: {base64.b64encode(der).decode()}\n"
            f"mailReceipt: {SERVICE}\nmanagedDomains: {DOMAIN}\n")
        fresh.rename(self.folder / "directory.ldif")

    def _wait_for_socket(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                Milter(self.socket, "pec-access").close()
                return
            except (FileNotFoundError, ConnectionRefusedError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"pec-milter did not start:\n{self.log()}") from error
            try:
                self._process.wait(0.02)
            except subprocess.TimeoutExpired:
                pass

    @property
    def pid(self) -> int:
        return self._process.pid

    def reload(self) -> None:
        self.write_directory()
        self._process.send_signal(signal.SIGUSR1)

    def check(self) -> str:
        """What `--check` says of a good configuration."""
        return subprocess.run([*self._command, "--check"], capture_output=True, text=True, check=True).stdout

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def stop(self) -> int:
        """Returns its exit status; a sanitizer that has reported something makes it another than 0."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_LIMIT)
        finally:
            if self._process.returncode is None:
                self._process.kill()
                self._process.wait()

    def remove(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._keeper.cleanup()
