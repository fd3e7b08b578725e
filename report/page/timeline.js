/* SPDX-License-Identifier: GPL-3.0-or-later */
/* timeline.js - the events of the table as a picture: a lane for each part of a refresh */

const LANES = ["Sequence", "Capture", "Wipe", "New system", "Restore", "Deletion", "By the disk"];
const LANE = 40, LEFT = 96, AXIS = 30;
const STEPS = [.001, .01, .1, 1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 2592000, 7776000, 31557600, 157788000, 315576000];

class Timeline {
	constructor(table, view) {
		this.view = view;
		this.says = document.getElementById("timeline-says");
		this.events = [...table.tBodies[0].rows].filter((row) => row.dataset.time).map((row) => ({
			row, time: Number(row.dataset.time), lane: Number(row.dataset.lane), part: row.dataset.part,
			failed: "failed" in row.dataset, loss: "loss" in row.dataset,
			label: row.cells[1].firstChild.textContent.trim(), text: [...row.cells].map((cell) => cell.textContent.trim()).filter((text) => text).join(", "),
		})).sort((a, b) => a.time - b.time);
		this.lanes = [...new Set(this.events.map((event) => event.lane))].sort((a, b) => a - b);
		this.active = -1;
		this.svg = shape("svg", { role: "application", "aria-roledescription": "timeline", tabindex: 0 });
		this.svg.setAttribute("aria-label", "Timeline of " + plural(this.events.length, "event") +
			". Left and right go from event to event, + and − zoom, 0 shows all.");
		this.svg.addEventListener("keydown", (event) => this.key(event));
		this.svg.addEventListener("pointerdown", (event) => this.drag(event));
		this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
		view.append(this.svg);
		this.tools();
		this.pairs = this.pair();
		this.loss();
		new ResizeObserver(() => this.draw()).observe(view);
	}

	tools() {
		const tool = (label, text, act) => {
			const button = make("button", "", text);
			button.type = "button";
			button.setAttribute("aria-label", label);
			button.addEventListener("click", act);
			return button;
		};
		document.getElementById("timeline-tools").append(tool("Zoom in", "+", () => this.zoom(.5)), tool("Zoom out", "−", () => this.zoom(2)),
			tool("Earlier", "←", () => this.pan(-.5)), tool("Later", "→", () => this.pan(.5)),
			...this.events.some((event) => event.loss) ? [tool("Show the loss", "The loss", () => this.loss())] : [],
			tool("Show all events", "All", () => this.all()));
	}

	/* What began and what ended it, in one lane. */
	pair() {
		const open = new Map(), pairs = [];
		for (const event of this.events) {
			if (event.part === "began")
				open.set(event.lane, event);
			else if (event.part === "ended" && open.has(event.lane)) {
				pairs.push({ began: open.get(event.lane), ended: event });
				open.delete(event.lane);
			}
		}
		return pairs;
	}

	/* -------- what is seen -------- */

	show(from, end) {
		const room = Math.max((end - from) * .06, .0005);
		this.from = from - room;
		this.end = end + room;
		this.draw();
	}

	all() {
		if (this.events.length)
			this.show(this.events[0].time, this.events[this.events.length - 1].time);
	}

	/* The days around the loss. */
	loss() {
		const loss = this.events.find((event) => event.loss);
		const near = loss && this.events.filter((event) => Math.abs(event.time - loss.time) < 2 * 86400);
		if (near?.length > 1)
			this.show(near[0].time, near[near.length - 1].time);
		else
			this.all();
	}

	zoom(factor) {
		const middle = this.events[this.active]?.time ?? (this.from + this.end) / 2, half = Math.max((this.end - this.from) * factor / 2, .0005);
		this.from = middle - half;
		this.end = middle + half;
		this.draw();
	}

	pan(part) {
		const by = (this.end - this.from) * part;
		this.from += by;
		this.end += by;
		this.draw();
	}

