"""Messages that take long to scan, many at once from one login, to keep the scanner from all others."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import harness
from bystander import Bystander
from support.at_once import messages_at_once
from support.clamav import takes_long
from support.pec_mail import letter
from support.waiting import wait_until
from verdict import Attack, Strength

LARGE = 50_000_000  # octets: no message has so many, but takes_long() when it is unpacked


class LongScans(Attack):
    name = "long-scans"
    tries = "messages of one login that take long to scan, all at once"

    def run(self, box: harness.Box, strength: Strength, bystander: Bystander) -> str:
        anna = box.alfa.users[0]
        # 20 MB each as they are sent, in base64.
        noise, count = (14_000_000, 12) if strength.is_full else (1_000_000, 3)
        message = letter(anna, to=[anna], subject="lunga", message_id="<lunga@client>",
                         body=takes_long(noise))
        before, most = bystander.served, 0

        def ended() -> bool:
            nonlocal most
            most = max(most, self._unpacked(box))
            return sending.done()

        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(messages_at_once, lambda _: box.alfa.login(anna), anna, [anna], message,
                                  count)
            wait_until(ended, "all are answered", 5 * harness.PATIENCE)
        codes = Counter(code for code, _ in sending.result())
        if not {250} <= set(codes) <= {250, 451}:
            return f"answers were {dict(codes)}"
        if most != 1:
            return f"{most} of them were scanned at once"
        return bystander.unserved_since(before)

    @staticmethod
    def _unpacked(box: harness.Box) -> int:
        """How many the scanner has in hand; what is in the archive shows which they are."""
        count = 0
        for folder, _, files in os.walk(Path(box.alfa.info["config"]).with_name("scanner-temp")):
            for name in files:
                try:
                    count += os.stat(os.path.join(folder, name)).st_size > LARGE
                except FileNotFoundError:
                    pass  # it was scanned
        return count


SCANS = [LongScans()]
