# SPDX-License-Identifier: GPL-2.0-or-later
"""A secondary unit of a sandbox's provider, in the same installation (RFC 6109, 4.5.7): an entry of its
own in the directory, two mail domains, a key and a certificate, users and a service mailbox.

    unit = Unit(box, box.alfa)              # for the module; before Mailboxes(box)
    unit.users                              # in its own domain, and in one that it manages
"""

import os
import secrets
import unittest

from support.box import Box, Provider
from support.changed_postfix import ChangedPostfix
from support.directory import Entry, LdifDirectory, read_entries
from support.pki import Pki
from support.provider import MILTER_UID

UNIT = "Unit 2"
DOMAIN, MANAGED = "pec.unita.example", "studio.unita.example"


class Unit:
    def __init__(self, box: Box, provider: Provider):
        self.domain = DOMAIN
        self.signing_address = f"posta-certificata@{DOMAIN}"
        self.service_mailbox = f"ricevute@{DOMAIN}"
        self.users = [f"ugo@{DOMAIN}", f"vera@{MANAGED}"]
        pki = Pki(box.ca_file.parent)
        pki.begin_signing("unit-signing", provider.name, self.signing_address)
        pki.finish()
        self.certificate, self._key = pki.certificate("unit-signing"), pki.key("unit-signing")
        os.chown(self._key, MILTER_UID, MILTER_UID)
        self._key.chmod(0o400)
        self._enter_directory(box, provider)
        self._start_milter(box, provider)
        self._give_mailboxes(provider)
        self._lead_mail(box, provider)

    def _enter_directory(self, box: Box, provider: Provider) -> None:
        entry = Entry(provider.name, self.service_mailbox, [self.certificate], [DOMAIN, MANAGED], UNIT)
        LdifDirectory(box, read_entries(box) | {UNIT: entry})
        for each in (box.alfa, box.beta):
            box.reload(each)

    def _start_milter(self, box: Box, provider: Provider) -> None:
        with open(provider.info["config"], "a", encoding="utf-8") as config:
            config.write(f'[[unit]]\nunit = "{UNIT}"\ndomain = "{DOMAIN}"\n'
                         f'certificate_file = "{self.certificate}"\nkey_file = "{self._key}"\n')
        box.kill_milter(provider)
        box.start_milter(provider)

    def _give_mailboxes(self, provider: Provider) -> None:
        mailboxes = [*self.users, self.service_mailbox]
        provider.add_mailboxes({address: secrets.token_urlsafe(9) for address in mailboxes})
        postfix = unittest.enterModuleContext(ChangedPostfix(provider))
        postfix.set(virtual_mailbox_domains=f"{provider.domain}, {DOMAIN}, {MANAGED}")
        for address in mailboxes:
            postfix.add_mailbox(address)
        postfix.add_alias(self.signing_address, of=self.service_mailbox)
        postfix.add_alias(f"postmaster@{DOMAIN}", of=provider.operators)

    @staticmethod
    def _lead_mail(box: Box, provider: Provider) -> None:
        """Where the other provider finds it: at the same incoming point."""
        postfix = unittest.enterModuleContext(ChangedPostfix(box.beta))
        for domain in (DOMAIN, MANAGED):
            postfix.route(domain, provider.info["mx"])
