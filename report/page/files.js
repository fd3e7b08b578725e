/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.js - the list of files: searched, filtered, sorted */

const ONLY_HERE = 1, STORES_OWN = 2; /* entry.flags */

class Search {
	constructor(theCase) {
		this.case = theCase;
	}

	/* A 1 for each folder on whose way @term stands. */
	folders(term, texts) {
		const { folders } = this.case, hits = new Uint8Array(folders.length);
		if (term.includes("\\")) {
			const paths = folders.folded();
			for (let i = 1; i < hits.length; i++)
				hits[i] = paths[i].includes(term) ? 1 : 0;
			return hits;
		}
		for (let i = 1; i < hits.length; i++) /* a root's text is ours, not a name */
			hits[i] = folders.parent[i] ? hits[folders.parent[i]] | texts[folders.text[i]] : 0;
		return hits;
	}

	/* A 1 for each folder whose path ends with the first part of a term with a backslash, and for texts that go on with the rest. */
	across(term) {
		const slash = term.lastIndexOf("\\"), head = term.slice(0, slash), tail = term.slice(slash + 1);
		const { folders, texts } = this.case, paths = folders.folded(), ends = new Uint8Array(folders.length);
		const leaves = new Uint8Array(texts.length);
		for (let i = 1; i < ends.length; i++)
			ends[i] = paths[i].endsWith(head) ? 1 : 0;
		texts.folded();
		for (let i = 0; i < leaves.length; i++)
			leaves[i] = texts.all.startsWith(tail, texts.firstFolded[i]) ? 1 : 0;
		return { ends, leaves };
	}

	/* A 1 for each name that has @term in it. */
	names(term) {
		const { name, texts } = this.case, hits = new Uint8Array(name.leaf.length);
		const leaves = texts.having(term), folders = this.folders(term, leaves);
		for (let i = 0; i < hits.length; i++)
			hits[i] = leaves[name.leaf[i]] | leaves[name.insideLeaf[i]] | folders[name.folder[i]] | folders[name.inside[i]];
		if (term.includes("\\")) {
			const { ends, leaves: tails } = this.across(term);
			for (let i = 0; i < hits.length; i++)
				hits[i] |= ends[name.folder[i]] & tails[name.leaf[i]] | ends[name.inside[i]] & tails[name.insideLeaf[i]];
		}
		return hits;
	}

	/* A 1 for each file that has a name with all words of @text, or null for all files. */
	files(text) {
		const { file, name } = this.case;
		const words = text.toLowerCase().split(/\s+/).filter((word) => word);
		if (!words.length)
			return null;
		const hits = this.names(words[0]), found = new Uint8Array(file.grade.length);
		for (const word of words.slice(1)) {
			const more = this.names(word);
			for (let i = 0; i < hits.length; i++)
				hits[i] &= more[i];
		}
		for (let i = 0; i < found.length; i++)
			for (let at = file.firstName[i]; at < file.firstName[i + 1]; at++)
				found[i] |= hits[at];
		return found;
	}
}

/* What the list holds: the numbers above it, which the text report has too, are of the first alone. */
const KINDS = ["of the users in state stores", "in stores told twice, by shadow copies", "of the stores themselves (markers, catalogues)",
	"whose folders are lost", "beside the stores"];

const ORDERS = [
	{ key: "name", label: "Name" }, { key: "folder", label: "Folder" }, { key: "grade", label: "Grade" },
	{ key: "size", label: "Size", number: true }, { key: "written", label: "Written" },
];

class Files {
	constructor(theCase, detail) {
		this.case = theCase;
		this.detail = detail;
		this.search = new Search(theCase);
		this.found = null;      /* by the search */
		this.ranges = null;     /* of folders; null: all */
		this.scopeName = "";
		this.grades = new Set([0, 1, 2, 3, 4]);
		this.store = -1;
		this.onlyHere = false;
		this.order = "folder";
		this.down = false;
		this.orders = new Map();
		this.rows = new Rows(document.getElementById("list"), 30, {
			role: "option",
			draw: (row, index) => this.draw(row, this.view[index]),
			chosen: (index, event) => this.choose(index, event),
			moved: (index) => this.detail.shown && this.choose(index),
			begins: (index, text) => this.case.texts.begins(this.case.entry.leaf[this.view[index]], text),
		});
		this.kinds = this.kindsOfEntries();
		this.tree = new Tree(document.getElementById("tree"), theCase, (folder) => this.inFolder(folder));
		this.controls();
		this.heads();
		this.apply();
	}

