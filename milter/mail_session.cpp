// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/mail_session.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

// The memory of a header field beside its text: two strings in a list that has room for more.
constexpr std::size_t field_octets = 160;

// The memory for making an envelope or receipt, beside some copies of the header: lists, a
// signature. The body is not copied.
constexpr std::size_t made_octets = std::size_t{1} << 18;

}  // namespace

MailSession::MailSession(Role role, std::filesystem::path temp_dir, Share::Held held,
                         std::string client)
    : role_(role),
      client_(std::move(client)),
      held_(std::move(held)),
      spool_(temp_dir),
      temp_dir_(std::move(temp_dir)) {}

std::size_t MailSession::header_octets() const {
  return header_bytes_ + fields_ * field_octets;
}

Result<void> MailSession::hold() {
  if (held_.resize(header_octets() + spool_.in_memory())) return {};
  return unavailable("no memory left for another message: too many are handled at once",
                     ErrorSource::load);
}

Result<Share::Held> MailSession::hold_while_handled() {
  if (!held_.resize(held_.size() + 2 * header_octets() + made_octets))
    return unavailable("no memory left to handle another message: too many are handled at once",
                       ErrorSource::load);
  return std::move(held_);
}

std::optional<Refusal> MailSession::begin(const EnvelopeAddress& sender, std::string_view login,
                                          bool over_tls, std::uint64_t declared_octets) {
  reset();
  auto address = sender_address(role_, sender);
  if (!address) return std::move(address.error());
  transaction_.role = role_;
  transaction_.client = client_;
  transaction_.sender = std::move(*address);
  transaction_.login = login;
  transaction_.over_tls = over_tls;
  transaction_.declared_octets = declared_octets;
  return std::nullopt;
}

std::optional<Refusal> MailSession::add_recipient(const EnvelopeAddress& recipient,
                                                  const Admission& admit) {
  auto address = recipient_address(role_, recipient);
  if (!address) return std::move(address.error());
  if (auto refusal = admit(transaction_, *address)) return refusal;
  transaction_.recipients.push_back(std::move(*address));
  transaction_.as_written.emplace_back(text::without_brackets(recipient.written));
  return std::nullopt;
}

std::optional<Refusal> MailSession::add_header(std::string_view name, std::string_view value) {
  header_bytes_ += name.size() + value.size();
  if (header_bytes_ > most_header_bytes)
    return Refusal{{"550", "5.6.0", "The message's header is too large"},
                   fmt::format("action=refuse from=<{}> reason=\"a header of more than {} bytes\"",
                               text::printable(transaction_.sender), most_header_bytes)};
  ++fields_;
  if (const auto held = hold(); !held)
    return Refusal{reply_for(held.error()),
                   fmt::format("action=tempfail from=<{}> reason=\"{}\"",
                               text::printable(transaction_.sender), held.error().detail),
                   source_of(held.error())};
  transaction_.message.header.add_raw(std::string(name),
                                      text::replace_all(std::string(value), "\n", "\r\n"));
  return std::nullopt;
}

Result<void> MailSession::add_body(std::string_view chunk) {
  if (auto kept = spool_.append(chunk); !kept) return kept;
  return hold();
}

Result<Transaction> MailSession::finish(std::string_view queue_id) {
  PEC_TRY(transaction_.message.body, spool_.finish());
  transaction_.queue_id = queue_id;
  return std::exchange(transaction_, {});
}

void MailSession::reset() {
  transaction_ = {};
  header_bytes_ = 0;
  fields_ = 0;
  held_.resize(0);
  spool_ = mime::BodySpool(temp_dir_);
}

}  // namespace pec::milter
