"""Plays GitHub for a trial of the action: fake.py FOLDER PORT_FILE LOG

Serves the archives in FOLDER below /dl, and below /api what a comment on pull request 7
of o/r takes. The token ghs_trial_write may write it; ghs_trial_read may only read, as
that of a fork. Each request to /api is a line of LOG, with what its token may do.
"""

import http.server
import json
import os
import sys
import urllib.parse

FOLDER, PORT_FILE, LOG = sys.argv[1:]
COMMENTS = []


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, code, value):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, code, message):
        self.answer(code, {"message": message})

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith("/dl/"):
            return self.archive(os.path.basename(path))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        rights = {"ghs_trial_write": "write", "ghs_trial_read": "read"}.get(token, "none")
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(f"{self.command} {path} {rights}\n")
        if rights == "none":
            return self.refuse(401, "Bad credentials")
        if path == "/api/user" or self.command != "GET" and rights != "write":
            return self.refuse(403, "Resource not accessible by integration")
        return self.api(path.removeprefix("/api/repos/o/r/"), body)

    def archive(self, name):
        try:
            with open(os.path.join(FOLDER, name), "rb") as file:
                self.answer(200, file.read())
        except OSError:
            self.refuse(404, "Not Found")

    def api(self, path, body):
        if path == "pulls/7":
            with open(os.path.join(FOLDER, "head"), encoding="utf-8") as file:
                return self.answer(200, {"number": 7, "state": "open", "head": {"sha": file.read().strip()}})
        if path == "issues/7/comments" and self.command == "GET":
            return self.answer(200, COMMENTS)
        if path == "issues/7/comments":
            author = {"login": "github-actions[bot]", "type": "Bot"}
            comment = {"id": len(COMMENTS) + 1, "body": json.loads(body)["body"], "user": author, "html_url": "https://github.example/c"}
            COMMENTS.append(comment)
            return self.answer(201, comment)
        return self.refuse(404, "Not Found")

    do_GET = do_POST = do_PATCH = do_DELETE = serve


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(PORT_FILE + ".new", "w", encoding="utf-8") as port:
    port.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
