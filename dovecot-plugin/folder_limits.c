/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Limits that Dovecot does not have: the number of folders in a mailbox, and of messages in a
   folder. (The quota plugin limits bytes and messages of the whole mailbox;
   dovecot-conf/99-pec.conf.)

   This is a plugin of its own, because it runs where the delivery plugin must not: in every process
   that changes mailboxes (imap, pop3, lmtp, doveadm). These must not see the delivery secret.

       plugin {
         pec_max_folders = 500             # 0: no limit
         pec_max_folder_messages = 5000    # 0: no limit
       }

   A user's own values come from the userdb, as for any plugin setting. Both limits are exact, also
   with several sessions at once: we count and change under the lock of the folder list. Dovecot
   itself takes this lock to create and rename folders, and we take it to commit messages.

   A folder counts if LIST shows it and a client can open it. So \Noselect parents don't count.
   INBOX and the folders that the configuration promises ("auto") count, even before they exist, and
   creating those is never refused. Folders that others share are not counted and not limited.

   Messages are counted when they are committed, all messages of a command together. So a COPY, MOVE
   or APPEND either fits or changes nothing. (Dovecot moves in steps of 1000; this holds for each
   step.)

   A delivery to INBOX is never refused, so these limits never refuse or lose mail. If Sieve wants
   to file into a full folder, or to create one folder too many, this action fails like any other.
   The message then goes to INBOX, in the same process and before the sender gets an answer. */
#include <lib.h>
#include <mail-index.h>
#include <mail-namespace.h>
#include <mail-storage-hooks.h>
#include <mail-storage-private.h>
#include <mail-user.h>
#include <mailbox-list-iter.h>
#include <mailbox-list-private.h>
#include <module-context.h>
#include <strnum.h>

/* Mail clients show these texts. ASCII, since some clients know nothing else. %u is the limit. */
#define FOLDERS_TEXT                                                                             \
  "Ci sono gia' %u cartelle, il massimo: eliminarne una prima di crearne altre. / There are %u " \
  "folders already, the most there can be: delete one before you create another"
#define MESSAGES_TEXT                                                                          \
  "Nella cartella non c'e' posto: contiene al massimo %u messaggi; eliminarne o spostarne. / " \
  "There is no room in the folder: it holds at most %u messages; delete or move some"

void pec_limits_plugin_init(struct module* module);
void pec_limits_plugin_deinit(void);

const char* pec_limits_plugin_version = DOVECOT_ABI_VERSION;

struct limits_user {
  union mail_user_module_context module_ctx;
  unsigned int max_folders, max_folder_messages; /* 0: no limit */
};

static MODULE_CONTEXT_DEFINE_INIT(limits_user_module, &mail_user_module_register);
static MODULE_CONTEXT_DEFINE_INIT(limits_mailbox_module, &mail_storage_module_register);

static const struct limits_user* limits_of(const struct mailbox* box) {
  return MODULE_CONTEXT_REQUIRE(box->storage->user, limits_user_module);
}

/* --- Folders --- */

static bool is_promised(const struct mailbox* box) {
  return box->inbox_user ||
         (box->set != NULL && strcmp(box->set->autocreate, MAILBOX_SET_AUTO_NO) != 0);
}

/* Counts on the disk: the list's index may be older than the lock that we hold. */
static int count_folders(struct mailbox* box, unsigned int* count_r) {
  static const char* const everything[] = {"*", NULL};
  struct mail_namespace* namespaces = box->storage->user->namespaces;
  struct mailbox_list_iterate_context* iter = mailbox_list_iter_init_namespaces(
      namespaces, everything, MAIL_NAMESPACE_TYPE_PRIVATE,
      MAILBOX_LIST_ITER_RAW_LIST | MAILBOX_LIST_ITER_SKIP_ALIASES);
  const struct mailbox_info* info;

  *count_r = 0;
  while ((info = mailbox_list_iter_next(iter)) != NULL)
    if ((info->flags & (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT)) == 0) ++*count_r;
  if (mailbox_list_iter_deinit(&iter) < 0) {
    mail_storage_copy_list_error(box->storage, namespaces->list);
    return -1;
  }
  return 0;
}

/* 0: there is room. -1: there is none, or nobody can tell; the error is set. */
static int room_for_a_folder(struct mailbox* box) {
  const unsigned int limit = limits_of(box)->max_folders;
  unsigned int count;

  if (limit == 0) return 0;
  if (count_folders(box, &count) < 0) return -1;
  if (count < limit) return 0;
  mail_storage_set_error(box->storage, MAIL_ERROR_LIMIT,
                         t_strdup_printf(FOLDERS_TEXT, limit, limit));
  return -1;
}

