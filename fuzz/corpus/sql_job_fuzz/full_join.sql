SELECT * FROM changes FULL JOIN u ON changes.id = u.a
