// A row of precisions, each with its verdict; a click chooses one.
// Plain ES module: no build step, nothing from the network.

const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
let numRows = 0;

function part(name, className, textContent = "") {
  return Object.assign(document.createElement(name), { className, textContent });
}

function chipButton() {
  const button = part("button", "budsim-chip");
  button.type = "button";
  button.dataset.lmSuppressShortcuts = "true";
  button.append(part("span", "budsim-sign"), part("span", "budsim-name"), part("span", "budsim-words"));
  button.firstChild.setAttribute("aria-hidden", "true");
  return button;
}

/** What a chip says; of a verdict that is being found nothing but its place. */
function say(button, chip, { isChosen, isSettled }) {
  const [sign, name, words] = button.children;
  sign.textContent = chip.sign;
  name.textContent = chip.precision;
  words.textContent = chip.words;
  button.className = "budsim-chip";
  if (chip.kind && isSettled) button.classList.add(`budsim-chip-${chip.kind}`);
  button.classList.toggle("budsim-chosen", isChosen);
  button.dataset.precision = chip.precision;
  button.title = isSettled ? chip.details : "";
  button.setAttribute("aria-pressed", `${isChosen}`);
  button.setAttribute("aria-label", isSettled ? `${chip.precision} ${chip.said}` : chip.precision);
}

function render({ model, el }) {
  const question = part("div", "budsim-chart-title");
  question.id = `budsim-glance-${(numRows += 1)}`;
  const row = part("div", "budsim-chips");
  row.setAttribute("role", "toolbar");
  row.setAttribute("aria-labelledby", question.id);
  el.append(question, row);

  /** One of them is a stop of the Tab key: that which has the focus, else the chosen one, else the first. */
  const stopAt = (button) => {
    const stop = button ?? row.querySelector("[aria-pressed=true]") ?? row.firstChild;
    for (const one of row.children) one.tabIndex = one === stop ? 0 : -1;
  };
  const show = () => {
    const chips = model.get("chips");
    const focused = row.contains(document.activeElement) ? document.activeElement.dataset.precision : null;
    const isSettled = model.get("is_settled");
    question.textContent = model.get("question");
    while (row.children.length > chips.length) row.lastChild.remove();
    while (row.children.length < chips.length) row.append(chipButton());
    chips.forEach((chip, at) => {
      say(row.children[at], chip, { isChosen: chip.precision === model.get("chosen"), isSettled });
    });
    row.classList.toggle("budsim-unsettled", !isSettled);
    const same = [...row.children].find((one) => one.dataset.precision === focused);
    stopAt(same);
    if (focused !== null && same !== document.activeElement) (same ?? row.firstChild)?.focus();
  };
  // several values that come at once are drawn once
  let isDue = false;
  const showOnce = () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      show();
    });
  };
  row.addEventListener("focusin", ({ target }) => stopAt(target.closest("button")));
  row.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) model.send({ precision: button.dataset.precision });
  });
  row.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    const buttons = [...row.children];
    const at = buttons.indexOf(document.activeElement);
    if (move === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[Math.min(Math.max(at + move, 0), buttons.length - 1)].focus();
  });
  const changes = "change:chips change:chosen change:question change:is_settled";
  model.on(changes, showOnce);
  show();
  return () => model.off(changes, showOnce);
}

export default { render };
