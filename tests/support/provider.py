# SPDX-License-Identifier: GPL-2.0-or-later
"""One certified-mail provider of a sandbox: its files, its users, its programs.

    provider = Provider(programs, Path("/tmp/s"), "alfa", "PEC Alfa S.p.A.", ["anna", "bruno"])
    provider.prepare(site, Path("build/dev"))     # makes all configuration
    provider.start("pec", Path("build/dev"))
    provider.wait(site)                     # returns when everything answers
"""

import grp
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.clamav import literal, write_database
from support.mail_hosts import MAIL_UID, Dovecot, Postfix
from support.paths import ROOT
from support.pki import Pki
from support.processes import ProgramError, Programs
from support.waiting import wait_until

MILTER_UID = 60801  # pec-milter's and pec-policyd's user; needs no account
SCANNER_UID = 60803  # pec-scanner's; likewise
QUOTA_USER = "nobody"  # has Dovecot's quota socket at first: Dovecot wants a user with an account


@dataclass(frozen=True)
class Site:
    """What all hosts of a sandbox share."""

    address: str  # loopback, the sandbox's own
    pki: Pki
    directory_ldif: Path
    routes: dict[str, str]  # mail domain -> [address]:port of its incoming point
    tls_names: dict[str, str]  # [address]:port -> the name its certificate must have

    def routes_from(self, *domains: str) -> dict[str, str]:
        """The transport table of the host that has these domains."""
        return {to: f"smtp:{peer}" for to, peer in self.routes.items() if to not in domains}


def take_quota_socket(path: Path) -> None:
    """Gives Dovecot's socket pec-quota to pec-milter's user, when Dovecot has made it; whenever it was
    started."""
    made_for = pwd.getpwnam(QUOTA_USER).pw_uid
    wait_until(lambda: path.exists() and path.stat().st_uid == made_for, f"{path} of {QUOTA_USER}")
    os.chown(path, MILTER_UID, -1)


