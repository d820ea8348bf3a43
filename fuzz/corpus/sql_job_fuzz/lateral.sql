SELECT t.a, x.n FROM t, LATERAL (SELECT n FROM changes WHERE changes.id = t.a) AS x
