"use strict";
/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.js - words for people: names made harmless, sizes, counts, times; as the program writes them */

/* What cannot be seen, or changes how its neighbours are shown: text.c has the same list. */
const ODD = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\ufeff\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function visible(text) {
	return text.replace(ODD, (odd) => "⟨U+" + odd.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "⟩");
}

/* WTF-8: UTF-8, with unpaired surrogates, and with two bytes for a zero, a slash and a backslash in a name. */
function decodeName(bytes, from, end) {
	const units = [];
	for (let at = from; at < end;) {
		const first = bytes[at++];
		const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
		let point = more === 0 ? first : first & (0x3f >> more);
		for (let i = 0; i < more && at < end; i++)
			point = point << 6 | bytes[at++] & 0x3f;
		if (point > 0xffff) {
			point -= 0x10000;
			units.push(0xd800 + (point >> 10), 0xdc00 + (point & 0x3ff));
		} else {
			units.push(point);
		}
	}
	let text = "";
	for (let i = 0; i < units.length; i += 4096)
		text += String.fromCharCode(...units.slice(i, i + 4096));
	return text;
}

function count(number) {
	return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function plural(number, word) {
	return count(number) + " " + word + (number === 1 ? "" : "s");
}

function size(bytes) {
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
	let unit = -1;
	if (bytes < 1024)
		return bytes === 1 ? "1 byte" : bytes + " bytes";
	for (; bytes >= 1024 && unit < units.length - 1; unit++)
		bytes /= 1024;
	return bytes.toFixed(1) + " " + units[unit];
}

/* 100 ns since 1601, as a BigInt or a number. */
const EPOCH = 11644473600;

function time(ticks, exact) {
	const ms = Number(BigInt(ticks) / 10000n) - EPOCH * 1000;
	if (!ticks || !(Math.abs(ms) < 8.64e15))
		return "\u2013";
	const text = new Date(ms).toISOString();
	const end = text.indexOf(".");
	return text.slice(0, end).replace("T", " ") +
		(exact ? "." + String(BigInt(ticks) % 10000000n).padStart(7, "0") : "") + " UTC";
}

/* An element with a class, texts and children; nothing here is ever parsed as HTML. */
function make(tag, className, ...children) {
	const element = document.createElement(tag);
	if (className)
		element.className = className;
	element.append(...children);
	return element;
}

/* Fill a choice with @list, as far as a browser lays it out. */
function offer(select, list, label) {
	for (const it of list.slice(0, 1000))
		select.append(new Option(label(it), it.id));
	if (list.length > 1000) {
		select.append(new Option("… and " + count(list.length - 1000) + " more"));
		select.lastChild.disabled = true;
	}
}

/* A name from a disk: its direction is its own. */
function named(text) {
	return make("bdi", "name", visible(text));
}

function shape(tag, attributes) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const name in attributes)
		element.setAttribute(name, attributes[name]);
	return element;
}

/* The mark of a grade, as the program draws it. */
function mark(grade) {
	const svg = shape("svg", { class: "mark", viewBox: "0 0 12 12", "aria-hidden": "true" });
	svg.append(shape("rect", { class: "g" + grade, width: 12, height: 12, rx: 2 }),
		shape("rect", { class: "p" + grade, width: 12, height: 12, rx: 2 }));
	return svg;
}
