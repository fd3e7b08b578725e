# SPDX-License-Identifier: GPL-3.0-or-later
# ready.bash - node, Chromium and playwright-core for the browser tests, in build/browser; sourced, not run
BROWSER=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/browser

# browser_ready: 0, or 1 with what is missing on standard output
browser_ready() {
	local source
	source=$(dirname "${BASH_SOURCE[0]}")
	command -v node npm > /dev/null || { echo "node and npm are not installed (make deps)"; return 1; }
	[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || { echo "node is older than 18"; return 1; }
	[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "Chromium is not installed (make deps)"; return 1; }
	mkdir -p "$BROWSER"
	(
		flock 9
		cp "$source"/*.mjs "$source"/package.json "$BROWSER"
		cmp -s "$source/package-lock.json" "$BROWSER/package-lock.json" && [ -d "$BROWSER/node_modules/playwright-core" ] && exit 0
		cp "$source/package-lock.json" "$BROWSER"
		cd "$BROWSER" && npm ci --silent --no-audit --no-fund > npm.log 2>&1 && exit 0
		rm -f package-lock.json
		exit 1
	) 9> "$BROWSER/lock" || { echo "playwright-core cannot be installed ($BROWSER/npm.log)"; return 1; }
}
