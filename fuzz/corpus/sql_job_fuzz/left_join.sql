SELECT t.a, u.name FROM t LEFT JOIN u ON t.a = u.a
