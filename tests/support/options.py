# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of a pec.toml, set by section:

    set_options(Path("pec.toml"), ledger={"connection": "sqlite3:///var/lib/pec/ledger.db"})
"""

import json
from pathlib import Path


def set_options(file: Path, **sections: dict) -> None:
    config = file.read_text(encoding="utf-8")
    for section, options in sections.items():
        lines = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
                        for name, value in options.items())
        before, header, rest = config.partition(f"[{section}]\n")
        old, bracket, after = rest.partition("\n[")
        kept = "".join(line + "\n" for line in old.splitlines()
                       if line.partition(" = ")[0] not in options)
        config = before + (header or f"[{section}]\n") + lines + kept + bracket[1:] + after
    beside = file.with_suffix(".new")
    beside.write_text(config, encoding="utf-8")
    beside.rename(file)  # whole, at once: a program may be starting
