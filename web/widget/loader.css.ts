/* SPDX-License-Identifier: Apache-2.0 */
/* loader.css.ts - the launcher's styles, as text for a constructed sheet.
 * Fixed and out of the flow: the page around it never moves. */
export default `
:host{all:initial;position:fixed;z-index:2147483000;inset-block-end:0;inset-inline-end:0;width:0;height:0;color-scheme:light dark}
:host([left]){inset-inline:0 auto}
button{all:unset;box-sizing:border-box;position:fixed;inset-block-end:calc(20px + env(safe-area-inset-bottom));inset-inline-end:calc(20px + env(safe-area-inset-right));width:56px;height:56px;border-radius:50%;background:#1d1b18;border:1px solid rgb(255 255 255/.16);box-shadow:0 1px 2px rgb(0 0 0/.12),0 6px 20px rgb(0 0 0/.18);cursor:pointer;display:grid;place-items:center;-webkit-tap-highlight-color:transparent}
:host([left]) button{inset-inline:calc(20px + env(safe-area-inset-left)) auto}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #1d1b18}
.mark{width:32px;height:32px}
.a{fill:var(--m,#b3aefc)}.p{fill:var(--m,#6fd3bf)}
.b{stroke:var(--m,#f96);stroke-width:4;stroke-linecap:round}
.x{fill:none;stroke:#fff;stroke-width:3;stroke-linecap:round;stroke-linejoin:round;display:none}
:host([open]) :is(.a,.b,.p){display:none}
:host([open]) .x{display:block}
.n{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:22px;height:22px;box-sizing:border-box;padding-inline:6px;border-radius:11px;background:#b3261e;color:#fff;font:600 12px/22px system-ui,sans-serif;text-align:center}
[hidden]{display:none!important}
iframe{position:fixed;inset-block-end:calc(88px + env(safe-area-inset-bottom));inset-inline-end:calc(20px + env(safe-area-inset-right));width:416px;max-width:calc(100vw - 40px);height:min(784px,100vh - 112px);height:min(784px,100dvh - 112px);border:0;border-radius:16px;background:Canvas;box-shadow:0 0 0 1px rgb(0 0 0/.08),0 2px 6px rgb(0 0 0/.08),0 16px 48px rgb(0 0 0/.18)}
:host([left]) iframe{inset-inline:calc(20px + env(safe-area-inset-left)) auto}
@media (max-width:479.9px){
iframe,:host([left]) iframe{inset:0;width:100%;max-width:none;height:100%;border-radius:0;box-shadow:none}
:host([open]) button{display:none}
}
@media (prefers-reduced-motion:no-preference){
iframe{animation:in .12s ease-out}
@keyframes in{from{opacity:0;transform:translateY(8px)}}
}
@media (forced-colors:active){button{border:2px solid ButtonText}}
@media print{:host{display:none!important}}
`.replace(/\n/g, "");
