BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','dario@pec.beta.example',1795981253,1795981254,1795981254,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','bruno@pec.alfa.example',1795981253,1795981253,1795981253,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','nessuno@pec.beta.example',1795981253,NULL,NULL,1795981254,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','dario@pec.beta.example',1795981253,NULL,NULL,1795981254,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','giulia@pec.gamma.example',1795981254,NULL,NULL,NULL,1796028054,1796071254,1,0);
INSERT INTO "dispatch" VALUES('20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','giulia@pec.gamma.example',1795981254,NULL,NULL,NULL,1796028054,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194054.qtm5hbubz3iwog7nhuiraqg5ji@pec.alfa.example','giulia@pec.gamma.example',1795981254,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194055.s37yokpwnzdyd5g5kjw6juyqpy@pec.alfa.example','dario@pec.beta.example',NULL,1795981255,1795981255,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','bruno@pec.alfa.example',1795981255,1795981255,1795981257,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','dario@pec.beta.example',1795981255,1795981259,1795981259,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194102.r3nrfvmzovgvlvublnedfzykqa@pec.alfa.example','nessuno@pec.beta.example',1795981262,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194102.r3nrfvmzovgvlvublnedfzykqa@pec.alfa.example','niente@pec.beta.example',1795981262,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194102.fd6ml6phwhuwctb2xy77tieqwa@pec.alfa.example','dario@pec.beta.example',1795981262,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194102.lpokag6w5c3gsoeu65mkbxr5ou@pec.alfa.example','elena@pec.beta.example',1795981262,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194102.2n5bunfnarzzkjt4ank3gtwrty@pec.alfa.example','elena@pec.beta.example',1795981262,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194103.fdmty7djwd7v523i4nun7syrdq@pec.alfa.example','fabio@pec.beta.example',1795981263,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194103.tkyh5mzqjpjgqmh3g4lkoburg4@pec.alfa.example','elena@pec.beta.example',1795981263,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194104.57z6vxtrjbr5zoau6dtk4zsglu@pec.alfa.example','dario@pec.beta.example',1795981264,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129194104.57z6vxtrjbr5zoau6dtk4zsglu@pec.alfa.example','elena@pec.beta.example',1795981264,NULL,NULL,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','posta-certificata','issued','',1795981253,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','accettazione','issued','',1795981253,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194053.kx62gkjtghzcrfq4heeuerocsm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795981253,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194053.blrn65rb7ayfz6vsipmpgvavny@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','posta-certificata','issued','',1795981253,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','accettazione','issued','',1795981253,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129194053.2inizfhovukrarfvuzxiqd6s4i@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.jaiq3d7szqyvmv3ljcfua43mma@pec.beta.example','posta-certificata','received','anna@pec.alfa.example',1795981253,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194053.jaiq3d7szqyvmv3ljcfua43mma@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194053.jaiq3d7szqyvmv3ljcfua43mma@pec.beta.example','presa-in-carico','issued','anna@pec.alfa.example',1795981253,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194053.cuxvr5s6o3vwen2uxr5ysn5ffq@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795981253,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129194053.yvk3sr7es3yaqdb3amg5k3hdiu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','posta-certificata','issued','',1795981253,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','accettazione','issued','',1795981253,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129194053.lo454xvz3mygozpsn7y5qnq4x4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','errore-consegna','issued','nessuno@pec.beta.example',1795981254,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129194054.xymfifrfdelyfyrirlvcgv5fua@pec.alfa.example','no-dest','5.1.1 - PEC Alfa S.p.A. - indirizzo non valido (550 5.1.1 <nessuno@pec.beta.example>: Recipient address rejected: User unknown in virtual mailbox table)','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.jaiq3d7szqyvmv3ljcfua43mma@pec.beta.example','avvenuta-consegna','issued','anna@pec.alfa.example',1795981254,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129194054.33tbpdndqtdixfxahqofxacgjm@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','posta-certificata','issued','',1795981254,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','accettazione','issued','',1795981254,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194054.y4uj2yrdqekt7r7j7u52idhxiu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981254,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129194054.twqg5lpujf3tq3f7c6sicfrbwm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981254,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129194054.y6sluehzjpxgy4vpzyzgzoawmm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795981254,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129194054.mjtse4ozbfkzgn7jiz7hhmgeq4@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','errore-consegna','issued','dario@pec.beta.example',1795981254,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129194054.3drmixiscbqciqbw6jraoi5ete@pec.alfa.example','virus','5.5.1 - PEC Alfa S.p.A. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796028054,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194054.stj5txjwnvdhubnwjxjgori6oy@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','preavviso-errore-consegna','issued','giulia@pec.gamma.example',1796071254,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129194054.rigrvvsg76oyus6dp2jd5lpqam@pec.alfa.example','altro','5.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','posta-certificata','issued','',1795981254,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','accettazione','issued','',1795981254,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129194054.ayfzfegewwm6pup4wdqyf22w3e@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796028054,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129194054.hkkfvp4lcxmtpdj52xpetvs5r4@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.qtm5hbubz3iwog7nhuiraqg5ji@pec.alfa.example','posta-certificata','issued','',1795981254,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129194054.qtm5hbubz3iwog7nhuiraqg5ji@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194054.qtm5hbubz3iwog7nhuiraqg5ji@pec.alfa.example','accettazione','issued','',1795981254,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129194054.6anplqyqrkosss7zajkuiu2koe@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.s37yokpwnzdyd5g5kjw6juyqpy@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981255,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129194055.6i5nbjrlsxtza64ocxglobbteq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.s37yokpwnzdyd5g5kjw6juyqpy@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981255,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129194055.2qxdtburpwocklzxaadugsoj2e@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795981255,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194057.b45n2kz6gn3xg5gwtn45jtkziq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','posta-certificata','issued','',1795981255,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','accettazione','issued','',1795981255,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194057.7kgspcyynrkesukiih5e4il44y@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795981257,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129194057.cf6qusn25cqfm7ewnjik6zr25a@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981259,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129194059.wb5xeyqhtke2ozdf7wwpxqt5wm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981259,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129194059.f67noyfow6uunxwcpnqrvf5ttq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.r3nrfvmzovgvlvublnedfzykqa@pec.alfa.example','posta-certificata','issued','',1795981262,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129194102.r3nrfvmzovgvlvublnedfzykqa@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.r3nrfvmzovgvlvublnedfzykqa@pec.alfa.example','accettazione','issued','',1795981262,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129194102.nmslyvky3bvfxj6kmqsyfc3hx4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.fd6ml6phwhuwctb2xy77tieqwa@pec.alfa.example','posta-certificata','issued','',1795981262,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129194102.fd6ml6phwhuwctb2xy77tieqwa@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.fd6ml6phwhuwctb2xy77tieqwa@pec.alfa.example','accettazione','issued','',1795981262,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129194102.bxzbaxelu34o6vsxybufbx32sq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.fd6ml6phwhuwctb2xy77tieqwa@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795981262,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Beta S.r.l.','20261129194102.zj4edxt5xzgkhu6afgmukcd4z4@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.lpokag6w5c3gsoeu65mkbxr5ou@pec.alfa.example','posta-certificata','issued','',1795981262,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129194102.lpokag6w5c3gsoeu65mkbxr5ou@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.lpokag6w5c3gsoeu65mkbxr5ou@pec.alfa.example','accettazione','issued','',1795981262,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129194102.mcyvqxbgehvzqsfhp5hzmvgahm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.2n5bunfnarzzkjt4ank3gtwrty@pec.alfa.example','posta-certificata','issued','',1795981262,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194102.2n5bunfnarzzkjt4ank3gtwrty@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194102.2n5bunfnarzzkjt4ank3gtwrty@pec.alfa.example','accettazione','issued','',1795981262,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129194103.efrpracw2jjiq35yt34ponz7gm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194103.fdmty7djwd7v523i4nun7syrdq@pec.alfa.example','posta-certificata','issued','',1795981263,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129194103.fdmty7djwd7v523i4nun7syrdq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194103.fdmty7djwd7v523i4nun7syrdq@pec.alfa.example','accettazione','issued','',1795981263,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129194103.5q7maxtpreyigs7uo7jivyl6pm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194103.tkyh5mzqjpjgqmh3g4lkoburg4@pec.alfa.example','posta-certificata','issued','',1795981263,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129194103.tkyh5mzqjpjgqmh3g4lkoburg4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194103.tkyh5mzqjpjgqmh3g4lkoburg4@pec.alfa.example','accettazione','issued','',1795981263,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129194103.zguvj63ajalikwpv2scnmph2qq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194104.57z6vxtrjbr5zoau6dtk4zsglu@pec.alfa.example','posta-certificata','issued','',1795981264,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129194104.57z6vxtrjbr5zoau6dtk4zsglu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129194104.57z6vxtrjbr5zoau6dtk4zsglu@pec.alfa.example','accettazione','issued','',1795981264,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129194104.qtn7igzrlqqbd6qsfu23yocaoa@pec.alfa.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
INSERT INTO "incident" VALUES('accettazione','20261129194055.s37yokpwnzdyd5g5kjw6juyqpy@pec.alfa.example','anna@pec.alfa.example',1795981255,1795981255,'5.7.1 554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied','UmV0dXJuLVBhdGg6IDxhbm5hQHBlYy5hbGZhLmV4YW1wbGU+DQpSZWNlaXZlZDogZnJvbSBbMTI3
LjAuMC4xXSAobG9jYWxob3N0IFsxMjcuMC4wLjFdKQ0KCWJ5IG14LnBlYy5hbGZhLmV4YW1wbGUg
KFBvc3RmaXgpIHdpdGggRVNNVFBTQSBpZCA0amN5RjMxNldXejFiZjczDQoJZm9yIDxkYXJpb0Bw
ZWMuYmV0YS5leGFtcGxlPjsgU3VuLCAyOSBOb3YgMjAyNiAxOTo0MDo1NSArMDAwMCAoVVRDKQ0K
RGF0ZTogU3VuLCAyOSBOb3YgMjAyNiAyMDo0MDo1NSArMDEwMA0KRnJvbTogIlBlciBjb250byBk
aTogYW5uYUBwZWMuYWxmYS5leGFtcGxlIiA8cG9zdGEtY2VydGlmaWNhdGFAcGVjLmFsZmEuZXhh
bXBsZT4NClJlcGx5LVRvOiBhbm5hQHBlYy5hbGZhLmV4YW1wbGUNClRvOiBkYXJpb0BwZWMuYmV0
YS5leGFtcGxlDQpNZXNzYWdlLUlEOiA8MjAyNjExMjkxOTQwNTUuczM3eW9rcHduemR5ZDVnNWtq
dzZqdXlxcHlAcGVjLmFsZmEuZXhhbXBsZT4NClN1YmplY3Q6IFBPU1RBIENFUlRJRklDQVRBOiBz
ZW56YSBhY2NldHRhemlvbmUNCk1JTUUtVmVyc2lvbjogMS4wDQpDb250ZW50LVR5cGU6IG11bHRp
cGFydC9zaWduZWQ7IHByb3RvY29sPSJhcHBsaWNhdGlvbi9wa2NzNy1zaWduYXR1cmUiOw0KCW1p
Y2FsZz1zaGEtMjU2OyBib3VuZGFyeT0icGVjLXNpZ25lZC0yMDI2MTEyOTE5NDA1NS5zMzd5b2tw
d256ZHlkNWc1a2p3Nmp1eXFweSINCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IDdiaXQNClgt
VHJhc3BvcnRvOiBwb3N0YS1jZXJ0aWZpY2F0YQ0KWC1SaWZlcmltZW50by1NZXNzYWdlLUlEOiA8
c2VuemEtYWNjZXR0YXppb25lQGNsaWVudD4NClgtVGlwb1JpY2V2dXRhOiBjb21wbGV0YQ0KDQpU
aGlzIGlzIGFuIFMvTUlNRSBzaWduZWQgbWVzc2FnZQ0KDQotLXBlYy1zaWduZWQtMjAyNjExMjkx
OTQwNTUuczM3eW9rcHduemR5ZDVnNWtqdzZqdXlxcHkNCkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0
L21peGVkOyBib3VuZGFyeT0icGVjLW1peGVkLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1
ZzVranc2anV5cXB5Ig0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogN2JpdA0KDQotLXBlYy1t
aXhlZC0yMDI2MTEyOTE5NDA1NS5zMzd5b2twd256ZHlkNWc1a2p3Nmp1eXFweQ0KQ29udGVudC1U
eXBlOiBtdWx0aXBhcnQvYWx0ZXJuYXRpdmU7IGJvdW5kYXJ5PSJwZWMtYWx0ZXJuYXRpdmUtMjAy
NjExMjkxOTQwNTUuczM3eW9rcHduemR5ZDVnNWtqdzZqdXlxcHkiDQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5DQpDb250ZW50LVR5
cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9aXNvLTg4NTktMQ0KQ29udGVudC1EaXNwb3NpdGlvbjog
aW5saW5lDQpDb250ZW50LVRyYW5zZmVyLUVuY29kaW5nOiBxdW90ZWQtcHJpbnRhYmxlDQoNCk1l
c3NhZ2dpbyBkaSBwb3N0YSBjZXJ0aWZpY2F0YQ0KDQpJbCBnaW9ybm8gMjkvMTEvMjAyNiBhbGxl
IG9yZSAyMDo0MDo1NSAoKzAxMDApIGlsIG1lc3NhZ2dpbw0KInNlbnphIGFjY2V0dGF6aW9uZSIg
PUU4IHN0YXRvIGludmlhdG8gZGEgImFubmFAcGVjLmFsZmEuZXhhbXBsZSINCmluZGlyaXp6YXRv
IGE6DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlDQpJbCBtZXNzYWdnaW8gb3JpZ2luYWxlID1FOCBp
bmNsdXNvIGluIGFsbGVnYXRvLg0KSWRlbnRpZmljYXRpdm8gbWVzc2FnZ2lvOiAyMDI2MTEyOTE5
NDA1NS5zMzd5b2twd256ZHlkNWc1a2p3Nmp1eXFweUBwZWMuYWxmPQ0KYS5leGFtcGxlDQoNCi0t
cGVjLWFsdGVybmF0aXZlLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5
DQpDb250ZW50LVR5cGU6IHRleHQvaHRtbDsgY2hhcnNldD1pc28tODg1OS0xDQpDb250ZW50LURp
c3Bvc2l0aW9uOiBpbmxpbmUNCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IHF1b3RlZC1wcmlu
dGFibGUNCg0KPGh0bWw+DQo8aGVhZD48dGl0bGU+TWVzc2FnZ2lvIGRpIHBvc3RhIGNlcnRpZmlj
YXRhPC90aXRsZT48L2hlYWQ+DQo8Ym9keT4NCjxoMz5NZXNzYWdnaW8gZGkgcG9zdGEgY2VydGlm
aWNhdGE8L2gzPg0KSWwgZ2lvcm5vIDI5LzExLzIwMjYgYWxsZSBvcmUgMjA6NDA6NTUgKCswMTAw
KSBpbCBtZXNzYWdnaW88YnI+DQomcXVvdDtzZW56YSBhY2NldHRhemlvbmUmcXVvdDsgPUU4IHN0
YXRvIGludmlhdG8gZGEgJnF1b3Q7YW5uYUBwZWMuYWxmYS5leGE9DQptcGxlJnF1b3Q7PGJyPg0K
aW5kaXJpenphdG8gYTo8YnI+DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlPGJyPg0KSWwgbWVzc2Fn
Z2lvIG9yaWdpbmFsZSA9RTggaW5jbHVzbyBpbiBhbGxlZ2F0by48YnI+DQpJZGVudGlmaWNhdGl2
byBtZXNzYWdnaW86IDIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5QHBl
Yy5hbGY9DQphLmV4YW1wbGU8YnI+DQo8L2JvZHk+DQo8L2h0bWw+DQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5LS0NCg0KLS1wZWMt
bWl4ZWQtMjAyNjExMjkxOTQwNTUuczM3eW9rcHduemR5ZDVnNWtqdzZqdXlxcHkNCkNvbnRlbnQt
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
eU1ESTJQQzluYVc5eWJtOCtDaUFnSUNBZ0lDQWdJQ0FnSUR4dg0KY21FK01qQTZOREE2TlRVOEwy
OXlZVDRLSUNBZ0lDQWdJQ0E4TDJSaGRHRStDaUFnSUNBZ0lDQWdQR2xrWlc1MGFXWnBZMkYwYVha
dg0KUGpJd01qWXhNVEk1TVRrME1EVTFMbk16TjNsdmEzQjNibnBrZVdRMVp6VnJhbmMyYW5WNWNY
QjVRSEJsWXk1aGJHWmhMbVY0WVcxdw0KYkdVOEwybGtaVzUwYVdacFkyRjBhWFp2UGdvZ0lDQWdJ
Q0FnSUR4dGMyZHBaRDRtYkhRN2MyVnVlbUV0WVdOalpYUjBZWHBwYjI1bA0KUUdOc2FXVnVkQ1pu
ZERzOEwyMXpaMmxrUGdvZ0lDQWdJQ0FnSUR4eWFXTmxkblYwWVNCMGFYQnZQU0pqYjIxd2JHVjBZ
U0lnTHo0Sw0KSUNBZ0lEd3ZaR0YwYVQ0S1BDOXdiM04wWVdObGNuUStDZz09DQoNCi0tcGVjLW1p
eGVkLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5DQpDb250ZW50LVR5
cGU6IG1lc3NhZ2UvcmZjODIyOyBuYW1lPSJwb3N0YWNlcnQuZW1sIg0KQ29udGVudC1EaXNwb3Np
dGlvbjogaW5saW5lOyBmaWxlbmFtZT0icG9zdGFjZXJ0LmVtbCINCkNvbnRlbnQtVHJhbnNmZXIt
RW5jb2Rpbmc6IDdiaXQNCg0KRnJvbTogYW5uYUBwZWMuYWxmYS5leGFtcGxlDQpUbzogZGFyaW9A
cGVjLmJldGEuZXhhbXBsZQ0KU3ViamVjdDogc2VuemEgYWNjZXR0YXppb25lDQpNZXNzYWdlLUlE
OiA8MjAyNjExMjkxOTQwNTUuczM3eW9rcHduemR5ZDVnNWtqdzZqdXlxcHlAcGVjLmFsZmEuZXhh
bXBsZT4NClgtUmlmZXJpbWVudG8tTWVzc2FnZS1JRDogPHNlbnphLWFjY2V0dGF6aW9uZUBjbGll
bnQ+DQpEYXRlOiBTdW4sIDIyIE5vdiAyMDI2IDA1OjExOjAwICswMTAwDQoNCkNpYW8uDQoNCi0t
cGVjLW1peGVkLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5LS0NCg0K
LS1wZWMtc2lnbmVkLTIwMjYxMTI5MTk0MDU1LnMzN3lva3B3bnpkeWQ1ZzVranc2anV5cXB5DQpD
b250ZW50LVR5cGU6IGFwcGxpY2F0aW9uL3BrY3M3LXNpZ25hdHVyZTsgbmFtZT0ic21pbWUucDdz
Ig0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0DQpDb250ZW50LURpc3Bvc2l0aW9u
OiBhdHRhY2htZW50OyBmaWxlbmFtZT0ic21pbWUucDdzIg0KDQpNSUlFM0FZSktvWklodmNOQVFj
Q29JSUV6VENDQk1rQ0FRRXhEVEFMQmdsZ2hrZ0JaUU1FQWdFd0N3WUpLb1pJaHZjTkFRY0JvSUlD
DQp4akNDQXNJd2dnSm9vQU1DQVFJQ0ZIb0NnY2R3ZjNTTGdWdzI1K3d4eUU2UlViYktNQW9HQ0Nx
R1NNNDlCQU1DTURBeERUQUxCZ05WDQpCQW9NQkZSbGMzUXhIekFkQmdOVkJBTU1GbFJsYzNRZ1Ew
RWdiMllnZEdobElITmhibVJpYjNnd0lCY05Nall4TVRJNU1UazBNRFV5DQpXaGdQTWpFeU5qRXhN
RFV4T1RRd05USmFNRUV4Q3pBSkJnTlZCQVlUQWtsVU1SZ3dGZ1lEVlFRS0RBOVFSVU1nUVd4bVlT
QlRMbkF1DQpRUzR4R0RBV0JnTlZCQU1NRDFCRlF5QkJiR1poSUZNdWNDNUJMakNDQVNJd0RRWUpL
b1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DDQpnZ0VCQUxWYzVJQ1Zld2w0cHl0R2Z6UldtblZw
ZnFXUXRNdTRpUGczbXNGUGZNcDF1a0xjejZUbndTdUhDcjVnNVRaS1kxeFdURGR3DQpGTnFqRld3
OFdqQXRGUk9TemFlczE2VDRtUG51QmcvYXRoa3RQeUJBNldrb0ZSMlFNRnBJSUpFQXBvdnFtM1FL
elNHTFJmNkNydkd1DQpsL2ZRRFk1N1p3a29maXVCZnZTazErTjFBNkhZdHNVa2pjWGQ5L3pldnFp
NnNKYXA2TEJQMC9lSStnSXhBVDRUZ1N5R1JrQ09SN2tBDQpHZUpMcTZpNVNLV0tNQkEzZHRRZy9Z
dm1LekFjakFUSTF4TmlqRUFLNkZRbVRWSU83Mm1mSUJKNjJ1citGZkx4eWt5NlBDenJoYytjDQpJ
TFA0dmprakRyMU8yUXBoVUNpZjJwVHlXWkhBdWtsV0R1K1pzT3EwVGk4Q0F3RUFBYU9CZ1RCL01B
NEdBMVVkRHdFQi93UUVBd0lIDQpnREFkQmdOVkhRNEVGZ1FVVWxGSk9rYzlPeGE2RWZaQWR5eldU
ZDlMV3Vrd0h3WURWUjBqQkJnd0ZvQVVlZDU1a25KMnRzNXRjMHRhDQpEVW1zUzhtemFiQXdMUVlE
VlIwUkJDWXdKSUVpY0c5emRHRXRZMlZ5ZEdsbWFXTmhkR0ZBY0dWakxtRnNabUV1WlhoaGJYQnNa
VEFLDQpCZ2dxaGtqT1BRUURBZ05JQURCRkFpRUFxY28yRFRvT3phT2JIOEtuQW90QjVBMkNHYStX
SW5vQm5Eems2NTl4Qk5JQ0lITExPZ2xhDQpDZDRxbDVIV3k2cVF3MWd5Z2g1MEM1RmZIa2FpWDlp
VG55YVJNWUlCM0RDQ0FkZ0NBUUV3U0RBd01RMHdDd1lEVlFRS0RBUlVaWE4wDQpNUjh3SFFZRFZR
UUREQlpVWlhOMElFTkJJRzltSUhSb1pTQnpZVzVrWW05NEFoUjZBb0hIY0g5MGk0RmNOdWZzTWNo
T2tWRzJ5akFMDQpCZ2xnaGtnQlpRTUVBZ0dnYVRBWUJna3Foa2lHOXcwQkNRTXhDd1lKS29aSWh2
Y05BUWNCTUJ3R0NTcUdTSWIzRFFFSkJURVBGdzB5DQpOakV4TWpreE9UUXdOVFZhTUM4R0NTcUdT
SWIzRFFFSkJERWlCQ0RtQ3FzQXBQZ2NLdVR6bjN4OXJ5MjNoOTNwV1JlUXI5amVZMDJqDQpPa1VG
SURBTkJna3Foa2lHOXcwQkFRRUZBQVNDQVFBTEtuSFQrc3dBRDZnMy9MbGkwWjd3YU9jSkRlV0lr
ZnQ3Y3VUcmVxZTZzQ1Z4DQpYVHBFTWFVM09oN0ljN05keHUxOGZPQXNyWHlkNDdtazJ0QmY0Uysw
Tms1UWZxRWFub25zV2oxUnFpZ2tlQUhNNXZtN29TOVdxcXpBDQpEYXN5L2hjdk9YbGNYelJrWFZK
Skh0ZG1vT1hLN2JVeWpySkptM2NJVDhtUHVycEtQa2hONm1FOVpSUEcxUjlwVG4zZzNDa01uZWsw
DQpURnFHdW1MK1lHZUJoa0tmT1lMakNvekRTbEZsR1RxYm1Ia2tSNitCM29xQVVIYkhkWjc2MUJ5
dHlFaWJPS3JHSXJ2aTdORElJZi9YDQpNVEtFaS9XMUsycFdGcnBSeE84U2kwellFcEN2UUMxa29K
d0ZXNGh3WXJrTXdOUEV6eUNHOWpKZEQ3aThBTGxnakhqeQ0KDQotLXBlYy1zaWduZWQtMjAyNjEx
MjkxOTQwNTUuczM3eW9rcHduemR5ZDVnNWtqdzZqdXlxcHktLQ0K
',NULL);
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194053.kx62gkjtghzcrfq4heeuerocsm@pec.alfa.example',1795981253);
INSERT INTO "receipt" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129194053.blrn65rb7ayfz6vsipmpgvavny@pec.alfa.example',1795981253);
INSERT INTO "receipt" VALUES('20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194053.2inizfhovukrarfvuzxiqd6s4i@pec.alfa.example',1795981253);
INSERT INTO "receipt" VALUES('20261129194053.jaiq3d7szqyvmv3ljcfua43mma@pec.beta.example','presa-in-carico','anna@pec.alfa.example','20261129194053.cuxvr5s6o3vwen2uxr5ysn5ffq@pec.alfa.example',1795981253);
INSERT INTO "receipt" VALUES('20261129194053.ejztymls2azyo6zhsku7okjqlu@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129194053.yvk3sr7es3yaqdb3amg5k3hdiu@pec.alfa.example',1795981253);
INSERT INTO "receipt" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194053.lo454xvz3mygozpsn7y5qnq4x4@pec.alfa.example',1795981253);
INSERT INTO "receipt" VALUES('20261129194053.oevo43r2c3z5guudq2ohyvv4py@pec.alfa.example','errore-consegna','nessuno@pec.beta.example','20261129194054.xymfifrfdelyfyrirlvcgv5fua@pec.alfa.example',1795981254);
INSERT INTO "receipt" VALUES('20261129194053.jaiq3d7szqyvmv3ljcfua43mma@pec.beta.example','avvenuta-consegna','anna@pec.alfa.example','20261129194054.33tbpdndqtdixfxahqofxacgjm@pec.alfa.example',1795981254);
INSERT INTO "receipt" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194054.y4uj2yrdqekt7r7j7u52idhxiu@pec.alfa.example',1795981254);
INSERT INTO "receipt" VALUES('20261129194053.el26744fheayqcsty6ptmld2iu@pec.alfa.example','errore-consegna','dario@pec.beta.example','20261129194054.3drmixiscbqciqbw6jraoi5ete@pec.alfa.example',1795981254);
INSERT INTO "receipt" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129194054.stj5txjwnvdhubnwjxjgori6oy@pec.alfa.example',1796028054);
INSERT INTO "receipt" VALUES('20261129194054.3toe5sjngevzuup64sv42fevte@pec.alfa.example','preavviso-errore-consegna','giulia@pec.gamma.example','20261129194054.rigrvvsg76oyus6dp2jd5lpqam@pec.alfa.example',1796071254);
INSERT INTO "receipt" VALUES('20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194054.ayfzfegewwm6pup4wdqyf22w3e@pec.alfa.example',1795981254);
INSERT INTO "receipt" VALUES('20261129194054.lvppvux5nsodc4xvzioiuw5czy@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129194054.hkkfvp4lcxmtpdj52xpetvs5r4@pec.alfa.example',1796028054);
INSERT INTO "receipt" VALUES('20261129194054.qtm5hbubz3iwog7nhuiraqg5ji@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194054.6anplqyqrkosss7zajkuiu2koe@pec.alfa.example',1795981254);
INSERT INTO "receipt" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129194057.b45n2kz6gn3xg5gwtn45jtkziq@pec.alfa.example',1795981255);
INSERT INTO "receipt" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194057.7kgspcyynrkesukiih5e4il44y@pec.alfa.example',1795981255);
INSERT INTO "receipt" VALUES('20261129194055.back4m5sldggq3vrgaycxccjji@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129194057.cf6qusn25cqfm7ewnjik6zr25a@pec.alfa.example',1795981257);
INSERT INTO "receipt" VALUES('20261129194102.r3nrfvmzovgvlvublnedfzykqa@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194102.nmslyvky3bvfxj6kmqsyfc3hx4@pec.alfa.example',1795981262);
INSERT INTO "receipt" VALUES('20261129194102.fd6ml6phwhuwctb2xy77tieqwa@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194102.bxzbaxelu34o6vsxybufbx32sq@pec.alfa.example',1795981262);
INSERT INTO "receipt" VALUES('20261129194102.lpokag6w5c3gsoeu65mkbxr5ou@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194102.mcyvqxbgehvzqsfhp5hzmvgahm@pec.alfa.example',1795981262);
INSERT INTO "receipt" VALUES('20261129194102.2n5bunfnarzzkjt4ank3gtwrty@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194103.efrpracw2jjiq35yt34ponz7gm@pec.alfa.example',1795981262);
INSERT INTO "receipt" VALUES('20261129194103.fdmty7djwd7v523i4nun7syrdq@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194103.5q7maxtpreyigs7uo7jivyl6pm@pec.alfa.example',1795981263);
INSERT INTO "receipt" VALUES('20261129194103.tkyh5mzqjpjgqmh3g4lkoburg4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194103.zguvj63ajalikwpv2scnmph2qq@pec.alfa.example',1795981263);
INSERT INTO "receipt" VALUES('20261129194104.57z6vxtrjbr5zoau6dtk4zsglu@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129194104.qtn7igzrlqqbd6qsfu23yocaoa@pec.alfa.example',1795981264);
CREATE TABLE schema_version (version INTEGER NOT NULL);
INSERT INTO "schema_version" VALUES(1);
INSERT INTO "schema_version" VALUES(2);
INSERT INTO "schema_version" VALUES(3);
INSERT INTO "schema_version" VALUES(4);
INSERT INTO "schema_version" VALUES(5);
INSERT INTO "schema_version" VALUES(6);
INSERT INTO "schema_version" VALUES(7);
CREATE TABLE state ( node TEXT NOT NULL, component TEXT NOT NULL, good INTEGER NOT NULL, text TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (node, component));
INSERT INTO "state" VALUES('node.example','directory',1,'3 providers, 4 domains, as of 2026-11-29 19:40:53 UTC',1795981253);
INSERT INTO "state" VALUES('node.example','revocation',1,'/srv/pki/ca.crl: 1 of 1 CRLs up to date',1795981252);
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/alfa/run/policy.sock',1795981254);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
