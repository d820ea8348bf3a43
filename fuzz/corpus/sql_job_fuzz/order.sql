SELECT a, b FROM t ORDER BY ts, a
