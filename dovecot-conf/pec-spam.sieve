# Ordinary mail that the host's spam filter has marked. pec-milter says so in X-PEC-Spam, and only on
# what it has itself wrapped as ordinary mail: such mail alone has "errore" in X-Trasporto when it comes
# here. Nothing that is certified ever has, so it passes, whoever put an X-PEC-Spam into it.
require ["fileinto", "environment", "vnd.dovecot.environment"];

if allof (header :is "X-Trasporto" "errore", not exists "X-Ricevuta") {
  # Spam is discarded if the holder chose so: sieve_env_pec_spam = discard in the userdb.
  if allof (header :is "X-PEC-Spam" "spam",
            environment :is "vnd.dovecot.config.pec_spam" "discard") {
    discard;
    stop;
  }
  # What is suspected is always kept: the filter may be wrong.
  if header :is "X-PEC-Spam" ["spam", "suspected"] {
    fileinto "Posta Indesiderata";
    stop;
  }
}
