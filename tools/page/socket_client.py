"""A WebSocket's client end, as little of RFC 6455 as the checks need. Standard library only."""
import base64
import json
import os
import socket
import struct
import time


class Refused(Exception):
    """The server did not open a WebSocket; the text is its status line."""


class Closed(Exception):
    """The other end has closed."""


class WebSocket:
    """A connection to ws://HOST:PORT/PATH."""

    def __init__(self, host, port, path, headers=(), timeout=20, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Version: 13", *headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                raise Closed
            self.rest += more
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        status = head.split(b"\r\n")[0].decode()
        if " 101 " not in status + " ":
            raise Refused(status)

    def send(self, data, opcode=1):
        data = data.encode() if isinstance(data, str) else data
        length = bytes([0x80 | len(data)]) if len(data) < 126 else struct.pack(">BH", 0xFE, len(data)) if len(data) < 65536 else struct.pack(">BQ", 0xFF, len(data))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place & 3] for place, byte in enumerate(data))
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def _bytes(self, count):
        while len(self.rest) < count:
            more = self.socket.recv(1 << 16)
            if not more:
                raise Closed
            self.rest += more
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def receive(self):
        """The next message: text as str, anything else as bytes."""
        message = b""
        kind = None
        while True:
            first, second = self._bytes(2)
            length = second & 0x7F
            if length == 126:
                length, = struct.unpack(">H", self._bytes(2))
            elif length == 127:
                length, = struct.unpack(">Q", self._bytes(8))
            data = self._bytes(length)
            opcode = first & 0x0F
            if opcode == 8:
                raise Closed
            if opcode == 9:
                self.send(data, 10)
                continue
            if opcode == 10:
                continue
            kind = kind or opcode
            message += data
            if first & 0x80:
                return message.decode() if kind == 1 else message

    def message(self, kind, seconds=10):
        """The next message of JSON of that kind."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.receive()
            if isinstance(found, str) and (found := json.loads(found)).get("kind") == kind:
                return found
        raise TimeoutError(kind)

    def close(self):
        self.socket.close()
