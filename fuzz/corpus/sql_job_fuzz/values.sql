SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS s(x, y)
