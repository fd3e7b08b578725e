// SPDX-License-Identifier: GPL-3.0-or-later
// page.mjs - the report's page in Chromium, held against its casebook: page.mjs LABEL PAGE CASE JSON-REPORT [CHECKS]
//
// CHECKS is a regular expression that their names match; all without it.
// A line a check: "ok page: LABEL: ..." or "not ok page: LABEL: ...: why".
import { readFileSync } from "node:fs";
import { strict as assert } from "node:assert";
import { launch, open, settled } from "./browser.mjs";
import { Casebook } from "./casebook.mjs";

const [label, path, casePath, jsonPath, wanted = "."] = process.argv.slice(2);
const book = new Casebook(casePath), report = JSON.parse(readFileSync(jsonPath));
const browser = await launch();
const checks = [];
const check = (name, run, options) => name.match(wanted) && checks.push({ name, run, options });
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const shown = async (page) => Number((await page.locator("#count").innerText()).split(" ")[0].replaceAll(",", ""));
const total = book.entries();

// What the list counts when something was typed or pressed: apply() is behind a short wait
async function counted(page, wanted) {
	await page.waitForFunction((text) => document.getElementById("count").textContent.startsWith(text + " "), grouped(wanted), { timeout: 4000 })
		.catch(async () => assert.equal(await shown(page), wanted));
}

// SQL: a name of the file f has the text in it; the page takes no difference of case
const named = (text) => `EXISTS(SELECT 1 FROM name n WHERE n.file=f.id AND (instr(lower(n.path), '${text}') OR instr(lower(coalesce(n.inside, '')), '${text}')))`;

check("opens, quiet, and asks for nothing", async (page) => {
	await settled(page);
	assert.equal(await page.evaluate(() => document.documentElement.dataset.ready), "all");
	assert.deepEqual(page.said, []);
	assert.deepEqual(page.asked, []);
});

check("the verdict has the casebook's numbers", async (page) => {
	const sum = book.rows("SELECT coalesce(sum(files), 0) AS files, coalesce(sum(verified+intact), 0) AS whole, coalesce(sum(suspect), 0) AS suspect," +
		" coalesce(sum(partial), 0) AS partial, coalesce(sum(lost), 0) AS lost FROM store WHERE NOT orphans AND NOT same_as")[0];
	const title = await page.locator("h1").innerText();
	assert.equal(await page.locator("h1").count(), 1);
	assert.equal(await page.title(), "Holdfast report: " + await page.locator(".subject").innerText());
	if (!sum.files)
		return;
	assert.ok(title.includes(grouped(sum.whole)), title);
	const tiles = await page.locator(".tile b").allInnerTexts();
	assert.deepEqual(tiles, [sum.whole, sum.suspect, sum.partial, sum.lost].map(grouped));
});

check("stores and users have the casebook's numbers", async (page) => {
	const stores = book.rows("SELECT * FROM store ORDER BY id");
	assert.equal(await page.locator(".store").count(), stores.length);
	for (const store of stores) {
		const numbers = await page.locator(`#store-${store.id} .numbers dd`).allInnerTexts();
		assert.ok(numbers[0].startsWith(grouped(store.files) + " "), numbers[0]);
		const users = book.rows(`SELECT files FROM store_user WHERE store=${store.id} ORDER BY files DESC, name`);
		const cells = await page.locator(`#store-${store.id} .users tbody tr td:nth-child(2)`).allInnerTexts();
		assert.deepEqual(cells, users.map((user) => grouped(user.files)));
	}
});

check("the list holds every file of every store", async (page) => {
	assert.equal(await shown(page), total);
	const grades = await page.locator("#grades .chip:visible b").allInnerTexts();
	assert.equal(grades.reduce((sum, text) => sum + Number(text.replaceAll(",", "")), 0), total);
	assert.ok(await page.locator("#list .row").count() < 80, "rows that are not seen must not exist");
});

