-- comes to {"BTCUSD": "-324238", "ETHUSD": "-174866"}
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE checkpoints (
	seq INTEGER NOT NULL, 
	payload JSON NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "checkpoints" VALUES(135,'{"epoch_ms":1795377177006,"state":"halted","why":"lunch","cycles":[{"book":"core","number":102}],"orders":[{"terms":{"client_id":"hg05kh32s0mws97ru60000001000","book":"core","asset":"BTC","cycle":1,"part":0,"venue":"main","symbol":"BTC/USD:BTC","unit":"USD","contract_size":"1","side":"sell","contracts":"324568","limit_price":"64930.00","reduce_only":false,"post_only":false,"bound":null,"goes_on":false},"state":"filled","limit_price":"64930.00","venue_id":"cd613e30-d8f1-6adf-91b7-584a2265b1f5","reported":"324568","booked":"324568","trade_ids":["1e2feb89-414c-343c-1027-c4d1c386bbc4","35bf992d-c9e9-c616-612e-7696a6cecc1b","78e51061-7311-d8a3-c2ce-6f447ed4d57b","9b810e76-6ec9-d286-63ca-828dd5f4b3b2","b2221a58-008a-05a6-c464-7159c324c985","cd447e35-b8b6-d8fe-442e-3d437204e52d","e4b06ce6-0741-c7a8-7ce4-2c8218072e8c"],"late":[],"contradictions":[],"cancel_requested":false,"given_up":false,"detail":""},{"terms":{"client_id":"hg05odsj00mws97ru60000001001","book":"core","asset":"ETH","cycle":1,"part":1,"venue":"main","symbol":"ETH/USD:ETH","unit":"USD","contract_size":"1","side":"sell","contracts":"174866","limit_price":"3498.25","reduce_only":false,"post_only":false,"bound":null,"goes_on":false},"state":"filled","limit_price":"3498.25","venue_id":"1a2b8f1f-f1fd-42a2-9755-d4c13a902931","reported":"174866","booked":"174866","trade_ids":["025b413f-8a9a-021e-a648-a7dd06839eb9","05b6e6e3-07d4-bedc-5143-1193e6c3f339","afbd67f9-6196-99cf-e198-8ad9f06c144a","b9d179e0-6c0f-d4f5-f813-0c4237730edf"],"late":[],"contradictions":[],"cancel_requested":false,"given_up":false,"detail":""},{"terms":{"client_id":"hg05kh32s0mws97ru6000002u000","book":"core","asset":"BTC","cycle":102,"part":0,"venue":"main","symbol":"BTC/USD:BTC","unit":"USD","contract_size":"1","side":"sell","contracts":"49670","limit_price":"64851.60","reduce_only":false,"post_only":false,"bound":null,"goes_on":false},"state":"filled","limit_price":"64851.60","venue_id":"ad45f23d-3b1a-11df-587f-d2803bab6c39","reported":"49670","booked":"49670","trade_ids":["f3c64af7-75a8-9294-c2cd-789a380208a9"],"late":[],"contradictions":[],"cancel_requested":false,"given_up":false,"detail":""}],"slots":[{"venue":"main","symbol":"ETH/USD:ETH","quantity":{"value":"-174866","unit":"USD"},"as_of":"2026-11-22T19:53:00.878581+00:00","unacked":[]},{"venue":"main","symbol":"BTC/USD:BTC","quantity":{"value":"-324238","unit":"USD"},"as_of":"2026-11-22T19:53:00.878581+00:00","unacked":[]}],"balances":[],"trades":[{"key":"main|BTC/USD:BTC|1e2feb89-414c-343c-1027-c4d1c386bbc4","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|BTC/USD:BTC|35bf992d-c9e9-c616-612e-7696a6cecc1b","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|BTC/USD:BTC|78e51061-7311-d8a3-c2ce-6f447ed4d57b","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|BTC/USD:BTC|9b810e76-6ec9-d286-63ca-828dd5f4b3b2","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|BTC/USD:BTC|b2221a58-008a-05a6-c464-7159c324c985","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|BTC/USD:BTC|cd447e35-b8b6-d8fe-442e-3d437204e52d","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|BTC/USD:BTC|e4b06ce6-0741-c7a8-7ce4-2c8218072e8c","traded_at":"2026-11-22T19:53:01.019000+00:00"},{"key":"main|ETH/USD:ETH|025b413f-8a9a-021e-a648-a7dd06839eb9","traded_at":"2026-11-22T19:53:01.030000+00:00"},{"key":"main|ETH/USD:ETH|05b6e6e3-07d4-bedc-5143-1193e6c3f339","traded_at":"2026-11-22T19:53:01.030000+00:00"},{"key":"main|ETH/USD:ETH|afbd67f9-6196-99cf-e198-8ad9f06c144a","traded_at":"2026-11-22T19:53:01.030000+00:00"},{"key":"main|ETH/USD:ETH|b9d179e0-6c0f-d4f5-f813-0c4237730edf","traded_at":"2026-11-22T19:53:01.030000+00:00"},{"key":"main|BTC/USD:BTC|8d88348a-7eed-8d14-f06d-3fef701966a0","traded_at":"2026-11-22T19:53:01.208000+00:00"},{"key":"main|BTC/USD:BTC|f3c64af7-75a8-9294-c2cd-789a380208a9","traded_at":"2026-11-22T19:53:25.418000+00:00"}],"trades_floor":"1970-01-01T00:00:00+00:00","flattened":[],"armed":[],"sent":[{"book":"core","client_id":"hg05kh32s0mws97ru60000001000","placed":{"at":"2026-11-22T19:53:01.006179+00:00","asset":"BTC","venue":"main","symbol":"BTC/USD:BTC","quantity":"-324568","notional_usd":"324568","goes_on":false,"withdrawn":false}},{"book":"core","client_id":"hg05odsj00mws97ru60000001001","placed":{"at":"2026-11-22T19:53:01.007349+00:00","asset":"ETH","venue":"main","symbol":"ETH/USD:ETH","quantity":"-174866","notional_usd":"174866","goes_on":false,"withdrawn":false}},{"book":"core","client_id":"hg05kh32s0mws97ru6000002u000","placed":{"at":"2026-11-22T19:53:25.337462+00:00","asset":"BTC","venue":"main","symbol":"BTC/USD:BTC","quantity":"-49670","notional_usd":"49670","goes_on":false,"withdrawn":false}}],"strikes":[],"memories":[],"deleveraged":[]}');
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	at_us BIGINT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	client_id VARCHAR(64), 
	once VARCHAR(256), 
	payload JSON NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (once)
);
INSERT INTO "events" VALUES(1,1795377177006707,'created',NULL,NULL,'{"epoch_ms":1795377177006}');
INSERT INTO "events" VALUES(2,1795377180878742,'opening',NULL,NULL,'{"venue":"main","symbol":"ETH/USD:ETH","quantity":{"value":"0","unit":"USD"},"as_of":"2026-11-22T19:53:00.878581+00:00"}');
INSERT INTO "events" VALUES(3,1795377180878742,'opening',NULL,NULL,'{"venue":"main","symbol":"BTC/USD:BTC","quantity":{"value":"0","unit":"USD"},"as_of":"2026-11-22T19:53:00.878581+00:00"}');
INSERT INTO "events" VALUES(4,1795377180878742,'reconcile',NULL,NULL,'{"venue":"main","clean":true,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(5,1795377181006179,'intent','hg05kh32s0mws97ru60000001000','intent|hg05kh32s0mws97ru60000001000','{"order":{"client_id":"hg05kh32s0mws97ru60000001000","book":"core","asset":"BTC","cycle":1,"part":0,"venue":"main","symbol":"BTC/USD:BTC","unit":"USD","contract_size":"1","side":"sell","contracts":"324568","limit_price":"64930.00","reduce_only":false,"post_only":false,"bound":null,"goes_on":false}}');
INSERT INTO "events" VALUES(6,1795377181006179,'submit','hg05kh32s0mws97ru60000001000',NULL,'{"client_id":"hg05kh32s0mws97ru60000001000"}');
INSERT INTO "events" VALUES(7,1795377181007349,'intent','hg05odsj00mws97ru60000001001','intent|hg05odsj00mws97ru60000001001','{"order":{"client_id":"hg05odsj00mws97ru60000001001","book":"core","asset":"ETH","cycle":1,"part":1,"venue":"main","symbol":"ETH/USD:ETH","unit":"USD","contract_size":"1","side":"sell","contracts":"174866","limit_price":"3498.25","reduce_only":false,"post_only":false,"bound":null,"goes_on":false}}');
INSERT INTO "events" VALUES(8,1795377181007349,'submit','hg05odsj00mws97ru60000001001',NULL,'{"client_id":"hg05odsj00mws97ru60000001001"}');
INSERT INTO "events" VALUES(9,1795377181028142,'acknowledgement','hg05kh32s0mws97ru60000001000',NULL,'{"client_id":"hg05kh32s0mws97ru60000001000","venue_id":"cd613e30-d8f1-6adf-91b7-584a2265b1f5"}');
INSERT INTO "events" VALUES(10,1795377181054246,'acknowledgement','hg05odsj00mws97ru60000001001',NULL,'{"client_id":"hg05odsj00mws97ru60000001001","venue_id":"1a2b8f1f-f1fd-42a2-9755-d4c13a902931"}');
INSERT INTO "events" VALUES(11,1795377181070134,'look-up','hg05kh32s0mws97ru60000001000',NULL,'{"client_id":"hg05kh32s0mws97ru60000001000","answer":"done","filled":"324568","venue_id":"cd613e30-d8f1-6adf-91b7-584a2265b1f5","detail":""}');
INSERT INTO "events" VALUES(12,1795377181098369,'look-up','hg05odsj00mws97ru60000001001',NULL,'{"client_id":"hg05odsj00mws97ru60000001001","answer":"done","filled":"174866","venue_id":"1a2b8f1f-f1fd-42a2-9755-d4c13a902931","detail":""}');
INSERT INTO "events" VALUES(13,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|1e2feb89-414c-343c-1027-c4d1c386bbc4','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"1e2feb89-414c-343c-1027-c4d1c386bbc4","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"64991.60","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00042313","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(14,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|35bf992d-c9e9-c616-612e-7696a6cecc1b','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"35bf992d-c9e9-c616-612e-7696a6cecc1b","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"64985.20","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00042317","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(15,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|78e51061-7311-d8a3-c2ce-6f447ed4d57b','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"78e51061-7311-d8a3-c2ce-6f447ed4d57b","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"64988.40","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00042315","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(16,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|9b810e76-6ec9-d286-63ca-828dd5f4b3b2','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"9b810e76-6ec9-d286-63ca-828dd5f4b3b2","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"64978.80","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00042321","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(17,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|b2221a58-008a-05a6-c464-7159c324c985','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"b2221a58-008a-05a6-c464-7159c324c985","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"64975.60","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00042324","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(18,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|cd447e35-b8b6-d8fe-442e-3d437204e52d','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"cd447e35-b8b6-d8fe-442e-3d437204e52d","side":"sell","contracts":"24568","contract_size":"1","unit":"USD","price":"64972.40","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00020797","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(19,1795377181118072,'fill','hg05kh32s0mws97ru60000001000','trade|main|BTC/USD:BTC|e4b06ce6-0741-c7a8-7ce4-2c8218072e8c','{"client_id":"hg05kh32s0mws97ru60000001000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"e4b06ce6-0741-c7a8-7ce4-2c8218072e8c","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"64982.00","traded_at":"2026-11-22T19:53:01.019000+00:00","fee":{"value":"0.00042319","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(20,1795377181118072,'fill','hg05odsj00mws97ru60000001001','trade|main|ETH/USD:ETH|025b413f-8a9a-021e-a648-a7dd06839eb9','{"client_id":"hg05odsj00mws97ru60000001001","venue":"main","symbol":"ETH/USD:ETH","trade_id":"025b413f-8a9a-021e-a648-a7dd06839eb9","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"3501.35","traded_at":"2026-11-22T19:53:01.030000+00:00","fee":{"value":"0.00785411","unit":"ETH"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(21,1795377181118072,'fill','hg05odsj00mws97ru60000001001','trade|main|ETH/USD:ETH|05b6e6e3-07d4-bedc-5143-1193e6c3f339','{"client_id":"hg05odsj00mws97ru60000001001","venue":"main","symbol":"ETH/USD:ETH","trade_id":"05b6e6e3-07d4-bedc-5143-1193e6c3f339","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"3501.50","traded_at":"2026-11-22T19:53:01.030000+00:00","fee":{"value":"0.00785378","unit":"ETH"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(22,1795377181118072,'fill','hg05odsj00mws97ru60000001001','trade|main|ETH/USD:ETH|afbd67f9-6196-99cf-e198-8ad9f06c144a','{"client_id":"hg05odsj00mws97ru60000001001","venue":"main","symbol":"ETH/USD:ETH","trade_id":"afbd67f9-6196-99cf-e198-8ad9f06c144a","side":"sell","contracts":"50000","contract_size":"1","unit":"USD","price":"3501.20","traded_at":"2026-11-22T19:53:01.030000+00:00","fee":{"value":"0.00785445","unit":"ETH"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(23,1795377181118072,'fill','hg05odsj00mws97ru60000001001','trade|main|ETH/USD:ETH|b9d179e0-6c0f-d4f5-f813-0c4237730edf','{"client_id":"hg05odsj00mws97ru60000001001","venue":"main","symbol":"ETH/USD:ETH","trade_id":"b9d179e0-6c0f-d4f5-f813-0c4237730edf","side":"sell","contracts":"24866","contract_size":"1","unit":"USD","price":"3501.05","traded_at":"2026-11-22T19:53:01.030000+00:00","fee":{"value":"0.00390634","unit":"ETH"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(24,1795377181118072,'reconcile',NULL,NULL,'{"venue":"main","clean":true,"notes":["new-fill: sell 50000 BTC/USD:BTC at 64991.6 (trade 1e2feb89-414c-343c-1027-c4d1c386bbc4, hg05kh32s0mws97ru60000001000)","new-fill: sell 50000 BTC/USD:BTC at 64985.2 (trade 35bf992d-c9e9-c616-612e-7696a6cecc1b, hg05kh32s0mws97ru60000001000)","new-fill: sell 50000 BTC/USD:BTC at 64988.4 (trade 78e51061-7311-d8a3-c2ce-6f447ed4d57b, hg05kh32s0mws97ru60000001000)","new-fill: sell 50000 BTC/USD:BTC at 64978.8 (trade 9b810e76-6ec9-d286-63ca-828dd5f4b3b2, hg05kh32s0mws97ru60000001000)","new-fill: sell 50000 BTC/USD:BTC at 64975.6 (trade b2221a58-008a-05a6-c464-7159c324c985, hg05kh32s0mws97ru60000001000)","new-fill: sell 24568 BTC/USD:BTC at 64972.4 (trade cd447e35-b8b6-d8fe-442e-3d437204e52d, hg05kh32s0mws97ru60000001000)","new-fill: sell 50000 BTC/USD:BTC at 64982 (trade e4b06ce6-0741-c7a8-7ce4-2c8218072e8c, hg05kh32s0mws97ru60000001000)","new-fill: sell 50000 ETH/USD:ETH at 3501.35 (trade 025b413f-8a9a-021e-a648-a7dd06839eb9, hg05odsj00mws97ru60000001001)","new-fill: sell 50000 ETH/USD:ETH at 3501.5 (trade 05b6e6e3-07d4-bedc-5143-1193e6c3f339, hg05odsj00mws97ru60000001001)","new-fill: sell 50000 ETH/USD:ETH at 3501.2 (trade afbd67f9-6196-99cf-e198-8ad9f06c144a, hg05odsj00mws97ru60000001001)","new-fill: sell 24866 ETH/USD:ETH at 3501.05 (trade b9d179e0-6c0f-d4f5-f813-0c4237730edf, hg05odsj00mws97ru60000001001)"],"balances":[]}');
INSERT INTO "events" VALUES(25,1795377181458831,'external-change',NULL,'trade|main|BTC/USD:BTC|8d88348a-7eed-8d14-f06d-3fef701966a0','{"venue":"main","symbol":"BTC/USD:BTC","quantity":{"value":"50000","unit":"USD"},"cause":"trade","why":"buy 50000 BTC/USD:BTC at 64998.2 (trade 8d88348a-7eed-8d14-f06d-3fef701966a0, no order of ours)","adopted":false,"trade_id":"8d88348a-7eed-8d14-f06d-3fef701966a0","traded_at":"2026-11-22T19:53:01.208000+00:00"}');
INSERT INTO "events" VALUES(26,1795377181458831,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":["external-change: buy 50000 BTC/USD:BTC at 64998.2 (trade 8d88348a-7eed-8d14-f06d-3fef701966a0, no order of ours)"],"balances":[]}');
INSERT INTO "events" VALUES(27,1795377181574981,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(28,1795377181883247,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(29,1795377182039706,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(30,1795377182272497,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(31,1795377182504152,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(32,1795377182666948,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(33,1795377182881220,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(34,1795377183195374,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(35,1795377183415038,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(36,1795377183670959,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(37,1795377183901621,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(38,1795377184187253,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(39,1795377184333074,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(40,1795377184595216,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(41,1795377184740949,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(42,1795377184928840,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(43,1795377185047689,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(44,1795377185177633,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(45,1795377185458759,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(46,1795377185739075,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(47,1795377185972066,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(48,1795377186097469,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(49,1795377186288704,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(50,1795377186554964,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(51,1795377186691019,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(52,1795377186907029,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(53,1795377187226852,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(54,1795377187650742,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(55,1795377187942615,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(56,1795377188123105,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(57,1795377188218721,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(58,1795377188474964,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(59,1795377188706839,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(60,1795377188960113,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(61,1795377189216119,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(62,1795377189387085,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(63,1795377189642692,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(64,1795377189814958,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(65,1795377189964749,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(66,1795377190207915,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(67,1795377190659138,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(68,1795377190979378,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(69,1795377191262345,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(70,1795377191627700,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(71,1795377192079421,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(72,1795377192350679,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(73,1795377192586532,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(74,1795377192820391,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(75,1795377193111429,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(76,1795377193399302,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(77,1795377193870990,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(78,1795377194131667,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(79,1795377194319979,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(80,1795377194500974,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(81,1795377194830979,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(82,1795377195079076,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(83,1795377195507526,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(84,1795377195726854,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(85,1795377195867012,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(86,1795377197095072,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(87,1795377197314887,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(88,1795377197535019,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(89,1795377197623124,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(90,1795377197899033,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(91,1795377198043093,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(92,1795377198270878,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(93,1795377198519025,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(94,1795377198763439,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(95,1795377199110905,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(96,1795377199323499,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(97,1795377199502885,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(98,1795377199723019,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(99,1795377199921522,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(100,1795377200017215,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(101,1795377200236726,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(102,1795377200560213,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(103,1795377200760588,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(104,1795377200908749,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(105,1795377201032307,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(106,1795377201255049,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(107,1795377201405995,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(108,1795377201668984,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(109,1795377201802749,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(110,1795377202078175,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(111,1795377202255782,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(112,1795377202487081,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(113,1795377202676159,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(114,1795377202924108,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(115,1795377203112093,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(116,1795377203325457,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(117,1795377203394795,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(118,1795377203682976,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(119,1795377203850204,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(120,1795377204014961,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(121,1795377204250785,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(122,1795377204483010,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(123,1795377204743168,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(124,1795377204999182,'reconcile',NULL,NULL,'{"venue":"main","clean":false,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(125,1795377205024456,'ack',NULL,NULL,'{"venue":"main","what":"BTC/USD:BTC","who":"root","why":"by hand"}');
INSERT INTO "events" VALUES(126,1795377205218834,'reconcile',NULL,NULL,'{"venue":"main","clean":true,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(127,1795377205337462,'intent','hg05kh32s0mws97ru6000002u000','intent|hg05kh32s0mws97ru6000002u000','{"order":{"client_id":"hg05kh32s0mws97ru6000002u000","book":"core","asset":"BTC","cycle":102,"part":0,"venue":"main","symbol":"BTC/USD:BTC","unit":"USD","contract_size":"1","side":"sell","contracts":"49670","limit_price":"64851.60","reduce_only":false,"post_only":false,"bound":null,"goes_on":false}}');
INSERT INTO "events" VALUES(128,1795377205337462,'submit','hg05kh32s0mws97ru6000002u000',NULL,'{"client_id":"hg05kh32s0mws97ru6000002u000"}');
INSERT INTO "events" VALUES(129,1795377205427094,'acknowledgement','hg05kh32s0mws97ru6000002u000',NULL,'{"client_id":"hg05kh32s0mws97ru6000002u000","venue_id":"ad45f23d-3b1a-11df-587f-d2803bab6c39"}');
INSERT INTO "events" VALUES(130,1795377205475295,'look-up','hg05kh32s0mws97ru6000002u000',NULL,'{"client_id":"hg05kh32s0mws97ru6000002u000","answer":"done","filled":"49670","venue_id":"ad45f23d-3b1a-11df-587f-d2803bab6c39","detail":""}');
INSERT INTO "events" VALUES(131,1795377205631710,'fill','hg05kh32s0mws97ru6000002u000','trade|main|BTC/USD:BTC|f3c64af7-75a8-9294-c2cd-789a380208a9','{"client_id":"hg05kh32s0mws97ru6000002u000","venue":"main","symbol":"BTC/USD:BTC","trade_id":"f3c64af7-75a8-9294-c2cd-789a380208a9","side":"sell","contracts":"49670","contract_size":"1","unit":"USD","price":"64913.20","traded_at":"2026-11-22T19:53:25.418000+00:00","fee":{"value":"0.00042085","unit":"BTC"},"is_maker":false,"cause":"trade"}');
INSERT INTO "events" VALUES(132,1795377205631710,'reconcile',NULL,NULL,'{"venue":"main","clean":true,"notes":["new-fill: sell 49670 BTC/USD:BTC at 64913.2 (trade f3c64af7-75a8-9294-c2cd-789a380208a9, hg05kh32s0mws97ru6000002u000)"],"balances":[]}');
INSERT INTO "events" VALUES(133,1795377216078996,'reconcile',NULL,NULL,'{"venue":"main","clean":true,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(134,1795377226319093,'reconcile',NULL,NULL,'{"venue":"main","clean":true,"notes":[],"balances":[]}');
INSERT INTO "events" VALUES(135,1795377229082416,'state-change',NULL,NULL,'{"state":"halted","who":"root","why":"lunch"}');
CREATE INDEX events_kind ON events (kind, seq);
CREATE INDEX events_client_id ON events (client_id, seq);
COMMIT;