	x(time) {
		return LEFT + (time - this.from) / (this.end - this.from) * (this.width - LEFT - 12);
	}

	y(lane) {
		return this.lanes.indexOf(lane) * LANE + LANE / 2;
	}

	/* A century beyond the events there is nothing to see. */
	within() {
		const first = this.events[0].time - 3e9, last = this.events[this.events.length - 1].time + 3e9;
		this.from = Math.max(first, Math.min(this.from, last - .001));
		this.end = Math.min(last, Math.max(this.end, this.from + .001));
	}

	/* -------- drawing -------- */

	stamp(seconds, step) {
		const text = new Date(Math.max(-6e12, Math.min(seconds, 6e12)) * 1000).toISOString();
		if (step >= 86400)
			return text.slice(0, 10);
		return step >= 60 ? text.slice(5, 16).replace("T", " ") : text.slice(11, step >= 1 ? 19 : 23);
	}

	/* "2026-11-23 18:36:44 to 18:36:48", or days. */
	range() {
		const step = this.end - this.from > 3 * 86400 ? 86400 : 1, [from, end] = [this.from, this.end].map((it) => this.stamp(it, 86400));
		if (step === 86400)
			return from + " to " + end;
		return from + " " + this.stamp(this.from, 1) + " to " + (end === from ? "" : end + " ") + this.stamp(this.end, 1);
	}

	axis(height) {
		const span = this.end - this.from, least = span / Math.max(2, (this.width - LEFT) / 110);
		const step = STEPS.find((it) => it >= least) ?? STEPS[STEPS.length - 1], group = shape("g", { class: "axis" });
		for (let at = Math.ceil(this.from / step) * step, n = 0; at < this.end && n < 50; at += step, n++) {
			const text = shape("text", { x: this.x(at), y: height + 20, "text-anchor": "middle" });
			text.textContent = this.stamp(at, step);
			group.append(shape("line", { x1: this.x(at), x2: this.x(at), y1: 0, y2: height }), text);
		}
		return group;
	}

	draw() {
		this.width = this.view.clientWidth;
		if (!this.width || !this.events.length)
			return;
		this.within();
		const height = this.lanes.length * LANE, { svg } = this;
		svg.setAttribute("viewBox", `0 0 ${this.width} ${height + AXIS}`);
		svg.setAttribute("height", height + AXIS);
		const clip = shape("clipPath", { id: "timeline-clip" }), inside = shape("g", { "clip-path": "url(#timeline-clip)" });
		clip.append(shape("rect", { x: LEFT, y: 0, width: Math.max(0, this.width - LEFT), height: height + AXIS }));
		svg.replaceChildren(clip);
		for (const lane of this.lanes) {
			const label = shape("text", { x: 0, y: this.y(lane) + 4, class: "lane" });
			label.textContent = LANES[lane];
			svg.append(shape("line", { class: "rule", x1: LEFT, x2: this.width, y1: this.y(lane), y2: this.y(lane) }), label);
		}
		inside.append(this.axis(height));
		for (const { began, ended } of this.pairs)
			inside.append(shape("rect", { class: ended.failed ? "span failed" : "span", x: this.x(began.time), y: this.y(began.lane) - 7,
				width: Math.max(2, this.x(ended.time) - this.x(began.time)), height: 14, rx: 3 }));
		for (const lane of this.lanes)
			this.drawLane(inside, lane, height);
		svg.append(inside);
		document.getElementById("timeline-range").textContent = this.range();
	}

	/* Events that would hide one another become one mark with their number. */
	drawLane(inside, lane, height) {
		const groups = [];
		this.events.forEach((event, i) => {
			if (event.lane !== lane)
				return;
			const x = this.x(event.time), last = groups[groups.length - 1];
			if (last && x - last.x < 12)
				last.events.push(i);
			else
				groups.push({ x, events: [i] });
		});
		let taken = LEFT; /* by labels and marks, from the left */
		groups.forEach((group, n) => {
			taken = this.drawGroup(inside, group, taken, groups[n + 1]?.x ?? Infinity, this.y(lane), height);
		});
	}

