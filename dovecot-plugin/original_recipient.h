/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The recipient as the sender wrote it. An alias leads Postfix from there to the mailbox, and LMTP
   says only where it led; the receipt must speak of the address that the envelope certifies.

   Postfix tells it in the header (master.cf: lmtp with flags=O): X-Original-To is the first field
   that it sends, and Dovecot puts nothing but Return-Path above. No field in another place is
   believed: that one came with the message, and no signature covers an envelope's header. */
#ifndef PEC_ORIGINAL_RECIPIENT_H
#define PEC_ORIGINAL_RECIPIENT_H

#include <lib.h> /* before any other header of Dovecot */

struct mail;

/* 1: there is one; *address_r lives until the current data stack frame ends. 0: there is none, or
   it is no address. -1: the header can't be read. */
int pec_original_recipient(struct mail* mail, const char** address_r);

#endif
