# SPDX-License-Identifier: GPL-2.0-or-later
"""A user and an ordinary correspondent who have nothing to do with an attack, and want to be served.

    bystander = Bystander(box)
    bystander.get_known()                    # once: a new client of the MX waits for its greeting
    with bystander.served_meanwhile():
        ...                                  # he submits, logs in and is written to, again and again
    bystander.times                          # {"submission": [0.12, 0.1], "login": [0.03], "mx": [0.2]}

Each thing that he does is tried with patience, and its time is noted; what fails is, too. At least one of
each begins while the attack lasts.
"""

import imaplib
import smtplib
import threading
import time
from contextlib import contextmanager

from support.box import Box
from support.imap_from import ImapFrom
from support.waiting import PATIENCE

USER_AT, WRITER_AT = "127.0.2.1", "127.0.2.2"  # addresses that the sandbox holds for strangers
NAME = "cliente.example"  # what he says that he is; smtplib would ask the network for it
BETWEEN = 0.5  # seconds from one round to the next: he is a user, and no load


class Bystander:
    def __init__(self, box: Box, pause: float = BETWEEN):
        self._box = box
        self._pause = pause
        self._alfa = box.alfa
        self._user = self._alfa.users[1]
        self._number = 0
        self._end = threading.Event()
        self.times: dict[str, list[float]] = {"submission": [], "login": [], "mx": []}
        self.failures: list[str] = []

    def get_known(self) -> None:
        """Postfix has seen his correspondent's host before, as it has nearly all."""
        for what in self._doings().values():
            what()

    @contextmanager
    def served_meanwhile(self):
        threads = [threading.Thread(target=self._go_on, args=each) for each in self._doings().items()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in threads:
                thread.join()

    @property
    def served(self) -> dict[str, int]:
        """How often by now."""
        return {name: len(times) for name, times in self.times.items()}

    def unserved_since(self, before: dict[str, int]) -> str:
        """`before`: what `served` said. What he has not been given once since, in words."""
        idle = [name for name, count in self.served.items() if count == before[name]]
        return f"while it lasted the bystander's {', '.join(idle)} was not served once" if idle else ""

    def faults(self, limit: float | None, unhurried: str) -> list[str]:
        faults = self.failures[:3]
        for name, times in self.times.items():
            if not times:
                faults.append(f"the bystander's {name} was not served once")
            elif limit is not None and name != unhurried and max(times) > limit:
                faults.append(f"the bystander's {name} took {max(times):.1f} s")
        return faults

    def __str__(self) -> str:
        return "bystander: " + ", ".join(
            f"{name} {len(times)} x, at most {max(times, default=0):.2f} s"
            for name, times in self.times.items())

    def _doings(self) -> dict:
        return {"submission": self._submit, "login": self._log_in, "mx": self._be_written_to}

    def _go_on(self, name: str, what) -> None:
        while True:
            began = time.monotonic()
            try:
                what()
                self.times[name].append(time.monotonic() - began)
            except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
                after = time.monotonic() - began
                self.failures.append(f"the bystander's {name} failed after {after:.1f} s: {error!r}")
            if self._end.wait(self._pause):
                return

    def _message(self, sender: str) -> bytes:
        self._number += 1
        return (f"From: {sender}\r\nTo: {self._user}\r\nSubject: bystander {self._number}\r\n"
                f"Message-ID: <{self._number}.{time.monotonic_ns()}@bystander>\r\n"
                "\r\nciao\r\n").encode()

    def _submit(self) -> None:
        with smtplib.SMTP_SSL(*self._alfa.info["smtps"], context=self._box.tls,
                              local_hostname=NAME, timeout=PATIENCE,
                              source_address=(USER_AT, 0)) as smtp:
            smtp.login(self._user, self._alfa.passwords[self._user])
            smtp.sendmail(self._user, [self._user], self._message(self._user))
        with smtplib.SMTP(*self._alfa.info["submission"], local_hostname=NAME, timeout=PATIENCE,
                          source_address=(USER_AT, 0)) as smtp:
            smtp.starttls(context=self._box.tls)
            smtp.login(self._user, self._alfa.passwords[self._user])

    def _log_in(self) -> None:
        imap = ImapFrom(USER_AT, self._box.tls, *self._alfa.info["imaps"])
        try:
            imap.login(self._user, self._alfa.passwords[self._user])
        finally:
            imap.shutdown()

    def _be_written_to(self) -> None:
        writer = "mario@ordinaria.example"
        with smtplib.SMTP(*self._alfa.info["mx"], local_hostname=NAME, timeout=PATIENCE,
                          source_address=(WRITER_AT, 0)) as smtp:
            message = self._message(writer)
            began, pause = time.monotonic(), threading.Event()
            while not self._is_taken(smtp, writer, message):
                if time.monotonic() - began > PATIENCE:
                    raise TimeoutError("it was put off again and again")
                pause.wait(BETWEEN)

    def _is_taken(self, smtp: smtplib.SMTP, writer: str, message: bytes) -> bool:
        """False: put off, as mail servers often are. They come again."""
        try:
            smtp.sendmail(writer, [self._user], message)
            return True
        except smtplib.SMTPDataError as put_off:
            if put_off.smtp_code != 451:
                raise
            return False
