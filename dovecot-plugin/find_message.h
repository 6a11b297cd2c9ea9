/* Looks for a message in a user's mailboxes by its Message-ID: INBOX first, then all others. For
   the doubtful case only; it reads every index (0.1 s for 50,000 messages). */
#ifndef PEC_FIND_MESSAGE_H
#define PEC_FIND_MESSAGE_H

#include "lib.h" /* before any other header of Dovecot */

struct mail_user;

struct pec_found_message {
  const char* mailbox; /* lives until the current data stack frame ends */
  uint32_t uid;
  time_t saved_at; /* when the store took it */
};

/* 1: found. 0: it is in none of them. -1: can't tell; *error_r says why. */
int pec_find_message(struct mail_user* user, const char* message_id,
                     struct pec_found_message* found_r, const char** error_r);

#endif
