"""The buffer that sockets are read into."""

import threading

# Bytes that one read takes at most.
BUFFER_BYTES = 1 << 16

_buffers = threading.local()


def read_buffer() -> memoryview:
    """The calling thread's buffer, which all connections of its event loop share.

    A loop fills it and hands it over in one step, so whoever reads into it copies what came at once. It spares
    each read the 256 KiB that asyncio's plain protocols allocate, and each connection a buffer of its own.
    """
    found: memoryview | None = getattr(_buffers, "buffer", None)
    if found is None:
        found = _buffers.buffer = memoryview(bytearray(BUFFER_BYTES))
    return found
