// SPDX-License-Identifier: GPL-2.0-or-later

// Certification data (common/pec/certification_data.hpp): signed by others, and repeated by us in
// receipts.
//
// Input: daticert.xml.
// - Data that could be read can be written, as UTF-8, and reads the same. So a receipt never
//   differs from its envelope, nor says something that others can't read.
// - The output is no longer than the input: no entity was expanded.
#include "fuzz/property.hpp"
#include "mime/encoded_word.hpp"
#include "pec/certification_data.hpp"

#include <string>

using namespace pec;
using fuzz::must_hold;

namespace {

std::size_t octets_of(const CertificationData& data) {
  std::size_t all = data.sender.size() + data.reply_to.size() + data.subject.size() +
                    data.provider.size() + data.pec_id.size() + data.msgid.size() +
                    data.concerns.size() + data.error_detail.size();
  for (const auto& each : data.recipients) all += each.address.size();
  for (const auto& each : data.taken_in_charge) all += each.size();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_xml(fuzz::text_of(data, size));
  if (!read) {
    must_hold(fuzz::on_one_line(read.error().detail), "a complaint is one line");
    return 0;
  }
  // Latin-1 becomes up to twice as long as UTF-8.
  must_hold(octets_of(*read) <= 2 * size, "nothing was expanded");

  const std::string written = write_xml(*read);
  must_hold(mime::is_utf8(written), "what is written is UTF-8");
  const auto again = read_xml(written);
  must_hold(again.has_value(), "what was read, and written, can be read");
  must_hold(*again == *read, "what was read, and written, reads the same");
  return 0;
}
