# SPDX-License-Identifier: GPL-2.0-or-later
"""What clients find in a mailbox, and how they reach its Sieve scripts: dovecot-conf/ beside what Debian's
Dovecot brings along, with clients that nobody here wrote.

    dovecot_access_test.py --plugin PATH/lib99_pec_plugin.so [unittest's arguments]

Exit status 77: skipped, with the reason.
"""

import base64
import re
import socket
import subprocess
import unittest
from pathlib import Path

from support.dovecot_case import PASSWORD, DovecotCase, main
from support.paths import ROOT
from support.processes import free_port

DEBIAN = Path("/usr/share/dovecot/conf.d/15-mailboxes.conf")
PROGRAM = Path("/usr/lib/dovecot/managesieve")
PATIENCE = 60


class Folders(DovecotCase):
    """By the files of dovecot-conf/ alone."""

    def uses(self) -> dict[str, set[str]]:
        """The folders that each special use has (RFC 6154), as LIST tells them."""
        found = {}
        for line in self.client.list()[1]:
            flags, name = re.fullmatch(rb'\((.*?)\) "/" (.*)', line).groups()
            for flag in re.findall(rb"\\(Sent|Drafts|Trash|Junk)", flags):
                found.setdefault(flag.decode(), set()).add(name.decode().strip('"'))
        return found

    def setUp(self):
        super().setUp()
        self.client = self.dovecot.imap(self.bob, PASSWORD)
        self.addCleanup(self.client.shutdown)

    ONE_EACH = {"Sent": {"Sent"}, "Drafts": {"Drafts"}, "Trash": {"Trash"},
                "Junk": {"Posta Indesiderata"}}

    def test_each_use_has_one_folder_from_the_first_login_on(self):
        self.assertEqual(self.uses(), self.ONE_EACH)
        subscribed = b" ".join(self.client.lsub()[1]).decode()
        for names in self.ONE_EACH.values():
            for name in names:
                self.assertIn(name, subscribed)
                self.assertEqual(self.client.select(f'"{name}"')[0], "OK")

    def test_those_that_clients_have_made_get_no_second_use(self):
        for name in ("Junk", "Sent Messages"):
            self.client.create(f'"{name}"')
        self.assertEqual(self.uses(), self.ONE_EACH)


@unittest.skipUnless(DEBIAN.exists(), "Debian's own settings are not installed")
class FoldersBesideDebians(Folders):
    @classmethod
    def configure(cls):
        config = cls.dovecot.config.read_text()
        cls.dovecot.config.write_text(config.replace("!include 99", f"!include {DEBIAN}\n!include 99"))


@unittest.skipUnless(PROGRAM.exists(), "dovecot-managesieved is not installed")
class ManageSieve(DovecotCase):
    @classmethod
    def configure(cls):
        cls.port = free_port()
        option = (ROOT / "dovecot-conf/pec-managesieve.conf.ext").read_text()
        (cls.dovecot.folder / "pec-managesieve.conf.ext").write_text(
            option.replace("@MANAGESIEVE_PORT@", str(cls.port)))
        with cls.dovecot.config.open("a") as config:
            config.write("!include pec-managesieve.conf.ext\n")

    def connect(self) -> socket.socket:
        """From another address than the server's: Dovecot takes what comes from its own for secure."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE, ("127.0.0.2", 0))

    def session(self, *commands: bytes) -> bytes:
        """What comes back of these, over TLS. Each waits for the answer to the one before."""
        with self.connect() as plain:
            self.command(plain, b"", b"STARTTLS")
            with self.dovecot.tls_context().wrap_socket(plain) as connection:
                return self.command(connection, *commands, b"LOGOUT")

    def command(self, connection, *commands: bytes) -> bytes:
        """An empty one waits for the greeting, which comes again after STARTTLS."""
        said = b""
        with connection.makefile("rb") as lines:
            for command in commands:
                if command:
                    connection.sendall(command + b"\r\n")
                said += self.answer(lines)
        return said

    def answer(self, lines) -> bytes:
        """Up to the line that says how it went (RFC 5804, 1.2)."""
        said = b""
        for line in lines:
            said += line
            if line.startswith((b"OK", b"NO", b"BYE")):
                break
        return said

    def authenticate(self, password: str) -> bytes:
        login = f"\0{self.bob}\0{password}".encode()
        return b'AUTHENTICATE "PLAIN" "' + base64.b64encode(login) + b'"'

    def test_scripts_are_kept_over_tls(self):
        answer = self.session(b"", self.authenticate(PASSWORD), b'PUTSCRIPT "mio" {8+}\r\ndiscard;', b'SETACTIVE "mio"',
                              b"LISTSCRIPTS")
        self.assertIn(b'"mio" ACTIVE', answer)
        self.assertIn(b'OK', answer)

    def test_nobody_logs_in_in_plain_text(self):
        """A client that would is told so, whether the password is right or not."""
        for password in (PASSWORD, "wrong"):
            with self.connect() as connection:
                said = self.command(connection, b"", self.authenticate(password))
            greeting, _, answer = said.rpartition(b"\r\nOK ")
            self.assertIn(b'"STARTTLS"', greeting)
            self.assertIn(b'"SASL" ""', greeting)
            self.assertIn(b"NO (ENCRYPT-NEEDED)", answer)

    def test_openssl_sees_it(self):
        done = subprocess.run(["openssl", "s_client", "-starttls", "sieve", "-connect",
                               f"127.0.0.1:{self.port}", "-CAfile", self.dovecot.certificate],
                              input=b"", capture_output=True, check=True, timeout=PATIENCE)
        self.assertIn(b"Verify return code: 0 (ok)", done.stdout)


class WithoutManageSieve(DovecotCase):
    def test_it_is_an_option(self):
        listening = subprocess.run(["doveconf", "-c", self.dovecot.config, "-h", "protocols"],
                                   capture_output=True, text=True, check=True).stdout
        self.assertEqual(listening.strip(), "imap pop3 lmtp")


if __name__ == "__main__":
    main(__doc__)
