/* SPDX-License-Identifier: GPL-3.0-or-later */
/* detail.js - all that is known of one file */

const ROWS_SHOWN = 200, STREAMS_SHOWN = 50; /* of a table, of a file */
const ROWS_IN_ALL = 4000, ROWS_LEAST = 5; /* of a file; of a table still when those are used up */
const ALL_NAMES = "holdfast report --format csv", ALL_STREAMS = "holdfast report --format dfxml", ALL_FACTS = "sqlite3 CASE 'SELECT * FROM fact'";
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
		this.room = ROWS_IN_ALL;
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

	/* How many more there are than the @shown ones, and what tells all of them. */
	rest(all, shown, where) {
		const element = make("p", "dim", "And " + count(all - shown) + " more. All of them: ", make("code", "", where));
		element.hidden = all <= shown;
		return element;
	}

	/* A table of the numbers from @first to before @end, of which @row makes a row each; @where has all of them. */
	list(caption, heads, first, end, row, where) {
		const all = end - first, shown = Math.min(all, ROWS_SHOWN, Math.max(this.room, ROWS_LEAST));
		const rows = Array.from({ length: shown }, (_, i) => row(first + i));
		const table = this.table(caption + (shown < all ? ", the first " + shown : ""), heads, rows);
		this.room -= shown;
		table.append(this.rest(all, shown, where));
		return table;
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
		const { file, name, texts, folders, about } = this.case, d = this.d.name;
		const first = file.firstName[of], end = file.firstName[of + 1];
		return this.list(end - first === 1 ? "Its name" : "Its " + count(end - first) + " names",
			["Name on the volume", "Where", "Proof", "Said by", "#At byte"], first, end, (i) => {
				const notes = [about.proofs[d.proof[i]]];
				if (name.short[i])
					notes.push("8.3 alias");
				if (!d.live[i])
					notes.push("deleted");
				return [named("\\" + [folders.path(name.folder[i]), texts.get(name.leaf[i])].filter((part) => part).join("\\")),
					name.store[i] ? "store " + name.store[i] : "outside", notes.join(", "), about.sources[d.source[i]],
					this.offset(d.offset[i])];
			}, ALL_NAMES);
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
		const { firstRun } = this.d.stream, { vcn, lcn, length } = this.d.run, first = firstRun[i], end = firstRun[i + 1];
		return this.list(plural(end - first, "run") + " of clusters", ["#In the file", "#On the volume", "#Clusters"], first, end,
			(at) => [count(vcn[at]), lcn[at] >= 2 ** 63 ? "hole" : count(lcn[at]), count(length[at])], ALL_STREAMS);
	}

	missing(i) {
		const { firstMissing } = this.d.stream, { start, length } = this.d.missing, first = firstMissing[i], end = firstMissing[i + 1];
		return this.list("Missing: " + plural(end - first, "range"), ["#From byte", "#To byte", "#Length"], first, end,
			(at) => [count(start[at]), count(start[at] + length[at] - 1), size(length[at])], ALL_STREAMS);
	}

	async contents(of) {
		const { firstStream } = this.d.file, { stream } = this.d, box = make("div", "streams");
		const all = Array.from({ length: firstStream[of + 1] - firstStream[of] }, (_, i) => firstStream[of] + i)
			.sort((a, b) => (stream.type[a] !== DATA) - (stream.type[b] !== DATA) || a - b);
		for (const i of all.slice(0, STREAMS_SHOWN)) {
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
		box.append(this.rest(all.length, STREAMS_SHOWN, ALL_STREAMS));
		if (!all.length)
			box.append(make("p", "dim", "No content is known."));
		return box;
	}

	/* -------- what else speaks of it -------- */

	sayings(of) {
		const { fact, texts } = this.d, { about } = this.case, all = [];
		for (let i = fact.file.indexOf(of); i >= 0; i = fact.file.indexOf(of, i + 1))
			all.push(i);
		if (!all.length)
			return make("p", "dim", "Nothing but its own record speaks of it.");
		return this.list("What else speaks of it", ["Name", "Its folder", "Said by", "Verdict", "#At byte", "Time"], 0, all.length, (at) => {
			const i = all[at], parent = fact.parent(i);
			const notes = [visible(texts.get(fact.verdict[i])), ...FACT_FLAGS.filter((_, bit) => fact.flags[i] >>> bit & 1)];
			return [named(texts.get(fact.name[i])), "record " + count(parent & 0xffffffffffffn) + ", sequence " + (parent >> 48n),
				about.sources[fact.source[i]], notes.join(", "), this.offset(fact.offset[i]), time(fact.time(i))];
		}, ALL_FACTS);
	}
}
