/* SPDX-License-Identifier: Apache-2.0 */
/* build.mjs - builds the widget, the console and the article page into web/dist.
 *
 * What the program embeds is what dist/manifest.json lists: for each address the
 * file, its type, whether its name holds its hash (then it never changes), and
 * the compressed forms that lie beside it.  The same sources give the same bytes;
 * nothing is done when no source has changed.
 *
 *   node build.mjs                builds
 *   node build.mjs --check-size   builds, prints the sizes, fails above a budget
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const stamp_file = join(dist, ".stamp");
const check_size = process.argv.includes("--check-size");

/* Kilobytes (1024) after gzip -9; the widget's are a promise to the host page. */
const budgets = [
	{ name: "widget loader", limit: 3, urls: [/^\/widget\.js$/] },
	{ name: "widget panel (js + css)", limit: 25, urls: [/^\/assets\/panel-/] },
	{ name: "console (js)", limit: 90, urls: [/^\/assets\/console-.*\.js$/] },
	{ name: "console (css)", limit: 15, urls: [/^\/assets\/console-.*\.css$/] },
];

const types = {
	js: "text/javascript; charset=utf-8",
	css: "text/css; charset=utf-8",
	html: "text/html; charset=utf-8",
	svg: "image/svg+xml",
};

function sources(dir) {
	const found = [];
	for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
		if (entry.name === "node_modules" || entry.name === "dist" || entry.name.startsWith("."))
			continue;
		const path = dir === "" ? entry.name : `${dir}/${entry.name}`;
		if (entry.isDirectory())
			found.push(...sources(path));
		else if (!/\.test\.tsx?$/.test(entry.name))
			found.push(path);
	}
	return found.sort();
}

function fingerprint() {
	const hash = createHash("sha256");
	for (const path of sources(""))
		hash.update(path).update("\0").update(readFileSync(join(root, path))).update("\0");
	return hash.digest("hex");
}

const read = (path) => readFileSync(join(root, path), "utf8");

async function bundle(entry, format) {
	const { build } = await import("esbuild");
	const result = await build({
		absWorkingDir: root,
		entryPoints: [entry],
		bundle: true,
		minify: true,
		write: false,
		outdir: "out",
		format,
		target: ["es2022", "chrome111", "firefox113", "safari16.4"],
		jsx: "automatic",
		jsxImportSource: "preact",
		charset: "utf8",
		legalComments: "none",
		loader: { ".svg": "text" },
		logLevel: "warning",
	});
	const out = {};
	for (const file of result.outputFiles)
		out[file.path.endsWith(".css") ? "css" : "js"] = Buffer.from(file.contents);
	return out;
}

const manifest = [];

function put(url, file, data, immutable) {
	const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data);
	const path = join(dist, file);
	const gzip = gzipSync(bytes, { level: 9 });
	const brotli = brotliCompressSync(bytes, {
		params: {
			[constants.BROTLI_PARAM_QUALITY]: 11,
			[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
		},
	});

	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, bytes);
	writeFileSync(`${path}.gz`, gzip);
	writeFileSync(`${path}.br`, brotli);
	manifest.push({
		url, file,
		type: types[file.split(".").pop()],
		immutable,
		encodings: ["br", "gzip"],
		bytes: bytes.length,
		gzip: gzip.length,
	});
}

/* Puts a file under the name of its contents and returns its address. */
function put_hashed(name, ext, data) {
	const hash = createHash("sha256").update(data).digest("base64url").slice(0, 12);
	const file = `assets/${name}-${hash}.${ext}`;
	put(`/${file}`, file, data, true);
	return `/${file}`;
}

function put_page(url, template, name, built) {
	const page = read(template)
		.replaceAll("{{js}}", put_hashed(name, "js", built.js))
		.replaceAll("{{css}}", put_hashed(name, "css", built.css ?? Buffer.from("")));
	put(url, `${url.slice(1)}index.html`, page, false);
}

async function build_all() {
	const [loader, panel, article, desk] = await Promise.all([
		bundle("widget/loader.ts", "iife"),
		bundle("widget/panel/main.ts", "esm"),
		bundle("article/article.css", "esm"),
		existsSync(join(root, "console/main.tsx")) ? bundle("console/main.tsx", "esm") : null,
	]);

	rmSync(dist, { recursive: true, force: true });
	put("/widget.js", "widget.js", loader.js, false);
	put_page("/widget/", "widget/panel/index.html", "panel", panel);
	put("/assets/article.css", "assets/article.css", article.css, false);
	put("/assets/baton.svg", "assets/baton.svg", read("shared/baton.svg"), false);
	if (desk !== null)
		put_page("/console/", "console/index.html", "console", desk);
	manifest.sort((a, b) => (a.url < b.url ? -1 : 1));
	writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

function sizes_hold() {
	const listed = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
	let hold = true;
	for (const { name, limit, urls } of budgets) {
		const size = listed
			.filter((entry) => urls.some((url) => url.test(entry.url)))
			.reduce((sum, entry) => sum + entry.gzip, 0);
		const over = size > limit * 1024;
		hold &&= !over;
		console.log(`${name}: ${(size / 1024).toFixed(1)} KB of ${limit} KB${over ? ": too big" : ""}`);
	}
	return hold;
}

const now = fingerprint();
if (!existsSync(stamp_file) || readFileSync(stamp_file, "utf8") !== now) {
	await build_all();
	writeFileSync(stamp_file, now);
}
if (check_size && !sizes_hold())
	process.exitCode = 1;
