/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Notices when a message is committed to a mailbox, by Sieve or by Dovecot itself.

       struct pec_commit_watch watch;
       pec_commit_watch_begin(&watch, user);
       ... deliver ...
       pec_commit_watch_end();
       if (watch.seen) ...

   mail_deliver_context does not tell this: with Sieve its saved_mail stays unset. Dovecot's
   processes have one thread and deliver one message at a time, so one watch at a time is enough. */
#ifndef PEC_COMMIT_WATCH_H
#define PEC_COMMIT_WATCH_H

#include <lib.h> /* before any other header of Dovecot */

struct mail_user;
struct module;

struct pec_commit_watch {
  struct mail_user* user;
  bool seen; /* a message is in a mailbox of this user */
};

void pec_commit_watch_init(struct module* module);
void pec_commit_watch_deinit(void);

/* `watch` must stay where it is until pec_commit_watch_end(). */
void pec_commit_watch_begin(struct pec_commit_watch* watch, struct mail_user* user);
void pec_commit_watch_end(void);

#endif
