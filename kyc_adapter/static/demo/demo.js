"use strict";

const API = "/api/v1";
const TONES = {
  approved: "good", passed: "good", completed: "good", done: "good",
  declined: "bad", failed: "bad", high: "bad",
  review: "wait", warning: "wait", pending: "wait", in_progress: "wait", medium: "wait",
};
// In this order; what else was read follows.
const LABELS = {
  fullName: "Full name", firstName: "First names", lastName: "Last name", nativeFullName: "Name, native script",
  dateOfBirth: "Date of birth", sex: "Sex", nationality: "Nationality", placeOfBirth: "Place of birth", address: "Address",
  documentName: "Document", documentType: "Kind of document", documentNumber: "Document number", personalNumber: "Personal number",
  issuingCountry: "Issuing country", authority: "Authority", issueDate: "Issued", expiryDate: "Valid until", mrz: "Machine readable zone",
};
const CHECKS = {
  authenticity: "Authenticity", validity: "Validity", dataConsistency: "Data consistency",
  livenessCheck: "Liveness", faceMatch: "Face match",
};
const find = (id) => document.getElementById(id);
const form = find("form");
const key = find("key");
const slots = [...document.querySelectorAll(".slot")];
const chosen = new Map();

function element(tag, content, className) {
  const made = document.createElement(tag);
  made.append(...[].concat(content === undefined ? [] : content));
  if (className) made.className = className;
  return made;
}

const words = (text) => String(text).replaceAll("_", " ");
const chip = (text, tone) => element("span", words(text), `chip ${TONES[tone] || "none"}`);
const section = (title, ...parts) => [element("h3", title), ...parts];

/* Pictures */

function put(slot, file) {
  const image = slot.querySelector("img");
  URL.revokeObjectURL(image.src);
  if (file) chosen.set(slot.dataset.role, file);
  else chosen.delete(slot.dataset.role);
  image.src = file ? URL.createObjectURL(file) : "";
  image.hidden = slot.querySelector(".remove").hidden = !file;
  slot.querySelector(".file-name").textContent = file ? file.name : "none";
  slot.classList.toggle("filled", Boolean(file));
  if (!file) slot.querySelector("input").value = "";
}

function slotFor(name) {
  const role = name.startsWith("selfie") ? "selfie" : name.includes("-back") ? "back" : "front";
  return slots.find((slot) => slot.dataset.role === role);
}

async function useSpecimen(name) {
  const answer = await fetch(`/demo/specimens/${name}`);
  put(slotFor(name), new File([await answer.blob()], name, { type: "image/jpeg" }));
}

/* The outcome */

function table(pairs) {
  const made = element("table", [], "read");
  for (const [name, value, className] of pairs) {
    const head = element("th", name);
    head.scope = "row";
    made.append(element("tr", [head, element("td", value, className)]));
  }
  return made;
}

function extracted(values) {
  const names = [...Object.keys(LABELS).filter((name) => name in values), ...Object.keys(values).filter((name) => !(name in LABELS))];
  return table(names.map((name) => [LABELS[name] || name, String(values[name]), name === "mrz" ? "mono" : ""]));
}

function chips(checks) {
  const known = Object.entries(checks).filter(([name]) => name in CHECKS);
  return element("ul", known.map(([name, value]) => element("li", chip(`${CHECKS[name]}: ${value}`, value))), "chips");
}

function reasons(risks) {
  const lines = risks.map((risk) => [chip(risk.level, risk.level), element("code", risk.type), element("span", risk.description)]);
  return element("ul", lines.map((line) => element("li", line)), "reasons");
}

function verdict(body, facts) {
  const word = body.decision || body.status || body.error || "error";
  const tone = TONES[word] || "bad";
  find("announcement").textContent = `Outcome: ${words(word)}`;
  return element("div", [element("span", words(word), "badge"), element("span", facts, "facts")], `verdict ${tone}`);
}

function findings(result) {
  const parts = [];
  if (result.document) {
    const isEmpty = !Object.keys(result.document.extracted).length;
    parts.push(...section("On the document", isEmpty ? element("p", "Nothing was read.", "hint") : extracted(result.document.extracted)));
    parts.push(...section("Checks of the document", chips(result.document.checks)));
  }
  if (result.biometric) {
    parts.push(...section("Checks of the face", chips(result.biometric)));
    const scores = [["Similarity", result.biometric.faceMatchScore], ["Live person", result.biometric.livenessScore]];
    const given = scores.filter(([, score]) => typeof score === "number");
    if (given.length) parts.push(table(given.map(([name, score]) => [name, `${score} of 100`])));
  }
  if (result.risks.length) parts.push(...section("Reasons", reasons(result.risks)));
  return parts;
}

function problem(body) {
  const cause = body.error && body.error.message ? body.error : body;
  const lines = [["Message", [].concat(cause.message || "").join("; ")], ["What to do", cause.suggestedAction || ""], ["Code", cause.code || ""]];
  return table(lines.filter(([, text]) => text));
}

function steps(progress) {
  const lines = progress.steps.map((step) => element("li", chip(`${step.name}: ${step.status}`, step.status)));
  return section("Steps", element("p", progress.message, "hint"), element("ul", lines, "chips"));
}

