// SPDX-License-Identifier: LGPL-2.1-or-later
"use strict";

const $ = (id) => document.getElementById(id);
const rows = [...document.querySelectorAll("tbody tr:not(.g)")];
const groups = [...document.querySelectorAll("tbody")];
const panel = $("panel");
const words = {
	passed: ["p", "ok"], failed: ["f", "FAILED"], "no-verdict": ["v", "no verdict"],
	"left-out": ["l", "left out"], "not-available": ["a", "n/a"]
};
let report, cells, ready;

// All text goes in as text, never as markup: logs may contain anything.
function make(tag, attributes, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {}))
		if (name === "onclick") node.onclick = value;
		else if (value !== false) node.setAttribute(name, value);
	node.append(...children);
	return node;
}

// --- what is packed into the page ---

async function unpack(id) {
	if (!window.DecompressionStream)
		throw new Error("this browser is too old to unpack the logs (DecompressionStream)");
	const raw = Uint8Array.from(atob($(id).textContent), (c) => c.charCodeAt(0));
	const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
	return new Response(stream).text();
}

// A kernel's logs: name -> lines. The two numbers, the names with their numbers of lines, the
// distinct lines, then for each line its distance in that list, and its time stamp's distance.
function decode(text) {
	const line = text.split("\n");
	const [logs, distinct] = line[0].split(" ").map(Number);
	const dictionary = 1 + logs, found = new Map();
	const total = line.slice(1, dictionary).reduce((n, l) => n + Number(l.split(" ")[1]), 0);
	let at = dictionary + distinct, stamps = at + total;
	for (const entry of line.slice(1, dictionary)) {
		const [name, count] = entry.split(" "), lines = [];
		let word = 0, time = 0;
		for (let i = 0; i < count; i++, at++, stamps++) {
			word += 1 + Number(line[at]);
			let stamp = "";
			if (line[stamps] !== "") {
				time += Number(line[stamps]);
				const whole = String(Math.floor(time / 1e6)).padStart(5);
				stamp = "[" + whole + "." + String(time % 1e6).padStart(6, "0") + "] ";
			}
			lines.push([stamp, line[dictionary + word - 1]]);
		}
		found.set(name, lines);
	}
	return found;
}

const unpacked = new Map();

function logsOf(kernel) {
	if (!unpacked.has(kernel)) {
		if (unpacked.size >= 4) unpacked.delete(unpacked.keys().next().value);
		unpacked.set(kernel, unpack("logs:" + kernel).then(decode));
	}
	return unpacked.get(kernel);
}

// --- the table: filters, groups, moving about ---

// A gap where architecture or flavour change
function separateColumns() {
	const kinds = [...document.querySelectorAll("thead th")].map((th) =>
		th.querySelector("small:last-of-type").textContent);
	for (let c = 1; c < kinds.length; c++)
		if (kinds[c] !== kinds[c - 1])
			for (const row of document.querySelector("table").rows)
				row.cells[c + 1].classList.add("start");
}

function prepareRows() {
	for (const row of rows) {
		row.name = row.querySelector("th b").textContent;
		row.hay = row.cells[0].textContent.toLowerCase();
		row.bad = row.querySelector("td.f, td.v") !== null;
		row.group = row.parentNode;
	}
}

function filter() {
	const needles = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
	const onlyBad = $("bad").checked;
	let shown = 0;
	for (const row of rows) {
		row.hidden = (onlyBad && !row.bad) || !needles.every((n) => row.hay.includes(n));
		if (!row.hidden) shown++;
	}
	for (const group of groups)
		group.hidden = ![...group.rows].slice(1).some((row) => !row.hidden);
	$("count").textContent = `${shown} of ${rows.length} scenarios`;
	$("nothing").hidden = shown > 0;
}

function fold(group, folded) {
	group.classList.toggle("folded", folded);
	group.querySelector("button").setAttribute("aria-expanded", String(!folded));
}

// One cell at a time is a stop of the Tab key; the arrow keys move it.
function setStop(link) {
	document.querySelector("td a[tabindex='0']")?.setAttribute("tabindex", "-1");
	link?.setAttribute("tabindex", "0");
}

const visible = (row) => !row.hidden && !row.group.classList.contains("folded");

function neighbour(link, down, right) {
	const column = link.closest("td").cellIndex, row = link.closest("tr");
	if (right) {
		for (let c = column + right; c > 0 && c < row.cells.length; c += right)
			if (row.cells[c].firstElementChild) return row.cells[c].firstElementChild;
		return null;
	}
	for (let r = rows.indexOf(row) + down; r >= 0 && r < rows.length; r += down) {
		const other = visible(rows[r]) && rows[r].cells[column].firstElementChild;
		if (other) return other;
	}
	return null;
}

const steps = {
	ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]
};

function moveByKey(event) {
	const link = event.target.closest("td a"), step = steps[event.key];
	if (!link || !step || event.ctrlKey || event.altKey || event.metaKey) return;
	event.preventDefault();
	const next = neighbour(link, ...step);
	if (next) { setStop(next); next.focus(); }
}

// --- what a cell opens to ---

