# SPDX-License-Identifier: GPL-2.0-or-later
"""What one of our programs works on, when it is tested alone: a folder with a configuration and its files. As
root the program runs as the service's user, whom the folder belongs to.

    class Publish(PecctlCase):
        def test_it(self):
            self.configure(provider__name="PEC Alfa S.p.A.")
            done = self.pecctl("directory", "publish")
"""

import base64
import functools
import hashlib
import os
import shutil
import sqlite3
import ssl
import subprocess
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from support.folders import temporary_folder
from support.paths import BUILD_DIR
from support.pki import Pki
from support.processes import as_user
from support.provider import MILTER_UID

ALFA, BETA = "PEC Alfa S.p.A.", "PEC Beta S.r.l."
ANNA = "anna@pec.alfa.example"
OPTIONS = {
    "milter.socket": "unix:{}/socket",
    "milter.temp_dir": "{}",
    "provider.name": ALFA,
    "provider.domain": "pec.alfa.example",
    "provider.certificate_file": "{}/signing.pem",
    "provider.key_file": "{}/signing.key",
    "trust.ca_file": "{}/ca.pem",
    "directory.source": "ldif:{}/directory.ldif",
    "ledger.connection": "sqlite3://{}/ledger.db",
    "internal.secret_file": "{}/internal.secret",
    "internal.delivery_secret_file": "{}/delivery.secret",
    "antivirus.database_dir": "{}/clamav",
    "antivirus.store_dir": "{}/viruses",
    "log.destination": "stderr",
}


def options_in(site: Path) -> dict[str, str]:
    return {key: value.format(site) for key, value in OPTIONS.items()}


def named(changes: dict) -> dict:
    """Options as Python's keywords have them: `provider__name="x"`."""
    return {key.replace("__", "."): value for key, value in changes.items()}


def write_config(file: Path, options: dict, more: str = "") -> None:
    """Those that are None are left out; `more` is TOML that follows."""
    sections: dict[str, str] = {}
    for key, value in options.items():
        section, name = key.split(".")
        text = value if isinstance(value, int) else f'"{value}"'
        if value is not None:
            sections[section] = sections.get(section, "") + f"{name} = {text}\n"
    file.write_text("".join(f"[{name}]\n{text}" for name, text in sections.items()) + more)


def entry(certificate: Path, name: str = ALFA, domain: str = "pec.alfa.example") -> str:
    """A provider's entry in the directory (RFC 6109, 4.5)."""
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    return (f"dn: providerName={name},o=postacert\nobjectClass: provider\nproviderName: {name}\n"
            f"providerCertificateHash: {hashlib.sha1(der).hexdigest()}\n"
            f"providerCertificate;binary:: {base64.b64encode(der).decode()}\n"
            f"mailReceipt: ricevute@{domain}\nmanagedDomains: {domain}\n")


@functools.cache
def new_entry(name: str = ALFA, domain: str = "pec.alfa.example") -> str:
    """One with a certificate of its own, the same throughout a module."""
    with tempfile.TemporaryDirectory(prefix="pec-") as folder:
        pki = Pki(Path(folder) / "pki")
        pki.begin_signing("signing", name, f"posta-certificata@{domain}")
        pki.finish()
        return entry(pki.certificate("signing"), name, domain)


@functools.cache
def built_program(path: str) -> Path:
    """A copy until the module's last test. Root may do everything: then a program runs as somebody else, from
    where that one can."""
    folder = temporary_folder(unittest.addModuleCleanup)
    folder.chmod(0o755)
    return Path(shutil.copy(BUILD_DIR / path, folder))


def service_identity(*paths: Path) -> dict:
    """Who the service's user is, for subprocess; the paths are his then. As an ordinary user: oneself."""
    if os.geteuid() != 0:
        return {}
    for path in paths:
        os.chown(path, MILTER_UID, MILTER_UID)
    return as_user(MILTER_UID)


class PecctlCase(unittest.TestCase):
    def setUp(self):
        self.site = temporary_folder(self.addCleanup)
        self.config = self.site / "pec.toml"
        self.options = options_in(self.site)
        secret = self.site / "internal.secret"  # its owner is the service's user
        secret.write_text(64 * "a" + "\n")
        secret.chmod(0o600)
        self.identity = service_identity(self.site, secret)
        self.environment = {}

    def configure(self, more: str = "", **changes) -> None:
        """`provider__name="x"` sets an option, for the next time, too."""
        self.options |= named(changes)
        write_config(self.config, self.options, more)

    def start(self, *arguments, **options) -> subprocess.Popen:
        """`options`: Popen's own, in the place of the service's user."""
        return subprocess.Popen(
            [built_program("pecctl/pecctl"), "--config", self.config, *arguments], cwd="/", text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **{"env": os.environ | self.environment} | (options or self.identity))

    def pecctl(self, *arguments, typed: str = "", **options) -> subprocess.CompletedProcess:
        process = self.start(*arguments, **options)
        output, errors = process.communicate(typed, timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def answer_to(self, *arguments) -> str:
        """What it prints, once it has done it."""
        done = self.pecctl(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout

    def assert_complaint(self, pattern: str, *arguments, **options) -> None:
        """It does nothing, and says why in one line."""
        done = self.pecctl(*arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertRegex(done.stderr, rf"\Apecctl: {pattern}\n\Z")

    def as_root(self) -> dict:
        """Who root is, for subprocess; the test is skipped, if we are not."""
        if os.geteuid() != 0:
            self.skipTest("only root can be root")
        return {"user": 0, "group": 0, "extra_groups": [0, 1]}


class LedgerCase(PecctlCase):
    """With a directory of alfa and beta, and a ledger as soon as pecctl makes it."""

    def setUp(self):
        super().setUp()
        self.ledger = self.site / "ledger.db"
        self.directory = self.site / "directory.ldif"
        self.directory.write_text(new_entry() + "managedDomains: comune.example\n\n"
                                  + new_entry(BETA, "pec.beta.example"))
        self.configure()

    def write_config(self, **changes) -> None:
        """As `configure`, for this time only."""
        write_config(self.config, self.options | named(changes))

    def assert_answer(self, expected: str, *arguments) -> None:
        done = self.pecctl(*arguments)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, expected + "\n", ""))

    def assert_complaint(self, pattern: str, *arguments, **options) -> None:
        """One line, and the ledger isn't touched."""
        before = self.rows()
        super().assert_complaint(pattern, *arguments, **options)
        self.assertEqual(self.rows(), before)

    def rows(self) -> list[tuple]:
        if not self.ledger.exists():
            return []
        with closing(sqlite3.connect(self.ledger)) as database:
            return database.execute("SELECT address, closed FROM mailbox").fetchall()


def has_open(pid: int, path: Path) -> bool:
    try:
        return path in [file.readlink() for file in Path(f"/proc/{pid}/fd").iterdir()]
    except FileNotFoundError:  # closed while we looked
        return False
