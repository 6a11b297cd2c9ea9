/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The identity of a certified message (identify.hpp), read through Dovecot from the wire or from a
   mailbox. A store may have changed its line ends to LF; this code makes CRLF of them again, as
   they were signed. */
#ifndef PEC_IDENTIFY_MESSAGE_H
#define PEC_IDENTIFY_MESSAGE_H

#include <lib.h> /* before any other header of Dovecot */

struct mail;

/* 1: *text_r is the identity. 0: the message has none, and *text_r says why. -1: it can't be told
   now, and *text_r says why. *text_r lives until the current data stack frame ends. */
int pec_identify_message(struct mail* mail, bool is_receipt, const char** text_r);

#endif
