"use strict";

const API = "/api/v1/verifications";
const TONES = { approved: "good", passed: "good", completed: "good", declined: "bad", failed: "bad", review: "wait", warning: "wait" };
const form = document.getElementById("form");
const key = document.getElementById("key");
const result = document.getElementById("result");
const slots = [...document.querySelectorAll(".slot")];
const chosen = {};
let current = slots[0];

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function select(slot) {
  current = slot;
  slots.forEach((other) => other.setAttribute("aria-selected", String(other === slot)));
}

function put(slot, file) {
  chosen[slot.dataset.role] = file;
  const image = slot.querySelector("img");
  image.src = URL.createObjectURL(file);
  image.hidden = false;
}

function roleOf(name) {
  if (name.startsWith("selfie")) return "selfie";
  return name.includes("-back") ? "back" : "front";
}

async function useSpecimen(name) {
  const slot = slots.find((candidate) => candidate.dataset.role === roleOf(name)) || current;
  const answer = await fetch(`/demo/specimens/${name}`);
  put(slot, new File([await answer.blob()], name, { type: "image/jpeg" }));
  select(slot);
}

function table(pairs) {
  const made = element("table");
  for (const [name, value] of pairs) {
    const row = made.insertRow();
    row.append(element("th", name), element("td", value));
  }
  return made;
}

function chips(pairs) {
  const line = element("p");
  for (const [name, value] of pairs) line.append(element("span", `${name}: ${value}`, `chip ${TONES[value] || ""}`));
  return line;
}

function show(status, body, seconds) {
  const word = body.decision || body.status || body.error || "error";
  const parts = [element("p")];
  parts[0].append(element("span", word, `badge ${TONES[word] || "bad"}`), ` HTTP ${status}, ${seconds.toFixed(1)} s`);
  const outcome = body.result;
  if (outcome && outcome.document) {
    parts.push(element("h3", "On the document"), table(Object.entries(outcome.document.extracted)));
    parts.push(element("h3", "Checks"), chips(Object.entries(outcome.document.checks)));
  }
  if (outcome && outcome.biometric) {
    const { livenessCheck, faceMatch, faceMatchScore } = outcome.biometric;
    parts.push(element("h3", "Faces"), chips([["liveness", livenessCheck], ["face match", faceMatch]]));
    if (faceMatchScore !== null) parts.push(element("p", `Similarity ${faceMatchScore} of 100`));
  }
  if (outcome && outcome.risks.length) parts.push(element("h3", "Reasons"), table(outcome.risks.map((risk) => [risk.type, risk.description])));
  if (!outcome) parts.push(table([["message", [].concat(body.message || "").join("; ")], ["what to do", body.suggestedAction || ""]]));
  const details = element("details");
  details.append(element("summary", "The whole answer"), element("pre", JSON.stringify(body, null, 2)));
  result.replaceChildren(...parts, details);
}

async function refresh() {
  const rows = document.getElementById("rows");
  if (!key.value) return;
  const answer = await fetch(`${API}?limit=10`, { headers: { "X-API-Key": key.value.trim() } });
  if (!answer.ok) return;
  const { verifications } = await answer.json();
  rows.replaceChildren(...verifications.map((one) => {
    const row = element("tr");
    const when = new Date(one.createdAt).toLocaleString();
    [when, one.verificationType, one.providerName, one.status].forEach((text) => row.append(element("td", text)));
    const decision = element("td");
    if (one.decision) decision.append(element("span", one.decision, `chip ${TONES[one.decision]}`));
    row.append(decision, element("td", one.id));
    return row;
  }));
}

async function verify(event) {
  event.preventDefault();
  const body = new FormData();
  body.append("verificationType", document.getElementById("type").value);
  for (const [role, file] of Object.entries(chosen)) body.append(role, file, file.name);
  const button = form.querySelector(".primary");
  button.disabled = true;
  result.replaceChildren(element("p", "Verifying…", "hint"));
  const started = performance.now();
  try {
    const answer = await fetch(`${API}/upload`, { method: "POST", headers: { "X-API-Key": key.value.trim() }, body });
    show(answer.status, await answer.json(), (performance.now() - started) / 1000);
    await refresh();
  } catch (error) {
    result.replaceChildren(element("p", `The service did not answer: ${error.message}`, "bad"));
  } finally {
    button.disabled = false;
  }
}

slots.forEach((slot) => {
  slot.addEventListener("click", () => select(slot));
  slot.querySelector("input").addEventListener("change", (event) => event.target.files[0] && put(slot, event.target.files[0]));
});
document.querySelectorAll("[data-specimen]").forEach((button) => button.addEventListener("click", () => useSpecimen(button.dataset.specimen)));
form.addEventListener("submit", verify);
form.addEventListener("reset", () => {
  Object.keys(chosen).forEach((role) => delete chosen[role]);
  slots.forEach((slot) => { slot.querySelector("img").hidden = true; });
});
key.addEventListener("change", refresh);
select(slots[0]);
