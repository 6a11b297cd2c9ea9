// SPDX-License-Identifier: GPL-2.0-or-later

// The formal checks of the access point (RFC 6109, 3.1.1), one function each. A check returns what
// is wrong, or nothing. The words that the user reads are in texts.cpp.
//
//     const OriginalFields fields = read_original(message.header);
//     std::vector<FormalFailure> failures = check_formally(message, fields, submission, 3, limits);
//
// Postfix, which knows the logins, has checked before that the reverse path belongs to the login
// (reject_sender_login_mismatch). All pure, any thread.
#pragma once

#include "mime/message.hpp"
#include "mime/part_tree.hpp"
#include "pec/findings.hpp"
#include "pec/original_fields.hpp"
#include "pec/ports.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// The SMTP side of a submission.
struct Submission {
  std::string login;                    // authenticated user
  std::string sender;                   // reverse path, without brackets
  std::vector<std::string> recipients;  // forward paths, as given
};

// The provider's own limits (RFC 6109, 3.1.1; the law's figure for sizes is 30 MB).
struct FormalLimits {
  // The recipients that a message's size is multiplied by.
  enum class Counted { all, certified, certified_in_to };

  std::uint64_t message_size = std::uint64_t{30} << 20;  // octets, header included
  std::uint64_t total_size = std::uint64_t{30} << 20;    // octets times recipients
  Counted counted = Counted::all;
  std::uint64_t to_addresses = 250;
  std::uint64_t line_length = 998;  // octets, without the line's end (RFC 5322, 2.1.1)
  std::vector<std::string> forbidden_extensions;  // lower case, without dot

  bool operator==(const FormalLimits&) const = default;
};

using FormalCheck = std::optional<FormalFailure>;

// `From:` holds exactly one address, and it is valid.
FormalCheck check_from(const OriginalFields& fields);
// `To:` holds at least one valid address.
FormalCheck check_to(const OriginalFields& fields);
// The reverse path equals the `From:` address. A missing address is check_from()'s matter.
FormalCheck check_sender(const OriginalFields& fields, const std::string& sender);
// Every SMTP recipient is a valid address.
FormalCheck check_addresses(const std::vector<std::string>& recipients);
// Every SMTP recipient is in `To:` or `Cc:`.
FormalCheck check_recipients(const OriginalFields& fields,
                             const std::vector<std::string>& recipients);
// No recipient is a provider's own address: people answer receipts, and nobody would read that.
// `to_answer`: whom to write to instead; empty: not known.
FormalCheck check_service_addresses(const std::vector<std::string>& recipients,
                                    const DirectorySnapshot& directory,
                                    const std::string& to_answer);
// `Bcc:` holds no value.
FormalCheck check_bcc(const OriginalFields& fields);

// The message conforms to RFC 5322. A Date may be missing: it gets one (RFC 6409, 8.1).
FormalCheck check_date(const OriginalFields& fields);
FormalCheck check_message_id(const OriginalFields& fields);
FormalCheck check_single_fields(const OriginalFields& fields);
FormalCheck check_octets(const OriginalFields& fields);
// No line of the body is longer than the limit. A mail server on the way may break such a line, and
// then the signature over it fails. Long lines of the header pass: programs write References so,
// and no user can change that.
FormalCheck check_lines(std::string_view body, const FormalLimits& limits);
// No field is so long that the mail server may have cut it off. Subject is not longer than all
// receipts and notices can show.
FormalCheck check_field_sizes(const OriginalFields& fields);

// `size`: octets. `counted`: recipients that count (FormalLimits::counted); zero counts as one.
FormalCheck check_size(std::uint64_t size, const FormalLimits& limits);
FormalCheck check_total_size(std::uint64_t size, std::size_t counted, const FormalLimits& limits);
// At most so many addresses in `To:`.
FormalCheck check_to_count(const OriginalFields& fields, const FormalLimits& limits);

// The limits of a message's structure: those of mime::ParseLimits, with room for three envelopes.
// So readers can read all of the message when it is wrapped, and wrapped again. The octets are
// those of all headers together, the message's own included.
constexpr mime::ParseLimits most_structure{
    .max_depth = 80, .max_parts = 9'000, .max_header_octets = 1'800'000};
// Octets of the message's own header. Envelopes copy its Received fields, and each host adds one. A
// mail server with our milter takes no header of 1 MiB.
constexpr std::size_t most_own_header = 500'000;
mime::PartTree read_structure(const mime::Message& message);  // up to these limits
// `structure`: from read_structure().
FormalCheck check_part_count(const mime::PartTree& structure);
FormalCheck check_part_depth(const mime::PartTree& structure);
FormalCheck check_own_header(const mime::Message& message);
FormalCheck check_header_octets(const mime::PartTree& structure);

// Whether all four pass. If not, the message is never accepted.
bool is_within_structure(const mime::Message& message);

// No part's name, in any of its fields, has a forbidden extension: as its last one, before others
// ("a.exe.pdf"), or before idle characters ("a.exe. "). Attached messages are searched, too. Parts
// beyond the limits of the structure are not searched: the checks above refuse such a message.
FormalCheck check_attachments(const mime::PartTree& structure, const FormalLimits& limits);

// All of them; every failure is listed.
std::vector<FormalFailure> check_formally(const mime::Message& message,
                                          const OriginalFields& fields,
                                          const Submission& submission, std::size_t counted,
                                          const FormalLimits& limits);

}  // namespace pec
