// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/options.hpp"

#include "config/option_checks.hpp"

#include <iterator>
#include <vector>

namespace pec::config {

namespace {

constexpr Named<LogDestination> log_destinations[] = {{"syslog", LogDestination::syslog},
                                                      {"stderr", LogDestination::standard_error}};
constexpr Named<LogLevel> log_levels[] = {{"debug", LogLevel::debug},
                                          {"info", LogLevel::info},
                                          {"warn", LogLevel::warn},
                                          {"error", LogLevel::error}};
constexpr Named<FormalLimits::Counted> counted_recipients[] = {
    {"all", FormalLimits::Counted::all},
    {"certified", FormalLimits::Counted::certified},
    {"certified-in-to", FormalLimits::Counted::certified_in_to}};
constexpr Named<TlsPolicy> tls_policies[] = {{"encrypt", TlsPolicy::encrypt},
                                             {"secure", TlsPolicy::secure}};
constexpr Named<bool> yes_or_no[] = {{"yes", true}, {"no", false}};

using C = Config;
using D = directory::DirectoryOptions;

constexpr Option most_options[] = {
    {"milter", "socket", false, "unix:/run/pec/milter.sock",
     "Where Postfix reaches the milter: unix:/PATH (the faster) or inet:PORT@HOST.",
     Text{at<&C::milter, &C::Milter::socket>, milter_socket}},
    {"milter", "temp_dir", false, "/var/tmp",
     "Folder for message bodies over 1 MiB, in files without a name while they are handled.",
     AbsolutePath{at<&C::milter, &C::Milter::temp_dir>}},

    {"provider", "name", true, "PEC Alfa S.p.A.",
     "Our providerName in the providers' directory, exactly; receipts name it as the issuer.",
     Text{at<&C::provider, &C::Provider::name>, not_empty}},
    {"provider", "domain", true, "pec.alfa.example",
     "The provider's own mail domain, which PEC msgids and posta-certificata@ are in.",
     Text{at<&C::provider, &C::Provider::domain>, mail_domain}},
    {"provider", "certificate_file", true, "/etc/pec/provider.crt",
     "The signing certificate and then its chain, PEM.",
     AbsolutePath{at<&C::provider, &C::Provider::certificate_file>}},
    {"provider", "key_file", true, "/etc/pec/provider.key",
     "The private key of that certificate, PEM without passphrase, readable by the service's user "
     "only.",
     AbsolutePath{at<&C::provider, &C::Provider::key_file>}},
    {"provider", "other_certificate_file", false, "",
     "During a renewal, the certificate before or after this one, PEM: mail signed with either "
     "must verify, so \"pecctl directory publish\" publishes both.",
     AbsolutePath{at<&C::provider, &C::Provider::other_certificate_file>, true}},
    {"provider", "service_mailbox", false, "",
     "Where other providers send their take-charge receipts and virus detections (mailReceipt), "
     "such as ricevute@pec.alfa.example; required for \"pecctl directory publish\".",
     Text{at<&C::provider, &C::Provider::service_mailbox>, service_mailbox}},
    {"provider", "time_zone", false, "Europe/Rome",
     "The legal time that texts and certified data show, by its name in the zone database.",
     Text{at<&C::provider, &C::Provider::time_zone>, not_empty}},
    {"provider", "text_file", false, "",
     "A text of the provider's own, UTF-8, that ends every receipt, notice and envelope.",
     AbsolutePath{at<&C::provider, &C::Provider::text_file>, true}},
    {"provider", "text_dir", false, "",
     "A folder of texts of the provider's own for single kinds of message, such as "
     "non-delivery.txt; each stands above that of text_file (texts/README.md).",
     AbsolutePath{at<&C::provider, &C::Provider::text_dir>, true}},
    {"provider", "second_language_dir", false, "",
     "A folder of the same texts in a second language, which stand below the Italian ones: copies "
     "of texts/english or texts/german, for example.",
     AbsolutePath{at<&C::provider, &C::Provider::second_language_dir>, true}},
    {"provider", "receipts_refer", false, "yes",
     "Whether receipts and notices refer to the message sent, by In-Reply-To and References, so "
     "that mail programs show them with it.",
     Choice<bool>{at<&C::provider, &C::Provider::receipts_refer>, yes_or_no}},

    {"limits", "message_size", false, "31457280",
     "The largest message that is accepted, in octets; a larger one gets a non-acceptance.",
     Number{at<&C::limits, &FormalLimits::message_size>, 1, most_octets}},
    {"limits", "total_size", false, "31457280",
     "The largest product of a message's size, in octets, and its recipients.",
     Number{at<&C::limits, &FormalLimits::total_size>, 1, most_octets}},
    {"limits", "counted_recipients", false, "all",
     "Which recipients count for total_size; a message for none of them counts once.",
     Choice<FormalLimits::Counted>{at<&C::limits, &FormalLimits::counted>, counted_recipients}},
    {"limits", "to_addresses", false, "250", "The most addresses that To may hold.",
     Number{at<&C::limits, &FormalLimits::to_addresses>, 1, 100'000}},
    {"limits", "line_length", false, "998",
     "The longest line that a message's body may have, in octets. A mail server on the way may "
     "break a longer one than 998, and then its signature fails.",
     Number{at<&C::limits, &FormalLimits::line_length>, 998, most_octets}},
    {"limits", "forbidden_extensions", false, "",
     "Attachments that are not accepted, by the extensions of their names: \"exe, scr\".",
     Extensions{at<&C::limits, &FormalLimits::forbidden_extensions>}},

    {"trust", "ca_file", true, "/etc/pec/trusted-cas.pem",
     "The authorities that issue the providers' signing certificates, PEM.",
     AbsolutePath{at<&C::trust, &C::Trust::ca_file>}},
    {"trust", "crl_file", false, "",
     "The current revocation lists of those authorities, PEM. Without it, revocation is not "
     "checked, for trials alone, and \"pecctl status\" says BAD; with it, mail of an authority "
     "whose list is missing or out of date waits.",
     AbsolutePath{at<&C::trust, &C::Trust::crl_file>, true}},
    {"trust", "crl_urls", false, "",
     "Where \"pecctl crl update\" fetches those lists from, http:// URLs with blanks between them; "
     "left out, from where the certificates in the directory say.",
     Words{at<&C::trust, &C::Trust::crl_urls>, http_url}},
    {"trust", "crl_grace_hours", false, "24",
     "Hours for which a list is used after its time is over, while operators are alarmed; then "
     "mail waits.",
     Number{at<&C::trust, &C::Trust::crl_grace_hours>, 0, 720}},
    {"trust", "stop_signing_hours", false, "48",
     "So many hours before our signing certificate ends nothing is signed any more, and mail "
     "waits: what is in others' queues must still verify when it comes out.",
     Number{at<&C::trust, &C::Trust::stop_signing_hours>, 0, 720}},

    {"directory", "source", true, "ldif:/var/lib/pec/directory.ldif",
     "Where the providers' directory is read from: \"ldif:\" and the path of a file, plain LDIF or "
     "LDIF in a CMS signed file (.p7m, DER); or an LDAP server, as ldaps://HOST or "
     "ldapi://%2FPATH%2FOF%2FITS%2FSOCKET.",
     Text{at<&C::directory, &D::source>, directory_source}},
    {"directory", "signer_ca_file", false, "",
     "The authorities that issue the certificate of the directory's signer, PEM; required if the "
     "file is signed.",
     AbsolutePath{at<&C::directory, &D::signer_ca_file>, true}},
    {"directory", "signer_subject", false, "",
     "The subject of the directory's signer, such as \"C=IT, O=Index, CN=Signer\", as \"openssl "
     "x509 -noout -subject\" prints it; required if the file is signed: nobody else's signature "
     "counts. Whether it was revoked the lists in trust.crl_file tell.",
     Text{at<&C::directory, &D::signer_subject>, anything}},
    {"directory", "ca_file", false, "",
     "The authorities that issue the certificate of the LDAP server, PEM; required for ldaps.",
     AbsolutePath{at<&C::directory, &D::ca_file>, true}},
    {"directory", "bind_dn", false, "",
     "Who we are to the LDAP server, if it wants to know; without it the bind is anonymous.",
     Text{at<&C::directory, &D::bind_dn>, anything}},
    {"directory", "bind_password_file", false, "",
     "The password that goes with bind_dn, readable by the service's user only.",
     AbsolutePath{at<&C::directory, &D::bind_password_file>, true}},
    {"directory", "refresh_seconds", false, "300",
     "Seconds from one look for changes at the source to the next.",
     Number{at<&C::directory, &D::refresh_seconds>, 1, 86'400}},
    {"directory", "max_shrink_percent", false, "20",
     "The share of all domains that one change may take away; a source with fewer is not taken up "
     "until the program is restarted.",
     Number{at<&C::directory, &D::max_shrink_percent>, 0, 100}},
    {"directory", "max_age_hours", false, "72",
     "How old the directory may be before its state is bad: by the date of the file, or by the "
     "last answer of the server; 0 for any age.",
     Number{at<&C::directory, &D::max_age_hours>, 0, 100'000}},
    {"directory", "former_owner_days", false, "7",
     "How many days a provider may still sign mail of a domain that it has no more: mail is in "
     "queues for five days, and delivery is remembered for seven.",
     Number{at<&C::directory, &D::former_owner_days>, 0, 365}},

    {"directory_sync", "url", false, "",
     "Where \"pecctl directory sync\" fetches the providers' directory from: LDIF in a CMS signed "
     "file (.p7m, DER), https://.",
     Text{at<&C::directory_sync, &C::DirectorySync::url>, https_url}},
    {"directory_sync", "ca_file", false, "",
     "The authorities that issue the certificate of that server, PEM; required for it.",
     AbsolutePath{at<&C::directory_sync, &C::DirectorySync::ca_file>, true}},
    {"directory_sync", "certificate_file", false, "",
     "Our certificate as that server's client and then its chain, PEM, if it wants one.",
     AbsolutePath{at<&C::directory_sync, &C::DirectorySync::certificate_file>, true}},
    {"directory_sync", "key_file", false, "",
     "The private key of that certificate, PEM without passphrase, readable by the service's user "
     "only.",
     AbsolutePath{at<&C::directory_sync, &C::DirectorySync::key_file>, true}},
    {"directory_sync", "max_size", false, "268435456",
     "The largest directory that is fetched, in octets.",
     Number{at<&C::directory_sync, &C::DirectorySync::max_size>, 1, most_octets}},
    {"directory_sync", "max_seconds", false, "300", "How long fetching it may take.",
     Number{at<&C::directory_sync, &C::DirectorySync::max_seconds>, 1, 86'400}},
    {"directory_sync", "tls_policy_map", false, "",
     "The table of certified domains for Postfix's smtp_tls_policy_maps, which sync keeps up to "
     "date: hash:/PATH, btree:/PATH, cdb:/PATH or texthash:/PATH.",
     Text{at<&C::directory_sync, &C::DirectorySync::tls_policy_map>, postfix_map}},
    {"directory_sync", "tls_policy", false, "encrypt",
     "What that table asks of a certified domain's mail server: TLS, or also a certificate for a "
     "name in that domain.",
     Choice<TlsPolicy>{at<&C::directory_sync, &C::DirectorySync::tls_policy>, tls_policies}},

    {"directory_publish", "file", false, "",
     "Where \"pecctl directory publish\" puts our own record, signed (.ldif.p7m, DER), for a web "
     "server to serve.",
     AbsolutePath{at<&C::directory_publish, &C::DirectoryPublish::file>, true}},
    {"directory_publish", "url", false, "",
     "Where the providers' directory fetches that file from, https://; the record names it as its "
     "LDIFLocationURL.",
     Text{at<&C::directory_publish, &C::DirectoryPublish::url>, https_url}},

    {"directory_check", "mx_hosts", false, "",
     "Our mail servers, as the MX records of our domains must name them, with blanks between them; "
     "required for \"pecctl directory check\".",
     Words{at<&C::directory_check, &C::DirectoryCheck::mx_hosts>, host_name, true}},
    {"directory_check", "resolver", false, "",
     "The name server that is asked for those records, ADDRESS:PORT; left out, the host's own.",
     Text{at<&C::directory_check, &C::DirectoryCheck::resolver>, name_server}},
    {"directory_check", "expiry_days", false, "30",
     "How many days before a certificate of ours ends it is complained of.",
     Number{at<&C::directory_check, &C::DirectoryCheck::expiry_days>, 1, 365}},

    {"ledger", "connection", false, "sqlite3:///var/lib/pec/ledger.db",
     "The database of the message log: sqlite3:// and an absolute path; or, for several nodes, a "
     "URI of PostgreSQL's (14 or newer), such as postgresql://pec@db/pec. A password is better "
     "kept in the .pgpass of the service's user.",
     Text{at<&C::ledger, &C::Ledger::connection>, ledger_connection}},

    {"internal", "secret_file", true, "/etc/pec/internal.secret",
     "The secret that authenticates internal recipients, 64 hex digits, the same on all our hosts "
     "and readable by the service's user only.",
     AbsolutePath{at<&C::internal, &C::Internal::secret_file>}},
    {"internal", "delivery_secret_file", true, "/etc/pec/delivery.secret",
     "The secret that the Dovecot plugin holds too, 64 hex digits; it is good for delivery "
     "receipts alone.",
     AbsolutePath{at<&C::internal, &C::Internal::delivery_secret_file>}},
    {"internal", "receipts_address", false, "127.0.0.1:10588",
     "Where Postfix's receipts service listens, as in its master.cf: loopback alone, since nothing "
     "on the way there is encrypted.",
     Text{at<&C::internal, &C::Internal::receipts_address>, loopback_address}},

    {"aliases", "tables", false, "",
     "Postfix's tables of the site's aliases, as in its virtual_alias_maps, with blanks between "
     "them, such as lmdb:/etc/pec/postfix/aliases. An alias that leads to several mailboxes has "
     "its delivery receipt when all have the message; left out, when the first one has it.",
     Words{at<&C::aliases, &C::Aliases::tables>, postfix_table}},
    {"aliases", "postmap", false, "/usr/sbin/postmap",
     "The program of Postfix's that looks things up in these tables.",
     AbsolutePath{at<&C::aliases, &C::Aliases::postmap>}},
    {"aliases", "postfix_config", false, "/etc/postfix-pec",
     "The folder of main.cf of the Postfix instance, which postmap reads.",
     AbsolutePath{at<&C::aliases, &C::Aliases::postfix_config>}},

    {"quota", "dovecot_socket", false, "/run/dovecot-pec/pec-quota",
     "Where Dovecot says how full a mailbox is (dovecot-conf/README.md). From nine tenths on a "
     "mailbox takes certified mail alone. Empty: nobody is asked, and a mailbox takes ordinary "
     "mail until it is full.",
     AbsolutePath{at<&C::quota, &C::Quota::dovecot_socket>, true}},

    {"policy", "listen", false, "unix:/run/pec/policy.sock",
     "Where Postfix reaches pec-policyd: unix:/PATH or inet:127.0.0.1:PORT, or several with blanks "
     "between them.",
     Words{at<&C::policy, &C::Policy::listen>, policy_address}},
    {"policy", "recipients", false, "500",
     "The most recipients of one message; one with more is refused as a whole. Postfix's "
     "smtpd_recipient_limit must be higher.",
     Number{at<&C::policy, &C::Policy::recipients>, 1, 100'000}},
    {"policy", "rate_minutes", false, "60",
     "The minutes that the two rates below are for, whenever they begin.",
     Number{at<&C::policy, &C::Policy::rate_minutes>, 1, 1440}},
    {"policy", "rate_messages", false, "0",
     "The most messages of one login in that time; 0 for any number.",
     Number{at<&C::policy, &C::Policy::rate_messages>, 0, 100'000}},
    {"policy", "rate_recipients", false, "0",
     "The most recipients of one login's messages in that time, together; 0 for any number.",
     Number{at<&C::policy, &C::Policy::rate_recipients>, 0, 100'000}},
    {"policy", "without_ledger", false, "wait",
     "What becomes of a message while the ledger can't be asked.",
     Choice<Fallback>{at<&C::policy, &C::Policy::without_ledger>, fallbacks}},
    {"policy", "notify_command", false, "",
     "The program that tells a holder that the mailbox was blocked, by mail elsewhere or SMS: its "
     "arguments are address, time (UTC), reason and contacts, and it exits with 0 when done.",
     AbsolutePath{at<&C::policy, &C::Policy::notify_command>, true}},
    {"policy", "logins_listen", false, "",
     "Where Dovecot asks who may try a password, such as 127.0.0.1:10590, as in its "
     "pec-logins.conf.ext; left out, wrong passwords are counted by nobody but Dovecot.",
     Text{at<&C::policy, &C::Policy::logins_listen>, loopback_address_or_none}},
    {"policy", "logins_secret_file", false, "/etc/pec/logins.secret",
     "The secret by which Dovecot is known there, 64 hex digits, readable by the service's user "
     "only.",
     AbsolutePath{at<&C::policy, &C::Policy::logins_secret_file>}},

    {"spam", "header", false, "",
     "The field in which a spam filter, which Postfix asks before pec-milter, says what it thinks "
     "of a message, such as X-Rspamd-Action or X-Spam-Level (docs/spam.md); left out, there is no "
     "filter.",
     Text{at<&C::spam, &C::Spam::filter, &FilterOptions::header>, field_name}},
    {"spam", "spam", false, "reject",
     "How that field begins for spam, in any case of letters; with SpamAssassin, as many stars as "
     "make a message spam.",
     Text{at<&C::spam, &C::Spam::filter, &FilterOptions::spam>, not_empty}},
    {"spam", "suspected", false, "add header", "How it begins for what may be spam.",
     Text{at<&C::spam, &C::Spam::filter, &FilterOptions::suspected>, not_empty}},
    {"spam", "added_fields", false, "X-Spam X-Rspamd Authentication-Results",
     "How the names of all fields begin that the filter adds, with blanks between them; they are "
     "taken away again. Postfix's table pec-filter-headers.regexp must have the same ones.",
     Words{at<&C::spam, &C::Spam::filter, &FilterOptions::added_fields>, field_name}},
    {"spam", "spam_messages", false, "180",
     "The most spam that a login may send in one hour; with one message more its mailbox is "
     "blocked.",
     Number{at<&C::spam, &C::Spam::messages>, 0, 100'000}},
    {"spam", "series_messages", false, "0",
     "How many empty or nearly identical messages in a row, at regular intervals, block a mailbox: "
     "three or more; 0 for none.",
     Number{at<&C::spam, &C::Spam::series_messages>, 3, 1000, true}},
    {"spam", "sieve_script", false, "/etc/dovecot-pec/pec-spam.sieve",
     "Dovecot's script that files or discards spam (dovecot-conf/README.md). Nothing reads it "
     "here, but whoever may write to it decides what users get: \"--check\" says so.",
     AbsolutePath{at<&C::spam, &C::Spam::sieve_script>, true}},

    {"timeouts", "early_hours", false, "12",
     "Hours after which a sender is told that neither take-charge nor delivery has come: twelve by "
     "law (RFC 6109, 3.1.6), and its text says so.",
     Number{at<&C::timeouts, &C::Timeouts::early_hours>, 12, 14}},
    {"timeouts", "timeout_hours", false, "24",
     "Hours after which a sender is told that no delivery receipt has come: not before 22, and by "
     "24 the law (RFC 6109, 3.1.6) has the dispatch end.",
     Number{at<&C::timeouts, &C::Timeouts::timeout_hours>, 22, 24}},

    {"log", "destination", false, "syslog", "Where log lines go.",
     Choice<LogDestination>{at<&C::log, &C::Log::destination>, log_destinations}},
    {"log", "level", false, "info", "The least severity that is logged.",
     Choice<LogLevel>{at<&C::log, &C::Log::level>, log_levels}},
};

}  // namespace

std::span<const Option> options() {
  static const auto all = [] {
    std::vector<Option> joined(std::begin(most_options), std::end(most_options));
    for (const auto part : {antivirus_options(), site_options()})
      joined.insert(joined.end(), part.begin(), part.end());
    return joined;
  }();
  return all;
}

}  // namespace pec::config
