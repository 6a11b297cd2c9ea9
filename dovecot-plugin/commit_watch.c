/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "dovecot-plugin/commit_watch.h"

#include <mail-namespace.h>
#include <mail-storage-hooks.h>
#include <mail-storage-private.h>
#include <mail-user.h>
#include <module-context.h>

static MODULE_CONTEXT_DEFINE_INIT(pec_mailbox_module, &mail_storage_module_register);

static struct pec_commit_watch* current_watch = NULL;

/* A shared or public folder is not the user's mailbox. Deliveries set the flag; programs that only
   move mail in the same process do not. */
static bool is_delivery_to_user(const struct mailbox_transaction_context* t) {
  const struct mailbox* box = t->box;

  return current_watch != NULL && t->save_count > 0 &&
         (box->flags & MAILBOX_FLAG_POST_SESSION) != 0 &&
         box->storage->user == current_watch->user &&
         mailbox_get_namespace(box)->type == MAIL_NAMESPACE_TYPE_PRIVATE;
}

static int pec_transaction_commit(struct mailbox_transaction_context* t,
                                  struct mail_transaction_commit_changes* changes) {
  struct mailbox* box = t->box;
  union mailbox_module_context* super = MODULE_CONTEXT_REQUIRE(box, pec_mailbox_module);
  /* Ask first: the transaction is gone afterwards. */
  const bool counts = is_delivery_to_user(t);

  if (super->super.transaction_commit(t, changes) < 0) return -1;
  if (counts) current_watch->seen = TRUE;
  return 0;
}

static void pec_mailbox_allocated(struct mailbox* box) {
  struct mailbox_vfuncs* v = box->vlast;
  union mailbox_module_context* super = p_new(box->pool, union mailbox_module_context, 1);

  super->super = *v;
  box->vlast = &super->super;
  v->transaction_commit = pec_transaction_commit;
  MODULE_CONTEXT_SET_SELF(box, pec_mailbox_module, super);
}

static struct mail_storage_hooks hooks = {.mailbox_allocated = pec_mailbox_allocated};

void pec_commit_watch_init(struct module* module) {
  /* "Forced": the hook must see every user's mail, whatever plugins the userdb lists. */
  mail_storage_hooks_add_forced(module, &hooks);
}

void pec_commit_watch_deinit(void) {
  mail_storage_hooks_remove(&hooks);
}

void pec_commit_watch_begin(struct pec_commit_watch* watch, struct mail_user* user) {
  i_zero(watch);
  watch->user = user;
  current_watch = watch;
}

void pec_commit_watch_end(void) {
  current_watch = NULL;
}
