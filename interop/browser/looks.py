"""What every page must be, as the browser lays it out: usable by everybody, and nobody else's business."""

# Run in the page. Gives a list of what is wrong.
AUDIT = r"""
const wrong = [];
const say = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;

// Names and descriptions.
if (document.querySelectorAll("h1").length !== 1) wrong.push("not exactly one h1");
if (!document.documentElement.lang) wrong.push("no language");
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) wrong.push(`the id ${id} is there twice`);
for (const input of document.querySelectorAll("input:not([type=hidden])")) {
  if (!input.labels.length) say("no label", input);
  if (!input.autocomplete) say("no autocomplete", input);
  for (const id of (input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean)) {
    if (!document.getElementById(id)) say(`described by ${id}, which is not there`, input);
  }
  if (input.getAttribute("aria-invalid") && !input.getAttribute("aria-describedby")) say("wrong without a reason", input);
}
for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) say("no alt", image);
for (const element of document.querySelectorAll("button, a")) {
  if (shown(element) && !(element.textContent.trim() || element.getAttribute("aria-label"))) say("no name", element);
}

// 44 by 44 pixels for whatever is pressed, but links in a sentence.
for (const element of document.querySelectorAll("button, input:not([type=hidden]), a")) {
  if (!shown(element) || element.matches(".skip, .summary a")) continue;
  const box = element.getBoundingClientRect();
  if (box.height < 43.5 || box.width < 43.5) say(`only ${box.width} by ${box.height}`, element);
}

// Nothing beyond the edge.
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) wrong.push("wider than the screen");
for (const card of document.querySelectorAll(".card, .page-head")) {
  const range = document.createRange();
  range.selectNodeContents(card);
  const beyond = [...range.getClientRects()].filter((box) => box.width > 1 && box.right > card.getBoundingClientRect().right + 0.5);
  if (beyond.length) say("something beyond the edge of the", card);
}

// Contrast of text, WCAG 2.2 §1.4.3.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return [255, 255, 255, 255];
};
const ratio = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !shown(element) || element.closest(".visually-hidden, .skip, script")) continue;
  const line = document.createRange();
  line.selectNodeContents(walker.currentNode);
  const lines = [...line.getClientRects()];
  if (lines.length > 2 && lines.every((box) => box.width < 40)) say("squeezed", element);
  const found = ratio(rgba(getComputedStyle(element).color), ground(element));
  if (found < 4.5) say(`contrast ${found.toFixed(2)}`, element);
}
for (const input of document.querySelectorAll("input:not([type=hidden])")) {
  const found = ratio(rgba(getComputedStyle(input).borderTopColor), ground(input.parentElement));
  if (found < 3) say(`contrast of the border ${found.toFixed(2)}`, input);
}

// Nothing from elsewhere.
for (const entry of performance.getEntriesByType("resource")) {
  if (new URL(entry.name).origin !== location.origin) wrong.push(`loads ${entry.name}`);
}
return wrong;
"""


def look(visitor, name):
    """Judges the page that is open, and keeps a picture of it, in light and in dark."""
    for scheme in ("light", "dark"):
        visitor.chromium.scheme(scheme)
        visitor.chromium.shoot(name, scheme)
        if visitor.chromium.script:
            wrong = visitor.driver.execute_script(AUDIT)
            assert not wrong, f"{name} in {scheme}:\n" + "\n".join(wrong)
    visitor.chromium.scheme("light")
    complaints = [entry["message"] for entry in visitor.driver.get_log("browser") if _is_complaint(entry)]
    assert not complaints, f"{name}: " + "\n".join(complaints)


def _is_complaint(entry):
    # Refusals have a status of their own, which the console tells too.
    return entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]
