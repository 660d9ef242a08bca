BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE alert_members (
	alert BLOB NOT NULL, 
	article BLOB NOT NULL, 
	level VARCHAR NOT NULL, 
	joined_at BIGINT NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_alert_members PRIMARY KEY (alert, article), 
	CONSTRAINT fk_alert_members_alert FOREIGN KEY(alert) REFERENCES alerts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_alert_members_article FOREIGN KEY(article) REFERENCES items (id)
)
 WITHOUT ROWID

;
INSERT INTO "alert_members" VALUES(X'0F69F102D09BF7FA1D469A272B7E2106',X'A0121B752F028C61BB6163D0D9BC89C3','new',1795436400000000,0);
INSERT INTO "alert_members" VALUES(X'D811F0D359BCCE7310BCD1E089029AB5',X'DA380E6FBE1B43C53D7268C042CE8B4D','new',1795435800000000,0);
CREATE TABLE alerts (
	id BLOB NOT NULL, 
	rule TEXT NOT NULL, 
	target TEXT NOT NULL, 
	story BLOB NOT NULL, 
	kind VARCHAR NOT NULL, 
	ordinal INTEGER NOT NULL, 
	severity INTEGER NOT NULL, 
	article BLOB NOT NULL, 
	revision INTEGER NOT NULL, 
	sample BOOLEAN NOT NULL, 
	note TEXT NOT NULL, 
	labels TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	message BLOB, 
	CONSTRAINT pk_alerts PRIMARY KEY (id), 
	CONSTRAINT fk_alerts_article FOREIGN KEY(article) REFERENCES items (id), 
	CONSTRAINT fk_alerts_message FOREIGN KEY(message) REFERENCES messages (id) ON DELETE SET NULL
);
INSERT INTO "alerts" VALUES(X'D811F0D359BCCE7310BCD1E089029AB5','shells','desk',X'388DE1C02F11C9F93A19F29DFBD2A27E','first',0,2,X'DA380E6FBE1B43C53D7268C042CE8B4D',1,0,'','["shells"]',1795435800000000,X'84F6E40FBD3C97C8910788AEBBFDAB47');
INSERT INTO "alerts" VALUES(X'0F69F102D09BF7FA1D469A272B7E2106','shells','desk',X'CCC2A1B4F07C7D81829C0F7E768026F5','first',0,2,X'A0121B752F028C61BB6163D0D9BC89C3',1,0,'','["shells"]',1795436400000000,X'98E5AFF3666F8568CC07FE8C62ED172F');
CREATE TABLE article_keys (
	"key" BLOB NOT NULL, 
	kind VARCHAR NOT NULL, 
	article BLOB NOT NULL, 
	key_version INTEGER NOT NULL, 
	latest BOOLEAN NOT NULL, 
	CONSTRAINT pk_article_keys PRIMARY KEY ("key", kind, article), 
	CONSTRAINT fk_article_keys_article FOREIGN KEY(article) REFERENCES items (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "article_keys" VALUES(X'073BC92429D4D90E03E004E3BB1AC5E5','item',X'0A4F679587B2429DED435A61632C59D0',1,1);
INSERT INTO "article_keys" VALUES(X'15E9708699D41BCCB9CF4370E3117989','item',X'BA1AC6D352D187C3051F41200847B152',1,1);
INSERT INTO "article_keys" VALUES(X'18B1A56767B6B466FAE91B41791308C4','title',X'DA380E6FBE1B43C53D7268C042CE8B4D',1,0);
INSERT INTO "article_keys" VALUES(X'1BA33A9224CE959D700A40AF94527CD4','item',X'DA380E6FBE1B43C53D7268C042CE8B4D',1,1);
INSERT INTO "article_keys" VALUES(X'1C4559DB44DCB183F7B6F4FFD07FFA46','guid',X'A0121B752F028C61BB6163D0D9BC89C3',1,1);
INSERT INTO "article_keys" VALUES(X'1CB7852B8EC79CC9724DBDFA63787044','pattern',X'A0121B752F028C61BB6163D0D9BC89C3',1,1);
INSERT INTO "article_keys" VALUES(X'2481ECE3260E5889332557C4B58152A6','guid',X'0A4F679587B2429DED435A61632C59D0',1,1);
INSERT INTO "article_keys" VALUES(X'288037A14EF06F809A97E6E5E224BC1B','title',X'DA380E6FBE1B43C53D7268C042CE8B4D',1,1);
INSERT INTO "article_keys" VALUES(X'30574A08C5DC0DCD14578BADD862AF6C','title',X'A0121B752F028C61BB6163D0D9BC89C3',1,1);
INSERT INTO "article_keys" VALUES(X'36EA2CED1C97A7F15F7B17B58DBA8CE2','title',X'BA1AC6D352D187C3051F41200847B152',1,1);
INSERT INTO "article_keys" VALUES(X'AD2A136F1941DA39499BD31282A4B117','title',X'0A4F679587B2429DED435A61632C59D0',1,1);
INSERT INTO "article_keys" VALUES(X'ADECC2E986737BD2548927198F9BB33F','pattern',X'DA380E6FBE1B43C53D7268C042CE8B4D',1,0);
INSERT INTO "article_keys" VALUES(X'B064459F0CFE0AEF8CB7C906457C3DFF','pattern',X'BA1AC6D352D187C3051F41200847B152',1,1);
INSERT INTO "article_keys" VALUES(X'B3C4595B302C200D73946F06DCCBC200','item',X'A0121B752F028C61BB6163D0D9BC89C3',1,1);
INSERT INTO "article_keys" VALUES(X'C2D60E4D055296B7261CCE707BEB3DFD','pattern',X'DA380E6FBE1B43C53D7268C042CE8B4D',1,1);
INSERT INTO "article_keys" VALUES(X'D03AAFF7A2018E65250A7534C7453838','guid',X'BA1AC6D352D187C3051F41200847B152',1,1);
INSERT INTO "article_keys" VALUES(X'DEBE2663E001435AB98DEAB8A7FBA361','guid',X'DA380E6FBE1B43C53D7268C042CE8B4D',1,1);
INSERT INTO "article_keys" VALUES(X'EDC70CE45989756EFD71BAFD3F8EA738','pattern',X'0A4F679587B2429DED435A61632C59D0',1,1);
CREATE TABLE articles (
	id BLOB NOT NULL, 
	feed BLOB NOT NULL, 
	guid TEXT NOT NULL, 
	url TEXT NOT NULL, 
	title TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	content TEXT NOT NULL, 
	author TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	lang TEXT NOT NULL, 
	source TEXT NOT NULL, 
	feed_name TEXT NOT NULL, 
	published_at BIGINT, 
	updated_at BIGINT, 
	first_seen_at BIGINT NOT NULL, 
	sample BOOLEAN NOT NULL, lang_declared BOOLEAN, 
	CONSTRAINT pk_articles PRIMARY KEY (id), 
	CONSTRAINT fk_articles_feed FOREIGN KEY(feed) REFERENCES feeds (id), 
	CONSTRAINT fk_articles_id FOREIGN KEY(id) REFERENCES items (id) ON DELETE CASCADE
);
INSERT INTO "articles" VALUES(X'BA1AC6D352D187C3051F41200847B152',X'916900D1CEF57B7BA4C42717F01D3462','Shells seen before the first poll','','Shells seen before the first poll','','','','[]','','wire.example','wire',NULL,NULL,1795435200000000,0,0);
INSERT INTO "articles" VALUES(X'DA380E6FBE1B43C53D7268C042CE8B4D',X'916900D1CEF57B7BA4C42717F01D3462','Shells shipped to the front by rail','','Shells shipped to the front by rail again','','','','[]','','wire.example','wire',1795435680000000,NULL,1795435800000000,0,0);
INSERT INTO "articles" VALUES(X'0A4F679587B2429DED435A61632C59D0',X'C2899971D3ADEA7A6DD1571634E156C8','Weather turns cold in the north','','Weather turns cold in the north','','','','[]','','paper.example','paper',1795435680000000,NULL,1795435800000000,0,0);
INSERT INTO "articles" VALUES(X'A0121B752F028C61BB6163D0D9BC89C3',X'C2899971D3ADEA7A6DD1571634E156C8','Shells found in a harbour shed','','Shells found in a harbour shed','','','','[]','','paper.example','paper',1795436400000000,NULL,1795436400000000,0,0);
CREATE TABLE attempts (
	message BLOB NOT NULL, 
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	result VARCHAR NOT NULL, 
	answer TEXT NOT NULL, 
	status INTEGER, 
	CONSTRAINT pk_attempts PRIMARY KEY (message, number), 
	CONSTRAINT fk_attempts_message FOREIGN KEY(message) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "attempts" VALUES(X'84F6E40FBD3C97C8910788AEBBFDAB47',1,1795435800000000,'ok','ok',NULL);
CREATE TABLE channels (
	name TEXT NOT NULL, 
	breaker_since BIGINT, 
	breaker_reason TEXT NOT NULL, 
	next_probe_at BIGINT, 
	throttled_until BIGINT, 
	failures INTEGER NOT NULL, 
	last_ok_at BIGINT, 
	last_answer TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_channels PRIMARY KEY (name)
);
INSERT INTO "channels" VALUES('desk',NULL,'',NULL,NULL,0,1795435800000000,'ok',1795435800000000);
CREATE TABLE deliveries (
	id BLOB NOT NULL, 
	message BLOB NOT NULL, 
	alert BLOB NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_deliveries_alert FOREIGN KEY(alert) REFERENCES alerts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deliveries_message FOREIGN KEY(message) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "deliveries" VALUES(X'63D020F6662F638D5BE15E66EFDB9891',X'84F6E40FBD3C97C8910788AEBBFDAB47',X'D811F0D359BCCE7310BCD1E089029AB5',0);
INSERT INTO "deliveries" VALUES(X'3D8256548670183073F4069C4E137D1B',X'98E5AFF3666F8568CC07FE8C62ED172F',X'0F69F102D09BF7FA1D469A272B7E2106',0);
CREATE TABLE feeds (
	id BLOB NOT NULL, 
	name TEXT NOT NULL, 
	named BOOLEAN NOT NULL, 
	configured_url TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	token VARCHAR, 
	owner VARCHAR, 
	lease_until BIGINT, 
	claims INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	next_poll_at BIGINT NOT NULL, 
	status VARCHAR NOT NULL, 
	etag TEXT NOT NULL, 
	last_modified TEXT NOT NULL, 
	body_hash BLOB NOT NULL, 
	stripped_hash BLOB NOT NULL, 
	identity VARCHAR NOT NULL, 
	interval BIGINT NOT NULL, 
	last_poll_at BIGINT, 
	last_ok_at BIGINT, 
	last_item_at BIGINT, 
	failures INTEGER NOT NULL, 
	gone INTEGER NOT NULL, 
	problem_kind VARCHAR, 
	problem_message TEXT, 
	problem_status INTEGER, 
	problem_retry_after BIGINT, 
	problem_since BIGINT, 
	moved_to TEXT NOT NULL, 
	moved_since BIGINT, 
	moved_polls INTEGER NOT NULL, 
	cut BOOLEAN NOT NULL, 
	title TEXT NOT NULL, 
	CONSTRAINT pk_feeds PRIMARY KEY (id)
);
INSERT INTO "feeds" VALUES(X'916900D1CEF57B7BA4C42717F01D3462','wire',1,'https://wire.example/feed','{"url":"https://wire.example/feed","name":"wire","named":true,"tags":[],"every":300.0,"first_poll":"seen","max_age":259200.0,"sample":false,"lang":"","alert_if_silent":null}',1,NULL,NULL,NULL,0,'https://wire.example/feed',1795436696470873,'ok','','',X'2C771864FA0FC8C16576CCC4C4D85891',X'43F909D765FB1A26B9CDE0D6E42403C3','guid',300000000,1795436400000000,1795436400000000,1795435680000000,0,0,NULL,NULL,NULL,NULL,NULL,'',NULL,0,0,'Wire');
INSERT INTO "feeds" VALUES(X'C2899971D3ADEA7A6DD1571634E156C8','paper',1,'https://paper.example/feed','{"url":"https://paper.example/feed","name":"paper","named":true,"tags":[],"every":300.0,"first_poll":"seen","max_age":259200.0,"sample":false,"lang":"","alert_if_silent":null}',1,NULL,NULL,NULL,0,'https://paper.example/feed',1795436713768163,'ok','','',X'71F364E12538CFDDCD5EE62020352138',X'C883344EC60E8036DDA4AA872E8DB40F','guid',300000000,1795436400000000,1795436400000000,1795436400000000,0,0,NULL,NULL,NULL,NULL,NULL,'',NULL,0,0,'Wire');
CREATE TABLE items (
	id BLOB NOT NULL, 
	feed BLOB NOT NULL, 
	stage VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	revision INTEGER NOT NULL, 
	first_seen_at BIGINT NOT NULL, 
	absent_since BIGINT, 
	CONSTRAINT pk_items PRIMARY KEY (id), 
	CONSTRAINT fk_items_feed FOREIGN KEY(feed) REFERENCES feeds (id)
);
INSERT INTO "items" VALUES(X'BA1AC6D352D187C3051F41200847B152',X'916900D1CEF57B7BA4C42717F01D3462','first_poll',X'B4A023EAC333F7A7628FBA932E867ABC',0,1795435200000000,1795435800000000);
INSERT INTO "items" VALUES(X'DA380E6FBE1B43C53D7268C042CE8B4D',X'916900D1CEF57B7BA4C42717F01D3462','matched',X'04F61F2C11498E04E7289D0C8312ED43',1,1795435800000000,NULL);
INSERT INTO "items" VALUES(X'0A4F679587B2429DED435A61632C59D0',X'C2899971D3ADEA7A6DD1571634E156C8','matched',X'706394E8D24290DBA3D2911341AF6386',0,1795435800000000,1795436400000000);
INSERT INTO "items" VALUES(X'A0121B752F028C61BB6163D0D9BC89C3',X'C2899971D3ADEA7A6DD1571634E156C8','matched',X'AA3BFE6DCB931FF1663A011AAE24F7D2',0,1795436400000000,NULL);
CREATE TABLE job_runs (
	name VARCHAR NOT NULL, 
	slot VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_job_runs PRIMARY KEY (name, slot)
);
CREATE TABLE matches (
	article BLOB NOT NULL, 
	rule TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	groups TEXT NOT NULL, 
	spans TEXT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	CONSTRAINT pk_matches PRIMARY KEY (article, rule), 
	CONSTRAINT fk_matches_article FOREIGN KEY(article) REFERENCES articles (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "matches" VALUES(X'A0121B752F028C61BB6163D0D9BC89C3','shells',1,'[["shells",[["title",0,6,"shells",""]],""]]','[["title",0,6,"shells",""]]',1795436400000000);
INSERT INTO "matches" VALUES(X'BA1AC6D352D187C3051F41200847B152','shells',1,'[["shells",[["title",0,6,"shells",""]],""]]','[["title",0,6,"shells",""]]',1795435200000000);
INSERT INTO "matches" VALUES(X'DA380E6FBE1B43C53D7268C042CE8B4D','shells',1,'[["shells",[["title",0,6,"shells",""]],""]]','[["title",0,6,"shells",""]]',1795435800000000);
CREATE TABLE messages (
	id BLOB NOT NULL, 
	target TEXT NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	hold VARCHAR, 
	attempts INTEGER NOT NULL, 
	crashes INTEGER NOT NULL, 
	owner VARCHAR, 
	lease_until BIGINT, 
	claimed_from VARCHAR, 
	attempted_at BIGINT, 
	next_try_at BIGINT, 
	created_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	final_at BIGINT, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	plain BOOLEAN NOT NULL, 
	repeat BOOLEAN NOT NULL, 
	dead_class VARCHAR, 
	CONSTRAINT pk_messages PRIMARY KEY (id)
);
INSERT INTO "messages" VALUES(X'84F6E40FBD3C97C8910788AEBBFDAB47','desk','alert','sent',NULL,1,0,NULL,NULL,'waiting',1795435800000000,NULL,1795435800000000,1795435800000000,1795435800000000,'','',0,0,NULL);
INSERT INTO "messages" VALUES(X'98E5AFF3666F8568CC07FE8C62ED172F','desk','alert','waiting',NULL,0,0,NULL,NULL,NULL,NULL,NULL,1795436400000000,NULL,NULL,'','',0,0,NULL);
CREATE TABLE meta (
	name VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('active_revision','1');
CREATE TABLE pending_matches (
	article BLOB NOT NULL, 
	rule TEXT NOT NULL, 
	error TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_try_at BIGINT NOT NULL, 
	CONSTRAINT pk_pending_matches PRIMARY KEY (article, rule), 
	CONSTRAINT fk_pending_matches_article FOREIGN KEY(article) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE recipients (
	message BLOB NOT NULL, 
	recipient TEXT NOT NULL, 
	result VARCHAR NOT NULL, 
	answer TEXT NOT NULL, 
	CONSTRAINT pk_recipients PRIMARY KEY (message, recipient), 
	CONSTRAINT fk_recipients_message FOREIGN KEY(message) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE TABLE refused_entries (
	id BLOB NOT NULL, 
	feed BLOB NOT NULL, 
	position BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	title TEXT NOT NULL, 
	guid TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_refused_entries PRIMARY KEY (id), 
	CONSTRAINT fk_refused_entries_feed FOREIGN KEY(feed) REFERENCES feeds (id)
);
CREATE TABLE revisions (
	number INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	files TEXT NOT NULL, 
	activated_at BIGINT NOT NULL, 
	CONSTRAINT pk_revisions PRIMARY KEY (number)
);
INSERT INTO "revisions" VALUES(1,X'5878515815792963B75C247FF2804B12','{"watcher.yaml":"rules:\n  - name: Shells\n    all: [shells]\n\nfeeds:\n  - {url: ''https://wire.example/feed'', name: wire, every: 5m}\n  - {url: ''https://paper.example/feed'', name: paper, every: 5m}\nchannels:\n  desk: {type: slack, webhook_url: \"${not stored}\"}\ndefaults: {send_to: [desk]}\n"}',1795435200000000);
CREATE TABLE stopped (
	rule TEXT NOT NULL, 
	term TEXT NOT NULL, 
	day BIGINT NOT NULL, 
	articles INTEGER NOT NULL, 
	CONSTRAINT pk_stopped PRIMARY KEY (rule, term, day)
)
 WITHOUT ROWID

;
CREATE TABLE verdicts (
	article BLOB NOT NULL, 
	rule TEXT NOT NULL, 
	target TEXT NOT NULL, 
	outcome VARCHAR NOT NULL, 
	story BLOB NOT NULL, 
	level VARCHAR NOT NULL, 
	"of" BLOB, 
	because TEXT NOT NULL, 
	alert BLOB, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_verdicts PRIMARY KEY (article, rule, target), 
	CONSTRAINT fk_verdicts_article FOREIGN KEY(article) REFERENCES articles (id) ON DELETE CASCADE
);
INSERT INTO "verdicts" VALUES(X'DA380E6FBE1B43C53D7268C042CE8B4D','shells','desk','waiting',X'388DE1C02F11C9F93A19F29DFBD2A27E','revision',X'DA380E6FBE1B43C53D7268C042CE8B4D','{"equal":"item","url":"","removed":[],"similarity":0.88,"hours":0.0,"guards":["same feed"]}',X'D811F0D359BCCE7310BCD1E089029AB5','',1795436400000000);
INSERT INTO "verdicts" VALUES(X'A0121B752F028C61BB6163D0D9BC89C3','shells','desk','waiting',X'CCC2A1B4F07C7D81829C0F7E768026F5','new',NULL,'{}',X'0F69F102D09BF7FA1D469A272B7E2106','',1795436400000000);
CREATE INDEX ix_feeds_active_next_poll_at ON feeds (active, next_poll_at);
CREATE INDEX ix_refused_entries_feed_at ON refused_entries (feed, at);
CREATE INDEX ix_items_absent_since ON items (absent_since);
CREATE INDEX ix_items_feed_absent_since ON items (feed, absent_since);
CREATE INDEX ix_items_first_seen_at ON items (first_seen_at);
CREATE INDEX ix_article_keys_article ON article_keys (article);
CREATE INDEX ix_articles_feed ON articles (feed);
CREATE INDEX ix_articles_first_seen_at ON articles (first_seen_at);
CREATE INDEX ix_pending_matches_next_try_at ON pending_matches (next_try_at);
CREATE INDEX ix_messages_created_at ON messages (created_at);
CREATE INDEX ix_messages_final_at ON messages (final_at);
CREATE INDEX ix_messages_state_target_created_at ON messages (state, target, created_at);
CREATE INDEX ix_alerts_article ON alerts (article);
CREATE INDEX ix_alerts_created_at ON alerts (created_at);
CREATE INDEX ix_alerts_message ON alerts (message);
CREATE INDEX ix_alerts_story ON alerts (story);
CREATE INDEX ix_alert_members_article ON alert_members (article);
CREATE INDEX ix_deliveries_alert ON deliveries (alert);
CREATE INDEX ix_deliveries_message ON deliveries (message);
CREATE INDEX ix_matches_rule_seen_at ON matches (rule, seen_at);
COMMIT;
