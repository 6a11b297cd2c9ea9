/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The recipient as the sender wrote it. If it is an alias, LMTP tells us only the mailbox behind
   it. But the receipt must name the address that the envelope certifies.

   Postfix puts that address into the header (master.cf: lmtp with flags=O). X-Original-To is the
   first field that Postfix sends, and Dovecot puts only Return-Path above it. In any other place
   the field is ignored: it came with the message, and no signature covers an envelope's header. */
#ifndef PEC_ORIGINAL_RECIPIENT_H
#define PEC_ORIGINAL_RECIPIENT_H

#include <lib.h> /* before any other header of Dovecot */

struct mail;

/* 1: there is one; *address_r lives until the current data stack frame ends. 0: there is none, or
   it is not an address. -1: the header can't be read. */
int pec_original_recipient(struct mail* mail, const char** address_r);

#endif
