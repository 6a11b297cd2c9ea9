#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The one-way dependencies of docs/architecture.md, checked by reading every #include."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ["base", "mime", "pec", "smime", "directory", "ledger", "antivirus", "config", "service"]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
OUTSIDE = re.compile(r"^(openssl|ldap|ldif|lber|soci|sqlite3|libmilter|libpq|clamav)")


def sources(folder):
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in {".cpp", ".hpp", ".c", ".h"}:
            yield path, INCLUDE.findall(path.read_text())


class Boundaries(unittest.TestCase):
    def test_each_library_uses_only_those_before_it(self):
        seen = 0
        for index, layer in enumerate(LAYERS):
            for path, includes in sources(f"common/{layer}"):
                seen += 1
                for include in includes:
                    used = include.split("/")[0]
                    if used in LAYERS and "/" in include:
                        self.assertLessEqual(LAYERS.index(used), index, f"{path} includes {include}")
                    self.assertNotIn(used, {"milter", "pecctl"}, f"{path} includes {include}")
        self.assertGreater(seen, 50)

    def test_the_rules_know_no_outside_library(self):
        for layer in ("base", "mime", "pec"):
            for path, includes in sources(f"common/{layer}"):
                for include in includes:
                    self.assertIsNone(OUTSIDE.match(include), f"{path} includes {include}")

    def test_libmilter_is_included_by_the_shim_alone(self):
        users = [
            str(path.relative_to(ROOT))
            for folder in ("common", "milter", "dovecot-plugin")
            for path, includes in sources(folder)
            if "libmilter/mfapi.h" in includes
        ]
        self.assertEqual(users, ["milter/libmilter_shim.cpp"])

    def test_libclamav_is_included_by_the_scanner_alone(self):
        """The key is not where the parsers are."""
        for folder in ("common", "milter", "policyd", "pecctl", "dovecot-plugin"):
            for path, includes in sources(folder):
                self.assertNotIn("clamav.h", includes, path)

    def test_only_main_constructs_the_adapters(self):
        adapters = re.compile(r"(CmsSigner|CmsVerifier|DirectoryKeeper|Sql\w+|RandomIdSource|"
                              r"ScannerClient|ClamdClient|PostfixAliases|DovecotQuotas)\b")
        for path, _ in sources("milter"):
            if path.name != "main.cpp":
                self.assertIsNone(adapters.search(path.read_text()), path)


if __name__ == "__main__":
    unittest.main()