	/* Draw one, with its label where there is room; returns where the room begins for the next. */
	drawGroup(inside, { x, events }, taken, next, y, height) {
		const some = events.map((i) => this.events[i]), failed = some.some((event) => event.failed), loss = some.some((event) => event.loss);
		const lead = some.find((event) => event.failed) ?? some.find((event) => event.loss) ?? some[0];
		const group = shape("g", { class: "event" + (failed ? " failed" : "") + (loss ? " loss" : "") + (events.includes(this.active) ? " active" : "") });
		if (x < LEFT - 20 || x > this.width + 20)
			return taken;
		if (loss)
			group.append(shape("line", { x1: x, x2: x, y1: 0, y2: height }));
		group.append(failed ? shape("path", { d: `M${x} ${y - 8}l8 8l-8 8l-8 -8z` }) : shape("circle", { cx: x, cy: y, r: 5.5 }));
		let end = x + 10;
		for (const label of this.labelsOf(lead)) {
			const words = label + (events.length > 1 ? ` +${events.length - 1}` : ""), wide = words.length * 6.8 + 18;
			const left = x + wide > this.width, text = shape("text", { x: left ? x - 11 : x + 11, y: y + 4, "text-anchor": left ? "end" : "start" });
			if (!events.includes(this.active) && (left ? x - taken < wide : next - x < wide))
				continue;
			text.textContent = words;
			group.append(text);
			end = left ? end : x + wide;
			break;
		}
		const title = shape("title", {});
		title.textContent = some.map((event) => event.text).join("\n");
		group.append(title);
		group.dataset.event = events[0];
		inside.append(group);
		return end;
	}

	/* The longest first. */
	labelsOf(event) {
		const what = visible(event.row.cells[2].textContent.trim()), label = event.failed ? event.label.replace("ended", "failed") : event.label;
		return event.failed && what ? [label + ": " + (what.length > 34 ? what.slice(0, 33) + "…" : what), label] : [label];
	}

	/* -------- by hand -------- */

	choose(i) {
		const event = this.events[i];
		if (!event)
			return;
		this.active = i;
		if (event.time <= this.from || event.time >= this.end) {
			const half = (this.end - this.from) / 2;
			this.from = event.time - half;
			this.end = event.time + half;
		}
		this.draw();
		this.says.textContent = event.text;
	}

	key(event) {
		const last = this.events.length - 1;
		const to = { ArrowRight: this.active + 1, ArrowLeft: this.active - 1, Home: 0, End: last };
		if (event.altKey || event.ctrlKey || event.metaKey)
			return;
		if (event.key in to)
			this.choose(Math.max(0, Math.min(to[event.key], last)));
		else if (event.key === "+" || event.key === "=")
			this.zoom(.5);
		else if (event.key === "-")
			this.zoom(2);
		else if (event.key === "0")
			this.all();
		else
			return;
		event.preventDefault();
	}

	drag(event) {
		const group = event.target.closest(".event");
		if (group)
			return this.choose(Number(group.dataset.event));
		const start = event.clientX, { from, end } = this;
		const move = (moved) => {
			const by = (moved.clientX - start) / (this.width - LEFT) * (end - from);
			this.from = from - by;
			this.end = end - by;
			this.draw();
		};
		this.svg.setPointerCapture(event.pointerId);
		this.svg.addEventListener("pointermove", move);
		this.svg.addEventListener("pointerup", () => this.svg.removeEventListener("pointermove", move), { once: true });
	}

	wheel(event) {
		if (!event.ctrlKey)
			return;
		event.preventDefault();
		this.zoom(event.deltaY < 0 ? .8 : 1.25);
	}
}
