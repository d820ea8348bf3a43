SELECT r.x, arr[1], m['a'], CARDINALITY(arr), bin, CAST(ltz AS STRING) FROM nested WHERE g
