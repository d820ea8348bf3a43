#!/usr/bin/env python3
"""Counts an access log again, without Rhei, and compares with what the clickstream job wrote.

    check.py LOG_FILE OUT_DIRECTORY [COUNTERS]

Reads the log once, line by line, as the job's definition says: which lines parse, which are page
views, which windows a line still belongs to when it comes (the watermark is the newest time minus
five minutes; a window whose end the watermark has passed takes nothing more). Exit code 0 and a line
per table when everything is equal. Only Python's standard library.

With COUNTERS (what `rhei run --counters` wrote) the lines came over several shards or partitions, and
chance decided which of them were late. Then every window must hold at most what the whole log has
for it, and what is missing in a table's windows must add up to what the job counted as late there;
"equal" is a table without late lines, or with the same ones that a single reader finds.
"""
import datetime
import json
import os
import re
import sys
from collections import Counter, defaultdict

LINE = re.compile(
    rb'(\S+) \S+ \S+ \[(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}):(\d{2}):(\d{2}) [+-]\d{4}\] '
    rb'"[A-Z]+ (\S+) HTTP/[\d.]+" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?')
MONTHS = {m: i + 1 for i, m in enumerate(
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"])}
MINUTE, HOUR, DELAY = 60, 3600, 300
ASSETS = (b".css", b".js", b".png", b".ico")


def text(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def read_rows(directory):
    rows = []
    for folder, _, names in sorted(os.walk(directory)):
        for name in sorted(names):
            if name.startswith("."):
                continue
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                rows += [json.loads(row) for row in file]
    return rows


def read_counters(path):
    """What each table's window aggregate counted: name of the table -> (late rows, late pairs)."""
    result = {}
    with open(path, encoding="utf-8") as file:
        for row in map(json.loads, file):
            table, _, operator = row["operator"].rpartition("/")
            if operator.startswith("WindowAggregate"):
                values = row["counters"]
                result[table.split(".")[-1]] = (values["late"], values.get("late_pairs", 0))
    return result


def shortfall(expected, actual):
    """Rows that windows lack of what the whole log has for them; None when one has too many."""
    if not set(actual) <= set(expected):
        return None
    missing = [expected[key] - actual.get(key, 0) for key in expected]
    return sum(missing) if min(missing, default=0) >= 0 else None


class Windows:
    """Rows per window: those that came while it was open, and those that came too late."""

    def __init__(self, size, slide=None):
        self.size, self.slide = size, slide or size
        self.taken, self.missed = defaultdict(list), defaultdict(list)
        self.late = 0

    def add(self, seconds, watermark, item):
        """`watermark`: None before the first row."""
        first = seconds - seconds % self.slide
        taken = False
        for start in range(first, seconds - self.size, -self.slide):
            # Milliseconds: the window's last one is end - 1 ms.
            if watermark is None or (start + self.size) * 1000 - 1 > watermark * 1000:
                self.taken[start].append(item)
                taken = True
            else:
                self.missed[start].append(item)
        self.late += not taken

    def all(self):
        return {start: self.taken.get(start, []) + self.missed.get(start, [])
                for start in self.taken.keys() | self.missed.keys()}


def tables_of(minute, hour, last_hour, requests):
    """What the job's tables hold when the windows (start -> rows) hold these rows."""
    def totals(windows):
        return {text(w): (len(v), len({ip for ip, _, _ in v}), sum(sent for _, _, sent in v))
                for w, v in windows.items()}

    pages_of, status_of, errors_of, top_pages, top_ips = {}, {}, {}, {}, {}
    for w, views in hour.items():
        pages = defaultdict(set)
        counts = Counter(page for _, page, _ in views)
        for ip, page, _ in views:
            pages[page].add(ip)
        for page, n in counts.items():
            pages_of[text(w), page.decode()] = (n, len(pages[page]))
        for rank, (page, n) in enumerate(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:10], 1):
            top_pages[text(w), rank] = (page.decode(), n)
    for w, rows in requests.items():
        by_class = defaultdict(lambda: [0, 0])
        for _, status, sent in rows:
            by_class[status // 100][0] += 1
            by_class[status // 100][1] += sent
        for status_class, pair in by_class.items():
            status_of[text(w), status_class] = tuple(pair)
        errors = sum(status >= 400 for _, status, _ in rows)
        errors_of[text(w)] = (len(rows), errors)
        counts = Counter(ip for ip, _, _ in rows)
        for rank, (ip, n) in enumerate(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:10], 1):
            top_ips[text(w), rank] = (ip.decode(), n)
    return {"views_per_minute": totals(minute), "views_per_hour": totals(hour), "views_per_page": pages_of,
            "top_pages": top_pages, "top_addresses": top_ips,
            "views_last_hour": {text(w): len(v) for w, v in last_hour.items()},
            "status_per_hour": status_of, "errors_per_hour": errors_of}


def main():
    log, out = sys.argv[1], sys.argv[2]
    counters = read_counters(sys.argv[3]) if len(sys.argv) > 3 else None
    days = {}
    rejected = lines = 0
    newest = None
    minute, hour = Windows(MINUTE), Windows(HOUR)
    last_hour = Windows(HOUR, MINUTE)
    requests = Windows(HOUR)
    with open(log, "rb") as file:
        for line in file:
            lines += 1
            match = LINE.fullmatch(line.rstrip(b"\n"))
            if not match:
                rejected += 1
                continue
            ip, day, month, year, h, m, s, path, status, size, _, agent = match.groups()
            key = (day, month, year)
            if key not in days:
                days[key] = int(datetime.datetime(int(year), MONTHS[month], int(day),
                                                  tzinfo=datetime.timezone.utc).timestamp())
            seconds = days[key] + int(h) * 3600 + int(m) * 60 + int(s)
            watermark = None if newest is None else newest - DELAY
            status, sent = int(status), 0 if size == b"-" else int(size)
            page = path.split(b"?")[0]
            requests.add(seconds, watermark, (ip, status, sent))
            robot = agent is not None and b"bot" in agent.lower()
            if 200 <= status <= 399 and not page.endswith(ASSETS) and not robot:
                view = (ip, page, sent)
                minute.add(seconds, watermark, view)
                hour.add(seconds, watermark, view)
                last_hour.add(seconds, watermark, None)
            newest = seconds if newest is None else max(newest, seconds)

    def written(table, key, value):
        rows = read_rows(os.path.join(out, table))
        result = {key(row): value(row) for row in rows}
        assert len(result) == len(rows), f"{table}: a key twice"
        return result

    window = lambda row: row["window_start"]
    triple = lambda row: (row["hits"], row["visitors"], row["sent"])
    windows = (minute, hour, last_hour, requests)
    expected = tables_of(*(each.taken for each in windows))
    whole = tables_of(*(each.all() for each in windows)) if counters else None
    tables = {
        "views_per_minute": written("views_per_minute", window, triple),
        "views_per_hour": written("views_per_hour", window, triple),
        "views_per_page":
            written("views_per_page", lambda r: (r["window_start"], r["page"]), lambda r: (r["hits"], r["visitors"])),
        "top_pages":
            written("top_pages", lambda r: (r["window_start"], r["rank"]), lambda r: (r["page"], r["hits"])),
        "top_addresses":
            written("top_addresses", lambda r: (r["window_start"], r["rank"]), lambda r: (r["ip"], r["requests"])),
        "views_last_hour": written("views_last_hour", window, lambda r: r["hits"]),
        "status_per_hour": written("status_per_hour", lambda r: (r["window_start"], r["status_class"]),
                                   lambda r: (r["requests"], r["sent"])),
        "errors_per_hour": written("errors_per_hour", window, lambda r: (r["requests"], r["errors"])),
    }
    bad = 0
    # The tables whose every row is a window's count of rows; the others keep the first ten only.
    rows_of = {"views_per_minute": 0, "views_per_hour": 0, "views_per_page": 0, "views_last_hour": None,
               "status_per_hour": 0, "errors_per_hour": 0}
    for table, actual in tables.items():
        late_pairs = counters[table][1] if counters else None
        if late_pairs == 0:
            expected[table] = whole[table]
        same = expected[table] == actual
        if counters and table in rows_of:
            of = rows_of[table]
            hits = lambda rows: {key: row if of is None else row[of] for key, row in rows.items()}
            missing = shortfall(hits(whole[table]), hits(actual))
            bad += missing != late_pairs
            verdict = f"DOES NOT ADD UP: {missing} missing" if missing != late_pairs else "equal" if same else "adds up"
            print(f"  {table:18} {len(actual):7} rows  {late_pairs:7} late  {verdict}")
            continue
        if late_pairs and not same:
            # The first ten of a window say nothing of the rows that it lacks.
            print(f"  {table:18} {len(actual):7} rows  {late_pairs:7} late  not those of one reader: not compared")
            continue
        bad += not same
        print(f"  {table:18} {len(actual):7} rows  {'equal' if same else 'DIFFERENT'}")
        if not same:
            for key in sorted(set(expected[table]) | set(actual), key=str):
                if expected[table].get(key) != actual.get(key):
                    print(f"    {key}: counted {expected[table].get(key)}, written {actual.get(key)}")
                    break
    written_rejects = 0
    for folder, _, names in os.walk(os.path.join(out, "rejected")):
        for name in names:
            if not name.startswith("."):
                with open(os.path.join(folder, name), "rb") as file:
                    written_rejects += sum(1 for _ in file)
    bad += written_rejects != rejected
    print(f"  {'rejected':18} {written_rejects:7} rows  {'equal' if written_rejects == rejected else 'DIFFERENT'}")
    if counters:
        # As the job says and has written: every line that parses is counted per status class.
        late = counters["status_per_hour"][0]
        counted = sum(n for n, _ in tables["status_per_hour"].values())
        rejected = written_rejects
    else:
        late = requests.late
        counted = sum(len(v) for v in requests.taken.values())
    total_ok = counted + late + rejected == lines
    bad += not total_ok
    print(f"  {counted} counted + {late} late + {rejected} rejected = {lines} lines"
          f"{'' if total_ok else ' DOES NOT ADD UP'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
