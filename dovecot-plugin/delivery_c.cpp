// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/delivery_c.h"

#include "dovecot-plugin/delivery.hpp"
#include "dovecot-plugin/identify.hpp"
#include "smime/hmac.hpp"

#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

using pec::delivery::Delivery;
using pec::delivery::DeliveryRequest;
using pec::delivery::DeliveryStep;

struct pec_delivery {
  std::optional<pec::smime::HmacAuthenticator> secret;
  std::optional<Delivery> delivery;  // set unless begin failed
  std::string internal_recipient;
  std::string error;
  bool failed = false;
};

namespace {

const pec::SystemClock system_clock;

// lmtp works with the mailbox owner's rights and can become root again, as Dovecot itself does
// between two recipients. This class becomes root only while one file is read.
class AsRootWherePossible {
public:
  AsRootWherePossible() : own_(geteuid()), raised_(own_ != 0 && seteuid(0) == 0) {}
  AsRootWherePossible(const AsRootWherePossible&) = delete;
  AsRootWherePossible& operator=(const AsRootWherePossible&) = delete;
  ~AsRootWherePossible() {
    if (raised_ && seteuid(own_) != 0) std::abort();  // never deliver a user's mail as root
  }

private:
  uid_t own_;
  bool raised_;
};

void set_failed(pec_delivery& self, const char* why) noexcept {
  self.failed = true;
  try {
    self.error = why;
  } catch (const std::exception&) {
    self.error.clear();  // no memory even for a sentence
  }
}

// Every call from C goes through here: a Result's error and an exception end the same way.
template <class Work>
void guarded(pec_delivery& self, Work&& work) noexcept {
  try {
    if (const pec::Result<void> result = work(); !result)
      set_failed(self, result.error().detail.c_str());
  } catch (const std::exception& error) {
    set_failed(self, error.what());
  }
}

pec::Result<void> begin(pec_delivery& self, const pec_delivery_request& request) {
  if (request.home == nullptr)
    return pec::bad_input("the user has no home: let the userdb give one, the journal is there");
  for (const auto& [name, value] : {std::pair{"pec_receipts_address", request.receipts_address},
                                    std::pair{"pec_delivery_secret_file", request.secret_file}})
    if (value == nullptr || *value == '\0')
      return pec::bad_input(fmt::format(
          "{} is not set: add it to the plugin block of Dovecot's configuration", name));
  {
    const AsRootWherePossible root;
    PEC_TRY(self.secret, pec::smime::HmacAuthenticator::from_file(request.secret_file));
  }
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  PEC_TRY(self.delivery,
          Delivery::begin(DeliveryRequest{request.home, request.identity, text(request.message_id),
                                          request.recipient, request.mailbox,
                                          request.receipt_is_owed != 0, text(request.old_identity)},
                          system_clock));
  return {};
}

}  // namespace

pec_delivery* pec_delivery_begin(const pec_delivery_request* request) {
  auto* self = new (std::nothrow) pec_delivery;
  if (self != nullptr) guarded(*self, [&] { return begin(*self, *request); });
  return self;
}

pec_step pec_delivery_step(const pec_delivery* self) {
  if (self->failed) return PEC_STEP_FAILED;
  switch (self->delivery->step()) {
    case DeliveryStep::look_up:
      return PEC_STEP_LOOK_UP;
    case DeliveryStep::store:
      return PEC_STEP_STORE;
    case DeliveryStep::hand_off:
      return PEC_STEP_HAND_OFF;
    case DeliveryStep::finished:
      return PEC_STEP_FINISHED;
  }
  return PEC_STEP_FAILED;
}

void pec_delivery_found(pec_delivery* self, time_t at) {
  guarded(*self, [&] { return self->delivery->found(pec::Instant(std::chrono::seconds(at))); });
}

void pec_delivery_not_found(pec_delivery* self) {
  self->delivery->not_found();
}

void pec_delivery_stored(pec_delivery* self) {
  guarded(*self, [&] { return self->delivery->stored(); });
}

const char* pec_delivery_internal_recipient(pec_delivery* self) {
  guarded(*self, [&]() -> pec::Result<void> {
    PEC_TRY(self->internal_recipient, self->delivery->internal_recipient(*self->secret));
    return {};
  });
  return self->failed ? nullptr : self->internal_recipient.c_str();
}

void pec_delivery_handed_off(pec_delivery* self) {
  guarded(*self, [&] { return self->delivery->handed_off(); });
}

const char* pec_delivery_error(const pec_delivery* self) {
  return self->error.c_str();
}

const char* pec_delivery_remark(const pec_delivery* self, unsigned int number) {
  if (!self->delivery || number >= self->delivery->remarks().size()) return nullptr;
  return self->delivery->remarks()[number].c_str();
}

void pec_delivery_end(pec_delivery** self) {
  delete *self;
  *self = nullptr;
}

// --- The identity of a message ---

struct pec_identifier {
  pec::delivery::MessageIdentifier identifier;
  pec::Result<void> so_far{};  // the first error ends it
  std::string text{};
};

pec_identifier* pec_identifier_begin(const char* temp_dir) try {
  return new pec_identifier{pec::delivery::MessageIdentifier(temp_dir)};
} catch (const std::exception&) {
  return nullptr;
}

void pec_identifier_append(pec_identifier* self, const unsigned char* data, size_t size) {
  if (!self->so_far) return;
  try {
    self->so_far = self->identifier.append({reinterpret_cast<const char*>(data), size});
  } catch (const std::exception&) {
    self->so_far = pec::unavailable({});  // no memory even for a sentence
  }
}

int pec_identifier_finish(pec_identifier* self, int is_receipt, const char** text_r) {
  const auto claim =
      is_receipt != 0 ? pec::delivery::Claim::receipt : pec::delivery::Claim::envelope;
  int outcome = -1;
  try {
    auto identity =
        self->so_far ? self->identifier.finish(claim) : tl::unexpected(self->so_far.error());
    if (identity)
      outcome = 1;
    else if (identity.error().fault == pec::Fault::bad_input ||
             identity.error().fault == pec::Fault::rejected)
      outcome = 0;  // the message will never be better
    self->text = identity ? std::move(*identity) : std::move(identity.error().detail);
  } catch (const std::exception& error) {
    outcome = -1;
    self->text.clear();
  }
  *text_r = self->text.empty() ? "out of memory" : self->text.c_str();
  return outcome;
}

void pec_identifier_end(pec_identifier** self) {
  delete *self;
  *self = nullptr;
}
