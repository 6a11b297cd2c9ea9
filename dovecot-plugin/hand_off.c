/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "dovecot-plugin/hand_off.h"

#include <istream.h>
#include <mail-deliver.h>
#include <mail-storage.h>
#include <ostream.h>
#include <smtp-address.h>
#include <smtp-submit.h>

/* For each step of the SMTP dialogue. Signing takes milliseconds. Postfix waits 600 s for our
   answer (lmtp_data_done_timeout); it should hear a 451 from us before it gives up. */
#define STEP_TIMEOUT_SECS 60

static int send_copy(struct smtp_submit* submit, struct istream* message, const char** error_r) {
  struct ostream* copy = smtp_submit_send(submit);

  i_stream_seek(message, 0);
  switch (o_stream_send_istream(copy, message)) {
    case OSTREAM_SEND_ISTREAM_RESULT_FINISHED:
      break;
    case OSTREAM_SEND_ISTREAM_RESULT_ERROR_INPUT:
      *error_r = t_strdup_printf("can't read the message: %s", i_stream_get_error(message));
      return -1;
    default:
      *error_r = t_strdup_printf("can't write a copy to /tmp: %s", o_stream_get_error(copy));
      return -1;
  }
  return smtp_submit_run(submit, error_r) > 0 ? 0 : -1;
}

int pec_hand_off(struct mail_deliver_context* ctx, const char* receipts_address,
                 const char* internal_recipient, const char** error_r) {
  struct smtp_submit_settings settings = *ctx->smtp_set;
  struct smtp_submit_input input;
  struct smtp_submit* submit;
  struct smtp_address* recipient;
  struct istream* message;
  int ret;

  /* Sieve's own mail uses the same settings, with the site's submission_host. */
  settings.submission_host = receipts_address;
  settings.submission_timeout = STEP_TIMEOUT_SECS;
  settings.submission_ssl = "no"; /* loopback */

  if (smtp_address_parse_mailbox(pool_datastack_create(), internal_recipient, 0, &recipient,
                                 error_r) < 0)
    return -1;
  if (mail_get_stream(ctx->src_mail, NULL, NULL, &message) < 0) {
    *error_r = mailbox_get_last_internal_error(ctx->src_mail->box, NULL);
    return -1;
  }
  i_zero(&input);
  input.event_parent = ctx->event;
  submit = smtp_submit_init_simple(&input, &settings, ctx->mail_from);
  smtp_submit_add_rcpt(submit, recipient);
  ret = send_copy(submit, message, error_r);
  smtp_submit_deinit(&submit);
  return ret;
}
