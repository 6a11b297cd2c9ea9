# SPDX-License-Identifier: GPL-2.0-or-later
"""A sandbox that is up, and its two providers, as their users, operators and tests meet them.

    box = Box.bring_up(directory)           # Box(directory), if somebody did so already
    box.alfa.submit(anna, [dario], message)
    box.beta.wait_for(dario, 1)
    box.reconfigure(box.beta, limits={"max_recipients": 10})

All clients are Python's own (smtplib, imaplib): programs that nobody here wrote.
"""

import imaplib
import json
import os
import re
import signal
import smtplib
import sqlite3
import ssl
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

from support.clock import faketime
from support.mailbox import Mailbox, Maildir
from support.options import set_options
from support.paths import BUILD_DIR, ROOT
from support.postfix_reload import reload_postfix
from support.processes import Programs
from support.provider import MILTER_UID, SCANNER_UID, take_quota_socket
from support.waiting import PATIENCE, wait_until

LOG_LINES = 60


def run_sandbox(*arguments) -> subprocess.CompletedProcess:
    """scripts/sandbox, as anybody would call it."""
    return subprocess.run(
        [str(ROOT / "scripts" / "sandbox"), *map(str, arguments)],
        env={**os.environ, "PEC_BUILD_DIR": str(BUILD_DIR)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )


class Box:
    """A sandbox that is up: DIR/sandbox.json with the clients to use it."""

    @classmethod
    def bring_up(cls, directory: Path, milter: str = "pec") -> "Box":
        """`milter`: "pec", or "passthrough" for one that changes nothing."""
        up = run_sandbox("up", directory, "--milter", milter)
        if up.returncode != 0:
            raise AssertionError(up.stdout)
        return cls(directory)

    def __init__(self, directory: Path):
        self.directory = directory
        self.info = json.loads((directory / "sandbox.json").read_text())
        self.ca_file = Path(self.info["ca_file"])
        self.crl_file = self.ca_file.with_suffix(".crl")
        self.tls = ssl.create_default_context(cafile=self.ca_file)
        self._programs = Programs(directory / "processes.json")
        self.alfa = Provider(self, self.info["providers"]["alfa"])
        self.beta = Provider(self, self.info["providers"]["beta"])
        self.ordinary = Maildir(Path(self.info["ordinary"]["maildir"]))
        self.ordinary_mx = tuple(self.info["ordinary"]["mx"])

    @property
    def programs(self) -> Programs:
        """For what a test starts beside the sandbox; it ends with it."""
        return self._programs

    def down(self) -> None:
        down = run_sandbox("down", self.directory)
        self._programs.end_all()  # takes note of the end of what start_milter has begun
        if down.returncode != 0:
            raise AssertionError(down.stdout)

    def print_logs(self) -> None:
        logs = [self.info["ordinary"]["maillog"]]
        for provider in self.info["providers"].values():
            logs += [provider["milter_log"], provider["policy_log"], provider["scanner_log"],
                     provider["dovecot_log"], provider["maillog"]]
        for log in map(Path, logs):
            print(f"--- the end of {log}")
            if log.exists():
                lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
                print("\n".join(lines[-LOG_LINES:]))

    def ordinary_is_busy(self) -> bool:
        """Whether the ordinary host has mail under way; what waits for its next try is none."""
        return any(each["queue_name"] != "deferred"
                   for each in queue_of(self.info["ordinary"]["postfix_config"]))

    def ordinary_is_idle(self) -> bool:
        """Has the ordinary host try all that waits in its queue; true if nothing does."""
        config = self.info["ordinary"]["postfix_config"]
        flush(config)
        return not queue_of(config)

    def reconfigure(self, provider: "Provider", /, **sections: dict) -> None:
        """Sets options, by section, and restarts our programs."""
        self.configure(provider, **sections)
        self.kill_scanner(provider)
        self.start_scanner(provider)
        self.kill_milter(provider)
        self.start_milter(provider)
        self.kill_policyd(provider)
        self.start_policyd(provider)

    @staticmethod
    def configure(provider: "Provider", /, **sections: dict) -> None:
        """Sets options, by section, for programs that are started later."""
        set_options(Path(provider.info["config"]), **sections)

    def reload(self, provider: "Provider") -> None:
        """Has the milter read directory, authorities and revocation lists again."""
        def answers() -> int:
            return len(re.findall("the trust in signatures (was|has|stays)", provider.milter_log()))

        before = answers()
        os.kill(self._programs.pid(provider.milter_name), signal.SIGUSR1)
        wait_until(lambda: answers() > before, "the milter has read its files again")

    def kill_milter(self, provider: "Provider") -> None:
        self._programs.kill(provider.milter_name)

    def start_milter(self, provider: "Provider") -> None:
        self._start(provider, "milter", provider.milter_name, MILTER_UID)

    def stop_milter(self, provider: "Provider") -> None:
        """In order: what it has counted is in the ledger then."""
        self._programs.stop(provider.milter_name)

    @contextmanager
    def milter_clock(self, provider: "Provider", later: str):
        """For pec-milter, and for nobody else, it is so much later: "+8d"."""
        command = provider.info["milter_command"]
        self.stop_milter(provider)
        clock = map("=".join, faketime(later, threads=True).items())
        provider.info["milter_command"] = ["/usr/bin/env", *clock, *command]
        self.start_milter(provider)
        try:
            yield
        finally:
            self.stop_milter(provider)
            provider.info["milter_command"] = command
            self.start_milter(provider)

    def restart_dovecot(self, provider: "Provider", within: tuple = ()) -> None:
        """With what its files say now; it knows passwords again when this returns. `within`: words before its
        command."""
        name, log = provider.info["dovecot_name"], Path(provider.info["dovecot_log"])
        self._programs.stop(name)
        self._programs.start(name, [*within, "/usr/sbin/dovecot", "-F", "-c", provider.info["dovecot_config"]], log)
        wait_until(lambda: self._lets_in(provider), "Dovecot is there again")
        take_quota_socket(Path(provider.info["quota_socket"]))

    def _lets_in(self, provider: "Provider") -> bool:
        """Asked by IMAP first: Postfix starts no smtpd for a minute after one that Dovecot left without a
        word."""
        user = provider.users[-1]
        try:
            with provider.mailbox(user), provider.login(user):
                return True
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error):
            return False

    def kill_scanner(self, provider: "Provider") -> None:
        self._programs.kill(provider.scanner_name)

    def start_scanner(self, provider: "Provider") -> None:
        self._start(provider, "scanner", provider.scanner_name, SCANNER_UID)

    def kill_policyd(self, provider: "Provider") -> None:
        self._programs.kill(provider.policy_name)

    def start_policyd(self, provider: "Provider") -> None:
        self._start(provider, "policy", provider.policy_name, MILTER_UID)

    def _start(self, provider: "Provider", part: str, name: str, user: int) -> None:
        """Returns when its socket is there."""
        self._programs.start(name, provider.info[f"{part}_command"], Path(provider.info[f"{part}_log"]), user)
        self._programs.wait_for(name, Path(provider.info[part]))


