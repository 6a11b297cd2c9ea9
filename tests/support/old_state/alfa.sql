BEGIN TRANSACTION;
CREATE TABLE dispatch ( pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT, taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT, warned_at BIGINT, timed_out_at BIGINT, warning_sent INTEGER NOT NULL DEFAULT 0, timeout_sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (pec_id, recipient));
INSERT INTO "dispatch" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','bruno@pec.alfa.example',1795981987,1795981987,1795981987,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','dario@pec.beta.example',1795981987,1795981987,1795981987,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','nessuno@pec.beta.example',1795981987,NULL,NULL,1795981987,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','dario@pec.beta.example',1795981987,NULL,NULL,1795981987,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','giulia@pec.gamma.example',1795981987,NULL,NULL,NULL,1796028787,1796071987,1,0);
INSERT INTO "dispatch" VALUES('20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','giulia@pec.gamma.example',1795981987,NULL,NULL,NULL,1796028788,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195308.a4fv5voserbhswixhc3vuzcfoy@pec.alfa.example','giulia@pec.gamma.example',1795981988,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','dario@pec.beta.example',NULL,1795981988,1795981988,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','bruno@pec.alfa.example',1795981989,1795981989,1795981991,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','dario@pec.beta.example',1795981989,1795981996,1795981996,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195318.ob5mrpcmpiq6ur6waglapaigbq@pec.alfa.example','nessuno@pec.beta.example',1795981998,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195318.ob5mrpcmpiq6ur6waglapaigbq@pec.alfa.example','niente@pec.beta.example',1795981998,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','dario@pec.beta.example',1795981998,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195318.bmpxapd7mohh2szaj4wlgrohbi@pec.alfa.example','elena@pec.beta.example',1795981998,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','elena@pec.beta.example',1795981999,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195319.3uwpby3yoskiajvm7mm66zaksu@pec.alfa.example','fabio@pec.beta.example',1795981999,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195319.5pkeimntc5fkqyq4okz7wxwyru@pec.alfa.example','elena@pec.beta.example',1795981999,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195319.iphbs5vgaj2i3wvh2vsi6kmepi@pec.alfa.example','dario@pec.beta.example',1795981999,NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "dispatch" VALUES('20261129195319.iphbs5vgaj2i3wvh2vsi6kmepi@pec.alfa.example','elena@pec.beta.example',1795981999,NULL,NULL,NULL,NULL,NULL,0,0);
CREATE TABLE domain ( name TEXT NOT NULL PRIMARY KEY, unit TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE TABLE event ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL, generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL, reply_to TEXT NOT NULL DEFAULT '', PRIMARY KEY (pec_id, kind, direction, recipient));
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.lmszjvtq6m3e2y4jt2vgb3ammu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','posta-certificata','issued','',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','accettazione','issued','',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.6ouctpxggj6idttwqaiqs73d4u@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Alfa S.p.A.','20261129195307.ebq2z55wyywux6argymtqza45u@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','posta-certificata','received','anna@pec.alfa.example',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','presa-in-carico','issued','anna@pec.alfa.example',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195307.mo5otk5gbhk5n7qnqmjzeesury@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','posta-certificata','issued','',1795981987,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','accettazione','issued','',1795981987,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129195307.b7gmnqgdrqknkbxqfbeb7qft7u@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','avvenuta-consegna','issued','anna@pec.alfa.example',1795981987,'<risposta@client>','dario@pec.beta.example','certificato anna@pec.alfa.example','risposta','PEC Beta S.r.l.','20261129195307.midxva2oolwpxqggyx765ogzma@pec.alfa.example','','','dario@pec.beta.example');
INSERT INTO "event" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','posta-certificata','issued','',1795981987,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','accettazione','issued','',1795981987,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Alfa S.p.A.','20261129195307.coytn7z6sxpiqsk3nzil5aytbi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','errore-consegna','issued','nessuno@pec.beta.example',1795981987,'<fallita@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example','fallita','PEC Alfa S.p.A.','20261129195307.6y47qgwcyef67sfvrsfwihyh5u@pec.alfa.example','no-dest','5.1.1 - PEC Alfa S.p.A. - indirizzo non valido (550 5.1.1 <nessuno@pec.beta.example>: Recipient address rejected: User unknown in virtual mailbox table)','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129195307.zpxbkqfzm7hgvlfg46l45rsnq4@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','posta-certificata','issued','',1795981987,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','accettazione','issued','',1795981987,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195307.t7wbyyng5r5fxgi62tirs76scy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795981987,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129195307.uemqwdt4m4ymy4jhlrsfnq4cii@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981987,'<finita@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example
esterno gianni@ordinaria.example','finita','PEC Beta S.r.l.','20261129195307.6cvifeb6kpy6hm2frblpsgzfem@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','errore-consegna','issued','dario@pec.beta.example',1795981987,'<infetta@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta','PEC Beta S.r.l.','20261129195307.lnrnzehrrl5lb2nw2vtzqaf7fm@pec.alfa.example','virus','5.5.1 - PEC Alfa S.p.A. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796028787,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195307.gddceu56rmodhfzpflimog3ihm@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','preavviso-errore-consegna','issued','giulia@pec.gamma.example',1796071987,'<scaduta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','scaduta','PEC Alfa S.p.A.','20261129195307.dduvxtyr6yxswlehu4z4nltecq@pec.alfa.example','altro','5.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','posta-certificata','issued','',1795981987,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','accettazione','issued','',1795981987,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129195307.mxotn7f4eisva2w565khuykbky@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','preavviso-errore-consegna-12','issued','giulia@pec.gamma.example',1796028788,'<preavvisata@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','preavvisata','PEC Alfa S.p.A.','20261129195308.mzfoyj7pbsikjn4wjkzpqfztuy@pec.alfa.example','altro','4.4.1 - PEC Alfa S.p.A. - il messaggio non è stato consegnato nelle prime dodici ore dal suo invio','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.a4fv5voserbhswixhc3vuzcfoy@pec.alfa.example','posta-certificata','issued','',1795981988,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129195308.a4fv5voserbhswixhc3vuzcfoy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.a4fv5voserbhswixhc3vuzcfoy@pec.alfa.example','accettazione','issued','',1795981988,'<muta@client>','anna@pec.alfa.example','certificato giulia@pec.gamma.example','muta','PEC Alfa S.p.A.','20261129195308.vlvxj2phkgy6z5cndhktubvvmy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981988,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129195308.ufsq4nlc4czoryuiw6wxpolr2q@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981988,'<senza-accettazione@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','senza accettazione','PEC Beta S.r.l.','20261129195308.3g2w6mscvw46vb3i3ry2cuxkjq@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','presa-in-carico','issued','bruno@pec.alfa.example',1795981989,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195311.ttpkdliftrfcromewqnvt5ip6e@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','posta-certificata','issued','',1795981989,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','accettazione','issued','',1795981989,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195311.xvlm62l3jz6wmit6jualmxy2oi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','avvenuta-consegna','issued','bruno@pec.alfa.example',1795981991,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Alfa S.p.A.','20261129195311.wxxzyxplmuojeb56s3c6cx2pd4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','presa-in-carico','received','dario@pec.beta.example',1795981996,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129195313.5ucthf5c2mj5kwzj45s3uvticm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','avvenuta-consegna','received','dario@pec.beta.example',1795981996,'<torna@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato bruno@pec.alfa.example','torna','PEC Beta S.r.l.','20261129195313.b2zketn5oksud7htvu7qy7jihm@pec.beta.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.ob5mrpcmpiq6ur6waglapaigbq@pec.alfa.example','posta-certificata','issued','',1795981998,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129195318.ob5mrpcmpiq6ur6waglapaigbq@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.ob5mrpcmpiq6ur6waglapaigbq@pec.alfa.example','accettazione','issued','',1795981998,'<due-fallite@client>','anna@pec.alfa.example','certificato nessuno@pec.beta.example
certificato niente@pec.beta.example','due fallite','PEC Alfa S.p.A.','20261129195318.k4hptsqqrbardksrh6h2cofczu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','posta-certificata','issued','',1795981998,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','accettazione','issued','',1795981998,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Alfa S.p.A.','20261129195318.nybh4cczyv6t7e53cby7mbfqfu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','rilevazione-virus','received','dario@pec.beta.example',1795981998,'<infetta-per-dario@client>','anna@pec.alfa.example','certificato dario@pec.beta.example','infetta per dario','PEC Beta S.r.l.','20261129195318.lzm4k3d6tjqkhhf5mwu76j2y6m@pec.beta.example','virus','5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Test.Eicar.UNOFFICIAL','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.bmpxapd7mohh2szaj4wlgrohbi@pec.alfa.example','posta-certificata','issued','',1795981998,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129195318.bmpxapd7mohh2szaj4wlgrohbi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195318.bmpxapd7mohh2szaj4wlgrohbi@pec.alfa.example','accettazione','issued','',1795981998,'<infetta-per-elena@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','infetta per elena','PEC Alfa S.p.A.','20261129195318.if7su7x37n2t45kyifl3upf6y4@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','posta-certificata','issued','',1795981999,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','accettazione','issued','',1795981999,'<ricevute-in-attesa@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','ricevute in attesa','PEC Alfa S.p.A.','20261129195319.ujpppeem2hwfgo3a52wcyw7gsy@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.3uwpby3yoskiajvm7mm66zaksu@pec.alfa.example','posta-certificata','issued','',1795981999,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129195319.3uwpby3yoskiajvm7mm66zaksu@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.3uwpby3yoskiajvm7mm66zaksu@pec.alfa.example','accettazione','issued','',1795981999,'<salvata-a-beta@client>','anna@pec.alfa.example','certificato fabio@pec.beta.example','salvata a beta','PEC Alfa S.p.A.','20261129195319.7lx66ztloce5ns5gxqpm3tppvm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.5pkeimntc5fkqyq4okz7wxwyru@pec.alfa.example','posta-certificata','issued','',1795981999,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129195319.5pkeimntc5fkqyq4okz7wxwyru@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.5pkeimntc5fkqyq4okz7wxwyru@pec.alfa.example','accettazione','issued','',1795981999,'<pendente-a-beta@client>','anna@pec.alfa.example','certificato elena@pec.beta.example','pendente a beta','PEC Alfa S.p.A.','20261129195319.qt3grc7e6jpniqvzparg223vbm@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.iphbs5vgaj2i3wvh2vsi6kmepi@pec.alfa.example','posta-certificata','issued','',1795981999,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129195319.iphbs5vgaj2i3wvh2vsi6kmepi@pec.alfa.example','','','anna@pec.alfa.example');
INSERT INTO "event" VALUES('20261129195319.iphbs5vgaj2i3wvh2vsi6kmepi@pec.alfa.example','accettazione','issued','',1795981999,'<per-strada@client>','anna@pec.alfa.example','certificato dario@pec.beta.example
certificato elena@pec.beta.example','per strada','PEC Alfa S.p.A.','20261129195320.5oznllkpp4wgieyyojn3uv2m4m@pec.alfa.example','','','anna@pec.alfa.example');
CREATE TABLE incident ( what TEXT NOT NULL, pec_id TEXT NOT NULL, recipient TEXT NOT NULL, at BIGINT NOT NULL, event_at BIGINT NOT NULL, detail TEXT NOT NULL, copy TEXT NOT NULL, resolved_at BIGINT, PRIMARY KEY (what, pec_id, recipient));
INSERT INTO "incident" VALUES('accettazione','20261129195308.w2bqhirxzrcq6frnwej6cyxofi@pec.alfa.example','anna@pec.alfa.example',1795981988,1795981988,'5.7.1 554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied','UmV0dXJuLVBhdGg6IDxhbm5hQHBlYy5hbGZhLmV4YW1wbGU+DQpSZWNlaXZlZDogZnJvbSBbMTI3
LjAuMC4xXSAobG9jYWxob3N0IFsxMjcuMC4wLjFdKQ0KCWJ5IG14LnBlYy5hbGZhLmV4YW1wbGUg
KFBvc3RmaXgpIHdpdGggRVNNVFBTQSBpZCA0amN5VzgycFBjejFiWW1wDQoJZm9yIDxkYXJpb0Bw
ZWMuYmV0YS5leGFtcGxlPjsgU3VuLCAyOSBOb3YgMjAyNiAxOTo1MzowOCArMDAwMCAoVVRDKQ0K
RGF0ZTogU3VuLCAyOSBOb3YgMjAyNiAyMDo1MzowOCArMDEwMA0KRnJvbTogIlBlciBjb250byBk
aTogYW5uYUBwZWMuYWxmYS5leGFtcGxlIiA8cG9zdGEtY2VydGlmaWNhdGFAcGVjLmFsZmEuZXhh
bXBsZT4NClJlcGx5LVRvOiBhbm5hQHBlYy5hbGZhLmV4YW1wbGUNClRvOiBkYXJpb0BwZWMuYmV0
YS5leGFtcGxlDQpNZXNzYWdlLUlEOiA8MjAyNjExMjkxOTUzMDgudzJicWhpcnh6cmNxNmZybndl
ajZjeXhvZmlAcGVjLmFsZmEuZXhhbXBsZT4NClN1YmplY3Q6IFBPU1RBIENFUlRJRklDQVRBOiBz
ZW56YSBhY2NldHRhemlvbmUNCk1JTUUtVmVyc2lvbjogMS4wDQpDb250ZW50LVR5cGU6IG11bHRp
cGFydC9zaWduZWQ7IHByb3RvY29sPSJhcHBsaWNhdGlvbi9wa2NzNy1zaWduYXR1cmUiOw0KCW1p
Y2FsZz1zaGEtMjU2OyBib3VuZGFyeT0icGVjLXNpZ25lZC0yMDI2MTEyOTE5NTMwOC53MmJxaGly
eHpyY3E2ZnJud2VqNmN5eG9maSINCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IDdiaXQNClgt
VHJhc3BvcnRvOiBwb3N0YS1jZXJ0aWZpY2F0YQ0KWC1SaWZlcmltZW50by1NZXNzYWdlLUlEOiA8
c2VuemEtYWNjZXR0YXppb25lQGNsaWVudD4NClgtVGlwb1JpY2V2dXRhOiBjb21wbGV0YQ0KDQpU
aGlzIGlzIGFuIFMvTUlNRSBzaWduZWQgbWVzc2FnZQ0KDQotLXBlYy1zaWduZWQtMjAyNjExMjkx
OTUzMDgudzJicWhpcnh6cmNxNmZybndlajZjeXhvZmkNCkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0
L21peGVkOyBib3VuZGFyeT0icGVjLW1peGVkLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZm
cm53ZWo2Y3l4b2ZpIg0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogN2JpdA0KDQotLXBlYy1t
aXhlZC0yMDI2MTEyOTE5NTMwOC53MmJxaGlyeHpyY3E2ZnJud2VqNmN5eG9maQ0KQ29udGVudC1U
eXBlOiBtdWx0aXBhcnQvYWx0ZXJuYXRpdmU7IGJvdW5kYXJ5PSJwZWMtYWx0ZXJuYXRpdmUtMjAy
NjExMjkxOTUzMDgudzJicWhpcnh6cmNxNmZybndlajZjeXhvZmkiDQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2ZpDQpDb250ZW50LVR5
cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9aXNvLTg4NTktMQ0KQ29udGVudC1EaXNwb3NpdGlvbjog
aW5saW5lDQpDb250ZW50LVRyYW5zZmVyLUVuY29kaW5nOiBxdW90ZWQtcHJpbnRhYmxlDQoNCk1l
c3NhZ2dpbyBkaSBwb3N0YSBjZXJ0aWZpY2F0YQ0KDQpJbCBnaW9ybm8gMjkvMTEvMjAyNiBhbGxl
IG9yZSAyMDo1MzowOCAoKzAxMDApIGlsIG1lc3NhZ2dpbw0KInNlbnphIGFjY2V0dGF6aW9uZSIg
PUU4IHN0YXRvIGludmlhdG8gZGEgImFubmFAcGVjLmFsZmEuZXhhbXBsZSINCmluZGlyaXp6YXRv
IGE6DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlDQpJbCBtZXNzYWdnaW8gb3JpZ2luYWxlID1FOCBp
bmNsdXNvIGluIGFsbGVnYXRvLg0KSWRlbnRpZmljYXRpdm8gbWVzc2FnZ2lvOiAyMDI2MTEyOTE5
NTMwOC53MmJxaGlyeHpyY3E2ZnJud2VqNmN5eG9maUBwZWMuYWxmPQ0KYS5leGFtcGxlDQoNCi0t
cGVjLWFsdGVybmF0aXZlLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2Zp
DQpDb250ZW50LVR5cGU6IHRleHQvaHRtbDsgY2hhcnNldD1pc28tODg1OS0xDQpDb250ZW50LURp
c3Bvc2l0aW9uOiBpbmxpbmUNCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IHF1b3RlZC1wcmlu
dGFibGUNCg0KPGh0bWw+DQo8aGVhZD48dGl0bGU+TWVzc2FnZ2lvIGRpIHBvc3RhIGNlcnRpZmlj
YXRhPC90aXRsZT48L2hlYWQ+DQo8Ym9keT4NCjxoMz5NZXNzYWdnaW8gZGkgcG9zdGEgY2VydGlm
aWNhdGE8L2gzPg0KSWwgZ2lvcm5vIDI5LzExLzIwMjYgYWxsZSBvcmUgMjA6NTM6MDggKCswMTAw
KSBpbCBtZXNzYWdnaW88YnI+DQomcXVvdDtzZW56YSBhY2NldHRhemlvbmUmcXVvdDsgPUU4IHN0
YXRvIGludmlhdG8gZGEgJnF1b3Q7YW5uYUBwZWMuYWxmYS5leGE9DQptcGxlJnF1b3Q7PGJyPg0K
aW5kaXJpenphdG8gYTo8YnI+DQpkYXJpb0BwZWMuYmV0YS5leGFtcGxlPGJyPg0KSWwgbWVzc2Fn
Z2lvIG9yaWdpbmFsZSA9RTggaW5jbHVzbyBpbiBhbGxlZ2F0by48YnI+DQpJZGVudGlmaWNhdGl2
byBtZXNzYWdnaW86IDIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2ZpQHBl
Yy5hbGY9DQphLmV4YW1wbGU8YnI+DQo8L2JvZHk+DQo8L2h0bWw+DQoNCi0tcGVjLWFsdGVybmF0
aXZlLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2ZpLS0NCg0KLS1wZWMt
bWl4ZWQtMjAyNjExMjkxOTUzMDgudzJicWhpcnh6cmNxNmZybndlajZjeXhvZmkNCkNvbnRlbnQt
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
eU1ESTJQQzluYVc5eWJtOCtDaUFnSUNBZ0lDQWdJQ0FnSUR4dg0KY21FK01qQTZOVE02TURnOEwy
OXlZVDRLSUNBZ0lDQWdJQ0E4TDJSaGRHRStDaUFnSUNBZ0lDQWdQR2xrWlc1MGFXWnBZMkYwYVha
dg0KUGpJd01qWXhNVEk1TVRrMU16QTRMbmN5WW5Gb2FYSjRlbkpqY1RabWNtNTNaV28yWTNsNGIy
WnBRSEJsWXk1aGJHWmhMbVY0WVcxdw0KYkdVOEwybGtaVzUwYVdacFkyRjBhWFp2UGdvZ0lDQWdJ
Q0FnSUR4dGMyZHBaRDRtYkhRN2MyVnVlbUV0WVdOalpYUjBZWHBwYjI1bA0KUUdOc2FXVnVkQ1pu
ZERzOEwyMXpaMmxrUGdvZ0lDQWdJQ0FnSUR4eWFXTmxkblYwWVNCMGFYQnZQU0pqYjIxd2JHVjBZ
U0lnTHo0Sw0KSUNBZ0lEd3ZaR0YwYVQ0S1BDOXdiM04wWVdObGNuUStDZz09DQoNCi0tcGVjLW1p
eGVkLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2ZpDQpDb250ZW50LVR5
cGU6IG1lc3NhZ2UvcmZjODIyOyBuYW1lPSJwb3N0YWNlcnQuZW1sIg0KQ29udGVudC1EaXNwb3Np
dGlvbjogaW5saW5lOyBmaWxlbmFtZT0icG9zdGFjZXJ0LmVtbCINCkNvbnRlbnQtVHJhbnNmZXIt
RW5jb2Rpbmc6IDdiaXQNCg0KRnJvbTogYW5uYUBwZWMuYWxmYS5leGFtcGxlDQpUbzogZGFyaW9A
cGVjLmJldGEuZXhhbXBsZQ0KU3ViamVjdDogc2VuemEgYWNjZXR0YXppb25lDQpNZXNzYWdlLUlE
OiA8MjAyNjExMjkxOTUzMDgudzJicWhpcnh6cmNxNmZybndlajZjeXhvZmlAcGVjLmFsZmEuZXhh
bXBsZT4NClgtUmlmZXJpbWVudG8tTWVzc2FnZS1JRDogPHNlbnphLWFjY2V0dGF6aW9uZUBjbGll
bnQ+DQpEYXRlOiBTdW4sIDIyIE5vdiAyMDI2IDA1OjExOjAwICswMTAwDQoNCkNpYW8uDQoNCi0t
cGVjLW1peGVkLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2ZpLS0NCg0K
LS1wZWMtc2lnbmVkLTIwMjYxMTI5MTk1MzA4LncyYnFoaXJ4enJjcTZmcm53ZWo2Y3l4b2ZpDQpD
b250ZW50LVR5cGU6IGFwcGxpY2F0aW9uL3BrY3M3LXNpZ25hdHVyZTsgbmFtZT0ic21pbWUucDdz
Ig0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0DQpDb250ZW50LURpc3Bvc2l0aW9u
OiBhdHRhY2htZW50OyBmaWxlbmFtZT0ic21pbWUucDdzIg0KDQpNSUlFMndZSktvWklodmNOQVFj
Q29JSUV6RENDQk1nQ0FRRXhEVEFMQmdsZ2hrZ0JaUU1FQWdFd0N3WUpLb1pJaHZjTkFRY0JvSUlD
DQp4VENDQXNFd2dnSm9vQU1DQVFJQ0ZCUHlqRWJ5R3RaeUdZTHFrYk0rSi9ZN2cwU3ZNQW9HQ0Nx
R1NNNDlCQU1DTURBeERUQUxCZ05WDQpCQW9NQkZSbGMzUXhIekFkQmdOVkJBTU1GbFJsYzNRZ1Ew
RWdiMllnZEdobElITmhibVJpYjNnd0lCY05Nall4TVRJNU1UazFNekEyDQpXaGdQTWpFeU5qRXhN
RFV4T1RVek1EWmFNRUV4Q3pBSkJnTlZCQVlUQWtsVU1SZ3dGZ1lEVlFRS0RBOVFSVU1nUVd4bVlT
QlRMbkF1DQpRUzR4R0RBV0JnTlZCQU1NRDFCRlF5QkJiR1poSUZNdWNDNUJMakNDQVNJd0RRWUpL
b1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DDQpnZ0VCQUxSUTQvWC9IdWtkQy8zSzVjaGIzSEow
ZUFmSlorZWdDZkFORkU3THQydEJuS0Zlc3RldGZHWWxNSnY3UkFVVXdDdVFRaWhpDQpPUWdHUVAx
d3JBdGdXckppMmR3RE52ZisvdnFJcUZpS3l5NUJJTC9xY1AwUHpyYi9zZXBvNTV6dTF0bTFhWGI4
S0tocTlzdkV4bG8yDQpIelV4R1U1NjFyYlJZeUdSZkRrRENnUTFVd2xQUCtMSUtTNENxK25HVEd0
VlFDb2tnMXhUS3VCTjEzMzNhNFZ0dzJKUHg5QjRZakVmDQpxMTV1V1VSazdWOGpZZ3pxd1dML0dH
V0FnWmtJK2d0dmZnWW5ZbUF4dWxsTVRJelNDRW52Q1pjNEd4bHVIaWhDOUVPMG1DNmRkVGtDDQpK
MHVNOU81SExqOWtQNTJKemZRcVBLVktsODhqeVREUUJpK2JsaTRTWFlFQ0F3RUFBYU9CZ1RCL01B
NEdBMVVkRHdFQi93UUVBd0lIDQpnREFkQmdOVkhRNEVGZ1FVTTB5NmNKcGw3dmNkQlFwR25wcjdu
M0hUZ0VRd0h3WURWUjBqQkJnd0ZvQVUxYkVZclk0WHlqaHlHTStLDQprYXN1cnJHQmtTOHdMUVlE
VlIwUkJDWXdKSUVpY0c5emRHRXRZMlZ5ZEdsbWFXTmhkR0ZBY0dWakxtRnNabUV1WlhoaGJYQnNa
VEFLDQpCZ2dxaGtqT1BRUURBZ05IQURCRUFpQnFYWXBqT3VJUWxOUmpmemRIVitXMHQrVmx6WW5m
eThxd0VwbnRxcW9tckFJZ0NQWlFQNWxlDQpTOWI0aTArNFZETEE0azcvYlFwNVJtajFVczRpbjUw
a1M2Y3hnZ0hjTUlJQjJBSUJBVEJJTURBeERUQUxCZ05WQkFvTUJGUmxjM1F4DQpIekFkQmdOVkJB
TU1GbFJsYzNRZ1EwRWdiMllnZEdobElITmhibVJpYjNnQ0ZCUHlqRWJ5R3RaeUdZTHFrYk0rSi9Z
N2cwU3ZNQXNHDQpDV0NHU0FGbEF3UUNBYUJwTUJnR0NTcUdTSWIzRFFFSkF6RUxCZ2txaGtpRzl3
MEJCd0V3SEFZSktvWklodmNOQVFrRk1ROFhEVEkyDQpNVEV5T1RFNU5UTXdPRm93THdZSktvWklo
dmNOQVFrRU1TSUVJSUVNdDJFTVBCaVdHcm8vYUVGaS9YNXRNdThlMXowWENlUVJRbU4vDQoweTFk
TUEwR0NTcUdTSWIzRFFFQkFRVUFCSUlCQUZCWlhmUkx0bEV2RGdaaG02Y2RCbmhxVERYMjVKZE9W
amY0YzZqdzZWaVVKTE9VDQpLYUlldm9EbzNKKzVaOWQwK01sZk92OHJxT3V1aEN3dHJ6LzJmenY2
NDJGb2FlRkJsb3gyb1RUQUs2d1NmdEN4dDZOOHJnUUNSdXhZDQpvRDdTdlgzMTg5Nm9CSUxDVU9U
R0RHNlNEVHcxSzZMVm5oSnhqaWVqeThyTkt3N2xwTzJBTSswTnQxdmk3OUkvWTJXWGlCMXNrQVpJ
DQpUa25NY0Jnbkw0dk1uQURkbmt1Njc0UkszVjBWUks5VE5sU2lsMlVnMlhiYW4wS0JyMUtuNzhQ
djdDUStNb0NNNVRpc3JFQkZhdkM4DQo5UjdBOGg4aGlWVXJVeWZsRVhtV1R2aDZFQ0cyVG84cmx1
L2JrQS9JYS9TMHZtSHlzWGFIdjE5cmZHeGVaSWsvblE4PQ0KDQotLXBlYy1zaWduZWQtMjAyNjEx
MjkxOTUzMDgudzJicWhpcnh6cmNxNmZybndlajZjeXhvZmktLQ0K
',NULL);
CREATE TABLE mailbox ( address TEXT NOT NULL PRIMARY KEY, closed INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'active', since BIGINT NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0, created_at BIGINT, holder TEXT NOT NULL DEFAULT '', contacts TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', renamed_to TEXT NOT NULL DEFAULT '');
CREATE TABLE mailbox_event ( address TEXT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE receipt ( pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient));
INSERT INTO "receipt" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129195307.lmszjvtq6m3e2y4jt2vgb3ammu@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195307.6ouctpxggj6idttwqaiqs73d4u@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.mk4noq3iioxbedggjx7ivwr5ti@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129195307.ebq2z55wyywux6argymtqza45u@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','presa-in-carico','anna@pec.alfa.example','20261129195307.mo5otk5gbhk5n7qnqmjzeesury@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195307.b7gmnqgdrqknkbxqfbeb7qft7u@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.7tzyykjsutn3w2sffriqvemy7q@pec.beta.example','avvenuta-consegna','anna@pec.alfa.example','20261129195307.midxva2oolwpxqggyx765ogzma@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195307.coytn7z6sxpiqsk3nzil5aytbi@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.ad4s5rnspnpxo6zu7bp6m6ddvm@pec.alfa.example','errore-consegna','nessuno@pec.beta.example','20261129195307.6y47qgwcyef67sfvrsfwihyh5u@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195307.t7wbyyng5r5fxgi62tirs76scy@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.3opppmjqlitcbxewutucbffrce@pec.alfa.example','errore-consegna','dario@pec.beta.example','20261129195307.lnrnzehrrl5lb2nw2vtzqaf7fm@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129195307.gddceu56rmodhfzpflimog3ihm@pec.alfa.example',1796028787);
INSERT INTO "receipt" VALUES('20261129195307.tqdc3a7ii4jjeucxnwvcbhlkk4@pec.alfa.example','preavviso-errore-consegna','giulia@pec.gamma.example','20261129195307.dduvxtyr6yxswlehu4z4nltecq@pec.alfa.example',1796071987);
INSERT INTO "receipt" VALUES('20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195307.mxotn7f4eisva2w565khuykbky@pec.alfa.example',1795981987);
INSERT INTO "receipt" VALUES('20261129195307.zgjnsyobl7ov7firn7xn5nbcj4@pec.alfa.example','preavviso-errore-consegna-12','giulia@pec.gamma.example','20261129195308.mzfoyj7pbsikjn4wjkzpqfztuy@pec.alfa.example',1796028788);
INSERT INTO "receipt" VALUES('20261129195308.a4fv5voserbhswixhc3vuzcfoy@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195308.vlvxj2phkgy6z5cndhktubvvmy@pec.alfa.example',1795981988);
INSERT INTO "receipt" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','presa-in-carico','bruno@pec.alfa.example','20261129195311.ttpkdliftrfcromewqnvt5ip6e@pec.alfa.example',1795981989);
INSERT INTO "receipt" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195311.xvlm62l3jz6wmit6jualmxy2oi@pec.alfa.example',1795981989);
INSERT INTO "receipt" VALUES('20261129195309.ipe7vjdz2opwdwg7d7kfcufr3m@pec.alfa.example','avvenuta-consegna','bruno@pec.alfa.example','20261129195311.wxxzyxplmuojeb56s3c6cx2pd4@pec.alfa.example',1795981991);
INSERT INTO "receipt" VALUES('20261129195318.ob5mrpcmpiq6ur6waglapaigbq@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195318.k4hptsqqrbardksrh6h2cofczu@pec.alfa.example',1795981998);
INSERT INTO "receipt" VALUES('20261129195318.gvmj6n7dnttbelgyfond2kdwuy@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195318.nybh4cczyv6t7e53cby7mbfqfu@pec.alfa.example',1795981998);
INSERT INTO "receipt" VALUES('20261129195318.bmpxapd7mohh2szaj4wlgrohbi@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195318.if7su7x37n2t45kyifl3upf6y4@pec.alfa.example',1795981998);
INSERT INTO "receipt" VALUES('20261129195319.ue3jrz66xxjqt6g4oouujoq6si@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195319.ujpppeem2hwfgo3a52wcyw7gsy@pec.alfa.example',1795981999);
INSERT INTO "receipt" VALUES('20261129195319.3uwpby3yoskiajvm7mm66zaksu@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195319.7lx66ztloce5ns5gxqpm3tppvm@pec.alfa.example',1795981999);
INSERT INTO "receipt" VALUES('20261129195319.5pkeimntc5fkqyq4okz7wxwyru@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195319.qt3grc7e6jpniqvzparg223vbm@pec.alfa.example',1795981999);
INSERT INTO "receipt" VALUES('20261129195319.iphbs5vgaj2i3wvh2vsi6kmepi@pec.alfa.example','accettazione','anna@pec.alfa.example','20261129195320.5oznllkpp4wgieyyojn3uv2m4m@pec.alfa.example',1795981999);
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
INSERT INTO "state" VALUES('node.example','policy',1,'listening on unix:/srv/alfa/run/policy.sock',1795981988);
CREATE TABLE submission ( pec_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, at BIGINT NOT NULL, recipients BIGINT NOT NULL, level TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX dispatch_open ON dispatch (accepted_at) WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL;
CREATE INDEX dispatch_warned ON dispatch (accepted_at) WHERE warned_at IS NOT NULL AND warning_sent = 0;
CREATE INDEX dispatch_timed_out ON dispatch (accepted_at) WHERE timed_out_at IS NOT NULL AND timeout_sent = 0;
CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0;
CREATE INDEX submission_of_login ON submission (login, at);
CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam';
CREATE INDEX mailbox_event_of ON mailbox_event (address, at);
COMMIT;
