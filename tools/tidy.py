#!/usr/bin/env python3
"""Checks the house rules that a compiler cannot. Standard library only, runs before any build.

    tools/tidy.py            one line `file:line: rule: advice` per finding, exit code 1 if any
    tools/tidy.py --sizes    also the files and functions that are over the size we aim at

The tables below are the rules' data: who owns a library, who may touch the clock. Widen a table when
the architecture says so. For a single line that must be an exception, end it with a comment
`tidy: allow RULE, because ...`; the number of such lines is printed.
tools/tidy_test.py shows every rule failing on a bad sample.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

LINE_COLUMNS_MAX = 100
# (aim, limit) in lines. Only the limit fails.
SOURCE_LINES = (800, 1000)
HEADER_LINES = (250, 400)
FUNCTION_LINES_AIM = 70

# Folders whose parts may not include each other. What two parts share becomes a concept of its own.
SIBLING_FILES = "operators"  # One operator, one file.
SIBLING_FOLDERS = "connectors"  # One connector, one folder.

# Who may include a library: path prefixes below src/.
LIBRARY_OWNERS = [
    (r"librdkafka/", ["connectors/kafka/"]),
    (r"re2/", ["functions/", "connectors/filesystem/", "connectors/kafka/"]),
    (r"unicode/", ["functions/", "base/unicode"]),
    (r"absl/", ["base/"]),
    (r"(zstd|zstd_errors|zlib|lz4\w*)\.h", ["base/compression", "base/crc32"]),
    (r"xxhash\.h", ["base/checksum"]),
    (r"openssl/", ["functions/", "base/", "connectors/kafka/"]),
    (r"nlohmann/", ["cli/", "engine/", "connectors/", "server/", "checkpoint/"]),
    (r"CLI/", ["cli/"]),
    (r"malloc\.h", ["cli/"]),
    (r"fmt/", [""]),
    (r"g(test|mock)/", []),  # Tests only; see is_test.
    # The operating system. librdkafka's threads need both in a build with ThreadSanitizer.
    (r"(pthread|threads)\.h", ["base/", "cli/", "connectors/kafka/c11_threads"]),
    (r"(sys|netinet|arpa|net|linux)/|(fcntl|unistd|dirent|poll|netdb|sched|dlfcn|fnmatch|glob|"
     r"ftw|pwd|spawn|syslog|ifaddrs)\.h", ["base/", "cli/"]),
    (r"(termios|signal|csignal)(\.h)?$", ["base/", "cli/"]),
    (r"filesystem$|fstream$|thread$|random$|future$", ["base/", "cli/"]),
    (r"\w*intrin\.h|arm_neon\.h", ["base/simd/"]),
]
PLAIN_C_HEADERS = {"cxxabi.h", "ext/numeric_traits.h", "execinfo.h", "errno.h", "time.h", "strings.h"}

# Calls that only base/ (the environment) may make, and who else may, with the reason in the table.
ENVIRONMENT = [
    ("clock", r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\b"
              r"|\b(clock_gettime|gettimeofday|timespec_get)\s*\("
              r"|\bstd::time\s*\(|(?<![\w.>:])time\s*\(\s*(nullptr|NULL|0|&\w+)\s*\)",
     "ask the Clock of base/env.h", []),
    ("clock", r"(?<![\w.>])(std::)?(localtime|gmtime|mktime|timegm|strftime|strptime)(_r)?\s*\(",
     "time zones and calendars live in base/ and types/", []),
    ("files", r"\bstd::(basic_)?[io]?fstream\b|\bstd::filesystem\b"
              r"|(?<![\w.>])(std::)?(fopen|freopen|tmpfile|opendir|realpath|mkstemp|mmap)\s*\("
              r"|(?<![\w.>:)])::(open|read|write|rename|unlink|mkdir|stat|close|fsync)\s*\(",
     "use the FileSystem of base/env.h", ["cli/"]),
    ("network", r"(?<![\w.>])(::)?(socket|getaddrinfo|accept4|recvfrom|sendto)\s*\(",
     "use the network interfaces of base/env.h", []),
    ("threads", r"\bstd::(jthread|thread|async|this_thread)\b|\bpthread_\w+\s*\(",
     "use the threads of base/env.h", ["connectors/kafka/"]),
    ("random", r"\bstd::(random_device|mt19937(_64)?|minstd_rand0?|default_random_engine|\w+_distribution)\b"
               r"|(?<![\w.>:])(std::)?(rand|srand|drand48|lrand48|getrandom)\s*\(",
     "use the Random of base/env.h", []),
]

# Everything else that is not written here. `where` is the code without comments and literals, or the
# comments, or the whole line.
BANNED = [
    ("banned", "code", r"\busing\s+namespace\b", "write the namespace", []),
    ("exceptions", "code", r"\bthrow\b(?!\s*\(\s*\))|\bcatch\s*\(", "return a Status (base/status.h)",
     ["connectors/kafka/", "formats/json/", "base/thread", "base/env", "cli/main.cc"]),
    ("exceptions", "code", r"\bdynamic_cast\b", "add a virtual function or a kind()", []),
    ("banned", "code", r"\bDISABLED_\w+", "make the test pass or delete it", []),
    ("banned", "code", r"^\s*#\s*if\s+0\b", "delete the code", []),
    ("banned", "comments", r"\b(FIXME|XXX|HACK)\b", "fix it before it lands", []),
    ("banned", "comments", r"\bTODO\b(?!\(#\d+\))", "write TODO(#issue)", []),
    ("banned", "line", r"^\s*#\s*include\s+<(regex|iostream|bits/\w+(\.\w+)?)>",
     "too slow to compile or not standard", []),
    ("intrinsics", "code", r"\b_mm\d*_\w+|\b__m(128|256|512)\w*|\b__builtin_ia32_\w+",
     "vector instructions live in base/simd/, beside a portable path", ["base/simd/"]),
]
# Too slow to compile for a header that others include; base/ wraps them once.
HEAVY_IN_HEADERS = {"filesystem", "thread", "ranges", "regex", "iostream", "random", "future", "fstream"}

BANNED_FILE_NAME = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_test)?$")
BANNED_TYPE_NAME = re.compile(r"\b(?:class|struct|enum(?:\s+class)?)\s+(\w*(?:Utils?|Helpers?|Misc|Managers?|Common))\b")
WAIVER = re.compile(r"tidy: allow ([\w-]+), because \S+")
DOCUMENTED_PATH = re.compile(r"`((?:src|tests|tools|docs|include|fuzz|bench|cmake|examples)/[\w./-]*\w/?)`")


class Source:
    """One C++ file in four views of the same line numbers: lines, code, comments, includes."""

    def __init__(self, root, path):
        self.path = str(path.relative_to(root))
        text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = text.split("\n")
        code, comments, raw = split_views(text)
        self.code = code.split("\n")
        self.comments = comments.split("\n")
        self.raw_string_lines = raw
        self.in_src = self.path.startswith("src/")
        self.below_src = self.path[4:] if self.in_src else ""
        self.module = self.below_src.split("/")[0] if self.in_src else ""
        self.stem = path.stem
        self.is_header = path.suffix == ".h"
        self.is_test = not self.in_src or path.stem.endswith(("_test", "_test_kit")) or "/testing/" in self.path
        # (line number, target, quoted)
        self.includes = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
            if match:
                self.includes.append((number, match.group(2), match.group(1) == '"'))

    def owned_by(self, prefixes):
        return any(self.below_src.startswith(prefix) for prefix in prefixes)


LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])\'',
    re.S)


def split_views(text):
    """(text without comments and literals, only the comments, line numbers inside raw strings)."""
    code, comments, raw, at = [], [], set(), 0

    def blank(piece):
        return re.sub(r"[^\n]", " ", piece)

    for match in LITERALS.finditer(text):
        between, found = text[at:match.start()], match.group(0)
        code += [between, blank(found)]
        is_comment = found.startswith(("//", "/*"))
        comments += [blank(between), found if is_comment else blank(found)]
        if found.startswith("R"):
            first = text.count("\n", 0, match.start()) + 1
            raw.update(range(first, first + found.count("\n") + 1))
        at = match.end()
    return "".join(code) + text[at:], "".join(comments) + blank(text[at:]), raw


class Tidy:
    def __init__(self, root):
        self.root = Path(root)
        self.findings = []
        self.sizes = []
        self.waivers = 0
        self.layers = {}
        self.sources = []

    def report(self, path, line, rule, advice):
        self.findings.append(f"{path}:{line}: {rule}: {advice}")

    def run(self):
        self.read_layers()
        for folder in ("src", "tests", "fuzz", "bench"):
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in (".h", ".cc") and "build" not in path.parts:
                    self.sources.append(Source(self.root, path))
        self.operator_headers = {
            source.below_src[:-3] + ".h"
            for source in self.sources
            if source.module == SIBLING_FILES and re.search(r":\s*public\s+\w*Operator\b", "\n".join(source.code))
        }
        for source in self.sources:
            self.check(source)
        self.check_documents()
        return self.findings

    def read_layers(self):
        """The architecture, from the one place that states it."""
        path = self.root / "src" / "CMakeLists.txt"
        text = re.sub(r"#[^\n]*", "", path.read_text()) if path.exists() else ""
        for match in re.finditer(r"\brhei_module\(\s*(\w+)([^)]*)\)", text):
            words = re.match(r".*?\bDEPS\b(.*?)(?:\bLIBS\b|$)", match.group(2), re.S)
            deps = words.group(1).split() if words else []
            for dep in deps:
                if dep not in self.layers:
                    self.report("src/CMakeLists.txt", text.count("\n", 0, match.start()) + 1, "layers",
                                f"{match.group(1)} uses {dep}, which is not listed above it")
            self.layers[match.group(1)] = set(deps)

    def check(self, source):
        before = len(self.findings)
        self.check_layout(source)
        self.check_names(source)
        self.check_words(source)
        self.check_sizes(source)
        if source.in_src:
            self.check_includes(source)
            self.check_environment(source)
        self.apply_waivers(source, before)

    def apply_waivers(self, source, before):
        kept = []
        for finding in self.findings[before:]:
            _, line, rule, _ = finding.split(":", 3)
            waiver = WAIVER.search(source.comments[int(line) - 1])
            if waiver and waiver.group(1) == rule.strip():
                self.waivers += 1
            else:
                kept.append(finding)
        self.findings[before:] = kept

    def check_layout(self, source):
        if source.is_header:
            opening = source.lines[1] if len(source.lines) > 1 else ""
            if source.lines[0] != "#pragma once" or not re.match(r"// \S", opening):
                self.report(source.path, 1, "header", "open with #pragma once, then say in a // block what this is")
        for number, line in enumerate(source.lines, 1):
            if len(line) > LINE_COLUMNS_MAX and number not in source.raw_string_lines:
                if not re.match(r"\s*#\s*include|\s*//.*https?://", line):
                    self.report(source.path, number, "columns", f"{len(line)} columns, the limit is {LINE_COLUMNS_MAX}")

    def check_names(self, source):
        if BANNED_FILE_NAME.search(source.stem):
            self.report(source.path, 1, "names", "name the file after the concept in it")
        for number, line in enumerate(source.code, 1):
            match = BANNED_TYPE_NAME.search(line)
            if match:
                self.report(source.path, number, "names", f"name {match.group(1)} after what it is")

    def check_words(self, source):
        for number in range(len(source.lines)):
            views = {"code": source.code[number], "comments": source.comments[number], "line": source.lines[number]}
            for rule, view, pattern, advice, owners in BANNED:
                if not source.in_src and rule in ("intrinsics", "exceptions"):
                    continue
                if re.search(pattern, views[view]) and not source.owned_by(owners):
                    self.report(source.path, number + 1, rule, advice)

    def check_includes(self, source):
        for number, target, quoted in source.includes:
            if quoted:
                self.check_own_include(source, number, target)
                continue
            if source.is_header and target in HEAVY_IN_HEADERS and source.module != "base" and not source.is_test:
                self.report(source.path, number, "heavy", f"include <{target}> in the .cc only")
            for pattern, owners in LIBRARY_OWNERS:
                if re.match(pattern, target):
                    allowed = source.owned_by(owners)
                    # Tests may make files and threads, and need not go through base/.
                    if not allowed and source.is_test and re.match(r"g(test|mock)/|[a-z_]+(\.h)?$|sys/|nlohmann/", target):
                        allowed = not target.endswith("intrin.h")
                    if not allowed:
                        where = " or ".join("src/" + owner for owner in owners) or "tests"
                        self.report(source.path, number, "owner", f"only {where} may include <{target}>")
                    break
            else:
                if "/" in target or (target.endswith(".h") and target not in PLAIN_C_HEADERS):
                    self.report(source.path, number, "owner",
                                f"<{target}> has no owner yet; add it to LIBRARY_OWNERS in tools/tidy.py")

    def check_own_include(self, source, number, target):
        other = target.split("/")[0]
        if "/" not in target or other not in self.layers:
            self.report(source.path, number, "include", f'write "module/file.h"; "{target}" names no module')
        elif other != source.module and source.module in self.layers and other not in self.layers[source.module]:
            self.report(source.path, number, "layers",
                        f"{source.module} may not include {other}/ (src/CMakeLists.txt)")
        elif other == source.module == SIBLING_FILES:
            own = source.below_src[: -len(Path(source.path).suffix)]
            own = re.sub(r"_test$", "", own) + ".h"
            if target in self.operator_headers and target != own and source.stem != "builtin" and not source.is_test:
                self.report(source.path, number, "siblings", "an operator does not include another one")
        elif other == source.module == SIBLING_FOLDERS and target.count("/") > 1:
            folder = "/".join(target.split("/")[:2]) + "/"
            # The list of connectors names them all.
            if not source.below_src.startswith(folder) and source.below_src.count("/") > 1:
                self.report(source.path, number, "siblings", "a connector does not include another one")

    def check_environment(self, source):
        if source.is_test or source.module == "base":
            return
        for number, line in enumerate(source.code, 1):
            for rule, pattern, advice, owners in ENVIRONMENT:
                if re.search(pattern, line) and not source.owned_by(owners):
                    self.report(source.path, number, rule, advice)

    def check_sizes(self, source):
        aim, limit = HEADER_LINES if source.is_header else SOURCE_LINES
        count = len(source.lines)
        if count > limit and not source.is_test:
            self.report(source.path, 1, "size", f"{count} lines, the limit is {limit}: split it by concept")
        elif count > aim:
            self.sizes.append(f"{source.path}:1: {count} lines, the aim is {aim}")
        for line, lines in long_functions(source.code):
            self.sizes.append(f"{source.path}:{line}: a function of {lines} lines, the aim is {FUNCTION_LINES_AIM}")

    def check_documents(self):
        """A path that a document names in backquotes exists, so documents cannot go stale silently."""
        for path in sorted([*self.root.glob("*.md"), *(self.root / "docs").rglob("*.md")]):
            if path.name == "CHANGELOG.md" or "reports" in path.parts:
                continue
            for number, line in enumerate(path.read_text().split("\n"), 1):
                for name in DOCUMENTED_PATH.findall(line):
                    is_module = name.startswith("src/") and name[4:].rstrip("/") in self.layers
                    if not is_module and not (self.root / name).exists():
                        self.report(path.relative_to(self.root), number, "docs", f"{name} does not exist")


def long_functions(code):
    """(first line, lines) of function bodies over the aim. Follows the house format: a body begins with
    a line that ends in `{` at the outermost level of its namespace or class, and ends at the `}` of the
    same indentation."""
    opened = {}
    for number, line in enumerate(code, 1):
        text = line.rstrip()
        indent = len(line) - len(line.lstrip())
        if text.endswith("{") and ("(" in text or ")" in text):
            if not re.match(r"\s*(\}?\s*else|if|for|while|switch|do|case|namespace|class|struct|enum|union)\b", text):
                if not opened:
                    opened[indent] = number
        elif text[indent:].startswith("}") and indent in opened:
            start = opened.pop(indent)
            if number - start + 1 > FUNCTION_LINES_AIM:
                yield start, number - start + 1


def unformatted_changes(root):
    """What of the work since main clang-format would change, where there is a clang-format."""
    if not shutil.which("clang-format-14"):
        return []
    check = subprocess.run([root / "tools" / "format.sh", "--changed", "--check"], capture_output=True, text=True)
    names = re.findall(r"^not formatted: (.*)$", check.stdout, re.M)
    return [f"{name}:1: format: run tools/format.sh --changed" for name in names]


def main():
    tidy = Tidy(Path(__file__).resolve().parent.parent)
    findings = tidy.run() + unformatted_changes(tidy.root)
    if "--sizes" in sys.argv:
        print("\n".join(tidy.sizes))
    if findings:
        print("\n".join(findings))
        print(f"tidy: {len(findings)} findings")
        return 1
    print(f"tidy: {len(tidy.sources)} files, no findings, {tidy.waivers} waived, "
          f"{len(tidy.sizes)} over the size we aim at")
    return 0


if __name__ == "__main__":
    sys.exit(main())
