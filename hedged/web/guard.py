"""What stands before every handler: host, origin, pace, token; and behind it, the headers."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from aiohttp import web

from hedged.config import WebSettings
from hedged.ports import Clock, StoreError
from hedged.web.access import (
    COMMANDS,
    GUESSES,
    READS,
    Limiter,
    bearer,
    is_exposed,
    is_host_known,
    is_same_origin,
    opens,
)
from hedged.web.encode import encoded
from hedged.web.tokens import Scope, Token, TokenFile

log = structlog.get_logger("hedged.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HOLDER: Final = web.RequestKey("holder", Token)


class Denied(Exception):  # noqa: N818 - what it is, not an error of ours
    """A request that is not served, with the status and what to do about it."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


def answer(value: object, status: int = 200) -> web.Response:
    """A value as JSON."""
    return web.Response(
        body=encoded(value),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


class Guard:
    """Decides who gets to a handler."""

    def __init__(self, settings: WebSettings, tokens: TokenFile, clock: Clock) -> None:
        self._settings = settings
        self._tokens = tokens
        self._clock = clock
        self._is_exposed = is_exposed(settings)
        self._limiters = {
            None: Limiter(READS),
            Scope.READ: Limiter(READS),
            Scope.OPERATOR: Limiter(COMMANDS),
        }
        self._guesses = Limiter(GUESSES)

    def protected(self, handler: Handler, scope: Scope | None) -> Handler:
        """The handler for those who may ask; `scope` None: everybody from a known host."""

        async def served(request: web.Request) -> web.StreamResponse:
            self._pace(self._limiters[scope], request)
            if scope is not None and (scope is Scope.OPERATOR or self._is_exposed):
                request[HOLDER] = self._holder(request, scope)
            return await handler(request)

        return served

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign pages, and answer every failure in one form."""
        try:
            self._check_source(request)
            return await handler(request)
        except Denied as denied:
            return self._failure(denied.status, str(denied), denied.headers)
        except web.HTTPException as error:
            kept = {k: v for k, v in error.headers.items() if k in {"Allow", "Location"}}
            return self._failure(error.status, error.reason, kept)
        except StoreError as error:
            return self._failure(503, str(error))
        except Exception:
            log.exception("web.request_failed", method=request.method, path=request.path)
            return self._failure(500, "a bug in the web server; the log has it")

    def _failure(
        self, status: int, message: str, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        response = answer({"error": message}, status)
        response.headers.update(headers or {})
        return response

    def _check_source(self, request: web.Request) -> None:
        host = request.headers.get("Host", "")
        if not is_host_known(host, self._settings):
            raise Denied(403, "this host name is not in web.hosts of the configuration")
        if not is_same_origin(request.headers.get("Origin"), host):
            raise Denied(403, "a page of another origin may not ask")

    def _pace(self, limiter: Limiter, request: web.Request) -> None:
        wait_s = limiter.wait_s(_remote(request), self._clock.monotonic())
        if wait_s:
            headers = {"Retry-After": f"{max(1, round(wait_s))}"}
            raise Denied(429, "too many requests", headers)

    def _holder(self, request: web.Request, scope: Scope) -> Token:
        challenge = {"WWW-Authenticate": 'Bearer realm="hedged"'}
        if self._guesses.is_spent(_remote(request), self._clock.monotonic()):
            raise Denied(429, "too many wrong tokens; wait a minute", {"Retry-After": "60"})
        secret = bearer(request.headers.get("Authorization"))
        if secret is None:
            raise Denied(401, f"this takes a token of scope {scope.value}", challenge)
        holder = self._tokens.holder(secret)
        if holder is None:
            self._guesses.wait_s(_remote(request), self._clock.monotonic())
            log.warning("web.wrong_token", remote=_remote(request), path=request.path)
            raise Denied(401, "this token is not known; it may have been revoked", challenge)
        if not opens(holder.scope, scope):
            raise Denied(403, f"the token {holder.name} may {holder.scope.value} only")
        return holder


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Every response tells browsers to be careful."""
    response.headers.update(HEADERS)
    response.headers["Server"] = "hedged"
    response.headers.setdefault("Cache-Control", "no-store")


def _remote(request: web.Request) -> str:
    return request.remote or ""
