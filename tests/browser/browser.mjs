// SPDX-License-Identifier: GPL-3.0-or-later
// browser.mjs - a page of the report in Chromium, with all that it says and asks for written down
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function findChromium() {
	return [process.env.CHROMIUM, ...PLACES].find((path) => path && existsSync(path));
}

export async function launch() {
	return chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox", "--force-color-profile=srgb"] });
}

// Open PATH; .said has console messages and errors, .asked what was requested beside it
export async function open(browser, path, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
	const page = await context.newPage(), url = pathToFileURL(path).href;
	page.said = [];
	page.asked = [];
	page.on("console", (message) => page.said.push(message.type() + ": " + message.text()));
	page.on("pageerror", (error) => page.said.push("error: " + error.message));
	page.on("dialog", (dialog) => {
		page.said.push("dialog: " + dialog.message());
		dialog.dismiss();
	});
	page.refused = [];
	page.on("request", (request) => request.url() === url || page.asked.push(request.url()));
	page.on("requestfailed", (request) => page.refused.push(request.failure().errorText));
	const start = performance.now();
	await page.goto(url);
	if (options.javaScriptEnabled !== false) {
		await page.waitForFunction(() => ["list", "all", "failed"].includes(document.documentElement.dataset.ready));
		page.seconds = (performance.now() - start) / 1000;
	}
	return page;
}

// When the map has been drawn as well
export async function settled(page) {
	await page.waitForFunction(() => ["all", "failed"].includes(document.documentElement.dataset.ready));
}
