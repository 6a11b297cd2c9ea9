#include "pec/access_point.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/encoded_word.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

Decision try_later(std::string text, std::string reason) {
  Decision decision;
  decision.action = TryLater{"4.7.0", std::move(text)};
  decision.reason = std::move(reason);
  return decision;
}

// The SMTP recipients, each once, in the order of To, then Cc: some clients take the first one for
// the type of the whole dispatch.
std::vector<std::string> in_header_order(const std::vector<std::string>& recipients,
                                         const mime::HeaderList& header) {
  std::vector<std::string> ordered;
  const auto take = [&](std::string_view address) {
    const auto same = [&](const std::string& each) { return mime::same_address(each, address); };
    const auto found = std::find_if(recipients.begin(), recipients.end(), same);
    if (found != recipients.end() && std::none_of(ordered.begin(), ordered.end(), same))
      ordered.push_back(*found);
  };
  for (const std::string_view name : {"To", "Cc"})
    for (const auto* field : header.find_all(name))
      for (const auto& address : mime::parse_addresses(field->value)) take(address.address);
  for (const auto& recipient : recipients) take(recipient);
  return ordered;
}

std::string reply_address(const mime::HeaderList& header, const std::string& sender) {
  const auto* field = header.find("Reply-To");
  if (!field) return sender;
  const auto addresses = mime::parse_addresses(field->value);
  return addresses.empty() ? sender : addresses.front().address;
}

CertificationData certify(const mime::Message& message, const Submission& submission,
                          const AccessFacts& facts) {
  CertificationData data;
  data.kind = EventKind::transport_envelope;
  data.sender = submission.sender;
  for (const auto& address : in_header_order(submission.recipients, message.header))
    data.recipients.push_back(
        {address, facts.directory->provider_of_domain(mime::domain_of(address)) != nullptr});
  data.reply_to = reply_address(message.header, submission.sender);
  if (const auto* subject = message.header.find("Subject"))
    data.subject = mime::decode_text(subject->value);
  data.provider = facts.identity.provider;
  data.date = facts.stamp.date;
  data.time = facts.stamp.time;
  data.zone = facts.stamp.offset;
  data.pec_id = fmt::format("{}@{}", facts.new_id, facts.identity.domain);
  data.msgid = client_message_id(message.header);
  data.receipt_form = requested_form(message.header);
  return data;
}

std::vector<InternalRecipient> follow_ups(const CertificationData& data, const AccessFacts& facts) {
  std::vector<InternalRecipient> all{{InternalEvent::acceptance, data.sender, facts.stamp.at}};
  for (const auto& [address, certified] : data.recipients)
    if (certified && is_ours(address, *facts.directory, facts.identity))
      all.push_back({InternalEvent::take_charge, address, facts.stamp.at});
  return all;
}

}  // namespace

bool is_ours(std::string_view address, const DirectorySnapshot& directory,
             const Identity& identity) {
  const auto* provider = directory.provider_of_domain(mime::domain_of(address));
  return provider && provider->name == identity.provider;
}

Decision decide_access(const mime::Message& message, const Submission& submission,
                       const AccessFacts& facts) {
  if (submission.login.empty()) return try_later("Submission without authentication", "no login");
  if (!is_ours(submission.sender, *facts.directory, facts.identity))
    return try_later("The sender's domain is not one that this provider certifies",
                     "sender's domain is not ours in the providers' directory");

  const auto failures = check_formally(message, submission);
  if (!failures.empty())
    return try_later("The message fails the formal checks of certified mail: mend and resend",
                     "formal checks: " + text::join(failures, "; "));

  const auto data = certify(message, submission, facts);
  Decision decision;
  decision.action =
      Replace{compose_transport_envelope(message, data, facts.stamp, facts.identity), std::nullopt};
  decision.reason = "envelope";
  decision.pec_id = data.pec_id;
  decision.follow_ups = follow_ups(data, facts);
  return decision;
}

}  // namespace pec
