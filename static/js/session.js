// What was typed outlives the session: its form takes the token of the next one, and the page that holds it is not left unasked.
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

  // Sent once: a second click while the answer is on its way would do it twice. What answers with a file leaves the page as it is.
  let sending = new WeakSet();
  const once = (form) => {
    if (!form.matches?.("[method=post], [hx-post]")) return;
    sending.add(form);
    setTimeout(() => sending.delete(form), 10000);
  };
  addEventListener("submit", (e) => {
    if (sending.has(e.target)) { e.preventDefault(); e.stopImmediatePropagation(); }
  }, true);
  doc.addEventListener("htmx:before:request", ({ detail: { ctx } }) => { if (ctx.sourceEvent?.type === "submit") once(ctx.sourceElement); });
  doc.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => sending.delete(ctx.sourceElement));

  // Reloading or leaving asks first; sending the form does not. Without a connection it is not sent: the browser would put a page of its
  // own in the place of what was typed.
  let leaving = false;
  addEventListener("submit", (e) => {
    if (e.defaultPrevented) return;
    leaving = navigator.onLine;
    if (leaving) return once(e.target);
    e.preventDefault();
    dispatchEvent(new Event("offline"));
    doc.dispatchEvent(new CustomEvent("toast", { detail: { text: "Not connected. What you typed is still here.", error: true } }));
  });
  addEventListener("pageshow", () => { leaving = false; sending = new WeakSet(); });
  addEventListener("beforeunload", (e) => { if (!leaving && $("#signed-out") && typed()) e.preventDefault(); });
})();
