-- Seven values of each of 300,000 groups.
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '1 s';
SET 'table.exec.mini-batch.size' = '50000';
CREATE TABLE t (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100000000',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '6000000');
CREATE TABLE o (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO o SELECT MOD(id, 300000), COUNT(DISTINCT MOD(id, 7)) FROM t GROUP BY MOD(id, 300000);
