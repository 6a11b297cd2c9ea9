// SPDX-License-Identifier: GPL-2.0-or-later

// Why a message did not reach a recipient, as daticert.xml certifies it: <errore> and
// <errore-esteso> (RFC 6109, 4.4; the rules, section 6).
//
//     certify_failure(DeliveryFailure::timeout, "PEC Alfa S.p.A.")
//     // {CertifiedError::other, "5.4.1 - PEC Alfa S.p.A. - ..."}
//
// Pure functions, any thread.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/delivery_status.hpp"
#include "pec/findings.hpp"

#include <string>
#include <string_view>

namespace pec {

struct CertifiedFailure {
  CertifiedError error{};
  std::string detail;  // errore-esteso

  bool operator==(const CertifiedFailure&) const = default;
};

// `provider`: who certifies it.
CertifiedFailure certify_failure(const FailedRecipient& failed, const std::string& provider);
CertifiedFailure certify_failure(DeliveryFailure failure, const std::string& provider);
CertifiedFailure certify_virus(std::string_view virus, const std::string& provider);
// A finding of the formal checks: something about the content (RFC 3463, 3.7).
CertifiedFailure certify_bad_form(std::string_view description, const std::string& provider);

}  // namespace pec