	/* Of each entry, its place in KINDS. */
	kindsOfEntries() {
		const { entry } = this.case, kinds = new Uint8Array(entry.file.length);
		for (let i = 0; i < kinds.length; i++) {
			const store = entry.store[i] && this.case.store(entry.store[i]);
			kinds[i] = !store ? 4 : store.orphans ? 3 : store.twice ? 1 : entry.flags[i] & STORES_OWN ? 2 : 0;
		}
		return kinds;
	}

	/* -------- controls -------- */

	controls() {
		const search = document.getElementById("search"), store = document.getElementById("store");
		let timer = 0;
		search.addEventListener("input", () => {
			clearTimeout(timer);
			timer = setTimeout(() => this.find(search.value), 60);
		});
		search.addEventListener("keydown", (event) => {
			if (event.key === "ArrowDown" || event.key === "Enter") {
				event.preventDefault();
				this.rows.box.focus();
			}
		});
		store.append(new Option("All", -1));
		offer(store, this.case.about.stores, (it) => "Store " + it.id + (it.orphans ? ", lost folders" : ", " + visible(it.state)));
		if (this.case.entry.store[0] === 0)
			store.append(new Option("Beside the stores", 0));
		store.addEventListener("change", () => {
			this.store = Number(store.value);
			this.apply();
		});
		document.getElementById("only-here").addEventListener("change", (event) => {
			this.onlyHere = event.target.checked;
			this.apply();
		});
		this.chips = this.case.about.grades.map((grade, i) => this.chip(grade, i));
		document.getElementById("grades").append(...this.chips);
		for (const button of document.querySelectorAll("button[data-user]"))
			button.addEventListener("click", () => this.ofUser(Number(button.dataset.store), button.dataset.user));
	}

	chip(grade, i) {
		const chip = make("button", "chip", mark(i), " " + grade + " ", make("b", "n"));
		chip.type = "button";
		chip.title = this.case.about.meanings[i];
		chip.setAttribute("aria-pressed", "true");
		chip.addEventListener("click", () => {
			if (!this.grades.delete(i))
				this.grades.add(i);
			chip.setAttribute("aria-pressed", this.grades.has(i));
			this.apply();
		});
		return chip;
	}

	heads() {
		this.headButtons = ORDERS.map((order) => {
			const button = make("button", "head c-" + order.key, order.label);
			button.type = "button";
			button.addEventListener("click", () => this.sort(order.key));
			return button;
		});
		document.getElementById("heads").append(...this.headButtons);
	}

	/* -------- what is shown -------- */

	find(text) {
		this.found = this.search.files(text);
		this.apply();
	}

	inFolder(folder) {
		this.ranges = folder ? [[folder, this.case.folders.end[folder]]] : null;
		this.scopeName = folder ? "in " + this.tree.name(folder) : "";
		this.apply();
	}

	/* The profile folders of @user in @store: File\C$\Users\user, on each volume. */
	ofUser(store, user) {
		const { folders, about } = this.case, root = about.roots.find((it) => it.store === store);
		const { parent } = folders, ranges = [];
		if (!root)
			return;
		for (let i = root.folder + 1; i < folders.end[root.folder]; i++) {
			const users = parent[i], letter = parent[users], file = parent[letter];
			if (file && parent[file] === root.folder && folders.name(i) === user &&
			    /^(users|documents and settings)$/i.test(folders.name(users)) && /^.\$$/.test(folders.name(letter)))
				ranges.push([i, folders.end[i]]);
		}
		this.ranges = ranges;
		this.scopeName = "of " + user;
		if (ranges.length === 1)
			this.tree.reveal(ranges[0][0]);
		this.apply();
		document.getElementById("files").scrollIntoView();
		this.rows.box.focus({ preventScroll: true });
	}

	sort(key) {
		this.down = this.order === key && !this.down;
		this.order = key;
		this.apply();
	}

	/* Entries in an order; they come as folders are shown. */
	sorted(key) {
		if (this.orders.has(key))
			return this.orders.get(key);
		const { entry, file } = this.case, length = entry.file.length, by = new Float64Array(length);
		for (let i = 0; i < length; i++) {
			const at = entry.file[i];
			if (key === "name")
				by[i] = entry.leaf[i];
			else if (key === "grade")
				by[i] = file.grade[at];
			else if (key === "size")
				by[i] = file.size[at];
			else if (key === "written")
				by[i] = file.written.high[at] * 4294967296 + file.written.low[at];
		}
		const order = new Uint32Array(length);
		for (let i = 0; i < length; i++)
			order[i] = i;
		if (key !== "folder")
			order.sort((a, b) => by[a] - by[b] || a - b);
		this.orders.set(key, order);
		return order;
	}

