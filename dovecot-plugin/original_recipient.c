/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "dovecot-plugin/original_recipient.h"

#include <istream.h>
#include <mail-storage.h>
#include <message-header-parser.h>
#include <smtp-address.h>

/* The value of the first field after Return-Path, if it is X-Original-To; else NULL. */
static const char* original_to(struct istream* header) {
  struct message_header_parser_ctx* parser = message_parse_header_init(header, NULL, 0);
  struct message_header_line* line;
  const char* value = NULL;

  while (message_parse_header_next(parser, &line) > 0) {
    if (strcasecmp(line->name, "Return-Path") == 0) continue; /* and its further lines */
    if (strcasecmp(line->name, "X-Original-To") != 0) break;
    if (line->continues) {
      line->use_full_value = TRUE;
      continue;
    }
    value = message_header_strdup(pool_datastack_create(), line->full_value, line->full_value_len);
    break;
  }
  message_parse_header_deinit(&parser);
  return value;
}

int pec_original_recipient(struct mail* mail, const char** address_r) {
  struct smtp_address* address;
  struct istream* header;
  const char* value;

  if (mail_get_hdr_stream(mail, NULL, &header) < 0) return -1;
  value = original_to(header);
  if (header->stream_errno != 0) return -1;
  if (value == NULL || smtp_address_parse_mailbox(pool_datastack_create(), t_str_trim(value, " \t"),
                                                  0, &address, NULL) < 0)
    return 0;
  *address_r = smtp_address_encode(address);
  return 1;
}