check("scrolled to its end, the list shows its last file", async (page) => {
	await page.locator("#list").focus();
	await page.keyboard.press("End");
	await page.waitForFunction((n) => document.querySelector(`#list-${n - 1}`), total);
	const box = await page.locator("#list").boundingBox(), row = await page.locator(`#list-${total - 1}`).boundingBox();
	assert.ok(row.y >= box.y - 1 && row.y + row.height <= box.y + box.height + 1, "the last row is out of sight");
});

check("says of what kinds the files in the list are", async (page) => {
	const said = await page.locator("#count").innerText(), [, ...parts] = said.split(/: |, (?=[\d,]+ (?:of|in|whose|beside))/);
	const kinds = book.rows("SELECT count(*) AS n FROM store_file m JOIN file f ON f.id=m.file LEFT JOIN store s ON s.id=m.store WHERE NOT f.directory" +
		" GROUP BY m.store=0, s.orphans, s.same_as<>0, NOT EXISTS(SELECT 1 FROM name n WHERE n.file=f.id AND n.store=m.store AND NOT n.dos AND n.inside LIKE 'File\\%')")
		.map((row) => row.n).sort((a, b) => a - b);
	assert.deepEqual(kinds.length > 1 ? parts.map((part) => Number(part.split(" ")[0].replaceAll(",", ""))).sort((a, b) => a - b) : kinds, kinds, said);
	const users = parts.find((part) => part.includes("of the users"));
	if (users)
		assert.equal(Number(users.split(" ")[0].replaceAll(",", "")), book.value("SELECT sum(files) FROM store WHERE NOT orphans AND NOT same_as"));
});

check("searches in all names and folders", async (page) => {
	for (const text of ["invoice", "users\\alice", "0010", "no such name"]) {
		await page.locator("#search").fill(text);
		await counted(page, book.entries(named(text)));
	}
	await page.locator("#search").fill("alice 00");
	await counted(page, book.entries(`EXISTS(SELECT 1 FROM name n WHERE n.file=f.id AND (instr(lower(n.path), 'alice') OR instr(lower(coalesce(n.inside, '')), 'alice'))` +
		" AND (instr(n.path, '00') OR instr(coalesce(n.inside, ''), '00')))"));
});

check("filters by grade, store and only here", async (page) => {
	const grade = book.value("SELECT f.grade FROM store_file m JOIN file f ON f.id=m.file WHERE NOT f.directory GROUP BY 1 ORDER BY count(*) LIMIT 1");
	const names = ["verified", "intact", "suspect", "partial", "lost"];
	await page.locator("#grades .chip", { hasText: names[grade] }).click();
	await counted(page, book.entries(`f.grade<>${grade}`));
	await page.locator("#grades .chip", { hasText: names[grade] }).click();
	await page.locator("#only-here").check();
	await counted(page, book.entries("m.only_here"));
	await page.locator("#only-here").uncheck();
	const store = book.value("SELECT store FROM store_file GROUP BY 1 ORDER BY count(*) LIMIT 1");
	await page.locator("#store").selectOption(String(store));
	await counted(page, book.entries(`m.store=${store}`));
});

check("sorts by size, both ways", async (page) => {
	const sizes = book.rows("SELECT f.size_bytes AS s FROM store_file m JOIN file f ON f.id=m.file WHERE NOT f.directory ORDER BY 1").map((row) => row.s);
	const first = async () => {
		await page.locator("#list-0").click();
		await page.locator("#detail dt", { hasText: /^Size$/ }).first().waitFor();
		return page.locator("#detail .custody dd").first().innerText();
	};
	await page.locator(".head.c-size").click();
	assert.equal(await first(), grouped(sizes[0]) + " bytes");
	await page.locator(".head.c-size").click();
	assert.equal(await first(), grouped(sizes[sizes.length - 1]) + " bytes");
});

