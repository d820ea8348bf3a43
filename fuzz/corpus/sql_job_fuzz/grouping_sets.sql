SELECT a, c, COUNT(*), GROUPING_ID(a, c) FROM t GROUP BY GROUPING SETS ((a), (a, c), ())
