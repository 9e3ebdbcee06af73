// What a script adds to the console: the page keeps itself up to date, and addresses are copied with one click.
"use strict";

const body = document.body;
const ours = (name) => document.getElementById(name);

// Buttons that only work with a script are shown by it.
const dress = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = button.textContent;
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  }
};

// A notice is told once: a reload does not repeat it.
const here = new URL(location.href);
for (const name of ["notice", "out", "lang"]) here.searchParams.delete(name);
if (here.href !== location.href) history.replaceState(null, "", here);

const current = document.querySelector("nav [aria-current]");
if (current && current.scrollIntoView) current.scrollIntoView({ block: "nearest", inline: "center" });

// Somebody who is typing, reading a table or on a button is not disturbed.
const busy = () => {
  const main = ours("content");
  const held = document.activeElement;
  return document.hidden || (held && held !== body && main.contains(held)) || main.querySelector("details[open]");
};

let wanted = null;
const refresh = async () => {
  if (wanted === null || busy()) return;
  const mark = wanted;
  wanted = null;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = fresh.getElementById("content");
  if (!main || busy()) { wanted = mark; return; }
  ours("content").replaceWith(document.adoptNode(main));
  body.dataset.mark = fresh.body.dataset.mark;
  dress(ours("content"));
};

// A browser opens few connections to one server: a page that nobody sees leaves them to others.
let source = null;
const listen = () => {
  if (source || document.hidden) return;
  source = new EventSource(body.dataset.events);
  source.onmessage = (event) => {
    const told = JSON.parse(event.data);
    const live = ours("live");
    if (live && live.innerHTML !== told.html && !live.contains(document.activeElement)) live.innerHTML = told.html;
    if (told.mark !== body.dataset.mark && !document.querySelector("iframe")) {
      wanted = told.mark;
      refresh();
    }
  };
  source.addEventListener("over", () => { leave(); if (!busy()) location.reload(); });
};
const leave = () => {
  if (source) source.close();
  source = null;
};

dress(document);
if (body.dataset.events) {
  listen();
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", listen);
  setInterval(refresh, 3000);
}
