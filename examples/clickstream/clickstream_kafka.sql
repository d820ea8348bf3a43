-- Clickstream from Kafka: clickstream.sql with its lines read from the topic access_log instead of
-- files; nothing else differs. Plain Flink SQL: it runs unchanged on a Flink cluster.
--
--   rhei run clickstream_kafka.sql        reads the topic at localhost:9092, writes below ./out
--
-- One line of the log is the value of one record; keys are not looked at. It runs until Ctrl-C, and
-- goes on there the next time, because offsets are committed to the group with every checkpoint.
-- With several partitions, which lines are late depends on how they interleave.

SET 'pipeline.name' = 'clickstream-kafka';
-- A partition that is silent this long holds no window back.
SET 'table.exec.source.idle-timeout' = '10 s';

-- One row per line. A line that does not parse has NULL in `ip` (and the epoch as its time, which
-- moves no watermark); times are those of the log, to the second.
CREATE TABLE access_log (
  line STRING,
  ip AS REGEXP_EXTRACT(line, '^(\S+) \S+ \S+ \[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\] "[A-Z]+ \S+ HTTP/[\d.]+" \d{3} (?:\d+|-)(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?$', 1),
  page AS SPLIT_INDEX(SPLIT_INDEX(SPLIT_INDEX(line, '"', 1), ' ', 1), '?', 0),
  status AS TRY_CAST(SPLIT_INDEX(SPLIT_INDEX(line, '"', 2), ' ', 1) AS INT),
  sent AS COALESCE(TRY_CAST(SPLIT_INDEX(SPLIT_INDEX(line, '"', 2), ' ', 2) AS BIGINT), 0),
  agent AS REGEXP_EXTRACT(line, '"((?:[^"\\]|\\.)*)"$', 1),
  ts AS COALESCE(TO_TIMESTAMP(SUBSTRING(SPLIT_INDEX(line, '[', 1) FROM 1 FOR 20), 'dd/MMM/yyyy:HH:mm:ss'),
                 TO_TIMESTAMP('1970-01-01 00:00:00')),
  WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE
) WITH (
  'connector' = 'kafka',
  'topic' = 'access_log',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'clickstream',
  'properties.auto.offset.reset' = 'earliest',  -- for the first time, when the group has no offsets
  'format' = 'raw'
);

-- Page views: lines that parse, are answered, and are neither parts of pages nor made by robots.
CREATE VIEW requests AS
SELECT ip, page, status, sent, agent, ts FROM access_log WHERE ip IS NOT NULL;

CREATE VIEW page_views AS
SELECT ip, page, sent, agent, ts FROM requests
WHERE status BETWEEN 200 AND 399
  AND NOT page LIKE '%.css' AND NOT page LIKE '%.js' AND NOT page LIKE '%.png' AND NOT page LIKE '%.ico'
  AND NOT LOWER(COALESCE(agent, '')) LIKE '%bot%';

CREATE TABLE views_per_minute (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), hits BIGINT, visitors BIGINT, sent BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/views_per_minute', 'format' = 'json');

CREATE TABLE views_per_hour (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), hits BIGINT, visitors BIGINT, sent BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/views_per_hour', 'format' = 'json');

CREATE TABLE views_per_page (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), page STRING, hits BIGINT, visitors BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/views_per_page', 'format' = 'json');

CREATE TABLE top_pages (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), `rank` BIGINT, page STRING, hits BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/top_pages', 'format' = 'json');

CREATE TABLE top_addresses (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), `rank` BIGINT, ip STRING, requests BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/top_addresses', 'format' = 'json');

CREATE TABLE visits (
  ip STRING, visit_start TIMESTAMP(3), visit_end TIMESTAMP(3), hits BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/visits', 'format' = 'json');

CREATE TABLE views_last_hour (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), hits BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/views_last_hour', 'format' = 'json');

CREATE TABLE status_per_hour (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), status_class INT, requests BIGINT, sent BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/status_per_hour', 'format' = 'json');

CREATE TABLE errors_per_hour (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), requests BIGINT, errors BIGINT, error_rate DOUBLE
) WITH ('connector' = 'filesystem', 'path' = 'out/errors_per_hour', 'format' = 'json');

CREATE TABLE rejected (line STRING)
WITH ('connector' = 'filesystem', 'path' = 'out/rejected', 'format' = 'raw');

CREATE TABLE hours_on_screen (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), hits BIGINT, visitors BIGINT, sent BIGINT
) WITH ('connector' = 'print', 'print-identifier' = 'hour');

EXECUTE STATEMENT SET
BEGIN

INSERT INTO views_per_minute
SELECT window_start, window_end, COUNT(*), COUNT(DISTINCT ip), SUM(sent)
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;

INSERT INTO views_per_hour
SELECT window_start, window_end, COUNT(*), COUNT(DISTINCT ip), SUM(sent)
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start, window_end;

INSERT INTO hours_on_screen
SELECT window_start, window_end, COUNT(*), COUNT(DISTINCT ip), SUM(sent)
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start, window_end;

INSERT INTO views_per_page
SELECT window_start, window_end, page, COUNT(*), COUNT(DISTINCT ip)
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start, window_end, page;

INSERT INTO top_pages
SELECT window_start, window_end, rn, page, hits FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY hits DESC, page) AS rn
  FROM (
    SELECT window_start, window_end, page, COUNT(*) AS hits
    FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(ts), INTERVAL '1' HOUR))
    GROUP BY window_start, window_end, page))
WHERE rn <= 10;

INSERT INTO top_addresses
SELECT window_start, window_end, rn, ip, requests FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY requests DESC, ip) AS rn
  FROM (
    SELECT window_start, window_end, ip, COUNT(*) AS requests
    FROM TABLE(TUMBLE(TABLE requests, DESCRIPTOR(ts), INTERVAL '1' HOUR))
    GROUP BY window_start, window_end, ip))
WHERE rn <= 10;

INSERT INTO visits
SELECT ip, window_start, window_end, COUNT(*)
FROM TABLE(SESSION(TABLE page_views PARTITION BY ip, DESCRIPTOR(ts), INTERVAL '30' MINUTE))
GROUP BY ip, window_start, window_end;

INSERT INTO views_last_hour
SELECT window_start, window_end, COUNT(*)
FROM TABLE(HOP(TABLE page_views, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
GROUP BY window_start, window_end;

INSERT INTO status_per_hour
SELECT window_start, window_end, status / 100, COUNT(*), SUM(sent)
FROM TABLE(TUMBLE(TABLE requests, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start, window_end, status / 100;

INSERT INTO errors_per_hour
SELECT window_start, window_end, COUNT(*), COUNT(*) FILTER (WHERE status >= 400),
       CAST(COUNT(*) FILTER (WHERE status >= 400) AS DOUBLE) / COUNT(*)
FROM TABLE(TUMBLE(TABLE requests, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start, window_end;

INSERT INTO rejected SELECT line FROM access_log WHERE ip IS NULL;

END;
