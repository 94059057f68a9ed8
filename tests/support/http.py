"""HTTP requests of modules in memory: what goes out, and how they end."""

from modemlab.dialect.network import HttpAnswer, HttpError, StreamError
from modemlab.module.effects import StreamFailed, StreamOpened, StreamReceived, StreamSendBufferFull
from modemlab.module.module import Module


def written(answer: HttpAnswer) -> bytes:
    """An answer as a server writes it."""
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (answer.status, len(answer.body), answer.body)


def requests_of(module: Module) -> list[int]:
    """The streams of the requests that are under way."""
    return [user.stream for user in module.connections.users if user.index is None]


def end_request(module: Module, stream: int, answer: HttpAnswer | HttpError, now: float) -> None:
    """Let the request on a stream that is not open yet end like this."""
    match answer:
        case HttpError.NAME:
            module.on_reply(StreamFailed(stream, StreamError.NAME), now)
            return
        case HttpError.SOCKET:
            module.on_reply(StreamFailed(stream, StreamError.REFUSED), now)
            return
        case HttpError.TIMEOUT:
            user = module.connections.user_of(stream)
            assert user is not None
            module.advance(user.deadline() or now)
            return
    module.on_reply(StreamOpened(stream), now)
    match answer:
        case HttpAnswer():
            module.on_reply(StreamReceived(stream, written(answer)), now)
        case HttpError.ANSWER:
            module.on_reply(StreamReceived(stream, b"SSH-2.0-x\r\n"), now)
        case HttpError.SENDING:
            module.on_reply(StreamSendBufferFull(stream), now)
