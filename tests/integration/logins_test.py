# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong passwords are counted for each account across protocols, by pec-policyd, whom Dovecot asks
(dovecot-conf/pec-logins.conf.ext). Clients have addresses of loopback of their own.
"""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

from support import harness
from support.logins import MOST_OF_ACCOUNT, TOO_MANY, Logins, different_passwords
from support.people import anna, bruno, carla
from support.waiting import PATIENCE, wait_until

AT_HOME, ELSEWHERE = "127.0.5.9", "127.0.5.8"


def setUpModule():
    global box, logins
    box = harness.sandbox()
    logins = Logins(box, box.alfa)


def text_after(log: str, before: dict[str, int]) -> str:
    return Path(box.alfa.info[log]).read_bytes()[before[log]:].decode(errors="replace")


class Guesses(harness.Case):
    def test_at_one_account_by_two_protocols_and_from_two_addresses(self):
        self.assertEqual(logins.by_imap(anna, AT_HOME), "")
        passwords = different_passwords(anna, MOST_OF_ACCOUNT)
        half = MOST_OF_ACCOUNT // 2
        answers = [logins.by_imap(anna, "127.0.5.1", each) for each in passwords[:half]]
        answers += [logins.by_smtp(anna, "127.0.5.2", each) for each in passwords[half:]]
        self.assertFalse([each for each in answers if TOO_MANY in each])
        self.assertNotIn("", answers)
        # From now on no password is tried any more, not even the right one, wherever a stranger is.
        for login in (logins.by_imap, logins.by_smtp):
            self.assertIn(TOO_MANY, login(anna, ELSEWHERE))
        # Its holder comes in from where he has logged in, by either protocol; and so does anybody else,
        # from the very address that has guessed.
        self.assertEqual(logins.by_imap(anna, AT_HOME), "")
        self.assertEqual(logins.by_smtp(anna, AT_HOME), "")
        self.assertEqual(logins.by_imap(bruno, "127.0.5.1"), "")
        self.assertIn(f'reason="{MOST_OF_ACCOUNT} wrong passwords for this account', box.alfa.policy_log())

    def test_who_is_locked_out_is_let_in_again(self):
        for password in different_passwords(bruno, MOST_OF_ACCOUNT):
            logins.by_imap(bruno, "127.0.5.6", password)
        self.assertIn(TOO_MANY, logins.by_imap(bruno, "127.0.5.6"))
        line = f"  {bruno}  -  {MOST_OF_ACCOUNT} wrong passwords  refused until "
        wait_until(lambda: line in box.alfa.pecctl("logins"), "all are counted")
        self.assertEqual(box.alfa.pecctl("logins", "forget", bruno), f"forgotten: {bruno}  -\n")
        self.assertEqual(logins.by_imap(bruno, "127.0.5.6"), "")

    def test_an_old_password_in_a_forgotten_device_counts_once(self):
        for number in range(MOST_OF_ACCOUNT + 2):
            said = (logins.by_imap, logins.by_smtp)[number % 2](carla, f"127.0.5.{20 + number}", "last year's")
            self.assertNotIn(TOO_MANY, said)
            self.assertTrue(said)
        wait_until(lambda: box.alfa.query("SELECT failed FROM login_network WHERE network = '127.0.5.20'")
                   == [(1,)], "the first is counted")
        self.assertEqual(box.alfa.query("SELECT sum(failed) FROM login_network WHERE network BETWEEN"
                                        " '127.0.5.20' AND '127.0.5.49'"), [(1,)])
        self.assertEqual(logins.by_imap(carla, ELSEWHERE), "")

    def test_a_name_that_can_be_nobodys_makes_no_error(self):
        before = {name: Path(box.alfa.info[name]).stat().st_size for name in ("policy_log", "dovecot_log")}
        self.assertTrue(logins.by_imap("an!na", "127.0.5.5", "wrong"))
        # Their lines come in order: what a later login makes is there.
        logins.by_imap("nobody@nowhere.example", "127.0.5.5", "wrong")
        wait_until(lambda: "nobody@nowhere.example" in text_after("dovecot_log", before), "Dovecot has logged both")
        self.assertNotIn("olicy server HTTP error", text_after("dovecot_log", before))
        self.assertNotRegex(text_after("policy_log", before), r"\[(warning|error)\]")

    def test_at_names_that_are_nobodys(self):
        for number in range(3):
            logins.by_imap(f"nobody{number}@{box.alfa.domain}", "127.0.5.4", "wrong")
        wait_until(lambda: box.alfa.query("SELECT failed FROM login_network WHERE network = '127.0.5.4'")
                   == [(3,)], "the address has three failures")
        self.assertEqual(box.alfa.query("SELECT 1 FROM login_account WHERE account LIKE 'nobody%'"), [])


class Secrets(harness.Case):
    def test_no_password_reaches_the_log_or_the_ledger(self):
        logins.by_imap(anna, AT_HOME, "parola-segreta")
        for file in (box.alfa.info["policy_log"], box.alfa.info["dovecot_log"], box.alfa.info["maillog"],
                     box.alfa.info["ledger"]):
            self.assertNotIn(b"parola-segreta", Path(file).read_bytes())

    def test_who_has_no_secret_is_not_heard(self):
        address = Path(box.alfa.info["config"]).read_text().partition('logins_listen = "')[2].partition('"')[0]
        host, port = address.split(":")
        body = b'{"login":"anna@pec.alfa.example","remote":"127.0.5.9"}'
        with socket.create_connection((host, int(port)), PATIENCE) as client:
            client.sendall(b"POST /?command=allow HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                           % (len(body), body))
            self.assertIn(b" 403 ", client.recv(4096))


class Away(harness.Case):
    def states(self) -> list[tuple]:
        return box.alfa.query("SELECT good FROM state WHERE component = 'logins'")

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(box.alfa.info["ledger"], timeout=PATIENCE)) as ledger:
            ledger.execute(statement)

    def test_the_ledger_is_with_an_alarm(self):
        wait_until(lambda: self.states() == [(1,)], "pecctl status has the logins")
        self.change("ALTER TABLE login_account RENAME TO login_account_away")
        self.addCleanup(self.change, "ALTER TABLE login_account_away RENAME TO login_account")
        for number in range(3):
            self.assertEqual(logins.by_imap(bruno, f"127.0.5.{60 + number}"), "")
        wait_until(lambda: self.states() == [(0,)], "pecctl status says that logins went on")
        self.assertEqual(box.alfa.policy_log().count("[error] a login goes on without having been judged: "), 1)

    def test_logins_go_on(self):
        box.kill_policyd(box.alfa)
        self.addCleanup(box.start_policyd, box.alfa)
        self.assertEqual(logins.by_imap(bruno, AT_HOME), "")
        self.assertIn("Policy server HTTP error", Path(box.alfa.info["dovecot_log"]).read_text())


if __name__ == "__main__":
    harness.main()
