# SPDX-License-Identifier: GPL-2.0-or-later
"""Certified transactions against plain messages, in one run.

A certified transaction is one submission and all that it leads to: envelope, acceptance, take-charge
and delivery receipt, each in its mailbox. Beside it, the same Postfix and Dovecot with a milter that
changes nothing carry as many plain messages of the same sizes to the same mailboxes: four for each
transaction. The two alternate, round by round, so that a machine that slows down slows both.

Prints both rates, the ratio of the times, and which programs used the processor.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from support.box import Box
from support.clamav import literal, write_database
from support.mailbox import expect_ok
from support.parallel import in_parallel
from support.waiting import wait_until

SENDER, RECIPIENT = "anna@pec.alfa.example", "bruno@pec.alfa.example"
TICKS = os.sysconf("SC_CLK_TCK")


def message(recipient: str, size: int) -> bytes:
    head = (f"From: {SENDER}\r\nTo: {recipient}\r\nSubject: Prova\r\n"
            "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
            f"Message-ID: <{os.urandom(8).hex()}@client.example>\r\n\r\n").encode()
    line = b"x" * 76 + b"\r\n"
    return head + line * max(1, (size - len(head)) // len(line))


class Mailboxes:
    """How many messages lie in the mailboxes of alfa."""

    def __init__(self, box: Box):
        self._open = {address: box.alfa.mailbox(address)
                      for address in (SENDER, RECIPIENT, box.alfa.service_mailbox)}

    def count(self) -> int:
        total = 0
        for mailbox in self._open.values():
            total += int(expect_ok(mailbox._imap.select("INBOX", readonly=True))[0])
        return total

    def content(self) -> list[tuple[str, int]]:
        """Where each message lies, and its size."""
        return [(address, len(raw)) for address, mailbox in self._open.items()
                for raw in mailbox.all()]


class Processor:
    """Processor time of all programs of a sandbox, by name; looked at often, since Postfix's
    programs come and go."""

    def __init__(self, box: Box):
        self._seen: dict[int, tuple[str, int]] = {}
        self._stop = threading.Event()
        self._roots = {provider["processes"][name] for provider in box.info["providers"].values()
                       for name in provider["processes"]}
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Processor":
        self._look()
        self._before = dict(self._seen)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def seconds(self) -> dict[str, float]:
        used: dict[str, float] = defaultdict(float)
        for pid, (name, ticks) in self._seen.items():
            used[name] += (ticks - self._before.get(pid, (name, 0))[1]) / TICKS
        return used

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self._look()

    def _look(self) -> None:
        """Every descendant of the sandbox's programs, with the processor time it has used so far."""
        parents, facts = {}, {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            except OSError:
                continue  # it has ended since
            fields = rest.split()
            parents[int(entry.name)] = int(fields[1])
            facts[int(entry.name)] = (name, int(fields[11]) + int(fields[12]))
        for pid in facts:
            ancestor = pid
            while ancestor in parents and ancestor not in self._roots:
                ancestor = parents[ancestor]
            if ancestor in self._roots:
                self._seen[pid] = facts[pid]


def drive(box: Box, load: list[tuple[str, int]], clients: int, expected: int) -> float:
    """Submits messages, each for a recipient and of a size, over `clients` connections; returns the
    seconds until `expected` more messages lie in the mailboxes."""
    mailboxes = Mailboxes(box)
    goal = mailboxes.count() + expected
    connections = [box.alfa.login(SENDER) for _ in range(clients)]
    waiting = [(recipient, message(recipient, size)) for recipient, size in load]
    lock = threading.Lock()

    def client(number: int) -> None:
        while True:
            with lock:
                if not waiting:
                    return
                recipient, mine = waiting.pop()
            connections[number].sendmail(SENDER, [recipient], mine)

    begin = time.monotonic()
    in_parallel(len(connections), client)
    wait_until(lambda: mailboxes.count() >= goal, f"{expected} messages", patience=300)
    seconds = time.monotonic() - begin
    for connection in connections:
        connection.quit()
    return seconds


def use_signatures(box: Box, count: int) -> None:
    """Has alfa's scanner look for so many more."""
    random_bytes = random.Random(1).randbytes
    write_database(Path(box.alfa.info["config"]).parent / "clamav", "made.ndb",
                   [literal(f"Made.{number}", random_bytes(16)) for number in range(count)])
    box.reconfigure(box.alfa)
    for name, program in (("pec-scanner", box.alfa.scanner_name), ("pec-milter", box.alfa.milter_name),
                          ("pec-policyd", box.alfa.policy_name)):
        box.alfa.info["processes"][name] = box.programs.pid(program)


def show_processor(what: str, count: int, used: dict[str, float]) -> None:
    print(f"  processor time for {what}, ms each:")
    for name, seconds in sorted(used.items(), key=lambda pair: -pair[1]):
        if seconds * 1000 / count >= 0.05:
            print(f"    {name:<14} {seconds * 1000 / count:7.2f}")
    print(f"    {'all':<14} {sum(used.values()) * 1000 / count:7.2f}")


def measure(arguments, certified: Box, plain: Box) -> None:
    original = [(RECIPIENT, arguments.size)]
    drive(certified, original, 1, 4)  # warms up, and tells what to compare with
    same = Mailboxes(certified).content()
    drive(plain, same, 1, 4)
    count, clients = arguments.count, arguments.clients
    times: dict[str, list[float]] = {"certified": [], "plain": []}
    used: dict[str, dict[str, float]] = {"certified": defaultdict(float), "plain": defaultdict(float)}
    for _ in range(arguments.rounds):
        for name, box, load, expected in (
            ("certified", certified, original * count, 4 * count),
            ("plain", plain, same * count, 4 * count),
        ):
            with Processor(box) as processor:
                times[name].append(drive(box, load, clients, expected))
            for program, seconds in processor.seconds().items():
                used[name][program] += seconds
    ratios = [c / p for c, p in zip(times["certified"], times["plain"])]
    certified_rate = count * arguments.rounds / sum(times["certified"])
    plain_rate = 4 * count * arguments.rounds / sum(times["plain"])
    print(f"{arguments.rounds} rounds of {count} transactions ({4 * count} messages), "
          f"{clients} clients, originals of {arguments.size} bytes, "
          f"messages of {sorted(size for _, size in same)} bytes")
    print(f"  certified   {certified_rate:7.1f} transactions/s = {4 * certified_rate:7.1f} messages/s")
    print(f"  plain       {plain_rate:7.1f} messages/s, pass-through milter")
    print(f"  ratio       {statistics.median(ratios):.2f} (median of the rounds; "
          f"{min(ratios):.2f} to {max(ratios):.2f})")
    show_processor("a certified transaction", count * arguments.rounds, used["certified"])
    show_processor("four plain messages", count * arguments.rounds, used["plain"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench transaction", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="transactions in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--size", type=int, default=2000, help="of an original, in bytes")
    parser.add_argument("--signatures", type=int, default=0, help="in the virus database, beside one")
    parser.add_argument("--folder", type=Path, default=tempfile.gettempdir(),
                        help="where queues and mailboxes lie; /dev/shm leaves the disk out of it")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("bench: must run as root, because Postfix and Dovecot start as root")
    with ExitStack() as stack:
        boxes = []
        for milter in ("pec", "passthrough"):
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="pec-", dir=arguments.folder))
            boxes.append(Box.bring_up(Path(directory), milter))
            stack.callback(boxes[-1].down)
        if arguments.signatures:
            use_signatures(boxes[0], arguments.signatures)
        measure(arguments, *boxes)


if __name__ == "__main__":
    main()
