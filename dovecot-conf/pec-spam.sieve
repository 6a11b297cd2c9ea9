# Ordinary mail that the host's spam filter has marked. pec-milter puts the mark in X-PEC-Spam, only
# on ordinary mail that it has wrapped itself. Such mail alone has "errore" in X-Trasporto when it
# comes here. Certified mail never has that, so it passes, even if somebody puts an X-PEC-Spam into
# it.
require ["fileinto", "environment", "vnd.dovecot.environment"];

if allof (header :is "X-Trasporto" "errore", not exists "X-Ricevuta") {
  # Spam is discarded if the holder chose so: sieve_env_pec_spam = discard in the userdb.
  if allof (header :is "X-PEC-Spam" "spam",
            environment :is "vnd.dovecot.config.pec_spam" "discard") {
    discard;
    stop;
  }
  # Suspected spam is always kept: the filter may be wrong.
  if header :is "X-PEC-Spam" ["spam", "suspected"] {
    fileinto "Posta Indesiderata";
    stop;
  }
}