static int limited_create_box(struct mailbox* box, const struct mailbox_update* update,
                              bool directory) {
  union mailbox_module_context* super = MODULE_CONTEXT_REQUIRE(box, limits_mailbox_module);
  enum mailbox_existence existence = MAILBOX_EXISTENCE_NONE;

  if (!is_promised(box)) {
    if (mailbox_exists(box, FALSE, &existence) < 0) return -1;
    /* If the folder exists, Dovecot itself says so, and a delivery then goes on. */
    if (existence != MAILBOX_EXISTENCE_SELECT && room_for_a_folder(box) < 0) return -1;
  }
  return super->super.create_box(box, update, directory);
}

/* Renaming adds no folder, unless a promised one is renamed: that one appears again. */
static int limited_rename_box(struct mailbox* src, struct mailbox* dest) {
  union mailbox_module_context* super = MODULE_CONTEXT_REQUIRE(src, limits_mailbox_module);

  if (is_promised(src) && !is_promised(dest) && room_for_a_folder(src) < 0) return -1;
  return super->super.rename_box(src, dest);
}

/* --- Messages --- */

static bool is_delivery_to_inbox(const struct mailbox* box) {
  return box->inbox_user && (box->flags & MAILBOX_FLAG_POST_SESSION) != 0;
}

/* Returns as room_for_a_folder(). The mailbox's own view may be old; the index knows about all
   sessions. */
static int room_for_messages(struct mailbox* box, unsigned int added) {
  const unsigned int limit = limits_of(box)->max_folder_messages;
  struct mail_index_view* view;
  unsigned int count;

  if (mail_index_refresh(box->index) < 0) {
    mailbox_set_index_error(box);
    return -1;
  }
  view = mail_index_view_open(box->index);
  count = mail_index_view_get_messages_count(view);
  mail_index_view_close(&view);
  if (count <= limit && added <= limit - count) return 0;
  mail_storage_set_error(box->storage, MAIL_ERROR_LIMIT,
                         t_strdup_printf(MESSAGES_TEXT, limit, limit));
  return -1;
}

static int commit_if_room(struct mailbox_transaction_context* t,
                          struct mail_transaction_commit_changes* changes) {
  struct mailbox* box = t->box;
  union mailbox_module_context* super = MODULE_CONTEXT_REQUIRE(box, limits_mailbox_module);

  if (room_for_messages(box, t->save_count) == 0)
    return super->super.transaction_commit(t, changes);
  mail_storage_last_error_push(box->storage);
  super->super.transaction_rollback(t);
  mail_storage_last_error_pop(box->storage);
  return -1;
}

static int limited_transaction_commit(struct mailbox_transaction_context* t,
                                      struct mail_transaction_commit_changes* changes) {
  struct mailbox* box = t->box;
  union mailbox_module_context* super = MODULE_CONTEXT_REQUIRE(box, limits_mailbox_module);
  int ret;

  if (limits_of(box)->max_folder_messages == 0 || t->save_count == 0 || is_delivery_to_inbox(box))
    return super->super.transaction_commit(t, changes);
  if (mailbox_list_lock(box->list) < 0) {
    super->super.transaction_rollback(t);
    mail_storage_copy_list_error(box->storage, box->list);
    return -1;
  }
  ret = commit_if_room(t, changes);
  mailbox_list_unlock(box->list);
  return ret;
}

/* --- Into Dovecot --- */

static unsigned int setting(struct mail_user* user, const char* name, unsigned int otherwise) {
  const char* text = mail_user_plugin_getenv(user, name);
  unsigned int value = otherwise;

  /* Until this is repaired, nobody can use the mailbox, and its mail waits. */
  if (text != NULL && str_to_uint(text, &value) < 0)
    user->error = p_strdup_printf(user->pool, "%s is not a number: %s", name, text);
  return value;
}

static void limits_mail_user_created(struct mail_user* user) {
  struct limits_user* limits = p_new(user->pool, struct limits_user, 1);

  limits->max_folders = setting(user, "pec_max_folders", 500);
  limits->max_folder_messages = setting(user, "pec_max_folder_messages", 5000);
  MODULE_CONTEXT_SET(user, limits_user_module, limits);
}

static void limits_mailbox_allocated(struct mailbox* box) {
  struct mailbox_vfuncs* v = box->vlast;
  union mailbox_module_context* super;

  if (box->list->ns->type != MAIL_NAMESPACE_TYPE_PRIVATE ||
      MODULE_CONTEXT(box->storage->user, limits_user_module) == NULL)
    return;
  super = p_new(box->pool, union mailbox_module_context, 1);
  super->super = *v;
  box->vlast = &super->super;
  v->create_box = limited_create_box;
  v->rename_box = limited_rename_box;
  v->transaction_commit = limited_transaction_commit;
  MODULE_CONTEXT_SET_SELF(box, limits_mailbox_module, super);
}

static struct mail_storage_hooks hooks = {
    .mail_user_created = limits_mail_user_created,
    .mailbox_allocated = limits_mailbox_allocated,
};

void pec_limits_plugin_init(struct module* module) {
  mail_storage_hooks_add(module, &hooks);
}

void pec_limits_plugin_deinit(void) {
  mail_storage_hooks_remove(&hooks);
}
