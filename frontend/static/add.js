// Sends files one by one and shows what becomes of each. Without it the form sends all of them and leads to the same page.

const form = document.getElementById("drop");
const field = form.querySelector("input[type=file]");
const list = document.getElementById("uploads");
const rows = document.getElementById("rows");
const live = document.getElementById("live");
const AT_ONCE = 3;
const MOST_SHOWN = 100;
const waiting = [];
let sending = 0;

document.documentElement.classList.add("scripted");

function line(name) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  const title = document.createElement("strong");
  title.className = "file-name";
  title.textContent = name;
  words.className = "state-words";
  words.textContent = "waiting";
  item.append(title, words);
  list.append(item);
  list.hidden = false;
  return { item, say: (text, state) => { words.textContent = text; item.dataset.state = state; } };
}

function show(id, html) {
  const template = document.createElement("template");
  // From the server's own template, in which all text is escaped.
  template.innerHTML = html;
  document.getElementById(`picture-${id}`)?.remove();
  rows.prepend(template.content);
  while (rows.children.length > MOST_SHOWN) rows.lastElementChild.remove();
  document.getElementById("added").hidden = false;
  const ids = [...rows.children].map((row) => row.dataset.id).join(",");
  live.dataset.address = `/live?rows=${ids}&since=0`;
  live.dispatchEvent(new Event("rows"));
  // Who loads the page again finds the same pictures.
  history.replaceState(null, "", `/add?ids=${ids}`);
}

async function send({ file, item, say }) {
  say("uploading…", "sending");
  const body = new FormData();
  body.append("files", file);
  let told;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    told = await answer.json();
  } catch {
    say("It could not be sent. See that the connection is there, then add it again.", "refused");
    return;
  }
  if (told.sign_in) location.href = told.sign_in;
  else if (told.refused.length) say(told.refused.join(" "), "refused");
  else {
    for (const [id, html] of told.rows) show(id, html);
    item.remove();
    list.hidden = !list.children.length;
  }
}

async function next() {
  if (sending >= AT_ONCE || !waiting.length) return;
  sending += 1;
  await send(waiting.shift());
  sending -= 1;
  next();
}

function add(files) {
  for (const file of files) {
    waiting.push({ file, ...line(file.name) });
    next();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  add(field.files);
  form.reset();
});
field.addEventListener("change", () => {
  add(field.files);
  form.reset();
});
for (const name of ["dragover", "dragenter"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
}
form.addEventListener("dragleave", (event) => form.contains(event.relatedTarget) || form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  add(event.dataTransfer.files);
});
// A file that misses the place would be opened instead of the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
