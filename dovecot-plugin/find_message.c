/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "dovecot-plugin/find_message.h"

#include "dovecot-plugin/identify_message.h"

#include <mail-namespace.h>
#include <mail-search-build.h>
#include <mail-storage-private.h>
#include <mail-user.h>
#include <mailbox-list-iter.h>

/* Line folds differ: LMTP's copy of a header may have CRLF, a mailbox's copy LF. */
static bool same_but_for_blanks(const char* a, const char* b) {
  static const char blanks[] = " \t\r\n";

  for (;; a++, b++) {
    a += strspn(a, blanks);
    b += strspn(b, blanks);
    if (*a != *b) return FALSE;
    if (*a == '\0') return TRUE;
  }
}

/* If a header can't be read, the message is gone. */
static bool may_be_sought(struct mail* mail, const struct pec_sought_message* sought) {
  const char* value;
  int ret;

  if (sought->is_receipt) return mail_get_first_header(mail, "X-Ricevuta", &value) > 0;
  ret = mail_get_first_header(mail, "Message-ID", &value);
  return ret == 0  ? sought->message_id == NULL
         : ret > 0 ? sought->message_id != NULL && same_but_for_blanks(value, sought->message_id)
                   : FALSE;
}

/* 1: this is the message. 0: it is not. -1: can't tell; *error_r says why. */
static int is_sought(struct mail* mail, const struct pec_sought_message* sought,
                     const char** error_r) {
  const char* text;
  int ret;

  if (!may_be_sought(mail, sought)) return 0;
  ret = pec_identify_message(mail, sought->is_receipt, &text);
  if (ret < 0 && mail->expunged) return 0;
  if (ret < 0) *error_r = t_strdup_printf("can't tell what uid %u is: %s", mail->uid, text);
  return ret > 0 ? strcmp(text, sought->identity) == 0 : ret;
}

static int find_in_transaction(struct mailbox_transaction_context* trans,
                               const struct pec_sought_message* sought, time_t* saved_at_r,
                               const char** error_r) {
  const char* const fields[] = {sought->is_receipt ? "X-Ricevuta" : "Message-ID", NULL};
  struct mailbox_header_lookup_ctx* wanted = mailbox_header_lookup_init(trans->box, fields);
  struct mail_search_args* args = mail_search_build_init();
  struct mail_search_context* search;
  struct mail* mail;
  int ret = 0;

  mail_search_build_add_all(args);
  search = mailbox_search_init(trans, args, NULL, 0, wanted);
  mail_search_args_unref(&args);
  mailbox_header_lookup_unref(&wanted);

  while (ret == 0 && mailbox_search_next(search, &mail)) {
    ret = is_sought(mail, sought, error_r);
    if (ret > 0 && mail_get_save_date(mail, saved_at_r) < 0) ret = 0;
  }
  if (mailbox_search_deinit(&search) < 0 && ret == 0) ret = -1;
  return ret;
}

static int find_in_mailbox(struct mail_user* user, const char* vname,
                           const struct pec_sought_message* sought, time_t* saved_at_r,
                           const char** error_r) {
  struct mailbox* box =
      mailbox_alloc_for_user(user, vname, MAILBOX_FLAG_READONLY | MAILBOX_FLAG_IGNORE_ACLS);
  enum mail_error error = MAIL_ERROR_NONE;
  int ret = -1;

  *error_r = NULL;
  if (mailbox_open(box) == 0 && mailbox_sync(box, 0) == 0) {
    struct mailbox_transaction_context* trans = mailbox_transaction_begin(box, 0, __func__);
    ret = find_in_transaction(trans, sought, saved_at_r, error_r);
    mailbox_transaction_rollback(&trans);
  }
  if (ret < 0 && *error_r == NULL) {
    const char* why = mailbox_get_last_internal_error(box, &error);
    if (error == MAIL_ERROR_NOTFOUND)
      ret = 0; /* no INBOX yet, or a folder that was deleted while we looked */
    else
      *error_r = t_strdup_printf("can't search folder %s: %s", vname, why);
  }
  mailbox_free(&box);
  return ret;
}

static int find_in_other_mailboxes(struct mail_user* user, const struct pec_sought_message* sought,
                                   time_t* saved_at_r, const char** error_r) {
  static const char* const everything[] = {"*", NULL};
  struct mailbox_list_iterate_context* iter = mailbox_list_iter_init_namespaces(
      user->namespaces, everything, MAIL_NAMESPACE_TYPE_PRIVATE,
      MAILBOX_LIST_ITER_NO_AUTO_BOXES | MAILBOX_LIST_ITER_SKIP_ALIASES);
  const struct mailbox_info* info;
  int ret = 0;

  while (ret == 0 && (info = mailbox_list_iter_next(iter)) != NULL) {
    if ((info->flags & (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT)) == 0 &&
        strcasecmp(info->vname, "INBOX") != 0)
      ret = find_in_mailbox(user, info->vname, sought, saved_at_r, error_r);
  }
  if (mailbox_list_iter_deinit(&iter) < 0 && ret == 0) {
    *error_r = "can't list the folders";
    ret = -1;
  }
  return ret;
}

int pec_find_message(struct mail_user* user, const struct pec_sought_message* sought,
                     time_t* saved_at_r, const char** error_r) {
  int ret = find_in_mailbox(user, "INBOX", sought, saved_at_r, error_r);

  return ret != 0 ? ret : find_in_other_mailboxes(user, sought, saved_at_r, error_r);
}
