// SPDX-License-Identifier: GPL-2.0-or-later

// The options of [site]: the host that `pecctl setup` makes Postfix's and Dovecot's files for. The
// programs that handle mail don't read them.
#include "config/option_checks.hpp"
#include "config/options.hpp"

namespace pec::config {

namespace {

using C = Config;
using S = Config::Site;

constexpr Named<Accounts> kept_in[] = {{"ledger", Accounts::ledger},
                                       {"elsewhere", Accounts::elsewhere}};

constexpr Option rows[] = {
    {"site", "host_name", false, "",
     "This host's own name, as its TLS certificate and DNS have it, such as mx.pec.alfa.example; "
     "required for \"pecctl setup\".",
     Text{at<&C::site, &S::host_name>, host_name_or_none}},
    {"site", "addresses", false, "",
     "The addresses, IPv4 and IPv6, at which the public services listen, with blanks between them; "
     "left out, all addresses of the host.",
     Words{at<&C::site, &S::addresses>, ip_address}},
    {"site", "smtps", false, "465",
     "Where users submit over TLS: a port, or ADDRESS:PORT for one address alone.",
     Text{at<&C::site, &S::smtps>, listener}},
    {"site", "submission", false, "587", "Where users submit over STARTTLS, likewise.",
     Text{at<&C::site, &S::submission>, listener}},
    {"site", "mx", false, "25", "Where other hosts deliver, likewise.",
     Text{at<&C::site, &S::mx>, listener}},
    {"site", "imaps_port", false, "993", "The port of IMAP over TLS.",
     Number{at<&C::site, &S::imaps_port>, 1, 65'535}},
    {"site", "pop3s_port", false, "995", "The port of POP3 over TLS.",
     Number{at<&C::site, &S::pop3s_port>, 1, 65'535}},
    {"site", "managesieve_port", false, "0",
     "The port of ManageSieve, such as 4190, by which holders keep their own Sieve scripts; 0 for "
     "none. It needs Debian's dovecot-managesieved.",
     Number{at<&C::site, &S::managesieve_port>, 0, 65'535}},
    {"site", "sieve_submission", false, "127.0.0.1:10589",
     "Where Postfix takes the mail that Sieve itself sends: loopback alone.",
     Text{at<&C::site, &S::sieve_submission>, loopback_address}},
    {"site", "tls_certificate_file", false, "",
     "The host's TLS certificate and then its chain, PEM; required for \"pecctl setup\".",
     AbsolutePath{at<&C::site, &S::tls_certificate_file>, true}},
    {"site", "tls_key_file", false, "",
     "The private key of that certificate, PEM without passphrase, readable by root only.",
     AbsolutePath{at<&C::site, &S::tls_key_file>, true}},
    {"site", "tls_ca_file", false, "/etc/ssl/certs/ca-certificates.crt",
     "The authorities that are trusted for other mail hosts, PEM.",
     AbsolutePath{at<&C::site, &S::tls_ca_file>}},
    {"site", "operators_mailbox", false, "",
     "A mailbox here that people read, such as gestione@pec.alfa.example: bounces of receipts and "
     "mail for postmaster@ go there; required for \"pecctl setup\".",
     Text{at<&C::site, &S::operators_mailbox>, mail_address_or_none}},
    {"site", "accounts", false, "ledger",
     "Who keeps mailboxes and passwords: \"pecctl mailbox\" in the ledger, or the site elsewhere.",
     Choice<Accounts>{at<&C::site, &S::accounts>, kept_in}},
    {"site", "mailbox_maps", false, "",
     "For accounts elsewhere, Postfix's tables of all mailboxes, each with the login that may send "
     "as it, such as lmdb:/etc/pec/postfix/mailboxes.",
     Words{at<&C::site, &S::mailbox_maps>, postfix_table}},
    {"site", "transport_maps", false, "",
     "Postfix's tables of routes of the site's own, such as to a relay.",
     Words{at<&C::site, &S::transport_maps>, postfix_table}},
    {"site", "mail_user", false, "vmail", "The user who owns all mail, and its group.",
     Text{at<&C::site, &S::mail_user>, user_name}},
    {"site", "mail_root", false, "/var/vmail", "The folder of all mailboxes.",
     AbsolutePath{at<&C::site, &S::mail_root>}},
    {"site", "mailbox_quota", false, "1G", "The size of a mailbox: 100M at least.",
     Text{at<&C::site, &S::mailbox_quota>, dovecot_size}},
    {"site", "service_keep_days", false, "30",
     "How many days the service mailbox keeps receipts; the ledger has them longer.",
     Number{at<&C::site, &S::service_keep_days>, 1, 3650}},
    {"site", "ledger_reader", false, "pec_postfix",
     "The user of PostgreSQL by whom Postfix reads the states of mailboxes.",
     Text{at<&C::site, &S::ledger_reader>, user_name}},
    {"site", "ledger_reader_password_file", false, "",
     "The password of that user, readable by root only.",
     AbsolutePath{at<&C::site, &S::ledger_reader_password_file>, true}},
    {"site", "accounts_reader", false, "pec_dovecot",
     "The user of PostgreSQL by whom Dovecot reads accounts.",
     Text{at<&C::site, &S::accounts_reader>, user_name}},
    {"site", "accounts_reader_password_file", false, "",
     "The password of that user, readable by root only.",
     AbsolutePath{at<&C::site, &S::accounts_reader_password_file>, true}},
    {"site", "logins_nonce_file", false, "/etc/pec/logins-nonce.secret",
     "With policy.logins_listen: the key by which Dovecot marks passwords, 64 hex digits, readable "
     "by root only. With it, marks would say something about passwords, so the service's user must "
     "not have it.",
     AbsolutePath{at<&C::site, &S::logins_nonce_file>}},
    {"site", "user", false, "pec", "The user of pec-milter and pec-policyd.",
     Text{at<&C::site, &S::user>, user_name}},
    {"site", "postfix_dir", false, "/etc/postfix-pec",
     "The configuration of the Postfix instance for certified mail.",
     AbsolutePath{at<&C::site, &S::postfix_dir>}},
    {"site", "postfix_queue", false, "/var/spool/postfix-pec", "Its queue.",
     AbsolutePath{at<&C::site, &S::postfix_queue>}},
    {"site", "postfix_data", false, "/var/lib/postfix-pec", "Its data.",
     AbsolutePath{at<&C::site, &S::postfix_data>}},
    {"site", "dovecot_dir", false, "/etc/dovecot-pec",
     "The configuration of the Dovecot instance for certified mail.",
     AbsolutePath{at<&C::site, &S::dovecot_dir>}},
    {"site", "dovecot_run", false, "/run/dovecot-pec", "Its sockets and its state.",
     AbsolutePath{at<&C::site, &S::dovecot_run>}},
    {"site", "probe_mailbox", false, "",
     "The mailbox from which \"pecctl selftest\" writes to itself, such as "
     "prova@pec.alfa.example: nobody's, and for nothing else.",
     Text{at<&C::site, &S::probe_mailbox>, mail_address_or_none}},
    {"site", "probe_password_file", false, "",
     "The password of that mailbox, readable by root only.",
     AbsolutePath{at<&C::site, &S::probe_password_file>, true}},
};

}  // namespace

std::span<const Option> site_options() {
  return rows;
}

}  // namespace pec::config
