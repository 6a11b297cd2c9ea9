/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The C face of delivery.hpp, for Dovecot's side of the plugin.

       struct pec_delivery *delivery = pec_delivery_begin(&request);
       while ((step = pec_delivery_step(delivery)) != PEC_STEP_FINISHED) ...
       pec_delivery_end(&delivery);

   Any failure makes the step PEC_STEP_FAILED. pec_delivery_error() then says in one line what
   failed, where, and how to repair it; after that call only pec_delivery_end(). Nothing is thrown.
   Call it from one thread. Times are seconds, UTC. */
#ifndef PEC_DELIVERY_C_H
#define PEC_DELIVERY_C_H

#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pec_delivery;

struct pec_delivery_request {
  const char* home;             /* of the mailbox's user, with the journal; NULL if there is none */
  const char* identity;         /* as identify_message.h gives it */
  const char* message_id;       /* as in delivery.hpp, or NULL */
  const char* old_identity;     /* as in delivery.hpp, or NULL */
  const char* recipient;        /* the address for the receipt */
  const char* mailbox;          /* the address that gets the mail: as in delivery.hpp */
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

/* Reads the delivery secret, which mail users can't read: as root, if the process may become root.
   NULL only if memory is short. */
struct pec_delivery* pec_delivery_begin(const struct pec_delivery_request* request);
enum pec_step pec_delivery_step(const struct pec_delivery* delivery);

/* `at`: when the store took the message. */
void pec_delivery_found(struct pec_delivery* delivery, time_t at);
void pec_delivery_not_found(struct pec_delivery* delivery);
void pec_delivery_stored(struct pec_delivery* delivery);

/* The recipient of the copy; NULL if that failed. Valid until the delivery ends. */
const char* pec_delivery_internal_recipient(struct pec_delivery* delivery);
void pec_delivery_handed_off(struct pec_delivery* delivery);

/* Empty if nothing failed. Valid until the delivery ends. */
const char* pec_delivery_error(const struct pec_delivery* delivery);

/* Warnings for the log, one line each, about the journal's files; the delivery goes on in spite of
   them. NULL after the last one. Valid until the delivery ends. */
const char* pec_delivery_remark(const struct pec_delivery* delivery, unsigned int number);

/* Frees it, and sets the pointer to NULL. */
void pec_delivery_end(struct pec_delivery** delivery);

/* The identity of a message, from its bytes with CRLF line ends (identify.hpp). begin returns NULL
   only if memory is short; then append as often as needed, then finish.

   finish returns 1 with the identity; 0 with the reason if the message can never be identified; -1
   with the reason if it can't be identified now. *text_r is valid until the end, which sets the
   pointer to NULL. */
struct pec_identifier;
struct pec_identifier* pec_identifier_begin(const char* temp_dir);
void pec_identifier_append(struct pec_identifier* identifier, const unsigned char* data,
                           size_t size);
int pec_identifier_finish(struct pec_identifier* identifier, int is_receipt, const char** text_r);
void pec_identifier_end(struct pec_identifier** identifier);

#ifdef __cplusplus
}
#endif

#endif