check("by keyboard alone: search, list, file, back; tree; map; timeline", async (page) => {
	const at = () => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
	await settled(page);
	for (let i = 0; i < 200 && await at() !== "search"; i++)
		await page.keyboard.press("Tab");
	assert.equal(await at(), "search");
	await page.keyboard.type("0");
	await counted(page, book.entries(named("0")));
	await page.keyboard.press("ArrowDown");
	assert.equal(await at(), "list");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await page.locator("#detail h3").waitFor();
	assert.equal(await page.locator("#list").getAttribute("aria-activedescendant"), "list-1");
	const active = await page.evaluate(() => document.getElementById(document.getElementById("list").getAttribute("aria-activedescendant"))?.textContent);
	assert.ok(active.includes(await page.locator("#detail h3").innerText()), active);
	assert.equal(await at(), "detail");
	await page.keyboard.press("Escape");
	assert.equal(await at(), "list");
	assert.equal(await page.locator("#detail").isVisible(), false);
	await page.keyboard.press("Shift+Tab");
	for (let i = 0; i < 20 && await at() !== "tree"; i++)
		await page.keyboard.press("Shift+Tab");
	assert.equal(await at(), "tree");
	await page.keyboard.press("End");
	await page.keyboard.press("ArrowRight");
	await page.keyboard.press("Enter");
	assert.notEqual(await page.locator("#scope").innerText(), "");
	await page.locator("#tree").focus();
	for (let i = 0; i < 60 && await at() !== "map-cells"; i++)
		await page.keyboard.press("Tab");
	assert.equal(await at(), "map-cells");
	await page.keyboard.press("ArrowRight");
	const said = await page.locator("#map-says").innerText();
	assert.match(said, /^Clusters? [\d,]+/);
	const per = (await page.locator("#map-range").innerText()).match(/, ([\d,]+) cluster/)[1];
	await page.keyboard.press("+");
	if (per !== "1")
		assert.notEqual((await page.locator("#map-range").innerText()).match(/, ([\d,]+) cluster/)[1], per);
	await page.locator("#timeline svg").focus();
	await page.keyboard.press("End");
	assert.notEqual(await page.locator("#timeline-says").innerText(), "");
});

