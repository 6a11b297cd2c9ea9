// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/access_point.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/certified_failure.hpp"
#include "pec/original_fields.hpp"
#include "pec/outer_header.hpp"
#include "pec/pec_fields.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace pec {

namespace {

Decision try_later(std::string text, std::string reason) {
  Decision decision;
  decision.action = TryLater{"4.7.0", std::move(text), ErrorSource::internal};
  decision.reason = std::move(reason);
  return decision;
}

// Postfix let the login write as this address. So the mailboxes and the directory disagree, or the
// address has no domain. No notice can be certified for such a sender: he reads the reason in SMTP.
Decision refuse_sender() {
  Decision decision;
  decision.action = Refuse{"5.7.1", "The sender's domain is not one that this provider certifies"};
  decision.reason = "sender's domain is not ours in the providers' directory";
  decision.alerts.emplace_back("sender whose domain is not ours");
  return decision;
}

// The SMTP recipients, each once, in the order of To, then Cc. Some clients take the type of the
// first one for the type of the whole dispatch.
std::vector<std::string> in_header_order(const std::vector<std::string>& recipients,
                                         const OriginalFields& fields) {
  std::map<std::string, std::string> waiting;  // canonical form -> as given
  for (const auto& recipient : recipients)
    waiting.emplace(mime::canonical_address(recipient), recipient);
  std::vector<std::string> ordered;
  const auto take = [&](std::string_view address) {
    if (auto found = waiting.extract(mime::canonical_address(address)))
      ordered.push_back(std::move(found.mapped()));
  };
  for (const auto* list : {&fields.to, &fields.cc})
    for (const auto& each : *list) take(each.address);
  for (const auto& recipient : recipients) take(recipient);
  return ordered;
}

CertificationData certify(const mime::Message& message, const OriginalFields& fields,
                          const Submission& submission, const AccessFacts& facts) {
  CertificationData data;
  data.kind = EventKind::transport_envelope;
  data.sender = submission.sender;
  std::vector<Recipient> recipients;
  for (const auto& address : in_header_order(submission.recipients, fields))
    recipients.push_back(
        {address, facts.directory->provider_of_domain(mime::domain_of(address)) != nullptr});
  data.recipients = std::move(recipients);
  data.reply_to = reply_addresses(fields.reply_to, submission.sender);
  data.subject = fields.subject;
  data.provider = facts.identity.provider;
  data.date = facts.stamp.date;
  data.time = facts.stamp.time;
  data.zone = facts.stamp.offset;
  data.pec_id = fmt::format("{}@{}", facts.new_id, facts.identity.domain);
  data.msgid = client_message_id(message.header);
  data.receipt_form = requested_form(message.header);
  return data;
}

// How many recipients count for the size (3.1.1).
std::size_t counted(const CertificationData& data, const OriginalFields& fields,
                    FormalLimits::Counted which) {
  using Counted = FormalLimits::Counted;
  std::set<std::string> direct;
  if (which == Counted::certified_in_to)
    for (const auto& each : fields.to) direct.insert(mime::canonical_address(each.address));
  return static_cast<std::size_t>(
      std::count_if(data.recipients.begin(), data.recipients.end(), [&](const Recipient& each) {
        if (which == Counted::all) return true;
        return each.certified && (which == Counted::certified ||
                                  direct.contains(mime::canonical_address(each.address)));
      }));
}

// All data of the notice come from SMTP: the header may be the very thing that is wrong. `data`:
// the message's, with error and errore-esteso.
Decision notify(CertificationData data, Letter letter, std::string description,
                const AccessFacts& facts) {
  data.kind = EventKind::non_acceptance;
  data.receipt_form.reset();
  Decision decision;
  decision.pec_id = data.pec_id;
  ReceiptContents contents;
  contents.letter = letter;
  contents.description = std::move(description);
  contents.stamp = facts.stamp;
  contents.message_id = fmt::format("{}@{}", facts.notice_id, facts.identity.domain);
  contents.to = data.sender;
  auto event = log_event(data, data.kind, Direction::issued, facts.stamp.at);
  event.generated_id = contents.message_id;
  decision.entries.events.push_back(std::move(event));
  decision.route = Route{facts.identity.address, {data.sender}};
  contents.data = std::move(data);
  decision.action = Replace{compose_receipt(contents, facts.identity)};
  return decision;
}

void set_failure(CertificationData& data, CertifiedFailure failure) {
  data.error = failure.error;
  data.error_detail = std::move(failure.detail);
}

// 3.1.2
Decision refuse_formally(const std::vector<FormalFailure>& failures, CertificationData data,
                         const AccessFacts& facts) {
  const auto description = description_of(failures);
  set_failure(data, certify_bad_form(description, facts.identity.provider));
  auto decision = notify(std::move(data), Letter::non_acceptance, description, facts);
  decision.reason = "formal checks: " + description;
  return decision;
}

// 3.1.3
Decision refuse_virus(const std::string& virus, CertificationData data, const AccessFacts& facts) {
  set_failure(data, certify_virus(virus, facts.identity.provider));
  auto decision = notify(std::move(data), Letter::non_acceptance_for_virus, virus, facts);
  decision.entries.events.back().identity = facts.kept_as;
  decision.reason = "virus: " + virus;
  return decision;
}

std::vector<InternalRecipient> follow_ups(const CertificationData& data, const AccessFacts& facts) {
  std::vector<InternalRecipient> all{{InternalEvent::acceptance, data.sender, facts.stamp.at}};
  for (const auto& [address, certified] : data.recipients)
    if (certified && is_ours(address, *facts.directory, facts.identity))
      all.push_back({InternalEvent::take_charge, address, facts.stamp.at});
  return all;
}

}  // namespace

Decision decide_access(const mime::Message& message, const Submission& submission,
                       const AccessFacts& facts) {
  if (submission.login.empty()) return try_later("Submission without authentication", "no login");
  if (!is_ours(submission.sender, *facts.directory, facts.identity)) return refuse_sender();

  if (message.header.size() > most_fields) {
    Decision decision;
    decision.action = too_many_fields();
    decision.reason = "too many header fields";
    return decision;
  }
  const auto fields = read_original(message.header);
  auto data = certify(message, fields, submission, facts);
  if (facts.virus) return refuse_virus(*facts.virus, std::move(data), facts);
  auto failures = check_formally(message, fields, submission,
                                 counted(data, fields, facts.limits.counted), facts.limits);
  if (const auto service =
          check_service_addresses(submission.recipients, *facts.directory, facts.to_answer))
    failures.push_back(*service);
  if (!failures.empty()) return refuse_formally(failures, std::move(data), facts);

  Decision decision;
  decision.action = Replace{compose_transport_envelope(message, data, facts.stamp, facts.identity)};
  decision.reason = "envelope";
  decision.pec_id = data.pec_id;
  decision.follow_ups = follow_ups(data, facts);
  decision.bound_to = data.pec_id;
  return decision;
}

}  // namespace pec
