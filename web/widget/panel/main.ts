/* SPDX-License-Identifier: Apache-2.0 */
/* main.ts - starts the page inside the widget's frame. */
import "./panel.css";