function show(body, facts) {
  const { result, progress } = body;
  const parts = [verdict(body, facts)];
  if (result) parts.push(...findings(result));
  else if (body.message || body.error) parts.push(problem(body));
  if (progress && progress.steps.length) parts.push(...steps(progress));
  const raw = element("pre", JSON.stringify(body, null, 2));
  raw.tabIndex = 0;
  parts.push(element("details", [element("summary", "The whole answer"), raw]));
  find("result").replaceChildren(...parts);
}

function factsOf(body, ...first) {
  const { result } = body;
  const took = result && result.metadata && result.metadata.processingTime;
  return [
    ...first,
    body.providerName,
    result && `confidence ${result.overall.confidence}, risk ${result.overall.riskLevel}`,
    took && `verified in ${(took / 1000).toFixed(1)} s`,
  ].filter(Boolean).join(" · ");
}

/* The API */

function call(path, options = {}) {
  return fetch(API + path, { ...options, headers: { ...options.headers, "X-API-Key": key.value.trim() } });
}

function wait() {
  const started = performance.now();
  const clock = element("span", "0 s");
  const timer = setInterval(() => { clock.textContent = `${Math.round((performance.now() - started) / 1000)} s`; }, 1000);
  find("announcement").textContent = "Verifying";
  const bar = element("progress");
  bar.setAttribute("aria-label", "Verifying");
  const done = element("ul", [], "chips");
  find("result").replaceChildren(element("p", ["Verifying… ", clock]), bar, done);
  find("outcome").scrollIntoView({ block: "nearest" });
  return {
    onEvent: ({ type, data }) => {
      if (type !== "verification.step.completed") return;
      bar.value = data.percentage / 100;
      done.append(element("li", chip(`${data.name}: ${data.stepStatus}`, data.stepStatus)));
    },
    stop: () => {
      clearInterval(timer);
      return (performance.now() - started) / 1000;
    },
  };
}

/** Shows each step as it ends; then reads the outcome. */
async function outcomeOf({ id, websocketUrl }, onEvent) {
  const body = JSON.stringify({ verificationId: id });
  const answer = await call("/ws-tickets", { method: "POST", body, headers: { "Content-Type": "application/json" } });
  await follow(websocketUrl, (await answer.json()).ticket, onEvent);
  for (;;) {
    const content = await (await call(`/verifications/${id}`)).json();
    if (content.decision || !["pending", "in_progress"].includes(content.status)) return content;
    // The socket was lost.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function failed(error) {
  find("announcement").textContent = "The service did not answer";
  find("result").replaceChildren(element("p", `The service did not answer: ${error.message}`, "verdict bad"));
}

async function verify(event) {
  event.preventDefault();
  const body = new FormData();
  body.append("verificationType", find("type").value);
  for (const [role, file] of chosen) body.append(role, file, file.name);
  const button = form.querySelector(".primary");
  button.disabled = true;
  const { onEvent, stop } = wait();
  try {
    const answer = await call("/verifications/upload", { method: "POST", body, headers: { Prefer: "respond-async" } });
    const accepted = await answer.json();
    const content = answer.status === 202 ? await outcomeOf(accepted, onEvent) : accepted;
    show(content, factsOf(content, `HTTP ${answer.status} after ${stop().toFixed(1)} s`));
    await refresh();
  } catch (error) {
    failed(error);
  } finally {
    stop();
    button.disabled = false;
  }
}

async function open(id) {
  try {
    const answer = await call(`/verifications/${id}`);
    const content = await answer.json();
    show(content, factsOf(content, `HTTP ${answer.status}`));
    find("outcome").scrollIntoView({ block: "nearest" });
  } catch (error) {
    failed(error);
  }
}

function row(one) {
  const link = element("button", one.id, "link");
  link.type = "button";
  link.addEventListener("click", () => open(one.id));
  const outcome = one.decision || one.status;
  const cells = [new Date(one.createdAt).toLocaleString(), chip(outcome, outcome), one.verificationType, one.providerName, link];
  return element("tr", cells.map((cell) => element("td", cell)));
}

async function refresh() {
  if (!key.value.trim()) return;
  const answer = await call("/verifications?limit=10");
  const { verifications, message } = await answer.json();
  const note = element("td", answer.ok ? "None yet." : String(message), "hint");
  note.colSpan = 5;
  find("rows").replaceChildren(...(answer.ok && verifications.length ? verifications.map(row) : [element("tr", note)]));
}

slots.forEach((slot) => {
  slot.querySelector("input").addEventListener("change", (event) => event.target.files[0] && put(slot, event.target.files[0]));
  slot.querySelector(".remove").addEventListener("click", () => put(slot, null));
});
document.querySelectorAll("[data-specimen]").forEach((button) => button.addEventListener("click", () => useSpecimen(button.dataset.specimen).catch(failed)));
find("clear").addEventListener("click", () => slots.forEach((slot) => put(slot, null)));
form.addEventListener("submit", verify);
key.addEventListener("change", () => refresh().catch(failed));
