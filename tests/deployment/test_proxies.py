"""nginx and Caddy with the files of the page, in front of a real server."""

import getpass
import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from deployed import PAGE, program, replaced, run, shown_file
from waiting import wait_until

from leadbook.settings import SETTINGS
from server import call, free_port

HOST = "crm.example"
NOTES = "compressible " * 500
LEAD = {"name": "Ada", "email": "ada@engines.test", "notes": NOTES}
PREFIX = "/leadbook"
MIB = 1024 * 1024

# Each starts two servers, and some send large bodies.
pytestmark = pytest.mark.long


def nginx(folder, upstream, *, prefix=False):
    """Write the configuration; return the address and the command."""
    port = free_port()
    site = replaced(
        shown_file("/etc/nginx/conf.d/leadbook.conf"),
        **{"listen 443 ssl;": f"listen 127.0.0.1:{port};", "127.0.0.1:8000": upstream},
    )
    # Without a certificate; it changes none of what is looked at here.
    site = re.sub(r" *ssl_certificate.*\n", "", site)
    if prefix:
        (location,) = re.findall(r"    location / \{.*?\n    \}\n", site, re.DOTALL)
        site = site.replace(location, shown_file("the location, in place of `location /`"))
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # As root, it would become another user, who may not enter the folder.
    user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off;\nerror_log stderr;\npid {folder}/nginx.pid;\n{user}events {{}}\n"
        f"http {{\naccess_log off;\n{paths}\n{site}\n}}\n"
    )
    command = [program("nginx"), "-p", folder, "-c", folder / "nginx.conf"]
    return f"127.0.0.1:{port}", command


def caddy(folder, upstream, *, prefix=False):
    port = free_port()
    site = replaced(
        shown_file("/etc/caddy/Caddyfile"),
        **{f"{HOST} {{": f"http://{HOST}:{port} {{", "127.0.0.1:8000": upstream},
    )
    if prefix:
        assert f"`handle_path {PREFIX}/* {{ ... }}`" in PAGE
        start = site.index("    reverse_proxy")
        end = site.rindex("}")
        site = f"{site[:start]}handle_path {PREFIX}/* {{\n{site[start:end]}}}\n}}\n"
    (folder / "Caddyfile").write_text("{\nadmin off\nauto_https off\n}\n" + site)
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    return f"127.0.0.1:{port}", command


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def start_proxy(request, tmp_path):
    started = []

    def start(upstream, **options):
        address, command = request.param(tmp_path, upstream, **options)
        environment = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        with (tmp_path / "proxy.log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        started.append(process)
        wait_until(lambda: is_open(address) or process.poll() is not None)
        assert process.poll() is None, (tmp_path / "proxy.log").read_text()
        return address

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=30)


def is_open(address):
    host, _, port = address.partition(":")
    with closing(socket.socket()) as connection:
        return connection.connect_ex((host, int(port))) == 0


@pytest.fixture
def start_service(start_server, path, monkeypatch):
    """Start a server with the settings of the page, and return it."""

    def start(**settings):
        row = re.search(r"`LEADBOOK_TRUSTED_HOSTS` \| `(.*?)`", PAGE)
        monkeypatch.setenv("LEADBOOK_TRUSTED_HOSTS", row[1])
        monkeypatch.setenv("LEADBOOK_PROXY_HOPS", "1")
        for name, value in settings.items():
            monkeypatch.setenv(f"LEADBOOK_{name}", value)
        return start_server("--database", str(path))

    return start


@pytest.fixture
def server(start_service):
    return start_service()


@pytest.fixture
def proxy(server, start_proxy):
    return start_proxy(server.url.removeprefix("http://"))


