# SPDX-License-Identifier: Apache-2.0
"""desk.py - what the benchmark scripts share: servers, their API, load, figures.

Servers run as nobody when the benchmark runs as root, in a folder of their own
on a real disk (BENCH_DIR, default below /var/tmp): in memory a commit is free.
"""
import atexit
import http.client
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
TOOLS = os.path.join(BUILD, "bench")

# Nothing hidden: these are settings anybody may write into baton.yaml.
SETTINGS = """\
listen: {{port: {port}, connections: 20000, per_address: 0}}
demo: {{shop_port: 0}}
turn: {{join_ms: 0}}
limits: {{messages_per_min: 0, visits_per_hour: 0, reads_per_min: 0, writes_per_min: 0}}
login: {{per_hour: 0}}
"""


def die(text):
    sys.exit(f"bench: {text}")


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def unprivileged():
    """Arguments of Popen that drop root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


class Place:
    """A folder that the servers may write, removed at the end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="baton-bench.", dir=os.environ.get("BENCH_DIR", "/var/tmp"))
        os.chmod(self.path, 0o755)
        # The clone may stand where nobody else can read.
        for name in (os.path.join(BUILD, "baton"), os.path.join(TOOLS, "reference"), os.path.join(TOOLS, "seed")):
            shutil.copy(name, self.path)
        self.own(self.path)

    def own(self, path):
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody:nogroup", path], check=True)

    def program(self, name):
        return os.path.join(self.path, name)

    def run(self, *args):
        got = subprocess.run(args, capture_output=True, text=True, env=self.env(), cwd=self.path, **unprivileged())
        if got.returncode != 0:
            die(f"{' '.join(args)}: {got.stdout}{got.stderr}")
        return got.stdout

    def env(self):
        return {"HOME": self.path, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """A process that listens on self.port."""

    def __init__(self, place, name, port):
        self.place, self.name, self.port, self.process, self.ready_s = place, name, port, None, None

    def launch(self, args):
        # Also when the benchmark fails half-way.
        atexit.register(self.stop)
        begin = time.perf_counter()
        log = open(os.path.join(self.place.path, self.name + ".log"), "ab")
        self.process = subprocess.Popen(args, stdout=log, stderr=log, env=self.place.env(), cwd=self.place.path,
                                        **unprivileged())
        while True:
            if self.process.poll() is not None or time.perf_counter() - begin > 60:
                with open(log.name, errors="replace") as f:
                    die(f"{self.name} does not start:\n{f.read()[-2000:]}")
            try:
                c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                c.request("GET", "/health")
                status = c.getresponse().status
                c.close()
                if status == 200:
                    break
            except OSError:
                pass
            time.sleep(0.002)
        self.ready_s = time.perf_counter() - begin

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def rss_kb(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


class Reference(Server):
    def __init__(self, place, conversations=10000):
        super().__init__(place, "reference", free_port())
        self.conversations = conversations

    def start(self):
        self.launch([self.place.program("reference"), str(self.port),
                     os.path.join(self.place.path, f"reference.{self.port}.db"), str(self.conversations)])


class Baton(Server):
    def __init__(self, place, name="workspace"):
        super().__init__(place, "baton", free_port())
        self.dir = os.path.join(place.path, name)
        shutil.copytree(os.path.join(ROOT, "demo"), self.dir)
        with open(os.path.join(self.dir, "baton.yaml"), "w") as f:
            f.write(SETTINGS.format(port=self.port))
        os.chmod(self.dir, 0o700)
        place.own(self.dir)
        place.run(place.program("baton"), "demo", self.dir)
        self.store = os.path.join(self.dir, "data", "baton.db")
        self.cookie = self.csrf = None
        self.connection = None

    def start(self):
        self.launch([self.place.program("baton"), "serve", self.dir])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def call(self, method, path, body=None, token=None):
        """One request as the agent, as the visitor of token, or as nobody; its JSON."""
        status, text = self.raw(method, path, body, token)
        if status >= 300:
            die(f"{method} {path}: {status} {text[:300]}")
        return json.loads(text) if text else None

    def raw(self, method, path, body=None, token=None):
        headers = {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        elif self.cookie is not None:
            headers["Cookie"] = self.cookie
            if self.csrf is not None:
                headers["X-CSRF-Token"] = self.csrf
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        try:
            self.connection.request(method, path, body, headers)
            r = self.connection.getresponse()
        except (http.client.HTTPException, ConnectionError):
            # Kept alive for too long: once more, on a new connection.
            self.connection.close()
            self.connection.request(method, path, body, headers)
            r = self.connection.getresponse()
        text = r.read().decode()
        self.headers = r.headers
        return r.status, text

    def sign_in(self):
        with open(os.path.join(self.dir, "logins.txt")) as f:
            words = f.readline().split()    # e-mail, name, role, password
        got = self.call("POST", "/api/v1/session", {"email": words[0], "password": words[-1]})
        self.cookie = self.headers["Set-Cookie"].split(";")[0]
        self.csrf = got["csrf"]
        self.call("PUT", "/api/v1/session/presence", {"available": True})

    def visits(self, n):
        """Tokens of n new visitors, in a file; the path."""
        path = os.path.join(self.place.path, f"tokens.{n}.{uuid.uuid4().hex[:6]}")
        lines = load(self, [f"visits:conns={min(n, 64)},active={n}"], secs=0)["lines"]
        with open(path, "w") as f:
            f.write("".join(line["token"] + "\n" for line in lines if "token" in line))
        return path

    def held_by_agent(self, tokens):
        """Each visitor asks for a person and the agent takes it: what they write
        from now on is stored and delivered, and the AI has no part in it."""
        for token in open(tokens).read().split():
            got = self.call("POST", "/api/v1/visit/person", {"cmid": str(uuid.uuid4())}, token)
            self.claim(got["conversation"])

    def claim(self, conversation):
        end = time.perf_counter() + 20
        while True:
            status, text = self.raw("POST", f"/api/v1/conversations/{conversation}/claim", {"cmid": str(uuid.uuid4())})
            if status == 200:
                return
            # The hand-over that the visitor asked for is under way.
            if status != 409 or time.perf_counter() > end:
                die(f"claim: {status} {text}")
            time.sleep(0.02)


def load(server, workloads, secs, texts=None, cookie=None, during=None):
    """Runs the load generator; {"cpu_us", "secs_us", "lines", NAME: report, ...}."""
    args = [os.path.join(TOOLS, "load"), f"--port={server.port}", f"--secs={secs}", f"--pid={server.process.pid}"]
    if texts:
        args.append(f"--texts={texts}")
    if cookie:
        args.append(f"--cookie={cookie}")
    p = subprocess.Popen(args + workloads, stdout=subprocess.PIPE, text=True)
    out, lines = {}, []
    for text in p.stdout:
        line = json.loads(text)
        lines.append(line)
        if "ready" in line and during is not None:
            out["during"] = during()
        elif "cpu_us" in line:
            out.update(line)
        elif "name" in line:
            out[line["name"]] = line
    if p.wait() != 0:
        die(f"the load generator failed: {' '.join(workloads)}")
    out["lines"] = lines
    return out


def build():
    subprocess.run([os.path.join(ROOT, "tools", "build"), "release"], check=True)
    subprocess.run(["ninja", "-C", BUILD, "bench/load", "bench/reference", "bench/micro", "bench/seed"], check=True,
                   stdout=subprocess.DEVNULL)


class Figure:
    """One figure over all rounds: its median and its spread."""

    def __init__(self, values):
        self.v = sorted(values)

    @property
    def median(self):
        return statistics.median(self.v)

    def text(self, digits=0):
        if len(self.v) == 1:
            return f"{self.v[0]:,.{digits}f}"
        return f"{self.median:,.{digits}f} ({self.v[0]:,.{digits}f}–{self.v[-1]:,.{digits}f})"


def machine():
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"model name\s*:\s*(.*)", f.read())
    with open("/proc/meminfo") as f:
        memory = int(re.search(r"MemTotal:\s+(\d+)", f.read()).group(1)) // 1024
    where = os.environ.get("BENCH_DIR", "/var/tmp")
    disk = subprocess.run(["stat", "-f", "-c", "%T", where], capture_output=True, text=True).stdout.strip()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    dirty = subprocess.run(["git", "-C", ROOT, "status", "--porcelain", "-uno"], capture_output=True, text=True)
    version = subprocess.run(["cc", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    return (f"{cpu.group(1).strip() if cpu else platform.machine()}, {os.cpu_count()} cores, {memory} MB, "
            f"Linux {platform.release()}, store on {disk}, {version}; commit {commit.stdout.strip()}"
            f"{' with changes' if dirty.stdout.strip() else ''}; load average at the start "
            f"{os.getloadavg()[0]:.1f}")
