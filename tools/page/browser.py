"""Chromium without a window, driven over its DevTools protocol. Standard library only."""
import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from page.socket_client import WebSocket

NAMES = ("chromium", "chromium-browser", "google-chrome")


def program():
    """The browser's path; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page. To be closed."""

    def __init__(self, url, width=1280, height=800):
        self.folder = tempfile.TemporaryDirectory(prefix="precordia-page-")
        self.process = subprocess.Popen(
            [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-extensions", "--disable-component-update", "--disable-background-networking", "--remote-debugging-port=0",
             "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={self.folder.name}", "--lang=en", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = Path(self.folder.name) / "DevToolsActivePort"
        self.port, _ = self._wait(lambda: port_file.exists() and len(port_file.read_text().split()) == 2 and port_file.read_text().split(), 60)
        self.number = 0
        self.root = WebSocket("127.0.0.1", int(self.port), port_file.read_text().split()[1], timeout=60)
        self.said = []
        target = self._call(self.root, "Target.createTarget", url="about:blank")["targetId"]
        self.page = WebSocket("127.0.0.1", int(self.port), f"/devtools/page/{target}", timeout=60)
        for name in ("Page", "Runtime", "Log"):
            self.call(f"{name}.enable")
        self.size(width, height)
        self.call("Page.navigate", url=url)

    @staticmethod
    def _wait(look, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := look():
                return found
            time.sleep(0.05)
        raise TimeoutError("the browser did not start")

    def _call(self, socket, method, **arguments):
        self.number += 1
        socket.send(json.dumps({"id": self.number, "method": method, "params": arguments}))
        while True:
            answer = json.loads(socket.receive())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if answer.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.said.append(json.dumps(answer["params"])[:500])

    def call(self, method, **arguments):
        return self._call(self.page, method, **arguments)

    def eval(self, script):
        """What an expression of JavaScript comes to."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{script}: {found['exceptionDetails'].get('exception', {}).get('description')}")
        return found["result"].get("value")

    def until(self, script, seconds, what):
        """Waits until an expression holds; how long that took."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            if self.eval(f"Boolean({script})"):
                return time.monotonic() - begin
            time.sleep(0.04)
        raise AssertionError(f"{what}: not within {seconds} s")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700)

    def click(self, selector):
        """A click where a person would see the element."""
        place = self.eval(f"(e => {{ e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})(document.querySelector({json.dumps(selector)}))")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def picture(self, path, whole=False):
        if path:
            data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
            Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        for socket in (self.page, self.root):
            socket.close()
        self.process.kill()
        self.process.wait()
        try:
            self.folder.cleanup()
        except OSError:
            pass
