"""The gateway's configuration: one JSON file that only its user may read, and the server's secret key."""

import ipaddress
import os
import secrets
import stat
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from teleconsole.gateway.records import write_atomically

SECRET_KEY_BYTES = 32


class ConfigError(Exception):
    """The configuration cannot be used; its text is one sentence for the person who starts the gateway."""


class TurnConfig(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The clinic's TURN server (coturn with `use-auth-secret`).

    Attributes:
        urls: `turn:` and `turns:` URLs, the preferred one first.
        secret: coturn's `static-auth-secret`.
    """

    urls: list[str]
    secret: str


class PractitionerConfig(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The clinician whom a sign-in code signs in: FHIR logical id and the name that patients see."""

    id: str
    name: str


class GatewayConfig(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """Everything that one gateway needs to know.

    Attributes:
        data_folder: links, sessions, visits and the encrypted spool; made when it is missing.
        fhir_base: the FHIR server's base URL, as the vault reaches it too.
        clinic: the name that patients see.
        port: 0 takes any free one.
        public_base_url: how patients reach the gateway, without a slash at the end; empty: host and port.
        secret_key_file: 32 random bytes that sign links; empty: `secret.key` in the data folder. Made when missing.
        stun_urls: `stun:` URLs for the calls.
        relay_only: neither side learns the other's address: all media go over the TURN server.
        pages_folder: the patient pages; empty: those that came with the program.
        questionnaires_folder: FHIR Questionnaires as JSON; empty: those that came with the program.
    """

    data_folder: Path
    fhir_base: str
    clinic: str
    practitioner: PractitionerConfig
    host: str = "127.0.0.1"
    port: int = 8470
    public_base_url: str = ""
    secret_key_file: str = ""
    turn: TurnConfig | None = None
    stun_urls: list[str] = []
    relay_only: bool = False
    pages_folder: str = ""
    questionnaires_folder: str = ""

    @property
    def base_url(self) -> str:
        """How patients reach the gateway, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_base_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether patients reach the gateway by https, so that its cookies may be Secure."""
        return urlsplit(self.base_url).scheme == "https"


def read_config(file: Path) -> GatewayConfig:
    """Read and check a configuration file.

    Raises:
        ConfigError: it is missing, readable by others, not JSON, or asks for something unsafe.
    """
    try:
        content = file.read_bytes()
        mode = file.stat().st_mode
    except OSError as error:
        raise ConfigError(f"The configuration file {file} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"Other users may read the configuration file {file}; run: chmod 600 {file}")
    try:
        config = msgspec.json.decode(content, type=GatewayConfig, dec_hook=_from_text)
    except msgspec.DecodeError as error:
        raise ConfigError(f"The configuration file {file} is not valid: {error}.") from error
    check_config(config)
    return config


def _from_text(kind: type, text: object) -> object:
    """Return what msgspec has no own type for: paths."""
    if kind is Path and isinstance(text, str):
        return Path(text)
    raise ValueError(f"expected {kind.__name__}")


def check_config(config: GatewayConfig) -> None:
    """Refuse a configuration that would send patients' data over an open connection.

    Raises:
        ConfigError: a public address or FHIR server without https, other than on this computer.
    """
    for what, url in (("public base URL", config.base_url), ("FHIR server", config.fhir_base)):
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname:
            continue
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise ConfigError(f"The {what} {url} must begin with https:// unless it is on this computer.")
    if config.relay_only and config.turn is None:
        raise ConfigError("The configuration wants calls over a relay only (relayOnly), but names no turn server.")


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this computer."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def secret_key(config: GatewayConfig) -> bytes:
    """Return the server's secret, made on the first start.

    Raises:
        ConfigError: the file is not 32 bytes long or cannot be read.
    """
    file = Path(config.secret_key_file) if config.secret_key_file else config.data_folder / "secret.key"
    try:
        if not file.exists():
            write_atomically(file, secrets.token_bytes(SECRET_KEY_BYTES))
        key = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"The secret key file {file} cannot be used: {error.strerror}.") from error
    if len(key) != SECRET_KEY_BYTES:
        raise ConfigError(f"The secret key file {file} must hold {SECRET_KEY_BYTES} bytes.")
    return key
