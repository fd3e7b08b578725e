/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data.js - the data that the page carries: page_pack.h says how it is packed */

/* The parts of a block by their names. */
async function openBlock(id) {
	const element = document.getElementById(id);
	const packed = Uint8Array.fromBase64 ? Uint8Array.fromBase64(element.textContent)
		: Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
	const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
	const parts = new Map();
	element.remove(); /* it is not needed again, and is large */
	for (let at = 0; bytes[at];) {
		const name = String.fromCharCode(...bytes.subarray(at + 1, at + 1 + bytes[at]));
		at += 1 + bytes[at];
		const length = bytes[at] + bytes[at + 1] * 256 + bytes[at + 2] * 65536 + bytes[at + 3] * 16777216;
		parts.set(name, bytes.subarray(at + 4, at + 4 + length));
		at += 4 + length;
	}
	return parts;
}

/* A column's numbers, 64 bits each, as two halves. */
function halves(bytes) {
	let length = 0;
	for (let i = 0; i < bytes.length; i++)
		length += bytes[i] < 128 ? 1 : 0;
	const low = new Uint32Array(length), high = new Uint32Array(length);
	let lastLow = 0, lastHigh = 0;
	for (let i = 0, at = 0; i < length; i++) {
		let byte = bytes[at++], zigLow = byte & 127, zigHigh = 0;
		for (let shift = 7; byte & 128; shift += 7) {
			byte = bytes[at++];
			const seven = byte & 127;
			if (shift < 32)
				zigLow |= seven << shift;
			if (shift === 28)
				zigHigh = seven >> 4;
			else if (shift > 31)
				zigHigh |= seven << shift - 32;
		}
		let stepLow = zigLow >>> 1 | zigHigh << 31, stepHigh = zigHigh >>> 1;
		if (zigLow & 1) {
			stepLow = ~stepLow;
			stepHigh = ~stepHigh;
		}
		const sum = lastLow + (stepLow >>> 0);
		lastHigh = lastHigh + (stepHigh >>> 0) + (sum > 0xffffffff ? 1 : 0) >>> 0;
		lastLow = sum >>> 0;
		low[i] = lastLow;
		high[i] = lastHigh;
	}
	return { low, high };
}

/* Numbers below 2^32. */
function small(bytes) {
	return halves(bytes).low;
}

/* Numbers that count bytes or clusters: exact up to 2^53; NONE is all ones. */
const NONE = 2 ** 64;

function large(bytes) {
	const { low, high } = halves(bytes);
	const numbers = new Float64Array(low.length);
	for (let i = 0; i < low.length; i++)
		numbers[i] = high[i] * 4294967296 + low[i];
	return numbers;
}

/* Exact numbers, one at a time, as BigInt. */
function exact(bytes) {
	const { low, high } = halves(bytes);
	return (i) => BigInt(high[i]) << 32n | BigInt(low[i]);
}

/* Where each of several counts begins, and one behind the last. */
function starts(counts) {
	const first = new Uint32Array(counts.length + 1);
	for (let i = 0; i < counts.length; i++)
		first[i + 1] = first[i] + counts[i];
	return first;
}

/* Texts with a zero behind each. */
class Texts {
	constructor(bytes) {
		this.bytes = bytes;
		const first = [0];
		for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1))
			first.push(at + 1);
		this.first = Uint32Array.from(first);
		this.length = first.length - 1;
	}

	get(i) {
		return decodeName(this.bytes, this.first[i], this.first[i + 1] - 1);
	}

	/* If the one begins with @part, which is in lower case. */
	begins(i, part) {
		return this.folded().startsWith(part, this.firstFolded[i]);
	}

	/* All of them in one string, in lower case, for searching; made when first asked for. */
	folded() {
		if (!this.all) {
			this.all = new TextDecoder().decode(this.bytes).toLowerCase();
			this.firstFolded = new Uint32Array(this.length + 1);
			for (let i = 0, at = 0; i < this.length; i++) {
				at = this.all.indexOf("\0", at) + 1;
				this.firstFolded[i + 1] = at;
			}
		}
		return this.all;
	}

	/* A 1 for each text that has @part, which is in lower case, in it. */
	having(part) {
		const hits = new Uint8Array(this.length), all = this.folded(), first = this.firstFolded;
		for (let at = all.indexOf(part), i = 0; at >= 0; at = all.indexOf(part, first[i])) {
			let step = 1, end = this.length;
			while (i + step < this.length && first[i + step] <= at) {
				i += step;
				step *= 2;
			}
			end = Math.min(i + step, this.length);
			while (i + 1 < end) {
				const middle = i + end >> 1;
				if (first[middle] <= at)
					i = middle;
				else
					end = middle;
			}
			hits[i++] = 1;
			if (i >= this.length)
				break;
		}
		return hits;
	}
}

/* What the list and the search need; loaded at once. */
class Case {
	static async open() {
		const parts = await openBlock("data-list");
		const it = new Case();
		it.about = JSON.parse(new TextDecoder().decode(parts.get("about")));
		it.texts = new Texts(parts.get("texts"));
		it.file = {
			id: large(parts.get("file.id")), volume: small(parts.get("file.volume")), size: large(parts.get("file.size")),
			grade: small(parts.get("file.grade")), live: small(parts.get("file.live")),
			written: halves(parts.get("file.written")), firstName: starts(small(parts.get("file.names"))),
		};
		it.name = {
			store: small(parts.get("name.store")), short: small(parts.get("name.dos")),
			folder: small(parts.get("name.folder")), leaf: small(parts.get("name.leaf")),
			inside: small(parts.get("name.inside")), insideLeaf: small(parts.get("name.inside_leaf")),
		};
		for (let i = 0; i < it.name.leaf.length; i++)
			it.name.insideLeaf[i] += it.name.leaf[i];
		it.entry = {
			store: small(parts.get("entry.store")), file: small(parts.get("entry.file")),
			name: small(parts.get("entry.name")), flags: small(parts.get("entry.flags")),
		};
		it.folders = new Folders(small(parts.get("folder.parent")), small(parts.get("folder.text")), it.texts);
		it.placeEntries();
		return it;
	}

