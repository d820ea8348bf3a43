SELECT window_time, COUNT(*) FROM (SELECT window_time, a FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, window_time, a) GROUP BY window_time
