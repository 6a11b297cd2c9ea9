#include "find_message.h"

#include "mail-namespace.h"
#include "mail-search-build.h"
#include "mail-storage-private.h"
#include "mail-user.h"
#include "mailbox-list-iter.h"

static bool is_it(struct mail* mail, const struct pec_identity* identity) {
  const char* value;

  if (mail_get_first_header(mail, identity->field, &value) <= 0) return FALSE;
  return identity->is_part ? strstr(value, identity->text) != NULL
                           : strcmp(t_str_trim(value, " \t\r\n"), identity->text) == 0;
}

/* The search matches any part of any such field, and in any case; the first field must be it. */
static int find_in_transaction(struct mailbox_transaction_context* trans,
                               const struct pec_identity* identity,
                               struct pec_found_message* found_r) {
  struct mail_search_args* args = mail_search_build_init();
  struct mail_search_arg* arg = mail_search_build_add(args, SEARCH_HEADER);
  struct mail_search_context* search;
  struct mail* mail;
  int ret = 0;

  arg->hdr_field_name = p_strdup(args->pool, identity->field);
  arg->value.str = p_strdup(args->pool, identity->text);
  search = mailbox_search_init(trans, args, NULL, 0, NULL);
  mail_search_args_unref(&args);

  while (ret == 0 && mailbox_search_next(search, &mail)) {
    if (!is_it(mail, identity)) continue;
    found_r->mailbox = t_strdup(mailbox_get_vname(mail->box));
    found_r->uid = mail->uid;
    if (mail_get_save_date(mail, &found_r->saved_at) >= 0) ret = 1;
  }
  if (mailbox_search_deinit(&search) < 0 && ret == 0) ret = -1;
  return ret;
}

static int find_in_mailbox(struct mail_user* user, const char* vname,
                           const struct pec_identity* identity, struct pec_found_message* found_r,
                           const char** error_r) {
  struct mailbox* box =
      mailbox_alloc_for_user(user, vname, MAILBOX_FLAG_READONLY | MAILBOX_FLAG_IGNORE_ACLS);
  enum mail_error error = MAIL_ERROR_NONE;
  int ret = -1;

  if (mailbox_open(box) == 0 && mailbox_sync(box, 0) == 0) {
    struct mailbox_transaction_context* trans = mailbox_transaction_begin(box, 0, __func__);
    ret = find_in_transaction(trans, identity, found_r);
    mailbox_transaction_rollback(&trans);
  }
  if (ret < 0) {
    const char* why = mailbox_get_last_internal_error(box, &error);
    if (error == MAIL_ERROR_NOTFOUND)
      ret = 0; /* no INBOX yet, or a folder that was deleted while we looked */
    else
      *error_r = t_strdup_printf("can't search folder %s: %s", vname, why);
  }
  mailbox_free(&box);
  return ret;
}

static int find_in_other_mailboxes(struct mail_user* user, const struct pec_identity* identity,
                                   struct pec_found_message* found_r, const char** error_r) {
  static const char* const everything[] = {"*", NULL};
  struct mailbox_list_iterate_context* iter = mailbox_list_iter_init_namespaces(
      user->namespaces, everything, MAIL_NAMESPACE_TYPE_PRIVATE,
      MAILBOX_LIST_ITER_NO_AUTO_BOXES | MAILBOX_LIST_ITER_SKIP_ALIASES);
  const struct mailbox_info* info;
  int ret = 0;

  while (ret == 0 && (info = mailbox_list_iter_next(iter)) != NULL) {
    if ((info->flags & (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT)) == 0 &&
        strcasecmp(info->vname, "INBOX") != 0)
      ret = find_in_mailbox(user, info->vname, identity, found_r, error_r);
  }
  if (mailbox_list_iter_deinit(&iter) < 0 && ret == 0) {
    *error_r = "can't list the folders";
    ret = -1;
  }
  return ret;
}

int pec_find_message(struct mail_user* user, const struct pec_identity* identity,
                     struct pec_found_message* found_r, const char** error_r) {
  int ret = find_in_mailbox(user, "INBOX", identity, found_r, error_r);

  return ret != 0 ? ret : find_in_other_mailboxes(user, identity, found_r, error_r);
}
