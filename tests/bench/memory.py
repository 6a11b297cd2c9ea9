# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of pec-milter: with many large submissions at once, and after very many small ones.

Speaks the milter protocol, without a mail server. What is measured is RssAnon, what the program has
allocated: messages themselves lie in temporary files, which the kernel may drop from memory, and no
scanner's signatures are loaded.

    memory.py [--connections 100] [--megabytes 50] [--messages 200000]

First all submissions are brought as far as their last octet, then ended at the same moment. Then a
single one at a time from each of eight clients, certified and, each tenth, acknowledged: the figure must
stay where it is after the first tenth.
"""

import argparse
import re
import threading
import time
from pathlib import Path

from support.milter_client import VERDICTS, Message, Milter, Outcome
from support.milter_program import DOMAIN, Program
from support.parallel import in_parallel

CLIENTS = 8
LINES_OF_A_MEGABYTE = 1_000_000 // 78
LOOK_EVERY = 0.02  # seconds


class Ear(Milter):
    """Hears how much it is given to put in the queue, and keeps nothing of it."""

    def bring(self, message: Message, login: str) -> None:
        refused = self._begin(message, login) or self._content(message)
        if refused:
            raise AssertionError(refused)

    def end(self) -> int:
        """The octets of the new body."""
        self._macros(b"E", {"i": "4TEST"})
        self._put(b"E", b"")
        octets = 0
        while True:
            kind, data = self._get()
            if kind == b"b":
                octets += len(data)
            elif kind in VERDICTS or kind == b"y":
                if VERDICTS.get(kind) != "continue":
                    raise AssertionError(f"{kind!r} {data!r}")
                return octets


class Memory:
    """RssAnon of a process: now, and the most it has been."""

    def __init__(self, pid: int):
        self._file = Path(f"/proc/{pid}/status")
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def now(self) -> float:
        """In MB."""
        return int(re.search(r"RssAnon:\s+(\d+)", self._file.read_text())[1]) / 1000

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self.most = max(self.most, self.now())

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()


def letter(sender: str, number: str, body: bytes) -> Message:
    recipient = f"bruno@{DOMAIN}"
    return Message(sender, [recipient], [
        ("From", f" {sender}"), ("To", f" {recipient}"), ("Subject", f" prova {number}"),
        ("Message-ID", f" <{number}@client.example>"), ("Date", " Sun, 22 Nov 2026 05:11:00 +0100"),
        ("Content-Type", " text/plain")], body)


def measure_large(program: Program, connections: int, megabytes: int) -> None:
    body = (b"x" * 76 + b"\r\n") * (megabytes * LINES_OF_A_MEGABYTE)
    all_here = threading.Barrier(connections)
    memory = Memory(program.pid)
    before = memory.now()

    def submit(number: int) -> None:
        sender = f"anna{number}@{DOMAIN}"
        connection = Ear(program.socket, "pec-access")
        try:
            connection.bring(letter(sender, str(number), body), sender)
            all_here.wait()
            octets = connection.end()
            if octets < len(body):
                raise AssertionError(f"an envelope of {octets} octets around {len(body)}")
        except BaseException:
            all_here.abort()
            raise
        finally:
            connection.close()

    begin = time.monotonic()
    with memory:
        in_parallel(connections, submit)
    print(f"{connections} submissions of {megabytes} MB at once, {time.monotonic() - begin:.0f} s: RssAnon "
          f"{before:.1f} MB before, {memory.most:.1f} MB at most, {memory.now():.1f} MB after")


class Soak:
    """Small messages from several clients, counted together."""

    def __init__(self, program: Program, messages: int):
        self._program, self._messages = program, messages
        self._memory = Memory(program.pid)
        self._lock = threading.Lock()
        self._sent = 0

    def run(self) -> None:
        begin = time.monotonic()
        in_parallel(CLIENTS, self._client)
        print(f"{self._messages} messages in {time.monotonic() - begin:.0f} s")

    def _client(self, client: int) -> None:
        sender = f"anna{client}@{DOMAIN}"
        with Milter(self._program.socket, "pec-access") as access, \
                Milter(self._program.socket, "pec-receipts") as receipts:
            while (number := self._next()) <= self._messages:
                sent = access.send(letter(sender, str(number), b"ciao\r\n" * 20), login=sender)
                self._check(sent)
                if number % 10 == 0:
                    [acceptance] = [each for each in sent.added if ".accettazione." in each]
                    self._check(receipts.send(Message(sender, [acceptance], sent.message.headers,
                                                      sent.message.body)))

    @staticmethod
    def _check(outcome: Outcome) -> None:
        if outcome.verdict != "continue":
            raise AssertionError(f"{outcome.verdict} {outcome.reply}")

    def _next(self) -> int:
        with self._lock:
            self._sent += 1
            if (self._sent - 1) % (self._messages // 10) == 0 and self._sent > 1:
                print(f"after {self._sent - 1} messages: RssAnon {self._memory.now():.1f} MB", flush=True)
            return self._sent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--messages", type=int, default=200_000)
    options = parser.parse_args()
    octets = options.megabytes * 2_000_000
    program = Program(f"[limits]\nmessage_size = {octets}\ntotal_size = {octets}\n")
    try:
        measure_large(program, options.connections, options.megabytes)
        Soak(program, options.messages).run()
        program.stop()
    finally:
        program.remove()


if __name__ == "__main__":
    main()
