// A slider of lengths, logarithmic: a range field whose positions are those that the kernel names.
// Plain ES module: no build step, nothing from the network.

function nearest(positions, value) {
  const distances = positions.map((position) => Math.abs(Math.log(position / Math.max(value, 1))));
  return distances.indexOf(Math.min(...distances));
}

function short(tokens) {
  return tokens >= 2 ** 20 ? `${tokens / 2 ** 20}M` : tokens >= 1024 ? `${tokens / 1024}K` : `${tokens}`;
}

function scale(positions) {
  const row = document.createElement("div");
  row.className = "budsim-scale";
  row.setAttribute("aria-hidden", "true");
  for (let index = 0; index < positions.length; index += (positions.length - 1) / 6) {
    const mark = document.createElement("span");
    mark.textContent = short(positions[Math.round(index)]);
    row.append(mark);
  }
  return row;
}

function render({ model, el }) {
  const positions = model.get("positions");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: positions.length - 1, step: 1 });
  const show = () => {
    range.setAttribute("aria-label", model.get("label"));
    const tokens = model.get("value");
    range.value = nearest(positions, tokens);
    range.setAttribute("aria-valuetext", model.get("unit").replace("{tokens}", tokens.toLocaleString("en")));
  };
  range.addEventListener("input", () => {
    model.set("value", positions[range.value]);
    model.save_changes();
  });
  model.on("change:value change:unit", show);
  show();
  el.append(range, scale(positions));
  return () => model.off("change:value change:unit", show);
}

export default { render };