def ask(address, method, path, body=None, **headers):
    """Send one request through the proxy; return status, headers and the bytes of the body."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, dict):
        body, headers = json.dumps(body), {"Content-Type": "application/json"} | headers
    with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        connection.request(method, path, body, {"Host": HOST} | headers)
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


def create(address):
    status, headers, body = ask(address, "POST", "/leads", LEAD)
    assert status == 201, body
    return headers["Location"]


def test_etag_of_a_compressed_answer_can_be_sent_back(proxy):
    place = create(proxy)
    for version in (1, 2):
        status, headers, body = ask(proxy, "GET", place, Accept_Encoding="gzip")
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        assert headers["Vary"] == "Accept-Encoding"
        assert json.loads(gzip.decompress(body))["version"] == version
        tag = headers["ETag"]
        assert ask(proxy, "GET", place, If_None_Match=tag)[0] == 304
        assert ask(proxy, "PUT", place, {"score": version}, If_Match=tag)[0] == 200
        assert ask(proxy, "PUT", place, {"score": 9}, If_Match=tag)[0] == 412
        assert ask(proxy, "GET", place, If_None_Match=tag)[0] == 200
    assert ask(proxy, "PUT", place, {"score": 5}, If_Match='"3"')[0] == 200
    assert ask(proxy, "DELETE", place, If_Match='"3"')[0] == 412
    assert ask(proxy, "DELETE", place, If_Match="*")[0] == 204


def test_etag_of_other_versions_of_a_proxy_can_be_sent_back(proxy, request):
    # Caddy adds the encoding since version 2.9; Debian 12 has 2.6.
    weak = request.node.callspec.params["start_proxy"] is nginx
    place = create(proxy)
    for tag in ('W/"{}"',) if weak else ('"{}-gzip"', '"{}-zstd"'):
        version = json.loads(ask(proxy, "GET", place)[2])["version"]
        old, new = tag.format(version - 1), tag.format(version)
        assert ask(proxy, "PUT", place, {"score": 50 + version}, If_Match=old)[0] == 412
        assert ask(proxy, "PUT", place, {"score": 50 + version}, If_Match=new)[0] == 200


def test_host_is_passed_on_and_looked_at(proxy):
    assert ask(proxy, "GET", "/leads")[0] == 200
    port = proxy.partition(":")[2]
    own = {"Host": f"{HOST}:{port}", "Origin": f"https://{HOST}:{port}"}
    assert ask(proxy, "POST", "/leads", LEAD, **own)[0] == 201
    assert ask(proxy, "POST", "/leads", LEAD, **own | {"Origin": "https://evil.example"})[0] == 403


def test_programs_beside_the_proxy_may_use_local_names(server):
    for name in ("localhost", "127.0.0.1"):
        assert call(server.url, "/leads", Host=name)[0] == 200
    assert call(server.url, "/leads", Host="other.example")[0] == 400


def test_caller_is_the_one_whom_the_proxy_saw(start_service, start_proxy):
    server = start_service(RATE_LIMIT="5/day")
    proxy = start_proxy(server.url.removeprefix("http://"))
    for number in range(5):
        # A caller who makes up addresses does not get a count for each.
        lie = {"X_Forwarded_For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
        assert ask(proxy, "GET", "/leads", **lie)[0] == 200
    assert ask(proxy, "GET", "/leads", X_Forwarded_For="192.0.2.99")[0] == 429


def test_own_limits_of_bodies_hold_and_not_those_of_the_proxy(proxy, server):
    rows = b"".join(b"Ada %d,ada%d@engines.test\n" % (n, n) for n in range(40_000))
    assert len(rows) > MIB
    csv = {"Content_Type": "text/csv"}
    path = "/v1/leads/import?dryRun=true"
    status, _, body = ask(proxy, "POST", path, b"name,email\n" + rows, **csv)
    assert (status, json.loads(body)["rows"]) == (200, 40_000)
    for path, size, headers in (
        ("/leads", MIB // 4 + 1, {"Content_Type": "application/json"}),
        ("/leads/batch", 8 * MIB + 1, {"Content_Type": "application/json"}),
        ("/leads/import", 50 * MIB + 1, csv),
    ):
        status, head = answer_while_sending(proxy, path, size, headers)
        assert (status, head["Content-Type"]) == (413, "application/json")


def answer_while_sending(address, path, size, headers, *, withheld=0):
    """Send a body of this size, except for the end, and return the answer."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        connection.putrequest("POST", path, skip_host=True)
        for name, value in ({"Host": HOST, "Content-Length": str(size)} | headers).items():
            connection.putheader(name, value)
        connection.endheaders()
        with sending(connection.sock, size - withheld), connection.getresponse() as answer:
            return answer.status, answer.headers


