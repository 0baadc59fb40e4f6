// A GGUF file of the person's own: the kernel asks for the bytes of its header, piece by piece; nothing else is sent.
// Plain ES module: no build step, nothing from the network.

function whenConnected(element, act) {
  if (element.isConnected) act();
  else requestAnimationFrame(() => whenConnected(element, act));
}

/** A file may be dropped anywhere on the panel but in the paste box. */
function takeDrops(root, choose) {
  const isOurs = (event) => event.dataTransfer?.types.includes("Files") && !event.target.closest?.(".budsim-prompt");
  const onDrag = (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
  };
  const onDrop = (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    choose(event.dataTransfer.files);
  };
  root.addEventListener("dragover", onDrag);
  root.addEventListener("drop", onDrop);
  return () => {
    root.removeEventListener("dragover", onDrag);
    root.removeEventListener("drop", onDrop);
  };
}

function parts(el) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "jupyter-widgets jupyter-button widget-button";
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: ".gguf", multiple: true, hidden: true });
  const said = document.createElement("span");
  said.className = "budsim-said";
  el.append(button, input, said);
  return { button, input, said };
}

function render({ model, el }) {
  const say = (english) => model.get("words")[english] ?? english;
  const { button, input, said } = parts(el);
  const name = () => {
    button.textContent = say("Open GGUF file");
    button.title = say("Read the tensors of a .gguf file; its header alone is sent. Or drop it here");
  };
  name();
  model.on("change:words", name);
  let files = [];
  let choice = "";
  const choose = (chosen) => {
    files = [...chosen];
    if (!files.length) return;
    choice = `${Date.now()} ${Math.random()}`; // another view of the same panel has files of its own
    model.send({ type: "files", choice, files: files.map(({ name, size }) => ({ name, size_bytes: size })) });
  };
  const give = async ({ file, start, end }) => {
    const asked = choice;
    said.textContent = say("Reading the header of {name} …").replace("{name}", () => files[file].name);
    const bytes = await files[file].slice(start, end).arrayBuffer().catch(() => new ArrayBuffer(0));
    if (asked === choice) model.send({ type: "piece", choice, file, start, end }, undefined, [bytes]);
  };
  const onMessage = (message) => {
    if (message.choice !== choice) return;
    if (message.type === "want") give(message);
    else said.textContent = "";
  };
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    choose(input.files);
    input.value = ""; // the same file may be chosen again
  });
  model.on("msg:custom", onMessage);
  let forget = () => {};
  whenConnected(el, () => (forget = takeDrops(el.closest(".budsim-panel") ?? el, choose)));
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:words", name);
    forget();
  };
}

export default { render };
