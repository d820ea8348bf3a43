-- Values of three slices merged for each window of a HOP.
CREATE TABLE t (id BIGINT, ts AS TO_TIMESTAMP_LTZ(id, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen',
  'rows-per-second' = '100000000', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '12000000');
CREATE TABLE o (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO o SELECT MOD(id, 50), COUNT(DISTINCT MOD(id, 100003))
FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '33' SECOND, INTERVAL '99' SECOND))
GROUP BY MOD(id, 50), window_start, window_end;
