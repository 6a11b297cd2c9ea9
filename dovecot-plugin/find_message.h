/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks for a message in a user's mailboxes by what it is: INBOX first, then all others. For the doubtful
   case only; it reads every index (0.1 s for the Message-IDs of 50,000 messages), and each message that
   may be the one: a receipt or notice any that has X-Ricevuta, an envelope any that has the same
   Message-ID. Of an envelope, pec-milter compares that with what is signed. A receipt's is its own, and
   anybody can write another one into a copy of it. */
#ifndef PEC_FIND_MESSAGE_H
#define PEC_FIND_MESSAGE_H

#include <lib.h> /* before any other header of Dovecot */

struct mail_user;

/* The message looked for. */
struct pec_sought_message {
  const char* identity;   /* as identify_message.h gives it */
  bool is_receipt;        /* the way to identify it */
  const char* message_id; /* of an envelope, as it stands in the header; NULL: there is none */
};

/* 1: found; *saved_at_r is when the store took it. 0: it is in none of them. -1: can't tell; *error_r
   says why. */
int pec_find_message(struct mail_user* user, const struct pec_sought_message* sought,
                     time_t* saved_at_r, const char** error_r);

#endif