@contextmanager
def sending(sock, size):
    """Send this many bytes in a thread, until nobody takes them."""
    # Its own: http.client closes the other one when the answer ends.
    own = sock.dup()

    def send():
        with suppress(OSError):
            for start in range(0, size, 64 * 1024):
                own.sendall(b"x" * min(64 * 1024, size - start))

    thread = threading.Thread(target=send)
    thread.start()
    with closing(own):
        yield
        with suppress(OSError):
            own.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_caller_without_a_key_is_refused_before_the_body_arrives(proxy, path):
    made = run(program("leadbook"), "key", "create", "robot", "--database", path)
    assert made.returncode == 0, made.stderr
    # Much more than a proxy holds: Caddy passes on the answer when it cannot pass on the body.
    status, _ = answer_while_sending(
        proxy, "/leads/import", 40 * MIB, {"Content_Type": "text/csv"}, withheld=MIB
    )
    assert status == 401


def test_export_arrives_whole(proxy):
    rows = b"".join(b"Ada %d,ada%d@engines.test\n" % (n, n) for n in range(5_000))
    csv = {"Content_Type": "text/csv"}
    assert ask(proxy, "POST", "/leads/import", b"name,email\n" + rows, **csv)[0] == 200
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        status, found, body = ask(proxy, "GET", "/leads/export?format=jsonl", **headers)
        assert status == 200
        if found["Content-Encoding"]:
            body = gzip.decompress(body)
        assert len(body.splitlines()) == 5_000


class Events(BaseHTTPRequestHandler):
    """Sends an event, and the next one only when the first has been received."""

    received = threading.Event()
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: 1\n\n")
        assert self.received.wait(timeout=60)
        self.wfile.write(b"data: 2\n\n")
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_event_arrives_when_it_is_sent(start_proxy, encoding):
    Events.received.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Events) as upstream:
        thread = threading.Thread(target=upstream.serve_forever)
        thread.start()
        proxy = start_proxy(f"127.0.0.1:{upstream.server_port}")
        with closing(http.client.HTTPConnection(proxy, timeout=60)) as connection:
            connection.request(
                "GET", "/events", headers={"Host": HOST, "Accept-Encoding": encoding}
            )
            with connection.getresponse() as answer:
                assert answer.readline() == b"data: 1\n"
                Events.received.set()
                assert answer.read() == b"\ndata: 2\n\n"
        upstream.shutdown()
        thread.join()


def test_prefix_is_removed_and_the_page_works(start_service, start_proxy):
    server = start_service(PUBLIC_URL=f"https://{HOST}{PREFIX}")
    proxy = start_proxy(server.url.removeprefix("http://"), prefix=True)
    assert ask(proxy, "GET", f"{PREFIX}/leads")[0] == 200
    assert ask(proxy, "GET", f"{PREFIX}/v1/leads?search=%2F%25")[0] == 200
    status, _, page = ask(proxy, "GET", f"{PREFIX}/docs")
    assert status == 200
    assets = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.decode())
    assert len(assets) >= 3
    for asset in assets:
        assert ask(proxy, "GET", f"{PREFIX}/{asset}")[0] == 200
    assert b"pagination" not in ask(proxy, "GET", "/leads")[2]


@pytest.mark.skipif(
    "PUBLIC_URL" not in {setting.name for setting in SETTINGS}, reason="there is no PUBLIC_URL yet"
)
def test_place_of_a_new_lead_has_the_prefix(start_service, start_proxy):
    server = start_service(PUBLIC_URL=f"https://{HOST}{PREFIX}")
    proxy = start_proxy(server.url.removeprefix("http://"), prefix=True)
    status, headers, body = ask(proxy, "POST", f"{PREFIX}/leads", LEAD)
    assert status == 201
    assert headers["Location"] == f"https://{HOST}{PREFIX}/leads/{json.loads(body)['id']}"


def test_file_for_caddy_is_valid_as_it_is_shown(tmp_path):
    file = tmp_path / "Caddyfile"
    file.write_text(shown_file("/etc/caddy/Caddyfile"))
    environment = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = (program("caddy"), "validate", "--adapter", "caddyfile", "--config", file)
    done = run(*command, env=environment)
    assert done.returncode == 0, done.stderr