check("the tree is moved in as trees are, and says where one is", async (page) => {
	const tree = page.locator("#tree"), active = () => page.evaluate(() => {
		const row = document.getElementById(document.getElementById("tree").getAttribute("aria-activedescendant")), of = (name) => row.getAttribute("aria-" + name);
		return { name: row.querySelector(".name").textContent, level: Number(of("level")), place: Number(of("posinset")), of: Number(of("setsize")), open: of("expanded") };
	});
	const press = async (...keys) => {
		for (const key of keys)
			await page.keyboard.press(key);
		return active();
	};
	await tree.focus();
	const all = await press("Home"), roots = all.of;
	assert.deepEqual([all.name, all.level, all.place, all.open], ["All files", 1, 1, null]);
	assert.ok(roots > 1);
	const store = await press("ArrowDown");
	assert.deepEqual([store.level, store.place, store.of], [1, 2, roots]);
	const inside = store.open === "true" ? await press("ArrowRight") : await press("ArrowRight", "ArrowRight");
	assert.deepEqual([inside.level, inside.place], [2, 1]);
	/* every row says its place among those beside it */
	await press("*", "ArrowRight", "ArrowRight", "*");
	const rows = await page.locator("#tree .row").evaluateAll((list) => list.map((row) => ({ y: Number(row.id.slice(5)), level: row.ariaLevel, place: row.ariaPosInSet, of: row.ariaSetSize })));
	const path = [];
	for (const row of rows.sort((a, b) => a.y - b.y)) {
		const beside = path[row.level] ?? { place: 0, of: row.of };
		assert.equal(Number(row.place), beside.place + 1, `row ${row.y}`);
		assert.equal(row.of, beside.of, `row ${row.y}`);
		path.length = Number(row.level);
		path[row.level] = { place: Number(row.place), of: row.of };
	}
	const back = await press("Home", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowLeft");
	assert.equal(back.level, 1);
	const leaf = await press("End", "ArrowRight", "End");
	assert.deepEqual(await press("ArrowRight"), leaf.open === null ? leaf : await active());
	await page.waitForTimeout(800); /* letters that were typed are forgotten */
	const letter = await press("Home", "s");
	assert.ok(letter.name.toLowerCase().startsWith("s"), letter.name);
	await page.locator("#list").focus();
	await page.keyboard.press("Home");
	const last = await page.evaluate(() => document.getElementById("list-3").querySelector(".name").textContent);
	await page.keyboard.type(last.slice(0, 6));
	const found = await page.evaluate(() => document.getElementById(document.getElementById("list").getAttribute("aria-activedescendant")).querySelector(".name").textContent);
	assert.ok(found.toLowerCase().startsWith(last.slice(0, 6).toLowerCase()), `${found}, typed ${last.slice(0, 6)}`);
});

check("the tree narrows the list to a folder", async (page) => {
	const root = page.locator("#tree .row").nth(1), files = Number((await root.locator(".n").innerText()).replaceAll(",", ""));
	await root.locator(".name").click();
	await counted(page, files);
	const store = book.value("SELECT store FROM store_file ORDER BY store LIMIT 1");
	if (store)
		assert.equal(files, book.entries(`m.store=${store}`));
});

check("a user's button shows the user's files", async (page) => {
	const button = page.locator("button[data-user]").first();
	if (!(await button.count()))
		return;
	const files = Number((await page.locator(".users tbody tr").first().locator("td").first().innerText()).replaceAll(",", ""));
	await button.click();
	await counted(page, files);
});

check("a damaged file's details are those of the casebook", async (page) => {
	const file = book.rows("SELECT f.id, f.record, f.sequence, f.volume, f.size_bytes, cast(f.written AS TEXT) AS written, cast(f.created AS TEXT) AS created, s.number, hex(s.missing) AS missing, hex(s.runs) AS runs, n.path, n.offset FROM file f" +
		" JOIN stream s ON s.file=f.id AND s.type=128 AND s.name='' JOIN name n ON n.file=f.id AND n.number=0 WHERE NOT f.directory AND s.runs IS NOT NULL" +
		" AND f.id IN (SELECT file FROM store_file) AND n.path NOT GLOB '*[^ -~]*' ORDER BY s.missing IS NULL, f.id LIMIT 1")[0];
	const leaf = file.path.slice(file.path.lastIndexOf("\\") + 1);
	await page.locator("#search").fill(file.path.toLowerCase().includes(" ") ? leaf : file.path);
	await page.waitForTimeout(300);
	for (let i = 0; ; i++) {
		await page.locator(`#list-${i}`).click();
		await page.locator("#detail dd", { hasText: grouped(file.record) + ", sequence" }).first().waitFor({ timeout: 500 }).catch(() => {});
		if ((await page.locator("#detail").innerText()).includes("\n" + grouped(file.record) + ", sequence"))
			break;
		assert.ok(i < 20, "the file is not in the list");
	}
	const text = await page.locator("#detail").innerText();
	assert.ok(text.includes(grouped(file.size_bytes) + " bytes"), "size");
	assert.ok(text.includes(file.path), "name");
	for (const ticks of [BigInt(file.written), BigInt(file.created)]) {
		const seconds = new Date(Number(ticks / 10000000n - 11644473600n) * 1000).toISOString().slice(0, 19).replace("T", " ");
		assert.ok(text.includes(`${seconds}.${String(ticks % 10000000n).padStart(7, "0")} UTC`), `time ${seconds}`);
	}
	const digest = book.value(`SELECT lower(hex(sha256)) FROM digest WHERE volume=${file.volume} AND file=${file.record} + (${file.sequence} << 48)`);
	assert.ok(!digest || text.includes(digest), "digest");
	assert.ok(file.offset < 0 || text.includes(grouped(file.offset)), "offset of what says the name");
	for (const [, lcn, length] of book.numbers(file.runs, 3).slice(0, 50))
		assert.ok(text.includes((lcn >= 1n << 63n ? "hole" : grouped(lcn)) + "\t" + grouped(length)), `run at ${lcn}`);
	for (const [start, length] of book.numbers(file.missing, 2).slice(0, 50))
		assert.ok(text.includes(grouped(start) + "\t" + grouped(start + length - 1n)), `missing from ${start}`);
	const facts = book.rows(`SELECT offset FROM fact t JOIN file f ON f.volume=t.volume AND f.record + (f.sequence << 48)=t.file WHERE f.id=${file.id} LIMIT 50`);
	for (const fact of facts)
		assert.ok(text.includes(grouped(fact.offset)), `fact at ${fact.offset}`);
});

// The map: the colour of every cell against the clusters one by one
async function readMap(page) {
	return page.evaluate(() => {
		const canvas = document.getElementById("map-cells"), pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
		const probe = document.createElement("canvas").getContext("2d"), scale = window.devicePixelRatio, cell = 9;
		const names = ["--cell", "--g0", "--g1", "--g2", "--g3", "--g4", "--unreadable"];
		const colours = names.map((name) => {
			probe.fillStyle = style.getPropertyValue(name);
			probe.fillRect(0, 0, 1, 1);
			return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).join();
		});
		const columns = Math.round(canvas.width / scale / cell), lines = Math.round(canvas.height / scale / cell), cells = [];
		for (let line = 0; line < lines; line++)
			for (let column = 0; column < columns; column++)
				cells.push(colours.indexOf(pen.getImageData(Math.round((column * cell + 4) * scale), Math.round((line * cell + 1) * scale), 1, 1).data.slice(0, 3).join()));
		const [, from, , per] = document.getElementById("map-range").textContent.match(/Clusters ([\d,]+) to ([\d,]+), ([\d,]+) cluster/);
		return { cells, from: Number(from.replaceAll(",", "")), per: Number(per.replaceAll(",", "")) };
	});
}

