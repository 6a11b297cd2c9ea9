# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that end at the same moment, each in a session of its own.

    answers = messages_at_once(lambda _: box.alfa.login(anna), anna, [dario], message, 30)
    [code for code, text in answers].count(250)
"""

import smtplib
from concurrent.futures import ThreadPoolExecutor

CUT_OFF = 0  # in the place of a code: the session ended without an answer


def messages_at_once(connect, sender: str, recipients: list[str], message: bytes,
                     count: int) -> list[tuple[int, str]]:
    """What each is answered. `connect(number)`: a session, logged in where it must be. `message`: no line
    of it begins with a dot. None is ended before all are there but for their ends."""
    def run(step, given) -> list:
        return [each.result() for each in [sessions.submit(_answered, step, one) for one in given]]

    def begin(number: int):
        connection = connect(number)
        answer = _first_refusal(connection, sender, recipients)
        if answer is not None:
            connection.close()
            return answer
        connection.send(message)
        return connection

    with ThreadPoolExecutor(count) as sessions:
        return run(_end, run(begin, range(count)))


def _answered(step, given):
    try:
        return step(given)
    except (OSError, smtplib.SMTPException) as error:
        return CUT_OFF, repr(error)


def _first_refusal(connection: smtplib.SMTP, sender: str, recipients: list[str]) -> tuple[int, str] | None:
    connection.ehlo_or_helo_if_needed()
    for command in (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"):
        code, text = connection.docmd(command)
        if code not in (250, 354):
            return code, text.decode()
    return None


def _end(begun) -> tuple[int, str]:
    if isinstance(begun, tuple):
        return begun  # it had its answer
    try:
        begun.send(b".\r\n")
        code, text = begun.getreply()
        return code, text.decode()
    finally:
        begun.close()
