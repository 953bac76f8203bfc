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

export function safetensors(s: Shape): Buffer {
	const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
	const data: Buffer[] = [];
	let at = 0;
	let seed = 1;
	for (const [name, shape] of tensors(s)) {
		const v = new Float32Array(shape.reduce((a, b) => a * b, 1));
		for (let i = 0; i < v.length; i++) {
			seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
			v[i] = (seed / 2 ** 32 - 0.5) * 0.4 + (name.endsWith("LayerNorm.weight") ? 1 : 0);
		}
		header[name] = { dtype: "F32", shape, data_offsets: [at, at + v.byteLength] };
		data.push(Buffer.from(v.buffer));
		at += v.byteLength;
	}
	const text = Buffer.from(JSON.stringify(header));
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(text.length));
	return Buffer.concat([length, text, ...data]);
}

/* The files of a published encoder; leave one out or replace it. */
export function published(s: Shape = tiny): Record<string, Buffer | string> {
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

export function write_folder(folder: string, files: Record<string, Buffer | string>): string {
	for (const [name, bytes] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), bytes);
	}
	return folder;
}

function crc32(bytes: Buffer): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let k = 0; k < 8; k++)
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}

/* A zip archive, deflated. */
export function write_zip(path: string, files: Record<string, Buffer | string>): string {
	const entries: Buffer[] = [];
	const directory: Buffer[] = [];
	let at = 0;
	for (const [name, content] of Object.entries(files)) {
		const bytes = Buffer.from(content);
		const packed = deflateRawSync(bytes);
		const fields = Buffer.alloc(26);
		fields.writeUInt16LE(20, 0);
		fields.writeUInt16LE(8, 4);
		fields.writeUInt16LE(0x21, 8);
		fields.writeUInt32LE(crc32(bytes), 10);
		fields.writeUInt32LE(packed.length, 14);
		fields.writeUInt32LE(bytes.length, 18);
		fields.writeUInt16LE(Buffer.byteLength(name), 22);
		entries.push(Buffer.from("PK\x03\x04", "latin1"), fields, Buffer.from(name), packed);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(at, 10);
		directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, tail, Buffer.from(name));
		at += 30 + Buffer.byteLength(name) + packed.length;
	}
	const listed = Buffer.concat(directory);
	const end = Buffer.alloc(22);
	end.write("PK\x05\x06", "latin1");
	end.writeUInt16LE(Object.keys(files).length, 8);
	end.writeUInt16LE(Object.keys(files).length, 10);
	end.writeUInt32LE(listed.length, 12);
	end.writeUInt32LE(at, 16);
	writeFileSync(path, Buffer.concat([...entries, listed, end]));
	return path;
}