async function compareMap(page, states) {
	const { cells, from, per } = await readMap(page);
	let compared = 0;
	for (let i = 0; i < cells.length && from + i * per < states.length; i++) {
		const worst = states.subarray(from + i * per, from + (i + 1) * per).reduce((a, b) => Math.max(a, b), 0);
		assert.equal(cells[i], worst, `cell ${i} of ${per} clusters from ${from}`);
		compared++;
	}
	assert.ok(compared > 100, `${compared} cells`);
}

check("the map is drawn cell by cell as the casebook has it, zoomed as well", async (page) => {
	await settled(page);
	for (const { id } of book.rows("SELECT id FROM volume WHERE id IN (SELECT volume FROM file)")) {
		const states = book.clusters(id);
		await page.locator("#map-volume").selectOption(String(id));
		await page.waitForFunction((clusters) => document.getElementById("map-range").textContent.startsWith("Clusters 0 to " + clusters), grouped(states.length - 1));
		await compareMap(page, states);
		await page.locator("#map-in").click();
		await page.locator("#map-in").click();
		await page.locator("#search").focus(); /* the cursor's frame is not drawn then */
		await compareMap(page, states);
		await page.locator("#map-cells").focus();
		await page.keyboard.press("PageDown");
		await page.locator("#search").focus();
		await compareMap(page, states);
		await page.locator("#map-all").click();
	}
});

check("the map frames the file that was asked for, and nothing else", async (page) => {
	await settled(page);
	const frames = () => page.evaluate(() => {
		const canvas = document.getElementById("map-cells"), pen = canvas.getContext("2d"), ink = document.createElement("canvas").getContext("2d");
		ink.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--ink");
		ink.fillRect(0, 0, 1, 1);
		const wanted = ink.getImageData(0, 0, 1, 1).data.slice(0, 3).join();
		let found = 0;
		for (let y = 8; y < canvas.height; y += 9) /* the gaps between cells */
			for (let x = 4; x < canvas.width; x += 9)
				found += pen.getImageData(x, y, 1, 1).data.slice(0, 3).join() === wanted ? 1 : 0;
		return found;
	});
	assert.equal(await frames(), 0);
	const file = book.rows("SELECT n.path FROM file f JOIN stream s ON s.file=f.id AND length(s.runs)=24 JOIN name n ON n.file=f.id AND n.number=0" +
		" WHERE NOT f.directory AND f.id IN (SELECT file FROM store_file) AND f.size_bytes>20000 AND n.path NOT GLOB '*[^ -~]*' ORDER BY f.id LIMIT 1")[0];
	await page.locator("#search").fill(file.path.slice(file.path.lastIndexOf("\\") + 1));
	await page.waitForTimeout(300);
	await page.locator("#list-0").click();
	await page.getByRole("button", { name: "Show on the map" }).click();
	await page.waitForFunction(() => document.activeElement.id === "map-cells");
	await page.locator("#search").focus();
	assert.ok(await frames() > 0);
	await page.locator("#detail").press("Escape");
	await page.locator("#map-cells").press("Enter");
	await page.waitForFunction(() => document.activeElement.id === "detail", null, { timeout: 4000 });
});

