/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page.js - brings the page to life */

async function begin() {
	for (const element of document.querySelectorAll(".script"))
		element.hidden = false;
	const events = document.getElementById("events");
	if (events) {
		const timeline = new Timeline(events, document.getElementById("timeline-view"));
		document.getElementById("timeline").hidden = !timeline.events.length;
	}
	const theCase = await Case.open();
	for (const element of document.querySelectorAll('#files, nav a[href="#files"]'))
		element.hidden = !theCase.entry.file.length;
	const detail = new FileDetail(document.getElementById("detail"), theCase);
	const files = new Files(theCase, detail), map = new VolumeMap(theCase, files);
	detail.onMap = (of) => map.showFile(of);
	const volume = theCase.about.stores[0]?.volume ?? theCase.about.volumes[0]?.id;
	document.getElementById("map").hidden = volume === undefined;
	document.documentElement.dataset.ready = "list";
	if (volume === undefined)
		return;
	/* the map is drawn when it comes near, or when there is time, or for paper */
	let drawn;
	const draw = () => drawn ??= map.open(volume).then(() => {
		theCase.texts.folded(); /* for the first search */
		document.documentElement.dataset.ready = "all";
	});
	new IntersectionObserver((seen) => seen.some((it) => it.isIntersecting) && draw(), { rootMargin: "600px" }).observe(map.canvas);
	(window.requestIdleCallback ?? setTimeout)(draw);
}

/* Paper shows what is folded. */
addEventListener("beforeprint", () => {
	for (const details of document.querySelectorAll("details.damaged"))
		details.open = true;
});

begin().catch((error) => {
	const failed = document.getElementById("failed");
	failed.hidden = false;
	failed.textContent = "The list of files and the map could not be shown (" + error.message +
		"). This needs a browser of 2023 or later; the files are also in the casebook (holdfast report --format csv).";
	document.documentElement.dataset.ready = "failed";
	console.error(error);
});
