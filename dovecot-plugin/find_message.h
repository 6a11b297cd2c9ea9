/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks for a message in a user's mailboxes by its identity: INBOX first, then all others. For
   doubtful cases only: it reads every index (0.1 s for the Message-IDs of 50,000 messages), and
   each message that may be the one. For a receipt or notice, that is any message with X-Ricevuta;
   for an envelope, any with the same Message-ID. pec-milter compares an envelope's Message-ID with
   what is signed. No signature covers a receipt's own Message-ID, and anybody can change it in a
   copy. */
#ifndef PEC_FIND_MESSAGE_H
#define PEC_FIND_MESSAGE_H

#include <lib.h> /* before any other header of Dovecot */

struct mail_user;

/* The message looked for. */
struct pec_sought_message {
  const char* identity;   /* as identify_message.h gives it */
  bool is_receipt;        /* the way to identify it */
  const char* message_id; /* of an envelope, as in the header; NULL if there is none */
};

/* 1: found; *saved_at_r is when the store took it. 0: the message is in none of them. -1: can't
   tell; *error_r says why. */
int pec_find_message(struct mail_user* user, const struct pec_sought_message* sought,
                     time_t* saved_at_r, const char** error_r);

#endif
