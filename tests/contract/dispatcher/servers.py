"""Small raw servers that behave oddly on purpose, over real sockets, and remember what reached them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import eventually

SID = "SM" + "0123456789abcdef" * 2
CREATED = (
    '{"sid": "%s", "status": "queued", "to": "+447700900001", "from": "+447700900099", "body": "x",'
    ' "date_created": "Mon, 09 Mar 2026 10:15:00 +0000", "error_code": null}'
)


def http_answer(status: str, body: str = "", headers: str = "") -> bytes:
    """One whole HTTP answer."""
    data = body.encode()
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(data)}\r\n\r\n".encode() + data


def created(sid: str = SID) -> bytes:
    """Twilio's answer to a message that it takes."""
    return http_answer("201 Created", CREATED % sid, "Content-Type: application/json\r\n")


@dataclass
class Request:
    """One whole request as it arrived, and the connection that it came on."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class HttpServer:
    """Where a raw server listens and what reached it whole."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    first_bytes: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"


Script = Callable[[HttpServer, Request, asyncio.StreamWriter], Awaitable[None]]


def always(answer: bytes) -> Script:
    """Answer every request alike."""

    async def script(_server: HttpServer, _request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return script


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, without a goodbye."""
    writer.transport.abort()


@asynccontextmanager
async def http_server(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpServer]:
    """Run `script` for each whole request; a connection lives until the script or the client ends it."""
    server = HttpServer()
    writers: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        number = server.connections
        writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                request = Request(line, headers, body, number)
                server.requests.append(request)
                await script(server, request, writer)
        writers.discard(writer)
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in list(writers):
            writer.transport.abort()
        await listening.wait_closed()
        await asyncio.sleep(0)


async def arrived(server: HttpServer, count: int) -> None:
    """Wait until `count` whole requests have reached a server."""

    async def there() -> bool:
        return len(server.requests) >= count

    await eventually(there, within=5, every=0.005)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


# ---------------------------------------------------------------- certificates


@dataclass(frozen=True)
class Certificates:
    """A certificate authority of our own, as a file, and servers' contexts signed by it or by nobody."""

    ca_file: Path
    right: ssl.SSLContext
    wrong_host: ssl.SSLContext
    self_signed: ssl.SSLContext


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(subject)]
    if subject == "localhost":
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(signer, hashes.SHA256())
    )


def _context(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def make_certificates(folder: Path) -> Certificates:
    """Everything that a test of TLS needs, in `folder`."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("Kept test authority", ca_key, "Kept test authority", ca_key, ca=True)
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))

    def server(name: str, subject: str, *, signed: bool = True) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer, signer = ("Kept test authority", ca_key) if signed else (subject, key)
        return _context(folder, name, _certificate(subject, key, issuer, signer, ca=False), key)

    return Certificates(
        ca_file,
        server("right", "localhost"),
        server("wrong", "other.example.org"),
        server("self", "localhost", signed=False),
    )


# ---------------------------------------------------------------- SMTP


@dataclass
class SmtpServer:
    """A relay that answers by script: verb (`GREETING` and `DOT` among them) -> reply, or a word for what it does instead."""

    replies: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("SIZE 1000000", "DSN")
    tls: ssl.SSLContext | None = None
    offers_starttls: bool = True
    """Whether STARTTLS is offered when there is a context for it; False is a line on which somebody struck it out."""
    port: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0

    def verbs(self) -> list[str]:
        """The verb of each command that arrived."""
        return [command.split(" ")[0].split(":")[0].upper() for command in self.commands]


_USUAL = {
    "GREETING": "220 relay.example.org",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 taken",
    "QUIT": "221 bye",
    "RSET": "250 ok",
    "STARTTLS": "220 go on",
    "AUTH": "235 2.7.0 welcome",
}


async def _say(server: SmtpServer, verb: str, writer: asyncio.StreamWriter) -> bool:
    """Answer as the script says; False when the talk is over."""
    reply = server.replies.get(verb, _USUAL.get(verb, "500 what"))
    if reply == "reset":
        writer.transport.abort()
        return False
    if reply == "silence":
        await asyncio.sleep(3600)
    writer.write(reply.encode() + b"\r\n")
    await writer.drain()
    return True


async def _session(server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    secure = False
    if not await _say(server, "GREETING", writer):
        return
    while line := await reader.readline():
        command = line.decode("latin-1").rstrip("\r\n")
        server.commands.append(command)
        verb = command.split(" ")[0].upper()
        if verb == "EHLO" and "EHLO" not in server.replies:
            offered = list(server.extensions)
            if server.tls is not None and server.offers_starttls and not secure:
                offered.append("STARTTLS")
            lines = ["relay.example.org", *offered]
            writer.write("".join(f"250-{one}\r\n" for one in lines[:-1]).encode() + f"250 {lines[-1]}\r\n".encode())
            continue
        if not await _say(server, verb, writer):
            return
        if verb == "STARTTLS" and server.tls is not None and "STARTTLS" not in server.replies:
            await writer.start_tls(server.tls)
            secure = True
        if verb == "DATA" and "DATA" not in server.replies:
            server.mails.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
            if not await _say(server, "DOT", writer):
                return
        if verb == "QUIT":
            writer.close()
            return


@asynccontextmanager
async def smtp_server(server: SmtpServer, *, implicit_tls: bool = False) -> AsyncIterator[SmtpServer]:
    """Run a scripted relay on a free port."""
    tasks: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            await _session(server, reader, writer)
        tasks.discard(task)

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=server.tls if implicit_tls else None)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listening.wait_closed()
        await asyncio.sleep(0)
