"""`make demo`: everything on this machine, in one terminal, with nothing else installed.

Makes a `.env` with new keys if there is none, migrates SQLite, seeds two tenants, runs web, worker
and sandbox under one supervisor, and copies the templates. Ctrl-C stops all of it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from honcho import manager as supervisor

ROOT = Path(__file__).resolve().parent.parent
PORT = os.environ.get("PORT") or "8000"
SANDBOX_PORT = os.environ.get("SANDBOX_PORT") or "9100"
READY_WITHIN_SECONDS = 180
# What the supervisor grants after Ctrl-C; a worker ends the step that runs (WORKER_STOP_SECONDS).
STOP_WITHIN_SECONDS = 40
GUIDE_ONLY = "--guide"
IDMETA_TENANT = "Demo wallet (IDMeta)"
# What the greeting invites to post; read before, so that the first answer is as quick as the next.
PICTURES = ("passport-td3.jpg", "id-card-td1-front.jpg", "id-card-td1-back.jpg")
PROCESSES = {
    "web": f"{sys.executable} -m uvicorn kyc_adapter.asgi:application --port {PORT} --no-access-log"
    " --log-level warning",
    "worker": f"{sys.executable} manage.py worker",
    "sandbox": f"{sys.executable} manage.py sandbox --port {SANDBOX_PORT} "
    + " ".join(f"--picture docs/specimens/{name}" for name in PICTURES),
}


def main() -> int:
    os.chdir(ROOT)
    os.environ["ENVIRONMENT"] = "local"
    # The page opens sockets from this origin.
    own = f"http://127.0.0.1:{PORT},http://localhost:{PORT}"
    os.environ.setdefault("WEBSOCKET_CORS_ORIGIN", own)
    ensure_env_file(ROOT / ".env")
    manage("migrate", "--verbosity", "0")
    seeded = json.loads(manage("seed_demo", "--json", "--sandbox", sandbox_url()))
    # A process of its own: the supervisor forks, which threads and their pipes don't survive.
    guide = subprocess.Popen([sys.executable, __file__, GUIDE_ONLY, json.dumps(seeded)])
    manager = supervised()
    manager.loop()
    guide.terminate()
    return int(manager.returncode or 0)


def supervised() -> supervisor.Manager:
    supervisor.KILL_WAIT = STOP_WITHIN_SECONDS
    manager = supervisor.Manager()
    for name, command in PROCESSES.items():
        manager.add_process(name, command, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    return manager


def ensure_env_file(path: Path) -> None:
    """Keys of this machine alone; kept, so that a second demo can read the first one's data."""
    if path.exists():
        return
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    path.write_text(
        "# Made by `make demo` for this machine. See .env.example for every setting.\n"
        f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
        f"FIELD_ENCRYPTION_KEYS={key}\n"
    )
    path.chmod(0o600)


def manage(*arguments: str) -> str:
    """What a management command prints; ends the demo with its message if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def sandbox_url() -> str:
    return f"http://127.0.0.1:{SANDBOX_PORT}"


def greet_when_ready(seeded: dict[str, str]) -> None:
    """Print what to try, once everything answers and the templates are there; before, what is."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    waiting = {
        "web": lambda: answers(f"http://127.0.0.1:{PORT}/health"),
        "templates": templates_are_copied,
        "sandbox": sandbox_is_prepared,
        "worker": worker_answers,
    }
    while waiting and time.monotonic() < deadline:
        for name in [name for name, is_ready in waiting.items() if is_ready()]:
            del waiting[name]
            print(f"  Ready: {name}", flush=True)
        time.sleep(0.3)
    if waiting:
        print(f"Not ready after {READY_WITHIN_SECONDS} s: {', '.join(waiting)}", flush=True)
        return
    print(guide(seeded), flush=True)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def sandbox_is_prepared() -> bool:
    try:
        with urllib.request.urlopen(f"{sandbox_url()}/healthz", timeout=2) as response:
            return bool(json.load(response)["isPrepared"])
    except (urllib.error.URLError, OSError):
        return False


def templates_are_copied() -> bool:
    """Copied here: a worker that found no sandbox yet would try again only after a minute.

    False also while the worker is at it.
    """
    is_there = answers(f"{sandbox_url()}/healthz")
    return is_there and succeeds("sync_templates", "--tenant", IDMETA_TENANT, "--json")


def worker_answers() -> bool:
    return succeeds("worker_alive")


def succeeds(*arguments: str) -> bool:
    """Whether a management command ends well; what it prints is not shown."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], capture_output=True, check=False
    )
    return done.returncode == 0


def guide(seeded: dict[str, str]) -> str:
    api = f"http://127.0.0.1:{PORT}/api/v1/verifications"
    regula, idmeta = seeded["regula"], seeded["idmeta"]
    return f"""
  KYC adapter is ready.  Open http://127.0.0.1:{PORT}/   (API: /api/docs, health: /health)

  API keys   Regula tenant  {regula}
             IDMeta tenant  {idmeta}

  1. A passport through Regula's API:
curl -s {api}/upload -H "X-API-Key: {regula}" -F verificationType=document \
-F front=@docs/specimens/passport-td3.jpg

  2. Both sides of an ID card and a selfie through IDMeta's API, one call:
curl -s {api}/upload -H "X-API-Key: {idmeta}" -F verificationType=comprehensive \
-F front=@docs/specimens/id-card-td1-front.jpg -F back=@docs/specimens/id-card-td1-back.jpg \
-F selfie=@docs/specimens/selfie.jpg

  3. The same person once more, as JSON:
(printf '{{"verificationType":"document","documentImages":{{"front":"'; \
base64 -w0 docs/specimens/passport-td3.jpg; printf '"}}}}') \
| curl -s {api} -H "X-API-Key: {idmeta}" -H "Content-Type: application/json" -d @-

  4. An ID number, without a document:
curl -s {api}/verify-by-id -H "X-API-Key: {idmeta}" -H "Content-Type: application/json" \
-d '{{"verificationType":"philippines_nbi_clearance","idNumber":"H000AAAA00-AA00000001",\
"userData":{{"firstName":"Mayumi","lastName":"Halimbawa"}}}}'

  Ctrl-C stops everything.
"""


if __name__ == "__main__":
    if sys.argv[1:2] == [GUIDE_ONLY]:
        greet_when_ready(json.loads(sys.argv[2]))
    else:
        sys.exit(main())
