// SPDX-License-Identifier: GPL-2.0-or-later

// SqlLedger's part about who had which domains and certificates until when. A provider's domains are one
// text: what changes from one directory to the next is found by comparing two texts of each provider, so
// half a million domains are a few dozen rows.
#include "base/text.hpp"
#include "ledger/queries.hpp"
#include "ledger/sql_ledger.hpp"
#include "ledger/storable.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <soci/soci.h>

namespace pec {

namespace {

using directory::FormerCertificate;
using directory::FormerDomains;
using directory::OwnedCertificate;
using ledger::instant_of;
using ledger::seconds_of;
using soci::into;
using soci::use;

using Lines = std::vector<std::string_view>;
using Texts = std::map<std::string, std::string>;  // of each provider its domains, a line for each

std::string text_of(const Lines& lines) {
  std::string text;
  for (const auto line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
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
  for (const auto& [provider, domains] : owned)
    texts[ledger::storable(provider)] = text_of(domains);
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
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT provider, domains FROM domain_owner");
  for (const auto& row : rows) known[row.get<std::string>(0)] = row.get<std::string>(1);
  return known;
}

// Twice in one second adds to what was lost the first time.
void enter_loss(soci::session& sql, const std::string& provider, const std::string& lost,
                long long until) {
  if (lost.empty()) return;
  sql << "INSERT INTO former_owner (provider, until, domains) VALUES (:provider, :until, :domains)"
         " ON CONFLICT (provider, until) DO UPDATE"
         " SET domains = former_owner.domains || :line_break || excluded.domains",
      use(provider), use(until), use(lost), use(std::string("\n"));
}

void replace_owners(soci::session& sql, const Texts& fresh, long long until) {
  const auto known = known_owners(sql);
  for (const auto& [provider, domains] : known) {
    const auto now = fresh.find(provider);
    if (now == fresh.end()) {
      enter_loss(sql, provider, domains, until);
      sql << "DELETE FROM domain_owner WHERE provider = :provider", use(provider);
    } else if (now->second != domains) {
      enter_loss(sql, provider, missing_in(now->second, domains), until);
    }
  }
  for (const auto& [provider, domains] : fresh) {
    const auto before = known.find(provider);
    if (before != known.end() && before->second == domains) continue;
    sql << "INSERT INTO domain_owner (provider, domains) VALUES (:provider, :domains)"
           " ON CONFLICT (provider) DO UPDATE SET domains = excluded.domains",
        use(provider), use(domains);
  }
}

// A row of a certificate that the directory has holds no `until`.
void replace_certificates(soci::session& sql, const std::vector<OwnedCertificate>& fresh,
                          long long until) {
  sql << "UPDATE certificate_owner SET until = :until WHERE until IS NULL", use(until);
  for (const auto& [digest, owner] : fresh) {
    const auto name = ledger::storable(owner.name), unit = ledger::storable(owner.unit),
               mail_receipt = ledger::storable(owner.mail_receipt);
    sql << "INSERT INTO certificate_owner (digest, provider, unit, mail_receipt, until)"
           " VALUES (:digest, :provider, :unit, :mail_receipt, NULL)"
           " ON CONFLICT (digest) DO UPDATE SET provider = excluded.provider, unit = excluded.unit,"
           " mail_receipt = excluded.mail_receipt, until = NULL",
        use(digest), use(name), use(unit), use(mail_receipt);
  }
}

// What the ledger goes by becomes this directory, unless it is older.
void renew(soci::session& sql, const Texts& fresh,
           const std::vector<OwnedCertificate>& certificates, const std::string& digest,
           long long as_of, long long now, long long oldest) {
  std::string known_digest;
  long long known_as_of = 0;
  sql << "SELECT digest, as_of FROM directory_state", into(known_digest), into(known_as_of);
  const bool is_first = !sql.got_data();
  if (!is_first && as_of < known_as_of) return;
  if (digest == known_digest && as_of == known_as_of) return;
  if (digest != known_digest) {
    replace_owners(sql, fresh, now);
    replace_certificates(sql, certificates, now);
    sql << "DELETE FROM former_owner WHERE until < :oldest", use(oldest);
    sql << "DELETE FROM certificate_owner WHERE until < :oldest", use(oldest);
  }
  sql << (is_first ? "INSERT INTO directory_state (digest, as_of) VALUES (:digest, :as_of)"
                   : "UPDATE directory_state SET digest = :digest, as_of = :as_of"),
      use(digest), use(as_of);
}

std::vector<FormerDomains> former_since(soci::session& sql, long long oldest) {
  std::vector<FormerDomains> former;
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT provider, until, domains FROM former_owner WHERE until >= :oldest"
                      " ORDER BY until, provider",
       use(oldest));
  for (const auto& row : rows) {
    const auto domains = row.get<std::string>(2);
    const auto lines = lines_of(domains);
    former.push_back(
        {row.get<std::string>(0), instant_of(row.get<long long>(1)), {lines.begin(), lines.end()}});
  }
  return former;
}

std::vector<FormerCertificate> former_certificates_since(soci::session& sql, long long oldest) {
  std::vector<FormerCertificate> former;
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT digest, provider, unit, mail_receipt, until FROM certificate_owner"
                      " WHERE until >= :oldest ORDER BY until, digest",
       use(oldest));
  for (const auto& row : rows) {
    Provider owner;
    owner.name = row.get<std::string>(1);
    owner.unit = row.get<std::string>(2);
    owner.mail_receipt = row.get<std::string>(3);
    former.push_back(
        {{row.get<std::string>(0), std::move(owner)}, instant_of(row.get<long long>(4))});
  }
  return former;
}

}  // namespace

Result<directory::Former> SqlLedger::take_up(const directory::Owned& owned, Instant as_of,
                                             Instant now, std::chrono::days remembered) {
  const auto fresh = texts_of(owned.domains);  // before the write lock is taken
  const auto digest = digest_of(fresh, owned.certificates);
  const long long oldest = seconds_of(now - remembered);
  directory::Former former;
  const auto done = writer_.run([&](soci::session& sql) {
    renew(sql, fresh, owned.certificates, digest, seconds_of(as_of), seconds_of(now), oldest);
    former = {former_since(sql, oldest), former_certificates_since(sql, oldest)};
  });
  if (!done) return tl::unexpected(done.error());
  return former;
}

}  // namespace pec
