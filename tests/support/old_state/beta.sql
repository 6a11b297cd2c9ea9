BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','anna@pec.alfa.example',1795981987,1795981987,1795981987,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','posta-certificata','issued','',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','accettazione','issued','',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195307.dqcfccwn7lbgloali6fgduoavu@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','presa-in-carico','received','anna@pec.alfa.example',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Alfa S.p.A.','20261129195307.mo5otk5gbhk5n7qnqmjzeesury@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.zpxbkqfzm7hgvlfg46l45rsnq4@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','avvenuta-consegna','received','anna@pec.alfa.example',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Alfa S.p.A.','20261129195307.midxva2oolwpxqggyx765ogzma@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981987,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','rilevazione-virus','issued','dario@pec.beta.example',1795981987,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195307.uemqwdt4m4ymy4jhlrsfnq4cii@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.6cvifeb6kpy6hm2frblpsgzfem@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981988,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795981988,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129195308.ufsq4nlc4czoryuiw6wxpolr2q@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795981988,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Alfa S.p.A.','20261129195308.3g2w6mscvw46vb3i3ry2cuxkjq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195311.cm62mvqca6pecleia6jrtagtsu@pec.beta.example','errore','issued','',1795981991,'<anomala@client>','gianni@ordinaria.example','certificato elena@pec.beta.example','anomala','PEC Beta S.r.l.','','altro','it is not multipart/signed','');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981991,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','presa-in-carico','issued','dario@pec.beta.example',1795981991,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195313.5ucthf5c2mj5kwzj45s3uvticm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','avvenuta-consegna','issued','dario@pec.beta.example',1795981993,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195313.b2zketn5oksud7htvu7qy7jihm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','posta-certificata','received','dario@pec.beta.example',1795981998,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','rilevazione-virus','issued','dario@pec.beta.example',1795981998,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195318.lzm4k3d6tjqkhhf5mwu76j2y6m@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','posta-certificata','received','elena@pec.beta.example',1795981999,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','presa-in-carico','issued','elena@pec.beta.example',1795981999,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195319.wzjvxzolofrxkqqq7svf43vo3m@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','avvenuta-consegna','issued','elena@pec.beta.example',1795981999,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195319.7l63xbh2sthnwurmw6bhuz6tfa@pec.beta.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','accettazione','dario@pec.beta.example','20261129195307.dqcfccwn7lbgloali6fgduoavu@pec.beta.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129195307.zpxbkqfzm7hgvlfg46l45rsnq4@pec.beta.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','rilevazione-virus','dario@pec.beta.example','20261129195307.uemqwdt4m4ymy4jhlrsfnq4cii@pec.beta.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129195307.6cvifeb6kpy6hm2frblpsgzfem@pec.beta.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129195308.ufsq4nlc4czoryuiw6wxpolr2q@pec.beta.example',1795981988);
INSERT INTO "receipt" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129195308.3g2w6mscvw46vb3i3ry2cuxkjq@pec.beta.example',1795981988);
INSERT INTO "receipt" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','presa-in-carico','dario@pec.beta.example','20261129195313.5ucthf5c2mj5kwzj45s3uvticm@pec.beta.example',1795981991);
INSERT INTO "receipt" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','avvenuta-consegna','dario@pec.beta.example','20261129195313.b2zketn5oksud7htvu7qy7jihm@pec.beta.example',1795981993);
INSERT INTO "receipt" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','rilevazione-virus','dario@pec.beta.example','20261129195318.lzm4k3d6tjqkhhf5mwu76j2y6m@pec.beta.example',1795981998);
INSERT INTO "receipt" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','presa-in-carico','elena@pec.beta.example','20261129195319.wzjvxzolofrxkqqq7svf43vo3m@pec.beta.example',1795981999);
INSERT INTO "receipt" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','avvenuta-consegna','elena@pec.beta.example','20261129195319.7l63xbh2sthnwurmw6bhuz6tfa@pec.beta.example',1795981999);
CREATE TABLE schema_version (version INTEGER NOT NULL);
INSERT INTO "schema_version" VALUES(1);
INSERT INTO "schema_version" VALUES(2);
INSERT INTO "schema_version" VALUES(3);
INSERT INTO "schema_version" VALUES(4);
INSERT INTO "schema_version" VALUES(5);
INSERT INTO "schema_version" VALUES(6);
INSERT INTO "schema_version" VALUES(7);
CREATE TABLE state ( node TEXT NOT NULL, component TEXT NOT NULL, good INTEGER NOT NULL, text TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (node, component));
INSERT INTO "state" VALUES('node.example','directory',1,'3 providers, 4 domains, as of 2026-11-29 19:53:06 UTC',1795981986);
INSERT INTO "state" VALUES('node.example','revocation',1,'/srv/pki/ca.crl: 1 of 1 CRLs up to date',1795981986);
INSERT INTO "state" VALUES('node.example','antivirus',1,'1 signatures, database of 2026-11-29 19:53 UTC, loaded 2026-11-29 19:53 UTC',1795981987);
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/beta/run/policy.sock',1795981989);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
