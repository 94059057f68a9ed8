"""Pieces of transcripts of the file commands, and a checksum that shares nothing with the product's."""

from support.qmt_lines import ok, read


def cme(code: int | str, *lines: str) -> str:
    """Each line is answered by this +CME ERROR alone."""
    return "".join(f">> {line}\n<<\n<< +CME ERROR: {code}\n" for line in lines)


def connect(line: str, shown: str = "CONNECT") -> str:
    """The line is answered by CONNECT: data follows, one way or the other."""
    return f">> {line}\n<<\n<< {shown}\n"


def upload(name: str, data: str, result: str, rest: str = "") -> str:
    """A file of these characters is uploaded."""
    line = f'AT+QFUPL="{name}",{len(data)}{rest}'
    return connect(line) + f">>| {data}\n<<\n<< +QFUPL: {len(data)},{result}\n<<\n<< OK\n"


def files(*rows: tuple[str, int]) -> str:
    """These are the files, all of them."""
    return read("AT+QFLST", *(f'+QFLST: "UFS:{name}",{size}' for name, size in rows))


def handle(name: str, mode: int, number: int) -> str:
    """The file is opened, as that handle."""
    return read(f'AT+QFOPEN="{name}",{mode}', f"+QFOPEN: {number}")


def wrote(number: int, data: str, total: int) -> str:
    """These characters are written to an open file."""
    line = f"AT+QFWRITE={number},{len(data)}"
    return connect(line) + f">>| {data}\n<<\n<< +QFWRITE: {len(data)},{total}\n<<\n<< OK\n"


def reads(number: int, data: str, length: str = "") -> str:
    """These characters are read from an open file."""
    return connect(f"AT+QFREAD={number}{length}", f"CONNECT {len(data)}") + f"<<| {data}\n<<\n<< OK\n"


def at(number: int, position: int) -> str:
    """The position in an open file."""
    return read(f"AT+QFPOSITION={number}", f"+QFPOSITION: {position}")


def seek(number: int, *values: int) -> str:
    """The position is set."""
    return ok(f"AT+QFSEEK={number},{','.join(map(str, values))}")


def checksum(data: bytes) -> str:
    """The checksum, word by word as the guide words it."""
    value = 0
    for start in range(0, len(data), 2):
        low = data[start + 1] if start + 1 < len(data) else 0
        value ^= data[start] << 8 | low
    return f"{value:x}"
