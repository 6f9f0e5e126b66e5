"""The patient pages as static files, and the headers that every answer carries."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.problems import Refused

CONTENT_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


class Pages:
    """Serves `resources/patient`. Looking at a page changes nothing and sets no cookie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        return [
            web.get("/v", self._visit),
            web.get("/s", self._submit),
            web.get("/pages/{path:.+}", self._file),
        ]

    async def _visit(self, request: web.Request) -> web.StreamResponse:
        return self._serve("visit.html")

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        return self._serve("submit.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return self._serve(request.match_info["path"])

    def _serve(self, name: str) -> web.StreamResponse:
        if "\0" in name:
            raise web.HTTPNotFound
        file = (self._folder / name).resolve()
        content_type = CONTENT_TYPES.get(file.suffix)
        if not file.is_relative_to(self._folder) or not file.is_file() or content_type is None:
            raise web.HTTPNotFound
        is_text = content_type.startswith("text/") or content_type.endswith("json")
        return web.Response(body=file.read_bytes(), content_type=content_type, charset="utf-8" if is_text else None)


def security_headers(config: GatewayConfig) -> dict[str, str]:
    """Return the headers of every answer."""
    parts = urlsplit(config.base_url)
    socket_origin = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob:",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {socket_origin}",  # some browsers do not count ws: as 'self'
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if config.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def add_headers(config: GatewayConfig) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return a signal handler that puts the headers on every answer, refusals and sockets too."""
    headers = security_headers(config)

    async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)
        response.headers.pop("Server", None)

    return on_prepare


def same_origin_only(config: GatewayConfig) -> Middleware:
    """Return a middleware that refuses what a page of another origin sends.

    Browsers send `Origin` with every changing request and every WebSocket; the vault and the call send none.
    """
    parts = urlsplit(config.base_url)
    own = f"{parts.scheme}://{parts.netloc}"

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        changes = request.method not in ("GET", "HEAD") or request.path == "/signal"
        if changes and request.headers.get("Origin", own) != own:
            raise Refused(403, "not-allowed")
        return await handler(request)

    return middleware
