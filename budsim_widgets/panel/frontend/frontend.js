// What the panel needs in the browser itself: the keyboard, the focus, and a word when its kernel is gone.
// Everything else is ipywidgets. Plain ES module: no build step, nothing from the network.

const FOCUSABLE = "button, input, select, textarea, summary, a[href], [tabindex]";
const LOST = "The kernel was restarted: run the cell again";
const TYPED = ".budsim-field:not(.budsim-saved *, .budsim-prompt *) > :is(input:not([type=number]), textarea)";
const RESULT = "Result";
const SAID = ".budsim-verdict, .budsim-title, .budsim-alert, .budsim-status, .budsim-said";
const PAUSE_MILLISECONDS = 300;
const DISCLOSURES = [
  [".budsim-open-saved", ".budsim-saved"],
  [".budsim-open-team", ".budsim-team"],
  [".budsim-open-precisions", ".budsim-precision-table"],
];
let numMessages = 0;

/** Letters typed on a part of the panel aren't commands of the notebook; the attribute has to stand on each part. */
function shieldKeys(root) {
  for (const part of root.querySelectorAll(FOCUSABLE)) part.setAttribute("data-lm-suppress-shortcuts", "true");
}

/** Looked at once what has changed is drawn: a look at the layout before would have it laid out twice. */
function oncePerFrame(act) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => setTimeout(() => {
      isDue = false;
      act();
    }));
  };
}

