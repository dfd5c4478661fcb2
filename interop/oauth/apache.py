"""Apache with mod_auth_openidc in front of a page, on a port of its own, in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

MODULES = Path("/usr/lib/apache2/modules")
LOADED = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "headers", "mime", "auth_openidc"]
START_SECONDS = 30

CONFIGURATION = """
ServerName 127.0.0.1
ServerRoot {folder}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
Mutex file:{folder} default
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:debug
Listen 127.0.0.1:{port}
{modules}
TypesConfig /etc/mime.types
DocumentRoot {folder}/pages
User www-data
Group www-data

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {url}/protected/callback
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim email
OIDCIDTokenSignedResponseAlg {algorithm}
OIDCCacheType file
OIDCCacheDir {folder}/cache
OIDCSSLValidateServer Off

<Directory {folder}/pages>
    Require all granted
</Directory>
<Location /protected>
    AuthType openid-connect
    Require valid-user
    # A browser may keep a file for a tenth of its age without asking again, and would show it to whoever has signed out.
    Header always set Cache-Control no-store
</Location>
"""


class Apache:
    """Started by `with`; ended by its id."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="portcullis-apache-"))
        os.chmod(self.folder, 0o755)
        # Apache cannot be given port 0: a free one is looked up, and held until the moment it starts.
        self._held = socket.socket()
        self._held.bind(("127.0.0.1", 0))
        self.port = self._held.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = None

    def start(self, issuer, application, algorithm):
        for name in ("pages/protected", "cache"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "pages/index.html").write_text("<title>Public</title><p id=public>Anybody may read this.</p>")
        (self.folder / "pages/protected/index.html").write_text(
            "<title>Protected</title><p id=protected>Only for people who signed in.</p>"
        )
        # As old as pages are, which is what a browser decides by whether to ask again.
        for page in self.folder.glob("pages/**/*.html"):
            os.utime(page, (0, 0))
        shutil.chown(self.folder / "cache", "www-data", "www-data")
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED)
        file = self.folder / "apache.conf"
        file.write_text(
            CONFIGURATION.format(
                folder=self.folder, port=self.port, url=self.url, modules=modules, issuer=issuer,
                client_id=application.client_id, client_secret=application.client_secret,
                passphrase=os.urandom(16).hex(), algorithm=algorithm,
            )
        )
        self._held.close()
        self._process = subprocess.Popen(
            ["apache2", "-DFOREGROUND", "-f", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError(f"Apache did not start:\n{self.log()}")

    def log(self):
        file = self.folder / "error.log"
        written = file.read_text(errors="replace")[-8000:] if file.exists() else ""
        said = self._process.stdout.read().decode() if self._process and self._process.poll() is not None else ""
        return written + said

    def stop(self):
        self._held.close()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
