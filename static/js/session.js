// What was typed outlives the session: its form takes the token of the next one, and the page that holds it is not left unasked.
// What is on its way is shown to be, and is not sent again.
(() => {
  const doc = document, TOKEN = "csrfmiddlewaretoken";
  const $ = (selector, root = doc) => root.querySelector(selector);

  // Signing in again in another tab changes the token; the cookie has the new one, and the form's own would beat a header.
  const token = () => doc.cookie.match(/(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/)?.[1];
  doc.addEventListener("submit", (e) => {
    const field = e.target.elements.namedItem(TOKEN);
    if (field && token()) field.value = token();
  }, true);
  doc.addEventListener("htmx:config:request", (e) => {
    const { request } = e.detail.ctx;
    if (!token()) return;
    request.headers["X-CSRFToken"] = token();
    if (request.body?.has?.(TOKEN)) request.body.set(TOKEN, token());
  });

  // Changed since the page came; or, with data-unsaved, typed before and sent back by the server unsaved.
  const chosen = (list) => [...list.options].find((one) => one.defaultSelected) || list.options[0];
  const changed = (field) => {
    if (["hidden", "submit", "button"].includes(field.type)) return false;
    if (field.type === "file") return field.files.length > 0;
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    return field.options ? field.selectedIndex !== chosen(field)?.index : field.value !== field.defaultValue;
  };
  const POSTED = ":is(main, dialog[open]) form:is([method=post], [hx-post])";
  const typed = () => !!$(":is(main, dialog[open]) [data-unsaved]")
    || [...doc.querySelectorAll(`${POSTED} :is(input, textarea, select)`)].some(changed);

  // The session ended: to sign-in at once, unless something typed would be lost.
  doc.addEventListener("htmx:after:request", (e) => {
    const { ctx } = e.detail, dialog = $("#signed-out");
    if (!ctx.hx?.redirect) return;
    if (ctx.response.status !== 401 || !dialog || !typed()) { leaving = true; return; }
    $("a", dialog).href = ctx.hx.redirect;
    delete ctx.hx.redirect;
    if (!dialog.open) dialog.showModal();
  });

  // Back: the browser puts what was typed into the page that came again, also over what somebody else saved meanwhile, which nobody has
  // seen then. What a form was made from stands in its hidden fields: where they are others now, it shows what is there. A filter that was
  // not sent is none.
  const forms = () => [...doc.querySelectorAll("main form:is([method=post], [hx-post])")];
  const sum = (text) => [...text].reduce((so, letter) => Math.imul(so, 31) + letter.codePointAt(0) | 0, 0);
  const madeFrom = (form) => sum([...form.elements].filter((one) => one.type === "hidden" && one.name !== TOKEN)
    .map(({ name, value }) => `${name}=${value}`).join("&"));
  addEventListener("pagehide", () => history.replaceState({ ...history.state, madeFrom: forms().map(madeFrom) }, ""));
  addEventListener("pageshow", ({ persisted }) => {
    const before = history.state?.madeFrom;
    if (!before) return;
    for (const filter of doc.querySelectorAll("main form:not([method=post], [hx-post], [hx-get])")) filter.reset();
    if (!persisted) forms().forEach((form, at) => { if (madeFrom(form) !== before[at]) form.reset(); });
  });

  // What a request will change is busy, unless the page asks by itself; what is pressed again meanwhile is sent once. A form that the
  // browser sends is on its way until the next page is there, or for ten seconds, where this one stayed.
  const sending = new Set();
  const busy = (is) => ({ detail: { ctx } }) => {
    const { target, sourceElement, sourceEvent, request } = ctx;
    const byItself = ["every", "load", "revealed", "happened"].includes(sourceEvent?.type);
    if (target?.setAttribute && !byItself) is ? target.setAttribute("aria-busy", "true") : target.removeAttribute("aria-busy");
    if (!is) sending.delete(sourceElement);
    else if (request.method !== "GET" && ["click", "submit"].includes(sourceEvent?.type)) sending.add(sourceElement);
  };
  doc.addEventListener("htmx:before:request", busy(true));
  doc.addEventListener("htmx:finally:request", busy(false));
  const once = (pressed) => (e) => {
    if (sending.has(pressed(e.target))) { e.preventDefault(); e.stopImmediatePropagation(); }
  };
  doc.addEventListener("submit", once((form) => form), true);
  doc.addEventListener("click", once((target) => target.closest("button[hx-post], a[hx-post]")), true);

  // Reloading or leaving asks first; sending the form does not. Without a connection it is not sent: the browser would put a page of its
  // own in the place of what was typed.
  let leaving = false;
  addEventListener("submit", (e) => {
    if (e.defaultPrevented) return;
    leaving = navigator.onLine;
    if (leaving) {
      if (e.target.method === "post") { sending.add(e.target); setTimeout(() => sending.delete(e.target), 10000); }
      return;
    }
    e.preventDefault();
    dispatchEvent(new Event("offline"));
    doc.dispatchEvent(new CustomEvent("toast", { detail: { text: "Not connected. What you typed is still here.", error: true } }));
  });
  addEventListener("pageshow", () => { leaving = false; sending.clear(); });
  addEventListener("beforeunload", (e) => { if (!leaving && $("#signed-out") && typed()) e.preventDefault(); });
})();
