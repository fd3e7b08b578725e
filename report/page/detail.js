/* SPDX-License-Identifier: GPL-3.0-or-later */
/* detail.js - all that is known of one file */

const RUNS_SHOWN = 200;
const ATTRIBUTES = ["read-only", "hidden", "system", , "directory", "archive", , "normal", "temporary", "sparse", "reparse point", "compressed",
	"offline", "not indexed", "encrypted"];
const FACT_FLAGS = ["found by its looks", "renamed since", "link removed since", "a directory", "torn"];
const TYPES = { 0x10: "Standard information", 0x40: "Object identifier", 0x50: "Security descriptor", 0x80: "Content", 0x90: "Index root",
	0xa0: "Index", 0xb0: "Bitmap", 0xc0: "Reparse point", 0xd0: "Extended attribute information", 0xe0: "Extended attributes", 0x100: "Logged utility stream" };
const DATA = 0x80;
const FORMS = [[0x4000, "encrypted"], [0x8000, "sparse"], [0x00ff, "compressed"]];

class FileDetail {
	constructor(box, theCase) {
		this.box = box;
		this.case = theCase;
		this.shown = false;
		this.file = -1;
		box.addEventListener("keydown", (event) => {
			if (event.key === "Escape")
				this.close();
		});
	}

	/* Go there, as one does who moves by keys. */
	enter() {
		this.box.scrollIntoView({ block: "nearest" });
		this.box.focus({ preventScroll: true });
	}

	close() {
		this.shown = false;
		this.box.hidden = true;
		document.getElementById("list").focus();
	}

	async show(at) {
		const of = this.case.entry.file[at];
		this.shown = true;
		this.file = of;
		const detail = await this.case.detail();
		if (this.file !== of)
			return; /* another one was asked for meanwhile */
		this.d = detail;
		this.box.replaceChildren(this.head(at, of), this.facts(of), this.names(of), await this.contents(of), this.sayings(of));
		this.box.hidden = false;
	}

	/* -------- parts -------- */

	head(at, of) {
		const { about, file, entry, texts, folders } = this.case, grade = file.grade[of];
		const close = make("button", "close", "Close"), place = make("button", "", "Show on the map");
		close.type = place.type = "button";
		close.addEventListener("click", () => this.close());
		place.addEventListener("click", () => this.onMap?.(of));
		const why = this.reasons(this.d.file.reasons[of]);
		const head = make("header", "", make("h3", "", named(texts.get(entry.leaf[at]))),
			make("p", "path dim", named(folders.path(entry.folder[at]))),
			make("p", "", mark(grade), " ", make("b", "", about.grades[grade]), ": " + about.meanings[grade]));
		if (why.length && grade > 1)
			head.append(make("ul", "why", ...why.map((text) => make("li", "", text))));
		head.append(make("p", "tools", place, close));
		return head;
	}

	reasons(bits) {
		return this.case.about.reasons.filter((text, i) => text && bits >>> i & 1).map((text) => text[0].toUpperCase() + text.slice(1) + ".");
	}

	term(word, ...values) {
		return make("div", "", make("dt", "", word), make("dd", "", ...values));
	}

	facts(of) {
		const { file } = this.case, d = this.d.file, list = make("dl", "custody");
		list.append(this.term("Size", count(file.size[of]) + " bytes"),
			this.term("Record", count(d.record[of]) + ", sequence " + d.sequence[of] + ", volume " + file.volume[of] +
				(file.live[of] ? ", in use" : ", deleted")));
		if (d.known[of]) {
			list.append(this.term("Written", time(this.case.written(of), true)), this.term("Created", time(d.created(of), true)),
				this.term("Record changed", time(d.changed(of), true)), this.term("Read", time(d.accessed(of), true)));
			const words = ATTRIBUTES.filter((word, i) => word && d.attributes[of] >>> i & 1);
			list.append(this.term("Attributes", words.join(", ") || "none"));
		} else {
			list.append(this.term("Times", "not known: the record does not have them any more"));
		}
		return list;
	}

	table(caption, heads, rows) {
		const table = make("table", heads.every((head) => head[0] === "#") ? "narrow" : "", make("caption", "", caption));
		table.append(make("thead", "", make("tr", "", ...heads.map((head) => {
			const cell = make("th", head[0] === "#" ? "n" : "", head.replace("#", ""));
			cell.scope = "col";
			return cell;
		}))));
		table.append(make("tbody", "", ...rows.map((row) => make("tr", "",
			...row.map((cell, i) => make("td", heads[i][0] === "#" ? "n" : "", cell))))));
		return make("div", "scroll", table);
	}

	offset(bytes) {
		return bytes >= 2 ** 63 ? "follows from others" : count(bytes);
	}

