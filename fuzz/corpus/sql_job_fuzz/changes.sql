SELECT v, COUNT(*), SUM(n), MIN(n) FROM changes GROUP BY v
