# SPDX-License-Identifier: GPL-2.0-or-later
"""What pec-milter allocates for messages that are made to cost much.

Speaks the milter protocol, without a mail server; the other provider is nothing but keys, and openssl
signs for it. RssAnon at most while each message is judged, against what it was before: it must rise
by less than 20 MB, or the exit status is 1. And the ledger's growth, against the message's size.

    hostile.py
"""

import os
import re
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing

from memory import Memory
from support.foreign_provider import ADDRESS, DOMAIN as GAMMA, SENDER, ForeignProvider
from support.milter_client import Message, Milter
from support.milter_program import DOMAIN, Program

MOST_RISE = 20.0  # MB
ANNA = f"anna@{DOMAIN}"
SHA256 = bytes.fromhex("300b0609608648016503040201")  # an AlgorithmIdentifier
LIMITS = """[limits]
message_size = 1000000000
total_size = 10000000000
to_addresses = 10000
"""


class Site:
    """What ForeignProvider needs of a sandbox; here it is one pec-milter."""

    def __init__(self, program: Program):
        self._program = program
        self.directory = program.folder
        self.ca_file = program.folder / "ca.pem"
        self.crl_file = program.folder / "ca.crl"
        self.info = {"directory_ldif": str(program.folder / "directory.ldif")}
        self.alfa, self.beta = program, None

    def reload(self, program: Program | None) -> None:
        if program is None:
            return

        def answers() -> int:
            return len(re.findall("the trust in signatures (was|has|stays)", program.log()))

        before, pause, deadline = answers(), threading.Event(), time.monotonic() + 60
        os.kill(program.pid, signal.SIGUSR1)
        while answers() == before:
            if time.monotonic() > deadline:
                raise AssertionError(f"pec-milter has not read its files again:\n{program.log()}")
            pause.wait(0.02)


class Hostile:
    def __init__(self):
        self._program = Program(LIMITS)
        self._gamma = ForeignProvider(Site(self._program))
        self.costly = 0

    def close(self) -> None:
        self._program.remove()

    def run(self) -> None:
        to_gamma = [f"casella{number:04}@{GAMMA}" for number in range(4000)]
        to_alfa = [f"casella{number:04}@{DOMAIN}" for number in range(2000)]
        self._measure("nothing but an envelope", "pec-incoming", self._envelope(to_alfa[:1]))
        self._measure("103 MB of digests in a signature", "pec-incoming",
                      self._with_digests(to_alfa[:1], 103_000_000))
        self._measure("half a million digests", "pec-incoming",
                      self._with_digests(to_alfa[:1], 500_000 * len(SHA256)))
        self._measure("as many digests as 250 kB hold", "pec-incoming",
                      self._with_digests(to_alfa[:1], 240_000))
        for count in (4000, 2000):
            self._measure(f"a take-charge about {count:,}", "pec-incoming",
                          self._take_charge(f"alfa.{count}@{DOMAIN}", to_gamma[:count]))
        pec_id = self._measure("a submission to 1,000, and its acceptance", "pec-access",
                               self._letter(to_gamma[:1000]), ANNA, receipts=True)
        self._measure("its take-charge about 1,000", "pec-incoming",
                      self._take_charge(pec_id, to_gamma[:1000]))
        self._measure("an envelope to 2,000, for one of them", "pec-incoming",
                      self._envelope(to_alfa, to_alfa[:1]), receipts=True)
        self._measure("an envelope to 2,000, for 1,000 of them", "pec-incoming",
                      self._envelope(to_alfa, to_alfa[:1000]), receipts=True)

    def _measure(self, what: str, service: str, message: Message, login: str = "",
                 receipts: bool = False) -> str:
        """Returns the Message-ID of what was made of it, without brackets. `receipts`: the internal
        recipients that were added are served, too."""
        memory, ledger = Memory(self._program.pid), self._ledger()
        before = memory.now()
        octets = len(message.wire())
        begin = time.monotonic()
        with memory:
            with Milter(self._program.socket, service) as milter:
                outcome = milter.send(message, login=login)
            if receipts:
                with Milter(self._program.socket, "pec-receipts") as milter:
                    served = milter.send(Message(message.sender, outcome.added,
                                                 outcome.message.headers, outcome.message.body))
                    if served.verdict != "continue":
                        raise AssertionError(f"{what}: {served.verdict} {served.reply}")
        seconds = time.monotonic() - begin
        most = max(before, memory.most, memory.now())
        self.costly += most - before >= MOST_RISE
        if outcome.verdict != "continue":
            raise AssertionError(f"{what}: {outcome.verdict} {outcome.reply}")
        print(f"{what:<42} {octets / 1e6:>8.2f} MB: RssAnon {before:6.1f} MB before,"
              f" {most:6.1f} at most; ledger +{(self._ledger() - ledger) / 1e3:.0f} kB;"
              f" {seconds:.1f} s", flush=True)
        return outcome.message.header("Message-ID").strip("<>")

    def _ledger(self) -> int:
        file = f"file:{self._program.folder}/ledger.db?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as ledger:
            return ledger.execute("SELECT SUM(pgsize) FROM dbstat").fetchone()[0]

    def _envelope(self, listed: list[str], recipients: list[str] | None = None) -> Message:
        wire = self._gamma.envelope(listed, to=",\r\n ".join(listed))
        return Message.parse(SENDER, recipients or listed, wire)

    def _take_charge(self, pec_id: str, about: list[str]) -> Message:
        facts = "".join(f"<ricezione>{each}</ricezione>" for each in about)
        wire = self._gamma.receipt("presa-in-carico", pec_id, about, sender=ANNA, facts=facts)
        return Message.parse(ADDRESS, [f"ricevute@{DOMAIN}"], wire)

    @staticmethod
    def _letter(recipients: list[str]) -> Message:
        return Message(ANNA, recipients, [
            ("From", f" {ANNA}"), ("To", " " + ",\n ".join(recipients)), ("Subject", " Prova"),
            ("Message-ID", " <prova@client.example>"), ("Date", " Sun, 22 Nov 2026 05:11:00 +0100"),
            ("Content-Type", " text/plain")], b"ciao\r\n" * 1600)

    def _with_digests(self, listed: list[str], octets: int) -> Message:
        """An envelope whose signature lists digests until so many octets of base64 are full."""
        gamma, pec_id = self._gamma, self._gamma.new_id()
        content = gamma.mixed(gamma.xml("posta-certificata", pec_id, listed), None)
        digests = SHA256 * (octets * 3 // 4 // len(SHA256))
        wire = gamma.header("X-Trasporto: posta-certificata", pec_id) + gamma.signed(
            content, with_digests(gamma.sign(content), digests))
        return Message.parse(SENDER, listed, wire)


def with_digests(der: bytes, digests: bytes) -> bytes:
    """SEQUENCE { OID signedData, [0] { SEQUENCE { version, SET OF digest ... gets other digests; what is
    around the SET, indefinite lengths (BER), so that the SET may grow."""
    oid, old = der.index(bytes.fromhex("06092a864886f70d010702")), der.index(b"\x31\x0d" + SHA256)
    length = b"\x84" + len(digests).to_bytes(4, "big")
    return (b"\x30\x80" + der[oid:oid + 11] + b"\xa0\x80\x30\x80" + der[old - 3:old] + b"\x31" + length
            + digests + der[old + 2 + len(SHA256):] + bytes(6))


def main() -> None:
    hostile = Hostile()
    try:
        hostile.run()
    finally:
        hostile.close()
    if hostile.costly:
        sys.exit(f"{hostile.costly} of them took {MOST_RISE:.0f} MB or more")


if __name__ == "__main__":
    main()
