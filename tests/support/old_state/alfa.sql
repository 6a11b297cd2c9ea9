BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','dario@pec.beta.example',1795982310,1795982310,1795982311,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','bruno@pec.alfa.example',1795982310,1795982310,1795982310,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','nessuno@pec.beta.example',1795982310,NULL,NULL,1795982310,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','dario@pec.beta.example',1795982310,NULL,NULL,1795982311,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','giulia@pec.gamma.example',1795982310,NULL,NULL,NULL,1796029111,1796072311,1,0);
INSERT INTO "dispatch" VALUES('20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','giulia@pec.gamma.example',1795982311,NULL,NULL,NULL,1796029111,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195831.shdwmxdftcjauqvtdyxoakxzhq@pec.alfa.example','giulia@pec.gamma.example',1795982311,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','dario@pec.beta.example',NULL,1795982311,1795982311,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','dario@pec.beta.example',1795982312,1795982319,1795982317,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','bruno@pec.alfa.example',1795982312,1795982312,1795982314,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195841.acf6h7q2g6un4btuqqgyi6vvmy@pec.alfa.example','nessuno@pec.beta.example',1795982321,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195841.acf6h7q2g6un4btuqqgyi6vvmy@pec.alfa.example','niente@pec.beta.example',1795982321,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','dario@pec.beta.example',1795982321,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195841.dg57qcf3oodyumu5ezlyb7aew4@pec.alfa.example','elena@pec.beta.example',1795982321,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','elena@pec.beta.example',1795982322,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195842.6gfoon4sc65pypnyzmfusorwee@pec.alfa.example','fabio@pec.beta.example',1795982322,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195842.5q64xizmkw5vezeudwbast7mf4@pec.alfa.example','elena@pec.beta.example',1795982322,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195842.yfqej3hiukvgf6dxaaard2ozkm@pec.alfa.example','dario@pec.beta.example',1795982322,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195842.yfqej3hiukvgf6dxaaard2ozkm@pec.alfa.example','elena@pec.beta.example',1795982322,NULL,NULL,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
INSERT INTO "domain" VALUES('comune.example','',1795982310);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','posta-certificata','issued','',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','accettazione','issued','',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.kmcpfrcuchygxjkginrvncklwa@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.6vxywtefwau4ho52wiro75ezx4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195830.pgt3ic4u6hqnzcrcztpndtmvu4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','posta-certificata','received','anna@pec.alfa.example',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','presa-in-carico','issued','anna@pec.alfa.example',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195830.magxwrrpmx55fj45zwwl6qxueq@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','posta-certificata','issued','',1795982310,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','accettazione','issued','',1795982310,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129195830.cunlyhplz4daz4mpkjxuws3uge@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','avvenuta-consegna','issued','anna@pec.alfa.example',1795982310,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195830.oaeee7kfyvvdpp3mvwhcabnz5y@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','errore-consegna','issued','nessuno@pec.beta.example',1795982310,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129195830.52whvbwaybbptuat5fhkhm2coa@pec.alfa.example','no-dest','5.1.1 - PEC Alfa S.p.A. - indirizzo non valido (550 5.1.1 <nessuno@pec.beta.example>: Recipient address rejected: User unknown in virtual mailbox table)','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795982310,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129195830.ruh32rsltez6cqx5aymifedcoq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','posta-certificata','issued','',1795982310,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','accettazione','issued','',1795982310,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195830.y63cahymmsf4eggjt7jolyhoqa@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','posta-certificata','issued','',1795982310,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','accettazione','issued','',1795982310,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195830.6t2hunbz5mnrspa7cpfe555jyy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795982311,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129195830.hvydnmbh5p2wrozuozbqt3ke6u@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795982311,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129195831.jhl372k4fr3ekvfx5ipweyeruq@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','errore-consegna','issued','dario@pec.beta.example',1795982311,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129195831.lql45g3ybqeoreqx3pbqlcamea@pec.alfa.example','virus','5.5.1 - PEC Alfa S.p.A. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796029111,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195831.xdpttlmmh63avarczpbr5yev3y@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','preavviso-errore-consegna','issued','giulia@pec.gamma.example',1796072311,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195831.dxzyoxbqwelztd54fqzpyq3axq@pec.alfa.example','altro','5.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','posta-certificata','issued','',1795982311,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','accettazione','issued','',1795982311,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129195831.xevtpbt5hvr5nwb2mh2x62oqzm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796029111,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129195831.j4qw32c6mqolbbyrfg3kvb35oq@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.shdwmxdftcjauqvtdyxoakxzhq@pec.alfa.example','posta-certificata','issued','',1795982311,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129195831.shdwmxdftcjauqvtdyxoakxzhq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.shdwmxdftcjauqvtdyxoakxzhq@pec.alfa.example','accettazione','issued','',1795982311,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129195831.pccg4ujru5cn47i2wmnms3fvkq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795982311,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129195831.snyetrxjshitwfv7xq6ugh6hre@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795982311,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129195831.msgje5ld3f3wwdyqyeoqfyx7gq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','posta-certificata','issued','',1795982312,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','accettazione','issued','',1795982312,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195834.nlmtqwvx5ojnci22ekm2tkpbre@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795982312,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195834.kvsyxj7ftmwn662ybwxihfk53q@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795982314,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195834.uk7b2yll6v6hxstacvdlm3xgwa@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795982317,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129195836.qykwf4hqn7wnfhwxdp2xruvfe4@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795982319,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129195836.4wtgw66yav6xbzqlydteiejcrq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.acf6h7q2g6un4btuqqgyi6vvmy@pec.alfa.example','posta-certificata','issued','',1795982321,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129195841.acf6h7q2g6un4btuqqgyi6vvmy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.acf6h7q2g6un4btuqqgyi6vvmy@pec.alfa.example','accettazione','issued','',1795982321,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129195841.de3lmpg2iuolt7r3h63a2ld62e@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','posta-certificata','issued','',1795982321,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','accettazione','issued','',1795982321,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195841.26b5txcwlnhbcizkyxzn3y3noe@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795982321,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Beta S.r.l.','20261129195841.i5fyukjxkmmzzk5mrirhfxtw3i@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.dg57qcf3oodyumu5ezlyb7aew4@pec.alfa.example','posta-certificata','issued','',1795982321,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129195841.dg57qcf3oodyumu5ezlyb7aew4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195841.dg57qcf3oodyumu5ezlyb7aew4@pec.alfa.example','accettazione','issued','',1795982321,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129195841.a76dftljvkkpjyebd2gp6kify4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','posta-certificata','issued','',1795982322,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','accettazione','issued','',1795982322,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195842.7qcjwx56aap2h3ursu4ssjbkb4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.6gfoon4sc65pypnyzmfusorwee@pec.alfa.example','posta-certificata','issued','',1795982322,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129195842.6gfoon4sc65pypnyzmfusorwee@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.6gfoon4sc65pypnyzmfusorwee@pec.alfa.example','accettazione','issued','',1795982322,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129195842.n6r5dbchayatxtm2dn3oucbx4i@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.5q64xizmkw5vezeudwbast7mf4@pec.alfa.example','posta-certificata','issued','',1795982322,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129195842.5q64xizmkw5vezeudwbast7mf4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.5q64xizmkw5vezeudwbast7mf4@pec.alfa.example','accettazione','issued','',1795982322,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129195842.dtr6yb7724onwc4nxcqgmhgsfa@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.yfqej3hiukvgf6dxaaard2ozkm@pec.alfa.example','posta-certificata','issued','',1795982322,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129195842.yfqej3hiukvgf6dxaaard2ozkm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195842.yfqej3hiukvgf6dxaaard2ozkm@pec.alfa.example','accettazione','issued','',1795982322,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129195842.kpfxunocc3ucspw45qtke473fy@pec.alfa.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
INSERT INTO "incident" VALUES('accettazione','20261129195831.7vswdycvrxzddg4n774plev6u4@pec.alfa.example','anna@pec.alfa.example',1795982311,1795982311,'5.7.1 554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied','UmV0dXJuLVBhdGg6IDxhbm5hQHBlYy5hbGZhLmV4YW1wbGU+DQpSZWNlaXZlZDogZnJvbSBbMTI3
LjAuMC4xXSAobG9jYWxob3N0IFsxMjcuMC4wLjFdKQ0KCWJ5IG14LnBlYy5hbGZhLmV4YW1wbGUg
KFBvc3RmaXgpIHdpdGggRVNNVFBTQSBpZCA0amN5ZE00YnF5ejFiWTBEDQoJZm9yIDxkYXJpb0Bw
ZWMuYmV0YS5leGFtcGxlPjsgU3VuLCAyOSBOb3YgMjAyNiAxOTo1ODozMSArMDAwMCAoVVRDKQ0K
RGF0ZTogU3VuLCAyOSBOb3YgMjAyNiAyMDo1ODozMSArMDEwMA0KRnJvbTogIlBlciBjb250byBk
aTogYW5uYUBwZWMuYWxmYS5leGFtcGxlIiA8cG9zdGEtY2VydGlmaWNhdGFAcGVjLmFsZmEuZXhh
bXBsZT4NClJlcGx5LVRvOiBhbm5hQHBlYy5hbGZhLmV4YW1wbGUNClRvOiBkYXJpb0BwZWMuYmV0
YS5leGFtcGxlDQpNZXNzYWdlLUlEOiA8MjAyNjExMjkxOTU4MzEuN3Zzd2R5Y3ZyeHpkZGc0bjc3
NHBsZXY2dTRAcGVjLmFsZmEuZXhhbXBsZT4NClN1YmplY3Q6IFBPU1RBIENFUlRJRklDQVRBOiBz
ZW56YSBhY2NldHRhemlvbmUNCk1JTUUtVmVyc2lvbjogMS4wDQpDb250ZW50LVR5cGU6IG11bHRp
cGFydC9zaWduZWQ7IHByb3RvY29sPSJhcHBsaWNhdGlvbi9wa2NzNy1zaWduYXR1cmUiOw0KCW1p
Y2FsZz1zaGEtMjU2OyBib3VuZGFyeT0icGVjLXNpZ25lZC0yMDI2MTEyOTE5NTgzMS43dnN3ZHlj
dnJ4emRkZzRuNzc0cGxldjZ1NCINCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IDdiaXQNClgt
VHJhc3BvcnRvOiBwb3N0YS1jZXJ0aWZpY2F0YQ0KWC1SaWZlcmltZW50by1NZXNzYWdlLUlEOiA8
c2VuemEtYWNjZXR0YXppb25lQGNsaWVudD4NClgtVGlwb1JpY2V2dXRhOiBjb21wbGV0YQ0KDQpU
aGlzIGlzIGFuIFMvTUlNRSBzaWduZWQgbWVzc2FnZQ0KDQotLXBlYy1zaWduZWQtMjAyNjExMjkx
OTU4MzEuN3Zzd2R5Y3ZyeHpkZGc0bjc3NHBsZXY2dTQNCkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0
L21peGVkOyBib3VuZGFyeT0icGVjLW1peGVkLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRn
NG43NzRwbGV2NnU0Ig0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogN2JpdA0KDQotLXBlYy1t
aXhlZC0yMDI2MTEyOTE5NTgzMS43dnN3ZHljdnJ4emRkZzRuNzc0cGxldjZ1NA0KQ29udGVudC1U
eXBlOiBtdWx0aXBhcnQvYWx0ZXJuYXRpdmU7IGJvdW5kYXJ5PSJwZWMtYWx0ZXJuYXRpdmUtMjAy
NjExMjkxOTU4MzEuN3Zzd2R5Y3ZyeHpkZGc0bjc3NHBsZXY2dTQiDQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0DQpDb250ZW50LVR5
cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9aXNvLTg4NTktMQ0KQ29udGVudC1EaXNwb3NpdGlvbjog
aW5saW5lDQpDb250ZW50LVRyYW5zZmVyLUVuY29kaW5nOiBxdW90ZWQtcHJpbnRhYmxlDQoNCk1l
c3NhZ2dpbyBkaSBwb3N0YSBjZXJ0aWZpY2F0YQ0KDQpJbCBnaW9ybm8gMjkvMTEvMjAyNiBhbGxl
IG9yZSAyMDo1ODozMSAoKzAxMDApIGlsIG1lc3NhZ2dpbw0KInNlbnphIGFjY2V0dGF6aW9uZSIg
PUU4IHN0YXRvIGludmlhdG8gZGEgImFubmFAcGVjLmFsZmEuZXhhbXBsZSINCmluZGlyaXp6YXRv
IGE6DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlDQpJbCBtZXNzYWdnaW8gb3JpZ2luYWxlID1FOCBp
bmNsdXNvIGluIGFsbGVnYXRvLg0KSWRlbnRpZmljYXRpdm8gbWVzc2FnZ2lvOiAyMDI2MTEyOTE5
NTgzMS43dnN3ZHljdnJ4emRkZzRuNzc0cGxldjZ1NEBwZWMuYWxmPQ0KYS5leGFtcGxlDQoNCi0t
cGVjLWFsdGVybmF0aXZlLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0
DQpDb250ZW50LVR5cGU6IHRleHQvaHRtbDsgY2hhcnNldD1pc28tODg1OS0xDQpDb250ZW50LURp
c3Bvc2l0aW9uOiBpbmxpbmUNCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IHF1b3RlZC1wcmlu
dGFibGUNCg0KPGh0bWw+DQo8aGVhZD48dGl0bGU+TWVzc2FnZ2lvIGRpIHBvc3RhIGNlcnRpZmlj
YXRhPC90aXRsZT48L2hlYWQ+DQo8Ym9keT4NCjxoMz5NZXNzYWdnaW8gZGkgcG9zdGEgY2VydGlm
aWNhdGE8L2gzPg0KSWwgZ2lvcm5vIDI5LzExLzIwMjYgYWxsZSBvcmUgMjA6NTg6MzEgKCswMTAw
KSBpbCBtZXNzYWdnaW88YnI+DQomcXVvdDtzZW56YSBhY2NldHRhemlvbmUmcXVvdDsgPUU4IHN0
YXRvIGludmlhdG8gZGEgJnF1b3Q7YW5uYUBwZWMuYWxmYS5leGE9DQptcGxlJnF1b3Q7PGJyPg0K
aW5kaXJpenphdG8gYTo8YnI+DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlPGJyPg0KSWwgbWVzc2Fn
Z2lvIG9yaWdpbmFsZSA9RTggaW5jbHVzbyBpbiBhbGxlZ2F0by48YnI+DQpJZGVudGlmaWNhdGl2
byBtZXNzYWdnaW86IDIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0QHBl
Yy5hbGY9DQphLmV4YW1wbGU8YnI+DQo8L2JvZHk+DQo8L2h0bWw+DQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0LS0NCg0KLS1wZWMt
bWl4ZWQtMjAyNjExMjkxOTU4MzEuN3Zzd2R5Y3ZyeHpkZGc0bjc3NHBsZXY2dTQNCkNvbnRlbnQt
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
eU1ESTJQQzluYVc5eWJtOCtDaUFnSUNBZ0lDQWdJQ0FnSUR4dg0KY21FK01qQTZOVGc2TXpFOEwy
OXlZVDRLSUNBZ0lDQWdJQ0E4TDJSaGRHRStDaUFnSUNBZ0lDQWdQR2xrWlc1MGFXWnBZMkYwYVha
dg0KUGpJd01qWXhNVEk1TVRrMU9ETXhMamQyYzNka2VXTjJjbmg2WkdSbk5HNDNOelJ3YkdWMk5u
VTBRSEJsWXk1aGJHWmhMbVY0WVcxdw0KYkdVOEwybGtaVzUwYVdacFkyRjBhWFp2UGdvZ0lDQWdJ
Q0FnSUR4dGMyZHBaRDRtYkhRN2MyVnVlbUV0WVdOalpYUjBZWHBwYjI1bA0KUUdOc2FXVnVkQ1pu
ZERzOEwyMXpaMmxrUGdvZ0lDQWdJQ0FnSUR4eWFXTmxkblYwWVNCMGFYQnZQU0pqYjIxd2JHVjBZ
U0lnTHo0Sw0KSUNBZ0lEd3ZaR0YwYVQ0S1BDOXdiM04wWVdObGNuUStDZz09DQoNCi0tcGVjLW1p
eGVkLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0DQpDb250ZW50LVR5
cGU6IG1lc3NhZ2UvcmZjODIyOyBuYW1lPSJwb3N0YWNlcnQuZW1sIg0KQ29udGVudC1EaXNwb3Np
dGlvbjogaW5saW5lOyBmaWxlbmFtZT0icG9zdGFjZXJ0LmVtbCINCkNvbnRlbnQtVHJhbnNmZXIt
RW5jb2Rpbmc6IDdiaXQNCg0KRnJvbTogYW5uYUBwZWMuYWxmYS5leGFtcGxlDQpUbzogZGFyaW9A
cGVjLmJldGEuZXhhbXBsZQ0KU3ViamVjdDogc2VuemEgYWNjZXR0YXppb25lDQpNZXNzYWdlLUlE
OiA8MjAyNjExMjkxOTU4MzEuN3Zzd2R5Y3ZyeHpkZGc0bjc3NHBsZXY2dTRAcGVjLmFsZmEuZXhh
bXBsZT4NClgtUmlmZXJpbWVudG8tTWVzc2FnZS1JRDogPHNlbnphLWFjY2V0dGF6aW9uZUBjbGll
bnQ+DQpEYXRlOiBTdW4sIDIyIE5vdiAyMDI2IDA1OjExOjAwICswMTAwDQoNCkNpYW8uDQoNCi0t
cGVjLW1peGVkLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0LS0NCg0K
LS1wZWMtc2lnbmVkLTIwMjYxMTI5MTk1ODMxLjd2c3dkeWN2cnh6ZGRnNG43NzRwbGV2NnU0DQpD
b250ZW50LVR5cGU6IGFwcGxpY2F0aW9uL3BrY3M3LXNpZ25hdHVyZTsgbmFtZT0ic21pbWUucDdz
Ig0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0DQpDb250ZW50LURpc3Bvc2l0aW9u
OiBhdHRhY2htZW50OyBmaWxlbmFtZT0ic21pbWUucDdzIg0KDQpNSUlFM0FZSktvWklodmNOQVFj
Q29JSUV6VENDQk1rQ0FRRXhEVEFMQmdsZ2hrZ0JaUU1FQWdFd0N3WUpLb1pJaHZjTkFRY0JvSUlD
DQp4akNDQXNJd2dnSm9vQU1DQVFJQ0ZCZ01EcnVqdmlkVm9mUVlKbGl3U0YwT0JxaXZNQW9HQ0Nx
R1NNNDlCQU1DTURBeERUQUxCZ05WDQpCQW9NQkZSbGMzUXhIekFkQmdOVkJBTU1GbFJsYzNRZ1Ew
RWdiMllnZEdobElITmhibVJpYjNnd0lCY05Nall4TVRJNU1UazFPREk1DQpXaGdQTWpFeU5qRXhN
RFV4T1RVNE1qbGFNRUV4Q3pBSkJnTlZCQVlUQWtsVU1SZ3dGZ1lEVlFRS0RBOVFSVU1nUVd4bVlT
QlRMbkF1DQpRUzR4R0RBV0JnTlZCQU1NRDFCRlF5QkJiR1poSUZNdWNDNUJMakNDQVNJd0RRWUpL
b1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DDQpnZ0VCQUs3SktyZ0V4WWpNSitBRmh3b0lXZjhq
dk9Pa0xNc1ZxaW9jU0U3L2tZVE1xdEdyRDJyNjUydGhwQzErOU5qNU1SaHlPd2xCDQpsUStnemp6
cVoyNk0xQzhxRFh0VldkcFBiL1FMamlTMkY5ZGpUeHd1b0xLaXdIWnJYSTJxcTZkVHJyay9VTlJs
Y1pqdW1YS01Ib2w3DQpVaGU3dUIxZ1V2YU54VnYzaFNNMnFoRUJzdW1sclYzbHF2eEpYdmR6R0kz
d1dPTXVGc3RwaTh1c0JXRHNIK2xsZ0VWOCszWGduMkx1DQozZ203dThLRFQwUTZWQ0tENlVDK1Nl
emt1VVRXRW5LaXpxaWpCQkdkaHJ0YTJHWHAvdjYxelpaK0ZmQStDTW84S0NDOGZlTUovc1RDDQpu
YUZSakNuTkxzYlk1RW5PNFZ3cFhuMGt1TEQ1b3AvbW5uNlhzSVhuN1g4Q0F3RUFBYU9CZ1RCL01B
NEdBMVVkRHdFQi93UUVBd0lIDQpnREFkQmdOVkhRNEVGZ1FVV1ZEc0E4eEhxL0oyeDBQRG5tL3pD
SWxqekdzd0h3WURWUjBqQkJnd0ZvQVVTYlpVUkZCOTZTc1I5MFkyDQpvY2Zab3VBaHcyd3dMUVlE
VlIwUkJDWXdKSUVpY0c5emRHRXRZMlZ5ZEdsbWFXTmhkR0ZBY0dWakxtRnNabUV1WlhoaGJYQnNa
VEFLDQpCZ2dxaGtqT1BRUURBZ05JQURCRkFpQTdqUmtDR0dKTzhrMVVtbWtDNmxaRnUrL1BxaDNK
ZGQwQlJMQ2JUSVE0U3dJaEFOb1lrZkhpDQozcS9LaCtnYjBnT2Y4SWpMNVBjUThVaU1IVHc3VTVp
djJid3BNWUlCM0RDQ0FkZ0NBUUV3U0RBd01RMHdDd1lEVlFRS0RBUlVaWE4wDQpNUjh3SFFZRFZR
UUREQlpVWlhOMElFTkJJRzltSUhSb1pTQnpZVzVrWW05NEFoUVlEQTY3bzc0blZhSDBHQ1pZc0Vo
ZERnYW9yekFMDQpCZ2xnaGtnQlpRTUVBZ0dnYVRBWUJna3Foa2lHOXcwQkNRTXhDd1lKS29aSWh2
Y05BUWNCTUJ3R0NTcUdTSWIzRFFFSkJURVBGdzB5DQpOakV4TWpreE9UVTRNekZhTUM4R0NTcUdT
SWIzRFFFSkJERWlCQ0JhdTloMkE1UEZoNytnYkV1dmRLdWp6Q0hmdmxTaEhFTVlzTkVlDQo1Y21Y
OHpBTkJna3Foa2lHOXcwQkFRRUZBQVNDQVFCZUJvWlVKWURhejgwTVA2SnhQODNkZjZheEpzbUc0
b1hSd2wrMGdFU1pKcjFFDQpiK3pVM2J0OXZHazR4TWRITU1pRFBNYmtqRzVJbVREaDdmdnRIYUhH
N2JNMndraHBhWHNCR2t6TGFqY3k4OHRJMzAzeEMwUzZrNThNDQpGVm5vSEpIYUwrT0VzeG44WUt1
OHRqZG9QVldUckpBNzc1SHlVeVhEY0s2UG43RncrUzZMWkVjNUJKc3VYTG84c3VOaVBmNU1sSFZT
DQpac09OMlZtOG1VUzB0L0NTZjhqUFRYUm9qZkliWWhTcXBYQXJwYyt6TTVPRGJlSVVmSysxdEVp
QzFHYlJ5dG5TaVBxZXBLUjJLdHNUDQppbjZsRllRMk90c3luRnJIZ3V1c3R3ZkY4NUJaNFhrQmFq
aW10VENML1V4QjYzN1dmR3hZQnFGdFExR0xWK2tET2dQUw0KDQotLXBlYy1zaWduZWQtMjAyNjEx
MjkxOTU4MzEuN3Zzd2R5Y3ZyeHpkZGc0bjc3NHBsZXY2dTQtLQ0K
',NULL);
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
INSERT INTO "mailbox" VALUES('nina@pec.alfa.example',0,'blocked',1795982310,'prova',0,1795982310,'Nina','','nina@pec.alfa.example','','');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
INSERT INTO "mailbox_event" VALUES('nina@pec.alfa.example',1795982310,'added','Nina');
INSERT INTO "mailbox_event" VALUES('nina@pec.alfa.example',1795982310,'blocked','prova');
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195830.kmcpfrcuchygxjkginrvncklwa@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129195830.6vxywtefwau4ho52wiro75ezx4@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.7tp74fzyl4tgk4hyzhwjfc55ka@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129195830.pgt3ic4u6hqnzcrcztpndtmvu4@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','presa-in-carico','anna@pec.alfa.example','20261129195830.magxwrrpmx55fj45zwwl6qxueq@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195830.cunlyhplz4daz4mpkjxuws3uge@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.qxbvlczqqcxe7byho3tno6ihzy@pec.beta.example','avvenuta-consegna','anna@pec.alfa.example','20261129195830.oaeee7kfyvvdpp3mvwhcabnz5y@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.tjsr25pne2vfxhg7v5jkvwgsey@pec.alfa.example','errore-consegna','nessuno@pec.beta.example','20261129195830.52whvbwaybbptuat5fhkhm2coa@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195830.y63cahymmsf4eggjt7jolyhoqa@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195830.6t2hunbz5mnrspa7cpfe555jyy@pec.alfa.example',1795982310);
INSERT INTO "receipt" VALUES('20261129195830.lh7d72su53fmklmvzathxgkr2m@pec.alfa.example','errore-consegna','dario@pec.beta.example','20261129195831.lql45g3ybqeoreqx3pbqlcamea@pec.alfa.example',1795982311);
INSERT INTO "receipt" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129195831.xdpttlmmh63avarczpbr5yev3y@pec.alfa.example',1796029111);
INSERT INTO "receipt" VALUES('20261129195830.6k6rlydffj4py3nez2mtcpwcn4@pec.alfa.example','preavviso-errore-consegna','giulia@pec.gamma.example','20261129195831.dxzyoxbqwelztd54fqzpyq3axq@pec.alfa.example',1796072311);
INSERT INTO "receipt" VALUES('20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195831.xevtpbt5hvr5nwb2mh2x62oqzm@pec.alfa.example',1795982311);
INSERT INTO "receipt" VALUES('20261129195831.uc4z54azsuag74qt4pe7dszlb4@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129195831.j4qw32c6mqolbbyrfg3kvb35oq@pec.alfa.example',1796029111);
INSERT INTO "receipt" VALUES('20261129195831.shdwmxdftcjauqvtdyxoakxzhq@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195831.pccg4ujru5cn47i2wmnms3fvkq@pec.alfa.example',1795982311);
INSERT INTO "receipt" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195834.nlmtqwvx5ojnci22ekm2tkpbre@pec.alfa.example',1795982312);
INSERT INTO "receipt" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129195834.kvsyxj7ftmwn662ybwxihfk53q@pec.alfa.example',1795982312);
INSERT INTO "receipt" VALUES('20261129195832.bfebpfbfqxlwem37qw7vb67zzi@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129195834.uk7b2yll6v6hxstacvdlm3xgwa@pec.alfa.example',1795982314);
INSERT INTO "receipt" VALUES('20261129195841.acf6h7q2g6un4btuqqgyi6vvmy@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195841.de3lmpg2iuolt7r3h63a2ld62e@pec.alfa.example',1795982321);
INSERT INTO "receipt" VALUES('20261129195841.inx6aq7j57zedoykmtsd6vzetu@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195841.26b5txcwlnhbcizkyxzn3y3noe@pec.alfa.example',1795982321);
INSERT INTO "receipt" VALUES('20261129195841.dg57qcf3oodyumu5ezlyb7aew4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195841.a76dftljvkkpjyebd2gp6kify4@pec.alfa.example',1795982321);
INSERT INTO "receipt" VALUES('20261129195842.prgw7lr4uhd4l7opi76wid6ive@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195842.7qcjwx56aap2h3ursu4ssjbkb4@pec.alfa.example',1795982322);
INSERT INTO "receipt" VALUES('20261129195842.6gfoon4sc65pypnyzmfusorwee@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195842.n6r5dbchayatxtm2dn3oucbx4i@pec.alfa.example',1795982322);
INSERT INTO "receipt" VALUES('20261129195842.5q64xizmkw5vezeudwbast7mf4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195842.dtr6yb7724onwc4nxcqgmhgsfa@pec.alfa.example',1795982322);
INSERT INTO "receipt" VALUES('20261129195842.yfqej3hiukvgf6dxaaard2ozkm@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195842.kpfxunocc3ucspw45qtke473fy@pec.alfa.example',1795982322);
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
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/alfa/run/policy.sock',1795982311);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