check("the map's table has the clusters of each state", async (page) => {
	await settled(page);
	const volume = await page.locator("#map-volume").inputValue(), states = book.clusters(volume);
	await page.locator("#map-table summary").click();
	await page.locator("#map-table tbody tr").first().waitFor({ state: "attached" }); // it is filled when it opens
	const rows = await page.locator("#map-table tbody tr").evaluateAll((list) => list.map((row) => [...row.cells].map((cell) => Number(cell.textContent.replaceAll(",", "").replace("\u2013", "0")))));
	assert.equal(rows.length, Math.ceil(states.length / Math.ceil(states.length / 32)));
	rows.forEach((row, i) => {
		const end = rows[i + 1]?.[0] ?? states.length;
		for (let state = 1; state <= 6; state++)
			assert.equal(row[state], states.subarray(row[0], end).filter((it) => it === state).length, `state ${state} from ${row[0]}`);
	});
});

check("the map says what it does not know", async (page) => {
	await settled(page);
	const said = await page.locator("#map-unknown").innerText(), unread = book.value("SELECT unreadable_bytes FROM evidence WHERE id=1");
	assert.match(said, /may be free, or hold Windows/);
	assert.equal(/could not be read/.test(said), unread > 0);
	const { volume, n } = book.rows("SELECT f.volume, count(*) AS n FROM file f WHERE f.grade=4 AND NOT f.directory AND NOT EXISTS" +
		"(SELECT 1 FROM stream s WHERE s.file=f.id AND length(s.runs)>0) GROUP BY 1 ORDER BY 1 LIMIT 1")[0] ?? {};
	if (String(volume) === await page.locator("#map-volume").inputValue())
		assert.match(said, new RegExp(`Where ${grouped(n)} lost files? lay is not known`));
	assert.ok(await page.locator("#map-key li", { hasText: "of a state store" }).isVisible());
});

check("the timeline shows every event where its time is", async (page) => {
	const events = report.events.filter((event) => event.time);
	await page.getByRole("button", { name: "Show all events" }).click();
	const rows = await page.locator("#events tbody tr[data-time]").evaluateAll((list) => list.map((row) => Number(row.dataset.time)));
	assert.equal(rows.length, events.length);
	events.map((event) => Date.parse(event.time.endsWith("Z") ? event.time : event.time + "Z") / 1000).sort((a, b) => a - b)
		.forEach((time, i) => assert.ok(Math.abs(time - [...rows].sort((a, b) => a - b)[i]) < 1.01));
	const marks = await page.locator("#timeline .event").evaluateAll((list) => list.map((group) => ({
		x: group.querySelector("circle") ? Number(group.querySelector("circle").getAttribute("cx")) : Number(group.querySelector("path").getAttribute("d").match(/^M([\d.]+)/)[1]),
		lines: group.querySelector("title").textContent.split("\n").length })));
	assert.equal(marks.reduce((sum, it) => sum + it.lines, 0), rows.length);
	if (rows.length < 2)
		return;
	const width = await page.evaluate(() => document.getElementById("timeline-view").clientWidth), first = Math.min(...rows), span = Math.max(...rows) - first || 1;
	const room = Math.max(span * .06, .0005), x = (time) => 96 + (time - first + room) / (span + 2 * room) * (width - 96 - 12);
	for (const mark of marks) /* a mark of several stands where its first event is */
		assert.ok(rows.some((time) => Math.abs(x(time) - mark.x) < 1), `a mark at ${mark.x}`);
});

