"""Where the campaign takes place: the sandbox of the tests, made as varied as an installation can be.

    stage = Stage(Path("/tmp/c"), own_namespaces=True)
    stage.up()
    ...
    stage.down()

alfa has its ledger on PostgreSQL, the providers' directory from an LDAP server, and pec-scanner; beta
has SQLite, a file, and clamd with a small database that knows one virus. Each provider's queue, ledger and mail store
are on small disks of their own, tmpfs, which can be filled; that takes a mount namespace of our own. A
milter's clock goes as a file says (libfaketime). Each provider has two more mailboxes, one that is
full and one that takes certified mail alone.
"""

import os
import subprocess
from pathlib import Path

import harness
from support.clamav import EICAR, Clamd, literal, write_database
from support.directory import LdifDirectory, Slapd, ldif_of, read_entries
from support.mail_hosts import Postfix
from support.pki import Pki
from support.postgresql import Postgresql
from support.provider import MILTER_UID, SCANNER_UID
from support.sandbox import Sandbox
from watch import Watch

# The queues' is the largest by need: smtpd takes nothing when less than one and a half times the
# largest message is free (165 MiB).
DISK_SIZES = {"queue": "512m", "ledger": "320m", "mail": "1024m"}
FULL, CLOSED = "piena", "chiusa"
FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"

YESTERDAY = {"LD_PRELOAD": FAKETIME, "FAKETIME": "-1d"}


class RoughSandbox(Sandbox):
    """With two mailboxes more for each provider, and disks of its own."""

    def __init__(self, directory: Path, with_disks: bool):
        super().__init__(directory)
        self.disks: dict[str, Path] = {}  # "alfa queue" -> where it is mounted
        self._with_disks = with_disks
        for provider in self._providers:
            for name in (FULL, CLOSED):
                provider.users[f"{name}@{provider.domain}"] = provider.service_password

    def _prepare(self, build_dir: Path):
        site = super()._prepare(build_dir)
        for provider in self._providers:
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
            return super()._make_certificates(address)
        finally:
            for name in YESTERDAY:
                del os.environ[name]

    @staticmethod
    def _hurry(postfix: Postfix) -> None:
        """A service that was killed early in its life is tried again after a second, not a minute."""
        postfix.command("postconf", "-e", "service_throttle_time=1s")
        before = (postfix.etc / "master.cf").stat().st_mtime
        os.utime(postfix.etc / "main.cf", (before, before))

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

    def up(self) -> None:
        sandbox = RoughSandbox(self.directory, self._own_namespaces)
        sandbox.up(harness.BUILD_DIR)
        self.disks = sandbox.disks
        self.box = harness.Box(self.directory)
        self.watch = Watch(self.box.programs)
        self.providers = {"alfa": self.box.alfa, "beta": self.box.beta}
        try:
            self._set_up()
        except BaseException:
            self.down(keep=True)
            raise

    def _set_up(self) -> None:
        self._begin_postgresql()
        self._begin_slapd()
        self._begin_clamd()
        for key, provider in self.providers.items():
            self._have_own_clock(key, provider)
        self.box.reconfigure(self.box.alfa, ledger={"connection": self.postgresql.uri("alfa")},
                             directory={"source": self.slapd.url, "refresh_seconds": 1})
        self.directory_file = LdifDirectory(self.box, read_entries(self.box))
        self.box.reconfigure(
            self.box.beta, directory={"source": self.directory_file.source, "refresh_seconds": 1},
            # Of a database that isn't an official one clamd can't tell the age.
            antivirus={"engine": "clamd", "clamd": str(self.clamd_socket),
                       "max_database_age_hours": 0})
        for provider in self.providers.values():
            provider.set_quota(f"{FULL}@{provider.domain}", "1K")
            provider.pecctl("mailbox", "set", f"{CLOSED}@{provider.domain}", "--closed")
            self._watch_services(provider)
        self.watch.start()

    def _begin_postgresql(self) -> None:
        parent = self.directory / "alfa" / "disk"
        parent.mkdir(exist_ok=True)
        self.postgresql_data = parent / "postgresql" / "data"
        self.postgresql = Postgresql(self.postgresql_data.parent)
        self.postgresql.create("alfa")
        self.watch.add("postgresql", self.postgresql_pid, self.postgresql.start)

    def postgresql_pid(self) -> int | None:
        try:
            return int((self.postgresql_data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):  # not yet, or just being written
            return None

    def _begin_slapd(self) -> None:
        self.slapd = Slapd(self.box.programs, self.directory / "ldap", ldif_of(read_entries(self.box)))

        def start() -> None:
            self.slapd.socket.unlink(missing_ok=True)
            self.slapd.start()

        self.watch.add("slapd", lambda: self.box.programs.pid("slapd"), start)

    def _begin_clamd(self) -> None:
        database, folder = self.directory / "clamav", self.directory / "clamd"
        write_database(database, "test.ndb", [literal("Test.Eicar", EICAR)])
        first = Clamd(folder, database, MILTER_UID)
        harness.wait_until(first.answers, "clamd answers")
        first.end()  # it can't be started again; but its configuration is there
        self.clamd_socket = first.socket
        command = ["/usr/sbin/clamd", "--config-file", folder / "clamd.conf"]

        def start() -> None:
            self.box.programs.start("clamd", command, first.log, MILTER_UID)

        start()
        self.box.programs.wait_for("clamd", first.socket)
        self.watch.add("clamd", lambda: self.box.programs.pid("clamd"), start)

    def _have_own_clock(self, key: str, provider: harness.Provider) -> None:
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
            *provider.info["milter_command"]]

    def _watch_services(self, provider: harness.Provider) -> None:
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

    def wait_until_well(self) -> None:
        """Returns when every program is there and answers."""
        self.watch.wait_until_all_live()
        harness.wait_until(self._answers_sql, "PostgreSQL answers")
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


def set_clock(file: Path, seconds: int) -> None:
    """Whole, at once: a milter may be reading it."""
    beside = file.with_suffix(".new")
    beside.write_text(f"{seconds:+d}\n")
    beside.rename(file)


def run(*command) -> None:
    subprocess.run([str(word) for word in command], check=True)
