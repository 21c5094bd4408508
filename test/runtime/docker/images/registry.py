"""A package index and an npm registry with made-up packages, behind TLS with a certificate of its own and a password.

Runs in a container of the tests: prints its certificate, then one line per request.
"""

import base64
import hashlib
import io
import json
import ssl
import subprocess
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST, LOGIN = sys.argv[1], sys.argv[2]
# What install scripts of the made-up npm packages do.
SCRIPTS = json.loads(sys.argv[3])


def wheel(name, version):
    data = io.BytesIO()
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            # Readable for its owner alone, as some packages are.
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, text)
    return data.getvalue()


def tarball(name, script):
    manifest = {"name": name, "version": "1.0.0"}
    if script is not None:
        manifest["scripts"] = {"install": script}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        files = {"package.json": json.dumps(manifest), "index.js": f"module.exports = '{name}'\n"}
        for path, text in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return manifest, data.getvalue()


PACKAGES = {name: tarball(name, script) for name, script in SCRIPTS.items()}


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        print(self.path, flush=True)
        login = self.headers.get("authorization", "")
        if login != "Basic " + base64.b64encode(LOGIN.encode()).decode():
            return self.answer(401, "text/plain", b"who are you")
        if self.path == "/simple/hangs/":
            return threading.Event().wait()
        if self.path == "/simple/greeting/":
            links = "".join(f'<a href="/files/greeting-{v}-py3-none-any.whl">x</a>' for v in ("1.0", "2.0"))
            return self.answer(200, "text/html", f"<html><body>{links}</body></html>".encode())
        if self.path.startswith("/files/"):
            name, version = self.path[len("/files/") :].split("-")[:2]
            return self.answer(200, "application/octet-stream", wheel(name, version))
        return self.npm(self.path[len("/npm/") :])

    def npm(self, path):
        name = path.split("/")[0]
        if name not in PACKAGES:
            return self.answer(404, "application/json", b'{"error":"Not found"}')
        manifest, archive = PACKAGES[name]
        if path.endswith(".tgz"):
            return self.answer(200, "application/octet-stream", archive)
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        dist = {"tarball": f"https://{HOST}/npm/{name}/-/{name}-1.0.0.tgz", "integrity": integrity}
        version = {**manifest, "dist": dist}
        if "scripts" in manifest:
            version["hasInstallScript"] = True
        document = {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        return self.answer(200, "application/json", json.dumps(document).encode())

    def answer(self, status, kind, body):
        self.send_response(status)
        if status == 401:
            self.send_header("www-authenticate", 'Basic realm="x"')
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    + ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", "/tmp/key.pem", "-out", "/tmp/cert.pem"],
    check=True,
    stderr=subprocess.DEVNULL,
)
server = ThreadingHTTPServer(("0.0.0.0", 443), Registry)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tmp/cert.pem", "/tmp/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
with open("/tmp/cert.pem") as certificate:
    print(certificate.read(), flush=True)
print("READY", flush=True)
server.serve_forever()