check("what a screen reader gets has names, and points to what is there", async (page) => {
	await settled(page);
	const wrong = await page.evaluate(() => {
		const list = [], text = (element) => (element.getAttribute("aria-label") || element.textContent || element.title || "").trim();
		for (const button of document.querySelectorAll("button, a, summary"))
			if (!text(button))
				list.push("no name: " + button.outerHTML.slice(0, 80));
		for (const field of document.querySelectorAll("input, select"))
			if (!field.labels.length)
				list.push("no label: " + field.id);
		for (const image of document.querySelectorAll("svg:not([aria-hidden]), canvas:not([aria-hidden])"))
			if (!image.getAttribute("aria-label"))
				list.push("no description: " + image.outerHTML.slice(0, 80));
		for (const attribute of ["aria-labelledby", "aria-describedby", "aria-activedescendant"])
			for (const element of document.querySelectorAll(`[${attribute}]`))
				for (const id of element.getAttribute(attribute).split(" "))
					if (!document.getElementById(id))
						list.push(attribute + " to nothing: " + id);
		for (const row of document.querySelectorAll(".row"))
			if (!/^(option|treeitem)$/.test(row.getAttribute("role")) || !row.getAttribute("aria-posinset"))
				list.push("a row without a role: " + row.id);
		for (const table of document.querySelectorAll("#stores .users, #evidence table, #events"))
			if (!table.caption || ![...table.querySelectorAll("thead th")].every((cell) => cell.scope))
				list.push("table without heads: " + text(table).slice(0, 40));
		if (document.documentElement.lang !== "en")
			list.push("no language");
		return list;
	});
	assert.deepEqual(wrong, []);
});

for (const scheme of ["light", "dark"])
	check(`can be read in ${scheme}`, async (page) => {
		await settled(page);
		await page.locator("#list-0").click();
		await page.locator("#detail h3").waitFor();
		const bad = await page.evaluate(() => {
			const parse = (colour) => colour.match(/[\d.]+/g).map(Number), list = [];
			const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
				.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
			for (const element of document.querySelectorAll("h1, h2, h3, p, td, th, dt, dd, li, button, label, summary, .dim, .badge, a, .tile-means")) {
				if (!element.offsetParent || ![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
					continue;
				let behind = element;
				while (behind.parentElement && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0)
					behind = behind.parentElement;
				const a = light(parse(getComputedStyle(element).color)), b = light(parse(getComputedStyle(behind).backgroundColor));
				const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
				if (ratio < 4.5)
					list.push(ratio.toFixed(1) + " " + element.textContent.slice(0, 30));
			}
			return [...new Set(list)];
		});
		const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number)[0]);
		assert.ok(scheme === "dark" ? paper < 60 : paper > 200, `paper ${paper}`);
		assert.deepEqual(bad, []);
	}, { colorScheme: scheme });

for (const width of [360, 1280])
	check(`nothing sticks out at ${width} pixels`, async (page) => {
		await settled(page);
		await page.locator("#list-0").click();
		await page.locator("#detail h3").waitFor();
		for (const details of await page.locator("summary").all())
			await details.click();
		const out = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		assert.equal(out, 0);
	}, { viewport: { width, height: 800 } });

check("without scripts the summary is there", async (page) => {
	assert.ok(await page.locator("h1").isVisible());
	assert.ok(await page.locator("noscript p").isVisible());
	assert.ok(await page.locator("#story li").first().isVisible());
	assert.ok(await page.locator("#next li").first().isVisible());
	assert.equal(await page.locator("#files").isVisible(), false);
	assert.equal(await page.locator("#map").isVisible(), false);
}, { javaScriptEnabled: false });

check("on paper: no controls, the map and the damaged files", async (page) => {
	await settled(page);
	await page.emulateMedia({ media: "print" });
	await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
	for (const gone of ["nav", "#files", ".tools"])
		assert.equal(await page.locator(gone).first().isVisible(), false, gone);
	assert.ok(await page.locator("#map-cells").isVisible());
	if (await page.locator(".damaged").count())
		assert.ok(await page.locator(".damaged table").first().isVisible());
	assert.ok((await page.pdf({ format: "A4" })).length > 10000);
});