	/* Each entry's name among all, its folder and its text. */
	placeEntries() {
		const { entry, file, name } = this, length = entry.file.length;
		entry.folder = new Uint32Array(length);
		entry.leaf = new Uint32Array(length);
		for (let i = 0; i < length; i++) {
			const at = file.firstName[entry.file[i]] + entry.name[i];
			const inside = entry.store[i] && name.inside[at];
			entry.name[i] = at;
			entry.folder[i] = inside || name.folder[at];
			entry.leaf[i] = inside ? name.insideLeaf[at] : name.leaf[at];
			this.folders.files[entry.folder[i]]++;
		}
		this.folders.sum();
	}

	/* What one file and the map need; loaded when first asked for. */
	detail() {
		this.details ??= openBlock("data-detail").then((parts) => new Detail(parts));
		return this.details;
	}

	digests() {
		this.sums ??= openBlock("data-digests").then((parts) => parts.get("digests"));
		return this.sums;
	}

	written(file) {
		const { low, high } = this.file.written;
		return BigInt(high[file]) << 32n | BigInt(low[file]);
	}

	store(id) {
		this.storesById ??= new Map(this.about.stores.map((store) => [store.id, store]));
		return this.storesById.get(id);
	}

	volume(id) {
		this.volumesById ??= new Map(this.about.volumes.map((volume) => [volume.id, volume]));
		return this.volumesById.get(id);
	}
}

/* Numbered from 1 in the order of a tree that is open everywhere; 0 is none. */
class Folders {
	constructor(parent, text, texts) {
		this.length = parent.length + 1;
		this.parent = new Uint32Array(this.length);
		this.text = new Uint32Array(this.length);
		this.parent.set(parent, 1);
		this.text.set(text, 1);
		this.texts = texts;
		this.files = new Uint32Array(this.length); /* entries below it */
		this.end = new Uint32Array(this.length);   /* behind all that is below it */
	}

	sum() {
		for (let i = 1; i < this.length; i++)
			this.end[i] = i + 1;
		for (let i = this.length - 1; i > 0; i--) {
			const parent = this.parent[i];
			if (!parent)
				continue;
			this.files[parent] += this.files[i];
			this.end[parent] = Math.max(this.end[parent], this.end[i]);
		}
	}

	name(folder) {
		return this.texts.get(this.text[folder]);
	}

	/* With backslashes, without the root. */
	path(folder) {
		const parts = [];
		for (; folder && this.parent[folder]; folder = this.parent[folder])
			parts.push(this.name(folder));
		return parts.reverse().join("\\");
	}

	/* Those with files below them. */
	* children(folder) {
		for (let child = folder + 1; child < this.end[folder]; child = this.end[child])
			if (this.files[child])
				yield child;
	}

	/* All paths, in lower case, for searching. */
	folded() {
		if (!this.paths) {
			this.paths = [""];
			for (let i = 1; i < this.length; i++)
				this.paths.push(this.parent[i] ? this.paths[this.parent[i]] + "\\" + this.name(i).toLowerCase() : "");
		}
		return this.paths;
	}
}

/* Names' proofs, streams, runs, what is missing, facts. */
class Detail {
	constructor(parts) {
		const part = (name) => parts.get(name);
		this.texts = new Texts(part("texts"));
		this.file = {
			record: large(part("file.record")), sequence: small(part("file.sequence")), created: exact(part("file.created")),
			changed: exact(part("file.changed")), accessed: exact(part("file.accessed")),
			attributes: small(part("file.attributes")), known: small(part("file.known")), links: small(part("file.links")),
			reasons: small(part("file.reasons")), firstStream: starts(small(part("file.streams"))),
		};
		this.name = {
			proof: small(part("name.proof")), live: small(part("name.live")), parent: exact(part("name.parent")),
			source: small(part("name.source")), offset: large(part("name.offset")), moment: exact(part("name.moment")),
		};
		this.stream = {
			type: small(part("stream.type")), name: small(part("stream.name")), flags: small(part("stream.flags")),
			size: large(part("stream.size")), allocated: large(part("stream.allocated")),
			resident: small(part("stream.resident")), grade: small(part("stream.grade")),
			reasons: small(part("stream.reasons")), firstRun: starts(small(part("stream.runs"))),
			firstMissing: starts(small(part("stream.missing"))), firstDigest: starts(small(part("stream.digest"))),
		};
		this.run = { vcn: large(part("run.vcn")), lcn: large(part("run.lcn")), length: large(part("run.length")) };
		this.missing = { start: large(part("missing.start")), length: large(part("missing.length")) };
		this.fact = {
			file: small(part("fact.file")), name: small(part("fact.name")), parent: exact(part("fact.parent")),
			source: small(part("fact.source")), verdict: small(part("fact.verdict")), flags: small(part("fact.flags")),
			offset: large(part("fact.offset")), moment: exact(part("fact.moment")), time: exact(part("fact.time")),
		};
	}
}
