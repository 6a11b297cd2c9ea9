// SPDX-License-Identifier: GPL-2.0-or-later

// One certified message of a mailbox to itself, as a mail program sends it: over SMTPS with a
// login. Then it waits, over IMAPS, for the transport envelope and for the receipts of acceptance
// and delivery. It removes them, and what an earlier run has left.

#include "pecctl/selftest/round_trip.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "pec/pec_fields.hpp"
#include "pecctl/selftest/public_services.hpp"
#include "pecctl/selftest/rows.hpp"

#include <array>
#include <fmt/format.h>
#include <thread>

namespace pec::pecctl {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;  // until all has come
constexpr auto pause = 300ms;
constexpr auto call_limit = 20s;
constexpr std::string_view reference = "X-Riferimento-Message-ID";
constexpr std::string_view id_prefix = "selftest.";

struct Part {
  std::string_view name;
  std::string_view field, value;
  std::string_view but_not = "";  // a longer value; IMAP finds parts of values, too
};

constexpr std::array parts{
    Part{"the transport envelope", envelope_field, "posta-certificata"},
    Part{"the acceptance receipt", receipt_field, "accettazione", "non-accettazione"},
    Part{"the delivery receipt", receipt_field, "avvenuta-consegna"},
};

std::string message_text(const std::string& mailbox, const std::string& id,
                         const std::string& date) {
  return fmt::format(
      "From: <{0}>\r\nTo: <{0}>\r\nDate: {1}\r\nMessage-ID: <{2}>\r\nSubject: pecctl selftest\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
      "Messaggio di prova di pecctl selftest.\r\n",
      mailbox, date, id);
}

Result<std::string> find(TlsSession& imap, std::string_view key) {
  PEC_TRY(const auto answer, imap.command(fmt::format("UID SEARCH {}", key)));
  return found_in(answer);
}

std::string key_of(const Part& part, const std::string& id) {
  auto key =
      fmt::format("HEADER {} \"{}\" HEADER {} \"{}\"", reference, id, part.field, part.value);
  if (!part.but_not.empty()) key += fmt::format(" NOT HEADER {} \"{}\"", part.field, part.but_not);
  return key;
}

// Those of this message, and an hour later those of any selftest.
Result<void> remove_parts(TlsSession& imap, const std::string& id) {
  PEC_TRY(const auto found, find(imap, fmt::format("OR HEADER {0} \"{1}\" (OLDER 3600 HEADER {0} "
                                                   "\"<{2}\")",
                                                   reference, id, id_prefix)));
  if (found.empty()) return {};
  PEC_TRY_VOID(imap.command(fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", found)));
  PEC_TRY_VOID(imap.command(fmt::format("UID EXPUNGE {}", found)));
  return {};
}

}  // namespace

std::string found_in(std::string_view answer) {
  constexpr std::string_view begin = "* SEARCH";
  for (const auto line : text::split(answer, '\n'))
    if (line.starts_with(begin))
      return text::replace_all(std::string(text::trim(line.substr(begin.size()))), " ", ",");
  return "";
}

Result<std::vector<std::string>> missing_parts(const Search& search, const std::string& id,
                                               std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    std::vector<std::string> missing;
    for (const auto& part : parts) {
      PEC_TRY(const auto found, search(key_of(part, id)));
      if (found.empty()) missing.emplace_back(part.name);
    }
    if (missing.empty() || std::chrono::steady_clock::now() >= until) return missing;
    std::this_thread::sleep_for(pause);
  }
}

Result<Finding> look_at_message(const Host& host) {
  const auto& [context, config] = host;
  const auto& mailbox = config.site.probe_mailbox;
  if (config.site.host_name.empty()) return off("site.host_name is not set");
  if (mailbox.empty()) return off("site.probe_mailbox is not set");
  if (config.site.probe_password_file.empty())
    return bad("site.probe_password_file is not set",
               "Write the password of site.probe_mailbox into a file, and name it there.");
  PEC_TRY(const auto content, read_file(config.site.probe_password_file));
  const std::string password(text::without_line_end(content));

  TlsSession smtp(public_service(config, "smtps"), call_limit);
  TlsSession imap(public_service(config, "imaps"), call_limit);
  smtp.log_in(mailbox, password);
  imap.log_in(mailbox, password);
  const auto id = fmt::format("{}{}@{}", id_prefix, context.new_id(), config.site.host_name);
  const auto date = LegalTime(config.provider.time_zone).stamp(context.now()).header;
  const auto begin = std::chrono::steady_clock::now();
  PEC_TRY_VOID(imap.command("NOOP"));  // a wrong password is found before anything is sent
  PEC_TRY_VOID(smtp.submit(mailbox, message_text(mailbox, id, date)));
  PEC_TRY(const auto missing,
          missing_parts([&](const std::string& key) { return find(imap, key); }, id, patience));
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin);
  PEC_TRY_VOID(remove_parts(imap, id));
  if (missing.empty())
    return good(fmt::format("envelope and both receipts came within {:.1f} s", seconds.count()));
  return bad(fmt::format("{} of <{}> did not come to {} within {} s", text::join(missing, ", "), id,
                         mailbox, patience.count()));
}

}  // namespace pec::pecctl
