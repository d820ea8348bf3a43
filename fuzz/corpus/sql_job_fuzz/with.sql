WITH x AS (SELECT a, COUNT(*) AS n FROM t GROUP BY a) SELECT x.n, u.name FROM x JOIN u ON x.a = u.a
