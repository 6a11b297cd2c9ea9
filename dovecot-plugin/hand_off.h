/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Gives a copy of a delivered message to the receipts smtpd, which makes the delivery receipt from
   it. It uses Dovecot's own SMTP client. The SMTP sender is that of the message.

       if (pec_hand_off(ctx, "127.0.0.1:10588", internal_recipient, &error) < 0) ... answer 451

   It waits for the answer. One delivery at a time, as everywhere in Dovecot. */
#ifndef PEC_HAND_OFF_H
#define PEC_HAND_OFF_H

#include <lib.h> /* before any other header of Dovecot */

struct mail_deliver_context;

/* 0: the receipts smtpd has taken the copy. -1: it has not; *error_r says why. */
int pec_hand_off(struct mail_deliver_context* ctx, const char* receipts_address,
                 const char* internal_recipient, const char** error_r);

#endif
