/* SPDX-License-Identifier: Apache-2.0 */
/* encoder.test.ts - encoders are added, listed and removed; bad files are refused by name; doctor says what is there;
 * a served desk reads with one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Files, published, safetensors, tiny, write_folder, write_zip } from "../support/encoder.ts";
import { Server, program } from "../support/server.ts";

const sanitizers = Object.fromEntries(["ASAN_OPTIONS", "UBSAN_OPTIONS"].flatMap((name) =>
	process.env[name] ? [[name, process.env[name]]] : []));

interface Home {
	place: string;
	encoders: string;
	run(args: string[], vars?: Record<string, string>): { status: number | null; stdout: string; stderr: string };
}

function with_home(body: (home: Home) => void): void {
	const place = mkdtempSync(join(tmpdir(), "baton-encoder-"));
	try {
		body({
			place,
			encoders: join(place, "home/encoders"),
			run: (args, vars = {}) => spawnSync(program, args, {
				env: { PATH: "/usr/bin:/bin", BATON_HOME: join(place, "home"), TMPDIR: place, ...sanitizers, ...vars },
				encoding: "utf8", timeout: 60_000,
			}),
		});
	} finally {
		rmSync(place, { recursive: true, force: true });
	}
}

test("a folder is added, listed, used and removed", () => {
	with_home(({ place, encoders, run }) => {
		assert.match(run(["encoder", "list"]).stdout, /^no encoder in .*sparse model/);
		const folder = write_folder(join(place, "tiny"), published());
		const added = run(["encoder", "add", folder]);
		assert.equal(added.status, 0, added.stderr);
		assert.match(added.stdout, /^added tiny\n.*2 layers of width 32, 4 heads, 13 tokens, mean pooling\n/);
		assert.match(added.stdout, /int8/);
		assert.match(added.stdout, /[0-9a-f]{64}, not known to us/);
		assert.equal(run(["encoder", "add", join(folder, "model.safetensors"), "--name", "other", "--precision", "f32",
			"--pooling", "first", "--heads", "2"]).status, 0);
		const list = run(["encoder", "list"]).stdout;
		assert.match(list, /^\* other +2 +32 +first +f32 .*not known to us$/m, "the first by name is in use");
		assert.match(list, /^ {2}tiny +2 +32 +mean +int8 /m);
		assert.match(run(["encoder", "list"], { BATON_NLU_ENCODER: "tiny" }).stdout, /^\* tiny /m);
		assert.equal(run(["encoder", "remove", "other"]).status, 0);
		assert.equal(run(["encoder", "remove", "other"]).status, 3);
		assert.deepEqual(readdirSync(encoders), ["tiny.encoder"]);
	});
});

test("a wheel is added; what was added can be carried elsewhere", () => {
	with_home(({ place, encoders, run }) => {
		const files = Object.fromEntries(Object.entries(published()).map(([name, bytes]) => [`pkg/model/${name}`, bytes]));
		const wheel = write_zip(join(place, "tiny-1.0-py3-none-any.whl"), { "pkg/__init__.py": "import os\n", ...files });
		const added = run(["encoder", "add", wheel, "--name", "small"]);
		assert.equal(added.status, 0, added.stderr);
		const file = join(encoders, "small.encoder");
		const again = run(["encoder", "add", file], { BATON_HOME: join(place, "elsewhere") });
		assert.equal(again.status, 0, again.stderr);
		assert.deepEqual(readFileSync(join(place, "elsewhere/encoders/small.encoder")), readFileSync(file));
	});
});

test("what cannot be an encoder is refused by name, and nothing else is disturbed", () => {
	with_home(({ place, encoders, run }) => {
		assert.equal(run(["encoder", "add", write_folder(join(place, "good"), published())]).status, 0);
		const before = readFileSync(join(encoders, "good.encoder"));
		const good = published();
		const cut = safetensors(tiny).subarray(0, 5000);
		const cases: [string, Files, RegExp][] = [
			["no-vocabulary", { "model.safetensors": good["model.safetensors"]! }, /no vocab\.txt/],
			["short-vocabulary", { ...good, "vocab.txt": "[UNK]\n[CLS]\n[SEP]\n" }, /vocab\.txt has 3 tokens, the weights have 13/],
			["cut", { ...good, "model.safetensors": cut }, /model\.safetensors: truncated/],
			["text", { ...good, "model.safetensors": "this is not a model, it is a sentence" }, /not a safetensors file/],
			["relu", { ...good, "config.json": '{"hidden_act": "relu"}' }, /hidden_act is "relu"/],
			["heads", { ...good, "config.json": '{"num_attention_heads": 5}' }, /5 heads do not divide a width of 32/],
			["pooling", { ...good, "1_Pooling/config.json": '{"pooling_mode_max_tokens": true}' }, /1_Pooling/],
		];
		for (const [name, files, why] of cases) {
			const refused = run(["encoder", "add", write_folder(join(place, name), files), "--name", "good"]);
			assert.equal(refused.status, 78, name);
			assert.match(refused.stderr, why);
			assert.match(refused.stderr, new RegExp(`^baton encoder: .*${name}`), "it names the source");
		}
		const bomb = write_zip(join(place, "bomb.zip"), { ...good, "vocab.txt": "a\n".repeat(2_000_000) });
		assert.match(run(["encoder", "add", bomb, "--name", "good"]).stderr, /vocab\.txt: a zip bomb/);
		const wheel = write_zip(join(place, "cut.whl"), good);
		truncateSync(wheel, 3000);
		assert.equal(run(["encoder", "add", wheel, "--name", "good"]).status, 78);
		assert.equal(run(["encoder", "add", join(place, "nowhere")]).status, 3);
		assert.equal(run(["encoder", "add", join(place, "good"), "--name", "../up"]).status, 78);
		assert.equal(run(["encoder", "add", join(place, "good"), "--heads", "0"]).status, 2);
		assert.deepEqual(readFileSync(join(encoders, "good.encoder")), before);
		assert.deepEqual(readdirSync(encoders), ["good.encoder"], "nothing half-written is left");
		assert.ok(!existsSync(join(place, "home/up.encoder")));
	});
});

test("doctor says what is there and what to do", () => {
	with_home(({ place, encoders, run }) => {
		const desk = join(place, "desk");
		assert.equal(run(["init", desk]).status, 0);
		const fresh = run(["doctor", desk]);
		assert.equal(fresh.status, 78, "nothing is published");
		assert.match(fresh.stdout, /^error +policy +nothing is published yet: `baton publish`/m);
		assert.match(fresh.stdout, /^warning +encoder +none: the sparse model works alone/m);
		assert.equal(run(["publish", desk]).status, 0);
		assert.equal(run(["doctor", desk]).status, 0, "a warning is no error");
		run(["encoder", "add", write_folder(join(place, "tiny"), published())]);
		assert.match(run(["doctor", desk]).stdout, /^ok +encoder +tiny: 2 layers of 32, kernel \w+/m);
		assert.match(run(["doctor", desk], { BATON_NLU_ENCODER: "none" }).stdout, /^ok +encoder +none, as nlu\.encoder says/m);
		const absent = run(["doctor", desk], { BATON_NLU_ENCODER: "absent" });
		assert.equal(absent.status, 78);
		assert.match(absent.stdout, /^error +encoder +no encoder "absent"/m);
		truncateSync(join(encoders, "tiny.encoder"), 2000);
		assert.match(run(["doctor", desk]).stdout, /^error +encoder .*truncated or damaged/m);
		assert.match(run(["encoder", "list"]).stdout, /tiny +.*truncated or damaged/);
		mkdirSync(join(desk, "data"), { recursive: true });
		writeFileSync(join(desk, "data/baton.db"), "this is no database, but a text that is long enough to be one");
		assert.match(run(["doctor", desk]).stdout, /^error +store /m);
	});
});

/* The real weights where set-up has them, else small random ones: then only that they are asked. */
test("a served desk reads with its encoder, and doctor finds model and encoder of one mind", async () => {
	const place = mkdtempSync(join(tmpdir(), "baton-encoder-"));
	const real = process.env["TEST_ENCODER"];
	let server: Server | null = null;
	try {
		if (real === undefined) {
			const made = spawnSync(program, ["encoder", "add", write_folder(join(place, "tiny"), published())],
				{ env: { PATH: "/usr/bin:/bin", BATON_HOME: join(place, "home"), ...sanitizers }, encoding: "utf8" });
			assert.equal(made.status, 0, made.stderr);
		}
		server = await Server.start({ nlu: { encoder: real ?? join(place, "home/encoders/tiny.encoder") } });
		const dana = await server.dana();
		const desk = await server.get("/api/v1/understanding", dana);
		assert.equal(desk.body.encoder, true);
		const read = await server.post("/api/v1/understanding/perceive", dana,
			{ text: "the jumper you sent me has come apart at the seams" });
		assert.equal(read.status, 200);
		if (real !== undefined)
			assert.equal(read.body.live.intents[0].id, "damaged_item", "no word of it is an example's");
		const doctor = spawnSync(program, ["doctor", server.place],
			{ env: { PATH: "/usr/bin:/bin", ...sanitizers }, encoding: "utf8" });
		assert.match(doctor.stdout, /^ok +encoder +\S+: \d+ layers of \d+, kernel /m);
		assert.doesNotMatch(doctor.stdout, /encoder that is (there now|not the one)/);
	} finally {
		await server?.stop();
		rmSync(place, { recursive: true, force: true });
	}
});
