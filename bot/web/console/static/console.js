// The console's comforts: keys, one ground open at a time, and a fact check while one writes.
// Without it every page works all the same: forms are forms and links are links.
"use strict";

(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const statements = all(".statement");

  // Statements and their grounds

  function open(statement) {
    for (const each of statements) {
      const chosen = each === statement;
      each.toggleAttribute("data-open", chosen);
      const pick = each.querySelector(".pick");
      if (pick.hasAttribute("aria-controls")) pick.setAttribute("aria-expanded", String(chosen));
    }
  }

  function step(by) {
    if (!statements.length) return;
    const at = statements.findIndex((each) => each.hasAttribute("data-open"));
    const next = statements[Math.min(Math.max(at + by, 0), statements.length - 1)];
    open(next);
    next.querySelector(".pick").focus();
  }

  for (const statement of statements) {
    const pick = statement.querySelector(".pick");
    let soon;
    pick.addEventListener("click", () => open(statement));
    pick.addEventListener("focus", () => open(statement));
    pick.addEventListener("mouseenter", () => { soon = setTimeout(open, 120, statement); });
    pick.addEventListener("mouseleave", () => clearTimeout(soon));
  }
  open(statements.find((each) => each.matches(".unsupported, .stale, .partly")) || statements[0]);

  // Amendments, checked against what they cite while they are written

  const approve = document.querySelector('[name="verdict"][value="approve"]');
  const label = approve && approve.querySelector("span");
  const asIs = label && label.textContent;

  function relabel() {
    const changed = all("textarea[data-check]").some((each) => each.value.trim() !== each.defaultValue.trim());
    if (label) label.textContent = changed ? approve.dataset.amended : asIs;
  }

  async function check(area) {
    const at = area.name.slice("wording-".length);
    const place = document.getElementById(`checked-${at}`);
    const wanted = area.value;
    const response = await fetch(area.dataset.check, {
      method: "POST",
      headers: { "X-CSRF-Token": document.body.dataset.csrf },
      body: new URLSearchParams({ at, wording: wanted }),
    }).catch(() => null);
    if (!response || !response.ok || area.value !== wanted) return;
    const found = await response.json();
    const lines = found.objections.map((words) => {
      const line = document.createElement("span");
      line.className = "objection";
      line.textContent = words;
      return line;
    });
    const unchanged = wanted.trim() === area.defaultValue.trim();
    place.replaceChildren(...lines);
    if (!lines.length && !unchanged) place.textContent = wanted.trim() ? "What it cites bears this out." : "This statement will be left out.";
  }

  for (const area of all("textarea[data-check]")) {
    let soon;
    area.addEventListener("input", () => {
      relabel();
      clearTimeout(soon);
      soon = setTimeout(check, 300, area);
    });
  }
  relabel();

  // The queue folds up on a phone and stands open on a desk

  const fold = document.querySelector(".fold");
  const wide = window.matchMedia("(min-width: 900px)");
  const unfold = () => { if (fold && wide.matches) fold.open = true; };
  wide.addEventListener("change", unfold);
  unfold();

  // Keys

  function neighbour(by) {
    const links = all(".queue li a");
    const at = links.findIndex((each) => each.hasAttribute("aria-current"));
    const next = links[at + by];
    if (next) next.click();
  }

  function press(key) {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    target.click();
    if (target.matches("summary")) {
      const first = target.parentElement.querySelector("fieldset input, fieldset textarea");
      if (target.parentElement.open && first) first.focus();
    }
    return true;
  }

  function edit() {
    const details = document.querySelector(".statement[data-open] .amend");
    if (!details) return;
    details.open = true;
    details.querySelector("textarea").focus();
  }

  const moves = {
    j: () => neighbour(1),
    k: () => neighbour(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    e: edit,
    "?": () => { const keys = document.getElementById("keys"); if (keys) keys.showModal(); },
  };

  function leave(target) {
    const details = target.closest && target.closest("details.more, details.amend");
    const opened = details || document.querySelector("details.more[open]");
    if (!opened) return;
    opened.open = false;
    opened.querySelector("summary").focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") { leave(event.target); return; }
    if (event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea")) return;
    const radio = event.target.matches("input[type=radio]");
    if (radio && event.key.startsWith("Arrow")) return;
    const move = moves[event.key];
    if (move) { move(); event.preventDefault(); return; }
    if (event.key.length === 1 && press(event.key)) event.preventDefault();
  });
})();
