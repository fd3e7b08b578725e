/* SPDX-License-Identifier: GPL-3.0-or-later */
/* map.js - where on a volume the files lie, and what became of their clusters */

/* From the best to the worst: a cell shows the worst in it. */
const STATES = [
	{ key: "none", label: "no file listed above" }, { key: "verified", label: "verified" }, { key: "intact", label: "intact" },
	{ key: "suspect", label: "suspect" }, { key: "partial", label: "sound rest of a partial file" },
	{ key: "overwritten", label: "overwritten or lost" }, { key: "unreadable", label: "unreadable" },
];
const OVERWRITTEN = 5, UNREADABLE = 6;
const STORE_COLOURS = 6;
const CELL = 9, ROWS = 34, SLICES = 32;

const VALUES = 8, CLUSTERS_MOST = 2 ** 48; /* what can be told apart in one number */

/* Stretches of one volume that belong to files, in columns; they may overlap. */
class Stretches {
	constructor(theCase, detail, volume) {
		this.lcn = [];
		this.end = [];
		this.state = [];
		this.of = []; /* the file, -1: none */
		this.case = theCase;
		this.detail = detail;
		this.cluster = volume.cluster;
		this.clusters = Math.min(volume.clusters, CLUSTERS_MOST);
		this.placeless = 0; /* lost files of which nobody knows where they lay */
		const { file } = theCase, { firstStream } = detail.file;
		for (let of = 0; of < file.grade.length; of++)
			if (file.volume[of] === volume.id)
				this.addFile(of, firstStream[of], firstStream[of + 1]);
		const places = volume.unreadable ?? [];
		for (let i = 0; i < places.length; i += 2)
			this.add(places[i], places[i + 1], UNREADABLE, -1);
	}

	add(lcn, length, state, of) {
		if (lcn >= this.clusters)
			return;
		this.lcn.push(lcn);
		this.end.push(Math.min(lcn + length, this.clusters));
		this.state.push(state);
		this.of.push(of);
	}

	addFile(of, first, end) {
		const before = this.of.length;
		for (let i = first; i < end; i++)
			this.addStream(of, i);
		this.placeless += this.case.file.grade[of] === 4 && this.of.length === before ? 1 : 0;
	}

	/* A run is cut where something of it is missing. */
	addStream(of, i) {
		const { stream, run, missing } = this.detail, grade = stream.grade[i], { cluster } = this;
		const gone = stream.reasons[i] & this.case.about.unreadable ? UNREADABLE : OVERWRITTEN, last = stream.firstMissing[i + 1];
		const all = grade === 4 && stream.firstMissing[i] === last; /* lost, and nobody says where */
		let lost = stream.firstMissing[i];
		for (let at = stream.firstRun[i]; at < stream.firstRun[i + 1]; at++) {
			const lcn = run.lcn[at], vcn = run.vcn[at], end = vcn + run.length[at];
			if (lcn >= 2 ** 63)
				continue; /* a hole */
			for (let from = vcn; from < end && lcn + from - vcn < this.clusters;) {
				while (lost < last && Math.ceil((missing.start[lost] + missing.length[lost]) / cluster) <= from)
					lost++;
				const first = lost < last ? Math.floor(missing.start[lost] / cluster) : Infinity;
				const sound = from < first, behind = sound ? first : Math.ceil((missing.start[lost] + missing.length[lost]) / cluster);
				const to = Math.min(end, behind);
				this.add(lcn + from - vcn, to - from, sound && !all ? Math.min(grade, 3) + 1 : gone, of);
				from = to;
			}
		}
	}

	/*
	 * Pieces that do not overlap, sorted, each with the highest value of the stretches there: @value(number) is from 1 to
	 * 7, or 0 to leave it out.  All that begins and ends is sorted once, and gone through once.
	 */
	pieces(value) {
		const marks = new Float64Array(2 * this.lcn.length), open = new Uint32Array(VALUES), pieces = { from: [], end: [], value: [] };
		let used = 0, highest = 0, since = 0;
		for (let i = 0; i < this.lcn.length; i++) {
			const of = value(i);
			if (of) {
				marks[used++] = this.lcn[i] * 2 * VALUES + 2 * of + 1;
				marks[used++] = this.end[i] * 2 * VALUES + 2 * of;
			}
		}
		for (const mark of marks.subarray(0, used).sort()) {
			const place = Math.floor(mark / (2 * VALUES)), of = mark % (2 * VALUES) >> 1, begins = mark % 2;
			let now = Math.max(highest, begins ? of : 0);
			open[of] += begins ? 1 : -1;
			while (now > 0 && !open[now])
				now--;
			if (now === highest)
				continue;
			if (highest && place > since) {
				pieces.from.push(since);
				pieces.end.push(place);
				pieces.value.push(highest);
			}
			highest = now;
			since = place;
		}
		return pieces;
	}

