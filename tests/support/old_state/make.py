#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the state that tests/integration/upgrade_test.py starts from: two providers of an earlier
revision, stopped dead with mail in all their queues and journals. README.md says what is in it.

    git worktree add /tmp/old REVISION && (cd /tmp/old && cmake --preset dev && cmake --build --preset dev)
    sudo tests/support/old_state/make.py /tmp/old/build/dev     # a minute

The sandbox, its clients and its configuration are that revision's own, taken out of git. Its certificates are
made to last a hundred years.
"""

import argparse
import hashlib
import io
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from pathlib import Path

REVISION = "7a26b8a"
HERE = Path(__file__).resolve().parent
GIANNI = "gianni@ordinaria.example"
GIULIA = "giulia@pec.gamma.example"
NODE = "node.example"
SECRETS = ["internal.secret", "delivery.secret"]


def old_tree(folder: Path) -> None:
    """The revision's tree, with certificates that last."""
    archive = subprocess.run(["git", "-C", HERE.parents[2], "archive", REVISION], check=True,
                             capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        tree.extractall(folder)
    pki = folder / "tests" / "support" / "pki.py"
    pki.write_text(pki.read_text().replace('"-days", "30"', '"-days", "36500"')
                   .replace("default_crl_days = 30", "default_crl_days = 36500"))
    gamma = folder / "tests" / "support" / "foreign_provider.py"
    gamma.write_text(gamma.read_text().replace("default_crl_days = 30", "default_crl_days = 36500"))


class Maker:
    def __init__(self, box):
        self.box = box
        self.alfa, self.beta = box.alfa, box.beta
        self.anna, self.bruno, self.carla = box.alfa.users
        self.dario, self.elena, self.fabio = box.beta.users
        self.nowhere = (box.info["providers"]["alfa"]["mx"][0], 1)
        self.stack = ExitStack()  # of changes that stay: it is never closed
        self.kept: dict[str, dict[str, bytes]] = {"alfa": {}, "beta": {}}
        # The last record of these messages is to be `pending`: lines of the header, and the mailbox.
        self.cut: list[tuple[list[str], str]] = []

    # ---- tools -----------------------------------------------------------------------------------

    def send(self, subject: str, *to: str, sender: str = "", body: bytes = b"\r\nCiao.\r\n") -> None:
        provider = self.beta if sender in self.beta.users else self.alfa
        sender = sender or self.anna
        provider.submit(sender, list(to), pec_mail.letter(
            sender, to=to, subject=subject, message_id=f"<{subject.replace(' ', '-')}@client>",
            body=body))

    def settle(self) -> None:
        pec_mail.wait_until_quiet(self.box)

    def wait_for(self, provider, *patterns: str) -> None:
        """Until Postfix has tried each of these recipients, and put it off."""
        def put_off(pattern):
            return any(re.search(pattern, recipient["address"]) and recipient.get("delay_reason")
                       for file in provider.queue() for recipient in file["recipients"])

        for pattern in patterns:
            harness.wait_until(lambda: put_off(pattern), f"{pattern} waits in {provider.name}'s queue")

    def keep(self, provider, key: str) -> None:
        """A copy of all files in the queue: they will be there again at the end."""
        queue = self.box.directory / key / "postfix" / "queue" / "deferred"

        def copies():
            if not all(file["queue_name"] == "deferred" for file in provider.queue()):
                return None
            return {path.name: path.read_bytes() for path in queue.rglob("*") if path.is_file()}

        self.kept[key] |= harness.wait_until(copies, "nothing is being tried right now")

    # ---- the state -------------------------------------------------------------------------------

    def make(self) -> None:
        self.finished()
        self.incidents()
        self.comes_again()
        self.waiting_notices()
        self.waiting_at_beta()
        self.waiting_at_alfa()
        self.just_submitted()

    def finished(self) -> None:
        folder = Path(self.beta.info["config"]).parent
        clamav.write_database(folder / "clamav", "test.ndb",
                              [clamav.literal("Test.Eicar", clamav.EICAR)])
        store = folder / "viruses"
        store.mkdir(mode=0o700)
        os.chown(store, MILTER_UID, MILTER_UID)
        self.box.reconfigure(self.beta, antivirus={
            "engine": "libclamav", "database_dir": str(folder / "clamav"), "store_dir": str(store)})
        self.beta.pecctl("mailbox", "set", self.fabio, "--closed")
        nina = f"nina@{self.alfa.domain}"
        self.alfa.pecctl("mailbox", "add", nina, "--holder", "Nina", typed="una parola lunga\n" * 2)
        self.alfa.pecctl("mailbox", "block", nina, "--reason", "prova")
        self.alfa.pecctl("domain", "add", "comune.example")
        self.send("finita", self.dario, self.bruno, GIANNI)
        self.send("risposta", self.anna, sender=self.dario)
        self.send("fallita", f"nessuno@{self.beta.domain}")
        self.send("infetta", self.dario, body=b"\r\n" + clamav.EICAR + b"\r\n")
        self.send("scaduta", GIULIA)
        self.settle()
        self.alfa.pecctl_at("+13h", "timeouts")
        self.alfa.pecctl_at("+25h", "timeouts")
        self.send("preavvisata", GIULIA)
        self.settle()
        self.alfa.pecctl_at("+13h", "timeouts")
        self.settle()
        self.send("muta", GIULIA)

    def incidents(self) -> None:
        with ChangedPostfix(self.alfa) as postfix:
            postfix.have_receipts_service_refuse()
            self.send("senza accettazione", self.dario)
            self.settle()

    def comes_again(self) -> None:
        """Queue files of messages that are done, as if the mail server had died before it took note:
        one for each station on a message's way, there and back."""
        with ExitStack() as until_all_is_home:
            with ChangedPostfix(self.beta) as back:
                back.route(self.alfa.domain, self.nowhere)
                self.comes_to_beta()
                self.wait_for(self.beta, f"^{self.anna}", f"^{self.alfa.service_mailbox}")
                self.keep(self.beta, "beta")
                home = until_all_is_home.enter_context(ChangedPostfix(self.alfa))
                home.route(self.alfa.domain, self.nowhere)
            harness.wait_until(lambda: not self.beta.queue() and not any(
                "dario" in each["address"] for file in self.alfa.queue()
                for each in file["recipients"]), "all has come back to alfa")
            self.wait_for(self.alfa, f"^{self.anna}", f"^{self.alfa.service_mailbox}")
            self.keep(self.alfa, "alfa")
            self.cut.append((["Subject: CONSEGNA: torna",
                             f"From: posta-certificata@{self.beta.domain}"], self.anna))
        self.settle()

    def comes_to_beta(self) -> None:
        with ChangedPostfix(self.beta) as there:
            there.route(self.beta.domain, self.nowhere)
            there.mislead("presa")
            with ChangedPostfix(self.alfa) as away:
                for domain in (self.alfa.domain, self.beta.domain):
                    away.route(domain, self.nowhere)
                away.mislead("accettazione")
                away.mislead("presa")
                self.send("torna", self.dario, self.bruno)
                self.wait_for(self.alfa, "accettazione", "presa", f"^{self.dario}", f"^{self.bruno}")
                self.keep(self.alfa, "alfa")
            self.wait_for(self.beta, "presa", f"^{self.dario}")
            with self.beta.connect("mx") as connection:
                connection.sendmail(GIANNI, [self.elena], pec_mail.letter(
                    GIANNI, to=[self.elena], subject="anomala", message_id="<anomala@client>"))
            self.wait_for(self.beta, f"^{self.elena}")
            self.keep(self.beta, "beta")
            self.cut.append((["Subject: ANOMALIA MESSAGGIO: anomala"], self.elena))

    def waiting_notices(self) -> None:
        self.at_alfa = self.stack.enter_context(ChangedPostfix(self.alfa))
        self.at_beta = self.stack.enter_context(ChangedPostfix(self.beta))
        self.at_alfa.mislead("errore")
        self.at_alfa.mislead("virus")
        self.send("due fallite", f"nessuno@{self.beta.domain}", f"niente@{self.beta.domain}")
        self.send("infetta per dario", self.dario, body=b"\r\n" + clamav.EICAR + b"\r\n")
        self.wait_for(self.alfa, "^nessuno.*errore", "^niente.*errore", "virus")

    def waiting_at_beta(self) -> None:
        self.at_beta.mislead("rilevazione")
        self.send("infetta per elena", self.elena, body=b"\r\n" + clamav.EICAR + b"\r\n")
        self.wait_for(self.beta, "^elena.*rilevazione")
        self.at_beta.route(self.alfa.domain, self.nowhere)
        self.send("ricevute in attesa", self.elena)
        self.wait_for(self.beta, f"^{self.anna}", f"^{self.alfa.service_mailbox}")
        self.at_beta.close_receipts_service()
        self.send("salvata a beta", self.fabio)
        self.send("pendente a beta", self.elena)
        self.wait_for(self.beta, f"^{self.fabio}$", "^fabio.*presa", f"^{self.elena}$", "^elena.*presa")
        self.cut.append((["Subject: POSTA CERTIFICATA: pendente a beta"], self.elena))

    def waiting_at_alfa(self) -> None:
        self.at_alfa.route(self.beta.domain, self.nowhere)
        self.send("per strada", self.dario, self.elena)
        self.wait_for(self.alfa, f"^{self.dario}$", f"^{self.elena}$")
        self.at_alfa.close_receipts_service()
        self.send("tutto in attesa", self.dario, self.bruno)
        self.send("rimbalzo", f"nessuno@{self.alfa.domain}", self.fabio)
        self.send("pendente", self.carla)
        self.wait_for(self.alfa, "^anna.*accettazione", f"^{self.bruno}$", "^bruno.*presa",
                      f"^{self.carla}$", f"^{self.fabio}$")
        log = Path(self.alfa.info["maillog"])
        harness.wait_until(lambda: "bounce failed" in log.read_text(), "the bounce waits")
        self.cut.append((["Subject: POSTA CERTIFICATA: pendente"], self.carla))
        self.at_alfa.route(self.alfa.domain, self.nowhere)
        self.send("mai scritta", self.bruno)
        self.wait_for(self.alfa, f"^{self.bruno}$")

    def just_submitted(self) -> None:
        """In `incoming`, where the queue manager has not seen it yet."""
        for provider in (self.alfa, self.beta):
            master = provider.info["processes"]["postfix"]
            found = subprocess.run(["pgrep", "-P", str(master), "-x", "qmgr"], check=True,
                                   capture_output=True, text=True)
            os.kill(int(found.stdout), signal.SIGSTOP)
        self.send("appena spedita", self.dario, self.bruno)
        self.send("appena spedita da beta", self.anna, self.elena, sender=self.dario)


# ---- what is stored ------------------------------------------------------------------------------


def put_back(maker: Maker) -> None:
    for key, files in maker.kept.items():
        active = maker.box.directory / key / "postfix" / "queue" / "active"
        for name, content in files.items():
            (active / name).write_bytes(content)
            (active / name).chmod(0o700)
            shutil.chown(active / name, "postfix")


def checked(content: str) -> str:
    return f"{hashlib.sha256(content.encode()).hexdigest()[:8]} {content}"


def key_of(message: bytes, recipient: str) -> str:
    """As the old journal had it: the Message-ID, or an anomaly envelope's boundary, and the recipient."""
    header = message.partition(b"\n\n")[0]
    if b"X-Trasporto: errore" in header:
        known = re.search(rb'boundary="pec-[^"]*"', header)[0]
    else:
        known = re.search(rb"(?mi)^message-id:\s*<([^>]+)>", header)[1]
    return hashlib.sha256(known + b"\n" + recipient.encode()).hexdigest()[:32]


def stored_messages(home: Path) -> list[bytes]:
    return [path.read_bytes().replace(b"\r\n", b"\n") for path in home.rglob("u.*")]


def journals(maker: Maker) -> None:
    """Takes from journals what a process that died had not written yet."""
    for wanted, mailbox in maker.cut:
        home = next(maker.box.directory.glob(f"*/dovecot/homes/{mailbox}"))
        [message] = [each for each in stored_messages(home)
                     if {line.encode() for line in wanted} <= set(each.partition(b"\n\n")[0].split(b"\n"))]
        begin = message.index(b"Return-Path:")
        key = key_of(message[begin:], mailbox)
        journal = home / "pec-delivery-journal"
        lines = journal.read_text().splitlines()
        kept = [line for line in lines if f" {key} " not in line or " pending " in line]
        if len(kept) == len(lines) or not any(f" {key} pending " in line for line in kept):
            raise AssertionError(f"{wanted} is not in the journal of {mailbox}")
        journal.write_text("".join(line + "\n" for line in kept))
    # Died between `pending` and the mailbox.
    [message] = [found for found in queue_contents(maker.box.directory / "alfa" / "postfix" / "etc")
                 if b"\nSubject: POSTA CERTIFICATA: mai scritta\n" in found]
    home = maker.box.directory / "alfa" / "dovecot" / "homes" / maker.bruno
    journal = home / "pec-delivery-journal"
    lines = journal.read_text().splitlines()
    lines.append(checked(f"{key_of(message, maker.bruno)} pending {lines[-1].split()[3]} 0 "))
    journal.write_text("".join(line + "\n" for line in lines))


def queue_contents(config: Path) -> list[bytes]:
    queue = config.parent / "queue"
    return [subprocess.run(["/usr/sbin/postcat", "-c", config, "-bh", path], check=True,
                           capture_output=True).stdout
            for folder in ("deferred", "incoming", "active") for path in (queue / folder).rglob("*")
            if path.is_file()]


def dump(ledger: Path, changes: list[str]) -> str:
    """What depends on the host alone (its name, its folders) is replaced."""
    with sqlite3.connect(ledger) as database:
        database.execute("PRAGMA wal_checkpoint")
        for change in changes:
            if not database.execute(change).rowcount:
                raise AssertionError(f"nothing to change: {change}")
        database.execute("UPDATE state SET node = ?, text = replace(text, ?, '/srv')",
                         (NODE, str(ledger.parents[2])))
        database.commit()
        return "\n".join(database.iterdump()) + "\n"


def pack(maker: Maker, target: Path) -> None:
    root = maker.box.directory
    target.mkdir(exist_ok=True)
    journals(maker)
    put_back(maker)
    about = "WHERE pec_id = (SELECT pec_id FROM event WHERE kind = 'accettazione' AND subject = '{}')"
    # pecctl died after the notice was made, and before it could take note of that.
    changes = {"alfa": ["UPDATE dispatch SET timeout_sent = 0 " + about.format("scaduta"),
                        "UPDATE dispatch SET warning_sent = 0 " + about.format("preavvisata")],
               "beta": []}
    folder = target / "journals"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tarfile.open(target / "state.tar.xz", "w:xz", preset=9) as archive:
        def take(info):
            if info.name.endswith(("pec-delivery-journal", ".lock")) or info.issym():
                return None
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            return info

        for key in ("alfa", "beta"):
            (target / f"{key}.sql").write_text(dump(root / key / "milter" / "ledger.db", changes[key]))
            for journal in (root / key / "dovecot" / "homes").glob("*/pec-delivery-journal"):
                (folder / journal.parent.name).write_text(journal.read_text())
            for name in SECRETS:
                archive.add(root / key / name, f"{key}/{name}", filter=take)
            for name in ("active", "incoming", "deferred", "bounce"):
                queue = root / key / "postfix" / "queue" / name
                for path in sorted(path for path in queue.rglob("*") if path.is_file()):
                    archive.add(path, f"{key}/queue/{name}/{path.name}", filter=take)
            archive.add(root / key / "dovecot" / "homes", f"{key}/homes", filter=take)
            for suffix in ("pem", "key"):
                name = f"{key}-signing.{suffix}"
                archive.add(root / "pki" / name, f"pki/{name}", filter=take)
        for name in ("ca.pem", "ca.key", "ca.crl"):
            archive.add(root / "pki" / name, f"pki/{name}", filter=take)
    directory = (root / "directory.ldif").read_text()
    gamma = directory[directory.index("dn: providerName=PEC Gamma"):]
    (target / "gamma.ldif").write_text(gamma)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build_dir", type=Path, help=f"where revision {REVISION} was built")
    parser.add_argument("--target", type=Path, default=HERE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pec-old-") as folder:
        os.chmod(folder, 0o755)
        tree, directory = Path(folder) / "tree", Path(folder) / "box"
        tree.mkdir()
        old_tree(tree)
        os.environ["PEC_BUILD_DIR"] = str(arguments.build_dir.absolute())
        sys.path[:0] = [str(tree / "tests" / "integration"), str(tree / "tests")]
        sys.dont_write_bytecode = True
        global harness, clamav, pec_mail, ChangedPostfix, MILTER_UID
        import harness
        from support import clamav, pec_mail
        from support.changed_postfix import ChangedPostfix
        from support.foreign_provider import ForeignProvider
        from support.provider import MILTER_UID

        up = harness.run_sandbox("up", directory)
        if up.returncode != 0:
            sys.exit(up.stdout)
        box = harness.Box(directory)
        try:
            ForeignProvider(box)
            maker = Maker(box)
            maker.make()
        except BaseException:
            box.print_logs()
            raise
        finally:
            box.programs.end_all()
        pack(maker, arguments.target)


if __name__ == "__main__":
    main()
