BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','anna@pec.alfa.example',1795981638,1795981638,1795981638,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','presa-in-carico','received','anna@pec.alfa.example',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Alfa S.p.A.','20261129194718.vhxjn4lgu4yqc3esyg64ees77e@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','avvenuta-consegna','received','anna@pec.alfa.example',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Alfa S.p.A.','20261129194718.nkhw556smobnde3byx5hf6hnme@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.fq2htefg63azehxlgiuibstpna@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','posta-certificata','issued','',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','accettazione','issued','',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194718.mzbswsxeddkwfuqwj2r43asalm@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.7p35wwm3nvzhm6noeotzrltl7m@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981638,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','rilevazione-virus','issued','dario@pec.beta.example',1795981638,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129194718.tqu63h3clrrqq5ka6q76m4uiwa@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981639,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795981639,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129194719.xlmoul5xh7bdbcbrku6lugabf4@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795981639,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129194719.g5z5ppv3wsygl2q6lap5glz5ku@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194724.g7sj22w246nrxq2pgi25zyyj5a@pec.beta.example','errore','issued','',1795981644,'<anomala@client>','gianni@ordinaria.example','certificato elena@pec.beta.example','anomala','PEC Beta S.r.l.','','altro','it is not multipart/signed','');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981643,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795981643,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194728.zn7ul66hgqdgbr4brz2b4pksmy@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795981648,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194728.dqmck4fvrzwepsblsv7xo6m2ye@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981653,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','rilevazione-virus','issued','dario@pec.beta.example',1795981653,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129194733.qr4wdfypqgy7oc5kanfplqqy3a@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','posta-certificata','received','elena@pec.beta.example',1795981654,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','presa-in-carico','issued','elena@pec.beta.example',1795981654,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194734.ss6ij3hxryfxfw25rfydsbvkbq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','avvenuta-consegna','issued','elena@pec.beta.example',1795981654,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194734.y57nhmjhfmuei64vwpluxml6em@pec.beta.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129194718.fq2htefg63azehxlgiuibstpna@pec.beta.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','accettazione','dario@pec.beta.example','20261129194718.mzbswsxeddkwfuqwj2r43asalm@pec.beta.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129194718.7p35wwm3nvzhm6noeotzrltl7m@pec.beta.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','rilevazione-virus','dario@pec.beta.example','20261129194718.tqu63h3clrrqq5ka6q76m4uiwa@pec.beta.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129194719.xlmoul5xh7bdbcbrku6lugabf4@pec.beta.example',1795981639);
INSERT INTO "receipt" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129194719.g5z5ppv3wsygl2q6lap5glz5ku@pec.beta.example',1795981639);
INSERT INTO "receipt" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129194728.zn7ul66hgqdgbr4brz2b4pksmy@pec.beta.example',1795981643);
INSERT INTO "receipt" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129194728.dqmck4fvrzwepsblsv7xo6m2ye@pec.beta.example',1795981648);
INSERT INTO "receipt" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','rilevazione-virus','dario@pec.beta.example','20261129194733.qr4wdfypqgy7oc5kanfplqqy3a@pec.beta.example',1795981653);
INSERT INTO "receipt" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','presa-in-carico','elena@pec.beta.example','20261129194734.ss6ij3hxryfxfw25rfydsbvkbq@pec.beta.example',1795981654);
INSERT INTO "receipt" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','avvenuta-consegna','elena@pec.beta.example','20261129194734.y57nhmjhfmuei64vwpluxml6em@pec.beta.example',1795981654);
CREATE TABLE schema_version (version INTEGER NOT NULL);
INSERT INTO "schema_version" VALUES(1);
INSERT INTO "schema_version" VALUES(2);
INSERT INTO "schema_version" VALUES(3);
INSERT INTO "schema_version" VALUES(4);
INSERT INTO "schema_version" VALUES(5);
INSERT INTO "schema_version" VALUES(6);
INSERT INTO "schema_version" VALUES(7);
CREATE TABLE state ( node TEXT NOT NULL, component TEXT NOT NULL, good INTEGER NOT NULL, text TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (node, component));
INSERT INTO "state" VALUES('node.example','directory',1,'3 providers, 4 domains, as of 2026-11-29 19:47:17 UTC',1795981637);
INSERT INTO "state" VALUES('node.example','revocation',1,'/srv/pki/ca.crl: 1 of 1 CRLs up to date',1795981637);
INSERT INTO "state" VALUES('node.example','antivirus',1,'1 signatures, database of 2026-11-29 19:47 UTC, loaded 2026-11-29 19:47 UTC',1795981637);
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/beta/run/policy.sock',1795981640);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