	/* The same by a name, made when first asked for. */
	piecesBy(name, value) {
		this.made ??= new Map();
		if (!this.made.has(name))
			this.made.set(name, this.pieces(value));
		return this.made.get(name);
	}

	/* Call @each(number) for all that touch [@from, @end). */
	within(from, end, each) {
		const { lcn, end: ends } = this;
		for (let i = 0; i < lcn.length; i++)
			if (lcn[i] < end && ends[i] > from)
				each(i);
	}
}

class VolumeMap {
	constructor(theCase, files) {
		this.case = theCase;
		this.files = files;
		this.canvas = document.getElementById("map-cells");
		this.strip = document.getElementById("map-strip");
		this.colours = "state";
		this.zoom = 0;
		this.from = 0;
		this.cursor = 0;
		this.chosen = -1;
		this.stretches = new Map();
		this.controls();
	}

	controls() {
		const volume = document.getElementById("map-volume"), by = (id) => document.getElementById(id);
		offer(volume, this.case.about.volumes, (it) => "Volume " + it.id + ", " + size(it.size) + (it.past ? ", an older life" : ""));
		volume.addEventListener("change", () => this.open(Number(volume.value)));
		by("map-colours").addEventListener("change", (event) => {
			this.colours = event.target.value;
			this.draw();
		});
		by("map-in").addEventListener("click", () => this.zoomTo(this.zoom + 1));
		by("map-out").addEventListener("click", () => this.zoomTo(this.zoom - 1));
		by("map-all").addEventListener("click", () => this.zoomTo(0));
		this.canvas.addEventListener("keydown", (event) => this.key(event));
		this.canvas.addEventListener("click", (event) => this.click(event));
		this.canvas.addEventListener("dblclick", () => this.zoomTo(this.zoom + 2));
		this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
		this.canvas.addEventListener("focus", () => this.draw());
		this.canvas.addEventListener("blur", () => this.draw());
		by("map-table").addEventListener("toggle", () => this.table());
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
		matchMedia("print").addEventListener("change", () => this.draw());
		new ResizeObserver(() => this.draw()).observe(this.canvas);
	}

	async open(id) {
		const volume = this.case.volume(id), detail = await this.case.detail();
		this.volume = volume;
		document.getElementById("map-volume").value = id;
		if (!this.stretches.has(id))
			this.stretches.set(id, new Stretches(this.case, detail, volume));
		this.now = this.stretches.get(id);
		this.zoom = this.from = this.cursor = 0;
		this.draw();
		this.table();
	}

	/* -------- geometry -------- */

	layout() {
		const width = this.canvas.clientWidth;
		this.columns = Math.max(8, Math.floor(width / CELL));
		this.cells = this.columns * ROWS;
		this.fit = Math.max(1, Math.ceil(this.volume.clusters / this.cells));
		this.per = Math.max(1, Math.floor(this.fit / 2 ** this.zoom));
		const last = Math.max(0, this.volume.clusters - this.per * this.cells);
		this.from = Math.min(Math.max(0, Math.floor(this.from / this.per) * this.per), Math.ceil(last / this.per) * this.per);
		this.seen = Math.min(this.cells, Math.ceil((this.volume.clusters - this.from) / this.per));
		this.cursor = Math.min(Math.max(0, this.cursor), this.seen - 1);
	}

	zoomTo(zoom) {
		const at = this.from + this.cursor * this.per;
		this.zoom = Math.max(0, Math.min(zoom, Math.ceil(Math.log2(this.fit))));
		this.per = Math.max(1, Math.floor(this.fit / 2 ** this.zoom));
		this.from = Math.max(0, at - Math.floor(this.per * this.cells / 2));
		this.layout();
		this.cursor = Math.floor((at - this.from) / this.per);
		this.draw();
		this.say();
	}

	/* -------- drawing -------- */

	/* The highest value of the pieces in each cell that is seen. */
	cellsOf(pieces) {
		const cells = new Uint8Array(this.seen), { per, from } = this, behind = from + per * this.seen;
		let i = 0;
		for (let step = 2 ** 30; step >= 1; step /= 2) /* the first that reaches into them */
			if (pieces.end[i + step - 1] <= from)
				i += step;
		for (; i < pieces.from.length && pieces.from[i] < behind; i++) {
			const end = Math.min(this.seen, Math.ceil((pieces.end[i] - from) / per));
			for (let cell = Math.max(0, Math.floor((pieces.from[i] - from) / per)); cell < end; cell++)
				cells[cell] = Math.max(cells[cell], pieces.value[i]);
		}
		return cells;
	}

