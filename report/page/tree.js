/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.js - the folders: those that are open, in a list of rows */

class Tree {
	/* @chosen(folder, label) is called with 0 for all files */
	constructor(box, theCase, chosen) {
		this.case = theCase;
		this.chosen = chosen;
		this.open = new Set();
		this.selected = 0;
		this.rows = new Rows(box, 26, {
			role: "treeitem",
			draw: (row, index) => this.draw(row, this.seen[index]),
			chosen: (index, event) => this.choose(index, event),
			key: (event, index) => this.key(event, index),
			begins: (index, text) => visible(this.name(this.seen[index].folder)).toLowerCase().startsWith(text),
		});
		this.roots = theCase.about.roots.filter((root) => theCase.folders.files[root.folder])
			.sort((a, b) => (a.store || Infinity) - (b.store || Infinity) || a.volume - b.volume);
		this.rootOf = new Map(this.roots.map((root) => [root.folder, root]));
		if (this.roots.length === 1)
			this.open.add(this.roots[0].folder);
		this.update(0);
	}

	rootName(folder) {
		const root = this.rootOf.get(folder);
		if (!root.store)
			return "Beside the stores, volume " + root.volume;
		return this.case.store(root.store)?.orphans ? "Store " + root.store + ": lost folders" : "Store " + root.store;
	}

	name(folder) {
		if (!folder)
			return "All files";
		return this.case.folders.parent[folder] ? this.case.folders.name(folder) : this.rootName(folder);
	}

	/* Rows seen: folder, depth, and its place among its @of siblings; all files stand beside the roots. */
	update(active) {
		const seen = [], { folders } = this.case, todo = [];
		const put = (list, depth) => { /* one by one: a call takes some ten thousand arguments */
			for (let i = list.length - 1; i >= 0; i--)
				todo.push({ folder: list[i], depth, place: i + 1, of: list.length });
		};
		put([0, ...this.roots.map((root) => root.folder)], 0);
		while (todo.length) {
			const it = todo.pop();
			seen.push(it);
			if (this.open.has(it.folder))
				put([...folders.children(it.folder)], it.depth + 1);
		}
		this.seen = seen;
		this.rows.show(seen.length, active, true);
	}

	hasChildren(folder) {
		return folder !== 0 && !this.case.folders.children(folder).next().done;
	}

	draw(row, { folder, depth, place, of }) {
		const opens = this.hasChildren(folder), twist = make("span", "twist");
		twist.textContent = opens ? (this.open.has(folder) ? "▾" : "▸") : "";
		row.style.paddingInlineStart = Math.min(depth, 12) * 14 + 4 + "px";
		row.setAttribute("aria-level", depth + 1);
		row.setAttribute("aria-posinset", place);
		row.setAttribute("aria-setsize", of);
		row.setAttribute("aria-selected", folder === this.selected);
		if (opens)
			row.setAttribute("aria-expanded", this.open.has(folder));
		const files = folder ? this.case.folders.files[folder] : this.case.entry.file.length;
		const name = named(this.name(folder));
		row.title = visible(this.name(folder));
		row.setAttribute("aria-label", visible(this.name(folder)) + ", " + plural(files, "file"));
		row.append(twist, name, make("span", "n dim", count(files)));
	}

	toggle(index) {
		const { folder } = this.seen[index];
		if (!this.open.delete(folder))
			this.open.add(folder);
		this.update(index);
	}

	choose(index, event) {
		const { folder } = this.seen[index];
		if (event.target.classList?.contains("twist") && this.hasChildren(folder))
			return this.toggle(index);
		this.select(folder, index);
	}

	select(folder, index) {
		this.selected = folder;
		this.rows.show(this.seen.length, index, true);
		this.chosen(folder);
	}

	/* As trees are moved in everywhere. */
	key(event, index) {
		const { folder, depth } = this.seen[index], opens = this.hasChildren(folder);
		if (event.key === "ArrowRight") {
			if (opens && !this.open.has(folder))
				this.toggle(index);
			else if (opens)
				this.rows.move(index + 1);
		} else if (event.key === "ArrowLeft") {
			if (opens && this.open.has(folder))
				this.toggle(index);
			else if (depth > 0)
				this.rows.move(this.above(index));
		} else if (event.key === "*") {
			this.openBeside(index);
		} else {
			return false;
		}
		return true;
	}

	/* The row of the folder around it. */
	above(index) {
		const { depth } = this.seen[index];
		while (this.seen[index].depth >= depth)
			index--;
		return index;
	}

	/* Open all that stand beside it. */
	openBeside(index) {
		const { folder, depth } = this.seen[index], first = depth ? this.above(index) + 1 : 0;
		for (let i = first; i < this.seen.length && this.seen[i].depth >= depth; i++)
			if (this.seen[i].depth === depth && this.hasChildren(this.seen[i].folder))
				this.open.add(this.seen[i].folder);
		this.update(0);
		this.rows.move(this.seen.findIndex((it) => it.folder === folder));
	}

	/* Open the way to a folder and select it, without telling. */
	reveal(folder) {
		for (let up = this.case.folders.parent[folder]; up; up = this.case.folders.parent[up])
			this.open.add(up);
		this.selected = folder;
		this.update(0);
		this.rows.move(Math.max(0, this.seen.findIndex((it) => it.folder === folder)));
	}
}
