# SPDX-License-Identifier: GPL-2.0-or-later
"""pec-scanner: what it has, what it is handed, and what becomes of mail when it dies or hangs. It has
nothing worth stealing, can change nothing, and nothing passes because of its end. Numbers in brackets
are sections of RFC 6109.
"""

import json
import mmap
import os
import re
import signal
import smtplib
import socket
import subprocess
import threading
from pathlib import Path

from support import harness
from support.clamav import EICAR, literal, takes_long, write_database
from support.folders import temporary_folder
from support.paths import BUILD_DIR
from support.pec_mail import all_mailboxes, letter
from support.people import anna, bruno
from support.processes import as_user, connect
from support.provider import MILTER_UID, SCANNER_UID
from support.systemd import Systemd
from support.waiting import PATIENCE, wait_until

LARGE = b"\r\n" + (b"x" * 76 + b"\r\n") * 40_000  # more than a milter keeps in memory


def setUpModule():
    global box, mailboxes
    box = harness.sandbox()
    write_database(folder() / "clamav", "test.ndb", [literal("Test.Eicar", EICAR)])
    box.reconfigure(box.alfa)
    mailboxes = all_mailboxes(box)


def folder() -> Path:
    return Path(box.alfa.info["config"]).parent


def worker(other_than: int = 0) -> int:
    """The process that scans; the other one is its parent."""
    scanner = box.programs.pid(box.alfa.scanner_name)

    def is_there():
        children = Path(f"/proc/{scanner}/task/{scanner}/children").read_text().split()
        return next((int(pid) for pid in children if int(pid) != other_than), None)

    return wait_until(is_there, "a worker")


def unpacked() -> list[Path]:
    """What a worker has in hand."""
    return list((folder() / "scanner-temp").glob("worker.*/*"))


def status(pid: int, field: str) -> list[str]:
    text = Path(f"/proc/{pid}/status").read_text()
    return re.search(rf"^{field}:(.*)$", text, re.MULTILINE)[1].split()


def submit(subject: str, body: bytes = b"\r\nCiao.\r\n") -> None:
    box.alfa.submit(anna, [bruno], letter(anna, to=[bruno], subject=subject, body=body))


class Submission(threading.Thread):
    """One under way; `code` is what SMTP says to it in the end."""

    def __init__(self, subject: str, body: bytes = b"\r\nCiao.\r\n"):
        super().__init__()
        self._arguments = subject, body
        self.start()

    def run(self) -> None:
        try:
            submit(*self._arguments)
            self.code = 250
        except smtplib.SMTPDataError as error:
            self.code = error.smtp_code

    def result(self) -> int:
        self.join(PATIENCE)
        return self.code


