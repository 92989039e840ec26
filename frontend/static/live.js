// Keeps an open page up to date. Everything is there without it; this only spares loading the page again.

const live = document.getElementById("live");
const MOST_ROWS = 50;

// Looked for each time: a page that is renewed has another one.
function tell(text) {
  const told = document.getElementById("told");
  if (told) told.textContent = text;
}

// What happened is said in one line, gathered over a second.
let changed = 0, added = 0, saying = 0;
function say() {
  saying = 0;
  const count = (number, word) => (number === 1 ? `1 picture ${word}` : `${number} pictures ${word}`);
  const parts = [];
  if (added) parts.push(count(added, "added"));
  if (changed) parts.push(count(changed, "changed"));
  if (parts.length) tell(parts.join(", "));
  changed = added = 0;
}
function announce() {
  saying ||= setTimeout(say, 1000);
}

// A row from the server's own template, in which all text is escaped.
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector("tr");
}

const focusable = (part) => [...part.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, textarea")];

// What an element leads to, sends or opens: the same in the part that takes the place of this one.
const purpose = (element) => [
  element.localName,
  element.getAttribute("href") ?? element.form?.getAttribute("action") ?? element.parentElement.id,
  element.name,
].join();

// Where the focus is within a part: at something, which may be one of several that do the same.
function focusIn(part) {
  const all = focusable(part);
  const place = all.indexOf(document.activeElement);
  if (place < 0) return null;
  const wanted = purpose(all[place]);
  return { place, wanted, number: all.filter((element) => purpose(element) === wanted).indexOf(all[place]) };
}

// Gives the focus back: to what does the same, or else to what stands where it was, or to the page.
function refocus(part, focus) {
  if (!focus) return;
  const all = focusable(part);
  const same = all.filter((element) => purpose(element) === focus.wanted);
  const next = same[focus.number] ?? same.at(-1) ?? all[focus.place] ?? all.at(-1) ?? document.getElementById("main");
  next.focus({ preventScroll: true });
}

// Puts the row in and keeps what is looked at where it is.
function keepingPlace(change) {
  const rows = [...document.querySelectorAll("#rows > tr")];
  const seen = rows.find((row) => row.getBoundingClientRect().bottom > 0);
  const before = seen?.getBoundingClientRect().top;
  change();
  const anchor = seen && (seen.isConnected ? seen : document.getElementById(seen.id));
  if (anchor && scrollY > 0) scrollBy(0, anchor.getBoundingClientRect().top - before);
}

function replace(old, row) {
  if (old.dataset.version === row.dataset.version) return;
  const focus = focusIn(old);
  row.classList.add("changed");
  keepingPlace(() => old.replaceWith(row));
  refocus(row, focus);
  changed += 1;
  announce();
}

function add(row) {
  const first = document.getElementById("first");
  if (first) {
    document.querySelector("[data-empty]")?.replaceWith(first.content);
    first.remove();
  }
  const body = document.getElementById("rows");
  const newest = body?.querySelector("tr");
  if (!body || (newest && Number(row.dataset.id) < Number(newest.dataset.id))) return;
  row.classList.add("changed");
  keepingPlace(() => {
    body.prepend(row);
    // Who is at the last row keeps it until they leave it.
    while (body.children.length > MOST_ROWS && !body.lastElementChild.contains(document.activeElement)) body.lastElementChild.remove();
  });
  added += 1;
  announce();
}

// What somebody has begun to fill in is not taken from them.
const isBegun = (field) => "typed" in field.dataset || (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
function isFillingIn() {
  if (document.activeElement?.matches("#main :is(input, select, textarea)")) return true;
  return [...document.querySelectorAll("#main :is(input:not([type=hidden]), textarea)")].some(isBegun);
}

// Shows the page as it is now, without a jump, unless somebody is filling in a form: then once that is over.
let waits = false;
async function renew() {
  waits = isFillingIn();
  if (waits) return;
  const text = await pageText();
  // Somebody may have begun meanwhile.
  waits = isFillingIn();
  if (waits || text === null) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const [old, main] = [document.getElementById("main"), page.getElementById("main")];
  const focus = focusIn(old);
  for (const open of old.querySelectorAll("details[id][open]")) page.getElementById(open.id)?.setAttribute("open", "");
  old.replaceChildren(...main.childNodes);
  refocus(old, focus);
}

// The page as it is now; nothing while it cannot be had.
async function pageText() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}
document.addEventListener("focusout", () => waits && setTimeout(renew));

let events;
function follow(onRow) {
  events?.close();
  events = new EventSource(live.dataset.address);
  events.addEventListener("row", (event) => onRow(parse(event.data)));
  events.addEventListener("hello", () => document.documentElement.setAttribute("data-following", ""));
  events.addEventListener("reload", () => {
    events.close();
    tell("Very much has changed: load the page again to see it.");
  });
}
// A page that is left must not hold its connection: a browser has six for each host.
addEventListener("pagehide", () => events?.close());
addEventListener("pageshow", (event) => event.persisted && events && location.reload());

switch (live?.dataset.live) {
  case "rows": {
    const onRow = (row) => {
      const old = document.getElementById(row.id);
      if (old) replace(old, row);
      else if ("newest" in live.dataset) add(row);
    };
    if (document.getElementById("added")?.hidden !== true) follow(onRow);
    // Another script put rows in, and says so.
    live.addEventListener("rows", () => follow(onRow));
    break;
  }
  case "page": {
    let version = live.dataset.version;
    follow((row) => {
      if (row.dataset.version === version) return;
      version = row.dataset.version;
      renew();
    });
    break;
  }
  case "renew":
    setInterval(() => document.hidden || renew(), 5000);
    break;
}

// Ages grow while the page is open.
const UNITS = [[86400, "days"], [3600, "h"], [60, "min"], [1, "s"]];
function age(seconds) {
  if (seconds < 1) return "just now";
  const [size, unit] = UNITS.find(([size]) => seconds >= size);
  const number = Math.floor(seconds / size);
  return unit === "days" && number === 1 ? "1 day ago" : `${number} ${unit} ago`;
}
function grow() {
  for (const time of document.querySelectorAll("#rows time")) {
    const posted = Date.parse(time.dateTime.replace(" ", "T"));
    if (Number.isFinite(posted)) time.textContent = age((Date.now() - posted) / 1000);
  }
}
setInterval(grow, 5000);
