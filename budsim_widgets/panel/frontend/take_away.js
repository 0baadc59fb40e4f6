// The buttons that take a result along: to the clipboard, or as a file.
// Plain ES module: no build step, nothing from the network.

const COPIED_MILLISECONDS = 2000;

function make(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // a page that isn't served over https has no clipboard of its own
  const field = make("textarea", { value: text });
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** An SVG document as the pixels of a picture, twice as large as it says, for sharp letters. */
async function pixels(svg) {
  const picture = make("img", { src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}` });
  await picture.decode();
  const canvas = make("canvas", { width: 2 * picture.naturalWidth, height: 2 * picture.naturalHeight });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

async function copyPicture(svg, say) {
  if (navigator.clipboard?.write && window.isSecureContext) {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": pixels(svg) })]);
    return say("Copied");
  }
  download(await pixels(svg), "memory.png", "image/png");
  return say("Saved");
}

function download(text, name, type) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

function render({ model, el }) {
  const say = (english) => model.get("words")[english] ?? english;
  const row = make("div", { className: "budsim-take-away" });
  const said = make("span", { className: "budsim-said" });
  const button = (label, trait, act) => {
    const className = "jupyter-widgets jupyter-button widget-button";
    const made = make("button", { type: "button", className });
    made.addEventListener("click", async () => {
      said.textContent = await act(model.get(trait));
      setTimeout(() => (said.textContent = ""), COPIED_MILLISECONDS);
    });
    const update = () => Object.assign(made, { hidden: !model.get(trait), textContent: say(label) });
    model.on(`change:${trait} change:words`, update);
    update();
    row.append(made);
  };
  const copies = (text) => copy(text).then(() => say("Copied"));
  button("Copy as code", "code", copies);
  button("Copy as Markdown", "markdown", copies);
  button("Copy as image", "picture", (text) => copyPicture(text, say));
  button("Save as image", "picture", (text) => {
    download(text, "memory.svg", "image/svg+xml");
    return say("Saved");
  });
  button("Save as notebook", "code", () => (model.send("notebook"), ""));
  model.on("msg:custom", (content) => {
    if (!content.notebook) return;
    download(content.notebook, "memory.ipynb", "application/x-ipynb+json");
    said.textContent = say("Saved");
  });
  row.append(said);
  el.append(row);
}

export default { render };
