-- Nexmark q0, over the view bid of source.sql.
CREATE TABLE sink (
  auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3), extra STRING
) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT auction, bidder, price, `dateTime`, extra FROM bid;
