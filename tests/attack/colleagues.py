# SPDX-License-Identifier: GPL-2.0-or-later
"""Users behind one address, who are no attackers, and must not be taken for such."""

from bystander import Bystander
from support.at_once import messages_at_once
from support.box import Box
from support.pec_mail import letter
from verdict import Attack, Strength

THEIR_ADDRESS = "127.0.5.1"


class Colleagues(Attack):
    name = "colleagues"
    lines_each = 100.0
    tries = "no attack: mail programs behind one address that all submit at once"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        anna = box.alfa.users[0]
        message = letter(anna, to=[anna], subject="al lavoro", message_id="<lavoro@client>")
        count = 64 if strength.is_full else 24
        self.count(count, len(message))
        answers = messages_at_once(lambda _: box.alfa.login(anna, source=THEIR_ADDRESS), anna, [anna], message,
                                   count)
        refused = [text for code, text in answers if code != 250]
        return f"{len(refused)} of {count} were refused: {refused[0]}" if refused else ""


COLLEAGUES = [Colleagues()]