	/* Of each cell that is seen: its colour, by number, the condition or the store; if it is of a store; if it is the chosen file's. */
	paint() {
		const { now } = this, stores = this.storeOfFiles(), value = (of) => of < 0 ? 0 : stores[of];
		this.held = this.cellsOf(now.piecesBy("held", (i) => value(now.of[i]) && value(now.of[i]) <= STORE_COLOURS ? 1 : 0));
		this.mine = this.cellsOf(now.piecesBy("of " + this.chosen, (i) => this.chosen >= 0 && now.of[i] === this.chosen ? 1 : 0));
		return this.cellsOf(this.colours === "store" ? now.piecesBy("store", (i) => value(now.of[i])) : this.conditions());
	}

	conditions() {
		return this.now.piecesBy("state", (i) => this.now.state[i]);
	}

	storeOfFiles() {
		if (!this.stores) {
			const { entry, file } = this.case;
			this.stores = new Uint8Array(file.grade.length);
			for (let i = entry.file.length - 1; i >= 0; i--)
				this.stores[entry.file[i]] = entry.store[i] && !this.case.store(entry.store[i])?.orphans
					? (entry.store[i] - 1) % STORE_COLOURS + 1 : STORE_COLOURS + 1;
		}
		return this.stores;
	}

	/* A small picture of a cell: its colour, and a pattern that tells it without. */
	tile(colour, pattern, ink, scale) {
		const tile = document.createElement("canvas"), side = Math.round((CELL - 1) * scale), pen = tile.getContext("2d");
		tile.width = tile.height = side;
		pen.fillStyle = colour;
		pen.fillRect(0, 0, side, side);
		pen.strokeStyle = pen.fillStyle = ink;
		pen.lineWidth = Math.max(1, side / 7);
		pen.beginPath();
		if (pattern === "dot")
			pen.arc(side / 2, side / 2, side / 5, 0, 7);
		if (pattern === "hatch" || pattern === "cross") {
			pen.moveTo(0, side);
			pen.lineTo(side, 0);
		}
		if (pattern === "cross") {
			pen.moveTo(0, 0);
			pen.lineTo(side, side);
		}
		if (pattern === "bar") {
			pen.moveTo(0, side / 2);
			pen.lineTo(side, side / 2);
		}
		if (pattern === "dot")
			pen.fill();
		else
			pen.stroke();
		return tile;
	}

	palette() {
		const style = getComputedStyle(document.documentElement), value = (name) => style.getPropertyValue(name).trim();
		const ink = value("--pattern");
		if (this.colours === "store")
			return [[value("--cell"), ""], ...["", "hatch", "dot", "bar", "cross", ""].map((pattern, i) => [value("--s" + (i + 1)), pattern]),
				[value("--s7"), "hatch"]].map(([colour, pattern]) => ({ colour, pattern, ink }));
		return [[value("--cell"), ""], [value("--g0"), ""], [value("--g1"), ""], [value("--g2"), "dot"], [value("--g3"), "bar"],
			[value("--g4"), "hatch"], [value("--unreadable"), "cross"]].map(([colour, pattern]) => ({ colour, pattern, ink }));
	}

	draw() {
		if (!this.volume || !this.canvas.clientWidth)
			return;
		const scale = window.devicePixelRatio || 1;
		this.layout();
		const cells = this.paint(), palette = this.palette(), pen = this.canvas.getContext("2d");
		const tiles = palette.map((it) => this.tile(it.colour, it.pattern, it.ink, scale)), style = getComputedStyle(document.documentElement);
		const lines = Math.ceil(this.seen / this.columns);
		this.canvas.style.height = lines * CELL + "px";
		this.canvas.width = Math.round(this.columns * CELL * scale);
		this.canvas.height = Math.round(lines * CELL * scale);
		this.canvas.style.width = this.columns * CELL + "px";
		this.painted = cells;
		for (let i = 0; i < cells.length; i++)
			pen.drawImage(tiles[cells[i]], Math.round(i % this.columns * CELL * scale), Math.round(Math.floor(i / this.columns) * CELL * scale));
		pen.fillStyle = style.getPropertyValue("--held");
		for (let i = 0; i < cells.length; i++)
			if (this.held[i])
				pen.fillRect(i % this.columns * CELL * scale, (Math.floor(i / this.columns) * CELL + CELL - 1) * scale, (CELL - 1) * scale, scale);
		pen.strokeStyle = style.getPropertyValue("--ink");
		pen.lineWidth = 2 * scale;
		for (let i = 0; i < cells.length; i++)
			if (this.mine[i] || (i === this.cursor && document.activeElement === this.canvas))
				pen.strokeRect((i % this.columns * CELL - .5) * scale, (Math.floor(i / this.columns) * CELL - .5) * scale, CELL * scale, CELL * scale);
		this.drawStrip(scale, style);
		this.legend(palette, cells);
		this.tellUnknown();
		document.getElementById("map-range").textContent = "Clusters " + count(this.from) + " to " +
			count(Math.min(this.volume.clusters, this.from + this.per * this.seen) - 1) + ", " +
			plural(this.per, "cluster") + " (" + size(this.per * this.volume.cluster) + ") a cell";
	}