const linkTo = (kernel, scenario) =>
	document.querySelector(`td a[href="${CSS.escape("#" + kernel + "/" + scenario)}"]`);

function button(text, title, target) {
	const node = make("button", { type: "button", title }, text);
	node.disabled = !target;
	node.onclick = () => { location.hash = target.getAttribute("href"); };
	return node;
}

function nextBad(link) {
	const all = [...document.querySelectorAll("td.f a, td.v a")];
	return all.find((other) => link.compareDocumentPosition(other) & 4) || all[0];
}

function head(cell, link) {
	const [mark, text] = words[cell.verdict];
	const nav = make("nav", { "aria-label": "other cells" },
		button("← h", "the kernel before", link && neighbour(link, 0, -1)),
		button("l →", "the next kernel", link && neighbour(link, 0, 1)),
		button("↑ k", "the scenario above", link && neighbour(link, -1, 0)),
		button("j ↓", "the scenario below", link && neighbour(link, 1, 0)),
		button("next failure (n)", "the next cell that did not pass", link && nextBad(link)),
		make("button", { type: "button", onclick: close, title: "close (Escape)" }, "close ✕"));
	return make("div", { class: "panel-head" }, nav,
		make("h2", { id: "panel-title", tabindex: "-1" }, cell.scenario, " on ", cell.kernel, " ",
			make("span", { class: "badge " + mark }, text)));
}

function strip(cell) {
	const list = make("div", { class: "strip", role: "group", "aria-label": "all kernels" });
	for (const { name } of report.kernels) {
		const other = cells.get(name + "/" + cell.scenario);
		if (!other || other.verdict === "not-available") continue;
		const [mark, text] = words[other.verdict];
		const link = make("a", { class: mark, href: `#${name}/${cell.scenario}` }, `${name} ${text}`);
		if (other === cell) link.setAttribute("aria-current", "true");
		list.append(link);
	}
	return list;
}

const section = (title, note, ...content) =>
	[make("h3", {}, title, " ", make("small", {}, note || "")), ...content];

function table(pairs) {
	const body = make("table", { class: "lines" });
	for (const [key, ...value] of pairs)
		body.append(make("tr", {}, make("th", { scope: "row" }, key), make("td", {}, ...value)));
	return body;
}

const code = (text) => make("code", {}, text);
const expectations = new Set(["outcome", "says", "saysnot", "expect", "expectnot"]);

// The scenario's lines as this kernel got them
function linesFor(cell) {
	const scenario = report.scenarios.find((s) => s.name === cell.scenario);
	const variant = scenario.variants.find((v) => v.kernels.includes(cell.kernel));
	return [scenario, variant ? variant.lines : scenario.lines];
}

// An expectation that did not hold has a line in "why" that begins with it.
function expectationRow(cell, key, value) {
	const start = key === "outcome" ? "outcome: " : `${key}: ${value}, but there is`;
	const reason = (cell.why || []).find((line) => line.startsWith(start));
	if (!cell.tries || cell.verdict === "no-verdict") return [key, code(value)];
	if (!reason) return [key, make("span", { class: "held" }, code(value))];
	const got = key === "outcome" ? reason : reason.slice(`${key}: ${value}, but `.length);
	return [key, make("div", { class: "broken" }, make("span", { class: "lost" }, code(value)),
		make("small", {}, got))];
}

function facts(cell, kernel) {
	const list = [["kernel", `${kernel.package} ${kernel.version}`]];
	if (cell.tries) {
		list.push(["next init", cell.state]);
		list.push(["outcome", `${cell.seen}, wanted ${cell.wanted}; ` +
			`${cell.tries === 1 ? "1 boot" : cell.tries + " boots"}, ${cell.seconds} s`]);
		list.push(["command line", code(cell.parameters || cell.append)]);
	}
	list.push(["repeat", code(
		`qemu/matrix --kernels ${cell.kernel} --scenarios ${cell.scenario}`)]);
	return table(list);
}

function body(cell) {
	const [scenario, lines] = linesFor(cell);
	const kernel = report.kernels.find((k) => k.name === cell.kernel);
	const node = make("div", { class: "panel-body" });
	if (scenario.about) node.append(make("p", {}, scenario.about));
	node.append(strip(cell), facts(cell, kernel));
	if (cell.why && cell.why.length)
		node.append(...section("Why", "", make("pre", { class: "why" }, cell.why.join("\n"))));
	if (cell.says && cell.says.length)
		node.append(...section("The loader's lines", "", make("pre", {}, cell.says.join("\n"))));
	const setup = lines.filter(([key]) => !expectations.has(key) && key !== "append");
	if (setup.length)
		node.append(...section("Configuration and faults", "",
			table(setup.map(([key, value]) => [key, code(value)]))));
	node.append(...section("Expectations", "", table(lines.filter(([key]) => expectations.has(key))
		.map(([key, value]) => expectationRow(cell, key, value)))));
	return node;
}

// Control characters would be invisible, or worse: shown as their pictures.
const printable = (text) => text.replace(/[\x00-\x08\x0b-\x1f\x7f]/g,
	(c) => String.fromCharCode(c === "\x7f" ? 0x2421 : 0x2400 + c.charCodeAt(0)));

