// A field for text that no notebook keeps: it stands in the page and in the kernel, and is no state of a widget.
// Plain ES module: no build step, nothing from the network.

// Browsers put a pasted text in line by line, each with a layout of all that stands there: seconds for 20 KB of config.
const SHORT_PASTE = 2000;

function parts(el) {
  const field = document.createElement("textarea");
  field.id = `budsim-text-${Math.random().toString(36).slice(2)}`;
  field.className = "widget-input";
  const label = document.createElement("label");
  label.className = "widget-label";
  label.htmlFor = field.id;
  const held = document.createElement("div");
  held.className = "budsim-hint budsim-said";
  held.id = `${field.id}-held`;
  const clear = document.createElement("button");
  Object.assign(clear, { type: "button", className: "jupyter-widgets jupyter-button widget-button" });
  el.classList.add("jupyter-widgets", "widget-inline-hbox", "widget-textarea");
  el.append(label, field);
  return { field, label, held, clear };
}

/** Of a text that is too long to be laid out, the kernel shows the beginning and holds the rest. */
function hold(el, { field, held, clear }, sentence) {
  const isHeld = Boolean(sentence);
  field.readOnly = isHeld;
  held.textContent = sentence ?? "";
  if (isHeld) {
    field.setAttribute("aria-description", sentence);
    el.append(held, clear);
  } else {
    field.removeAttribute("aria-description");
    held.remove();
    clear.remove();
  }
}

function render({ model, el }) {
  const all = parts(el);
  const { field, label, clear } = all;
  let classes = [];
  const look = () => {
    // anywidget's views follow no change of their classes by themselves
    const now = model.get("_dom_classes");
    el.classList.remove(...classes);
    el.classList.add(...now);
    classes = now;
    label.textContent = model.get("description");
    clear.textContent = model.get("clear_label");
    for (const name of ["placeholder", "rows", "disabled"]) field[name] = model.get(name);
  };
  let isTyped = false;
  // one character more than is taken says that it is too long
  const send = (text) => {
    isTyped = false;
    model.send({ text: text.slice(0, model.get("longest") + 1), view: field.id });
  };
  const hear = (message) => {
    if (message.do === "focus") return field.focus();
    // the answer to a view that was opened: what is typed meanwhile stays, and other views have the text
    if (message.asked && (isTyped || message.asked !== field.id)) return;
    hold(el, all, message.held);
    // what came from this field is there already, and may have been typed further
    if ((message.held || message.view !== field.id) && field.value !== message.text) field.value = message.text;
  };
  field.addEventListener("input", () => {
    if (model.get("tells_edits")) model.send({ is_edited: true });
    isTyped = true;
  });
  field.addEventListener("change", () => {
    if (!field.readOnly) send(field.value);
  });
  field.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (field.disabled || (text.length < SHORT_PASTE && !field.readOnly)) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = field;
    const whole = field.readOnly ? text : value.slice(0, selectionStart) + text + value.slice(selectionEnd);
    if (field.readOnly || whole.length > model.get("longest_shown")) return send(whole);
    field.setRangeText(text, selectionStart, selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  clear.addEventListener("click", () => {
    send("");
    hold(el, all);
    field.value = "";
    field.focus();
  });
  model.on("change", look);
  model.on("msg:custom", hear);
  look();
  model.send({ asks: field.id });
  return () => {
    model.off("change", look);
    model.off("msg:custom", hear);
  };
}

export default { render };
