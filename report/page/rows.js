/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows.js - a list of any length: only the rows that are seen exist; one of them is active, and keys move it */

const TALLEST = 8000000; /* pixels; browsers end at some tens of millions */
const TYPING = 700;      /* ms after which a letter begins another word */

class Rows {
	/*
	 * @box     the element that scrolls, with role and label
	 * @height  of a row, pixels
	 * @options draw(element, index) fills a row; chosen(index) when it is clicked or Enter is pressed; moved(index) when
	 *          it becomes active; key(event, index) may return true for a key of its own; role of a row;
	 *          begins(index, text) if the row's name begins with @text, which is in lower case
	 */
	constructor(box, height, options) {
		this.box = box;
		this.height = height;
		this.options = options;
		this.length = 0;
		this.active = 0;
		this.typed = "";
		this.typedAt = -Infinity;
		this.pool = new Map();
		this.inner = make("div", "inner");
		this.inner.setAttribute("role", "presentation");
		box.append(this.inner);
		box.addEventListener("scroll", () => this.draw(), { passive: true });
		box.addEventListener("keydown", (event) => this.key(event));
		box.addEventListener("click", (event) => this.click(event));
		box.addEventListener("focus", () => box.matches(":focus-visible") && this.see()); /* who comes by keys looks for the active row */
		new ResizeObserver(() => this.draw()).observe(box);
	}

	/* Show @length rows, from the top or from where we are. */
	show(length, active, keep) {
		this.length = length;
		this.active = Math.max(0, Math.min(active || 0, length - 1));
		this.tall = Math.min(length * this.height, TALLEST);
		this.inner.style.height = this.tall + "px";
		for (const row of this.pool.values())
			row.remove();
		this.pool.clear();
		if (!keep)
			this.box.scrollTop = 0;
		this.draw();
	}

	/* The first row seen, as a fraction: rows are denser than pixels in a list that is too tall. */
	top() {
		const room = this.tall - this.box.clientHeight, rows = this.length - this.box.clientHeight / this.height;
		return room <= 0 ? 0 : this.box.scrollTop / room * rows;
	}

	scrollTo(top) {
		const room = this.tall - this.box.clientHeight, rows = this.length - this.box.clientHeight / this.height;
		this.box.scrollTop = rows <= 0 ? 0 : Math.max(0, Math.min(top, rows)) / rows * room;
	}

	draw() {
		const seen = this.box.clientHeight / this.height, top = this.top();
		const first = Math.max(0, Math.floor(top) - 4), end = Math.min(this.length, Math.ceil(top + seen) + 4);
		for (const [index, row] of this.pool)
			if (index < first || index >= end) {
				row.remove();
				this.pool.delete(index);
			}
		for (let index = first; index < end; index++) {
			let row = this.pool.get(index);
			if (!row) {
				row = make("div", "row");
				row.id = this.box.id + "-" + index;
				row.setAttribute("role", this.options.role);
				row.setAttribute("aria-setsize", this.length); /* a tree says it anew, of the folder's */
				row.setAttribute("aria-posinset", index + 1);
				this.options.draw(row, index);
				this.pool.set(index, row);
				this.inner.append(row);
			}
			row.style.transform = "translateY(" + Math.round(this.box.scrollTop + (index - top) * this.height) + "px)";
			row.classList.toggle("active", index === this.active);
		}
		if (this.pool.has(this.active))
			this.box.setAttribute("aria-activedescendant", this.box.id + "-" + this.active);
		else
			this.box.removeAttribute("aria-activedescendant");
	}

	redraw() {
		for (const [index, row] of this.pool) {
			row.replaceChildren();
			this.options.draw(row, index);
		}
	}

	/* Scroll until the active row is seen. */
	see() {
		const seen = Math.floor(this.box.clientHeight / this.height), top = this.top();
		if (this.active < top)
			this.scrollTo(this.active);
		else if (this.active > top + seen - 1)
			this.scrollTo(this.active - seen + 1);
		this.draw();
	}

	move(to) {
		if (!this.length)
			return;
		this.active = Math.max(0, Math.min(to, this.length - 1));
		this.see();
		this.options.moved?.(this.active);
	}

	/* Letters go to the next row whose name begins with them; one letter again and again, from one to the next. */
	type(letter) {
		const now = performance.now(), again = now - this.typedAt < TYPING;
		this.typed = (again ? this.typed : "") + letter.toLowerCase();
		this.typedAt = now;
		const one = [...this.typed].every((it) => it === this.typed[0]), wanted = one ? this.typed[0] : this.typed;
		for (let i = one ? 1 : 0; i <= this.length; i++) {
			const index = (this.active + i) % this.length;
			if (this.options.begins(index, wanted))
				return this.move(index);
		}
	}

	key(event) {
		const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.length, End: this.length };
		if (event.altKey || event.ctrlKey || event.metaKey || !this.length)
			return;
		if (this.options.key?.(event, this.active)) {
			event.preventDefault();
		} else if (event.key in steps) {
			event.preventDefault();
			this.move(this.active + steps[event.key]);
		} else if (event.key.length === 1 && (event.key !== " " || performance.now() - this.typedAt < TYPING)) {
			event.preventDefault();
			this.type(event.key);
		} else if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			this.options.chosen(this.active, event);
		}
	}

	click(event) {
		const row = event.target.closest(".row");
		if (!row || !this.inner.contains(row))
			return;
		this.active = Number(row.id.slice(row.id.lastIndexOf("-") + 1));
		this.draw();
		this.options.chosen(this.active, event);
	}
}
