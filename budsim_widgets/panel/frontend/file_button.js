// A button that hands the content of one file to the kernel.
// Plain ES module: no build step, nothing from the network.

function render({ model, el }) {
  const button = document.createElement("button");
  const input = document.createElement("input");
  Object.assign(button, { type: "button", className: "jupyter-widgets jupyter-button widget-button" });
  Object.assign(input, { type: "file", hidden: true });
  const show = () => {
    Object.assign(button, {
      textContent: model.get("description"),
      title: model.get("tooltip"),
      disabled: model.get("disabled"),
    });
    input.accept = model.get("accept");
  };
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = ""; // the same file may be chosen again
    if (!file) return;
    try {
      // of a larger one nothing would arrive; one byte more than is taken says that it is too large
      const bytes = await file.slice(0, model.get("max_bytes") + 1).arrayBuffer();
      model.send({ name: file.name }, undefined, [bytes]);
    } catch {
      model.send({ name: file.name, unreadable: true });
    }
  });
  const shown = "change:description change:tooltip change:disabled";
  model.on(shown, show);
  show();
  el.append(button, input);
  return () => model.off(shown, show);
}

export default { render };
