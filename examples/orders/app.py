"""An API of a few lines that is safe behind the gate; nothing but Python. Orders are kept in memory."""
import hmac
import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Two, while one takes the place of the other.
SECRETS = [os.environ["ORIGIN_SECRET"], os.environ.get("ORIGIN_SECRET_PREVIOUS", "")]
SECRETS = [secret.encode() for secret in SECRETS if secret]
orders = []


def problem(status, detail):
    return {"type": "about:blank", "status": status, "detail": detail}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/healthz":
            self.answer(200, {"status": "ok"})
        elif not self.passed_the_edge():
            self.answer(401, problem(401, "Come by the address of the edge."))
        elif path == "/status":
            self.answer(200, {"greeting": os.environ.get("GREETING")})
        elif path == "/orders":
            self.answer(200, {"orders": orders})
        else:
            self.answer(404, problem(404, f"There is no {path} here."))

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        if not self.passed_the_edge():
            self.answer(401, problem(401, "Come by the address of the edge."))
        elif self.path != "/orders":
            self.answer(404, problem(404, f"There is no {self.path} here."))
        elif length > 65_536:
            self.answer(413, problem(413, "At most 64 KiB are read."))
        else:
            # The edge says whose key it was: id, owner and scopes.
            order = {
                "id": len(orders) + 1,
                "text": self.rfile.read(length).decode(errors="replace"),
                "by": self.headers.get("x-gatehouse-owner"),
            }
            orders.append(order)
            self.answer(201, order)

    def passed_the_edge(self):
        """Only what passed the edge carries the secret; identity headers of anybody else are made up."""
        given = self.headers.get("x-gatehouse-origin-secret", "")
        return any(hmac.compare_digest(given.encode(), secret) for secret in SECRETS)

    def answer(self, status, body):
        text = json.dumps(body).encode()
        kind = "application/problem+json" if "type" in body else "application/json"
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """The platform logs requests; no address and no query goes into a log of our own."""


class Server(ThreadingHTTPServer):
    # On its way out it waits for the requests that it has.
    daemon_threads = False


server = Server(("", int(os.environ["PORT"])), Handler)
# Told to stop: no further connections, the requests that are there to their end, and out.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
server.server_close()
