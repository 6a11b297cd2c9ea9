#include "antivirus/clam_mail.hpp"

#include "base/text.hpp"

namespace pec::antivirus {

namespace {

constexpr std::size_t type_detection_bytes = 1024;

mime::Bytes our_field() {
  static const mime::Bytes field = [] {
    std::string made = "Received: for the virus scanner\r\n";
    while (made.size() < type_detection_bytes) made += "\t(" + std::string(70, '-') + ")\r\n";
    return mime::Bytes::of(std::move(made));
  }();
  return field;
}

}  // namespace

mime::Rope put_before_clamav(const mime::Rope& message) {
  mime::Rope rope;
  rope.append(our_field());
  rope.append(message);
  return rope;
}

ScanResult verdict_on(std::string_view alert) {
  constexpr std::string_view limit = "Heuristics.Limits.Exceeded.";
  if (!alert.starts_with(limit))
    return {ScanResult::Outcome::infected, ScanResult::Failure::none, text::printable(alert), ""};
  alert.remove_prefix(limit.size());
  if (alert.starts_with("MaxScanTime"))
    return scan_failed(ScanResult::Failure::timeout, "not scanned to its end in the time allowed");
  return scan_failed(ScanResult::Failure::error,
                     "not scanned to its end: over the limit " + std::string(alert));
}

ScanResult found_clean() {
  return {ScanResult::Outcome::clean, ScanResult::Failure::none, "", ""};
}

ScanResult scan_failed(ScanResult::Failure failure, std::string_view reason) {
  return {ScanResult::Outcome::failed, failure, "", text::printable(text::trim(reason))};
}

}  // namespace pec::antivirus