function logView(lines) {
	const pre = make("pre", { class: "log", tabindex: "0", "aria-label": "console log" });
	for (const [stamp, text] of lines) {
		let rest = printable(text);
		if (text.includes("initward: ")) rest = make("mark", {}, rest);
		else if (/Oops|BUG:|WARNING:/.test(text)) rest = make("mark", { class: "trouble" }, rest);
		pre.append(make("i", {}, stamp), rest, "\n");
	}
	return pre;
}

function logSection(title, lines) {
	const pre = logView(lines);
	const act = (text, onclick) => make("button", { type: "button", onclick }, text);
	const plain = () => lines.map(([stamp, text]) => stamp + text + "\n").join("");
	const tools = make("div", { class: "rowed" },
		make("h3", {}, title, " ", make("small", {}, `${lines.length} lines`)),
		act("wrap", () => pre.classList.toggle("unwrapped")),
		act("copy", (event) => navigator.clipboard.writeText(plain())
			.then(() => { event.target.textContent = "copied"; })));
	const own = pre.querySelector("mark");
	if (own)
		tools.append(act("to the loader's lines", () => own.scrollIntoView({ block: "center" })));
	return [tools, pre];
}

async function addLogs(cell, node) {
	const logs = await logsOf(cell.kernel);
	const get = (name) => logs.get(`${cell.scenario}/${name}`);
	const told = get("facts"), main = get("console");
	if (told)
		node.append(make("details", {}, make("summary", {}, `Facts that the guest told (${told.length})`),
			make("pre", {}, told.map(([stamp, text]) => stamp + printable(text)).join("\n"))));
	if (main) node.append(...logSection("Console log", main));
	else node.append(...section("Console log", "there is none"));
	for (let n = 1; get(`console.${n}`); n++)
		node.append(...logSection(`Console log of boot ${n}, which gave no verdict`,
			get(`console.${n}`)));
}

function close() {
	if (location.hash) history.pushState(null, "", location.pathname + location.search);
	show();
}

// The panel follows the address: #KERNEL/SCENARIO
async function show() {
	await ready;
	const cell = cells.get(decodeURIComponent(location.hash.slice(1)));
	const before = document.querySelector("td a[aria-current]");
	before?.removeAttribute("aria-current");
	document.body.classList.toggle("open", Boolean(cell));
	if (!cell) {
		panel.close();
		before?.focus();
		return;
	}
	const link = linkTo(cell.kernel, cell.scenario);
	if (link) {
		fold(link.closest("tbody"), false);
		link.setAttribute("aria-current", "true");
		setStop(link);
		link.scrollIntoView({ block: "nearest", inline: "nearest" });
	}
	const node = body(cell);
	panel.replaceChildren(head(cell, link), node);
	if (!panel.open) panel.show();
	panel.scrollTop = 0;
	$("panel-title").focus({ preventScroll: true });
	if (cell.tries !== undefined)
		addLogs(cell, node).catch((error) => node.append(make("p", {}, `The log: ${error.message}`)));
}

const keys = { h: 0, l: 1, k: 2, j: 3, n: 4 };

function shortcuts(event) {
	if (event.ctrlKey || event.altKey || event.metaKey) return;
	if (event.target.matches("input")) {
		if (event.key === "Escape") { event.target.value = ""; filter(); event.target.blur(); }
		return;
	}
	if (event.key === "/") {
		event.preventDefault();
		$("find").focus();
	} else if (panel.open && event.key === "Escape") {
		close();
	} else if (panel.open && event.key in keys) {
		panel.querySelectorAll("nav button")[keys[event.key]].click();
	}
}

async function start() {
	prepareRows();
	separateColumns();
	const columns = rows.length ? rows[0].cells.length - 1 : 1;
	document.documentElement.style.setProperty("--columns", columns);
	for (const link of document.querySelectorAll("td a")) link.tabIndex = -1;
	setStop(document.querySelector("td a"));
	document.querySelector("table").addEventListener("keydown", moveByKey);
	document.addEventListener("keydown", shortcuts);
	for (const group of groups)
		group.querySelector("button").onclick = () => fold(group, !group.classList.contains("folded"));
	$("fold").onclick = () => groups.forEach((group) => fold(group, true));
	$("unfold").onclick = () => groups.forEach((group) => fold(group, false));
	$("find").oninput = $("bad").onchange = filter;
	$("find").form.onsubmit = (event) => event.preventDefault();
	filter();
	window.addEventListener("hashchange", show);
	report = JSON.parse(await unpack("report"));
	cells = new Map(report.cells.map((cell) => [`${cell.kernel}/${cell.scenario}`, cell]));
	const text = new Map(report.scenarios.map((s) =>
		[s.name, s.lines.map((line) => line.join(" ")).join("\n").toLowerCase()]));
	for (const row of rows) row.hay += "\n" + text.get(row.name);
}

ready = start();
ready.then(show, (error) => {
	$("nothing").hidden = false;
	$("nothing").textContent = error.message;
});
