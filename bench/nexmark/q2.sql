-- Nexmark q2, over the view bid of source.sql.
CREATE TABLE sink (
  auction BIGINT, price BIGINT
) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0;
