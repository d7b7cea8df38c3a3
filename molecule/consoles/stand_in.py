#!/usr/bin/python3
"""A stand-in for Grafana, CMAK, AKHQ and Kibana: the port, the files and the answers that the roles use, and nothing else.

CMAK's pages are those of its sources, version 3.0.0.6, reduced to the form; Kibana's answers are those its documentation gives.
It proves that the roles start, check, upgrade and talk the way they mean to. It says nothing about the real programs.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import os
import re
import runpy
import ssl
import sys
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = ""


class Service(BaseHTTPRequestHandler):
    """What the four have in common; ``open`` are paths without a login."""

    open: tuple[str, ...] = ()
    login = ""
    port = 0
    server_version = f"stand-in/{VERSION}"

    def log_message(self, *words: object) -> None:
        pass

    def answer(self, status: int, body: object, kind: str = "application/json") -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        given = base64.b64decode((self.headers.get("Authorization") or "").partition(" ")[2]).decode()
        if self.login and url.path not in self.open and given != self.login:
            self.answer(401, {"message": "Unauthorized"})
            return
        query = {key: values[0] for key, values in urllib.parse.parse_qs(url.query).items()}
        self.serve(self.command, url.path, query, body)

    do_GET = do_POST = do_PUT = handle_any

    def serve(self, method: str, path: str, query: dict[str, str], body: str) -> None:
        raise NotImplementedError


def run(service: type[Service], port: int, tls: ssl.SSLContext | None = None) -> None:
    server = ThreadingHTTPServer(("0.0.0.0", port), service)
    if tls:
        # The handshake in the connection's own thread: a client that says nothing must not hold the others up.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


# -- Grafana -------------------------------------------------------------------------------------------------------------


def grafana(words: list[str]) -> None:
    config = next(word.partition("=")[2] for word in words if word.startswith("--config="))
    options = dict(re.findall(r"^(\w+) = (.*)$", Path(config).read_text(), re.MULTILINE))
    data = Path(options["data"])
    database = data / "grafana.db"

    def value(text: str) -> str:
        found = re.fullmatch(r"\$__file\{(.+)\}", text)
        return Path(found.group(1)).read_text().strip() if found else text

    if "reset-admin-password" in words:
        assert "--password-from-stdin" in words
        database.write_text(sys.stdin.read().rstrip("\n"))
        return
    assert len(value(options["secret_key"])) > 20
    if not database.exists():
        database.write_text(value(options["admin_password"]))
    provisioning = Path(options["provisioning"])
    Path(options["logs"], "grafana.log").write_text("stand-in started\n")
    tls = None
    if options.get("protocol") == "https":
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.minimum_version = ssl.TLSVersion[options["min_tls_version"].replace("TLS1.", "TLSv1_")]
        tls.load_cert_chain(options["cert_file"], options["cert_key"])

    class Grafana(Service):
        open = ("/api/health",)
        login = f"{options['admin_user']}:{database.read_text()}"

        def serve(self, method: str, path: str, query: dict[str, str], body: str) -> None:
            if path == "/api/health":
                self.answer(200, {"database": "ok", "version": VERSION})
            elif path == "/api/search":
                folder = re.search(r"path: (.+)", (provisioning / "dashboards/estate.yml").read_text())
                assert folder
                self.answer(200, [json.loads(file.read_text()) for file in sorted(Path(folder.group(1)).glob("*.json"))])
            elif path == "/api/datasources":
                self.answer(200, {"text": (provisioning / "datasources/estate.yml").read_text()})
            elif path == "/api/datasources/proxy/uid/prometheus/api/v1/query":
                text = (provisioning / "datasources/estate.yml").read_text()
                found = {name: value(given) for name, given in re.findall(r"^ +(\w+): (.+)$", text, re.MULTILINE)}
                self.answer(*self.asked(found, f"{found['url']}/api/v1/query?{urllib.parse.urlencode(query)}"))
            elif path == "/stand-in/options":
                self.answer(200, options)
            else:
                self.answer(200, {"id": 1, "name": "Main Org."})

        def asked(self, source: dict[str, str], url: str) -> tuple[int, object]:
            """Return what the data source answers to its own login."""
            login = f"{source.get('basicAuthUser')}:{source.get('basicAuthPassword')}"
            request = urllib.request.Request(url, headers={"Authorization": "Basic " + base64.b64encode(login.encode()).decode()})
            context = ssl.create_default_context(cadata=source.get("tlsCACert"))
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status, json.load(answer)

    run(Grafana, int(options["http_port"]), tls)


# -- Kibana --------------------------------------------------------------------------------------------------------------


class Search:
    """Elasticsearch as a secured Kibana asks it: for itself at its start, and who logs in."""

    def __init__(self, options: dict[str, str], text: str) -> None:
        (authority,) = re.findall(r"elasticsearch\.ssl\.certificateAuthorities:\n- (.+)", text)
        (self.url, *_) = re.findall(r"elasticsearch\.hosts:\n- (.+)", text)
        self.tls = ssl.create_default_context(cafile=authority)
        assert all(
            len(options[f"xpack.{name}ncryptionKey"]) >= 32 for name in ("security.e", "reporting.e", "encryptedSavedObjects.e")
        )
        assert "kibana_system" in self.roles(f"{options['elasticsearch.username']}:{options['elasticsearch.password']}")

    def roles(self, login: str) -> list[str]:
        """Return the roles of a login, [] where Elasticsearch refuses it."""
        header = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
        request = urllib.request.Request(f"{self.url}/_security/_authenticate", headers=header)
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.tls) as answer:
                found: list[str] = json.load(answer)["roles"]
                return found
        except urllib.error.HTTPError:
            return []


def kibana(words: list[str]) -> None:
    named = [Path(word) for before, word in itertools.pairwise(words) if before == "--config"]
    text = "\n".join(path.read_text() for path in named or [Path(os.environ["KBN_PATH_CONF"], "kibana.yml")])
    options = dict(re.findall(r"^([\w.]+): (.*)$", text, re.MULTILINE))
    assert Path(os.environ["KBN_PATH_CONF"], "node.options").is_file()
    log = re.search(r"fileName: (.+)", text)
    assert log
    Path(log.group(1)).write_text("stand-in started\n")
    if "stand_in.hang" in options:
        Path(log.group(1)).write_text("stand-in: unable to retrieve version information from Elasticsearch nodes\n")
    kept = Path(options["path.data"], "objects.json")
    held: dict[str, dict[str, object]] = json.loads(kept.read_text()) if kept.exists() else {}
    begin = time.monotonic()
    tls, search = None, None
    if options.get("server.ssl.enabled") == "true":
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options["server.ssl.certificate"], options["server.ssl.key"])
        search = Search(options, text)

    class Kibana(Service):
        def serve(self, method: str, path: str, query: dict[str, str], body: str) -> None:
            given = base64.b64decode((self.headers.get("Authorization") or "").partition(" ")[2]).decode()
            if search and "kibana_admin" not in search.roles(given):
                self.answer(401, {"message": "Unauthorized"})
                return
            starting = time.monotonic() - begin < 1 or "stand_in.hang" in options
            if path == "/api/status":
                self.answer(503 if starting else 200, {"name": options["server.name"], "version": {"number": VERSION}})
            elif starting:
                self.answer(503, {"message": "Kibana server is not ready yet."})
            elif method == "POST" and "kbn-xsrf" not in self.headers:
                self.answer(400, {"message": "Request must contain a kbn-xsrf header."})
            elif path.startswith("/api/data_views/data_view"):
                self.view(method, path.removeprefix("/api/data_views/data_view").lstrip("/"), body)
            elif path == "/api/saved_objects/_export":
                self.export(json.loads(body))
            elif path == "/api/saved_objects/_import":
                self.load(body)
            else:
                self.answer(404, {"message": "Not Found"})

        def keep(self) -> None:
            kept.write_text(json.dumps(held))

        def view(self, method: str, name: str, body: str) -> None:
            key = f"index-pattern {name}"
            if method == "GET" and key not in held:
                self.answer(404, {"statusCode": 404, "message": f"Saved object [index-pattern/{name}] not found"})
                return
            if method == "POST":
                sent = json.loads(body)["data_view"]
                key = key if name else f"index-pattern {sent['id']}"
                held[key] = {**held.get(key, {"fieldAttrs": {}, "allowNoIndex": False}), **sent}
                self.keep()
            self.answer(200, {"data_view": held[key]})

        def export(self, wanted: dict[str, list[dict[str, str]]]) -> None:
            missing = [one for one in wanted["objects"] if f"{one['type']} {one['id']}" not in held]
            if missing:
                errors = [{**one, "error": {"statusCode": 404, "error": "Not Found"}} for one in missing]
                self.answer(400, {"statusCode": 400, "message": "Error fetching", "attributes": {"objects": errors}})
                return
            lines = [json.dumps(held[f"{one['type']} {one['id']}"]) for one in wanted["objects"]]
            self.answer(200, "\n".join(lines), "application/x-ndjson")

        def load(self, body: str) -> None:
            lines = [json.loads(line) for line in body.splitlines() if line.startswith("{")]
            for line in lines:
                known = {*held, *(f"{one['type']} {one['id']}" for one in lines)}
                lacking = [one for one in line["references"] if f"{one['type']} {one['id']}" not in known]
                if lacking:
                    error = {
                        "type": line["type"],
                        "id": line["id"],
                        "error": {"type": "missing_references", "references": lacking},
                    }
                    self.answer(200, {"success": False, "successCount": 0, "errors": [error]})
                    return
            for line in lines:
                # Kibana adds attributes of its own.
                held[f"{line['type']} {line['id']}"] = {**line, "attributes": {"hits": 0, **line["attributes"]}, "managed": False}
            self.keep()
            self.answer(200, {"success": True, "successCount": len(lines)})

    run(Kibana, int(options["server.port"]), tls)


# -- CMAK ----------------------------------------------------------------------------------------------------------------

BOXES = ("jmxEnabled", "jmxSsl", "pollConsumers", "filterConsumers", "logkafkaEnabled", "activeOffsetCacheEnabled")
TEXTS = ("jmxUser", "jmxPass", "tuning.brokerViewUpdatePeriodSeconds", "jaasConfig")
CHOICES = {
    "kafkaVersion": ("2.8.1", "3.0.0", "3.1.0"),
    "securityProtocol": ("SASL_PLAINTEXT", "SASL_SSL", "SSL", "PLAINTEXT"),
    "saslMechanism": ("DEFAULT", "PLAIN", "GSSAPI"),
}
BLANK = {"kafkaVersion": "3.1.0", "securityProtocol": "PLAINTEXT", "tuning.brokerViewUpdatePeriodSeconds": "30"}


def form(values: dict[str, str], action: str, hidden: dict[str, str]) -> str:
    def shown(name: str) -> str:
        return html.escape(values.get(name, ""), quote=True)

    parts = [f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in hidden.items()]
    texts = ("zkHosts", *TEXTS) if hidden else ("name", "zkHosts", *TEXTS)
    parts += [f'<input type="text" id="{name}" name="{name}" value="{shown(name)}" class="form-control">' for name in texts]
    for name in BOXES:
        ticked = " checked" if values.get(name) == "true" else ""
        parts.append(f'<input type="checkbox" id="{name}" name="{name}" value="true"{ticked}>')
    for name, offered in CHOICES.items():
        options = [f'<option value="{one}"{" selected" if values.get(name) == one else ""}>{one}</option>' for one in offered]
        parts.append(f'<select id="{name}" name="{name}" class="form-control">{"".join(options)}</select>')
    button = '<button type="submit" class="submit-button btn btn-primary btn">Save</button>'
    return f'<html><form action="{action}" method="POST">{"".join(parts)}{button}</form></html>'


def cmak(properties: dict[str, str]) -> None:
    text = Path(properties["config.file"]).read_text()
    included = {Path(name).name: Path(name).read_text() for name in re.findall(r'include file\("(.+)"\)', text)}
    options = {
        key: json.loads(value) for key, value in re.findall(r"^([\w.-]+) = (.*)$", text + included["login.conf"], re.MULTILINE)
    }
    assert re.fullmatch(r"play\.http\.secret\.key=k[0-9a-f]{96}\n", included["key.conf"])
    assert Path(properties["logger.file"]).is_file() and Path(options["cmak.consumer.properties.file"]).is_file()
    kept = Path("clusters.json")
    held: dict[str, dict[str, str]] = json.loads(kept.read_text()) if kept.exists() else {}

    class Cmak(Service):
        open = tuple(options["basicAuthentication.excluded"])
        login = f"{options['basicAuthentication.username']}:{options['basicAuthentication.password']}"

        def serve(self, method: str, path: str, query: dict[str, str], body: str) -> None:
            name = path.removeprefix("/clusters").lstrip("/")
            if path == "/api/health":
                self.answer(200, "healthy", "text/plain")
            elif path == "/api/status/clusters":
                active = [{"name": one, "enabled": True, "version": {}} for one in held]
                self.answer(200, {"clusters": {"active": active, "pending": []}})
            elif path == "/addCluster":
                self.answer(200, form(BLANK, "/clusters", {}), "text/html")
            elif path == "/updateCluster":
                hidden = {"operation": "Update", "name": query["c"]}
                self.answer(200, form(held[query["c"]], f"/clusters/{query['c']}", hidden), "text/html")
            elif path == "/stand-in/options":
                self.answer(200, {key: value for key, value in options.items() if "password" not in key})
            elif method == "POST" and path.startswith("/clusters"):
                self.take({key: values[0] for key, values in urllib.parse.parse_qs(body).items()}, name)
            else:
                self.answer(404, "Action not found", "text/html")

        def take(self, sent: dict[str, str], name: str) -> None:
            if not re.fullmatch(r"[^/]+:\d+(/[\w/]+)?", sent["zkHosts"]):
                wrong = "<strong>Yikes!</strong> KeeperErrorCode = ConnectionLoss <a>Try again.</a>"
                self.answer(200, wrong, "text/html")
                return
            assert name in ("", sent["name"])
            held[sent["name"]] = sent
            kept.write_text(json.dumps(held))
            self.answer(200, '<div class="alert alert-success" role="alert">Done!</div>', "text/html")

    run(Cmak, int(properties["http.port"]))


# -- AKHQ ----------------------------------------------------------------------------------------------------------------


def akhq(properties: dict[str, str]) -> None:
    files = [Path(name).read_text() for name in properties["micronaut.config.files"].split(",")]
    everything = "\n".join(files)
    public, management = (int(found) for found in re.findall(r"^ +port: (\d+)$", everything, re.MULTILINE))
    assert re.search(r"generator\.secret: k[0-9a-f]{96}$", everything, re.MULTILINE)

    class Akhq(Service):
        port = management if os.fork() else public

        def serve(self, method: str, path: str, query: dict[str, str], body: str) -> None:
            if self.port == management:
                self.answer(200, {"status": "UP"})
            else:
                self.answer(200, {"configuration": files[0]})

    run(Akhq, Akhq.port)


# -- in place of java ----------------------------------------------------------------------------------------------------


def java(words: list[str]) -> None:
    """Run the program inside a stand-in jar, with the JVM's own way to name it."""
    if "-jar" in words:
        archive = words[words.index("-jar") + 1]
    else:
        folder = words[words.index("-cp") + 1].split(":")[-1].removesuffix("/*")
        archive = str(next(Path(folder).glob("*.jar")))
    os.environ["STAND_IN"] = json.dumps(words)
    sys.argv = [archive]
    runpy.run_path(archive, run_name="__main__")


def main() -> None:
    name = Path(sys.argv[0]).name
    if name == "stand-in-java":
        java(sys.argv[1:])
        return
    words = json.loads(os.environ.get("STAND_IN", "[]"))
    properties = dict(word[2:].partition("=")[::2] for word in words if word.startswith("-D"))
    if name == "grafana":
        grafana(sys.argv[1:])
    elif name == "kibana":
        kibana(sys.argv[1:])
    elif "play.core.server.ProdServerStart" in words:
        cmak(properties)
    else:
        akhq(properties)


if __name__ == "__main__":
    main()
