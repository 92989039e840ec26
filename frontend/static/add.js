// Sends files one by one and shows what becomes of each. Without it the form sends all of them and leads to the same page.

const form = document.getElementById("drop");
const field = form.querySelector("input[type=file]");
const sendingList = document.getElementById("sending");
const refusedList = document.getElementById("uploads");
const rows = document.getElementById("rows");
const live = document.getElementById("live");
const AT_ONCE = 3;
const MOST_SHOWN = 100;
const FOLLOW_AFTER_MS = 300;
const UNSURE = "It is not sure that it was added. Add it again: what is there is not added twice.";
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
  sendingList.append(item);
  sendingList.hidden = false;
  const leave = () => {
    item.remove();
    sendingList.hidden = !sendingList.children.length;
  };
  const refuse = (text) => {
    leave();
    words.textContent = text;
    item.dataset.state = "refused";
    // A list of its own, around which a live region is: this is read out, and that a file is on its way is not.
    refusedList.append(item);
    refusedList.hidden = false;
  };
  return { leave, refuse, say: (text) => { words.textContent = text; } };
}

function show(id, html) {
  const template = document.createElement("template");
  // From the server's own template, in which all text is escaped.
  template.innerHTML = html;
  document.getElementById(`picture-${id}`)?.remove();
  rows.prepend(template.content);
  while (rows.children.length > MOST_SHOWN) rows.lastElementChild.remove();
  document.getElementById("added").hidden = false;
  following ||= setTimeout(follow, FOLLOW_AFTER_MS);
}

// Of many files that are taken at once the page begins to follow all together.
let following = 0;
function follow() {
  following = 0;
  const ids = [...rows.children].map((row) => row.dataset.id).join(",");
  live.dataset.address = `/live?rows=${ids}&since=0`;
  live.dispatchEvent(new Event("rows"));
  // Who loads the page again finds the same pictures.
  history.replaceState(null, "", `/add?ids=${ids}`);
}

async function send({ file, leave, refuse, say }) {
  say("uploading…");
  const body = new FormData();
  body.append("files", file);
  let answer, told;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
  } catch {
    return refuse("It could not be sent. See that the connection is there, then add it again.");
  }
  try {
    told = await answer.json();
  } catch {
    return refuse(UNSURE);
  }
  if (told.sign_in) {
    // Nothing else is taken either. The page that comes says so, and why.
    waiting.length = 0;
    refuse("Sign in first.");
    location.href = told.sign_in;
  } else if (told.refused.length) refuse(told.refused.join(" "));
  else {
    for (const [id, html] of told.rows) show(id, html);
    leave();
  }
}

async function next() {
  if (sending >= AT_ONCE || !waiting.length) return;
  const upload = waiting.shift();
  sending += 1;
  try {
    await send(upload);
  } catch (error) {
    console.error(error);
    upload.refuse(UNSURE);
  } finally {
    sending -= 1;
    next();
  }
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

// Text that is dragged is none of ours: it may be dropped into a field.
const bringsFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));
for (const name of ["dragover", "dragenter"]) {
  form.addEventListener(name, (event) => bringsFiles(event) && form.classList.add("over"));
}
form.addEventListener("dragleave", (event) => form.contains(event.relatedTarget) || form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  form.classList.remove("over");
  if (bringsFiles(event)) add(event.dataTransfer.files);
});
// A file that misses the place would be opened instead of the page.
for (const name of ["dragover", "dragenter", "drop"]) {
  addEventListener(name, (event) => bringsFiles(event) && event.preventDefault());
}
