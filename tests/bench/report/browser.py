# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium, driven over a pipe by https://chromedevtools.github.io/devtools-protocol/."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 60
NAMES = ["chromium-headless-shell", "chromium"]


class Browser:
    """A browser with one page. What the page complains of is in `complaints`, what it asked for in `requests`."""

    def __init__(self):
        program = next((name for name in NAMES if shutil.which(name)), None)
        if program is None:
            raise AssertionError(f"none of {NAMES} is installed: see scripts/install-dependencies")
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        from_here, self.to_browser = os.pipe()
        self.from_browser, to_here = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{from_here} 4>&{to_here}', "sh", program, "--headless", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile.name}"],
            pass_fds=(from_here, to_here), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_here)
        os.close(to_here)
        self.received = b""
        self.number = 0
        self.session = None
        self.forget()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.ask(domain + ".enable")

    def close(self):
        os.close(self.to_browser)  # which tells it to end
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.from_browser)
        self.profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, method, **parameters):
        """Calls a method of the protocol and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self._notice(answer)

    def _receive(self):
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self.received:
            ready, _, _ = select.select([self.from_browser], [], [], max(0, deadline - time.monotonic()))
            octets = os.read(self.from_browser, 1 << 20) if ready else b""
            if not octets:
                raise AssertionError("the browser " + ("has ended" if ready else "does not answer"))
            self.received += octets
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def _notice(self, event):
        method, what = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
            self.complaints.append(str([argument.get("value") for argument in what["args"]]))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(what["exceptionDetails"]))
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{what['entry']['text']} ({what['entry'].get('url')})")
        elif method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def forget(self):
        self.complaints = []
        self.requests = []
        self.loaded = False

    def resize(self, width):
        """Gives the page a window of that width, a phone's where it is narrow."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                 mobile=width < 600)

    def open(self, url, width):
        """Opens a page in a window of that width, and waits until it has loaded."""
        self.forget()
        self.resize(width)
        self.ask("Page.navigate", url=url)
        deadline = time.monotonic() + PATIENCE_S
        while not self.loaded:
            assert time.monotonic() < deadline, f"{url} does not load"
            self.run("0")

    def run(self, expression):
        """Returns the value of an expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression):
        """Waits until an expression in the page is true; returns its value."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := self.run(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not true in the page: {expression}\n{self.run('document.body.innerText')}")
            time.sleep(0.05)
        return value

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).textContent")

    def rows(self):
        """The rows of all tables of the page, as lists of texts."""
        return self.run("[...document.querySelectorAll('tbody tr')].map((row) => "
                        "[...row.cells].map((cell) => cell.textContent))")

    def drawn(self):
        """For each canvas of the page, how many colours are in it: a blank one has one."""
        return self.run("""[...document.querySelectorAll('canvas')].map((canvas) => {
            const {width, height} = canvas;
            if (width === 0 || height === 0) return 0;
            const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, width, height).data.buffer);
            return new Set(pixels).size;
        })""")

    def screenshot(self, path, height=None):
        """Writes a picture of the whole page, or of its first `height` pixels."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(height or size["height"], size["height"]),
                "scale": 1}
        answer = self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))
