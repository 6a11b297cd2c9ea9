// SPDX-License-Identifier: GPL-2.0-or-later

// All domains of a provider are one text, and so are those that it lost at one time. To find the
// changes between two directories, the code compares two texts for each provider. So half a million
// domains are a few dozen rows.
#include "ledger/sql_domains.hpp"

#include "base/text.hpp"
#include "ledger/storable.hpp"
#include "ledger/store.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>

namespace pec::ledger {

namespace {

using directory::FormerCertificate;
using directory::FormerDomains;
using directory::OwnedCertificate;

using Lines = std::vector<std::string_view>;
using Texts = std::map<std::string, std::string>;  // for each provider its domains, one in a line

std::string text_of(const Lines& lines) {
  return fmt::to_string(fmt::join(lines, "\n"));
}

Lines lines_of(std::string_view text) {
  return text.empty() ? Lines() : text::split(text, '\n');
}

// Both are sorted.
std::string missing_in(std::string_view fresh, std::string_view known) {
  const auto now = lines_of(fresh), before = lines_of(known);
  Lines missing;
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(),
                      std::back_inserter(missing));
  return text_of(missing);
}

Texts texts_of(const directory::OwnedDomains& owned) {
  Texts texts;
  for (const auto& [provider, domains] : owned) texts[storable(provider)] = text_of(domains);
  return texts;
}

std::string digest_of(const Texts& texts, std::vector<OwnedCertificate> certificates) {
  std::string all;
  for (const auto& [provider, domains] : texts) all += provider + '\0' + domains + '\0';
  std::sort(certificates.begin(), certificates.end(),
            [](const auto& a, const auto& b) { return a.digest < b.digest; });
  for (const auto& [digest, owner] : certificates)
    for (const auto& field : {digest, owner.name, owner.unit, owner.mail_receipt})
      all += field + '\0';
  return mime::sha256_hex(all);
}

Texts known_owners(soci::session& sql) {
  Texts known;
  const soci::rowset<soci::row> owners =
      (sql.prepare << "SELECT provider, domains FROM domain_owner");
  for (const auto& row : owners) known[row.get<std::string>(0)] = row.get<std::string>(1);
  return known;
}

// A second loss in the same second adds to the first.
void enter_loss(soci::session& sql, const std::string& provider, const std::string& lost,
                Instant until) {
  if (lost.empty()) return;
  run(sql,
      "INSERT INTO former_owner (provider, until, domains) VALUES (:provider, :until, :domains)"
      " ON CONFLICT (provider, until) DO UPDATE"
      " SET domains = former_owner.domains || :line_break || excluded.domains",
      provider, until, lost, "\n");
}

void replace_owners(soci::session& sql, const Texts& fresh, Instant until) {
  const auto known = known_owners(sql);
  for (const auto& [provider, domains] : known) {
    const auto now = fresh.find(provider);
    if (now == fresh.end()) {
      enter_loss(sql, provider, domains, until);
      run(sql, "DELETE FROM domain_owner WHERE provider = :provider", provider);
    } else if (now->second != domains) {
      enter_loss(sql, provider, missing_in(now->second, domains), until);
    }
  }
  for (const auto& [provider, domains] : fresh) {
    const auto before = known.find(provider);
    if (before != known.end() && before->second == domains) continue;
    run(sql,
        "INSERT INTO domain_owner (provider, domains) VALUES (:provider, :domains)"
        " ON CONFLICT (provider) DO UPDATE SET domains = excluded.domains",
        provider, domains);
  }
}

// While the directory has a certificate, `until` is NULL in its row.
void replace_certificates(soci::session& sql, const std::vector<OwnedCertificate>& fresh,
                          Instant until) {
  run(sql, "UPDATE certificate_owner SET until = :until WHERE until IS NULL", until);
  for (const auto& [digest, owner] : fresh)
    run(sql,
        "INSERT INTO certificate_owner (digest, provider, unit, mail_receipt, until)"
        " VALUES (:digest, :provider, :unit, :mail_receipt, NULL)"
        " ON CONFLICT (digest) DO UPDATE SET provider = excluded.provider, unit = excluded.unit,"
        " mail_receipt = excluded.mail_receipt, until = NULL",
        digest, storable(owner.name), storable(owner.unit), storable(owner.mail_receipt));
}

// Makes this directory the ledger's current one, unless it is older.
void renew(soci::session& sql, const Texts& fresh,
           const std::vector<OwnedCertificate>& certificates, const std::string& digest,
           Instant as_of, Instant now, Instant oldest) {
  std::string known_digest;
  long long known_seconds = 0;
  sql << "SELECT digest, as_of FROM directory_state", soci::into(known_digest),
      soci::into(known_seconds);
  const bool is_first = !sql.got_data();
  const auto known_as_of = instant_of(known_seconds);
  if (!is_first && as_of < known_as_of) return;
  if (digest == known_digest && as_of == known_as_of) return;
  if (digest != known_digest) {
    replace_owners(sql, fresh, now);
    replace_certificates(sql, certificates, now);
    run(sql, "DELETE FROM former_owner WHERE until < :oldest", oldest);
    run(sql, "DELETE FROM certificate_owner WHERE until < :oldest", oldest);
  }
  run(sql,
      is_first ? "INSERT INTO directory_state (digest, as_of) VALUES (:digest, :as_of)"
               : "UPDATE directory_state SET digest = :digest, as_of = :as_of",
      digest, as_of);
}

directory::Former former_since(soci::session& sql, Instant oldest) {
  return {rows<FormerDomains>(sql,
                              "SELECT provider, until, domains FROM former_owner"
                              " WHERE until >= :oldest ORDER BY until, provider",
                              oldest),
          rows<FormerCertificate>(sql,
                                  "SELECT digest, provider, unit, mail_receipt, until"
                                  " FROM certificate_owner WHERE until >= :oldest"
                                  " ORDER BY until, digest",
                                  oldest)};
}

}  // namespace

Result<void> SqlDomains::add_domains(const std::vector<ManagedDomain>& domains) {
  return store_->write([&](soci::session& sql) {
    for (const auto& domain : domains)
      run(sql,
          "INSERT INTO domain (name, unit, added_at) VALUES (:name, :unit, :added)"
          " ON CONFLICT (name) DO UPDATE SET unit = excluded.unit",
          storable(domain.name), storable(domain.unit), domain.added);
  });
}

Result<void> SqlDomains::remove_domains(const std::vector<std::string>& names) {
  return store_->write([&](soci::session& sql) {
    for (const auto& name : names)
      run(sql, "DELETE FROM domain WHERE name = :name", storable(name));
  });
}

Result<std::vector<ManagedDomain>> SqlDomains::domains() const {
  return store_->select<ManagedDomain>("SELECT * FROM domain ORDER BY name");
}

Result<directory::Former> SqlDomains::take_up(const directory::Owned& owned, Instant as_of,
                                              Instant now, std::chrono::days remembered) {
  const auto fresh = texts_of(owned.domains);  // before the write lock is taken
  const auto digest = digest_of(fresh, owned.certificates);
  const Instant oldest = now - remembered;
  return store_->write([&](soci::session& sql) {
    renew(sql, fresh, owned.certificates, digest, as_of, now, oldest);
    return former_since(sql, oldest);
  });
}

}  // namespace pec::ledger
