-- Nexmark q18, over the view bid of source.sql.
CREATE TABLE sink (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING,
  `dateTime` TIMESTAMP(3), extra STRING, PRIMARY KEY (auction, bidder) NOT ENFORCED
) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT auction, bidder, price, channel, url, `dateTime`, extra
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY `dateTime` DESC)
             AS rank_number FROM bid)
WHERE rank_number <= 1;
