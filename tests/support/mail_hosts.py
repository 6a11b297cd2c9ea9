# SPDX-License-Identifier: GPL-2.0-or-later
"""Private instances of Postfix and Dovecot, without systemd, in a directory of their own.

A provider's instances are made by `pecctl setup files`, from the very files in postfix-conf/ and
dovecot-conf/. What the sandbox sets beyond them is here, each with its reason: where things lie, that
there is no DNS, and that nobody wants to wait a minute for the next attempt.
"""

import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from support.paths import ROOT
from support.processes import ProgramError, Programs

DOVECOT_MODULES = Path("/usr/lib/dovecot/modules")
MAIL_LOG = "maillog"  # the socket of that name, in public
MAIL_UID = 60802  # owns the mail stores; needs no account

PLACEHOLDER = re.compile(r"@([A-Z0-9_]+)@")


def render(source: Path, target: Path, values: dict[str, str]) -> None:
    """Fills in the @NAMES@ of a configuration file; an unknown name is a KeyError."""
    text = source.read_text(encoding="utf-8")
    target.write_text(PLACEHOLDER.sub(lambda m: str(values[m[1]]), text), encoding="utf-8")


class Postfix:
    """One instance: <directory>/{etc,queue,data,maillog}."""

    QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
              "private", "saved", "trace"]

    def __init__(self, programs: Programs, name: str, directory: Path):
        self._programs = programs
        self.name = name
        self.etc = directory / "etc"
        self.queue = directory / "queue"
        self.maillog = directory / "maillog"
        self.data = directory / "data"

    def settings(self) -> dict:
        """The sandbox's own."""
        return {
            # No host's main.cf lists it. Its log has Postfix's own names.
            "multi_instance_name": "",
            "multi_instance_group": "",
            "multi_instance_enable": "no",
            "maillog_file": self.maillog,
            "maillog_file_prefixes": self.maillog.parent,
            "postlog_service_name": MAIL_LOG,  # and not postlogd: see mail_log.py
            "inet_protocols": "ipv4",
            "inet_interfaces": "loopback-only",
            # There is no DNS: what the route table doesn't know doesn't exist.
            "smtp_dns_support_level": "disabled",
            "default_transport": "error:5.1.2 no such domain",
            # All hosts and clients of a sandbox are this address: no stranger. Others of loopback are.
            "smtpd_client_event_limit_exceptions": "127.0.0.1",
            "postscreen_access_list": "cidr:{{127.0.0.1/32 permit}}",
            # A program that was taken down and came back is tried again at once.
            "queue_run_delay": "2s",
            "minimal_backoff_time": "2s",
            "maximal_backoff_time": "4s",
        }

    def make_folders(self, tables: dict[str, dict[str, str]]) -> dict[str, str]:
        """With the site's look-up tables, by name; as Postfix names them."""
        self._make_folders()
        names = {}
        for name, rows in tables.items():
            table = self.etc / name
            table.write_text("".join(f"{key} {value}\n" for key, value in rows.items()))
            names[name] = f"texthash:{table}"
        return names

    def prepare(self, conf: Path, values: dict, routes: dict[str, str]) -> None:
        """An ordinary host: renders every file of `conf`."""
        tables = self.make_folders({"site_transport_maps": routes})
        for file in conf.iterdir():
            render(file, self.etc / file.name, values | {"SITE_TRANSPORT_MAPS": tables["site_transport_maps"]})
        self._set({"queue_directory": self.queue, "data_directory": self.data} | self.settings())
        self.age()

    def _make_folders(self) -> None:
        """What Postfix's package makes for the host's own instance, with the same rights."""
        user = pwd.getpwnam("postfix")
        postdrop = grp.getgrnam("postdrop").gr_gid
        self.etc.mkdir(parents=True)
        (self.queue / "pid").mkdir(parents=True)
        rights = {folder: (0o700, user.pw_gid) for folder in self.QUEUES}
        rights |= {"maildrop": (0o1730, postdrop), "public": (0o2710, postdrop)}
        for folder, (mode, group) in rights.items():
            self._own(self.queue / folder, mode, user.pw_uid, group)
        self._own(self.data, 0o700, user.pw_uid, user.pw_gid)

    @staticmethod
    def _own(folder: Path, mode: int, user: int, group: int) -> None:
        folder.mkdir()
        os.chown(folder, user, group)
        folder.chmod(mode)

    def _set(self, settings: dict) -> None:
        pairs = [f"{name}={value}" for name, value in settings.items()]
        self.command("postconf", "-e", *pairs)

    def age(self) -> None:
        """Postfix reads a file that changed within the last second again and again, until it is
        sure to have all of it: two seconds lost for each start."""
        past = time.time() - 60
        for file in self.etc.iterdir():
            os.utime(file, (past, past))

    def command(self, program: str, *arguments: str) -> str:
        """Runs one of Postfix's commands on this instance."""
        done = subprocess.run(
            [f"/usr/sbin/{program}", "-c", str(self.etc), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        if done.returncode != 0:
            raise ProgramError(f"{program} {' '.join(arguments)}: {done.stdout.strip()}")
        return done.stdout

    def start(self) -> None:
        """Returns when all services accept connections (master -w waits for it)."""
        self._start_log()
        done = subprocess.run(
            ["/usr/lib/postfix/sbin/master", "-c", str(self.etc), "-w"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd="/", check=False,
        )
        if done.returncode != 0:
            self.command("postfix", "check")  # says why; master itself talks to a terminal only
            raise ProgramError(f"{self.name} doesn't start: {done.stdout.strip()}")
        pid_file = self.queue / "pid" / "master.pid"
        self._programs.note(self.name, int(pid_file.read_text()))

    def _start_log(self) -> None:
        address = self.queue / "public" / MAIL_LOG
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as lines:
            lines.bind(str(address))
            address.chmod(0o666)  # as master does; who may come here is for the folder to say
            reader = [sys.executable, ROOT / "tests" / "support" / "mail_log.py"]
            self._programs.start(f"{self.name}-log", reader, self.maillog, stdin=lines)


class Dovecot:
    """One instance: <directory>/{dovecot.conf,99-pec.conf,local.conf,users,log,run,homes}.

    Accounts are in a file of their own, `users`, unless a test takes those of the ledger."""

    def __init__(self, programs: Programs, name: str, directory: Path):
        self._programs = programs
        self.name = name
        self.directory = directory
        self.log = directory / "log"
        self.homes = directory / "homes"
        self.quota_socket = directory / "run" / "pec-quota"

    def prepare(self, plugin: Path, users: dict[str, str]) -> None:
        """The sandbox's own lines, and what they name. `users`: address and password."""
        self.homes.mkdir(parents=True)
        os.chown(self.homes, MAIL_UID, MAIL_UID)
        # Dovecot takes plugins from one folder only: its own ones and those just built.
        modules = self.directory / "modules"
        modules.mkdir()
        for module in [*DOVECOT_MODULES.glob("*.so"), *plugin.parent.glob("lib*_plugin.so")]:
            (modules / module.name).unlink(missing_ok=True)
            (modules / module.name).symlink_to(module)
        user_table = self.directory / "users"
        user_table.write_text("".join(
            f"{user}:{{PLAIN}}{password}:{MAIL_UID}:{MAIL_UID}::{self.homes / user}\n"
            for user, password in users.items()))
        shutil.chown(user_table, group="dovecot")
        user_table.chmod(0o640)
        (self.directory / "local.conf").write_text(f"""\
log_path = {self.log}
mail_plugin_dir = {modules}
passdb {{
  driver = passwd-file
  args = {user_table}
}}
userdb {{
  driver = passwd-file
  args = {user_table}
}}
# Tests and benchmarks come from one address with many connections.
mail_max_userip_connections = 1000
# And nobody waits for an answer because a password was wrong.
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
""")

    def compile(self) -> None:
        """Its Sieve script."""
        subprocess.run(["/usr/bin/sievec", "-c", self.directory / "dovecot.conf",
                        self.directory / "pec-spam.sieve"], check=True)

    def start(self) -> None:
        command = ["/usr/sbin/dovecot", "-F", "-c", self.directory / "dovecot.conf"]
        self._programs.start(self.name, command, log=self.log)
