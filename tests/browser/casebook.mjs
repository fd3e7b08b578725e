// SPDX-License-Identifier: GPL-3.0-or-later
// casebook.mjs - what a casebook says, asked of sqlite3 alone: what the page is held against
import { execFileSync } from "node:child_process";

export class Casebook {
	constructor(path) {
		this.path = path;
	}

	rows(sql) {
		const text = execFileSync("sqlite3", ["-readonly", "-json", this.path, sql], { maxBuffer: 1 << 30 }).toString();
		return text.trim() ? JSON.parse(text) : [];
	}

	value(sql) {
		const row = this.rows(sql)[0];
		return row && Object.values(row)[0];
	}

	// each file of each store, as the list should have it: once a store
	entries(where = "1") {
		return this.value(`SELECT count(*) FROM store_file m JOIN file f ON f.id=m.file WHERE NOT f.directory AND ${where}`);
	}

	numbers(hex, width) {
		const bytes = Buffer.from(hex ?? "", "hex"), list = [];
		for (let at = 0; at < bytes.length; at += 8 * width)
			list.push(Array.from({ length: width }, (_, i) => bytes.readBigUInt64LE(at + 8 * i)));
		return list;
	}

	// the state of every cluster of a volume, one by one: 0 none, 1 verified ... 4 rest of a partial file, 5 gone, 6 unreadable
	clusters(volume) {
		const { cluster_bytes: cluster, clusters, offset_bytes: first, evidence } =
			this.rows(`SELECT cluster_bytes, clusters, offset_bytes, evidence FROM volume WHERE id=${volume}`)[0];
		const states = new Uint8Array(clusters);
		const worse = (lcn, state) => {
			if (lcn < clusters && states[lcn] < state)
				states[lcn] = state;
		};
		for (const row of this.rows("SELECT s.grade, s.reasons, hex(s.runs) AS runs, hex(s.missing) AS missing FROM stream s" +
			` JOIN file f ON f.id=s.file WHERE f.volume=${volume} AND NOT f.directory AND s.runs IS NOT NULL`)) {
			const gone = row.reasons & 0x100 ? 6 : 5, missing = this.numbers(row.missing, 2).map(([start, length]) => [Number(start), Number(length)]);
			for (const [vcn, lcn, length] of this.numbers(row.runs, 3)) {
				if (lcn >= 1n << 63n)
					continue;
				for (let i = 0; i < Number(length); i++) {
					const from = (Number(vcn) + i) * cluster, end = from + cluster;
					const lost = missing.some(([start, bytes]) => start < end && start + bytes > from) || (row.grade === 4 && !missing.length);
					worse(Number(lcn) + i, lost ? gone : Math.min(row.grade, 3) + 1);
				}
			}
		}
		for (const { start, length } of this.rows(`SELECT start, length FROM unreadable WHERE evidence=${evidence}`))
			for (let byte = Math.max(start - first, 0); byte < start + length - first; byte += cluster - byte % cluster)
				worse(Math.floor(byte / cluster), 6);
		return states;
	}
}