class Lives(harness.Case):
    """Whatever becomes of it: nothing passes unscanned, and the next message is scanned."""

    @classmethod
    def setUpClass(cls):
        cls.long = takes_long()

    def begin(self, subject: str) -> Submission:
        """Returns when the worker has its message in hand."""
        submission = Submission(subject, self.long)
        wait_until(unpacked, "the scan has begun")
        return submission

    def check_put_off(self, submission: Submission, reason: str) -> None:
        self.assertEqual(submission.result(), 451)
        self.assertRegex(box.alfa.milter_log(), rf"\[warning\].*not scanned for viruses: .*{reason}")
        self.assertEqual(mailboxes.new().kinds(), {})

    def check_works(self, subject: str) -> None:
        """An infected message is found, a clean one is certified."""
        submit(subject)
        submit(subject + ", infected", b"\r\n" + EICAR + b"\r\n")
        self.assertEqual({address: sorted(kinds) for address, kinds in mailboxes.new().kinds().items()}, {
            anna: ["accettazione", "avvenuta-consegna", "non-accettazione"],
            bruno: ["posta-certificata"], box.alfa.service_mailbox: ["presa-in-carico"]})

    def test_a_worker_that_dies_while_it_scans(self):
        before = worker()
        submission = self.begin("dies")
        os.kill(before, signal.SIGKILL)
        self.check_put_off(submission, "pec-scanner gave no answer: the connection was closed")
        self.assertNotEqual(worker(other_than=before), before)
        self.assertIn("the worker ended by signal 9", box.alfa.scanner_log())
        self.check_works("after a death")
        self.assertEqual(unpacked(), [])

    def test_a_worker_that_hangs(self):
        self.addCleanup(box.reconfigure, box.alfa, antivirus={"max_scan_seconds": 120})
        box.reconfigure(box.alfa, antivirus={"max_scan_seconds": 2})
        before = worker()
        submission = self.begin("hangs")
        os.kill(before, signal.SIGSTOP)
        self.check_put_off(submission, "")
        wait_until(lambda: "the worker hangs; it is ended" in box.alfa.scanner_log(), "its end")
        self.assertNotEqual(worker(other_than=before), before)
        self.check_works("after a hang")

    def test_a_worker_that_dies_before(self):
        """What it had not taken up yet, the next one scans."""
        before = worker()
        os.kill(before, signal.SIGSTOP)
        submission = Submission("infected", b"\r\n" + EICAR + b"\r\n")
        os.kill(before, signal.SIGKILL)
        self.assertEqual(submission.result(), 250)
        self.assertEqual(mailboxes.new().kinds(), {anna: ["non-accettazione"]})

    def test_no_scanner(self):
        box.kill_scanner(box.alfa)
        self.check_put_off(Submission("nobody"), "pec-scanner can't be reached at .*; see that it runs")
        box.start_scanner(box.alfa)
        self.check_works("after a restart")

    def test_a_folder_of_its_own(self):
        """A second one would unpack in the same place."""
        done = subprocess.run(box.alfa.info["scanner_command"], user=SCANNER_UID, group=SCANNER_UID,
                              extra_groups=[], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Apec-scanner: .*: another pec-scanner has it; [^\n]*\n\Z")

    def test_what_it_tells_systemd(self):
        """It is ready when it listens, and alive whatever its worker does."""
        site = temporary_folder(self.addCleanup)
        site.chmod(0o755)
        systemd = Systemd(site, watchdog=PATIENCE)
        self.addCleanup(systemd.close)
        box.kill_scanner(box.alfa)
        self.addCleanup(box.start_scanner, box.alfa)
        with (folder() / "scanner.log").open("ab") as log:
            scanner = subprocess.Popen(box.alfa.info["scanner_command"], env=systemd.environment, stdout=log,
                                       stderr=log, cwd="/", **as_user(SCANNER_UID))
        self.addCleanup(scanner.wait)
        self.addCleanup(scanner.terminate)
        self.assertEqual(systemd.next(), "READY=1")
        connect(Path(box.alfa.info["scanner"])).close()
        [child] = wait_until(Path(f"/proc/{scanner.pid}/task/{scanner.pid}/children").read_text, "a worker").split()
        os.kill(int(child), signal.SIGSTOP)
        systemd.received()
        self.assertEqual(systemd.next(), "WATCHDOG=1")

    def test_never_as_root(self):
        done = subprocess.run(box.alfa.info["scanner_command"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("started as root; start it as a user of its own", done.stderr)

    def test_a_milter_without_any(self):
        """[2.2.1] is for trials, and shows."""
        box.reconfigure(box.alfa, antivirus={"engine": "none"})
        self.addCleanup(box.reconfigure, box.alfa, antivirus={"engine": "scanner"})
        self.assertRegex(box.alfa.status(), "antivirus: BAD since .*antivirus.engine is none")
        self.assertIn("[error] virus scanner: nothing is scanned for viruses", box.alfa.milter_log())


class Shares(harness.Case):
    """Who has the scanner busy holds up nobody else."""

    def test_one_login_is_scanned_one_at_a_time(self):
        body = takes_long()
        heavy = [Submission(f"heavy {number}", body) for number in range(4)]
        wait_until(unpacked, "the first is scanned")
        most = len(unpacked())
        box.alfa.submit(bruno, [anna], letter(bruno, to=[anna], subject="light"))
        with box.alfa.connect("mx") as connection:
            connection.sendmail("gianni@ordinaria.example", [anna], letter(
                "gianni@ordinaria.example", to=[anna], subject="from outside"))
        self.assertTrue(any(each.is_alive() for each in heavy), "all were scanned meanwhile")

        def ended():
            nonlocal most
            most = max(most, len(unpacked()))
            return not any(each.is_alive() for each in heavy)

        wait_until(ended, "all are answered")
        self.assertEqual(most, 1)
        codes = [each.result() for each in heavy]
        self.assertIn(250, codes)
        self.assertLessEqual(set(codes), {250, 451})
        done = codes.count(250)
        came = mailboxes.new(ordinary=0).kinds()
        self.assertEqual(came[bruno].count("posta-certificata"), done)
        self.assertEqual(sorted(came[anna]), sorted(
            ["posta-certificata", "errore"] + done * ["accettazione", "avvenuta-consegna"]))


class Confinement(harness.Case):
    def test_it_has_no_rights(self):
        scanner = box.programs.pid(box.alfa.scanner_name)
        for pid in (scanner, worker()):
            for field in ("Uid", "Gid"):
                self.assertEqual(status(pid, field), [str(SCANNER_UID)] * 4)
            self.assertEqual(status(pid, "Groups"), [])
            for field in ("CapEff", "CapPrm", "CapAmb"):
                self.assertEqual(int(status(pid, field)[0], 16), 0)
            self.assertEqual(status(pid, "NoNewPrivs"), ["1"])
            # Not dumpable: then /proc gives its files to root.
            self.assertEqual(Path(f"/proc/{pid}/environ").stat().st_uid, 0)
        self.assertEqual(status(worker(), "Seccomp"), ["2"])
        limits = Path(f"/proc/{worker()}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        for limit in ("data size", "file size", "processes", "open files"):
            self.assertRegex(limits, rf"Max {limit} +\d+ +\d+ ")

    def test_it_is_connected_to_nobody(self):
        """No descriptor but its socket, the log and standard ones."""
        kinds = sorted(os.readlink(each).partition(":")[0]
                       for each in Path(f"/proc/{worker()}/fd").iterdir() if int(each.name) > 2)
        self.assertEqual(kinds, ["pipe", "socket"])

    def test_what_its_user_may_read_and_write(self):
        """Its own folders. (Sockets that anybody may write to are of no use to who can't connect.)"""
        config = Path(box.alfa.info["config"])
        secrets = [*folder().glob("*.secret"), *(folder().parent / "pki").glob("*.key"),
                   Path(box.alfa.info["ledger"]), folder() / "viruses"]
        self.assertGreater(len(secrets), 4)
        writable = json.loads(as_scanner(lambda: [
            str(path) for path in folder().rglob("*")
            if (path.is_file() or path.is_dir()) and os.access(path, os.W_OK)]))
        readable = json.loads(as_scanner(lambda: [
            str(path) for path in secrets if os.access(path, os.R_OK)]))
        self.assertEqual(readable, [])
        own = (folder() / "scanner-temp", folder() / "scanner")
        self.assertEqual([path for path in writable
                          if not any(Path(path).is_relative_to(each) for each in own)], [])
        self.assertEqual(json.loads(as_scanner(lambda: os.access(config, os.R_OK))), True)

    def test_nobody_else_has_the_library(self):
        """Nor has it what the others need."""
        def libraries(program: str) -> set[str]:
            out = subprocess.run(["ldd", BUILD_DIR / program], capture_output=True, text=True,
                                 check=True).stdout
            return {line.split()[0].partition(".so")[0] for line in out.splitlines()}

        for program in ("milter/pec-milter", "policyd/pec-policyd", "pecctl/pecctl",
                        "dovecot-plugin/lib99_pec_plugin.so"):
            self.assertEqual({name for name in libraries(program) if "clam" in name}, set(), program)
        scanner = libraries("scanner/pec-scanner")
        self.assertIn("libclamav", scanner)
        self.assertLessEqual({"libseccomp"}, scanner)
        self.assertEqual(scanner & {"libmilter", "libldap-2.5", "libpq", "libsqlite3", "libsoci_core"}, set())


def as_scanner(look) -> str:
    """What `look` returns to the scanner's user, in JSON."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(SCANNER_UID)
            os.setuid(SCANNER_UID)
            os.write(writes, json.dumps(look()).encode())
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as answer:
        found = answer.read()
    os.waitpid(child, 0)
    return found


def ways_to_change(descriptor: int) -> list[str]:
    """How the file behind it could be changed, by the descriptor and through /proc."""
    def attempts(fd: int):
        yield "write", lambda: os.write(fd, b"x")
        yield "pwrite", lambda: os.pwrite(fd, b"x", 0)
        yield "shrink", lambda: os.ftruncate(fd, 0)
        yield "grow", lambda: os.ftruncate(fd, 1 << 27)
        yield "map", lambda: mmap.mmap(fd, 10, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        yield "chmod", lambda: os.fchmod(fd, 0o666)

    path = f"/proc/self/fd/{descriptor}"
    ways = []

    for fd, by in ((descriptor, "descriptor"), *((reopened(path, mode), "/proc") for mode in (
            os.O_RDWR, os.O_WRONLY, os.O_RDWR | os.O_TRUNC))):
        if fd is not None:
            ways += [f"{name} by {by}" for name, act in attempts(fd) if not is_refused(act)]
    return ways


def is_refused(act) -> bool:
    try:
        act()
        return False
    except OSError:
        return True


def reopened(path: str, mode: int) -> int | None:
    try:
        return os.open(path, mode)
    except OSError:
        return None


def stand_in(listening: socket.socket, subject: str) -> list[dict]:
    """In the scanner's place, and with its rights: what pec-milter hands over with the message of this
    subject, and what can be done with it. All that comes is called clean."""
    while True:
        with listening.accept()[0] as connection:
            request, files, _, _ = socket.recv_fds(connection, 2000, 4)
            pieces = [tuple(map(int, word.split("+"))) for word in request.decode().split()[1:]]

            def content() -> bytes:
                return b"".join(os.pread(fd, size, offset)
                                for fd, (offset, size) in zip(files, pieces))

            before = content()
            found = [{"ways": ways_to_change(fd), "user": os.getuid()} for fd in files]
            same = content() == before
            connection.sendall(b"clean")
            if f"Subject: {subject}\r\n".encode() in before:
                return [*found, {"same": same, "ends": before[-40:].decode()}]


class Descriptors(harness.Case):
    """By which nothing can be changed, whoever has the scanner."""

    def check(self, subject: str, body: bytes, files: int) -> None:
        box.kill_scanner(box.alfa)
        self.addCleanup(box.start_scanner, box.alfa)
        path = box.alfa.info["scanner"]
        os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(path)
            os.chown(path, SCANNER_UID, MILTER_UID)
            os.chmod(path, 0o660)
            listening.listen()
            submission = Submission(subject, body)
            *found, content = json.loads(as_scanner(lambda: stand_in(listening, subject)))
        self.assertEqual(submission.result(), 250)
        self.assertEqual(found, [{"ways": [], "user": SCANNER_UID}] * files)
        self.assertTrue(content["same"])
        self.assertEqual(content["ends"], body[-40:].decode())
        came = mailboxes.new()
        [envelope] = came.of_kind("posta-certificata", at=bruno)
        self.assertIn(body, envelope.raw)

    def test_a_small_message(self):
        self.check("piccolo", b"\r\nCiao. These are its last forty octets.\r\n", files=1)

    def test_a_large_message(self):
        self.check("grande", LARGE, files=2)


if __name__ == "__main__":
    harness.main()
