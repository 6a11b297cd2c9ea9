// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/whose_message.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>
#include <vector>

namespace pec {

namespace {

struct Judge {
  const DirectorySnapshot& directory;
  Instant at;

  // A complaint if the address's domain is not this provider's. A PEC msgid has the form of an
  // address.
  std::string not_of(const std::string& provider, std::string_view what,
                     const std::string& address) const {
    if (directory.speaks_for(provider, mime::domain_of(address), at)) return {};
    return fmt::format("{} {} is not of {}", what, text::printable(address), provider);
  }

  std::string not_sent_by(const std::string& provider, const CertificationData& data) const {
    auto why = not_of(provider, "the sender", data.sender);
    return why.empty() ? not_of(provider, "the identificativo", data.pec_id) : why;
  }

  std::string not_of_mailboxes_of(const std::string& provider,
                                  const CertificationData& data) const {
    auto about = data.taken_in_charge;
    if (!data.concerns.empty()) about.push_back(data.concerns);
    for (const auto& recipient : about)
      if (auto why = not_of(provider, "the mailbox", recipient); !why.empty()) return why;
    return {};
  }
};

}  // namespace

std::string why_not_its_own(const CertificationData& data, const Provider& signer,
                            const DirectorySnapshot& directory, const std::string& us, Instant at) {
  const Judge judge{directory, at};
  const auto by_recipients_side = [&] {
    auto why = judge.not_sent_by(us, data);
    return why.empty() ? judge.not_of_mailboxes_of(signer.name, data) : why;
  };
  switch (data.kind) {
    case EventKind::take_charge:
    case EventKind::delivery:
    case EventKind::virus_detection:
      return by_recipients_side();
    case EventKind::non_delivery:
      return judge.not_sent_by(signer.name, data).empty() ? std::string() : by_recipients_side();
    default:
      return judge.not_sent_by(signer.name, data);
  }
}

}  // namespace pec
