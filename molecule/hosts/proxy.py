"""A proxy that refuses everything, as one does that knows only the outside: writes each request line to a file, answers 403."""

from __future__ import annotations

import socketserver
import sys
from pathlib import Path


class Refuse(socketserver.StreamRequestHandler):
    """One request."""

    def handle(self) -> None:
        """Write the request line down and refuse."""
        line = self.rfile.readline(4096).decode(errors="replace").strip()
        with Path(sys.argv[1]).open("a") as log:
            log.write(f"{line}\n")
        while self.rfile.readline(4096).strip():
            pass
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    """Takes its port again after a restart."""

    allow_reuse_address = True


if __name__ == "__main__":
    Path(sys.argv[1]).touch()
    Server(("127.0.0.1", 3128), Refuse).serve_forever()
