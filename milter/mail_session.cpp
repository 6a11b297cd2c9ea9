#include "mail_session.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

MailSession::MailSession(std::string daemon_name, std::filesystem::path temp_dir)
    : daemon_name_(std::move(daemon_name)), spool_(temp_dir), temp_dir_(std::move(temp_dir)) {}

std::optional<Refusal> MailSession::begin(const EnvelopeAddress& sender, std::string_view login,
                                          bool over_tls) {
  reset();
  auto address = sender_address(daemon_name_, sender);
  if (!address) return std::move(address.error());
  transaction_.daemon_name = daemon_name_;
  transaction_.sender = std::move(*address);
  transaction_.login = login;
  transaction_.over_tls = over_tls;
  return std::nullopt;
}

std::optional<Refusal> MailSession::add_recipient(const EnvelopeAddress& recipient,
                                                  const Admission& admit) {
  auto address = recipient_address(daemon_name_, recipient);
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
  transaction_.message.header.add_raw(std::string(name),
                                      text::replace_all(std::string(value), "\n", "\r\n"));
  return std::nullopt;
}

Result<void> MailSession::add_body(std::string_view chunk) {
  return spool_.append(chunk);
}

Result<Transaction> MailSession::finish(std::string_view queue_id) {
  auto body = spool_.finish();
  if (!body) return tl::unexpected(body.error());
  transaction_.message.body = std::move(*body);
  transaction_.queue_id = queue_id;
  return std::exchange(transaction_, {});
}

void MailSession::reset() {
  transaction_ = {};
  header_bytes_ = 0;
  spool_ = mime::BodySpool(temp_dir_);
}

}  // namespace pec::milter