	/* All of the volume in one line, with a frame around what the map shows. */
	drawStrip(scale, style) {
		const width = this.columns * CELL, pen = this.strip.getContext("2d"), all = this.volume.clusters;
		this.strip.width = Math.round(width * scale);
		this.strip.height = Math.round(10 * scale);
		this.strip.style.width = width + "px";
		pen.fillStyle = style.getPropertyValue("--cell");
		pen.fillRect(0, 0, this.strip.width, this.strip.height);
		pen.fillStyle = style.getPropertyValue("--accent");
		pen.fillRect(this.from / all * this.strip.width, 0, Math.max(2 * scale, this.seen * this.per / all * this.strip.width), this.strip.height);
	}

	legend(palette, cells) {
		const key = document.getElementById("map-key"), used = new Set(cells);
		const labels = this.colours === "state" ? STATES.map((state) => state.label)
			: [STATES[0].label, ...Array.from({ length: STORE_COLOURS }, (_, i) => this.storesNamed(i)), "lost folders, or beside the stores"];
		const item = (picture, label, here) => {
			const element = make("li", here ? "" : "dim", picture, " " + label);
			picture.setAttribute("aria-hidden", "true");
			element.hidden = !label;
			return element;
		};
		key.replaceChildren(...palette.map((it, i) => item(this.tile(it.colour, it.pattern, it.ink, 1.6), labels[i], used.has(i))),
			item(make("span", "held"), "underlined: of a state store", this.held.includes(1)));
	}

	/* Those of a colour. */
	storesNamed(colour) {
		const ids = this.case.about.stores.filter((store) => !store.orphans && (store.id - 1) % STORE_COLOURS === colour).map((store) => store.id);
		const more = ids.length > 5 ? " and " + count(ids.length - 5) + " more" : "";
		return ids.length ? (ids.length > 1 ? "stores " : "store ") + ids.slice(0, 5).join(", ") + more : "";
	}

	/* What a reader might take the map to say, and it does not. */
	tellUnknown() {
		const unread = this.case.about.evidence.find((it) => it.id === this.volume.evidence)?.unread ?? 0, { placeless } = this.now;
		const said = ["Not known from this casebook: what lies in the cells without a file. They may be free, or hold Windows, programs and " +
			"other files, which it does not list."];
		if (unread)
			said.push(size(unread) + " of the evidence could not be read. " + (this.volume.unreadable ?
				"Places that nobody tried to read are not drawn as unreadable." :
				"Which clusters of this volume that concerns is not known, but for what lies in files listed above.") +
				" If a file lost clusters both by overwriting and as unreadable, all of them are drawn as unreadable.");
		if (this.volume.more)
			said.push("The map shows the first " + count(this.volume.unreadable.length / 2) + " unreadable places, and " + count(this.volume.more) +
				" more there are.");
		if (placeless)
			said.push("Where " + plural(placeless, "lost file") + " lay is not known.");
		document.getElementById("map-unknown").textContent = said.join(" ");
	}

	/* -------- by hand -------- */

	move(to) {
		if (to < 0 && this.from > 0)
			this.from -= this.per * this.columns;
		else if (to >= this.seen && this.from + this.per * this.seen < this.volume.clusters)
			this.from += this.per * this.columns;
		else
			this.cursor = Math.max(0, Math.min(to, this.seen - 1));
		this.draw();
		this.say();
	}

