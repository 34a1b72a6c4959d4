"""As much of a browser as signing in takes: opens the authorize page, presses a button on it, and says where that led.

Used by the stand-in for `xdg-open` of the desktop tests and by the conformance test with the Python SDK.
"""

import html.parser
import urllib.error
import urllib.parse
import urllib.request


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayHere())


class Answer:
    """A page or a redirect."""

    def __init__(self, url, status, headers, text):
        self.url, self.status, self.text = url, status, text
        location = headers.get("Location")
        self.location = urllib.parse.urljoin(url, location) if location else None


def fetch(url, form=None):
    """GET, or POST of a form; redirects are told, not followed."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 (test)"})
    try:
        with _opener.open(request, timeout=15) as answer:
            return Answer(answer.url, answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        return Answer(url, error.code, error.headers, error.read().decode("utf-8", "replace"))


class _Page(html.parser.HTMLParser):
    """Forms with their fields, and what can be pressed: `presses` has (text, method, address, fields)."""

    def __init__(self, url):
        super().__init__()
        self._url, self._form, self._pressing, self._text = url, None, None, ""
        self.presses = []

    def handle_starttag(self, tag, attributes):
        have = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = urllib.parse.urljoin(self._url, have.get("action", ""))
            self._form = (have.get("method", "get").lower(), action, [])
        elif tag == "input" and self._form and have.get("type") == "submit":
            own = [(have["name"], have.get("value", ""))] if have.get("name") else []
            self._press(have.get("value", ""), self._form, own)
        elif tag == "input" and self._form and have.get("name"):
            self._form[2].append((have["name"], have.get("value", "")))
        elif tag == "button" and self._form:
            own = [(have["name"], have.get("value", ""))] if have.get("name") else []
            self._pressing, self._text = ("button", self._form, own), ""
        elif tag == "a" and have.get("href"):
            self._pressing = ("a", ("get", urllib.parse.urljoin(self._url, have["href"]), None), [])
            self._text = ""

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        if self._pressing and tag == self._pressing[0]:
            self._press(self._text, *self._pressing[1:])
            self._pressing = None
        if tag == "form":
            self._form = None

    def _press(self, text, form, own):
        method, address, fields = form
        # The form's field list is shared on purpose: fields that stand after the button belong to it as well.
        self.presses.append((" ".join(text.split()), method, address, fields, own))


def press(page, beginning):
    """Presses the first button or link of a page whose text begins so."""
    reader = _Page(page.url)
    reader.feed(page.text)
    for text, method, address, fields, own in reader.presses:
        if text.startswith(beginning):
            if fields is None:
                return fetch(address)
            values = fields + own
            if method == "post":
                return fetch(address, values)
            return fetch(address.split("?")[0] + "?" + urllib.parse.urlencode(values))
    raise AssertionError(f"no button {beginning!r} on the page; there are {[each[0] for each in reader.presses]}")


def sign_in(authorize_url, button="Continue as Ada"):
    """Opens the authorize page, presses the button, and gives the redirect back that should bring the code."""
    page = fetch(authorize_url)
    if page.location is None:
        if page.status != 200:
            raise AssertionError(f"the authorize page answered {page.status}: {page.text[:300]}")
        page = press(page, button)
    if page.location is None:
        raise AssertionError(f"no redirect after {button!r}, but {page.status}: {page.text[:300]}")
    return page.location
