# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that pecctl keeps, for a sandbox's Postfix and Dovecot: as `pecctl setup files` makes their files.

    take_from_ledger(config)                              # pec.toml; instead of the sandbox's tables
    server.query("pec", READERS)                          # of a PostgreSQL server, once
"""

import re
from pathlib import Path

from support.options import set_options
from support.provider import make_files

READERS = """
    CREATE ROLE pec_postfix LOGIN;
    GRANT SELECT (address, state, created_at) ON mailbox TO pec_postfix;
    CREATE ROLE pec_dovecot LOGIN;
    GRANT SELECT (address, state, since, created_at, home, password) ON mailbox TO pec_dovecot"""


def take_from_ledger(config: Path, build_dir: Path, connection: str = "", besides_tables: bool = False,
                     **settings: str) -> None:
    """`connection`: of a ledger that pec.toml will have later. `besides_tables`: those of the sandbox stay, too.
    `settings`: more of the site's own for main.cf."""
    taken = config.with_name("accounts.toml")  # the programs that run read pec.toml
    taken.write_text(config.read_text())
    set_options(taken, site={"accounts": "ledger"}, **({"ledger": {"connection": connection}} if connection else {}))
    if besides_tables:
        table = "pgsql" if connection.startswith("postgresql:") else "sqlite"
        proxy = "proxy:" if table == "pgsql" else ""
        settings["virtual_mailbox_maps"] = (f"texthash:$config_directory/mailbox_maps, "
                                            f"{proxy}{table}:$config_directory/pec-mailboxes-{table}.cf")
    else:
        own = config.parent / "dovecot" / "local.conf"
        own.write_text(re.sub(r"(?ms)^(passdb|userdb) \{.*?^\}\n", "", own.read_text()))
    with (config.parent / "postfix" / "main.cf").open("a") as own:
        own.write("".join(f"{name} = {value}\n" for name, value in settings.items()))
    make_files(build_dir, taken)
