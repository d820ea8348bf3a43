#!/usr/bin/env python3
"""Shows that every rule of tidy.py fails on a bad sample and accepts the good one beside it."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import tidy  # noqa: E402

LAYERS = """
rhei_module(base)
rhei_module(sql DEPS base)
rhei_module(runtime DEPS base)  # Not sql.
rhei_module(formats DEPS base)
rhei_module(functions DEPS base)
rhei_module(operators
            DEPS runtime base
            LIBS nothing)
rhei_module(connectors DEPS runtime formats base LIBS rdkafka)
rhei_module(cli DEPS base)
"""
HEADER = "#pragma once\n// A thing.\n"


class TidyTest(unittest.TestCase):
    def rules(self, files, layers=LAYERS):
        """The set of rules that find something in a project of these files."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in {"src/CMakeLists.txt": layers, **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            self.tidy = tidy.Tidy(root)
            return {finding.split(": ")[1] for finding in self.tidy.run()}

    def bad(self, rule, path, text):
        self.assertEqual(self.rules({path: text}), {rule}, f"{path}: {text!r}")

    def good(self, path, text):
        self.assertEqual(self.rules({path: text}), set(), f"{path}: {text!r}")

    def test_layers(self):
        self.good("src/operators/a.cc", '#include "runtime/a.h"\n#include "operators/a.h"\n')
        self.bad("layers", "src/runtime/a.cc", '#include "sql/a.h"\n')
        self.bad("layers", "src/runtime/a_test.cc", '#include "sql/a.h"\n')
        self.bad("layers", "src/base/a.cc", '#include "runtime/a.h"\n')
        self.bad("include", "src/base/a.cc", '#include "a.h"\n')
        self.bad("include", "src/base/a.cc", '#include "elsewhere/a.h"\n')
        self.assertEqual(self.rules({}, "rhei_module(a DEPS b)\nrhei_module(b)\n"), {"layers"})
        self.good("tests/sim/a.cc", '#include "sql/a.h"\n#include "runtime/a.h"\n')

    def test_siblings(self):
        operator = "class FilterOperator final : public Operator {};\n"
        files = {"src/operators/filter.h": HEADER, "src/operators/filter.cc": operator,
                 "src/operators/key_reader.h": HEADER}
        include_it = '#include "operators/filter.h"\n'
        self.assertEqual(self.rules({**files, "src/operators/join.cc": include_it}), {"siblings"})
        self.assertEqual(self.rules({**files, "src/operators/builtin.cc": include_it}), set())
        self.assertEqual(self.rules({**files, "src/operators/filter_test.cc": include_it}), set())
        shared = '#include "operators/key_reader.h"\n'
        self.assertEqual(self.rules({**files, "src/operators/join.cc": shared}), set())
        self.bad("siblings", "src/connectors/kafka/a.cc", '#include "connectors/print/b.h"\n')
        self.good("src/connectors/kafka/a.cc", '#include "connectors/kafka/b.h"\n#include "connectors/b.h"\n')
        self.good("src/connectors/builtin.cc", '#include "connectors/print/b.h"\n')

    def test_owner(self):
        for owner, stranger, header in [
            ("connectors/kafka/a.cc", "connectors/print/a.cc", "librdkafka/rdkafka.h"),
            ("functions/regexp.cc", "sql/a.cc", "re2/re2.h"),
            ("functions/case.cc", "sql/a.cc", "unicode/uchar.h"),
            ("base/zone.cc", "functions/a.cc", "absl/time/time.h"),
            ("base/compression.cc", "base/a.cc", "zstd.h"),
            ("base/compression.cc", "connectors/a.cc", "zlib.h"),
            ("cli/a.cc", "runtime/a.cc", "nlohmann/json.hpp"),
            ("base/env.cc", "runtime/a.cc", "sys/stat.h"),
            ("base/env.cc", "runtime/a.cc", "fcntl.h"),
            ("base/env.cc", "runtime/a.cc", "fstream"),
            ("base/a_test.cc", "base/a.cc", "gtest/gtest.h"),
            ("base/simd/a.cc", "base/a.cc", "immintrin.h"),
        ]:
            self.good("src/" + owner, f"#include <{header}>\n")
            self.bad("owner", "src/" + stranger, f"#include <{header}>\n")
        self.bad("owner", "src/runtime/a_test.cc", "#include <immintrin.h>\n")
        self.bad("owner", "src/base/a.cc", "#include <boost/asio.hpp>\n")
        self.good("src/base/a.cc", "#include <vector>\n#include <cstdint>\n#include <fmt/format.h>\n")

    def test_environment(self):
        for rule, line in [
            ("clock", "auto t = std::chrono::system_clock::now();"),
            ("clock", "auto t = steady_clock::now();"),
            ("clock", "auto t = time(nullptr);"),
            ("clock", "clock_gettime(CLOCK_REALTIME, &t);"),
            ("clock", "localtime_r(&t, &parts);"),
            ("files", "std::ifstream in(path);"),
            ("files", 'FILE* f = fopen(path, "r");'),
            ("files", "int f = ::open(path, 0);"),
            ("files", "std::filesystem::exists(path);"),
            ("network", "int s = socket(AF_INET, SOCK_STREAM, 0);"),
            ("threads", "std::thread worker(Run);"),
            ("threads", "std::this_thread::yield();"),
            ("random", "int r = rand();"),
            ("random", "std::mt19937_64 generator(1);"),
            ("random", "std::random_device device;"),
        ]:
            self.bad(rule, "src/runtime/a.cc", line + "\n")
            self.good("src/base/env.cc", line + "\n")
            self.good("src/runtime/a_test.cc", line + "\n")
        for line in ["row.time(0);", "int64_t time() const;", "file->open(path);", "bool Rename(int a);",
                     'x = "std::thread";', "// std::thread is banned here", "NetworkSocket socket_;", "Foo::open(a);"]:
            self.good("src/runtime/a.cc", line + "\n")

    def test_banned(self):
        for rule, line in [
            ("banned", "using namespace std;"),
            ("exceptions", "throw 1;"),
            ("exceptions", "} catch (...) {"),
            ("exceptions", "auto* a = dynamic_cast<A*>(b);"),
            ("banned", "TEST(A, DISABLED_B) {}"),
            ("banned", "#if 0"),
            ("banned", "// FIXME: later"),
            ("banned", "// TODO: later"),
            ("banned", "// TODO(ann): later"),
            ("banned", "#include <regex>"),
            ("banned", "#include <iostream>"),
            ("intrinsics", "auto v = _mm256_set1_epi8(1);"),
            ("intrinsics", "__m512i v;"),
        ]:
            self.bad(rule, "src/runtime/a.cc", line + "\n")
        self.good("src/runtime/a.cc", '// TODO(#12): later\nconst char* kFormat = "yyyy XXX";\n')
        self.good("src/base/simd/a.cc", "__m512i v;\n")

    def test_names(self):
        for name in ["string_utils.cc", "helper.cc", "common.cc", "job_manager.cc", "misc_test.cc"]:
            self.bad("names", "src/runtime/" + name, "\n")
        for name in ["StringUtils", "JoinHelper", "JobManager", "Misc"]:
            self.bad("names", "src/runtime/a.cc", f"class {name} {{}};\n")
        self.good("src/runtime/common_type.cc", "struct CommonType;\nenum class Manages { kA };\n")

    def test_header(self):
        self.good("src/base/a.h", HEADER)
        self.bad("header", "src/base/a.h", "#pragma once\n\nint a;\n")
        self.bad("header", "src/base/a.h", "// A thing.\n#pragma once\n")
        self.bad("heavy", "src/runtime/a.h", HEADER + "#include <ranges>\n")

    def test_columns(self):
        self.bad("columns", "src/base/a.cc", "int " + "a" * 100 + ";\n")
        self.good("src/base/a.cc", "int " + "a" * 95 + ";\n")
        self.good("src/base/a.cc", 'auto a = R"(\n' + "a" * 120 + '\n)";\n')

    def test_size(self):
        self.bad("size", "src/base/a.cc", "\n" * 1001)
        self.bad("size", "src/base/a.h", HEADER + "\n" * 400)
        self.good("src/base/a_test.cc", "\n" * 1001)
        self.rules({"src/base/a.cc": "void F(int a) {\n" + "  G();\n" * 80 + "}\n"})
        self.assertEqual(len(self.tidy.sizes), 1)

    def test_documents(self):
        self.bad("docs", "docs/A.md", "See `src/base/gone.h`.\n")
        self.bad("docs", "README.md", "See `docs/GONE.md`.\n")
        self.good("docs/A.md", "See `src/CMakeLists.txt`, `src/`, `src/<name>.cc` and src/prose.cc.\n")

    def test_waiver(self):
        self.good("src/runtime/a.cc", "throw 1;  // tidy: allow exceptions, because the library wants it\n")
        self.assertEqual(self.tidy.waivers, 1)
        self.bad("exceptions", "src/runtime/a.cc", "throw 1;  // tidy: allow exceptions\n")
        self.bad("exceptions", "src/runtime/a.cc", "throw 1;  // tidy: allow clock, because of reasons\n")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-b", *sys.argv[1:]])