function make(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function isShown(element) {
  return Boolean(element) && element.getClientRects().length > 0;
}

/** One live region is there from the start and says what has appeared; of what changes quickly, only the last. */
function announcer(root) {
  const region = make("div", { className: "budsim-live budsim-unseen", role: "status", ariaLive: "polite" });
  root.append(region);
  let said = new Map();
  let timer;
  const speak = () => {
    const shown = [...root.querySelectorAll(SAID)].filter((one) => isShown(one) && !one.parentElement.closest(SAID));
    const texts = new Map(shown.map((one) => [one, one.innerText.trim()]));
    const fresh = [...texts].filter(([one, text]) => text && said.get(one) !== text);
    said = texts;
    if (fresh.length) region.textContent = fresh.map(([, text]) => text).join(" ");
  };
  return () => {
    clearTimeout(timer);
    timer = setTimeout(speak, PAUSE_MILLISECONDS);
  };
}

/** A refused value says so and points to the message that says why, until it is changed. */
function markRefused(root) {
  for (const field of root.querySelectorAll(".budsim-field")) {
    const input = field.querySelector("input, select, textarea");
    const place = field.closest(".budsim-prompt, .budsim-saved-detail") ?? root.querySelector(".budsim-problem");
    const message = place?.querySelector(".budsim-alert");
    if (field.matches(".budsim-refused") && isShown(message) && !input.disabled) {
      if (!message.id && isFocusLost()) input.focus();
      message.id ||= `budsim-message-${(numMessages += 1)}`;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", message.id);
    } else if (input?.hasAttribute("aria-invalid")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  }
}

/** What had the focus was hidden or disabled; whoever is elsewhere in the page stays there. */
function isFocusLost() {
  const { activeElement } = document;
  return activeElement === document.body || activeElement.disabled || !isShown(activeElement);
}

/** The text is sent when its field is left; so it is before a click that follows. */
function sendText(field) {
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function clickShown(root, selector) {
  const button = [...root.querySelectorAll(selector)].find(isShown);
  if (button && !button.disabled) button.click();
  return Boolean(button);
}

/**
 * With any news of a field's widget, as a model more in its list, ipywidgets writes the text that it knew last into the
 * field: what a person types meanwhile stays, and is sent when the field is left.
 */
function keepTyped(root) {
  const late = new Map();
  const release = (field) => late.delete(field) && delete field.value;
  root.addEventListener("input", ({ target }) => {
    if (!target.matches(TYPED) || late.has(target)) return;
    late.set(target, undefined);
    const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), "value");
    const set = (text) => late.set(target, text);
    Object.defineProperty(target, "value", { configurable: true, get, set });
  }, true);
  root.addEventListener("change", ({ target }) => release(target), true);
  root.addEventListener("focusout", ({ target }) => {
    const text = late.get(target);
    // left as it was: no change is sent
    if (release(target) && text !== undefined) target.value = text;
  }, true);
}

function onKeyDown(root, event) {
  const inPaste = event.target.closest?.(".budsim-paste");
  const submits = event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey);
  if (inPaste && submits) {
    sendText(event.target);
    clickShown(root, ".budsim-submit");
  } else if (event.key === "Escape") {
    if (!clickShown(root, ".budsim-cancel") && !clickShown(root, ".budsim-close")) return;
  } else if (submits && event.target.matches("input")) {
    sendText(event.target);
    clickShown(root, ".budsim-calculate");
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** What has the focus may be hidden, disabled or taken away by what it started: the focus must not fall to the page. */
function focusKeeper(root, say) {
  let last = null;
  let around = [];
  let opener = null;
  let isSubmitted = false;
  let wasOpen = false;
  let height = 0;
  let waitsForResult = false;
  root.addEventListener("focusin", ({ target }) => {
    last = target;
    around = [];
    for (let at = target.parentElement; at && at !== root.parentElement; at = at.parentElement) around.push(at);
    if (!target.closest(".budsim-prompt")) opener = target;
  });
  root.addEventListener("focusout", ({ target }) => {
    // who leaves it by themselves leaves it as it is; what is taken away is gone only afterwards
    queueMicrotask(() => {
      if (target === last && isShown(target) && !target.disabled) last = null;
    });
  });
  root.addEventListener("click", (event) => (isSubmitted = Boolean(event.target.closest(".budsim-submit"))), true);
  return () => {
    const prompt = root.querySelector(".budsim-prompt");
    const result = root.querySelector(".budsim-result");
    const isOpen = isShown(prompt);
    if (result) Object.assign(result, { tabIndex: -1, role: "region", ariaLabel: say(RESULT) });
    // what is said in it later may push its buttons out of sight
    if (isOpen && prompt.offsetHeight > height && (!wasOpen || prompt.contains(document.activeElement))) {
      prompt.scrollIntoView({ block: "nearest" });
    }
    height = isOpen ? prompt.offsetHeight : 0;
    if (!isOpen && wasOpen && isFocusLost()) {
      waitsForResult = isSubmitted;
      if (!isSubmitted) opener?.focus();
    }
    wasOpen = isOpen;
    if (waitsForResult && isShown(result)) {
      result.focus();
      waitsForResult = false;
    }
    if (!last || waitsForResult || !isFocusLost()) return;
    if (!isShown(last)) substitute(root, around)?.focus();
    else if (!last.disabled) last.focus();
  };
}

/** In the place of what is gone: the button that opened what is closed, else the first thing nearby. */
function substitute(root, around) {
  const [opens] = DISCLOSURES.find(([, opened]) => around.some((one) => one.matches(opened) && !isShown(one))) ?? [];
  const place = around.find(isShown) ?? root;
  const nearby = [...(opens ? root.querySelectorAll(opens) : []), ...place.querySelectorAll(FOCUSABLE)];
  return nearby.find((one) => isShown(one) && !one.disabled);
}

/** Whether what a button opens is open, for who can't see it. */
function markExpanded(root) {
  for (const [opens, opened] of DISCLOSURES) {
    for (const opener of root.querySelectorAll(opens)) setExpanded(opener, isShown(root.querySelector(opened)));
  }
  for (const row of root.querySelectorAll(".budsim-saved-row")) {
    setExpanded(row.querySelector("button"), row.matches(".budsim-saved-chosen"));
  }
}

function setExpanded(opener, isOpen) {
  if (opener.getAttribute("aria-expanded") !== `${isOpen}`) opener.setAttribute("aria-expanded", `${isOpen}`);
}

/** ipywidgets marks views whose kernel is gone; the panel says what to do. */
function showLostKernel(root, lost) {
  const isLost = root.classList.contains("jupyter-widgets-disconnected");
  const shown = root.querySelector(":scope > .budsim-lost");
  if (isLost && !shown) root.prepend(make("div", { className: "budsim-alert budsim-lost", textContent: lost }));
  if (!isLost) shown?.remove();
}

/** A file dropped onto the box is taken as one that is chosen with its button. */
function takeDroppedFile(root) {
  const box = (event) => event.dataTransfer?.types.includes("Files") && event.target.closest?.(".budsim-prompt");
  root.addEventListener("dragover", (event) => {
    if (box(event)) event.preventDefault();
  });
  root.addEventListener("drop", (event) => {
    const prompt = box(event);
    if (!prompt) return;
    event.preventDefault();
    event.stopPropagation();
    const input = prompt.querySelector(".budsim-file input");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
    prompt.querySelector(".budsim-paste textarea").focus();
  });
}

function attach(root, say) {
  if (root.dataset.budsimKeys) return;
  root.dataset.budsimKeys = "true";
  const keepFocus = focusKeeper(root, say);
  const announce = announcer(root);
  const look = () => {
    shieldKeys(root);
    markExpanded(root);
    keepFocus();
    showLostKernel(root, say(LOST));
    markRefused(root);
    announce();
  };
  // while it goes down to its field: ipywidgets' own fields let no key out again
  root.addEventListener("keydown", (event) => onKeyDown(root, event), true);
  keepTyped(root);
  root.addEventListener("input", ({ target }) => target.closest(".budsim-refused")?.classList.remove("budsim-refused"));
  takeDroppedFile(root);
  const attributeFilter = ["class", "style", "disabled"];
  new MutationObserver(oncePerFrame(look)).observe(root, { subtree: true, childList: true, attributeFilter });
  look();
}

/** What outlives the kernel stands in the same cell; as long as the panel is on screen, it is not shown twice. */
function emptyKept(root, name) {
  const area = root.closest(".jp-OutputArea") ?? document.body;
  const empty = () => {
    for (const kept of area.getElementsByClassName(name)) if (kept.firstChild) kept.replaceChildren();
  };
  const observer = new MutationObserver(empty);
  observer.observe(area, { subtree: true, childList: true });
  empty();
  return () => observer.disconnect();
}

function whenConnected(element, act) {
  if (element.isConnected) act();
  else requestAnimationFrame(() => whenConnected(element, act));
}

function render({ model, el }) {
  const say = (english) => model.get("words")[english] ?? english;
  model.send({ page: document.documentElement.lang, preferred: [...navigator.languages] });
  let leave = () => {};
  whenConnected(el, () => {
    const root = el.closest(".budsim-panel") ?? el.closest(".budsim-root") ?? el.parentElement;
    attach(root, say);
    const kept = model.get("kept");
    if (kept) leave = emptyKept(root, kept);
  });
  return () => leave();
}

export default { render };
