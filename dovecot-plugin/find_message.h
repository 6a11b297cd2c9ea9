/* Looks for a message in a user's mailboxes by what stands in its header: INBOX first, then all others.
   For the doubtful case only; it reads every index (0.1 s for the Message-IDs of 50,000 messages). */
#ifndef PEC_FIND_MESSAGE_H
#define PEC_FIND_MESSAGE_H

#include "lib.h" /* before any other header of Dovecot */

struct mail_user;

struct pec_found_message {
  const char* mailbox; /* lives until the current data stack frame ends */
  uint32_t uid;
  time_t saved_at; /* when the store took it */
};

/* Of a message: the field, and what its value holds or is, blanks around it apart. */
struct pec_identity {
  const char* field;
  const char* text;
  bool is_part;
};

/* 1: found. 0: it is in none of them. -1: can't tell; *error_r says why. */
int pec_find_message(struct mail_user* user, const struct pec_identity* identity,
                     struct pec_found_message* found_r, const char** error_r);

#endif
