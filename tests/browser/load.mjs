// SPDX-License-Identifier: GPL-3.0-or-later
// load.mjs - seconds until a page is there: load.mjs PAGE [SELECTOR]
//
// Ours: until the list is shown, the longest pause while somebody types, and until the order is another.  With
// SELECTOR: until that is there and laid out.
import { pathToFileURL } from "node:url";
import { launch, open, settled } from "./browser.mjs";

const [path, selector] = process.argv.slice(2);
const browser = await launch();

if (selector) {
	const page = await browser.newPage(), start = performance.now();
	page.setDefaultTimeout(0);
	await page.goto(pathToFileURL(path).href, { timeout: 0 });
	await page.locator(selector).last().boundingBox();
	console.log(((performance.now() - start) / 1000).toFixed(2));
} else {
	const page = await open(browser, path);
	page.setDefaultTimeout(0);
	await settled(page);
	const pauses = await page.evaluate(async () => {
		const rest = (ms) => new Promise((done) => setTimeout(done, ms)), search = document.getElementById("search");
		// the longest time between two frames while ACT goes on
		async function longest(act) {
			let worst = 0, last = performance.now(), on = true;
			const frame = () => {
				worst = Math.max(worst, performance.now() - last);
				last = performance.now();
				if (on)
					requestAnimationFrame(frame);
			};
			requestAnimationFrame(frame);
			await act();
			await rest(300);
			on = false;
			return worst;
		}
		const typing = [];
		for (const text of ["i", "in", "inv", "invo", "invoice", "invoice 00", "users\\alice", ""])
			typing.push(await longest(() => {
				search.value = text;
				search.dispatchEvent(new Event("input"));
			}));
		return { typing: Math.max(...typing), sorting: await longest(() => document.querySelector(".head.c-size").click()) };
	});
	console.log(page.seconds.toFixed(2), pauses.typing.toFixed(0), pauses.sorting.toFixed(0));
}
await browser.close();