class Provider:
    def __init__(self, box: Box, info: dict):
        self._box = box
        self.info = info
        self.domain = info["domain"]
        self.name = info["provider_name"]
        self.users = list(info["users"])
        self.service_mailbox = info["service_mailbox"]["address"]
        self.operators = info["operators"]["address"]
        self.milter_name = info["milter_name"]
        self.policy_name = info["policy_name"]
        self.scanner_name = info["scanner_name"]
        self.passwords = {**info["users"],
                          self.service_mailbox: info["service_mailbox"]["password"],
                          self.operators: info["operators"]["password"]}

    def connect(self, service: str, source: str = "") -> smtplib.SMTP:
        """An SMTP connection to smtps, submission, mx or receipts; TLS only where it is implicit. `source`: the
        client's address, if it matters."""
        address = self.info[service]
        if service == "smtps":
            return smtplib.SMTP_SSL(*address, context=self._box.tls, timeout=PATIENCE,
                                    source_address=(source, 0))
        return smtplib.SMTP(*address, timeout=PATIENCE, source_address=(source, 0))

    def login(self, user: str, service: str = "smtps", source: str = "") -> smtplib.SMTP:
        connection = self.connect(service, source)
        try:
            if service == "submission":
                connection.starttls(context=self._box.tls)
            connection.login(user, self.passwords[user])
        except smtplib.SMTPException:
            connection.close()
            raise
        return connection

    def submit(self, user: str, recipients: list[str], message: bytes) -> None:
        """Hands a message in as a mail client would; raises what smtplib raises if refused."""
        with self.login(user) as connection:
            refused = connection.sendmail(user, recipients, message)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    def pecctl(self, *arguments: str, typed: str = "") -> str:
        """What the administrator's tool prints, when this was typed; a failure is one here."""
        done = subprocess.run([BUILD_DIR / "pecctl" / "pecctl", "--config", self.info["config"],
                               *arguments], input=typed, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def pecctl_at(self, later: str, *arguments: str) -> str:
        """The same when it is so much later: "+12h". The clock is put forward from outside, for this
        program alone."""
        done = self.start_pecctl(later, *arguments)
        output, errors = done.communicate(timeout=PATIENCE)
        if done.returncode != 0:
            raise AssertionError(errors)
        return output

    def start_pecctl(self, later: str, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [BUILD_DIR / "pecctl" / "pecctl", "--config", self.info["config"], *arguments],
            env=os.environ | faketime(later), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def status(self) -> str:
        """What `pecctl status` prints, whether all is good or not."""
        return subprocess.run([BUILD_DIR / "pecctl" / "pecctl", "--config", self.info["config"],
                               "status"], capture_output=True, text=True, check=False).stdout

    def milter_log(self) -> str:
        return Path(self.info["milter_log"]).read_text(encoding="utf-8")

    def scanner_log(self) -> str:
        return Path(self.info["scanner_log"]).read_text(encoding="utf-8")

    def policy_log(self) -> str:
        return Path(self.info["policy_log"]).read_text(encoding="utf-8")

    def query(self, sql: str, *values) -> list[tuple]:
        """Rows of the ledger, by Python's own sqlite3."""
        with closing(sqlite3.connect(f"file:{self.info['ledger']}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()

    def mailbox(self, address: str) -> "Mailbox":
        return Mailbox(self._box.tls, self.info["imaps"], address, self.passwords[address])

    def wait_for(self, address: str, count: int, containing: bytes = b"") -> list[bytes]:
        """See Messages.wait_for; in the INBOX of this address."""
        with self.mailbox(address) as mailbox:
            return mailbox.wait_for(count, containing)

    def add_mailboxes(self, passwords: dict[str, str]) -> None:
        """More users, for Dovecot and the clients here; Postfix is told elsewhere."""
        self.users += passwords
        self.passwords |= passwords
        table = self._dovecot_users().read_text()
        uid, gid, _, home = table.splitlines()[0].split(":")[2:6]
        homes = Path(home).parent
        self._write_dovecot_users(table + "".join(
            f"{address}:{{PLAIN}}{password}:{uid}:{gid}::{homes / address}\n"
            for address, password in passwords.items()))
        for address in passwords:
            self._wait_for_user(address, "home", str(homes / address))

    def set_quota(self, address: str, storage: str = "1G") -> None:
        """How much this mailbox holds: 1K is too little for any certified mail."""
        self.set_user_field(address, "quota_rule", f"*:storage={storage}")

    def fill_up(self, address: str, percent: int) -> None:
        """Lowers the quota, so that what this mailbox holds is so much of it."""
        with self.mailbox(address) as mailbox:
            self.set_quota(address, f"{mailbox.octets_used() * 100 // percent}B")

    def set_user_field(self, address: str, name: str, value: str) -> None:
        """Gives this user's entry in Dovecot's userdb one more field, the only one that it has."""
        self._write_dovecot_users("".join(
            f"{line.partition('::userdb_')[0]}::userdb_{name}={value}\n"
            if line.startswith(f"{address}:") else f"{line}\n"
            for line in self._dovecot_users().read_text().splitlines()))
        self._wait_for_user(address, name, value)

    def _dovecot_users(self) -> Path:
        return Path(self.info["dovecot_config"]).with_name("users")

    def _write_dovecot_users(self, table: str) -> None:
        """At once: in half a file, a user would not be there, and his mail would come back."""
        file = self._dovecot_users()
        new, changed = file.with_name("users.new"), int(file.stat().st_mtime)
        new.write_text(table)
        new.chmod(0o644)
        os.utime(new, (changed + 1, changed + 1))  # Dovecot goes by whole seconds
        new.replace(file)

    def _wait_for_user(self, address: str, field: str, value: str) -> None:
        command = ["/usr/bin/doveadm", "-c", self.info["dovecot_config"], "user", "-f", field, address]

        def is_known():
            return subprocess.run(command, capture_output=True, text=True,
                                  check=False).stdout.strip() == value

        wait_until(is_known, f"the {field} of {address}")

    @contextmanager
    def deferring(self, transport: str):
        """What is for other hosts ("smtp"), or for mailboxes ("lmtp"), stays in the queue meanwhile."""
        def defer(transports: str) -> None:
            subprocess.run(["/usr/sbin/postconf", "-c", self.info["postfix_config"], "-e",
                            f"defer_transports={transports}"], check=True)
            self.reload_postfix()

        defer(transport)
        try:
            yield
        finally:
            defer("")
            self.flush()

    def flush(self) -> None:
        """Tries everything that waits in the queue at once."""
        flush(self.info["postfix_config"])

    def reload_postfix(self) -> None:
        """Its services end after their current client, and forget what they had looked up."""
        reload_postfix(Path(self.info["postfix_config"]), Path(self.info["maillog"]))

    def queue(self) -> list[dict]:
        """What waits in the queue (postqueue -j)."""
        return queue_of(self.info["postfix_config"])


def flush(postfix_config: str) -> None:
    subprocess.run(["/usr/sbin/postqueue", "-c", postfix_config, "-f"], check=True, timeout=PATIENCE)


def queue_of(postfix_config: str) -> list[dict]:
    output = subprocess.run(["/usr/sbin/postqueue", "-c", postfix_config, "-j"],
                            stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE).stdout
    return [json.loads(line) for line in output.splitlines()]