	inRanges(folder) {
		for (const [from, end] of this.ranges)
			if (folder >= from && folder < end)
				return true;
		return false;
	}

	apply() {
		const { entry, file } = this.case, order = this.sorted(this.order), length = order.length;
		const view = new Uint32Array(length), grades = [0, 0, 0, 0, 0];
		const kinds = KINDS.map(() => 0);
		let shown = 0, bytes = 0;
		for (let i = 0; i < length; i++) {
			const at = order[this.down ? length - 1 - i : i], of = entry.file[at];
			if ((this.store >= 0 && entry.store[at] !== this.store) || (this.onlyHere && !(entry.flags[at] & ONLY_HERE)) ||
			    (this.found && !this.found[of]) || (this.ranges && !this.inRanges(entry.folder[at])))
				continue;
			grades[file.grade[of]]++;
			if (!this.grades.has(file.grade[of]))
				continue;
			kinds[this.kinds[at]]++;
			bytes += file.size[of];
			view[shown++] = at;
		}
		this.view = view.subarray(0, shown);
		this.chips.forEach((chip, i) => {
			chip.querySelector("b").textContent = count(grades[i]);
			chip.hidden = !grades[i] && !this.case.file.grade.includes(i);
		});
		this.tell(shown, bytes, kinds);
		this.rows.show(shown, 0);
	}

	tell(shown, bytes, kinds) {
		const parts = kinds.map((files, i) => files && count(files) + " " + KINDS[i]).filter((part) => part);
		const scope = document.getElementById("scope");
		document.getElementById("count").textContent = plural(shown, "file") + ", " + size(bytes) +
			(kinds[0] === shown ? "" : ": " + parts.join(", "));
		scope.replaceChildren();
		if (this.scopeName) {
			const all = make("button", "link", "show all folders");
			all.type = "button";
			all.addEventListener("click", () => this.tree.select(0, 0));
			scope.append(named(this.scopeName), " ", all);
		}
		this.headButtons.forEach((button, i) => {
			const on = ORDERS[i].key === this.order;
			button.classList.toggle("on", on);
			button.dataset.arrow = on ? (this.down ? "▼" : "▲") : "";
			button.setAttribute("aria-pressed", on);
			button.setAttribute("aria-label", "Sort by " + ORDERS[i].label.toLowerCase() +
				(on ? (this.down ? ", now descending" : ", now ascending") : ""));
		});
	}

	/* -------- a row -------- */

	draw(row, at) {
		const { entry, file, texts, folders, about } = this.case, of = entry.file[at], grade = file.grade[of];
		const only = make("span", entry.flags[at] & ONLY_HERE ? "only" : "only no", "◆");
		const name = make("span", "c-name", only, named(texts.get(entry.leaf[at])));
		only.title = "only here: no name outside the store";
		const more = file.firstName[of + 1] - file.firstName[of] - 1;
		if (more)
			name.append(make("span", "dim more", "+" + more));
		row.append(name, make("span", "c-folder dim", named(this.shortened(folders.path(entry.folder[at])))),
			make("span", "c-grade", mark(grade), " " + about.grades[grade]), make("span", "c-size n", grade === 4 && !file.size[of] ? "\u2013" : size(file.size[of])),
			make("span", "c-written n", time(this.case.written(of)).replace(" UTC", "")));
		row.title = visible([folders.path(entry.folder[at]), texts.get(entry.leaf[at])].filter((part) => part).join("\\"));
		row.setAttribute("aria-selected", this.detail.file === of && this.detail.shown);
		row.setAttribute("aria-label", [visible(texts.get(entry.leaf[at])), about.grades[grade], row.children[3].textContent,
			"in " + (visible(folders.path(entry.folder[at])) || "the root"), ...entry.flags[at] & ONLY_HERE ? ["only here"] : []].join(", "));
	}

	/* The end of a path says more than its beginning. */
	shortened(path) {
		const most = Math.max(14, (this.rows.box.clientWidth - 420) * 4 / 9 / 7.8);
		let from = 0;
		while (path.length - from > most && path.indexOf("\\", from) >= 0)
			from = path.indexOf("\\", from) + 1;
		return from ? "…\\" + path.slice(from) : path;
	}

	choose(index, event) {
		this.detail.show(this.view[index]).then(() => event?.type === "keydown" && this.detail.enter());
		this.rows.redraw();
		this.rows.draw();
	}

	/* Show a file that was found elsewhere. */
	async showFile(of) {
		const at = this.case.entry.file.indexOf(of);
		if (at < 0)
			return;
		await this.detail.show(at);
		this.detail.enter();
	}
}
