// The buttons that take a result along: as code, Markdown, picture, notebook, link. Plain ES module, nothing of the network
// but the server of the page itself.

const SAID_MILLISECONDS = 2000;
const NO_LINKS = "This server opens no links: save it as a notebook";

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

function download(text, name, type) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Where this server opens a question; null where the page is no server's. On a JupyterHub, in each reader's own. */
function address(query) {
  const { baseUrl, hubHost, hubPrefix } = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
  if (!baseUrl) return null;
  const here = new URL(`${baseUrl}budsim/panel?${query}`, location.href).href;
  const host = hubHost || location.origin;
  return { here, shared: hubPrefix ? `${host}${hubPrefix}user-redirect/budsim/panel?${query}` : here };
}

async function copyLink(query) {
  const found = address(query);
  const answer = found && (await fetch(found.here).catch(() => null));
  if (!answer?.ok) return NO_LINKS;
  await copy(found.shared);
  return "Copied";
}

async function copyText(text) {
  await copy(text);
  return "Copied";
}

async function copyPicture(svg) {
  if (navigator.clipboard?.write && window.isSecureContext) {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": pixels(svg) })]);
    return "Copied";
  }
  download(await pixels(svg), "memory.png", "image/png");
  return "Saved";
}

function savePicture(svg) {
  download(svg, "memory.svg", "image/svg+xml");
  return "Saved";
}

function render({ model, el }) {
  const say = (english) => model.get("words")[english] ?? english;
  const said = make("span", { className: "budsim-said" });
  const tell = (english) => {
    said.textContent = english && say(english);
    setTimeout(() => (said.textContent = ""), SAID_MILLISECONDS);
  };
  const button = (label, trait, act) => {
    const className = "jupyter-widgets jupyter-button widget-button";
    const made = make("button", { type: "button", className });
    made.setAttribute("data-lm-suppress-shortcuts", "true");
    made.addEventListener("click", async () => tell(await act(model.get(trait))));
    const update = () => Object.assign(made, { hidden: !model.get(trait), textContent: say(label) });
    model.on(`change:${trait} change:words`, update);
    update();
    return made;
  };
  // made by the kernel only when it is asked for: it is larger than all the rest
  const askForNotebook = () => (model.send("notebook"), "");
  model.on("msg:custom", ({ notebook }) => {
    if (!notebook) return;
    download(notebook, "memory.ipynb", "application/x-ipynb+json");
    tell("Saved");
  });
  const row = make("div", { className: "budsim-take-away" });
  row.append(
    button("Copy as code", "code", copyText),
    button("Copy as Markdown", "markdown", copyText),
    button("Copy as image", "picture", copyPicture),
    button("Save as image", "picture", savePicture),
    button("Save as notebook", "code", askForNotebook),
    button("Copy link", "link", copyLink),
    said,
  );
  el.append(row);
}

export default { render };
