/* The C face of delivery.hpp, for Dovecot's side of the plugin.

       struct pec_delivery *delivery = pec_delivery_begin(&request);
       while ((step = pec_delivery_step(delivery)) != PEC_STEP_FINISHED) ...
       pec_delivery_end(&delivery);

   Whatever goes wrong makes the step PEC_STEP_FAILED, and pec_delivery_error() says in one line
   what, where and how to mend it; then only pec_delivery_end() is left to call. Nothing is thrown.
   Call it from one thread. Times are seconds, UTC. */
#ifndef PEC_DELIVERY_C_H
#define PEC_DELIVERY_C_H

#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pec_delivery;

struct pec_delivery_request {
  const char* home;       /* of the mailbox's user: where the journal is; NULL if there is none */
  const char* message_id; /* as in delivery.hpp, or NULL */
  const char* recipient;  /* that the receipt speaks of */
  const char* receipts_address; /* setting pec_receipts_address, or NULL */
  const char* secret_file;      /* setting pec_delivery_secret_file, or NULL */
  int receipt_is_owed; /* it is a transport envelope; not `bool`, which Dovecot defines itself */
};

enum pec_step {
  PEC_STEP_LOOK_UP,  /* look the message up in the mailboxes; then found or not_found */
  PEC_STEP_STORE,    /* store the message; then stored */
  PEC_STEP_HAND_OFF, /* give a copy to the receipts smtpd; then handed_off */
  PEC_STEP_FINISHED,
  PEC_STEP_FAILED,
};

/* Reads the delivery secret, as root if the process may become it: the file is closed to mail
   users. Never NULL, except when there is no memory. */
struct pec_delivery* pec_delivery_begin(const struct pec_delivery_request* request);
enum pec_step pec_delivery_step(const struct pec_delivery* delivery);

/* `uid` 0: not known. */
void pec_delivery_found(struct pec_delivery* delivery, const char* mailbox, uint32_t uid,
                        time_t at);
void pec_delivery_not_found(struct pec_delivery* delivery);
void pec_delivery_stored(struct pec_delivery* delivery, const char* mailbox, uint32_t uid);

/* Whom the copy is for; NULL: failed. Valid until the delivery ends. */
const char* pec_delivery_internal_recipient(struct pec_delivery* delivery);
void pec_delivery_handed_off(struct pec_delivery* delivery);

/* Empty if nothing failed. Valid until the delivery ends. */
const char* pec_delivery_error(const struct pec_delivery* delivery);

/* Frees it, and sets the pointer to NULL. */
void pec_delivery_end(struct pec_delivery** delivery);

#ifdef __cplusplus
}
#endif

#endif
