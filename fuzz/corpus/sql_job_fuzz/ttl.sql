SELECT /*+ STATE_TTL('t' = '1d', 'u' = '2d') */ t.a, u.name FROM t JOIN u ON t.a = u.a
