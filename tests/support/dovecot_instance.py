# SPDX-License-Identifier: GPL-2.0-or-later
"""A private Dovecot for tests, started from the files of dovecot-conf/.

    with tempfile.TemporaryDirectory() as folder:
        dovecot = DovecotInstance(folder, plugin="build/dev/dovecot-plugin/lib99_pec_plugin.so",
                                  receipts=("127.0.0.1", 10588))
        dovecot.add_user("bob@b.example", "secret", quota_rule="*:storage=1M")
        dovecot.start()
        smtplib.LMTP(dovecot.lmtp_socket) ...
        dovecot.stop()

Needs root, since Dovecot's master does. Everything it makes lies in the folder; it listens on
loopback, on ports that were free, and stop() leaves no process behind.
"""

import imaplib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess

from support.paths import ROOT
from support.processes import free_port, stat_of
from support.waiting import wait_until

MODULES = pathlib.Path("/usr/lib/dovecot/modules")
MAIL_UID = 20001  # owns the mailboxes; need not be in /etc/passwd


def children_of(pid):
    everyone = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return [child for child in everyone if (stat := stat_of(child)) and stat.parent == pid]


def is_running(pid):
    stat = stat_of(pid)
    return stat is not None and stat.state != "Z"


class DovecotInstance:
    def __init__(self, folder, plugin, receipts, sieve_submission=("127.0.0.1", 1)):
        """`receipts` and `sieve_submission`: (address, port) of the smtpds that it hands mail to."""
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o711)  # the mail user passes through on the way to its homes
        self.imaps_port, self.pop3s_port = free_port(), free_port()
        self.queue = self.folder / "postfix"
        self.lmtp_socket = str(self.queue / "private/dovecot-lmtp")
        self.secret_file = self.folder / "delivery.secret"
        self.log = self.folder / "dovecot.log"
        self.master = None
        self._make_folders(pathlib.Path(plugin))
        self._make_certificate()
        self.secret_file.write_text("5a" * 32 + "\n")
        self.secret_file.chmod(0o400)
        self._write_config("%s:%d" % receipts, "%s:%d" % sieve_submission)

    @property
    def secret(self):
        return bytes.fromhex(self.secret_file.read_text())

    def _make_folders(self, plugin):
        (self.queue / "private").mkdir(parents=True)
        (self.folder / "users").mkdir()
        (self.folder / "homes").mkdir()
        os.chown(self.folder / "homes", MAIL_UID, MAIL_UID)
        modules = self.folder / "modules"
        modules.mkdir()
        for entry in MODULES.iterdir():
            (modules / entry.name).symlink_to(entry)
        for built in plugin.resolve().parent.glob("lib*_plugin.so"):
            (modules / built.name).symlink_to(built)

    def _make_certificate(self):
        self.key, self.certificate = self.folder / "tls.key", self.folder / "tls.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", self.key, "-out",
             self.certificate], check=True, capture_output=True)

    def _write_config(self, receipts, sieve_submission):
        script = self.folder / "pec-spam.sieve"
        shutil.copy(ROOT / "dovecot-conf/pec-spam.sieve", script)
        fragment = (ROOT / "dovecot-conf/99-pec.conf").read_text()
        for name, value in {
                "IMAPS_PORT": self.imaps_port, "POP3S_PORT": self.pop3s_port,
                "POSTFIX_QUEUE": self.queue, "MAILBOX_QUOTA": "100M", "PEC_USER": "nobody",
                "SIEVE_SUBMISSION": sieve_submission, "RECEIPTS_ADDRESS": receipts,
                "DELIVERY_SECRET_FILE": self.secret_file, "SPAM_SCRIPT": script,
                "MANAGESIEVE_INCLUDE": "", "LOGINS_INCLUDE": ""}.items():
            fragment = fragment.replace(f"@{name}@", str(value))
        (self.folder / "99-pec.conf").write_text(fragment)
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.log}
listen = 127.0.0.1
hostname = store.b.example
postmaster_address = postmaster@b.example
mail_plugin_dir = {self.folder}/modules
ssl_cert = <{self.certificate}
ssl_key = <{self.key}
recipient_delimiter = +
auth_username_format = %Lu
passdb {{
  driver = passwd-file
  args = {self.folder}/users/%u
}}
userdb {{
  driver = passwd-file
  args = {self.folder}/users/%u
}}
service stats {{
  client_limit = 1000
}}
!include 99-pec.conf
""")
        subprocess.run(["sievec", "-c", self.config, script], check=True)

    def home(self, address):
        return self.folder / "homes" / address

    def add_user(self, address, password, **settings):
        """`settings` hold for this user instead of the plugin block's. Also while Dovecot runs: each
        user has a file of his own, which it reads when it first needs it."""
        extra = " ".join(f"userdb_{name}={value}" for name, value in settings.items())
        (self.folder / "users" / address).write_text(
            f"{address}:{{PLAIN}}{password}:{MAIL_UID}:{MAIL_UID}::{self.home(address)}::{extra}\n")

    def set_sieve(self, address, script):
        """Makes `script` what filters this user's mail."""
        self.home(address).mkdir(exist_ok=True)
        path = self.home(address) / ".dovecot.sieve"
        path.write_text(script)
        for made in (self.home(address), path):
            os.chown(made, MAIL_UID, MAIL_UID)

    def start(self):
        with open(self.folder / "console.log", "ab") as console:
            # setpriv: Dovecot ends with us, even if we are killed.
            self.master = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "dovecot", "-F", "-c", self.config],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        try:
            wait_until(self._is_ready, "Dovecot to start")
        except AssertionError as error:
            self.stop()
            raise RuntimeError(f"{error}\n{self.logs()}") from error

    def _is_ready(self):
        if self.master.poll() is not None:
            raise RuntimeError(f"Dovecot did not start:\n{self.logs()}")
        if not self.log.exists() or "starting up" not in self.log.read_text():
            return False
        try:
            socket.create_connection(("127.0.0.1", self.imaps_port), 1).close()
            return True
        except ConnectionRefusedError:
            return False

    def tls_context(self):
        """Trusts this Dovecot's certificate."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.check_hostname = False  # it is for "localhost", we know the number only
        return context

    def imap(self, address, password):
        """A client that has logged in."""
        client = imaplib.IMAP4_SSL("127.0.0.1", self.imaps_port, ssl_context=self.tls_context())
        client.login(address, password)
        return client

    def processes(self, name):
        """The pids of the master's children that run this program, e.g. "lmtp"."""
        found = []
        for pid in children_of(self.master.pid):
            try:
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name:
                    found.append(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended while we looked
        return found

    def kill(self, pid):
        """Ends one of processes() as a crash would; returns when it is gone."""
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_running(pid), f"process {pid} to end")

    def stop(self):
        """At once: the children end by themselves when the master is gone."""
        if self.master is None:
            return
        children = children_of(self.master.pid)
        self.master.kill()
        self.master.wait()
        wait_until(lambda: not any(is_running(pid) for pid in children), "Dovecot to end")
        (self.folder / "run/master.pid").unlink(missing_ok=True)
        self.master = None

    def logs(self):
        return "".join(path.read_text(errors="replace")
                       for path in (self.folder / "console.log", self.log) if path.exists())


def missing_reason():
    """Why a private Dovecot can't run here, or None if it can."""
    if os.geteuid() != 0:
        return "must be root: Dovecot's master needs it"
    if shutil.which("dovecot") is None:
        return "dovecot is not installed"
    if not (MODULES / "lib90_sieve_plugin.so").exists():
        return "dovecot-sieve is not installed"
    try:
        pwd.getpwnam("postfix")
    except KeyError:
        return "there is no user postfix, who owns the sockets"
    return None
