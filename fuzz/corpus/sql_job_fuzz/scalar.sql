SELECT a, (SELECT MAX(n) FROM changes) FROM t
