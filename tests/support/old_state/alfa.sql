BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','dario@pec.beta.example',1795981638,1795981638,1795981638,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','bruno@pec.alfa.example',1795981638,1795981638,1795981638,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','nessuno@pec.beta.example',1795981638,NULL,NULL,1795981638,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','dario@pec.beta.example',1795981638,NULL,NULL,1795981638,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','giulia@pec.gamma.example',1795981638,NULL,NULL,NULL,1796028438,1796071638,1,0);
INSERT INTO "dispatch" VALUES('20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','giulia@pec.gamma.example',1795981638,NULL,NULL,NULL,1796028439,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194719.6w4qmgi47rfbp4qcrjkggx66pq@pec.alfa.example','giulia@pec.gamma.example',1795981639,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','dario@pec.beta.example',NULL,1795981639,1795981639,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','dario@pec.beta.example',1795981640,1795981650,1795981650,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','bruno@pec.alfa.example',1795981640,1795981640,1795981643,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194733.bc3ofnw5ywyijdfrdwzr3f4an4@pec.alfa.example','nessuno@pec.beta.example',1795981653,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194733.bc3ofnw5ywyijdfrdwzr3f4an4@pec.alfa.example','niente@pec.beta.example',1795981653,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','dario@pec.beta.example',1795981653,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194733.m2jiw2ldbrpymtvuj3i56tz73a@pec.alfa.example','elena@pec.beta.example',1795981653,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','elena@pec.beta.example',1795981654,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194734.r54tvtai2zkvaw5grmglxlod4e@pec.alfa.example','fabio@pec.beta.example',1795981654,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194734.cdp4bmtz6dbwmbl5krcjs6whm4@pec.alfa.example','elena@pec.beta.example',1795981654,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194734.hl2w6pzjz2qasxsrzjioouylsq@pec.alfa.example','dario@pec.beta.example',1795981654,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194734.hl2w6pzjz2qasxsrzjioouylsq@pec.alfa.example','elena@pec.beta.example',1795981654,NULL,NULL,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','posta-certificata','issued','',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','accettazione','issued','',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.kakrjqkumvrmhtvxmtvuris7oy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.q2mqpktdprovz3ffirhker76my@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194718.b7poz2jtxtkmkwwl5ila7gqb7q@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','posta-certificata','received','anna@pec.alfa.example',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','presa-in-carico','issued','anna@pec.alfa.example',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194718.vhxjn4lgu4yqc3esyg64ees77e@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','avvenuta-consegna','issued','anna@pec.alfa.example',1795981638,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194718.nkhw556smobnde3byx5hf6hnme@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','posta-certificata','issued','',1795981638,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','accettazione','issued','',1795981638,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129194718.gczyud4pncxbns44jdb7x4tut4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','posta-certificata','issued','',1795981638,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','accettazione','issued','',1795981638,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129194718.zwg4xlu2ltjxsq44iig4e6nd4u@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','errore-consegna','issued','nessuno@pec.beta.example',1795981638,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129194718.y6cvpovhmgedyfa5jlmn5yspvy@pec.alfa.example','no-dest','5.1.1 - PEC Alfa S.p.A. - indirizzo non valido (550 5.1.1 <nessuno@pec.beta.example>: Recipient address rejected: User unknown in virtual mailbox table)','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','posta-certificata','issued','',1795981638,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','accettazione','issued','',1795981638,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194718.xils3v7kissxa5xqzw6oosikpi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129194718.fq2htefg63azehxlgiuibstpna@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981638,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129194718.7p35wwm3nvzhm6noeotzrltl7m@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795981638,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129194718.tqu63h3clrrqq5ka6q76m4uiwa@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','errore-consegna','issued','dario@pec.beta.example',1795981638,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129194718.swzvdzs7oowdylse62bpk5dp6i@pec.alfa.example','virus','5.5.1 - PEC Alfa S.p.A. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796028438,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194718.7liatonz7d54qqdvxs64uw4w6u@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','preavviso-errore-consegna','issued','giulia@pec.gamma.example',1796071638,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194718.yml7c5gqhfxoqco36iyhywc4qu@pec.alfa.example','altro','5.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','posta-certificata','issued','',1795981638,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','accettazione','issued','',1795981638,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129194718.gggy3jid7okxo5h4zicepwseqm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796028439,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129194719.4yleovbri5dsght5h7gspbfjxy@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.6w4qmgi47rfbp4qcrjkggx66pq@pec.alfa.example','posta-certificata','issued','',1795981639,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129194719.6w4qmgi47rfbp4qcrjkggx66pq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.6w4qmgi47rfbp4qcrjkggx66pq@pec.alfa.example','accettazione','issued','',1795981639,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129194719.r62w3v7uutgfrmr6mey76zae6y@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981639,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129194719.xlmoul5xh7bdbcbrku6lugabf4@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981639,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129194719.g5z5ppv3wsygl2q6lap5glz5ku@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','posta-certificata','issued','',1795981640,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','accettazione','issued','',1795981640,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194723.5j6lnrobcdzik2xy5jyhzk5zye@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795981640,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194723.aarthg2ratehqfkvxhsfmlauae@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795981643,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194723.if3fegfbgy4furjktgfajz4t44@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981650,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129194728.dqmck4fvrzwepsblsv7xo6m2ye@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981650,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129194728.zn7ul66hgqdgbr4brz2b4pksmy@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.bc3ofnw5ywyijdfrdwzr3f4an4@pec.alfa.example','posta-certificata','issued','',1795981653,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129194733.bc3ofnw5ywyijdfrdwzr3f4an4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.bc3ofnw5ywyijdfrdwzr3f4an4@pec.alfa.example','accettazione','issued','',1795981653,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129194733.ktrabzbamq5fxypjgtdpdovmcu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','posta-certificata','issued','',1795981653,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','accettazione','issued','',1795981653,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129194733.v43mv4wrgss43qokqnnio7qfem@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795981653,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Beta S.r.l.','20261129194733.qr4wdfypqgy7oc5kanfplqqy3a@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.m2jiw2ldbrpymtvuj3i56tz73a@pec.alfa.example','posta-certificata','issued','',1795981653,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129194733.m2jiw2ldbrpymtvuj3i56tz73a@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194733.m2jiw2ldbrpymtvuj3i56tz73a@pec.alfa.example','accettazione','issued','',1795981653,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129194733.r4hk6l2aclo6q7zeqtisc2elr4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','posta-certificata','issued','',1795981654,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','accettazione','issued','',1795981654,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194734.rjpfwavtll2tv3i3u7vhn5f354@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.r54tvtai2zkvaw5grmglxlod4e@pec.alfa.example','posta-certificata','issued','',1795981654,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129194734.r54tvtai2zkvaw5grmglxlod4e@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.r54tvtai2zkvaw5grmglxlod4e@pec.alfa.example','accettazione','issued','',1795981654,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129194734.rea5td25grkjnl5egp4rfygjem@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.cdp4bmtz6dbwmbl5krcjs6whm4@pec.alfa.example','posta-certificata','issued','',1795981654,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129194734.cdp4bmtz6dbwmbl5krcjs6whm4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.cdp4bmtz6dbwmbl5krcjs6whm4@pec.alfa.example','accettazione','issued','',1795981654,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129194734.svynz7famuz7sdlzilemzdfrdi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.hl2w6pzjz2qasxsrzjioouylsq@pec.alfa.example','posta-certificata','issued','',1795981654,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129194734.hl2w6pzjz2qasxsrzjioouylsq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194734.hl2w6pzjz2qasxsrzjioouylsq@pec.alfa.example','accettazione','issued','',1795981654,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129194734.ads2zc6a654baotjhel3whksjm@pec.alfa.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
INSERT INTO "incident" VALUES('accettazione','20261129194719.zcs6qpremyar5sjggbzchzw4vm@pec.alfa.example','anna@pec.alfa.example',1795981639,1795981639,'5.7.1 554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied','UmV0dXJuLVBhdGg6IDxhbm5hQHBlYy5hbGZhLmV4YW1wbGU+DQpSZWNlaXZlZDogZnJvbSBbMTI3
LjAuMC4xXSAobG9jYWxob3N0IFsxMjcuMC4wLjFdKQ0KCWJ5IG14LnBlYy5hbGZhLmV4YW1wbGUg
KFBvc3RmaXgpIHdpdGggRVNNVFBTQSBpZCA0amN5TlIyeTlHejFiWjZwDQoJZm9yIDxkYXJpb0Bw
ZWMuYmV0YS5leGFtcGxlPjsgU3VuLCAyOSBOb3YgMjAyNiAxOTo0NzoxOSArMDAwMCAoVVRDKQ0K
RGF0ZTogU3VuLCAyOSBOb3YgMjAyNiAyMDo0NzoxOSArMDEwMA0KRnJvbTogIlBlciBjb250byBk
aTogYW5uYUBwZWMuYWxmYS5leGFtcGxlIiA8cG9zdGEtY2VydGlmaWNhdGFAcGVjLmFsZmEuZXhh
bXBsZT4NClJlcGx5LVRvOiBhbm5hQHBlYy5hbGZhLmV4YW1wbGUNClRvOiBkYXJpb0BwZWMuYmV0
YS5leGFtcGxlDQpNZXNzYWdlLUlEOiA8MjAyNjExMjkxOTQ3MTkuemNzNnFwcmVteWFyNXNqZ2di
emNoenc0dm1AcGVjLmFsZmEuZXhhbXBsZT4NClN1YmplY3Q6IFBPU1RBIENFUlRJRklDQVRBOiBz
ZW56YSBhY2NldHRhemlvbmUNCk1JTUUtVmVyc2lvbjogMS4wDQpDb250ZW50LVR5cGU6IG11bHRp
cGFydC9zaWduZWQ7IHByb3RvY29sPSJhcHBsaWNhdGlvbi9wa2NzNy1zaWduYXR1cmUiOw0KCW1p
Y2FsZz1zaGEtMjU2OyBib3VuZGFyeT0icGVjLXNpZ25lZC0yMDI2MTEyOTE5NDcxOS56Y3M2cXBy
ZW15YXI1c2pnZ2J6Y2h6dzR2bSINCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IDdiaXQNClgt
VHJhc3BvcnRvOiBwb3N0YS1jZXJ0aWZpY2F0YQ0KWC1SaWZlcmltZW50by1NZXNzYWdlLUlEOiA8
c2VuemEtYWNjZXR0YXppb25lQGNsaWVudD4NClgtVGlwb1JpY2V2dXRhOiBjb21wbGV0YQ0KDQpU
aGlzIGlzIGFuIFMvTUlNRSBzaWduZWQgbWVzc2FnZQ0KDQotLXBlYy1zaWduZWQtMjAyNjExMjkx
OTQ3MTkuemNzNnFwcmVteWFyNXNqZ2diemNoenc0dm0NCkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0
L21peGVkOyBib3VuZGFyeT0icGVjLW1peGVkLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVz
amdnYnpjaHp3NHZtIg0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogN2JpdA0KDQotLXBlYy1t
aXhlZC0yMDI2MTEyOTE5NDcxOS56Y3M2cXByZW15YXI1c2pnZ2J6Y2h6dzR2bQ0KQ29udGVudC1U
eXBlOiBtdWx0aXBhcnQvYWx0ZXJuYXRpdmU7IGJvdW5kYXJ5PSJwZWMtYWx0ZXJuYXRpdmUtMjAy
NjExMjkxOTQ3MTkuemNzNnFwcmVteWFyNXNqZ2diemNoenc0dm0iDQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZtDQpDb250ZW50LVR5
cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9aXNvLTg4NTktMQ0KQ29udGVudC1EaXNwb3NpdGlvbjog
aW5saW5lDQpDb250ZW50LVRyYW5zZmVyLUVuY29kaW5nOiBxdW90ZWQtcHJpbnRhYmxlDQoNCk1l
c3NhZ2dpbyBkaSBwb3N0YSBjZXJ0aWZpY2F0YQ0KDQpJbCBnaW9ybm8gMjkvMTEvMjAyNiBhbGxl
IG9yZSAyMDo0NzoxOSAoKzAxMDApIGlsIG1lc3NhZ2dpbw0KInNlbnphIGFjY2V0dGF6aW9uZSIg
PUU4IHN0YXRvIGludmlhdG8gZGEgImFubmFAcGVjLmFsZmEuZXhhbXBsZSINCmluZGlyaXp6YXRv
IGE6DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlDQpJbCBtZXNzYWdnaW8gb3JpZ2luYWxlID1FOCBp
bmNsdXNvIGluIGFsbGVnYXRvLg0KSWRlbnRpZmljYXRpdm8gbWVzc2FnZ2lvOiAyMDI2MTEyOTE5
NDcxOS56Y3M2cXByZW15YXI1c2pnZ2J6Y2h6dzR2bUBwZWMuYWxmPQ0KYS5leGFtcGxlDQoNCi0t
cGVjLWFsdGVybmF0aXZlLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZt
DQpDb250ZW50LVR5cGU6IHRleHQvaHRtbDsgY2hhcnNldD1pc28tODg1OS0xDQpDb250ZW50LURp
c3Bvc2l0aW9uOiBpbmxpbmUNCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IHF1b3RlZC1wcmlu
dGFibGUNCg0KPGh0bWw+DQo8aGVhZD48dGl0bGU+TWVzc2FnZ2lvIGRpIHBvc3RhIGNlcnRpZmlj
YXRhPC90aXRsZT48L2hlYWQ+DQo8Ym9keT4NCjxoMz5NZXNzYWdnaW8gZGkgcG9zdGEgY2VydGlm
aWNhdGE8L2gzPg0KSWwgZ2lvcm5vIDI5LzExLzIwMjYgYWxsZSBvcmUgMjA6NDc6MTkgKCswMTAw
KSBpbCBtZXNzYWdnaW88YnI+DQomcXVvdDtzZW56YSBhY2NldHRhemlvbmUmcXVvdDsgPUU4IHN0
YXRvIGludmlhdG8gZGEgJnF1b3Q7YW5uYUBwZWMuYWxmYS5leGE9DQptcGxlJnF1b3Q7PGJyPg0K
aW5kaXJpenphdG8gYTo8YnI+DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlPGJyPg0KSWwgbWVzc2Fn
Z2lvIG9yaWdpbmFsZSA9RTggaW5jbHVzbyBpbiBhbGxlZ2F0by48YnI+DQpJZGVudGlmaWNhdGl2
byBtZXNzYWdnaW86IDIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZtQHBl
Yy5hbGY9DQphLmV4YW1wbGU8YnI+DQo8L2JvZHk+DQo8L2h0bWw+DQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZtLS0NCg0KLS1wZWMt
bWl4ZWQtMjAyNjExMjkxOTQ3MTkuemNzNnFwcmVteWFyNXNqZ2diemNoenc0dm0NCkNvbnRlbnQt
VHlwZTogYXBwbGljYXRpb24veG1sOyBuYW1lPSJkYXRpY2VydC54bWwiDQpDb250ZW50LURpc3Bv
c2l0aW9uOiBpbmxpbmU7IGZpbGVuYW1lPSJkYXRpY2VydC54bWwiDQpDb250ZW50LVRyYW5zZmVy
LUVuY29kaW5nOiBiYXNlNjQNCg0KUEQ5NGJXd2dkbVZ5YzJsdmJqMGlNUzR3SWlCbGJtTnZaR2x1
WnowaVZWUkdMVGdpUHo0S1BIQnZjM1JoWTJWeWRDQjBhWEJ2UFNKdw0KYjNOMFlTMWpaWEowYVda
cFkyRjBZU0lnWlhKeWIzSmxQU0p1WlhOemRXNXZJajRLSUNBZ0lEeHBiblJsYzNSaGVtbHZibVUr
Q2lBZw0KSUNBZ0lDQWdQRzFwZEhSbGJuUmxQbUZ1Ym1GQWNHVmpMbUZzWm1FdVpYaGhiWEJzWlR3
dmJXbDBkR1Z1ZEdVK0NpQWdJQ0FnSUNBZw0KUEdSbGMzUnBibUYwWVhKcElIUnBjRzg5SW1ObGNu
UnBabWxqWVhSdklqNWtZWEpwYjBCd1pXTXVZbVYwWVM1bGVHRnRjR3hsUEM5aw0KWlhOMGFXNWhk
R0Z5YVQ0S0lDQWdJQ0FnSUNBOGNtbHpjRzl6ZEdVK1lXNXVZVUJ3WldNdVlXeG1ZUzVsZUdGdGNH
eGxQQzl5YVhOdw0KYjNOMFpUNEtJQ0FnSUNBZ0lDQThiMmRuWlhSMGJ6NXpaVzU2WVNCaFkyTmxk
SFJoZW1sdmJtVThMMjluWjJWMGRHOCtDaUFnSUNBOA0KTDJsdWRHVnpkR0Y2YVc5dVpUNEtJQ0Fn
SUR4a1lYUnBQZ29nSUNBZ0lDQWdJRHhuWlhOMGIzSmxMV1Z0YVhSMFpXNTBaVDVRUlVNZw0KUVd4
bVlTQlRMbkF1UVM0OEwyZGxjM1J2Y21VdFpXMXBkSFJsYm5SbFBnb2dJQ0FnSUNBZ0lEeGtZWFJo
SUhwdmJtRTlJaXN3TVRBdw0KSWo0S0lDQWdJQ0FnSUNBZ0lDQWdQR2RwYjNKdWJ6NHlPUzh4TVM4
eU1ESTJQQzluYVc5eWJtOCtDaUFnSUNBZ0lDQWdJQ0FnSUR4dg0KY21FK01qQTZORGM2TVRrOEwy
OXlZVDRLSUNBZ0lDQWdJQ0E4TDJSaGRHRStDaUFnSUNBZ0lDQWdQR2xrWlc1MGFXWnBZMkYwYVha
dg0KUGpJd01qWXhNVEk1TVRrME56RTVMbnBqY3paeGNISmxiWGxoY2pWemFtZG5ZbnBqYUhwM05I
WnRRSEJsWXk1aGJHWmhMbVY0WVcxdw0KYkdVOEwybGtaVzUwYVdacFkyRjBhWFp2UGdvZ0lDQWdJ
Q0FnSUR4dGMyZHBaRDRtYkhRN2MyVnVlbUV0WVdOalpYUjBZWHBwYjI1bA0KUUdOc2FXVnVkQ1pu
ZERzOEwyMXpaMmxrUGdvZ0lDQWdJQ0FnSUR4eWFXTmxkblYwWVNCMGFYQnZQU0pqYjIxd2JHVjBZ
U0lnTHo0Sw0KSUNBZ0lEd3ZaR0YwYVQ0S1BDOXdiM04wWVdObGNuUStDZz09DQoNCi0tcGVjLW1p
eGVkLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZtDQpDb250ZW50LVR5
cGU6IG1lc3NhZ2UvcmZjODIyOyBuYW1lPSJwb3N0YWNlcnQuZW1sIg0KQ29udGVudC1EaXNwb3Np
dGlvbjogaW5saW5lOyBmaWxlbmFtZT0icG9zdGFjZXJ0LmVtbCINCkNvbnRlbnQtVHJhbnNmZXIt
RW5jb2Rpbmc6IDdiaXQNCg0KRnJvbTogYW5uYUBwZWMuYWxmYS5leGFtcGxlDQpUbzogZGFyaW9A
cGVjLmJldGEuZXhhbXBsZQ0KU3ViamVjdDogc2VuemEgYWNjZXR0YXppb25lDQpNZXNzYWdlLUlE
OiA8MjAyNjExMjkxOTQ3MTkuemNzNnFwcmVteWFyNXNqZ2diemNoenc0dm1AcGVjLmFsZmEuZXhh
bXBsZT4NClgtUmlmZXJpbWVudG8tTWVzc2FnZS1JRDogPHNlbnphLWFjY2V0dGF6aW9uZUBjbGll
bnQ+DQpEYXRlOiBTdW4sIDIyIE5vdiAyMDI2IDA1OjExOjAwICswMTAwDQoNCkNpYW8uDQoNCi0t
cGVjLW1peGVkLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZtLS0NCg0K
LS1wZWMtc2lnbmVkLTIwMjYxMTI5MTk0NzE5LnpjczZxcHJlbXlhcjVzamdnYnpjaHp3NHZtDQpD
b250ZW50LVR5cGU6IGFwcGxpY2F0aW9uL3BrY3M3LXNpZ25hdHVyZTsgbmFtZT0ic21pbWUucDdz
Ig0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0DQpDb250ZW50LURpc3Bvc2l0aW9u
OiBhdHRhY2htZW50OyBmaWxlbmFtZT0ic21pbWUucDdzIg0KDQpNSUlFM0FZSktvWklodmNOQVFj
Q29JSUV6VENDQk1rQ0FRRXhEVEFMQmdsZ2hrZ0JaUU1FQWdFd0N3WUpLb1pJaHZjTkFRY0JvSUlD
DQp4akNDQXNJd2dnSm9vQU1DQVFJQ0ZCVnB5WEx1bWtUbGpMU1k5c3Rjb1I4M0JRWVBNQW9HQ0Nx
R1NNNDlCQU1DTURBeERUQUxCZ05WDQpCQW9NQkZSbGMzUXhIekFkQmdOVkJBTU1GbFJsYzNRZ1Ew
RWdiMllnZEdobElITmhibVJpYjNnd0lCY05Nall4TVRJNU1UazBOekUyDQpXaGdQTWpFeU5qRXhN
RFV4T1RRM01UWmFNRUV4Q3pBSkJnTlZCQVlUQWtsVU1SZ3dGZ1lEVlFRS0RBOVFSVU1nUVd4bVlT
QlRMbkF1DQpRUzR4R0RBV0JnTlZCQU1NRDFCRlF5QkJiR1poSUZNdWNDNUJMakNDQVNJd0RRWUpL
b1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DDQpnZ0VCQUtUTEl0QzBNV2tQRmttZnFWVk1xazgr
M1c2VzI3YUlVTFhFR0dxWDBMNGZNVFpveWkvVzMyWEVTMFZ4TmlhMWp4NGdmTHU1DQpSTEluNklJ
M2xzRnFuL011L1dYd0FidFcyTmVOMmtEL2JiSk9oOXFLNzN6RUg2QTIzVXdSZjFmNlFTd3ZlZHNt
SkxsUkU1U3draVM4DQp0SlM5WmVMNndYM1NvWUZNMUdXanBVQVJ1N3ZnaWJIeWQvaGhPOTZJNHVW
ZzBrSVhvMWlLVHVjTE1yaXVSZjVvQlNrM1JQZndaWUsyDQpLeDVTakFsR0RuaXU5Sit5STdHMWFW
Tlc2cWIzTVd0eTFYeGlJWVo0Qlk3QStqaFd4QXdyZEUvMVYrd1c2SzdkTm5yZ3NaaERCcUNCDQpH
UHBUUVVrL3VzQjRuZ2R4TWJUNm5jTWtmeS9mRkFGSlZWUEpiY0pFTHJrQ0F3RUFBYU9CZ1RCL01B
NEdBMVVkRHdFQi93UUVBd0lIDQpnREFkQmdOVkhRNEVGZ1FVaUx5YXhjdzlNeExPMTVYeXZzUjYx
ZWNuSnpBd0h3WURWUjBqQkJnd0ZvQVVQSjFBU0NBdElxcWhWVFpNDQp2cHc0bklsMm1OTXdMUVlE
VlIwUkJDWXdKSUVpY0c5emRHRXRZMlZ5ZEdsbWFXTmhkR0ZBY0dWakxtRnNabUV1WlhoaGJYQnNa
VEFLDQpCZ2dxaGtqT1BRUURBZ05JQURCRkFpQTlWSTAwcGY3amJJWWNxbW1FY3FHMHVyL01uc1V1
dEtNRXJVRFRoNHBnSkFJaEFLb054VWlIDQp0elRvZUZ6VzBURGFDUHBNamtyYW96amVKVU1aQWIy
NTBTQWxNWUlCM0RDQ0FkZ0NBUUV3U0RBd01RMHdDd1lEVlFRS0RBUlVaWE4wDQpNUjh3SFFZRFZR
UUREQlpVWlhOMElFTkJJRzltSUhSb1pTQnpZVzVrWW05NEFoUVZhY2x5N3BwRTVZeTBtUGJMWEtF
Zk53VUdEekFMDQpCZ2xnaGtnQlpRTUVBZ0dnYVRBWUJna3Foa2lHOXcwQkNRTXhDd1lKS29aSWh2
Y05BUWNCTUJ3R0NTcUdTSWIzRFFFSkJURVBGdzB5DQpOakV4TWpreE9UUTNNVGxhTUM4R0NTcUdT
SWIzRFFFSkJERWlCQ0Qzenk4UHgvcGVjZldPd24yQThRZEdvR2JyUEVEZTBrSmhaOTlyDQo1Rlkz
MURBTkJna3Foa2lHOXcwQkFRRUZBQVNDQVFCWUZDN0J3MXlFWXhVMElLRnVqdEZISHBFdi81ZytQ
eUtJeGs1S01WYzVBYUtvDQpNNTZjNCtVdXFCM05ubEdxUWo3N1dTalNkTFhyVlpBWWdBUnRrdFMr
b2dob1ZoWU1ZMXhwUnhTZEJIM29Zei9la0MzSFgzRFI1QjdvDQpCRlhuS2VNQVQrbFJUNGRsZHVG
LzUvVWdhLzFHMUFwQjF2N3dWY1FQNGtwMzIyUlE1OFNsVG5GUHJLdUlJUWFnMFhINkxnWGF0N2pt
DQpmQTZTek00VWdiNzRUWmY3aWwyMG1zWkRIY0gzZW9OemtxQ0dlUU9yT2JUOFc2d1ZmbTlrbVpL
WVNDbU12UFVhMFEwci9EOFA4THJGDQo5RmJrNndIS1o0eDF3UldtY2lMM0E0cjVCMW0rWlB1cWdT
NnlNcGd1cnVseXRHR3loWVdUeUVvN0NUOWt2bmt1cWxnNA0KDQotLXBlYy1zaWduZWQtMjAyNjEx
MjkxOTQ3MTkuemNzNnFwcmVteWFyNXNqZ2diemNoenc0dm0tLQ0K
',NULL);
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194718.kakrjqkumvrmhtvxmtvuris7oy@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129194718.q2mqpktdprovz3ffirhker76my@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.bfsk53m6yodncp6dfmwymrcada@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129194718.b7poz2jtxtkmkwwl5ila7gqb7q@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','presa-in-carico','anna@pec.alfa.example','20261129194718.vhxjn4lgu4yqc3esyg64ees77e@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.3e3qbmyaztqe25mxjjjjyxxy34@pec.beta.example','avvenuta-consegna','anna@pec.alfa.example','20261129194718.nkhw556smobnde3byx5hf6hnme@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194718.gczyud4pncxbns44jdb7x4tut4@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194718.zwg4xlu2ltjxsq44iig4e6nd4u@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.7buja3od6kzbvhy5hokaza4r34@pec.alfa.example','errore-consegna','nessuno@pec.beta.example','20261129194718.y6cvpovhmgedyfa5jlmn5yspvy@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194718.xils3v7kissxa5xqzw6oosikpi@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.srvyyopkgnjmvrx54faa3hiuru@pec.alfa.example','errore-consegna','dario@pec.beta.example','20261129194718.swzvdzs7oowdylse62bpk5dp6i@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129194718.7liatonz7d54qqdvxs64uw4w6u@pec.alfa.example',1796028438);
INSERT INTO "receipt" VALUES('20261129194718.5jl2bi25zvzcjqwjdmfjcwnu5u@pec.alfa.example','preavviso-errore-consegna','giulia@pec.gamma.example','20261129194718.yml7c5gqhfxoqco36iyhywc4qu@pec.alfa.example',1796071638);
INSERT INTO "receipt" VALUES('20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194718.gggy3jid7okxo5h4zicepwseqm@pec.alfa.example',1795981638);
INSERT INTO "receipt" VALUES('20261129194718.pknidinntykuk2xajfcqdcor5q@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129194719.4yleovbri5dsght5h7gspbfjxy@pec.alfa.example',1796028439);
INSERT INTO "receipt" VALUES('20261129194719.6w4qmgi47rfbp4qcrjkggx66pq@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194719.r62w3v7uutgfrmr6mey76zae6y@pec.alfa.example',1795981639);
INSERT INTO "receipt" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194723.5j6lnrobcdzik2xy5jyhzk5zye@pec.alfa.example',1795981640);
INSERT INTO "receipt" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129194723.aarthg2ratehqfkvxhsfmlauae@pec.alfa.example',1795981640);
INSERT INTO "receipt" VALUES('20261129194720.3mekc3go33gxf3zoaxyz5omkzu@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129194723.if3fegfbgy4furjktgfajz4t44@pec.alfa.example',1795981643);
INSERT INTO "receipt" VALUES('20261129194733.bc3ofnw5ywyijdfrdwzr3f4an4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194733.ktrabzbamq5fxypjgtdpdovmcu@pec.alfa.example',1795981653);
INSERT INTO "receipt" VALUES('20261129194733.nwokil6otkrzlzvpm4nnqm7ms4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194733.v43mv4wrgss43qokqnnio7qfem@pec.alfa.example',1795981653);
INSERT INTO "receipt" VALUES('20261129194733.m2jiw2ldbrpymtvuj3i56tz73a@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194733.r4hk6l2aclo6q7zeqtisc2elr4@pec.alfa.example',1795981653);
INSERT INTO "receipt" VALUES('20261129194734.nhvpbkzf3gjkq3rh7oqizf2wgm@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194734.rjpfwavtll2tv3i3u7vhn5f354@pec.alfa.example',1795981654);
INSERT INTO "receipt" VALUES('20261129194734.r54tvtai2zkvaw5grmglxlod4e@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194734.rea5td25grkjnl5egp4rfygjem@pec.alfa.example',1795981654);
INSERT INTO "receipt" VALUES('20261129194734.cdp4bmtz6dbwmbl5krcjs6whm4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194734.svynz7famuz7sdlzilemzdfrdi@pec.alfa.example',1795981654);
INSERT INTO "receipt" VALUES('20261129194734.hl2w6pzjz2qasxsrzjioouylsq@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194734.ads2zc6a654baotjhel3whksjm@pec.alfa.example',1795981654);
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
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/alfa/run/policy.sock',1795981639);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
