/* SPDX-License-Identifier: Apache-2.0 */
/* encoder.ts - small sentence encoders of random weights, as they are published: a folder in
 * the layout of sentence-transformers, and the wheel that holds one.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateRawSync } from "node:zlib";

export interface Shape {
	layers: number;
	width: number;
	inner: number;
	heads: number;
	positions: number;
	vocab: string[];
}

export const tiny: Shape = {
	layers: 2, width: 32, inner: 64, heads: 4, positions: 64,
	vocab: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "where", "is", "my", "order", "refund", "##s", "the", "?"],
};

/* Name and dimensions of every tensor. */
function tensors(s: Shape): [string, number[]][] {
	const w = s.width;
	const out: [string, number[]][] = [
		["embeddings.word_embeddings.weight", [s.vocab.length, w]],
		["embeddings.position_embeddings.weight", [s.positions, w]],
		["embeddings.token_type_embeddings.weight", [2, w]],
		["embeddings.LayerNorm.weight", [w]],
		["embeddings.LayerNorm.bias", [w]],
	];
	for (let i = 0; i < s.layers; i++) {
		const of = (name: string, rows: number, cols: number): void => {
			out.push([`encoder.layer.${i}.${name}.weight`, [rows, cols]], [`encoder.layer.${i}.${name}.bias`, [rows]]);
		};
		for (const part of ["query", "key", "value"])
			of(`attention.self.${part}`, w, w);
		of("attention.output.dense", w, w);
		of("intermediate.dense", s.inner, w);
		of("output.dense", w, s.inner);
		for (const norm of ["attention.output.LayerNorm", "output.LayerNorm"])
			out.push([`encoder.layer.${i}.${norm}.weight`, [w]], [`encoder.layer.${i}.${norm}.bias`, [w]]);
	}
	return out;
}

type Bytes = Uint8Array;

const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

function joined(parts: Bytes[]): Bytes {
	const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
	let at = 0;
	for (const part of parts) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}

/* Numbers as little-endian, [bytes, value] each. */
function packed(fields: [2 | 4 | 8, number][]): Bytes {
	const view = new DataView(new ArrayBuffer(fields.reduce((n, [size]) => n + size, 0)));
	let at = 0;
	for (const [size, value] of fields) {
		if (size === 2)
			view.setUint16(at, value, true);
		else
			view.setUint32(at, value, true); // of 8 bytes the lower half
		at += size;
	}
	return new Uint8Array(view.buffer);
}

export function safetensors(s: Shape): Bytes {
	const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
	const data: Bytes[] = [];
	let at = 0;
	let seed = 1;
	for (const [name, shape] of tensors(s)) {
		const v = new Float32Array(shape.reduce((a, b) => a * b, 1));
		for (let i = 0; i < v.length; i++) {
			seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
			v[i] = (seed / 2 ** 32 - 0.5) * 0.4 + (name.endsWith("LayerNorm.weight") ? 1 : 0);
		}
		header[name] = { dtype: "F32", shape, data_offsets: [at, at + v.byteLength] };
		data.push(new Uint8Array(v.buffer));
		at += v.byteLength;
	}
	const text = utf8(JSON.stringify(header));
	return joined([packed([[8, text.length]]), text, ...data]);
}

export type Files = Record<string, Uint8Array | string>;

/* The files of a published encoder; leave one out or replace it. */
export function published(s: Shape = tiny): Files {
	return {
		"model.safetensors": safetensors(s),
		"vocab.txt": s.vocab.join("\n") + "\n",
		"config.json": JSON.stringify({
			model_type: "bert", hidden_act: "gelu", hidden_size: s.width, num_hidden_layers: s.layers,
			num_attention_heads: s.heads, intermediate_size: s.inner, layer_norm_eps: 1e-12, hidden_dropout_prob: 0.1,
		}),
		"1_Pooling/config.json": JSON.stringify({ pooling_mode_mean_tokens: true, pooling_mode_cls_token: false }),
	};
}

export function write_folder(folder: string, files: Files): string {
	for (const [name, bytes] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), bytes);
	}
	return folder;
}

function crc32(bytes: Bytes): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let k = 0; k < 8; k++)
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}

/* A zip archive, deflated (the format's own names: version, flags, method, time, date, ...). */
export function write_zip(path: string, files: Files): string {
	const entries: Bytes[] = [];
	const directory: Bytes[] = [];
	let at = 0;
	let count = 0;
	for (const [title, content] of Object.entries(files)) {
		const name = utf8(title);
		const bytes = typeof content === "string" ? utf8(content) : content;
		const body = new Uint8Array(deflateRawSync(bytes));
		const common = packed([[2, 20], [2, 0], [2, 8], [2, 0], [2, 0x21], [4, crc32(bytes)], [4, body.length],
			[4, bytes.length], [2, name.length], [2, 0]]);
		const entry = joined([packed([[4, 0x04034b50]]), common, name, body]);
		directory.push(packed([[4, 0x02014b50], [2, 20]]), common,
			packed([[2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), name);
		entries.push(entry);
		at += entry.length;
		count++;
	}
	const listed = joined(directory);
	const end = packed([[4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, listed.length], [4, at], [2, 0]]);
	writeFileSync(path, joined([...entries, listed, end]));
	return path;
}
