// A field for text that no notebook keeps: it stands in the page and in the kernel, and is no state of a widget.
// Plain ES module: no build step, nothing from the network.

function parts(el) {
  const field = document.createElement("textarea");
  field.id = `budsim-text-${Math.random().toString(36).slice(2)}`;
  field.className = "widget-input";
  const label = document.createElement("label");
  label.className = "widget-label";
  label.htmlFor = field.id;
  el.classList.add("jupyter-widgets", "widget-inline-hbox", "widget-textarea");
  el.append(label, field);
  return { field, label };
}

function render({ model, el }) {
  const { field, label } = parts(el);
  let classes = [];
  const look = () => {
    // anywidget's views follow no change of their classes by themselves
    const now = model.get("_dom_classes");
    el.classList.remove(...classes);
    el.classList.add(...now);
    classes = now;
    label.textContent = model.get("description");
    for (const name of ["placeholder", "rows", "disabled"]) field[name] = model.get(name);
  };
  const hear = (message) => {
    if (message.do === "focus") field.focus();
    // what came from this field is there already, and may have been typed further
    else if (message.view !== field.id && field.value !== message.text) field.value = message.text;
  };
  field.addEventListener("change", () => model.send({ text: field.value, view: field.id }));
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
