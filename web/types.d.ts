/* SPDX-License-Identifier: Apache-2.0 */
/* types.d.ts - what the bundler understands and the compiler does not. */
declare module "*.css";
