"""Installs requirements.txt into /faas/python, in a container that is made into an image when this has ended well.

Started by the gateway with the base image's own Python, 3.9 or newer. What must not be in the image (indexes with
their credentials, certificates, proxies) comes as one line of JSON on standard input, and goes to pip alone. Before it there
may be a question: where pip goes by the image's own configuration, as a JSON array of addresses.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading

WORK = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(WORK)
# In memory, so that no layer gets it.
CERTIFICATES = "/tmp/certificates.pem"


def main():
    job = json.loads(sys.stdin.buffer.readline())
    if job.get("ask"):
        print(json.dumps(usual_places()), flush=True)
        job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_the_gateway, daemon=True).start()
    # The building of packages writes here as well; it must lie where pip's target lies, or each file is copied.
    env = {**os.environ, **job["env"], "HOME": WORK, "TMPDIR": WORK, "PYTHONUNBUFFERED": "1"}
    if job["ca"] is not None:
        trust(env, job["ca"])
    code = subprocess.call(
        [sys.executable, "-m", "pip", "install", *job["args"], "--target", os.path.join(ROOT, "python")],
        env=env,
        cwd=WORK,
        stdin=subprocess.DEVNULL,
        # One pipe for both: pip tells a conflict on one and its cause on the other, and two would lose their order.
        stderr=subprocess.STDOUT,
    )
    if code == 0:
        tidy()
    sys.stdout.flush()
    os._exit(code if code >= 0 else 128 - code)


def usual_places():
    """The addresses that pip's configuration names, or else its default index and where that keeps its files."""
    try:
        from pip._internal.configuration import Configuration
        from pip._internal.models.index import PyPI

        configuration = Configuration(isolated=False)
        configuration.load()
        named = dict(configuration.items())
        # Newer versions tell the values by the file that they come from.
        parts = [part for value in named.values() for part in (value.values() if isinstance(value, dict) else [value])]
        places = " ".join(part for part in parts if isinstance(part, str)).split()
        return [*places, PyPI.simple_url, f"https://{PyPI.file_storage_domain}"]
    except Exception:
        return []


def end_with_the_gateway():
    sys.stdin.buffer.read()
    os._exit(143)


def trust(env, certificate):
    """Adds a certificate to those that are trusted anyway: pip can be given one file only."""
    usual = [env.get("PIP_CERT"), env.get("REQUESTS_CA_BUNDLE"), env.get("SSL_CERT_FILE"), bundled()]
    found = next((path for path in usual if path and os.path.isfile(path)), None)
    with open(CERTIFICATES, "w") as file:
        if found is not None:
            with open(found) as known:
                file.write(known.read() + "\n")
        file.write(certificate)
    for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        env[name] = CERTIFICATES


def bundled():
    try:
        from pip._vendor import certifi

        return certifi.where()
    except Exception:
        return None


def tidy():
    """Takes away what only the installation needed, and makes the rest readable for every user."""
    shutil.rmtree(WORK, ignore_errors=True)
    for folder, folders, files in os.walk(ROOT):
        for name in [".", *folders, *files]:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                continue
            runnable = stat.S_ISDIR(mode) or mode & 0o111
            wanted = 0o755 if runnable else 0o644
            if stat.S_IMODE(mode) != wanted:
                os.chmod(path, wanted)


main()
