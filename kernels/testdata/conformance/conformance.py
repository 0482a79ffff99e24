"""Runs jupyter_kernel_test against the lab's kernels, and for comparison against GoNB alone.

    python -m venv /tmp/conformance && /tmp/conformance/bin/pip install jupyter_kernel_test==0.7.0
    /tmp/conformance/bin/python kernels/testdata/conformance/conformance.py LAB [KERNEL...]

LAB is the checkout's folder in the lab's directory: `checkouts/…`, as `go run ./kernels install` says. Without kernels: those
that are installed, and "gonb", which is siamese-go without the lab's kernel in front. It prints a table and exits with 1 if one
of the lab's kernels fails a test.
"""

import json
import os
import pathlib
import queue
import sys
import tempfile
import unittest

import jupyter_kernel_test
from jupyter_client.manager import KernelManager

GONB = "gonb"


class Tests(jupyter_kernel_test.KernelTests):
    language_name = "go"
    file_extension = ".go"
    code_hello_world = '%%\nfmt.Println("hello, world")'
    code_stderr = '%%\nfmt.Fprintln(os.Stderr, "oops")'
    code_generate_error = '%%\npanic("on purpose")'
    # Cells are programs: they show things, and none of them is the cell's result.
    code_display_data = [{"code": '%%\ngonbui.DisplayHTML("<b>bold</b>")\ngonbui.Sync()', "mime": "text/html"}]
    completion_samples = [{"text": "strings.HasPre", "matches": {"strings.HasPrefix"}}]
    complete_code_samples = ['%%\nfmt.Println("hi")', "var x = 1", "func f() int {\n\treturn 1\n}\n\n", "!ls"]
    incomplete_code_samples = ["func f() {", "%%\nx := `raw", "%%\nif true {\n\tf(1,", "%%\nx := 1 +"]
    invalid_code_samples = ["%%\nx := )", "func f() }"]
    code_inspect_sample = "strings.HasPrefix"
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = '*Println(12*'

    def get_non_kernel_info_reply(self, timeout=jupyter_kernel_test.TIMEOUT):
        """As it comes, but a kernel that does not answer does not stop the tests."""
        return super().get_non_kernel_info_reply(timeout=timeout)

    def test_history(self):
        self.code_execute_result = [{"code": f"%%\nfmt.Println({n})"} for n in (1, 2, 12)]
        super().test_history()

    def test_completion(self):
        """As it comes, but without the exact set of matches: gopls knows more names with each version."""
        message = self.kc.complete(self.completion_samples[0]["text"])
        reply = self.get_non_kernel_info_reply(timeout=jupyter_kernel_test.TIMEOUT)
        jupyter_kernel_test.validate_message(reply, "complete_reply", message)
        self.assertTrue(any("HasPrefix" in m for m in reply["content"]["matches"]), reply["content"]["matches"])

    def test_comm_info(self):
        self.flush_channels()
        message = self.kc.comm_info()
        reply = self.get_non_kernel_info_reply(timeout=jupyter_kernel_test.TIMEOUT)
        jupyter_kernel_test.validate_message(reply, "comm_info_reply", message)

    def test_inspect_blank_line(self):
        self.flush_channels()
        message = self.kc.inspect("\n\n", 1)
        reply = self.get_non_kernel_info_reply(timeout=jupyter_kernel_test.TIMEOUT)
        jupyter_kernel_test.validate_message(reply, "inspect_reply", message)

    def test_stop_on_error(self):
        """What is queued behind a failed cell is aborted."""
        self.flush_channels()
        asked = [self.kc.execute(code) for code in (self.code_generate_error, self.code_hello_world)]
        status = {}
        while len(status) < len(asked):
            reply = self.get_non_kernel_info_reply(timeout=jupyter_kernel_test.TIMEOUT)
            status[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
        self.assertEqual([status[m] for m in asked], ["error", "aborted"])

    def test_unknown_request(self):
        """Every request is answered."""
        self.flush_channels()
        message = self.kc.session.msg("no_such_request", {})
        self.kc.shell_channel.send(message)
        reply = self.get_non_kernel_info_reply(timeout=5)
        self.assertEqual(reply["content"]["status"], "error")

    def test_interrupt_by_message(self):
        """A cell that sleeps for ever ends, with an error."""
        self.flush_channels()
        self.kc.execute('%%\nfmt.Println("on")\ntime.Sleep(time.Hour)')
        while self.kc.get_iopub_msg(timeout=jupyter_kernel_test.TIMEOUT)["msg_type"] != "stream":
            pass
        self.km.interrupt_kernel()
        reply = self.get_non_kernel_info_reply(timeout=jupyter_kernel_test.TIMEOUT)
        self.assertEqual(reply["content"]["status"], "error")


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.table, self.why = {}, {}

    def note(self, test, word, err=None):
        name = getattr(test, "test_case", test).id().rsplit(".", 1)[1].removeprefix("test_")
        if self.table.get(name) != "FAIL":
            self.table[name] = word
        if err:
            self.why[name] = f"{err[0].__name__}: {err[1]}"

    def addSuccess(self, test):
        self.note(test, "ok")

    def addFailure(self, test, err):
        self.note(test, "FAIL", err)

    addError = addFailure

    def addSkip(self, test, reason):
        self.note(test, "-")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(subtest, "FAIL", err)


def gonb(lab, specs):
    """Writes the kernelspec of GoNB alone, with its own gopls."""
    spec = json.loads((lab / "share/jupyter/kernels/siamese-go/kernel.json").read_text())
    argv = spec["argv"]
    value = lambda flag: argv[argv.index(flag) + 1]
    spec["argv"] = [value("--gonb"), "--kernel", "{connection_file}", "-go_work=" + value("--workspace")]
    dirs = [d for d in spec["env"]["PATH"].split(os.pathsep) if d != str(lab / "shims")]
    spec["env"]["PATH"] = os.pathsep.join([str(lab / "gopls"), *dirs])
    spec["env"].pop("BASH_ENV", None)
    (specs / "kernels" / GONB).mkdir(parents=True)
    (specs / "kernels" / GONB / "kernel.json").write_text(json.dumps(spec))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    lab = pathlib.Path(sys.argv[1]).absolute()
    names = sys.argv[2:] or [*sorted(p.name for p in (lab / "share/jupyter/kernels").glob("siamese-*")), GONB]
    results = {}
    with tempfile.TemporaryDirectory() as tmp:
        gonb(lab, pathlib.Path(tmp))
        os.environ["JUPYTER_PATH"] = os.pathsep.join([tmp, str(lab / "share/jupyter")])
        os.environ["JUPYTER_RUNTIME_DIR"] = tmp
        os.environ["JPY_SESSION_NAME"] = os.path.join(tmp, "conformance.ipynb")
        log = open(os.path.join(tmp, "log"), "w")
        for name in names:
            # Each test has a kernel of its own: one that hangs spoils no other.
            start = KernelManager.start_kernel
            KernelManager.start_kernel = lambda self, **kw: start(self, stdout=log, stderr=log, **kw)
            suite = unittest.TestSuite()
            results[name] = Result()
            for method in unittest.TestLoader().getTestCaseNames(Tests):
                cls = type("Tests", (Tests,), {"kernel_name": name})
                suite.addTest(cls(method))
            suite.run(results[name])
            KernelManager.start_kernel = start
    width = max(len(t) for r in results.values() for t in r.table)
    print(" " * width, *(f"{n:>12}" for n in names))
    for test in sorted({t for r in results.values() for t in r.table}):
        print(f"{test:{width}}", *(f"{results[n].table.get(test, '-'):>12}" for n in names))
    for name in names:
        for test, why in results[name].why.items():
            print(f"{name}: {test}: {why[:300]}")
    sys.exit(any("FAIL" in results[n].table.values() for n in names if n != GONB))


if __name__ == "__main__":
    try:
        main()
    except queue.Empty:
        sys.exit("the kernel did not answer")
