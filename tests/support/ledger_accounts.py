# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that pecctl keeps, for a sandbox's Postfix and Dovecot: by the files of postfix-conf/ and
dovecot-conf/, as README.md of both folders has it.

    settings = ledger_maps(postfix.etc)                   # for main.cf
    read_accounts(dovecot.directory / "dovecot.conf")     # beside what it reads already
    server.query("pec", READERS)                          # of a PostgreSQL server, once
"""

import re
from pathlib import Path

READERS = """
    CREATE ROLE pec_postfix LOGIN;
    GRANT SELECT (address, state, created_at) ON mailbox TO pec_postfix;
    CREATE ROLE pec_dovecot LOGIN;
    GRANT SELECT (address, state, since, created_at, home, password) ON mailbox TO pec_dovecot"""


def ledger_maps(etc: Path, server: Path | None = None, database: str = "pec") -> dict[str, str]:
    """Settings of main.cf. `server`: the folder of the PostgreSQL server's socket; None: SQLite."""
    kind, table = ("sqlite", "sqlite") if server is None else ("pgsql", "proxy:pgsql")
    if server is not None:
        for file in etc.glob("pec-*-pgsql.cf"):
            _name_server(file, server, database)
    return {"virtual_mailbox_maps": f"{table}:{etc}/pec-mailboxes-{kind}.cf",
            "transport_maps": f"regexp:{etc}/pec-transport.regexp, {table}:{etc}/pec-revoked-{kind}.cf, "
                              f"texthash:{etc}/site_transport_maps"}


def read_accounts(dovecot: Path, server: Path | None = None, database: str = "pec") -> None:
    """`dovecot`: its dovecot.conf; `server`: as above."""
    if server is not None:
        _name_server(dovecot.with_name("pec-accounts-pgsql.conf.ext"), server, database)
        accounts = dovecot.with_name("98-pec-accounts.conf")
        accounts.write_text(accounts.read_text().replace("accounts-sqlite", "accounts-pgsql"))
    dovecot.write_text(dovecot.read_text().replace("!include 99",
                                                   "!include 98-pec-accounts.conf\n!include 99"))


def _name_server(file: Path, folder: Path, database: str) -> None:
    text = re.sub(r"^hosts =|\bhost=", lambda match: match[0] + str(folder), file.read_text(), flags=re.M)
    file.write_text(re.sub(r"\b(dbname ?= ?)\S+", rf"\g<1>{database}", text))