	key(event) {
		const page = this.per * this.columns * (ROWS - 2);
		const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
		if (event.altKey || event.ctrlKey || event.metaKey || !this.volume)
			return;
		if (event.key in steps)
			this.move(this.cursor + steps[event.key]);
		else if (event.key === "+" || event.key === "=")
			this.zoomTo(this.zoom + 1);
		else if (event.key === "-")
			this.zoomTo(this.zoom - 1);
		else if (event.key === "0")
			this.zoomTo(0);
		else if (event.key === "PageDown" || event.key === "PageUp") {
			this.from += event.key === "PageDown" ? page : -page;
			this.draw();
			this.say();
		} else if (event.key === "Home" || event.key === "End")
			this.move(event.key === "Home" ? 0 : this.seen - 1);
		else if (event.key === "Enter")
			this.openFile();
		else
			return;
		event.preventDefault();
	}

	cellAt(event) {
		const box = this.canvas.getBoundingClientRect();
		return Math.floor((event.clientY - box.top) / CELL) * this.columns +
			Math.min(this.columns - 1, Math.floor((event.clientX - box.left) / CELL));
	}

	click(event) {
		this.cursor = Math.max(0, Math.min(this.cellAt(event), this.seen - 1));
		this.draw();
		this.say();
	}

	wheel(event) {
		if (!event.ctrlKey)
			return; /* the page scrolls */
		event.preventDefault();
		this.cursor = Math.max(0, Math.min(this.cellAt(event), this.seen - 1));
		this.zoomTo(this.zoom + (event.deltaY < 0 ? 1 : -1));
	}

	/* What lies under the cursor: the worst state, the files, the first of them. */
	under() {
		const from = this.from + this.cursor * this.per, end = Math.min(from + this.per, this.volume.clusters), files = new Set();
		let state = 0;
		this.now.within(from, end, (i) => {
			state = Math.max(state, this.now.state[i]);
			if (this.now.of[i] >= 0)
				files.add(this.now.of[i]);
		});
		return { from, end, state, files };
	}

	nameOf(of) {
		const at = this.case.file.firstName[of];
		return this.case.texts.get(this.case.name.leaf[at]);
	}

	say() {
		const { from, end, state, files } = this.under(), says = document.getElementById("map-says");
		const where = from + 1 === end ? "Cluster " + count(from) : "Clusters " + count(from) + " to " + count(end - 1);
		says.replaceChildren(where + ", byte " + count(from * this.volume.cluster) + " of the volume: " + STATES[state].label);
		if (files.size) {
			const button = make("button", "link", named(this.nameOf(files.values().next().value)));
			button.type = "button";
			button.addEventListener("click", () => this.openFile());
			says.append("; ", button, files.size > 1 ? " and " + count(files.size - 1) + " more" : "");
		}
		if (this.volume.table >= from && this.volume.table < end)
			says.append("; the file table begins here");
	}

	openFile() {
		const { files } = this.under();
		if (files.size)
			this.files.showFile(files.values().next().value);
	}

	/* Frame a file's cells. */
	async showFile(of) {
		await this.open(this.case.file.volume[of]);
		this.chosen = of;
		const first = this.now.of.indexOf(of);
		document.getElementById("map").scrollIntoView();
		this.canvas.focus({ preventScroll: true });
		if (first >= 0) {
			this.layout();
			this.cursor = Math.floor((this.now.lcn[first] - this.from) / this.per);
			this.draw();
			this.say();
		} else {
			this.draw();
			document.getElementById("map-says").textContent = "This file has no clusters: its content lies within its record, or is not known.";
		}
	}

	/* -------- the same as a table -------- */

	table() {
		const details = document.getElementById("map-table");
		if (!details.open || !this.volume)
			return;
		const per = Math.max(1, Math.ceil(this.volume.clusters / SLICES)), sums = [], pieces = this.conditions();
		for (let from = 0; from < this.volume.clusters; from += per)
			sums.push(STATES.map(() => 0));
		for (let i = 0; i < pieces.from.length; i++)
			for (let slice = Math.floor(pieces.from[i] / per); slice * per < pieces.end[i]; slice++)
				sums[slice][pieces.value[i]] += Math.min(pieces.end[i], (slice + 1) * per) - Math.max(pieces.from[i], slice * per);
		const rows = sums.map((of, slice) => make("tr", "", make("th", "n", count(slice * per)),
			...of.slice(1).map((sum) => make("td", "n", sum ? count(sum) : "\u2013"))));
		details.querySelector("thead").replaceChildren(make("tr", "", ...["From cluster", ...STATES.slice(1).map((state) => state.label)]
			.map((label) => make("th", "n", label))));
		details.querySelector("tbody").replaceChildren(...rows);
	}
}
