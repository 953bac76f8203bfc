/* SPDX-License-Identifier: Apache-2.0 */
/* test.mjs - runs the *.test.ts below the given folders (or files) with node:test.
 *
 * Node 20 does not read TypeScript: each test is bundled first.  The bundles lie
 * in node_modules/.cache, where the packages they import are found.
 *
 *   node test.mjs shared widget ../test/api
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const cache = join(root, "node_modules/.cache", `tests-${process.pid}`);

function tests(path) {
	if (!existsSync(path))
		return [];
	if (!statSync(path).isDirectory())
		return [path];
	return readdirSync(path)
		.filter((name) => name !== "node_modules" && name !== "dist")
		.flatMap((name) => {
			const below = join(path, name);
			return statSync(below).isDirectory() || /\.test\.tsx?$/.test(name) ? tests(below) : [];
		});
}

const files = process.argv.slice(2).flatMap((path) => tests(resolve(root, path)));
if (files.length === 0) {
	console.error("test.mjs: no *.test.ts below", process.argv.slice(2).join(" "));
	process.exit(1);
}

mkdirSync(cache, { recursive: true });
let status = 1;
try {
	await build({
		absWorkingDir: root,
		entryPoints: files,
		bundle: true,
		outdir: cache,
		outbase: resolve(root, ".."),
		outExtension: { ".js": ".mjs" },
		format: "esm",
		platform: "node",
		target: "node18",
		packages: "external",
		jsx: "automatic",
		jsxImportSource: "preact",
		sourcemap: "inline",
		/* Node 18 has no global crypto; browsers and Node 20 do. */
		banner: { js: `import { webcrypto as node_crypto } from "node:crypto"; globalThis.crypto ??= node_crypto;` },
		loader: { ".css": "empty", ".svg": "text" },
		logLevel: "warning",
		/* A bundle lies elsewhere than its source: tests find the tree by this. */
		define: { "process.env.BATON_TREE": JSON.stringify(resolve(root, "..")) },
	});
	const built = files.map((file) =>
		join(cache, file.slice(resolve(root, "..").length + 1).replace(/\.tsx?$/, ".mjs")));
	const run = spawnSync(process.execPath,
		["--enable-source-maps", "--test", "--test-concurrency=1", ...built],
		{ stdio: "inherit" });
	status = run.status ?? 1;
} finally {
	rmSync(cache, { recursive: true, force: true });
}
process.exit(status);
