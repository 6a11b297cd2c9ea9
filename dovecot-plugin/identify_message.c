/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "dovecot-plugin/identify_message.h"

#include "dovecot-plugin/delivery_c.h"

#include <istream-crlf.h>
#include <istream.h>
#include <mail-storage-private.h>
#include <mail-user.h>

/* Dovecot's own folder for what is too large for memory. */
static const char* temp_dir(struct mail* mail) {
  return mail->box->storage->user->set->mail_temp_dir;
}

int pec_identify_message(struct mail* mail, bool is_receipt, const char** text_r) {
  struct pec_identifier* identifier;
  struct istream *message, *wire;
  const unsigned char* data;
  size_t size;
  int ret;

  if (mail_get_stream(mail, NULL, NULL, &message) < 0) {
    *text_r = t_strdup(mailbox_get_last_internal_error(mail->box, NULL));
    return -1;
  }
  identifier = pec_identifier_begin(temp_dir(mail));
  if (identifier == NULL) {
    *text_r = "out of memory";
    return -1;
  }
  i_stream_seek(message, 0);
  wire = i_stream_create_crlf(message);
  while (i_stream_read_more(wire, &data, &size) > 0) {
    pec_identifier_append(identifier, data, size);
    i_stream_skip(wire, size);
  }
  if (wire->stream_errno != 0) {
    *text_r = t_strdup_printf("can't read the message: %s", i_stream_get_error(wire));
    ret = -1;
  } else {
    ret = pec_identifier_finish(identifier, is_receipt ? 1 : 0, text_r);
    *text_r = t_strdup(*text_r);
  }
  pec_identifier_end(&identifier);
  i_stream_unref(&wire);
  i_stream_seek(message, 0);
  return ret;
}
