# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the campaign takes place: the sandbox of the tests, made as varied as an installation can be.

    stage = Stage(Path("/tmp/c"), own_namespaces=True)
    stage.up()
    ...
    stage.down()

alfa has its ledger on PostgreSQL, the providers' directory from an LDAP server, and pec-scanner; beta
has SQLite, a file, and clamd with a small database that knows one virus. Each provider's queue, ledger and mail store
are on small disks of their own, tmpfs, which can be filled; that takes a mount namespace of our own. A
milter's clock goes as a file says (libfaketime). Each provider has more mailboxes: one that is full, one
that will be, one that takes certified mail alone, one that passes all on to outside; besides those of a
file there may be accounts in the ledger. beta has a domain that is new, of which alfa knows nothing yet;
and there are certificates that nobody uses so far.
"""

import imaplib
import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

from support.box import Box, Provider
from support.changed_postfix import ChangedPostfix
from support.clamav import EICAR, Clamd, literal, write_database
from support.directory import Entry, LdapDirectory, LdifDirectory, read_entries
from support.ledger_accounts import READERS, take_from_ledger
from support.mail_hosts import Postfix
from support.paths import BUILD_DIR
from support.pki import Pki
from support.postgresql import Postgresql, uri_of
from support.processes import ProgramError
from support.provider import MILTER_UID, SCANNER_UID, Provider as Installation
from support.sandbox import Sandbox
from support.waiting import wait_until
from watch import Watch

# The queues' is the largest by need: smtpd takes nothing when less than one and a half times the
# largest message is free (165 MiB).
DISK_SIZES = {"queue": "512m", "ledger": "320m", "mail": "1024m"}
FULL, CLOSED, NARROW, PASSING_ON = "piena", "chiusa", "stretta", "inoltra"
PASS_ON = 'require "copy"; redirect :copy "gianni@ordinaria.example";'
POSTGRESQL = "alfa/disk/postgresql"
NEW_DOMAIN = "pec.nuova.example"  # beta's
NEW_PEOPLE = (f"nora@{NEW_DOMAIN}", f"{FULL}@{NEW_DOMAIN}")
NEXT, ENDING, LAST = "next", "ending", "last"  # signing certificates of each provider
DAYS_OF_ENDING = 2  # of which one is over: fewer hours than trust.stop_signing_hours are left
NOBODY_LISTENS = 1  # a port
PAUSE = 0.2  # seconds between two tries
# What a program that is away makes of a try.
MEANWHILE = (AssertionError, ProgramError, OSError, subprocess.SubprocessError, sqlite3.Error,
             imaplib.IMAP4.error)
NOTICED_WITHIN = 180.0  # seconds, a directory that is there; something may be stopped meanwhile
LIMIT = 180.0  # seconds in which what is done while everything breaks must be done
FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"

YESTERDAY = {"LD_PRELOAD": FAKETIME, "FAKETIME": "-1d"}


class RoughSandbox(Sandbox):
    """With two mailboxes more for each provider, and disks of its own."""

    def __init__(self, directory: Path, with_disks: bool):
        super().__init__(directory)
        self.disks: dict[str, Path] = {}  # "alfa queue" -> where it is mounted
        self._with_disks = with_disks
        for provider in self._providers:
            for name in (FULL, CLOSED, NARROW, PASSING_ON):
                provider.users[f"{name}@{provider.domain}"] = provider.service_password
        self._beta.users |= dict.fromkeys(NEW_PEOPLE, self._beta.service_password)

    def _prepare(self, build_dir: Path):
        site = super()._prepare(build_dir)
        for provider in self._providers:
            self._have_accounts(provider, build_dir)
            self._hurry(provider.postfix)
            if self._with_disks:
                self._mount(f"{provider.key} queue", provider.postfix.queue)
                self._mount(f"{provider.key} mail", provider.dovecot.homes)
        if self._with_disks:
            self._mount("beta ledger", self._beta.ledger.parent)
            (self.directory / "alfa" / "disk").mkdir()
            self._mount("alfa ledger", self.directory / "alfa" / "disk")
        return site

    def _make_certificates(self, address: str) -> Pki:
        """Certificates of yesterday: a milter whose clock goes back is not to sign with what is not
        valid yet."""
        os.environ |= YESTERDAY
        try:
            pki = super()._make_certificates(address)
            for provider in self._providers:
                for name in (NEXT, ENDING, LAST):
                    days = {"days": DAYS_OF_ENDING} if name == ENDING else {}
                    pki.begin_signing(f"{provider.key}-{name}", provider.name, provider.signing_address,
                                      **days)
            pki.finish()
            return pki
        finally:
            for name in YESTERDAY:
                del os.environ[name]

    @staticmethod
    def _hurry(postfix: Postfix) -> None:
        """A service that was killed early in its life is tried again after a second, not a minute."""
        postfix.command("postconf", "-e", "service_throttle_time=1s")
        before = (postfix.etc / "master.cf").stat().st_mtime
        os.utime(postfix.etc / "main.cf", (before, before))

    def _have_accounts(self, provider: Installation, build_dir: Path) -> None:
        """In the ledger, besides those of the file."""
        connection, settings = "", {}
        if provider is self._alfa:
            connection = uri_of(self.directory / POSTGRESQL, provider.key)
        else:
            settings["virtual_mailbox_domains"] = f"{provider.domain}, {NEW_DOMAIN}"
        take_from_ledger(provider.config, build_dir, connection, besides_tables=True, **settings)
        provider.postfix.age()

    def _mount(self, name: str, folder: Path) -> None:
        """Puts a disk in the place of the folder, with what was in it."""
        before = folder.with_name(folder.name + ".before")
        folder.rename(before)
        folder.mkdir()
        size = DISK_SIZES[name.split()[1]]
        run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
        run("cp", "-a", f"{before}/.", folder)
        run("rm", "-r", before)
        self.disks[name] = folder


class Stage:
    def __init__(self, directory: Path, own_namespaces: bool):
        self.directory = directory
        self._own_namespaces = own_namespaces
        self.clocks: dict[str, Path] = {}  # by provider's key: the file that moves its milter's clock
        self.all_signers_known = threading.Event()  # not: a certificate that was in use is nobody's now
        self.all_signers_known.set()

    def up(self) -> None:
        sandbox = RoughSandbox(self.directory, self._own_namespaces)
        sandbox.up(BUILD_DIR)
        self.disks = sandbox.disks
        self.box = Box(self.directory)
        self.watch = Watch(self.box.programs)
        self.providers = {"alfa": self.box.alfa, "beta": self.box.beta}
        try:
            self._set_up()
        except BaseException:
            self.down(keep=True)
            raise

    def _set_up(self) -> None:
        self._entries = {key: read_entries(self.box) for key in self.providers}  # of each one's directory
        self._entries["beta"][self.box.beta.name].domains.append(NEW_DOMAIN)
        self._begin_postgresql()
        self._begin_slapd()
        self._begin_clamd()
        for key, provider in self.providers.items():
            self._have_own_clock(key, provider)
        self.box.reconfigure(self.box.alfa, ledger={"connection": self.postgresql.uri("alfa")},
                             directory={"source": self.slapd.url, "refresh_seconds": 1})
        self.postgresql.query("alfa", READERS)
        self.directory_file = LdifDirectory(self.box, self._entries["beta"])
        self.box.reconfigure(
            self.box.beta, directory={"source": self.directory_file.source, "refresh_seconds": 1},
            # Of a database that isn't an official one clamd can't tell the age.
            antivirus={"engine": "clamd", "clamd": str(self.clamd_socket),
                       "max_database_age_hours": 0})
        for provider in self.providers.values():
            provider.set_quota(f"{FULL}@{provider.domain}", "1K")
            provider.pecctl("mailbox", "set", f"{CLOSED}@{provider.domain}", "--closed")
            self._have_passed_on(provider)
            self._watch_services(provider)
            for name in (NEXT, ENDING, LAST):
                key_file = self.certificate(provider, name).with_suffix(".key")
                os.chown(key_file, MILTER_UID, MILTER_UID)
                key_file.chmod(0o400)
        self.box.beta.set_quota(NEW_PEOPLE[1], "1K")
        ChangedPostfix(self.box.alfa).route(NEW_DOMAIN, (self.box.alfa.info["mx"][0], NOBODY_LISTENS))
        self.watch.start()

    @staticmethod
    def _have_passed_on(provider: Provider) -> None:
        """A script of the holder's own."""
        user = f"{PASSING_ON}@{provider.domain}"
        with provider.mailbox(user) as mailbox:
            mailbox.all()  # makes the home
        home = Path(provider.info["dovecot_config"]).with_name("homes") / user
        (home / ".dovecot.sieve").write_text(PASS_ON)

    def _begin_postgresql(self) -> None:
        folder = self.directory / POSTGRESQL
        folder.parent.mkdir(exist_ok=True)
        self.postgresql_data = folder / "data"
        self.postgresql = Postgresql(folder)
        self.postgresql.create("alfa")
        self.watch.add("postgresql", self.postgresql_pid, self.postgresql.start)

    def postgresql_pid(self) -> int | None:
        try:
            return int((self.postgresql_data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):  # not yet, or just being written
            return None

    def _begin_slapd(self) -> None:
        self._ldap = LdapDirectory(self.box, self._entries["alfa"])
        self.slapd = self._ldap.slapd

        def start() -> None:
            self.slapd.socket.unlink(missing_ok=True)
            self.slapd.start()

        self.watch.add("slapd", lambda: self.box.programs.pid("slapd"), start)

    def _begin_clamd(self) -> None:
        database, folder = self.directory / "clamav", self.directory / "clamd"
        write_database(database, "test.ndb", [literal("Test.Eicar", EICAR)])
        first = Clamd(folder, database, MILTER_UID)
        wait_until(first.answers, "clamd answers")
        first.end()  # it can't be started again; but its configuration is there
        self.clamd_socket = first.socket
        command = ["/usr/sbin/clamd", "--config-file", folder / "clamd.conf"]

        def start() -> None:
            self.box.programs.start("clamd", command, first.log, MILTER_UID)

        start()
        self.box.programs.wait_for("clamd", first.socket)
        self.watch.add("clamd", lambda: self.box.programs.pid("clamd"), start)

    def _have_own_clock(self, key: str, provider: Provider) -> None:
        """From its next start on. Without a namespace of our own it isn't done: libfaketime leaves
        objects in /dev/shm when a program is killed, and stumbles over those of an equal pid."""
        if not self._own_namespaces:
            return
        clock = self.directory / f"{key}.clock"
        set_clock(clock, 0)
        self.clocks[key] = clock
        provider.info["milter_command"] = [
            "/usr/bin/env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={clock}",
            "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "NO_FAKE_STAT=1",  # a file keeps its time, whatever time it is
            *provider.info["milter_command"]]

    def _watch_services(self, provider: Provider) -> None:
        programs, info = self.box.programs, provider.info
        for name, command, log in (
                (provider.milter_name, info["milter_command"], info["milter_log"]),
                (provider.policy_name, info["policy_command"], info["policy_log"])):
            self.watch.add(name, lambda name=name: programs.pid(name),
                           lambda name=name, command=command, log=log: programs.start(
                               name, command, Path(log), MILTER_UID))
        self.watch.add(provider.scanner_name, lambda: programs.pid(provider.scanner_name),
                       lambda: programs.start(provider.scanner_name, info["scanner_command"],
                                              Path(info["scanner_log"]), SCANNER_UID))

    # ---- what is changed while all run -----------------------------------------------------------

    def certificate(self, provider: Provider, name: str) -> Path:
        return self.box.ca_file.with_name(f"{provider.domain.split('.')[1]}-{name}.pem")

    def change_directory(self, key: str, change: Callable[[dict[str, Entry]], None]) -> None:
        """The directory that alfa's or beta's milter reads. Returns when it knows. Each edition has a
        domain more than the last one, and so shows in `pecctl status`."""
        entries, provider = self._entries[key], self.providers[key]
        change(entries)
        domains = entries[self.box.beta.name].domains
        source = {"alfa": self._ldap, "beta": self.directory_file}[key]

        domains.append(f"edizione-{len(domains)}.example")
        insist(lambda: source.publish(deepcopy(entries)), "the directory is changed")
        count = sum(len(entry.domains) for entry in entries.values())
        wait_until(lambda: f" {count} domains, as of " in provider.status(),
                   f"{key}'s milter knows the directory's {count} domains", NOTICED_WITHIN)

    def sign_with(self, provider: Provider, name: str) -> None:
        """Returns when its milter, started again, takes connections."""
        file = self.certificate(provider, name)
        self.box.configure(provider, provider={"certificate_file": str(file),
                                               "key_file": str(file.with_suffix(".key"))})
        before = self.box.programs.pid(provider.milter_name)
        os.kill(before, signal.SIGTERM)
        wait_until(lambda: self.box.programs.pid(provider.milter_name) != before,
                   "the milter is started again", LIMIT)
        self._wait_for_socket(provider.milter_name, Path(provider.info["milter"]))

    def lead_to_new_domain(self) -> None:
        """alfa learns where its mail goes."""
        self.box.beta.set_quota(NEW_PEOPLE[1], "1K")
        ChangedPostfix(self.box.alfa).route(NEW_DOMAIN, self.box.beta.info["mx"])

    def have_right_time(self) -> None:
        """Returns when no clock goes wrong."""
        wait_until(lambda: all(int(clock.read_text()) == 0 for clock in self.clocks.values()),
                   "clocks are right", LIMIT)

    def _wait_for_socket(self, name: str, socket: Path) -> None:
        """As often as somebody kills it meanwhile."""
        insist(lambda: self.box.programs.wait_for(name, socket), f"{name} answers")

    def wait_until_well(self) -> None:
        """Returns when every program is there and answers."""
        self.watch.wait_until_all_live()
        wait_until(self._answers_sql, "PostgreSQL answers")
        for name, address in (("slapd", self.slapd.socket), ("clamd", self.clamd_socket)):
            self.box.programs.wait_for(name, address)
        for provider in self.providers.values():
            for name, socket in ((provider.milter_name, "milter"), (provider.policy_name, "policy"),
                                 (provider.scanner_name, "scanner")):
                self.box.programs.wait_for(name, Path(provider.info[socket]))

    def _answers_sql(self) -> bool:
        try:
            return self.postgresql.query("alfa", "SELECT 1") == [["1"]]
        except AssertionError:
            return False

    def down(self, keep: bool) -> None:
        """`keep`: what is on the disks stays there to be looked at, when they are gone."""
        self.watch.end()
        self.box.down()
        if hasattr(self, "postgresql") and self.watch.lives("postgresql"):
            self.postgresql.stop()
        for folder in self.disks.values():
            kept = folder.with_name(folder.name + ".kept")
            if keep:
                run("cp", "-a", folder, kept)
            run("umount", folder)
            if keep:
                folder.rmdir()
                kept.rename(folder)


def insist(act: Callable, what: str):
    """Does it until it succeeds, whatever breaks meanwhile; what it returns."""
    trouble: list[Exception] = []
    result: list = []

    def succeeds() -> bool:
        try:
            result.append(act())
            return True
        except MEANWHILE as error:
            trouble[:] = [error]
            threading.Event().wait(PAUSE)
            return False

    try:
        wait_until(succeeds, what, LIMIT)
    except AssertionError as error:
        raise AssertionError(f"{error}; at last: {trouble}") from error
    return result[0]


def set_clock(file: Path, seconds: int) -> None:
    """Whole, at once: a milter may be reading it."""
    beside = file.with_suffix(".new")
    beside.write_text(f"{seconds:+d}\n")
    beside.rename(file)


def run(*command) -> None:
    subprocess.run([str(word) for word in command], check=True)
