# SPDX-License-Identifier: GPL-2.0-or-later
"""What pec-milter does when more comes than it can bear: it says 451, keeps a share for receipts and
notices, and its memory stays within bounds.
"""

import re
import unittest
from contextlib import ExitStack
from pathlib import Path

from support.milter_client import Message, Milter
from support.milter_program import DOMAIN, Program

OPEN_FILES = 128 + 3 * 40  # for 40 connections
OUTSIDE, ALL = 30, 40
ANNA = f"anna@{DOMAIN}"
MOST_MEMORY = 300_000_000  # octets, RssAnon


def memory(program: Program) -> int:
    status = Path(f"/proc/{program.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024


def letter() -> Message:
    return Message.parse(ANNA, [f"bruno@{DOMAIN}"], (
        f"From: {ANNA}\r\nTo: bruno@{DOMAIN}\r\nSubject: x\r\nMessage-ID: <1@client.example>\r\n"
        "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n\r\nCiao.\r\n").encode())


class Limits(unittest.TestCase):
    def program(self, **options) -> Program:
        program = Program(**options)
        self.addCleanup(program.remove)
        return program

    def test_a_service_without_a_role_is_put_off(self):
        program = self.program()
        with Milter(program.socket, "smtpd") as milter:
            self.assertEqual(milter.verdict, "tempfail")
        self.assertRegex(program.log(), r'\[warning\].*"smtpd": set milter_macro_daemon_name in master.cf')
        self.assertEqual(program.stop(), 0, program.log()[-5000:])

    def test_connections_and_the_share_of_receipts(self):
        program = self.program(open_files=OPEN_FILES)
        with ExitStack() as connections:
            def connect(role: str) -> Milter:
                return connections.enter_context(Milter(program.socket, role))

            outside = [connect(role) for role in 10 * ("pec-incoming", "pec-access", "pec-sieve")]
            self.assertEqual({each.verdict for each in outside}, {"continue"})
            for role in ("pec-incoming", "pec-access", "pec-sieve"):
                with Milter(program.socket, role) as one_more:
                    self.assertEqual(one_more.verdict, "tempfail", role)
            inside = [connect(role) for role in (ALL - OUTSIDE) // 2 * ("pec-receipts", "pec-bounces")]
            self.assertEqual({each.verdict for each in inside}, {"continue"})
            self.assertEqual(outside[1].send(letter(), login=ANNA).verdict, "continue")
        self.assertRegex(program.log(), rf"\[warning\].*no more than {ALL} connections")
        self.assertIn(f"no more than {ALL} connections", program.check())
        [told] = re.findall("too many connections at once.*", program.log())
        self.assertIn(f"at most {ALL}", told)
        # All have been given back, as soon as the program has seen them end.
        for _ in range(3):
            with ExitStack() as connections:
                again = [connections.enter_context(Milter(program.socket, "pec-incoming"))
                         for _ in range(OUTSIDE // 3)]
                self.assertEqual({each.verdict for each in again}, {"continue"})
        self.assertEqual(program.stop(), 0, program.log()[-5000:])

    def test_memory_under_headers_of_many_small_fields(self):
        program = self.program()
        with ExitStack() as connections:
            flood = [connections.enter_context(Milter(program.socket, "pec-incoming")) for _ in range(8)]
            refused = [each.pour_fields(ANNA, 300_000) for each in flood]
            print(f"{refused.count(None)} of {len(flood)} headers held: RssAnon {memory(program) // 1000} kB")
            self.assertLess(memory(program), MOST_MEMORY)
            self.assertGreater(refused.count("refused"), 1)
            told = re.findall(r"\[(\w+)\].*no memory left", program.log())
            self.assertEqual(sorted(told), ["info"] * (len(told) - 1) + ["warning"])
            self.assertGreater(len(told), 1)
            with Milter(program.socket, "pec-bounces") as inside:
                bounce = letter()
                bounce.sender = ""
                self.assertEqual(inside.send(bounce).verdict, "continue", program.log()[-3000:])
        self.assertEqual(program.stop(), 0, program.log()[-5000:])

    def test_memory_under_idle_connections(self):
        program = self.program()
        with ExitStack() as connections:
            flood = [connections.enter_context(Milter(program.socket, "pec-incoming"))
                     for _ in range(1000)]
            self.assertEqual({each.verdict for each in flood}, {"continue"})
            print(f"1,000 idle connections: RssAnon {memory(program) // 1000} kB")
            self.assertLess(memory(program), MOST_MEMORY // 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
