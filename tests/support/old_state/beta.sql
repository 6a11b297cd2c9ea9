BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','anna@pec.alfa.example',1795982310,1795982310,1795982310,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','posta-certificata','issued','',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','accettazione','issued','',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195830.qsx7lcnkg5ui5bctti3n3qicm4@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.ruh32rsltez6cqx5aymifedcoq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','presa-in-carico','received','anna@pec.alfa.example',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Alfa S.p.A.','20261129195830.magxwrrpmx55fj45zwwl6qxueq@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','avvenuta-consegna','received','anna@pec.alfa.example',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Alfa S.p.A.','20261129195830.oaeee7kfyvvdpp3mvwhcabnz5y@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.hvydnmbh5p2wrozuozbqt3ke6u@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795982310,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','rilevazione-virus','issued','dario@pec.beta.example',1795982310,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195831.jhl372k4fr3ekvfx5ipweyeruq@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795982311,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795982311,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129195831.snyetrxjshitwfv7xq6ugh6hre@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795982311,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129195831.msgje5ld3f3wwdyqyeoqfyx7gq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195834.2mu2t5olvoik7nd24s37xy52tm@pec.beta.example','errore','issued','',1795982314,'<anomala@client>','gianni@ordinaria.example','certificato elena@pec.beta.example','anomala','PEC Beta S.r.l.','','altro','it is not multipart/signed','');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795982314,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795982314,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195836.4wtgw66yav6xbzqlydteiejcrq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795982316,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195836.qykwf4hqn7wnfhwxdp2xruvfe4@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795982321,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','rilevazione-virus','issued','dario@pec.beta.example',1795982321,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195841.i5fyukjxkmmzzk5mrirhfxtw3i@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','posta-certificata','received','elena@pec.beta.example',1795982322,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','presa-in-carico','issued','elena@pec.beta.example',1795982322,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195842.6zfrwmy6lem74olund627ixleu@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','avvenuta-consegna','issued','elena@pec.beta.example',1795982322,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195842.2yp3rmt5lqldaypxmcf65x2rga@pec.beta.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
INSERT INTO "mailbox" VALUES('fabio@pec.beta.example',1,'active',0,'',0,NULL,'','','','','');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
INSERT INTO "mailbox_event" VALUES('fabio@pec.beta.example',1795982310,'set','closed (certified mail only)');
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','accettazione','dario@pec.beta.example','20261129195830.qsx7lcnkg5ui5bctti3n3qicm4@pec.beta.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129195830.ruh32rsltez6cqx5aymifedcoq@pec.beta.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129195830.hvydnmbh5p2wrozuozbqt3ke6u@pec.beta.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','rilevazione-virus','dario@pec.beta.example','20261129195831.jhl372k4fr3ekvfx5ipweyeruq@pec.beta.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129195831.snyetrxjshitwfv7xq6ugh6hre@pec.beta.example',1795982311);
INSERT INTO "receipt" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129195831.msgje5ld3f3wwdyqyeoqfyx7gq@pec.beta.example',1795982311);
INSERT INTO "receipt" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129195836.4wtgw66yav6xbzqlydteiejcrq@pec.beta.example',1795982314);
INSERT INTO "receipt" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129195836.qykwf4hqn7wnfhwxdp2xruvfe4@pec.beta.example',1795982316);
INSERT INTO "receipt" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','rilevazione-virus','dario@pec.beta.example','20261129195841.i5fyukjxkmmzzk5mrirhfxtw3i@pec.beta.example',1795982321);
INSERT INTO "receipt" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','presa-in-carico','elena@pec.beta.example','20261129195842.6zfrwmy6lem74olund627ixleu@pec.beta.example',1795982322);
INSERT INTO "receipt" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','avvenuta-consegna','elena@pec.beta.example','20261129195842.2yp3rmt5lqldaypxmcf65x2rga@pec.beta.example',1795982322);
CREATE TABLE schema_version (version INTEGER NOT NULL);
INSERT INTO "schema_version" VALUES(1);
INSERT INTO "schema_version" VALUES(2);
INSERT INTO "schema_version" VALUES(3);
INSERT INTO "schema_version" VALUES(4);
INSERT INTO "schema_version" VALUES(5);
INSERT INTO "schema_version" VALUES(6);
INSERT INTO "schema_version" VALUES(7);
CREATE TABLE state ( node TEXT NOT NULL, component TEXT NOT NULL, good INTEGER NOT NULL, text TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (node, component));
INSERT INTO "state" VALUES('node.example','directory',1,'3 providers, 4 domains, as of 2026-11-29 19:58:30 UTC',1795982310);
INSERT INTO "state" VALUES('node.example','revocation',1,'/srv/pki/ca.crl: 1 of 1 CRLs up to date',1795982309);
INSERT INTO "state" VALUES('node.example','antivirus',1,'1 signatures, database of 2026-11-29 19:58 UTC, loaded 2026-11-29 19:58 UTC',1795982310);
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/beta/run/policy.sock',1795982312);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