check("no script but its own runs", async (page) => {
	await page.evaluate(() => {
		const script = document.createElement("script"), image = document.createElement("img");
		script.textContent = "window.injected = 1";
		image.setAttribute("onerror", "window.injected = 2");
		image.src = "x";
		document.body.append(script, image);
	});
	await page.waitForTimeout(200);
	assert.equal(await page.evaluate(() => window.injected), undefined);
	assert.deepEqual(page.refused, page.asked.map(() => "csp"));
	assert.ok(page.said.some((text) => text.includes("Content Security Policy")), page.said.join());
});

if (label === "hostile names")
	check("names that would do harm are text, and what is odd in them is seen", async (page) => {
		await settled(page);
		for (const [text, seen] of [["script>window", "<script>window.hacked=1</script>"], ["image-name", "<img id=image-name src=x onerror=window.hacked=1>"],
			["mark-name", "\u27e8U+202E\u27e9"], ["esc-name", "\u27e8U+001B\u27e9[31m"], ["lone-name", "\u27e8U+D800\u27e9"], ["zero-name", "\u27e8U+0000\u27e9"],
			["line-name", "\u27e8U+000A\u27e9"], ["tail-of-long", "x".repeat(4000)]]) {
			await page.locator("#search").fill(text);
			await page.waitForFunction((part) => document.querySelector("#list-0")?.textContent.includes(part), seen, { timeout: 3000 })
				.catch(async () => assert.fail(`${text}: ${(await page.locator("#list").innerText()).slice(0, 90)}`));
			await counted(page, 1);
			await page.locator("#list-0").click();
			await page.waitForFunction((part) => document.querySelector("#detail h3")?.textContent.includes(part), seen, { timeout: 3000 })
				.catch(async () => assert.fail(`${text}: ${(await page.locator("#detail h3").textContent()).slice(0, 90)}`));
		}
		const all = await page.content();
		assert.ok(!all.includes("<script>window.hacked"), "markup from a name");
		assert.equal(await page.evaluate(() => window.hacked), undefined);
		assert.deepEqual(page.said, []);
		assert.deepEqual(page.asked, []);
		const users = await page.locator(".users tbody th").allTextContents();
		assert.ok(users.some((name) => name.includes("<b>user</b>")), users.join());
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
	});

if (label === "huge")
	check("a huge file does not stop the page, and says where all of it is", async (page) => {
		await settled(page);
		for (const [name, more] of [["huge-1", "99,800 more"], ["huge-2", "99,950 more"], ["huge-3", "99,800 more"], ["huge-4", "499,800 more"]]) {
			await page.locator("#search").fill(name);
			await page.locator("#list-0", { hasText: name }).waitFor();
			const start = Date.now();
			await page.locator("#list-0").click();
			await page.locator("#detail h3", { hasText: name }).waitFor();
			await page.locator("#detail", { hasText: more }).waitFor();
			assert.ok(Date.now() - start < 2500, `${name}: ${Date.now() - start} ms`);
			assert.match(await page.locator("#detail p:visible", { hasText: more }).innerText(), /All of them: holdfast report --format (csv|dfxml)$/);
			assert.ok(await page.locator("#detail tr").count() < 5000);
		}
		const longest = await page.evaluate(() => ["map-in", "map-in", "map-out", "map-all"].reduce((most, id) => {
			const start = performance.now();
			document.getElementById(id).click();
			return Math.max(most, performance.now() - start);
		}, 0));
		assert.ok(longest < 400, `the map is drawn in ${longest} ms`);
	});

let failed = 0;
for (const { name, run, options } of checks) {
	let page;
	try {
		page = await open(browser, path, options);
		page.setDefaultTimeout(10000);
		await run(page);
		console.log(`ok page: ${label}: ${name}`);
	} catch (error) {
		failed++;
		console.log(`not ok page: ${label}: ${name}: ${error.message.replaceAll(/\s+/g, " ").slice(0, 300)}`);
	}
	await page?.context().close();
}
await browser.close();
process.exit(failed ? 1 : 0);