class Provider:
    PORTS = ["smtps", "submission", "mx", "imaps", "pop3s", "receipts", "sieve"]

    def __init__(self, programs: Programs, root: Path, key: str, name: str, users: list[str]):
        self._programs = programs
        self.key = key
        self.name = name
        self.domain = f"pec.{key}.example"
        self.host = f"mx.{self.domain}"
        self.directory = root / key
        self.users = {f"{user}@{self.domain}": secrets.token_urlsafe(9) for user in users}
        self.aliases = {f"info@{self.domain}": f"{users[0]}@{self.domain}"}
        self.service_mailbox = f"ricevute@{self.domain}"
        self.service_password = secrets.token_urlsafe(9)
        self.operators = f"gestione@{self.domain}"
        self.operators_password = secrets.token_urlsafe(9)
        self.signing_address = f"posta-certificata@{self.domain}"
        self.config = self.directory / "pec.toml"
        self.milter_log = self.directory / "milter.log"
        self.milter_name = f"pec-milter-{key}"
        self.milter_socket = self.directory / "run" / "milter.sock"
        self.policy_log = self.directory / "policy.log"
        self.policy_name = f"pec-policyd-{key}"
        self.policy_socket = self.milter_socket.with_name("policy.sock")
        self.scanner_log = self.directory / "scanner.log"
        self.scanner_name = f"pec-scanner-{key}"
        self.scanner_socket = self.directory / "scanner" / "scanner.sock"
        self.postfix = Postfix(programs, f"postfix-{key}", self.directory / "postfix")
        self.dovecot = Dovecot(programs, f"dovecot-{key}", self.directory / "dovecot")
        self.port: dict[str, int] = {}

    @property
    def signing(self) -> str:
        return f"{self.key}-signing"

    @property
    def tls(self) -> str:
        return f"{self.key}-tls"

    @property
    def ledger(self) -> Path:
        return self.directory / "milter" / "ledger.db"

    @property
    def _delivery_secret(self) -> Path:
        return self.directory / "delivery.secret"

    @property
    def _scanner_temp(self) -> Path:
        return self.directory / "scanner-temp"

    @property
    def _virus_database(self) -> Path:
        return self.directory / "clamav"

    def _mailboxes(self) -> dict[str, str]:
        return {**self.users, self.service_mailbox: self.service_password,
                self.operators: self.operators_password}

    def prepare(self, site: Site, build_dir: Path) -> None:
        self.directory.mkdir()
        self._prepare_scanner()
        self._prepare_secrets(site)
        tables = self.postfix.make_folders({
            "mailbox_maps": {address: address for address in self._mailboxes()},
            "site_alias_maps": self.aliases,
            "site_transport_maps": site.routes_from(self.domain),
            "tls_policy_maps": {peer: f"secure match={name}" for peer, name in site.tls_names.items()},
        })
        own = "".join(f"{name} = {value}\n" for name, value in self.postfix.settings().items())
        (self.directory / "postfix" / "main.cf").write_text(own)
        self.dovecot.prepare(built(build_dir, "dovecot-plugin/lib99_pec_plugin.so"), self._mailboxes())
        self._write_config(site, tables)
        make_files(build_dir, self.config)
        self.postfix.age()
        self.dovecot.compile()

    def _prepare_scanner(self) -> None:
        """Its socket is open to the milter's group alone; its database knows one virus, which nothing
        holds."""
        for folder, group, mode in ((self.scanner_socket.parent, MILTER_UID, 0o2750),
                                    (self._scanner_temp, SCANNER_UID, 0o700)):
            folder.mkdir()
            os.chown(folder, SCANNER_UID, group)
            folder.chmod(mode)
        write_database(self._virus_database, "test.ndb", [literal("Test.Sandbox", os.urandom(16))])
        viruses = self.directory / "viruses"
        viruses.mkdir(mode=0o700)
        os.chown(viruses, MILTER_UID, MILTER_UID)

    def _prepare_secrets(self, site: Site) -> None:
        # As postfix-conf/README.md has it: ledger and sockets get the group of their folder, Postfix's.
        state = self.directory / "milter"
        for folder in (state, self.milter_socket.parent):
            folder.mkdir()
            os.chown(folder, MILTER_UID, grp.getgrnam("postfix").gr_gid)
            folder.chmod(0o2750)
        internal_secret = self.directory / "internal.secret"
        for secret in (internal_secret, self._delivery_secret):
            secret.write_text(secrets.token_hex(32) + "\n")
        for file in (internal_secret, self._delivery_secret, site.pki.key(self.signing)):
            os.chown(file, MILTER_UID, MILTER_UID)
            file.chmod(0o400)

    def _write_config(self, site: Site, tables: dict[str, str]) -> None:
        """`tables`: Postfix's, by name."""
        internal_secret = self.directory / "internal.secret"
        self.config.write_text(f"""\
[milter]
socket = "unix:{self.milter_socket}"
temp_dir = "{self.ledger.parent}"
[provider]
name = "{self.name}"
domain = "{self.domain}"
certificate_file = "{site.pki.certificate(self.signing)}"
key_file = "{site.pki.key(self.signing)}"
service_mailbox = "{self.service_mailbox}"
[trust]
ca_file = "{site.pki.ca_file}"
crl_file = "{site.pki.crl_file}"
[directory]
source = "ldif:{site.directory_ldif}"
[ledger]
connection = "sqlite3://{self.ledger}"
[internal]
secret_file = "{internal_secret}"
delivery_secret_file = "{self._delivery_secret}"
receipts_address = "{site.address}:{self.port['receipts']}"
[directory_sync]
tls_policy_map = "{tables['tls_policy_maps']}"
[aliases]
tables = "{tables['site_alias_maps']}"
postfix_config = "{self.postfix.etc}"
[quota]
dovecot_socket = "{self.dovecot.quota_socket}"
[policy]
listen = "unix:{self.policy_socket}"
[antivirus]
scanner_socket = "{self.scanner_socket}"
scanner_temp_dir = "{self._scanner_temp}"
database_dir = "{self._virus_database}"
store_dir = "{self.directory}/viruses"
[site]
host_name = "{self.host}"
addresses = "{site.address}"
smtps = "{site.address}:{self.port['smtps']}"
submission = "{site.address}:{self.port['submission']}"
mx = "{site.address}:{self.port['mx']}"
imaps_port = {self.port['imaps']}
pop3s_port = {self.port['pop3s']}
sieve_submission = "{site.address}:{self.port['sieve']}"
tls_certificate_file = "{site.pki.certificate(self.tls)}"
tls_key_file = "{site.pki.key(self.tls)}"
tls_ca_file = "{site.pki.ca_file}"
operators_mailbox = "{self.operators}"
accounts = "elsewhere"
mailbox_maps = "{tables['mailbox_maps']}"
transport_maps = "{tables['site_transport_maps']}"
mail_user = "{MAIL_UID}"
mail_root = "{self.dovecot.homes}"
user = "{QUOTA_USER}"
postfix_dir = "{self.postfix.etc}"
postfix_queue = "{self.postfix.queue}"
postfix_data = "{self.postfix.data}"
dovecot_dir = "{self.dovecot.directory}"
dovecot_run = "{self.dovecot.directory}/run"
[log]
destination = "stderr"
level = "debug"
""")

    def _milter(self, kind: str, build_dir: Path) -> list[str]:
        if kind == "passthrough":
            program = self._own_copy(build_dir, "tests/support/passthrough_milter/passthrough_milter")
            return [program, f"unix:{self.milter_socket}"]
        return [self._own_copy(build_dir, "milter/pec-milter"), "--config", str(self.config)]

    def _own_copy(self, build_dir: Path, name: str) -> str:
        """A program that its user can start, even if it was built below /root."""
        return shutil.copy(built(build_dir, name), self.directory)

    def start(self, milter: str, build_dir: Path) -> None:
        """`milter`: "pec", or "passthrough" for one that changes nothing."""
        self._milter_command = self._milter(milter, build_dir)
        self._policy_command = [self._own_copy(build_dir, "policyd/pec-policyd"),
                                "--config", str(self.config)]
        self._scanner_command = [self._own_copy(build_dir, "scanner/pec-scanner"),
                                 "--config", str(self.config)]
        self._programs.start(self.scanner_name, self._scanner_command, self.scanner_log, SCANNER_UID)
        self._programs.wait_for(self.scanner_name, self.scanner_socket)
        self._programs.start(self.milter_name, self._milter_command, self.milter_log, MILTER_UID)
        self._programs.start(self.policy_name, self._policy_command, self.policy_log, MILTER_UID)
        self.dovecot.start()
        # Last: its master returns when all its services listen.
        self.postfix.start()

    def wait(self, site: Site) -> None:
        self._programs.wait_for(self.milter_name, self.milter_socket)
        self._programs.wait_for(self.policy_name, self.policy_socket)
        for service in ("imaps", "pop3s"):
            self._programs.wait_for(self.dovecot.name, (site.address, self.port[service]))
        take_quota_socket(self.dovecot.quota_socket)

    def describe(self, site: Site) -> dict:
        """This provider's part of sandbox.json."""
        service = {"address": self.service_mailbox, "password": self.service_password}
        names = {"postfix": self.postfix.name, "dovecot": self.dovecot.name,
                 "pec-milter": self.milter_name, "pec-policyd": self.policy_name,
                 "pec-scanner": self.scanner_name}
        return {
            "domain": self.domain,
            "provider_name": self.name,
            **{name: [site.address, self.port[name]] for name in self.PORTS},
            "users": self.users,
            "aliases": self.aliases,
            "service_mailbox": service,
            "operators": {"address": self.operators, "password": self.operators_password},
            "maillog": str(self.postfix.maillog),
            "milter": str(self.milter_socket),
            "milter_log": str(self.milter_log),
            "dovecot_log": str(self.dovecot.log),
            "dovecot_name": self.dovecot.name,
            "quota_socket": str(self.dovecot.quota_socket),
            "dovecot_config": str(self.dovecot.directory / "dovecot.conf"),
            "config": str(self.config),
            "ledger": str(self.ledger),
            "milter_command": self._milter_command,
            "milter_name": self.milter_name,
            "policy": str(self.policy_socket),
            "policy_log": str(self.policy_log),
            "policy_command": self._policy_command,
            "policy_name": self.policy_name,
            "scanner": str(self.scanner_socket),
            "scanner_log": str(self.scanner_log),
            "scanner_command": self._scanner_command,
            "scanner_name": self.scanner_name,
            "postfix_config": str(self.postfix.etc),
            "processes": {name: self._programs.pid(known) for name, known in names.items()},
        }


def make_files(build_dir: Path, config: Path) -> None:
    """Postfix's and Dovecot's files, as pec.toml has them now."""
    done = subprocess.run([built(build_dir, "pecctl/pecctl"), "--config", config, "setup", "files",
                           "--templates", ROOT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise ProgramError(done.stdout.strip())


def built(build_dir: Path, name: str) -> Path:
    path = build_dir.absolute() / name
    if not path.exists():
        raise ProgramError(f"{path} is missing; build it first, or name another --build-dir")
    return path
