"""A real coturn with the configuration that the documentation ships, certified by an authority of the test's own."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import ipaddress
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.journeys.rig.net import Net, end

from teleconsole.call.webrtc.ice.servers import Transport, TurnServer

SHIPPED = Path(__file__).parents[3] / "docs" / "turnserver.conf"
SECRET = "a-secret-of-the-test"  # noqa: S105 -- of a server that lives for one test
PROGRAM = "turnserver"
PORT, TLS_PORT = 3478, 5349
_IPV6_ALONE = "# allocation-default-address-family=ipv6"


class Coturn:
    """A relay that was started; `is_ready` tells when it can be used, `close` ends it.

    Attributes:
        address: where it listens, port 3478 and TLS on 5349.
        authority: PEM file of who certified it.
        log: what it wrote.

    Args:
        net: where it runs.
        folder: of its own, made here.
        address: of that network; with one of IPv6, what the configuration has for that is switched on.
    """

    def __init__(self, net: Net, folder: Path, address: str) -> None:
        program = shutil.which(PROGRAM)
        assert program is not None, "coturn is not installed: run packaging/linux/system-packages.sh test"
        self.address = address
        self.authority = _certify(folder, address)
        self.log = folder / "turn.log"
        configuration = folder / "turnserver.conf"
        configuration.write_text(self._words(folder))
        self._process = net.popen(
            [program, "-c", configuration], env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _words(self, folder: Path) -> str:
        words = SHIPPED.read_text()
        for name, value in {
            "SERVER-ADDRESS": self.address,
            "TURN-NAME": "clinic.test",
            "SECRET": SECRET,
            "CERTIFICATE-FILE": str(folder / "cert.pem"),
            "KEY-FILE": str(folder / "key.pem"),
            "\nsyslog": f"\nlog-file={self.log}\nsimple-log\nverbose\npidfile={folder}/pid\nuserdb={folder}/db",
        }.items():
            assert name in words
            words = words.replace(name, value)
        if ":" in self.address:
            assert _IPV6_ALONE in words
            words = words.replace(_IPV6_ALONE, _IPV6_ALONE.removeprefix("# "))
        return words

    def is_ready(self) -> bool:
        """Whether it listens, asked from the calling thread's network."""
        try:
            with socket.create_connection((self.address, TLS_PORT), 0.2):
                return True
        except OSError:
            return False

    def close(self) -> None:
        """End it."""
        end(self._process)

    def url(self, transport: Transport) -> str:
        """The URL of RFC 7065."""
        scheme, port, suffix = {
            "udp": ("turn", PORT, "udp"),
            "tcp": ("turn", PORT, "tcp"),
            "tls": ("turns", TLS_PORT, "tcp"),
        }[transport]
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{scheme}:{host}:{port}?transport={suffix}"

    def server(self, transport: Transport, lifetime_s: int = 60) -> TurnServer:
        """The server with credentials as the gateway makes them."""
        username = f"{int(time.time()) + lifetime_s}:visit"
        digest = hmac.digest(SECRET.encode(), username.encode(), hashlib.sha1)
        port = TLS_PORT if transport == "tls" else PORT
        return TurnServer(self.address, port, transport, username, base64.b64encode(digest).decode())

    def allocations(self, transport: str) -> int:
        """How many allocations it noted that came by UDP, TCP or TLS."""
        return sum(
            "new," in line and f"{transport}," in line
            for line in self.log.read_text().splitlines()
            if "ALLOCATE" in line
        )


def _certify(folder: Path, address: str) -> Path:
    folder.mkdir()
    now = datetime.datetime.now(datetime.UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the test")])

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    ca = certificate(authority_name, authority_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    leaf = certificate(leaf_name, key.public_key()).add_extension(names, critical=False)
    (folder / "authority.pem").write_bytes(_pem(ca.sign(authority_key, hashes.SHA256())))
    (folder / "cert.pem").write_bytes(_pem(leaf.sign(authority_key, hashes.SHA256())))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "authority.pem"


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