	names(of) {
		const { file, name, texts, folders, about } = this.case, d = this.d.name, rows = [];
		for (let i = file.firstName[of]; i < file.firstName[of + 1]; i++) {
			const notes = [about.proofs[d.proof[i]]];
			if (name.short[i])
				notes.push("8.3 alias");
			if (!d.live[i])
				notes.push("deleted");
			rows.push([named("\\" + [folders.path(name.folder[i]), texts.get(name.leaf[i])].filter((part) => part).join("\\")),
				name.store[i] ? "store " + name.store[i] : "outside", notes.join(", "), about.sources[d.source[i]],
				this.offset(d.offset[i])]);
		}
		return this.table(rows.length === 1 ? "Its name" : "Its " + rows.length + " names",
			["Name on the volume", "Where", "Proof", "Said by", "#At byte"], rows);
	}

	/* -------- contents -------- */

	form(i) {
		const flags = this.d.stream.flags[i], words = FORMS.filter(([bit]) => flags & bit).map(([, word]) => word);
		if (this.d.stream.resident[i])
			words.push("within the record");
		return words.join(", ");
	}

	async digest(i) {
		const { firstDigest } = this.d.stream;
		if (firstDigest[i] === firstDigest[i + 1])
			return "";
		const bytes = (await this.case.digests()).subarray(firstDigest[i] * 32, firstDigest[i] * 32 + 32);
		return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
	}

	runs(i) {
		const { firstRun } = this.d.stream, { vcn, lcn, length } = this.d.run, rows = [];
		const end = Math.min(firstRun[i + 1], firstRun[i] + RUNS_SHOWN);
		for (let at = firstRun[i]; at < end; at++)
			rows.push([count(vcn[at]), lcn[at] >= 2 ** 63 ? "hole" : count(lcn[at]), count(length[at])]);
		const left = firstRun[i + 1] - end;
		return this.table(plural(firstRun[i + 1] - firstRun[i], "run") + " of clusters" + (left ? ", the first " + RUNS_SHOWN : ""),
			["#In the file", "#On the volume", "#Clusters"], rows);
	}

	missing(i) {
		const { firstMissing } = this.d.stream, { start, length } = this.d.missing, rows = [];
		const end = Math.min(firstMissing[i + 1], firstMissing[i] + RUNS_SHOWN);
		for (let at = firstMissing[i]; at < end; at++)
			rows.push([count(start[at]), count(start[at] + length[at] - 1), size(length[at])]);
		return this.table("Missing: " + plural(firstMissing[i + 1] - firstMissing[i], "range"),
			["#From byte", "#To byte", "#Length"], rows);
	}

	async contents(of) {
		const { firstStream } = this.d.file, { stream } = this.d, box = make("div", "streams");
		const all = Array.from({ length: firstStream[of + 1] - firstStream[of] }, (_, i) => firstStream[of] + i);
		for (const i of all.sort((a, b) => (stream.type[a] !== DATA) - (stream.type[b] !== DATA) || a - b)) {
			const label = this.d.texts.get(stream.name[i]), list = make("dl", "custody");
			const type = TYPES[stream.type[i]] ?? "Attribute 0x" + stream.type[i].toString(16);
			box.append(make("h4", "", ...(label ? [stream.type[i] === DATA ? "Stream " : type + " ", named(label)] : [type])));
			list.append(this.term("Size", count(stream.size[i]) + " bytes" + (this.form(i) ? ", " + this.form(i) : "")),
				this.term("Grade", mark(stream.grade[i]), " " + this.case.about.grades[stream.grade[i]]));
			const sum = await this.digest(i);
			if (sum)
				list.append(this.term("SHA-256 when it was captured", make("code", "hash", sum)));
			box.append(list);
			if (stream.firstMissing[i] < stream.firstMissing[i + 1])
				box.append(this.missing(i));
			if (stream.firstRun[i] < stream.firstRun[i + 1])
				box.append(this.runs(i));
		}
		if (firstStream[of] === firstStream[of + 1])
			box.append(make("p", "dim", "No content is known."));
		return box;
	}

	/* -------- what else speaks of it -------- */

	sayings(of) {
		const { fact, texts } = this.d, { about } = this.case, rows = [];
		for (let i = fact.file.indexOf(of); i >= 0 && rows.length < RUNS_SHOWN; i = fact.file.indexOf(of, i + 1)) {
			const notes = [visible(texts.get(fact.verdict[i])), ...FACT_FLAGS.filter((_, bit) => fact.flags[i] >>> bit & 1)];
			const parent = fact.parent(i);
			rows.push([named(texts.get(fact.name[i])), "record " + count(parent & 0xffffffffffffn) + ", sequence " + (parent >> 48n),
				about.sources[fact.source[i]], notes.join(", "), this.offset(fact.offset[i]), time(fact.time(i))]);
		}
		if (!rows.length)
			return make("p", "dim", "Nothing else speaks of it than its record.");
		return this.table("What else speaks of it", ["Name", "Its folder", "Said by", "Verdict", "#At byte", "Time"], rows);
	}
}
