"""A network line on loopback: counts what goes over it, both ways, as it is on the wire; and can be cut."""
import socket
import threading

BUFFER = 1 << 16


class Line:
    """Passes connections on to a port. `cuts` times the connection ends when another `every` bytes have come from the server."""

    def __init__(self, target, cuts=0, every=0):
        self.target, self.cuts, self.every = target, cuts, every
        self.up = self.down = self.cut = 0  # bytes to and from the server; cuts so far
        self.since = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, name in ((near, far, "up"), (far, near, "down")):
                threading.Thread(target=self.carry, args=(source, sink, name), daemon=True).start()

    def is_cut(self, name, count):
        with self.lock:
            setattr(self, name, getattr(self, name) + count)
            if name == "up" or self.cut >= self.cuts:
                return False
            self.since += count
            if self.since < self.every:
                return False
            self.since, self.cut = 0, self.cut + 1
            return True

    def carry(self, source, sink, name):
        try:
            while True:
                data = source.recv(BUFFER)
                if not data or self.is_cut(name, len(data)):
                    break
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            if name == "up":  # the other way's thread still reads it until it sees the end
                continue
            one.close()

    def close(self):
        self.listener.close()
