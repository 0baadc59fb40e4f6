// A field for a whole number. What is typed or pasted goes to the kernel as text, which answers with what it takes it
// for, in words where that is another number. Plain ES module: no build step, nothing from the network.

function parts(el) {
  const field = document.createElement("input");
  const label = document.createElement("label");
  const said = document.createElement("div");
  field.type = "number";
  field.id = `budsim-number-${Math.random().toString(36).slice(2)}`;
  label.className = "widget-label";
  label.htmlFor = field.id;
  said.id = `${field.id}-said`;
  said.className = "budsim-hint budsim-said budsim-corrected";
  el.classList.add("jupyter-widgets", "widget-inline-hbox", "widget-text");
  el.append(label, field, said);
  return { field, label, said };
}

function render({ model, el }) {
  const { field, label, said } = parts(el);
  let classes = [];
  let isEdited = false;
  let withUnit = null;
  const look = () => {
    // anywidget's views follow no change of their classes by themselves
    const now = model.get("_dom_classes");
    el.classList.remove(...classes);
    el.classList.add(...now);
    classes = now;
    label.textContent = model.get("description");
    label.title = field.title = model.get("tooltip");
    field.step = model.get("step");
    field.disabled = model.get("disabled");
    said.textContent = model.get("said");
    said.hidden = !said.textContent;
    if (!field.hasAttribute("aria-invalid")) {
      if (said.textContent) field.setAttribute("aria-describedby", said.id);
      else field.removeAttribute("aria-describedby");
    }
    if (!isEdited) field.value = model.get("value");
  };
  const send = (text) => {
    isEdited = false;
    model.send({ text });
  };
  const hear = (message) => (message.do === "focus" ? field.focus() : look());
  field.addEventListener("input", () => {
    isEdited = true;
    withUnit = null;
  });
  // a browser doesn't tell what stands there where that is no number
  field.addEventListener("change", () => {
    if (field.value !== withUnit) send(field.validity.badInput ? null : field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (!/^[km]$/i.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || !field.value) return;
    event.preventDefault();
    withUnit = field.value; // which the browser hands over once more when the field is left
    send(withUnit + event.key);
  });
  field.addEventListener("paste", (event) => {
    // the browser would drop what is no digit: "8k" would be 8
    const text = event.clipboardData.getData("text/plain");
    if (/^\d+$/.test(text)) return;
    event.preventDefault();
    send(text);
  });
  model.on("change", look);
  model.on("msg:custom", hear);
  look();
  return () => {
    model.off("change", look);
    model.off("msg:custom", hear);
  };
}

export default { render };
