/* SPDX-License-Identifier: Apache-2.0 */
/* xss-payloads.ts - 300 things a customer may type that would run as script if a page ever took
 * text for markup: 20 ways to run, each in 15 disguises.  Each would call hit(), set a flag or open
 * a dialog; the test looks for all three.
 */

const RUN = "window.hit=1,alert(1)";

const WAYS: readonly string[] = [
	`<script>${RUN}</script>`,
	`<img src=x onerror=${RUN}>`,
	`<svg onload=${RUN}>`,
	`<svg><script href="data:text/javascript,${RUN}"></script></svg>`,
	`<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
	`<iframe src="javascript:${RUN}"></iframe>`,
	`<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
	`<body onload=${RUN}>`,
	`<details open ontoggle=${RUN}>x</details>`,
	`<video><source onerror=${RUN}></video>`,
	`<audio src=x onerror=${RUN}>`,
	`<input autofocus onfocus=${RUN}>`,
	`<a href="javascript:${RUN}" autofocus onfocus=${RUN}>track parcel</a>`,
	`<math><a xlink:href="javascript:${RUN}">x</a></math>`,
	`<object data="javascript:${RUN}"></object>`,
	`<embed src="javascript:${RUN}">`,
	`<form action="javascript:${RUN}"><button autofocus onfocus=${RUN}>ok</button></form>`,
	`<style onload=${RUN}>@import 'javascript:${RUN}';</style>`,
	`<link rel=stylesheet href="data:text/css,*{}" onload=${RUN}>`,
	`<meta http-equiv=refresh content="0;url=javascript:${RUN}"><base href="javascript:/a/">`,
];

const entities = (s: string): string => s.replace(/[&<>"]/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`);

const DISGUISES: readonly ((way: string) => string)[] = [
	(w) => w,
	(w) => w.replace(/<(\w+)/g, (_, tag: string) => `<${tag.toUpperCase()}`),
	(w) => w.replace(/<(\w+) ?/g, "<$1/x=y/"),
	(w) => w.replace(/<(\w+) ?/g, "<$1\n\t"),
	(w) => `"><${w.slice(1)}`,
	(w) => `' autofocus onfocus=${RUN} x='${w}`,
	(w) => `--></title></textarea></style></script>${w}`,
	(w) => `]]>${w}<![CDATA[`,
	(w) => entities(w),
	(w) => entities(entities(w)),
	(w) => encodeURIComponent(w),
	(w) => `<noscript><p title="</noscript>${w.replaceAll('"', "&quot;")}">`,
	(w) => `[track](javascript:${RUN}) ![x](x"onerror="${RUN}) ${w}`,
	(w) => `{{constructor.constructor('${RUN}')()}}\${${RUN}}<%=${RUN}%>${w}`,
	(w) => `\u202e\ufeff${w.replaceAll("<", "\uff1c<")}\u2028`,
];

export const PAYLOADS: readonly string[] = DISGUISES.flatMap((disguise) => WAYS.map(disguise));
