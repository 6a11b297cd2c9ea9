/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Dovecot's side of certified delivery: it handles each transport envelope, receipt and notice that
   Postfix brings over LMTP, or gives to dovecot-lda (RFC 6109, 3.3; docs/architecture.md, "Delivery
   receipts, exactly once"). delivery.hpp decides what to do and what to remember; this file does
   it.

   The file is named lib99_... so that Sieve (lib90) runs inside our hook. Dovecot loads modules in
   the order of their names and calls the last hook first, and Sieve never calls the next one.

   A signature covers a message's identity (identify.hpp), but not its outer header: anybody can
   write a Message-ID. If a message claims to be certified mail but nothing signed in it says so, it
   is ordinary mail here, and the log has a line about it. pec-milter never makes or passes such a
   message: it reads the signed part with the same functions, and wraps a message that it can't
   read. To defer such a message would lose it in the end, and a receipt for it would be invented.
   As ordinary mail it goes where the user wants it, without a receipt. A message waits only if it
   can't be identified now, because there is no room or a file can't be read.

   mail_deliver() reads the return value of a hook as follows:
       > 0                            success
       <= 0 with ctx->saved_mail      success, too
       -1 with ctx->tempfail_error    451
       -1 with a storage in *storage_r what the storage's error says (552 over quota)
       -1, default mailbox not tried  Dovecot saves the message without us; we never return this */
#include "dovecot-plugin/commit_watch.h"
#include "dovecot-plugin/delivery_c.h"
#include "dovecot-plugin/find_message.h"
#include "dovecot-plugin/hand_off.h"
#include "dovecot-plugin/identify_message.h"
#include "dovecot-plugin/original_recipient.h"

#include <mail-deliver.h>
#include <mail-storage.h>
#include <mail-user.h>
#include <module-dir.h>
#include <smtp-address.h>
#include <str-sanitize.h>

void pec_plugin_init(struct module* module);
void pec_plugin_deinit(void);

const char* pec_plugin_version = DOVECOT_ABI_VERSION;

static deliver_mail_func_t* next_deliver_mail;

enum message_kind {
  KIND_UNKNOWN, /* the header can't be read */
  KIND_ORDINARY,
  KIND_ENVELOPE, /* a receipt is owed */
  KIND_RECEIPT,  /* or a notice */
  KIND_ANOMALY,  /* ordinary mail in an envelope that our incoming point made */
};

/* The kind decides which signed identity to read. If X-Trasporto has an unknown value, X-Ricevuta
   still counts. Otherwise a receipt stored as ordinary mail could come again as often as anybody
   likes. So this asks for less than claimed_kind() does (pec/pec_fields.hpp). */
static enum message_kind kind_of(struct mail* mail) {
  const char* value;
  int ret = mail_get_first_header(mail, "X-Trasporto", &value);

  if (ret > 0) {
    value = t_str_trim(value, " \t\r\n");
    if (strcasecmp(value, "posta-certificata") == 0) return KIND_ENVELOPE;
    if (strcasecmp(value, "errore") == 0) return KIND_ANOMALY;
  }
  if (ret >= 0) ret = mail_get_first_header(mail, "X-Ricevuta", &value);
  return ret < 0 ? KIND_UNKNOWN : ret > 0 ? KIND_RECEIPT : KIND_ORDINARY;
}

static const char* copy_of_first(struct mail* mail, const char* field) {
  const char* value;

  return mail_get_first_header(mail, field, &value) > 0 ? t_strdup(value) : NULL;
}

/* The key in the old journal (old_journal.hpp): the Message-ID, or the boundary of an anomaly
   envelope. */
static const char* old_identity(struct mail* mail, enum message_kind kind, const char* message_id) {
  static const char begin[] = "boundary=\"pec-";
  const char *value, *boundary, *end;

  if (kind != KIND_ANOMALY) return message_id;
  value = copy_of_first(mail, "Content-Type");
  boundary = value == NULL ? NULL : strstr(value, begin);
  end = boundary == NULL ? NULL : strchr(boundary + sizeof(begin), '"');
  return end == NULL ? NULL : t_strdup_until(boundary, end + 1);
}

/* LMTP keeps a handle of the first recipient's copy for the others, but forgets it if we fail. */
static void release_dest_mail(struct mail_deliver_context* ctx) {
  struct mailbox_transaction_context* trans;
  struct mailbox* box;

  if (ctx->dest_mail == NULL) return;
  trans = ctx->dest_mail->transaction;
  box = ctx->dest_mail->box;
  mail_free(&ctx->dest_mail);
  mailbox_transaction_rollback(&trans);
  mailbox_free(&box);
}

static int tempfail(struct mail_deliver_context* ctx, const char* recipient, const char* why) {
  e_error(ctx->event, "pec: action=defer to=<%s> reason=%s", recipient, why);
  release_dest_mail(ctx);
  ctx->saved_mail = FALSE;
  ctx->tempfail_error = "Certified mail can't be delivered right now";
  return -1;
}

/* The message is in the mailbox, but asking for its receipt failed. If Postfix gives up after many
   attempts, this must not become a non-delivery notice. So the answer contains the internal
   recipient, which nobody else can write, and pec-milter looks for it in the bounce
   (pec/bounces.hpp). */
static int receipt_waits(struct mail_deliver_context* ctx, const char* recipient,
                         const char* internal_recipient, const char* why) {
  (void)tempfail(ctx, recipient, why);
  if (internal_recipient != NULL)
    ctx->tempfail_error =
        p_strdup_printf(ctx->pool, "Delivered, the receipt waits: %s", internal_recipient);
  return -1;
}

static bool is_tempfailed(struct mail_deliver_context* ctx, struct mail_storage* storage) {
  enum mail_error error = MAIL_ERROR_NONE;

  if (ctx->tempfail_error != NULL) return TRUE;
  if (storage != NULL) (void)mail_storage_get_last_error(storage, &error);
  return error == MAIL_ERROR_TEMP;
}

/* Runs Sieve, then makes sure that the message is in a mailbox. If Sieve has thrown it away or sent
   it elsewhere, it goes to INBOX. If *watch has not seen it there, the return value is the
   hook's. */
static int store_certified(struct mail_deliver_context* ctx, struct mail_storage** storage_r,
                           struct pec_commit_watch* watch) {
  int ret;

  pec_commit_watch_begin(watch, ctx->rcpt_user);
  ret = next_deliver_mail == NULL ? 0 : next_deliver_mail(ctx, storage_r);
  if (!watch->seen && !(ret < 0 && is_tempfailed(ctx, *storage_r))) {
    release_dest_mail(ctx); /* of a copy in somebody else's folder */
    ctx->rcpt_default_mailbox = "INBOX";
    ret = mail_deliver_save(ctx, "INBOX", 0, NULL, storage_r);
  }
  pec_commit_watch_end();
  if (!watch->seen) {
    release_dest_mail(ctx);
    ctx->saved_mail = FALSE;
    ret = -1;
  }
  return ret;
}

/* The same for ordinary mail: if Sieve has thrown it away, or sent it elsewhere, that stands. */
static int store_ordinary(struct mail_deliver_context* ctx, struct mail_storage** storage_r,
                          struct pec_commit_watch* watch) {
  int ret;

  pec_commit_watch_begin(watch, ctx->rcpt_user);
  ret = next_deliver_mail == NULL ? 0 : next_deliver_mail(ctx, storage_r);
  if (ret == 0 && !watch->seen)
    ret = mail_deliver_save(ctx, ctx->rcpt_default_mailbox, 0, NULL, storage_r) < 0 ? -1 : 1;
  pec_commit_watch_end();
  return ret;
}

/* Both return whether there is a next step; if not, *error_r says why. */
static bool look_up(struct mail_deliver_context* ctx, struct pec_delivery* delivery,
                    const struct pec_sought_message* sought, const char** error_r) {
  time_t saved_at;
  int ret = pec_find_message(ctx->rcpt_user, sought, &saved_at, error_r);

  if (ret > 0)
    pec_delivery_found(delivery, saved_at);
  else if (ret == 0)
    pec_delivery_not_found(delivery);
  return ret >= 0;
}

static bool hand_off(struct mail_deliver_context* ctx, struct pec_delivery* delivery,
                     const char* receipts_address, const char** error_r) {
  const char* recipient = pec_delivery_internal_recipient(delivery);

  if (recipient == NULL) return TRUE; /* the step is PEC_STEP_FAILED now */
  if (pec_hand_off(ctx, receipts_address, recipient, error_r) < 0) return FALSE;
  pec_delivery_handed_off(delivery);
  return TRUE;
}

/* Goes step by step until the delivery is finished or can't go on. */
static int deliver(struct mail_deliver_context* ctx, struct mail_storage** storage_r,
                   struct pec_delivery* delivery, const struct pec_delivery_request* request,
                   enum message_kind kind) {
  const struct pec_sought_message sought = {request->identity, kind == KIND_RECEIPT,
                                            request->message_id};
  struct pec_commit_watch watch;
  const char* error;
  int ret;

  for (;;) {
    switch (pec_delivery_step(delivery)) {
      case PEC_STEP_LOOK_UP:
        if (!look_up(ctx, delivery, &sought, &error))
          return tempfail(ctx, request->recipient, error);
        break;
      case PEC_STEP_STORE:
        ret = kind == KIND_ANOMALY ? store_ordinary(ctx, storage_r, &watch)
                                   : store_certified(ctx, storage_r, &watch);
        if (!watch.seen && (kind != KIND_ANOMALY || ret <= 0)) return ret;
        pec_delivery_stored(delivery);
        break;
      case PEC_STEP_HAND_OFF:
        if (!hand_off(ctx, delivery, request->receipts_address, &error))
          return receipt_waits(ctx, request->recipient, pec_delivery_internal_recipient(delivery),
                               error);
        break;
      case PEC_STEP_FINISHED:
        return 1;
      case PEC_STEP_FAILED:
        return tempfail(ctx, request->recipient, pec_delivery_error(delivery));
    }
  }
}

static int deliver_once(struct mail_deliver_context* ctx, struct mail_storage** storage_r,
                        const struct pec_delivery_request* request, enum message_kind kind) {
  struct pec_delivery* delivery = pec_delivery_begin(request);
  const char *remark, *message_id;
  unsigned int remarks;
  bool already;
  int ret;

  if (delivery == NULL) return tempfail(ctx, request->recipient, "out of memory");
  already = pec_delivery_step(delivery) == PEC_STEP_FINISHED;
  ret = deliver(ctx, storage_r, delivery, request, kind);
  for (remarks = 0; (remark = pec_delivery_remark(delivery, remarks)) != NULL; remarks++)
    e_warning(ctx->event, "pec: to=<%s> %s", request->recipient, remark);
  message_id = request->message_id == NULL ? "" : t_str_trim(request->message_id, " \t\r\n");
  if (ret > 0 && (kind != KIND_ANOMALY || already))
    e_info(ctx->event, "pec: action=%s to=<%s> msgid=%s receipt=%s", already ? "drop" : "deliver",
           request->recipient, str_sanitize(message_id, 256),
           !request->receipt_is_owed ? "none"
           : already                 ? "asked-before"
                                     : "asked");
  pec_delivery_end(&delivery);
  return ret;
}

/* The recipient for the receipt. Returns 0, or -1 if the header can't be read. The field counts
   only if the site says that its Postfix writes it (dovecot-conf/99-pec.conf). */
static int certified_recipient(struct mail_deliver_context* ctx, const char** recipient_r) {
  *recipient_r = smtp_address_encode(ctx->rcpt_to);
  if (!mail_user_plugin_getenv_bool(ctx->rcpt_user, "pec_original_recipient")) return 0;
  return pec_original_recipient(ctx->src_mail, recipient_r) < 0 ? -1 : 0;
}

static int pec_deliver_mail(struct mail_deliver_context* ctx, struct mail_storage** storage_r) {
  struct mail_user* user = ctx->rcpt_user;
  const enum message_kind kind = kind_of(ctx->src_mail);
  struct pec_delivery_request request;
  const char *recipient, *identity;
  int identified = 0;

  if (kind != KIND_UNKNOWN && kind != KIND_ORDINARY) {
    identified = pec_identify_message(ctx->src_mail, kind == KIND_RECEIPT, &identity);
    if (identified == 0)
      e_warning(ctx->event,
                "pec: action=ordinary to=<%s> reason=no certified mail, although the "
                "header says so: %s",
                smtp_address_encode(ctx->rcpt_to), identity);
  }
  if (kind != KIND_UNKNOWN && identified == 0)
    return next_deliver_mail == NULL ? 0 : next_deliver_mail(ctx, storage_r);
  if (certified_recipient(ctx, &recipient) < 0 || kind == KIND_UNKNOWN)
    return tempfail(ctx, recipient, mailbox_get_last_internal_error(ctx->src_mail->box, NULL));
  if (identified < 0) return tempfail(ctx, recipient, identity);

  i_zero(&request);
  if (mail_user_get_home(user, &request.home) <= 0) request.home = NULL;
  request.identity = identity;
  request.message_id = copy_of_first(ctx->src_mail, "Message-ID");
  request.old_identity = old_identity(ctx->src_mail, kind, request.message_id);
  request.recipient = recipient;
  request.mailbox = smtp_address_encode(ctx->rcpt_to);
  request.receipts_address = mail_user_plugin_getenv(user, "pec_receipts_address");
  request.secret_file = mail_user_plugin_getenv(user, "pec_delivery_secret_file");
  request.receipt_is_owed = kind == KIND_ENVELOPE;
  return deliver_once(ctx, storage_r, &request, kind);
}

void pec_plugin_init(struct module* module) {
  pec_commit_watch_init(module);
  next_deliver_mail = mail_deliver_hook_set(pec_deliver_mail);
}

void pec_plugin_deinit(void) {
  mail_deliver_hook_set(next_deliver_mail);
  pec_commit_watch_deinit();
}
