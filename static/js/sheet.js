// A month's sheet: what could not be sent is sent again, who leaves waits for what is being saved, blocks are pasted, and steps are taken back.
(() => {
  const doc = document, SLOT = ".monthly tbody[hx-post]", CELL = ".monthly .pair .input";
  const slotOf = (element) => element?.closest?.(SLOT);
  const cells = (slot) => [...slot.querySelectorAll(".pair .input")];
  const save = (slot) => cells(slot)[0]?.dispatchEvent(new Event("change", { bubbles: true }));

  // A row is sent alone, over what it shows now: one that waited for the answer before it has seen that answer.
  doc.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const slot = slotOf(ctx.sourceElement), body = ctx.request.body;
    if (!slot || !body?.keys) return;
    const own = new Map([...slot.querySelectorAll("[name]")].map((field) => [field.name, field.value]));
    for (const name of [...body.keys()]) {
      if (!own.has(name) && name !== "csrfmiddlewaretoken") body.delete(name);
      else if (name.startsWith("seen-")) body.set(name, own.get(name));
    }
  });

  // What could not be sent, because the session had ended or the line was down, is sent again once it can be.
  const unsent = new Set(), saving = new Set();
  const note = ({ sourceElement, response }) => {
    const slot = slotOf(sourceElement);
    if (!slot) return;
    if (!response || response.status === 401 || response.status >= 500) unsent.add(slot.id);
    else unsent.delete(slot.id);
  };
  const sendAgain = () => { for (const id of unsent) { const slot = doc.getElementById(id); if (slot) save(slot); } };
  for (const event of ["htmx:after:request", "htmx:error"]) doc.addEventListener(event, (e) => e.detail.ctx && note(e.detail.ctx));
  doc.addEventListener("close", (e) => e.target.matches("dialog") && sendAgain(), true);
  addEventListener("online", sendAgain);

  // Whoever leaves the sheet while a row is being saved waits for it.
  let leaving = null;
  doc.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const slot = slotOf(ctx.sourceElement);
    if (slot) saving.add(slot.id);
  });
  doc.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    saving.delete(slotOf(ctx.sourceElement)?.id);
    setTimeout(() => { if (leaving && !saving.size) { const link = leaving; leaving = null; link.click(); } }, 50);
  });
  doc.addEventListener("click", (e) => {
    const link = saving.size && e.target.closest?.("#dock a.btn");
    if (link) { e.preventDefault(); leaving = link; }
  });
  // What was not taken stands in its row alone: nobody leaves it by accident.
  addEventListener("beforeunload", (e) => { if ((saving.size && !leaving) || doc.querySelector(".monthly [data-unsaved]")) e.preventDefault(); });

  // The rest of a long sheet comes after the page: whoever followed a link to a row of it is taken there.
  let sought = location.hash.slice(1);
  if (doc.getElementById(sought)) sought = "";
  doc.addEventListener("htmx:after:swap", () => {
    const row = sought && doc.getElementById(sought);
    if (row) { sought = ""; row.scrollIntoView(); }
  });

  // Steps that can be taken back: of each field that a step changed what stood in it before. A pasted block is one step.
  const steps = [], before = new Map();
  const took = (step, said) => {
    steps.push(step);
    offer();
    if (said) doc.dispatchEvent(new CustomEvent("toast", { detail: { text: said, undo: back } }));
  };
  const offer = () => { const button = doc.getElementById("undo"); if (button) button.hidden = !steps.length; };
  function back() {
    const step = steps.at(-1);
    if (!step) return;
    const fields = [...step].map(([id, text]) => [doc.getElementById(id), text]).filter(([field]) => field);
    const slots = new Set(fields.map(([field]) => slotOf(field)).filter(Boolean));
    if ([...slots].some((slot) => saving.has(slot.id))) { setTimeout(back, 100); return; }
    steps.pop();
    for (const [field, text] of fields) field.value = text;
    for (const slot of slots) {
      // Left empty a row stays as it is saved; taken back to nothing it is cleared.
      if (cells(slot).every((field) => !field.value.trim())) {
        slot.rows[0].cells[0].append(Object.assign(doc.createElement("input"), { type: "hidden", name: "clear", value: "1" }));
      }
      save(slot);
    }
    fields[0]?.[0].focus();
    offer();
  }
  doc.addEventListener("focusin", ({ target }) => { if (target.matches?.(CELL)) before.set(target.id, target.value); });
  doc.addEventListener("change", (e) => {
    const { target } = e;
    if (!e.isTrusted || !target.matches?.(CELL) || !slotOf(target)) return;
    const was = before.get(target.id) ?? target.defaultValue;
    before.set(target.id, target.value);
    if (was !== target.value) took(new Map([[target.id, was]]), target.value.trim() ? "" : "Field cleared");
  }, true);
  doc.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || e.key.toLowerCase() !== "z" || !steps.length) return;
    const { target } = e;
    if (target.matches?.("input, textarea, select") && !target.matches(CELL)) return;
    if (target.matches?.(CELL) && target.value !== before.get(target.id)) return;  // what is being typed is the browser's to take back
    if (!doc.querySelector(".monthly")) return;
    e.preventDefault();
    back();
  });
  doc.addEventListener("click", (e) => { if (e.target.closest?.("#undo")) back(); });

  // A block copied from a spreadsheet fills the fields from the one it is pasted into: across a line, and down the lines.
  doc.addEventListener("paste", (e) => {
    const first = e.target.closest?.(CELL);
    const rows = e.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    if (!first || (rows.length < 2 && rows[0].length < 2)) return;
    e.preventDefault();
    const lines = [...doc.querySelectorAll(".monthly .pair")].map((line) => [...line.querySelectorAll(".input")]);
    const from = lines.findIndex((line) => line.includes(first)), column = lines[from].indexOf(first);
    const step = new Map(), touched = new Set();
    rows.forEach((line, down) => line.forEach((text, right) => {
      const field = lines[from + down]?.[column + right];
      if (!field || !text.trim()) return;
      step.set(field.id, field.value);
      field.value = text.trim();
      before.set(field.id, field.value);
      if (slotOf(field)) touched.add(slotOf(field));
    }));
    if (step.size) took(step, `${step.size} field${step.size === 1 ? "" : "s"} filled`);
    touched.forEach(save);
  });
})();
